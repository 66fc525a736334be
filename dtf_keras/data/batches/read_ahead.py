"""Results of a function in order, computed in threads ahead of who takes them."""

import collections
import concurrent.futures
import itertools
import os


def default_workers():
    """Threads that read a corpus: one a core, from 2 to 8."""
    return min(max(os.cpu_count() or 2, 2), 8)


def read_ahead(function, arguments, workers, ahead):
    """Yields `function(*one)` for each one of `arguments`, in their order.

    Args:
        function: called in threads.
        arguments: iterable of tuples.
        workers: int, threads.
        ahead: int, the most results that are computed or being computed and not yet
            taken.

    Raises:
        Whatever `function` raises, in its turn; no more is begun then.
    """
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        jobs = (pool.submit(function, *one) for one in arguments)
        waiting = collections.deque(itertools.islice(jobs, ahead))
        try:
            while waiting:
                result = waiting.popleft().result()
                yield result
                del result  # or it is in memory while the next one is waited for
                waiting.extend(itertools.islice(jobs, 1))
        finally:
            pool.shutdown(cancel_futures=True)

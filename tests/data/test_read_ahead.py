import threading
import time

import pytest

from dtf_keras.data.batches.read_ahead import read_ahead


def test_results_come_in_order_whoever_is_first():
    def slow_at_first(number):
        time.sleep(0.02 if number == 0 else 0)
        return number

    arguments = [(number,) for number in range(20)]
    assert list(read_ahead(slow_at_first, arguments, 4, 4)) == list(range(20))
    assert list(read_ahead(slow_at_first, [], 4, 4)) == []


@pytest.mark.parametrize(("workers", "ahead"), [(1, 1), (2, 4), (4, 2)])
def test_no_more_is_begun_than_fits(workers, ahead):
    begun, lock = [], threading.Lock()

    def count(number):
        with lock:
            begun.append(number)

    results = read_ahead(count, ((number,) for number in range(50)), workers, ahead)
    for taken, _ in enumerate(results, start=1):
        time.sleep(0.001)
        assert len(begun) <= taken - 1 + ahead


def test_a_failure_comes_in_its_turn_and_ends_the_reading():
    begun = []

    def fail_at_3(number):
        begun.append(number)
        if number == 3:
            raise ValueError("three")
        return number

    results = read_ahead(fail_at_3, ((number,) for number in range(50)), 2, 4)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="three"):
        next(results)
    assert len(begun) <= 3 + 4


def test_who_takes_no_more_stops_the_reading():
    begun = []
    results = read_ahead(begun.append, ((number,) for number in range(50)), 2, 3)
    next(results)
    results.close()
    assert len(begun) <= 4

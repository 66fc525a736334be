"""Graphs of a training, which TensorFlow would keep as long as the process lives."""

import contextlib

import keras


@contextlib.contextmanager
def released_graphs():
    """What is traced while it lasts can be forgotten afterwards.

    A gradient that is written by hand, such as CTC's or a batch norm's, TensorFlow
    registers by a name of its own in every graph, and never takes it back: with it stay
    the graph, what it computed with, and the variables, so a process that trains many
    models would hold them all. A graph that was traced has its gradients and can be run
    on; one that is traced later registers anew. No other thread may trace meanwhile.
    """
    if keras.backend.backend() != "tensorflow":
        yield
        return
    registered = _registered()
    before = set(registered)
    try:
        yield
    finally:
        for name in set(registered) - before:
            if name.startswith("CustomGradient"):
                del registered[name]


def _registered():
    """TensorFlow's dict of gradients; nothing public takes one back.

    Where another version keeps it elsewhere it is empty, and all of them stay.
    """
    try:
        from tensorflow.python.framework.ops import gradient_registry

        return gradient_registry._registry
    except (ImportError, AttributeError):
        return {}

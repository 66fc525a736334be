"""Copies of a model that TensorFlow trains at once, each on its share of a batch.

What is a mean or a norm over the whole batch has to ask the others. On JAX a batch is
one array, however many devices hold it, and PyTorch trains on one device.
"""

import sys


def count():
    """How many copies there are; 1 where this is none of several."""
    context = _context()
    return context.num_replicas_in_sync if context else 1


def total(x):
    """The sum of a tensor over the copies, in each of them; differentiable."""
    context = _context()
    if context is None or context.num_replicas_in_sync == 1:
        return x
    return context.all_reduce("SUM", x)


def _context():
    tensorflow = sys.modules.get("tensorflow")
    return tensorflow.distribute.get_replica_context() if tensorflow else None

"""What the tests need of a backend and Keras does not offer: gradients, jit, sizes."""

import functools

import keras
import numpy as np
from keras import ops


def to_numpy(x):
    return ops.convert_to_numpy(x)


def gradient(function, x):
    """Gradient of the scalar `function(x)` with respect to `x`, as numpy."""
    x = np.asarray(x, "float32")
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        x = tf.convert_to_tensor(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        return tf.convert_to_tensor(tape.gradient(y, x)).numpy()
    if backend == "jax":
        import jax

        def of_value(x):
            with keras.StatelessScope():  # what layers count while training is dropped
                return function(x)

        return np.asarray(jax.jit(jax.grad(of_value))(x))
    x = ops.convert_to_tensor(x).requires_grad_()
    function(x).backward()
    return to_numpy(x.grad)


def gradients(function, variables):
    """Gradients of the scalar `function()` by Keras variables, as numpy."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            y = function()
        found = tape.gradient(y, [variable.value for variable in variables])
    elif backend == "jax":
        import jax

        def of_values(values):
            mapping = zip(variables, values, strict=True)
            with keras.StatelessScope(state_mapping=mapping):
                return function()

        found = jax.jit(jax.grad(of_values))([v.value for v in variables])
    else:
        for variable in variables:
            variable.value.grad = None
        function().backward()
        found = [variable.value.grad for variable in variables]
    return [to_numpy(ops.convert_to_tensor(x)) for x in found]


def jit(function):
    """`function` compiled: XLA on TensorFlow and JAX. Torch stays eager.

    (torch.compile takes minutes for one model on a CPU and no user of the torch
    backend gets it by default: `jit_compile="auto"` is eager there.)
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return tf.function(function, jit_compile=True)
    if backend == "jax":
        import jax

        return jax.jit(function)
    return function


def called(model, x, training=False):
    """`model(x, training=training)`, its tensors as numpy; the model's state moves on.

    Eager, but on JAX, which would compile each operation on its own, in one piece.
    """
    if keras.backend.backend() != "jax":
        return keras.tree.map_structure(to_numpy, model(x, training=training))
    import jax

    call = jax.jit(functools.partial(model.stateless_call, training=training))
    state = model.non_trainable_variables
    y, moved = call(
        [v.value for v in model.trainable_variables], [v.value for v in state], x
    )
    for variable, value in zip(state, moved, strict=True):
        variable.assign(value)
    return keras.tree.map_structure(to_numpy, y)


def largest_tensor(function, *args):
    """Elements of the largest tensor that `function(*args)` makes on its way.

    `None` on torch, which has no graph to read.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        graph = tf.function(function).get_concrete_function(
            *[tf.convert_to_tensor(arg) for arg in args]
        )
        shapes = [t.shape for op in graph.graph.get_operations() for t in op.outputs]
        return max(s.num_elements() or 0 for s in shapes if s.rank is not None)
    if backend == "jax":
        import jax

        jaxpr = jax.make_jaxpr(function)(*args)
        return max(int(np.prod(v.aval.shape)) for e in jaxpr.eqns for v in e.outvars)
    return None

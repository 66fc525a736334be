"""How every command begins and ends: the machine's settings, errors in one sentence."""

import functools
import os
import sys

from dtf_keras.words import shortened, tell

INTERRUPTED = 130  # the exit status after Ctrl+C
BACKENDS = ("tensorflow", "jax", "torch")
LONGEST = 4000
"""Signs of a line of an error that are told."""
TENSORFLOW = {
    # oneDNN is off by itself on processors without AVX512-VNNI, where it makes a
    # training step 1.6 to 1.9 times as fast.
    "TF_ENABLE_ONEDNN_OPTS": "1",
    # Notes on the machine's CPU and the absent GPU.
    "TF_CPP_MIN_LOG_LEVEL": "2",
}
"""Variables that TensorFlow reads when it is imported; the user's own values stay."""


def command(*errors, interrupted=None):
    """Decorator of a command's `main`, which then returns the exit status.

    0, or what `main` returns; 1 after an error, 130 after Ctrl+C, and, without a word,
    141 if whoever reads the output, such as `head`, has gone.

    Args:
        *errors: classes of exceptions that are told in one sentence.
        interrupted: what to say after Ctrl+C.
    """

    def decorate(main):
        @functools.wraps(main)
        def run(*args, **kwargs):
            backend = os.environ.get("KERAS_BACKEND") or "tensorflow"
            if backend not in BACKENDS:
                return fail(
                    f"KERAS_BACKEND is {backend!r}, but must be one of "
                    f"{', '.join(BACKENDS)}."
                )
            for variable, value in TENSORFLOW.items():
                os.environ.setdefault(variable, value)
            try:
                try:
                    return main(*args, **kwargs) or 0
                finally:
                    sys.stdout.flush()
            except BrokenPipeError:
                # What is left of the output would fail again when Python ends.
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                return 141
            except KeyboardInterrupt:
                if interrupted:
                    tell(f"\n{interrupted}", sys.stderr)
                return INTERRUPTED
            except errors as error:
                return fail(error)

        return run

    return decorate


def fail(error):
    """Tells an error, of long lines beginning and end; returns the exit status 1."""
    for line in f"error: {error}".split("\n"):
        tell(shortened(line, LONGEST), sys.stderr)
    return 1

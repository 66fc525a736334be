"""What the numbers of a run depend on beside its settings."""

import importlib.metadata
import platform

import keras

import dtf_keras


def made_with(corpus_version):
    """Backend, versions and corpus that a run's numbers depend on: a dict."""
    backend = keras.config.backend()
    packages = ["keras", backend, "numpy", "jiwer"]
    return {
        "backend": backend,
        "corpus_version": corpus_version,
        "python": platform.python_version(),
        "dtf_keras": dtf_keras.__version__,
        **{package: importlib.metadata.version(package) for package in packages},
    }

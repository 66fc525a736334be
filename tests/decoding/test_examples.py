import doctest
import importlib

import numpy as np
import pytest


@pytest.mark.parametrize(
    "name", ["forced_alignment", "best_path", "decoder", "options", "prefix_search"]
)
def test_the_examples_in_the_docs_hold(name):
    module = importlib.import_module(f"dtf_keras.decoding.{name}")
    result = doctest.testmod(module, extraglobs={"np": np})
    assert result.attempted
    assert not result.failed

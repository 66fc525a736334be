"""Corpora to pack, and what can happen to them."""

import h5py
import numpy as np

from dtf_keras import data

SPLITS = ("train", "dev", "test")


def load(root, **options):
    options = {"frame_size": 28, "say": lambda line: None, **options}
    return [data.load("phoenix2014", s, root=root, **options) for s in SPLITS]


def break_at(corpus, clip, monkeypatch, error=KeyboardInterrupt):
    """Makes reading a clip of `corpus` end packing."""
    read = corpus._read

    def breaking(index):
        if index == clip:
            raise error
        return read(index)

    monkeypatch.setattr(corpus, "_read", breaking)


def flip(path, place, bits=1):
    content = bytearray(path.read_bytes())
    content[place] ^= bits
    path.write_bytes(content)


def assert_same(packed, corpus):
    assert packed.clips == corpus.clips
    assert packed.vocabulary == corpus.vocabulary
    assert packed.version == corpus.version
    for name in ("name", "split", "input_format", "facts"):
        assert getattr(packed, name) == getattr(corpus, name), name
    assert packed.augmentation == corpus.augmentation
    for index in range(len(corpus)):
        expected = corpus.uncropped_frames(index)
        np.testing.assert_array_equal(packed.uncropped_frames(index), expected)


def damage(name):
    """Turns all bits of a byte where the file says what `name` in it is."""

    def turn(part):
        with h5py.File(part) as file:
            place = h5py.h5o.get_info(file[name].id).addr
        flip(part, place, 0xFF)

    return turn

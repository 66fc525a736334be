import pathlib

WORD = "HOUSE"


def example_clip():
    """The path of a video that comes with the package, to try a model on.

    Somebody spells HOUSE in American Sign Language: 76 frames of 128 pixels, 25 a
    second, made of recordings of spoken-to-signed (MIT) as the corpus `fingerspelling`
    is, `spell("HOUSE", "ase", seed=1)`. No training split spells that word.
    """
    return pathlib.Path(__file__).with_name("house.mp4")

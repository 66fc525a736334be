"""Pictures as people see them, whatever the file holds."""

import numpy as np


def plain(picture):
    """A picture upright, opaque and of 8 bits.

    It is turned as the camera noted; 16 bits of grey become 8; what is transparent is
    blended with black.

    Args:
        picture: opened by Pillow; it may change.

    Returns:
        Pillow picture.

    Raises:
        ValueError: pixels that are floats, whose range nothing says.
    """
    from PIL import Image, ImageOps

    ImageOps.exif_transpose(picture, in_place=True)
    if picture.mode.startswith("I"):  # 16 bits: conversion would cut off what is > 255
        grey = np.asarray(picture).clip(0, 65535) // 257
        return Image.fromarray(grey.astype("uint8"))
    if picture.mode == "F":
        raise ValueError("its pixels are floats: save it with 8 bits")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        black = Image.new("RGBA", picture.size, "black")
        return Image.alpha_composite(black, picture)
    return picture

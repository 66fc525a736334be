import numpy as np
import pytest
from PIL import Image

from dtf_keras.data.footage.frame_folder import PICTURES, FootageError, FrameFolder


def write(folder, names, mode="RGB"):
    """Pictures whose grey value is their number."""
    folder.mkdir(exist_ok=True)
    for number, name in enumerate(names):
        Image.new("RGB", (12, 16), (number, number, number)).convert(mode).save(
            folder / name
        )
    return folder


@pytest.mark.parametrize(
    "names",
    [
        ["images0001.png", "images0002.png", "images0010.png"],
        ["1.png", "2.png", "10.png"],
        ["a_fn000009-0.png", "a_fn000010-0.png", "a_fn000100-0.png"],
        ["clip2_9.bmp", "clip2_10.bmp", "clip2_11.bmp"],
    ],
)
def test_frames_come_in_the_order_of_their_numbers(names, tmp_path):
    folder = FrameFolder(write(tmp_path / "clip", names))
    assert folder.check() == 3
    assert folder.read((8, 8))[:, 0, 0, 0].tolist() == [0, 1, 2]


def test_other_files_are_no_frames(tmp_path):
    folder = write(tmp_path / "clip", ["1.png", "2.png", "3.jpg"])
    (folder / "notes.txt").write_text("")
    assert FrameFolder(folder).check() == 3
    assert FrameFolder(folder, "*.png").check() == 2
    with pytest.raises(FootageError, match=r"no pictures.*\*\.bmp .*\.png, \.jpg"):
        FrameFolder(folder, "*.bmp").check()


def test_frames_may_be_one_folder_deeper(tmp_path):
    (tmp_path / "clip").mkdir()
    write(tmp_path / "clip" / "1", ["fn09-0.png", "fn10-0.png"])
    (tmp_path / "clip" / ".DS_Store").write_text("")
    folder = FrameFolder(tmp_path / "clip", "*.png", numbered=True)
    assert folder.names() == ["1/fn09-0.png", "1/fn10-0.png"]
    assert folder.check() == 2
    assert folder.read((8, 8))[:, 0, 0, 0].tolist() == [0, 1]
    before = folder.fingerprint()
    write(tmp_path / "clip" / "1", ["fn11-0.png"])
    assert folder.fingerprint() != before
    (tmp_path / "clip" / "2").mkdir()
    with pytest.raises(FootageError, match="clip has no pictures, but 2 folders"):
        folder.check()


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (["images0007.png", "images0009.png"], "frame 8 is missing in .* has 7 to 9"),
        (["2011_fn08-0.png", "2011_fn10-0.png"], "frame 9 is missing"),
        (["fn08-0.png", "first.png"], r"first\.png has no frame number"),
    ],
)
def test_a_number_left_out_is_a_missing_frame_where_frames_are_numbered(
    names, why, tmp_path
):
    folder = write(tmp_path / "clip", names)
    assert FrameFolder(folder).check() == 2
    with pytest.raises(FootageError, match=why):
        FrameFolder(folder, numbered=True).check()
    whole = write(tmp_path / "whole", [f"fn{number:06}-0.png" for number in (9, 10)])
    assert FrameFolder(whole, numbered=True).check() == 2


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "1"])
def test_frames_are_rgb_whatever_the_file_has(mode, tmp_path):
    folder = tmp_path / "clip"
    folder.mkdir()
    Image.new("RGB", (12, 16), (255, 255, 255)).convert(mode).save(folder / "1.png")
    frames = FrameFolder(folder).read((8, 8))
    assert frames.shape == (1, 8, 8, 3)
    assert (frames == 255).all()


@pytest.mark.parametrize("kind", PICTURES)
def test_every_kind_of_picture_is_read(kind, tmp_path):
    folder = FrameFolder(write(tmp_path / "clip", [f"1{kind}", f"2{kind.upper()}"]))
    assert folder.check() == 2
    np.testing.assert_allclose(folder.read((8, 8))[:, 0, 0, 0], [0, 1], atol=1)


def test_hidden_files_are_no_frames(tmp_path):
    folder = write(tmp_path / "clip", ["0.png", "1.png"])
    (folder / "._0.png").write_bytes(b"what a Mac notes beside a file")
    assert FrameFolder(folder).check() == 2


def halves(left, right, dtype="uint8"):
    """A picture `[8, 16]` or `[8, 16, C]` of two values or colours."""
    return np.repeat(np.array([[left] * 8 + [right] * 8], dtype), 8, axis=0)


def read_one(picture, path, **options):
    path.parent.mkdir()
    Image.fromarray(picture).save(path, **options)
    return FrameFolder(path.parent).read((8, 8))[0, 4].tolist()


@pytest.mark.parametrize(("orientation", "turns"), [(1, 0), (6, 1), (3, 2), (8, 3)])
def test_photos_are_turned_as_the_camera_noted(orientation, turns, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.rot90(halves((250, 0, 0), (0, 0, 250)), turns).copy()
    row = read_one(stored, tmp_path / "clip" / "1.png", exif=exif)
    assert row[0] == [250, 0, 0]
    assert row[-1] == [0, 0, 250]


@pytest.mark.parametrize("kind", ["png", "tif"])
def test_16_bits_of_grey_become_8(kind, tmp_path):
    grey = halves(257 * 80, 65535, "uint16")
    row = read_one(grey, tmp_path / "clip" / f"1.{kind}")
    assert row[0] == [80] * 3
    assert row[-1] == [255] * 3


def test_floats_of_unknown_range_are_refused(tmp_path):
    with pytest.raises(
        FootageError, match=r"1\.tif cannot be read \(its pixels are fl"
    ):
        read_one(halves(0, 1, "float32"), tmp_path / "clip" / "1.tif")


def test_what_is_transparent_is_black_and_opaque_pixels_stay(tmp_path):
    row = read_one(
        halves((200, 30, 61, 255), (200, 30, 61, 102)), tmp_path / "clip" / "1.png"
    )
    assert row[0] == [200, 30, 61]
    assert row[-1] == [80, 12, 24]


def test_frames_of_different_sizes_are_resized_alike(tmp_path):
    folder = tmp_path / "clip"
    folder.mkdir()
    for number, size in enumerate([(12, 16), (40, 30)]):
        Image.new("RGB", size, (0, 200, 0)).save(folder / f"{number}.png")
    np.testing.assert_array_equal(
        FrameFolder(folder).read((8, 8)), np.full((2, 8, 8, 3), (0, 200, 0), "uint8")
    )


def test_a_damaged_jpeg_is_found(tmp_path):
    folder = tmp_path / "clip"
    folder.mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), "uint8")
    Image.fromarray(noise).save(folder / "1.jpg")
    content = (folder / "1.jpg").read_bytes()
    (folder / "1.jpg").write_bytes(content[: len(content) // 2])
    with pytest.raises(FootageError, match=r"1\.jpg cannot be read"):
        FrameFolder(folder).check()

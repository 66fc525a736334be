"""The page in a real browser, before a camera that shows a film of a person."""

import fractions
import json
import pathlib
import shutil
import subprocess
import threading
import urllib.parse

import keras
import numpy as np
import pytest

from dtf_keras import decoding, web, zoo
from dtf_keras.landmarks import HandLandmarks, in_palm_lengths
from dtf_keras.landmarks.signing_hand import SeenHand, SigningHand
from dtf_keras.recognition import example_clip

HERE = pathlib.Path(__file__).parent
FILMS = [f / "shared/camera/signing_person.mp4" for f in HERE.parents]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SIZE = {"width": 640, "height": 480}

pytestmark = [
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(
        keras.backend.backend() != "tensorflow", reason="ONNX is written by TensorFlow"
    ),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium"),
    pytest.mark.skipif(
        not (HERE / "node_modules").is_dir() or shutil.which("node") is None,
        reason="there is no playwright: npm ci --ignore-scripts --prefix tests/web",
    ),
]


def hand(place, palm, rng):
    """The points of a hand, roughly, in pixels: `[21, 2]`."""
    points = np.zeros((21, 2))
    for finger in range(5):
        angle = np.pi * (0.8 - 0.15 * finger)
        away = np.array([np.cos(angle), -np.sin(angle)])
        for joint in range(4):
            points[1 + 4 * finger + joint] = away * (1 + 0.35 * joint)
    return place + palm * (points + rng.normal(0, 0.06, points.shape))


@pytest.fixture(scope="module")
def signing():
    """A hand of 12 seconds at uneven times, which leaves the picture three times."""
    rng = np.random.default_rng(5)
    count = 360
    times = 3.0 + np.cumsum(rng.uniform(0.02, 0.05, count))
    shape = rng.normal(0, 0.25, (count // 30 + 2, 21, 2))
    hands = []
    for number in range(count):
        before, part = divmod(number / 30, 1)
        bent = shape[int(before)] * (1 - part) + shape[int(before) + 1] * part
        place = np.array([300 + 80 * np.sin(number / 40), 260])
        hands.append(hand(place, 60 + 15 * np.cos(number / 60), rng) + 60 * bent)
    for gone in (slice(0, 4), slice(90, 95), slice(150, 190)):
        hands[gone] = [None] * len(hands[gone])
    return hands, times


@pytest.fixture(scope="module")
def pictures():
    """Two hands that change places in size and height, labelled in flickers."""
    rng = np.random.default_rng(6)
    seen = []
    for number in range(120):
        one = hand(np.array([200.0, 200 + number]), 70 - 0.3 * number, rng)
        other = hand(np.array([450.0, 400 - 2 * number]), 30 + 0.6 * number, rng)
        hands = [(one, rng.choice([0.9, -0.6])), (other, -0.95)]
        if 40 <= number < 46:
            hands = hands[1:]
        seen.append({"seconds": number / 25, "seen": hands})
    return seen


@pytest.fixture(scope="module")
def measured(signing):
    """That hand in palm lengths and in pixels, 25 frames a second, as Python has it."""
    hands, times = signing
    gone = np.full((21, 2), np.nan)
    points = np.stack([gone if one is None else one for one in hands])
    steady = HandLandmarks(points, times=times).at_rate(25.0)
    return in_palm_lengths(steady, 25.0), steady


@pytest.fixture(scope="module")
def model(measured):
    """A small model of random weights that reads many letters."""
    keras.utils.set_random_seed(3)
    glosses = [chr(ord("A") + number) for number in range(26)]
    made = zoo.get(
        "full_conv_v10", weights=None, input="landmarks", width=0.0625, glosses=glosses
    )
    rng = np.random.default_rng(0)
    for _ in range(20):  # so that the batch norms know such hands
        made(as_batch(measured), training=True)
    kernel = made.get_layer("classifier").kernel
    kernel.assign(rng.normal(size=kernel.shape) * 3)
    return made


@pytest.fixture(scope="module")
def did(model, signing, pictures, tmp_path_factory):
    """What the browser did."""
    pytest.importorskip("tf2onnx")
    folder = tmp_path_factory.mktemp("web")
    model.export(folder / "letters.onnx", format="onnx", verbose=False)
    try:
        site = web.build(folder / "page", [folder / "letters.onnx"])
    except web.WebError as error:
        pytest.skip(str(error))
    hands, times = signing
    order = {
        "chromium": CHROMIUM,
        "profile": str(folder / "profile"),
        "film": str(example_clip()),
        "camera": film(folder),
        "given": {
            "hands": [None if one is None else one.ravel().tolist() for one in hands],
            "times": times.tolist(),
            "size": SIZE,
            "pictures": [
                {**one, "seen": [[h.ravel().tolist(), r] for h, r in one["seen"]]}
                for one in pictures
            ],
            "model": "/models/letters.onnx",
        },
    }
    with web.serve(site, port=0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        order["url"] = f"http://localhost:{server.server_address[1]}/"
        done = subprocess.run(
            ["node", HERE / "browse.mjs"],
            input=json.dumps(order),
            capture_output=True,
            text=True,
            timeout=300,
        )
        server.shutdown()
    assert done.returncode == 0, done.stderr
    return {**json.loads(done.stdout), "url": order["url"]}


def film(folder):
    """A film of a person as Chromium's fake camera takes it; `None` without one."""
    import av

    source = next((path for path in FILMS if path.is_file()), None)
    if source is None:
        return None
    with av.open(source) as video, av.open(folder / "film.mjpeg", "w") as out:
        frames = list(video.decode(video=0))[:50]
        stream = out.add_stream("mjpeg", rate=25)
        stream.width, stream.height = frames[0].width, frames[0].height
        stream.pix_fmt = "yuvj420p"
        for number, frame in enumerate(frames):
            frame.pts, frame.time_base = number, fractions.Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return str(folder / "film.mjpeg")


def as_batch(measured):
    points, _ = measured
    return {"landmarks": points[None], "num_frames": np.array([len(points)])}


def numbers(rows):
    return np.array(rows, "float64").reshape(len(rows), 21, 2)


def test_the_page_loads_and_everything_on_it_has_a_name(did):
    assert did["problems"] == []  # a film without a hand is read to its end, too
    assert did["ready"].startswith("Ready")
    assert did["models"] == ["letters"]
    assert did["unlabelled"] == []


def test_no_request_leaves_the_host(did):
    here = urllib.parse.urlsplit(did["url"]).netloc
    places = [urllib.parse.urlsplit(url) for url in did["requests"]]
    assert len(places) > 20
    assert {one.scheme for one in places} <= {"http", "blob"}
    assert {one.netloc for one in places if one.scheme == "http"} == {here}


def test_hands_are_brought_to_a_steady_rate_as_in_python(did, measured):
    got = numbers(did["modules"]["steady"])
    np.testing.assert_allclose(got, measured[1], rtol=0, atol=1e-9)
    assert 20 < np.isnan(got[:, 0, 0]).sum() < 60


def test_hands_are_measured_in_palm_lengths_as_in_python(did, measured):
    got = numbers(did["modules"]["measured"])
    np.testing.assert_allclose(got, measured[0], rtol=0, atol=1e-6)


def test_the_hand_that_signs_is_chosen_as_in_python(did, pictures):
    choice = SigningHand()
    for one, got in zip(pictures, did["modules"]["chosen"], strict=True):
        seen = [SeenHand(points, right) for points, right in one["seen"]]
        size = SIZE["height"], SIZE["width"]
        expected = choice.choose(seen, size, one["seconds"])
        if expected is None:
            assert got is None
        else:
            np.testing.assert_allclose(numbers([got])[0], expected, atol=1e-9)


def test_letters_are_those_of_the_whole_clip_in_python(did, model, measured):
    logits = model.predict_on_batch(as_batch(measured))
    (spans,) = decoding.greedy_spans(logits)
    seconds = model.time_axis.stride / model.input_format.frame_rate
    names, starts, ends, sure = zip(*did["modules"]["glosses"], strict=True)
    assert len(names) > 10
    assert list(names) == [model.glosses[span.class_id - 1] for span in spans]
    np.testing.assert_allclose(starts, [span.start * seconds for span in spans])
    np.testing.assert_allclose(ends, [span.stop * seconds for span in spans])
    np.testing.assert_allclose(sure, [span.probability for span in spans], atol=1e-4)


def test_letters_come_while_the_hand_is_signing(did):
    so_far = did["modules"]["soFar"]
    assert 0 < so_far[len(so_far) // 2] < so_far[-1]
    assert did["modules"]["pending"] == 0


def test_a_camera_that_cannot_be_had_is_told_with_what_helps(did):
    refusals = did["refusals"]
    assert "allow it for this page" in refusals["NotAllowedError"]
    assert "No camera was found" in refusals["NotFoundError"]
    assert "another program" in refusals["NotReadableError"]


def test_a_hand_is_found_in_the_picture_of_a_camera(did):
    if "reading" not in did:
        pytest.skip("there is no film of a person")
    assert did["reading"] == "Reading the camera."

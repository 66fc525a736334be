"""Files of every format, damaged at random: one sentence, or read all the same."""

import functools
import json
import pickle
import random
import shutil

import keras
import numpy as np
import pytest
from PIL import Image

from dtf_keras import convert, data
from dtf_keras.convert.parity import read_run
from dtf_keras.data.corpus import Clip, Corpus
from dtf_keras.data.footage.found_hands import _kept
from dtf_keras.data.footage.frame_folder import FrameFolder
from dtf_keras.data.footage.landmark_table import LandmarkTable
from dtf_keras.data.footage.pose_file import PoseFile
from dtf_keras.data.footage.video import Video
from dtf_keras.data.packed_file.reading import FrameReader, read_tables
from dtf_keras.data.text_table import read_columns
from dtf_keras.data.vocabulary_file import read_vocabulary
from dtf_keras.decoding.arpa import read_arpa
from dtf_keras.evaluation.ctm import CtmRow, read_ctm, write_ctm
from dtf_keras.evaluation.stm import StmRow, read_stm, write_stm
from dtf_keras.files import own_zoo
from dtf_keras.input_format import InputFormat
from dtf_keras.plain_pickle import read_plain_pickle
from dtf_keras.training.run.checkpoint import load_state, save_state
from dtf_keras.training.run.folder import RunFolder
from dtf_keras.training.settings.config import RunConfig
from dtf_keras.training.settings.config_file import read_config, write_config
from dtf_keras.zoo.index import read_index
from dtf_keras.zoo.preset import read_preset, sha256
from dtf_keras.zoo.weights_file import load_weights
from tests.helpers.clips import shades, write_video
from tests.helpers.hands import HAND, write_pose
from tests.helpers.spelled_phrases import hands, write_table

TIMES = 40  # that a file of each format is damaged
PRESET = "full_conv_v10"


@functools.cache
def small_model():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="head")])
    model.compile("sgd", "mse")
    return model


def picture(folder, suffix):
    (folder / "clip").mkdir()
    path = folder / "clip" / f"0{suffix}"
    Image.fromarray(np.arange(300, dtype="uint8").reshape(10, 10, 3)).save(path)
    return path


def read_pictures(path):
    clip = FrameFolder(path.parent)
    clip.check()
    clip.read((8, 8))


def video(folder, name, **options):
    return write_video(folder / name, shades(8, (32, 32)), **options)


def read_video(path):
    clip = Video(path, 25)
    clip.seconds()
    clip.check()
    clip.read((8, 8))


def plain_corpus():
    return Corpus(
        name="plain",
        split="dev",
        vocabulary=data.Vocabulary("ABC"),
        clips=[Clip(f"clip{n}", ("A", "B"), "anna", 12) for n in range(2)],
        input_format=InputFormat(8, 8),
        read=lambda index: np.full((12, 8, 8, 3), index, "uint8"),
    )


def packed(folder):
    out = folder / "corpus.h5"
    return data.pack([plain_corpus()], out, say=lambda line: None).path


def read_packed(path):
    about, clips = read_tables(path, "dev")
    reader = FrameReader(about.input_format, clips)
    for index in range(len(clips)):
        reader(index)


def shards(folder, name):
    for shard in ("1/2", "2/2"):
        data.pack([plain_corpus().part(shard)], folder, say=lambda line: None)
    data.join(folder)
    return folder / name


def read_joined(path):
    dev = data.load("packed", "dev", root=path.parent)
    for index in range(len(dev)):
        dev.frames(index)


def weights(folder, name):
    path = folder / name
    (small_model().save if path.suffix == ".keras" else small_model().save_weights)(
        path
    )
    return path


def checkpoint(folder):
    path = folder / "last.weights.h5"
    save_state(small_model(), path, 3)
    return path


def run_config(folder):
    write_config(folder / "config.json", RunConfig(), InputFormat(32, 32), {"x": 1})
    return folder / "config.json"


def history(folder):
    (folder / "history.csv").write_text("epoch,loss,val_wer\n0,1.5,90\n1,1.25,80\n")
    return folder / "history.csv"


def read_history(path):
    RunFolder(path.parent).read_history()
    RunFolder(path.parent).keep_history(1)


def metrics(folder):
    (folder / "metrics.json").write_text('{"wer": {"dev": {"wer": 20.5}}}')
    return folder / "metrics.json"


def preset(folder, file):
    shutil.copytree(own_zoo() / PRESET, folder / PRESET)
    return folder / PRESET / file


def read_listed(path):
    """Reads a preset that lists the damaged file as it is."""
    listed = path.parent / "metadata.json"
    metadata = json.loads(listed.read_text("utf-8"))
    metadata["files"][path.name]["sha256"] = sha256(path)
    listed.write_text(json.dumps(metadata), "utf-8")
    read_preset(path.parent)


def index(folder):
    shutil.copy(own_zoo() / "index.json", folder)
    return folder / "index.json"


def ctm(folder, name):
    rows = [CtmRow("a-1", 0.04 * n, 0.5, "REGEN", confidence=0.5) for n in range(5)]
    write_ctm(folder / name, rows)
    return folder / name


def stm(folder, name):
    rows = [StmRow(f"a-{n}", ("REGEN", "WIND"), "anna") for n in range(5)]
    write_stm(folder / name, rows)
    return folder / name


def arpa(folder):
    path = folder / "model.arpa"
    path.write_text(
        "\\data\\\nngram 1=4\nngram 2=1\n\n\\1-grams:\n-1.0 <s> -0.3\n-1.0 </s>\n"
        "-0.5 REGEN -0.2\n-0.7 <unk>\n\n\\2-grams:\n-0.4 <s> REGEN\n\n\\end\\\n"
    )
    return path


def table(folder):
    path = folder / "train.csv"
    path.write_text('id,path,glosses,signer\na,a.mp4,"REGEN WIND",anna\nb,b,SONNE,\n')
    return path


def glosses(folder):
    path = folder / "classes.txt"
    path.write_text("signstate classlabel\nREGEN 1\nWIND 2\nsi 0\n")
    return path


def gloss_dict(folder):
    classes = {f"G{n}": [n, 3] for n in range(1, 20)}
    np.save(folder / "gloss_dict.npy", classes, allow_pickle=True)
    return folder / "gloss_dict.npy"


def torch_checkpoint(folder):
    torch = pytest.importorskip("torch")
    tensors = {"head.weight": torch.ones(2, 3), "head.bias": torch.zeros(2)}
    torch.save({"model_state_dict": tensors, "epoch": 3}, folder / "last.pt")
    return folder / "last.pt"


def run_of_torch(folder):
    arrays = {"video": np.zeros((1, 4, 8, 8, 3)), "logits": np.zeros((1, 2, 3))}
    np.savez(folder / "run.npz", **arrays)
    return folder / "run.npz"


def annotations(folder):
    path = folder / "csl2020ct_v2.pkl"
    path.write_bytes(pickle.dumps({"info": [{"name": "a", "length": 3}] * 5}))
    return path


def landmarks(folder):
    pytest.importorskip("pyarrow")
    write_table(
        folder / "7.parquet", {1: hands("ab"), 2: hands("ba")}, hands_alone=True
    )
    return folder / "7.parquet"


def kept_hands(folder):
    times, points = np.arange(4.0), np.zeros((4, 21, 2), "float32")
    np.savez(folder / "hands.npz", times=times, points=points, mirrored_in=times)
    return folder / "hands.npz"


FORMATS = {
    "PNG": (lambda f: picture(f, ".png"), read_pictures),
    "JPEG": (lambda f: picture(f, ".jpg"), read_pictures),
    "TIFF": (lambda f: picture(f, ".tif"), read_pictures),
    "WebP": (lambda f: picture(f, ".webp"), read_pictures),
    "Matroska": (lambda f: video(f, "clip.mkv"), read_video),
    "MP4": (
        lambda f: video(f, "clip.mp4", codec="libx264", pixels="yuv420p"),
        read_video,
    ),
    "pose": (
        lambda f: write_pose(f / "a.pose", {"RIGHT_HAND": np.stack([HAND] * 3)}),
        lambda p: PoseFile(p).landmarks(),
    ),
    "packed": (packed, read_packed),
    "shard": (lambda f: shards(f, "shard-01-of-02.h5"), read_joined),
    "shards.json": (lambda f: shards(f, "shards.json"), read_joined),
    "weights": (
        lambda f: weights(f, "a.weights.h5"),
        lambda p: load_weights(small_model(), p),
    ),
    "keras": (
        lambda f: weights(f, "a.keras"),
        lambda p: load_weights(small_model(), p),
    ),
    "checkpoint": (checkpoint, lambda p: load_state(small_model(), p)),
    "config.json": (run_config, read_config),
    "history": (history, read_history),
    "metrics": (metrics, lambda p: RunFolder(p.parent).read_metrics()),
    "preset": (lambda f: preset(f, "config.json"), read_listed),
    "metadata": (lambda f: preset(f, "metadata.json"), lambda p: read_preset(p.parent)),
    "index": (index, lambda p: read_index(p.parent)),
    "CTM": (lambda f: ctm(f, "hyp.ctm"), read_ctm),
    "CTM in gzip": (lambda f: ctm(f, "hyp.ctm.gz"), read_ctm),
    "STM": (lambda f: stm(f, "ref.stm"), read_stm),
    "ARPA": (arpa, read_arpa),
    "CSV": (table, lambda p: read_columns(p, ("id", "path", "glosses"))),
    "classes": (glosses, read_vocabulary),
    "gloss_dict.npy": (gloss_dict, convert.read_glosses),
    "torch": (torch_checkpoint, convert.load_checkpoint),
    "npz": (run_of_torch, read_run),
    "pickle": (annotations, lambda p: read_plain_pickle(p, "a dict")),
    "parquet": (landmarks, lambda p: LandmarkTable(p, p.parent / "c").hand(1)),
    "hands": (kept_hands, _kept),
}

JSON = ("config.json", "metrics", "preset", "metadata", "index", "shards.json")
NODES = (None, True, -1, 10**400, float("inf"), "x", "\ud800", [], [[]], {}, {"x": 1})


def damage(content, chance):
    """Bytes that are cut off, turned, left out, exchanged or given twice."""
    start = chance.randrange(len(content))
    end = min(len(content), start + chance.choice((1, 4, 64)))
    middle = chance.choice(
        (
            bytes(byte ^ 0xFF for byte in content[start:end]),
            bytes(end - start),
            chance.randbytes(end - start),
            b"",
            2 * content[start:end],
        )
    )
    rest = content[end:] if chance.random() < 0.8 else b""
    return content[:start] + middle + rest


def twist(content, chance):
    """JSON in which one value is another."""
    value = {"all": json.loads(content)}
    holders = [value]
    for one in holders:
        inner = one.values() if isinstance(one, dict) else one
        holders += [child for child in inner if isinstance(child, dict | list)]
    holder = chance.choice([one for one in holders if one])
    key = chance.choice([*holder] if isinstance(holder, dict) else range(len(holder)))
    holder[key] = chance.choice(NODES)
    return json.dumps(value["all"]).encode()


def outcome(read, path):
    """What is said of a file, or `None` where it is read."""
    try:
        read(path)
    except (ValueError, OSError) as error:
        return str(error)


@pytest.fixture
def sample(request, tmp_path):
    make, read = FORMATS[request.param]
    path = make(tmp_path)
    assert outcome(read, path) is None
    return path, path.read_bytes(), read


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("sample", "name"), [(n, n) for n in FORMATS], indirect=["sample"]
)
def test_a_damaged_file_is_one_sentence_that_names_it(sample, name):
    path, content, read = sample
    chance, wrong = random.Random(name), 0
    for number in range(TIMES):
        alter = twist if name in JSON and number % 2 else damage
        path.write_bytes(alter(content, chance))
        said = outcome(read, path)
        if said is not None:
            wrong += 1
            assert path.name in said or path.parent.name in said, said
            assert "\n" not in said.strip(), said
    assert wrong or name in ("PNG", "hands")


@pytest.mark.parametrize("sample", JSON, indirect=True)
@pytest.mark.parametrize("depth", [200, 100_000])
def test_json_that_nests_too_deep_is_one_sentence(sample, depth):
    path, _, read = sample
    path.write_text('{"options": ' + depth * "[" + depth * "]" + "}")
    said = outcome(read, path)
    assert path.parent.name in said
    assert "nests more than 100 deep" in said or "RecursionError" in said

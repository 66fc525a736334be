"""The folder that a static web host serves."""

import pathlib
import re
import shutil

from dtf_keras.files import require_new, write_folder_whole, write_json, write_text
from dtf_keras.landmarks.model_file import hand_model
from dtf_keras.web import libraries
from dtf_keras.web.onnx_file import require_for_camera
from dtf_keras.web.problems import WebError
from dtf_keras.words import tell

PAGE = pathlib.Path(__file__).parent / "page"
LIBRARIES, MODELS, HAND_MODEL = "libraries", "models", "hand_landmarker.task"
LISTING = "files.json"


def build(folder, models, packages=None, say=tell):
    """Writes the web page into a folder.

    Args:
        folder: a new one.
        models: paths of ONNX files of models that read hand landmarks.
        packages: folder of the packages of npm; by default in the cache, where
            npm puts what is missing.
        say: function that shows a line of text.

    Returns:
        Path of the folder.

    Raises:
        WebError: a model that cannot read a camera, or libraries that cannot be had.
        LandmarkError: the package's hand model is missing or another one.
        FileNotFoundError: no such file.
        FileExistsError: `folder` holds something.
    """
    folder = pathlib.Path(folder)
    require_new(folder)  # before anything is fetched
    models = _named(models)
    hands = hand_model()
    found = libraries.packages(packages, say)

    def write(part):
        shutil.copytree(PAGE, part, dirs_exist_ok=True)
        shutil.copyfile(hands, part / HAND_MODEL)
        for name in (LIBRARIES, MODELS):
            (part / name).mkdir()
        for library, package in found.items():
            libraries.unpack(library, package, part / LIBRARIES)
        write_text(part / LIBRARIES / "NOTICE.txt", _notice())
        listing = []
        for name, path in models.items():
            shutil.copyfile(path, part / MODELS / name)
            listing.append(
                {"file": f"{MODELS}/{name}", "name": pathlib.Path(name).stem}
            )
        sizes = {
            path.relative_to(part).as_posix(): path.stat().st_size
            for path in sorted(part.rglob("*"))
            if path.is_file()
        }
        write_json(part / LISTING, {"models": listing, "bytes": sizes})

    write_folder_whole(folder, write)
    return folder


def _notice():
    lines = [
        f"{', '.join(library.files)}: {library.name} {library.version}, unchanged; "
        f"{library.licence}"
        for library in libraries.LIBRARIES
    ]
    return "\n".join(["What of npm is here:", "", *lines, ""])


def _named(models):
    """Dict of the names of files on the page to their paths; each one is checked."""
    named = {}
    for path in map(pathlib.Path, models):
        require_for_camera(path)
        name = re.sub(r"[^\w.-]", "_", path.name)
        if name in named:
            raise WebError(f"Two models are called {path.name}: rename one.")
        named[name] = path
    if not named:
        raise WebError("The page needs a model: give an ONNX file.")
    return named

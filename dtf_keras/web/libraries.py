"""The two libraries that the page runs, as npm has them, pinned by their sha512."""

import base64
import dataclasses
import hashlib
import pathlib
import shutil
import subprocess
import tarfile

from dtf_keras.files import cache_folder, write_whole
from dtf_keras.web.problems import WebError
from dtf_keras.words import tell


@dataclasses.dataclass(frozen=True, eq=False)
class Library:
    """One package of npm, and what the page takes of it."""

    name: str
    version: str
    sha512: str
    """Of the package, in base64: npm's `integrity`."""
    files: dict[str, str]
    """Of a file's name on the page to its path in the package. Modules end in `.js`
    there, since not every web server knows what `.mjs` is."""
    licence: str

    @property
    def package(self):
        """The name of the file that `npm pack` writes."""
        return f"{self.name.lstrip('@').replace('/', '-')}-{self.version}.tgz"


LIBRARIES = (
    Library(
        "@mediapipe/tasks-vision",
        "0.10.21",  # later ones report usage figures to their maker
        "TuhKH+credq4zLksGbYrnvJ1aLIWMc5r0UHwzxzql4BHECJwIAoBR61ZrqwGOW6ZmSBIzU1t4VtKj8"
        "hbxFaKeA==",
        {
            "vision.js": "vision_bundle.mjs",
            "vision_loader.js": "wasm/vision_wasm_internal.js",
            "vision.wasm": "wasm/vision_wasm_internal.wasm",
        },
        "Apache-2.0",
    ),
    Library(
        "onnxruntime-web",
        "1.30.0",
        "q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR"
        "4CXAfKYQ==",
        {
            "ort.js": "dist/ort.wasm.min.mjs",
            "ort_loader.js": "dist/ort-wasm-simd-threaded.mjs",
            "ort.wasm": "dist/ort-wasm-simd-threaded.wasm",
        },
        "MIT",
    ),
)


def packages(folder=None, say=tell):
    """Paths of the packages of `LIBRARIES`; npm gets what is not in the folder yet.

    Args:
        folder: where packages are kept; by default in the cache.
        say: function that shows a line of text.

    Returns:
        Dict of `Library` to the path of its package, whose content was checked.

    Raises:
        WebError: npm is not installed, cannot get one, or a package is another one.
    """
    folder = pathlib.Path(folder or cache_folder() / "web")
    return {library: _package(library, folder, say) for library in LIBRARIES}


def unpack(library, package, folder):
    """Puts the files that the page takes of a package into a folder."""
    try:
        with tarfile.open(package) as archive:
            for name, inside in library.files.items():
                with (
                    archive.extractfile(f"package/{inside}") as source,
                    (folder / name).open("wb") as target,
                ):
                    shutil.copyfileobj(source, target)
    except (KeyError, tarfile.TarError, EOFError) as error:
        raise WebError(f"{package} cannot be unpacked ({error}).") from error


def _package(library, folder, say):
    path = folder / library.package
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        say(f"npm gets {library.name} {library.version} into {folder}.")
        write_whole(path, lambda part: _by_npm(library, part))
    elif _sha512(path) != library.sha512:
        raise WebError(
            f"{path} is not {library.name} {library.version} as npm has it: remove it, "
            "and it is got again."
        )
    return path


def _by_npm(library, path):
    npm = shutil.which("npm")
    if npm is None:
        raise WebError(
            "The page needs two libraries of npm, which is not installed: install "
            "Node.js, or name a folder with --libraries that has them: "
            f"{', '.join(one.package for one in LIBRARIES)}."
        )
    wanted = f"{library.name}@{library.version}"
    done = subprocess.run(
        [npm, "pack", wanted, "--silent", "--pack-destination", str(path.parent)],
        capture_output=True,
        text=True,
        errors="replace",
    )
    if done.returncode or not path.is_file():
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        raise WebError(f"npm cannot get {wanted}: {lines[-1]}")
    if _sha512(path) != library.sha512:
        raise WebError(
            f"What npm got as {wanted} is not what was published: nothing is kept."
        )


def _sha512(path):
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha512").digest()
    return base64.b64encode(digest).decode()

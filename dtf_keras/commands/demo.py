"""The command line of the web page."""

import contextlib
import pathlib
import tempfile
from dataclasses import dataclass

import tyro

from dtf_keras import web
from dtf_keras.commands.ending import command
from dtf_keras.commands.trained_model import READS_LIVE, load_model
from dtf_keras.web.problems import WebError
from dtf_keras.web.server import PORT
from dtf_keras.words import tell


@dataclass(frozen=True)
class DemoArguments:
    """Serves a web page that reads letters off this machine's camera.

    All of it runs in the browser, and no picture or landmark leaves it. Without
    --models a model of the zoo is exported first. The two libraries of the page come
    from npm, once, into the cache (in DTF_KERAS_CACHE, by default ~/.cache/dtf_keras).
    """

    models: tuple[pathlib.Path, ...] = ()
    """Exported ONNX files of models that read hand landmarks; the page lets choose."""
    model: str | None = None
    """Zoo model or preset to export instead; by default the preset that reads hand
    landmarks and is best on dev."""
    weights: str | None = None
    """Its weights, as `dtf_keras.zoo.get` takes them; by default those of the zoo."""
    run: pathlib.Path | None = None
    """Run folder that fit.py wrote: export its best weights."""
    port: int = PORT
    """Port of this machine to serve on; 0 takes a free one."""
    build: pathlib.Path | None = None
    """Write the page into this new folder, for any static web host, and serve
    nothing."""
    libraries: pathlib.Path | None = None
    """Folder of the packages of npm, in place of the cache."""


@command(ValueError, OSError, ModuleNotFoundError)
def main(argv=None):
    """Runs the command; returns the exit status."""
    arguments = tyro.cli(DemoArguments, args=argv)
    if arguments.models and (arguments.model or arguments.weights or arguments.run):
        raise WebError("--models are exported: leave out --model, --weights and --run.")
    with tempfile.TemporaryDirectory(prefix="dtf-keras-") as folder:
        folder = pathlib.Path(folder)
        models = arguments.models or [_exported(arguments, folder)]
        site = web.build(
            arguments.build or folder / "page",
            models,
            arguments.libraries,
            say=tell,
        )
        if arguments.build:
            size = sum(path.stat().st_size for path in site.rglob("*")) / 1e6
            tell(f"The page is in {site} ({size:.0f} MB): serve it over https.")
            return 0
        with _server(site, arguments.port) as server:
            tell(f"http://localhost:{server.server_address[1]} (Ctrl+C ends it)")
            with contextlib.suppress(KeyboardInterrupt):
                server.serve_forever()
    return 0


def _server(site, port):
    try:
        return web.serve(site, port)
    except OSError as error:
        raise WebError(
            f"Port {port} cannot be served on ({error.strerror}): choose another "
            "--port, or 0 for a free one."
        ) from error


def _exported(arguments, folder):
    name = arguments.model
    if name is None and arguments.run is None:
        name = READS_LIVE
    model = load_model(name, arguments.weights, arguments.run)
    path = folder / f"{arguments.run.name if arguments.run else name}.onnx"
    tell(f"Exporting {path.stem}.")
    model.export(path, format="onnx", verbose=False)
    return path

"""Where a preset's files are downloaded from; each source is an object with `where`,
`metadata()` (bytes) and `fetch(name, path, facts, say)`."""

from dtf_keras.zoo.download import fetch_file, fetch_small
from dtf_keras.zoo.preset import METADATA, check_file
from dtf_keras.zoo.problems import DownloadError


class WebFolder:
    """A preset folder on a web server.

    Args:
        url: of the folder, http or https.
    """

    def __init__(self, url):
        self.where = url.rstrip("/")

    def metadata(self):
        return fetch_small(f"{self.where}/{METADATA}")

    def fetch(self, name, path, facts, say):
        url = f"{self.where}/{name}"
        fetch_file(url, path, facts["bytes"], facts["sha256"], say)


class HubRepository:
    """A preset in a repository of the Hugging Face hub.

    `huggingface_hub` downloads, resumes and knows about access; the files go straight
    into the folder asked for.

    Args:
        address: `hf://ORG/REPO` or `hf://ORG/REPO@REVISION`.

    Raises:
        DownloadError: another address, or `huggingface_hub` is not installed.
    """

    def __init__(self, address):
        self.where = address
        self.repository, _, revision = address.partition("://")[2].partition("@")
        self.revision = revision or None
        if self.repository.count("/") != 1 or not all(self.repository.split("/")):
            raise DownloadError(f"{address} is not of the form hf://ORG/REPO.")

    def metadata(self):
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            return self._download(METADATA, folder).read_bytes()

    def fetch(self, name, path, facts, say):
        say(f"  {name}: {facts['bytes'] / 1e6:.1f} MB")
        file = self._download(name, path.parent)
        check_file(file, facts["sha256"], f"It came from {self.where}.")

    def _download(self, name, folder):
        import pathlib

        hub = import_hub(self.where)
        try:
            return pathlib.Path(
                hub.hf_hub_download(
                    self.repository, name, revision=self.revision, local_dir=folder
                )
            )
        except (OSError, ValueError) as error:
            reason = str(error).strip().splitlines()[0]
            raise DownloadError(
                f"{name} of {self.where} cannot be had: {reason}"
            ) from error


def import_hub(what_for):
    """The module `huggingface_hub`.

    Raises:
        DownloadError: it is not installed.
    """
    try:
        import huggingface_hub
    except ImportError as error:
        raise DownloadError(
            f"{what_for} needs huggingface_hub, which is not installed: "
            'pip install "dtf_keras[hub]"'
        ) from error
    return huggingface_hub

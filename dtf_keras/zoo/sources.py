"""Where a preset's files are downloaded from; each source is an object with `where`,
`metadata()` (bytes) and `fetch(name, path, facts, say)`."""

import pathlib
import tempfile

from dtf_keras.zoo.download import fetch_file, fetch_small
from dtf_keras.zoo.persistence import STATUSES, PassingError, persist
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
        if not is_repository(self.repository):
            raise DownloadError(f"{address} is not of the form hf://ORG/REPO.")

    def metadata(self):
        with tempfile.TemporaryDirectory() as folder:
            return self._download(METADATA, folder).read_bytes()

    def fetch(self, name, path, facts, say):
        say(f"  {name}: {facts['bytes'] / 1e6:.1f} MB")
        file = self._download(name, path.parent)
        check_file(file, facts["sha256"], f"It came from {self.where}.")

    def _download(self, name, folder):
        hub = import_hub(self.where)
        what = f"{name} of {self.where}"

        def attempt():
            try:
                return hub.hf_hub_download(
                    self.repository, name, revision=self.revision, local_dir=folder
                )
            except Exception as error:  # its HTTP client has errors of its own
                if _may_pass(error):
                    raise PassingError(first_line(error)) from error
                problem = f"{what} cannot be had: {first_line(error)}"
                raise DownloadError(problem) from error

        return pathlib.Path(persist(attempt, what))


def is_repository(name):
    """Whether a string is of the form ORG/REPO."""
    return name.count("/") == 1 and all(name.split("/"))


def first_line(error):
    """The first line of an error's message, or its kind if it has none."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _may_pass(error):
    """Whether another attempt may go better than those that the library has made."""
    answer = getattr(error, "response", None)
    if answer is None:  # An OSError tells of no connection at all, after some attempts.
        return not isinstance(error, OSError | ValueError)
    return answer.status_code in STATUSES


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

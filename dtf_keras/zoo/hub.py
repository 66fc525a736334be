"""Presets on the Hugging Face hub; uploaded only ever on an explicit call."""

import pathlib
import tempfile

from dtf_keras.words import tell
from dtf_keras.zoo.download import STATUSES, PassingError, persist
from dtf_keras.zoo.preset import METADATA, check_file
from dtf_keras.zoo.problems import DownloadError


class HubRepository:
    """A preset in a repository of the hub.

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
                    raise PassingError(_first_line(error)) from error
                problem = f"{what} cannot be had: {_first_line(error)}"
                raise DownloadError(problem) from error

        return pathlib.Path(persist(attempt, what))


def upload(preset, repository, private=False, api=None, say=tell):
    """Uploads the files of a preset, and nothing else; as `dtf_keras.zoo.push`.

    Args:
        preset: `Preset`, its files checked.
        repository, private, api, say: as `push`.
    """
    if api is None:
        api = import_hub("Uploading").HfApi()
    target = f"https://huggingface.co/{repository}"
    say(f"{preset.path} -> {target}: {', '.join(preset.files)}")
    try:
        api.create_repo(repo_id=repository, private=private, exist_ok=True)
        api.upload_folder(
            repo_id=repository,
            folder_path=str(preset.path),
            allow_patterns=preset.files,
            commit_message=f"{preset.name} of {preset.metadata['date']}",
        )
    except Exception as error:  # its HTTP client has errors of its own
        raise DownloadError(
            f"{preset.name} cannot be pushed to {target}: {_first_line(error)}"
        ) from error


def is_repository(name):
    """Whether a string is of the form ORG/REPO."""
    return name.count("/") == 1 and all(name.split("/"))


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


def _first_line(error):
    """The first line of an error's message, or its kind if it has none."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _may_pass(error):
    """Whether another attempt may go better than those that the library has made."""
    answer = getattr(error, "response", None)
    if answer is None:  # An OSError tells of no connection at all, after some attempts.
        return not isinstance(error, OSError | ValueError)
    return answer.status_code in STATUSES

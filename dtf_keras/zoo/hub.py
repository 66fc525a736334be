"""Uploading a preset to the Hugging Face hub; only ever on an explicit call."""

from dtf_keras.zoo.problems import DownloadError, PresetError
from dtf_keras.zoo.resolve import find
from dtf_keras.zoo.sources import first_line, import_hub, is_repository


def push(preset, repository, private=False, api=None, say=print):
    """Uploads a preset, so that others can `zoo.get(..., weights="hf://ORG/REPO")`.

    Its files are checked first, and nothing but them is uploaded.

    Args:
        preset: a path or name, as `zoo.pull` takes it.
        repository: "ORG/REPO"; made if it does not exist.
        private: whether a new repository is private.
        api: `huggingface_hub.HfApi`; by default one with the credentials that
            `hf auth login` keeps.
        say: function that shows a line of text.

    Returns:
        The address to give to `zoo.get`.

    Raises:
        PresetError: no such preset, a damaged one, or a repository without ORG/.
        DownloadError: `huggingface_hub` is not installed, or the hub does not take it.
    """
    if not is_repository(repository):
        raise PresetError(f"{repository!r} is not of the form ORG/REPO.")
    found = find(preset, say)
    if api is None:
        api = import_hub("Uploading").HfApi()
    target = f"https://huggingface.co/{repository}"
    say(f"{found.path} -> {target}: {', '.join(found.files)}")
    try:
        api.create_repo(repo_id=repository, private=private, exist_ok=True)
        api.upload_folder(
            repo_id=repository,
            folder_path=str(found.path),
            allow_patterns=found.files,
            commit_message=f"{found.name} of {found.metadata['date']}",
        )
    except Exception as error:  # its HTTP client has errors of its own
        raise DownloadError(
            f"{found.name} cannot be pushed to {target}: {first_line(error)}"
        ) from error
    return f"hf://{repository}"

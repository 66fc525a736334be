"""Files from web servers, in spite of the network."""

import contextlib
import dataclasses
import time

from dtf_keras.words import tell
from dtf_keras.zoo.preset import METADATA, check_file
from dtf_keras.zoo.problems import DownloadError, HashMismatchError
from dtf_keras.zoo.progress import DownloadProgress

SMALL = 1_000_000  # bytes that a file without known size may have
STATUSES = (408, 429, 500, 502, 503, 504)  # of HTTP, that may pass

_CHUNK = 1 << 13  # bytes; what is lost at most when a connection breaks
_BREAKS_OFF = "it breaks off before the end"


@dataclasses.dataclass(frozen=True)
class Patience:
    """How long a server is waited for."""

    connect: float = 10.0
    """Seconds until it answers."""
    stall: float = 30.0
    """Seconds without a byte."""
    attempts: int = 5
    """In all."""
    pause: float = 1.0
    """Seconds before the second attempt; twice as long before each further one."""


PATIENCE = Patience()


class PassingError(Exception):
    """Why an attempt failed, if the next one may not."""


class WebFolder:
    """A preset folder on a web server.

    What a preset is downloaded from has `where`, `metadata()` (bytes) and
    `fetch(name, path, facts, say)`; `dtf_keras.zoo.hub` has another one.

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


def persist(attempt, what, kept=lambda: False):
    """Calls `attempt` until it raises no `PassingError`; returns what it returns.

    Args:
        attempt: function without arguments.
        what: is to be had, for the error.
        kept: function without arguments; whether the next call can use what came.

    Raises:
        DownloadError: `PATIENCE.attempts` attempts failed.
    """
    for number in range(PATIENCE.attempts):
        if number:
            time.sleep(PATIENCE.pause * 2 ** (number - 1))
        try:
            return attempt()
        except PassingError as error:
            problem = error
    raise DownloadError(
        f"{what} cannot be had: {problem}, {PATIENCE.attempts} times. Try again later"
        f"{'; what came is kept' if kept() else ''}."
    ) from problem


def fetch_small(url):
    """The bytes of a small file (JSON) whose hash nobody knows.

    Raises:
        DownloadError: no server, no such file, or one above a megabyte.
    """

    def attempt():
        content = bytearray()
        with _open(url) as answer:
            for chunk in answer.iter_content(_CHUNK):
                content.extend(chunk)
                if len(content) > SMALL:
                    raise DownloadError(f"{url} is larger than a preset's metadata.")
        if len(content) < (_stated_size(answer) or 0):
            raise PassingError(_BREAKS_OFF)
        return bytes(content)

    return persist(attempt, url)


def fetch_file(url, path, size, sha256, say=tell):
    """Downloads a file, goes on where an earlier attempt stopped, and checks it.

    What is there so far lies in `path` + `.part`; `path` itself is whole or absent.

    Args:
        url: http or https.
        path: `pathlib.Path` to write.
        size: of the file, bytes.
        sha256: of the file.
        say: function that shows a line of text.

    Raises:
        DownloadError: no server, no such file, or it breaks off again and again; what
            came is kept for the next call.
        HashMismatchError: the server's file is another one; nothing is kept.
    """
    part = path.with_name(f"{path.name}.part")
    resumed = part.exists()
    try:
        with DownloadProgress(path.name, size, say) as progress:
            persist(
                lambda: _continue(url, part, size, progress),
                url,
                kept=lambda: _size_of(part) > 0,
            )
        check_file(part, sha256, _removed(url))
    except HashMismatchError:
        part.unlink(missing_ok=True)
        if not resumed:
            raise
        # Perhaps only what an earlier process left was wrong.
        return fetch_file(url, path, size, sha256, say)
    part.replace(path)


def _continue(url, part, size, progress):
    """One attempt to get the rest of a file."""
    have = _size_of(part)
    if have >= size:
        return  # Its hash tells whether it is right.
    with _open(url, have) as answer:
        stated = _stated_size(answer)
        if answer.status_code == 416 or stated not in (None, size):
            got = f"at most {have}" if stated is None else stated
            raise HashMismatchError(part, f"{size} bytes", got, _removed(url))
        resumes = answer.status_code == 206 and answer.headers.get(
            "Content-Range", ""
        ).startswith(f"bytes {have}-")
        have = have if resumes else 0
        with part.open("ab" if resumes else "wb") as file:
            for chunk in answer.iter_content(_CHUNK):
                file.write(chunk)
                have += len(chunk)
                progress(have, len(chunk))
                if have > size:
                    break  # Another file; no need to see all of it.
    if have < size:
        if answer.headers.get("Transfer-Encoding") == "chunked":  # its end was seen
            raise HashMismatchError(part, f"{size} bytes", have, _removed(url))
        raise PassingError(_BREAKS_OFF)


def _size_of(part):
    return part.stat().st_size if part.exists() else 0


def _removed(url):
    return f"It came from {url} and was removed."


@contextlib.contextmanager
def _open(url, first_byte=0):
    """The server's answer; its status is good, or 416 to a `first_byte` past the end.

    Raises:
        PassingError, DownloadError: no such answer, or it breaks off while it is read.
    """
    import requests

    headers = {"Accept-Encoding": "identity"}
    if first_byte:
        headers["Range"] = f"bytes={first_byte}-"
    timeout = (PATIENCE.connect, PATIENCE.stall)
    try:
        with requests.get(url, headers=headers, stream=True, timeout=timeout) as answer:
            if not (first_byte and answer.status_code == 416):
                answer.raise_for_status()
            yield answer
    except requests.HTTPError as error:
        problem = f"the server answers {answer.status_code} {answer.reason}"
        if answer.status_code in STATUSES:
            raise PassingError(problem) from error
        raise DownloadError(f"{url} cannot be had: {problem}.") from error
    except (requests.ConnectionError, requests.Timeout) as error:
        raise PassingError(f"no connection ({type(error).__name__})") from error
    except requests.exceptions.ChunkedEncodingError as error:
        raise PassingError(_BREAKS_OFF) from error
    except requests.RequestException as error:
        raise DownloadError(f"{url} cannot be had: {error}.") from error


def _stated_size(answer):
    """Bytes of the whole file, as the server states them; `None` if it does not."""
    headers = answer.headers
    if "Content-Range" in headers:
        stated = headers["Content-Range"].rpartition("/")[2]
    elif answer.status_code == 200 and "Content-Encoding" not in headers:
        stated = headers.get("Content-Length", "")
    else:
        return None  # A length is that of other bytes.
    return int(stated) if stated.isdigit() else None

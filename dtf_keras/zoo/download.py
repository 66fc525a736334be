"""One file from a web server, in spite of the network."""

import dataclasses
import time

from dtf_keras.eta import Eta
from dtf_keras.zoo.preset import check_file
from dtf_keras.zoo.problems import DownloadError, HashMismatchError

SMALL = 1_000_000  # bytes that a file without known size may have

_CHUNK = 1 << 13  # bytes; what is lost at most when a connection breaks
_AGAIN = (408, 429, 500, 502, 503, 504)  # statuses that may pass


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


def fetch_small(url):
    """The bytes of a small file (JSON) whose hash nobody knows.

    Raises:
        DownloadError: no server, no such file, or one above a megabyte.
    """
    content = bytearray()

    def attempt():
        content.clear()
        with _open(url, 0) as answer:
            for chunk in answer.iter_content(_CHUNK):
                content.extend(chunk)
                if len(content) > SMALL:
                    raise DownloadError(f"{url} is larger than a preset's metadata.")
            return len(content) >= _promised(answer)

    _persist(attempt, url)
    return bytes(content)


def fetch_file(url, path, size, sha256, say=print):
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
    progress = _Progress(path.name, size, say)
    _persist(lambda: _continue(url, part, size, progress), url)
    try:
        check_file(part, sha256, f"It came from {url} and was removed.")
    except HashMismatchError:
        part.unlink()
        if not resumed:
            raise
        # Perhaps only what an earlier process left was wrong.
        return fetch_file(url, path, size, sha256, say)
    part.replace(path)


def _continue(url, part, size, progress):
    """One attempt; returns whether the file is whole now."""
    have = part.stat().st_size if part.exists() else 0
    if have >= size:
        return True  # Its hash tells whether it is right.
    with _open(url, have) as answer:
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
    return have >= size


def _persist(attempt, url):
    """Calls `attempt` until it returns true."""
    import requests

    for number in range(PATIENCE.attempts):
        if number:
            time.sleep(PATIENCE.pause * 2 ** (number - 1))
        try:
            if attempt():
                return
            problem = "it breaks off before the end"
        except requests.HTTPError as error:
            status = error.response.status_code
            problem = f"the server answers {status} {error.response.reason}"
            if status not in _AGAIN:
                raise DownloadError(f"{url} cannot be had: {problem}.") from error
        except (requests.ConnectionError, requests.Timeout) as error:
            problem = f"no connection ({type(error).__name__})"
        except requests.exceptions.ChunkedEncodingError:
            problem = "it breaks off before the end"
        except requests.RequestException as error:
            raise DownloadError(f"{url} cannot be had: {error}.") from error
    raise DownloadError(
        f"{url} cannot be had: {problem}, {PATIENCE.attempts} times. Try again later; "
        "what came is kept."
    )


def _open(url, first_byte):
    import requests

    headers = {"Accept-Encoding": "identity"}
    if first_byte:
        headers["Range"] = f"bytes={first_byte}-"
    answer = requests.get(
        url,
        headers=headers,
        stream=True,
        timeout=(PATIENCE.connect, PATIENCE.stall),
    )
    try:
        answer.raise_for_status()
    except requests.HTTPError:
        answer.close()
        raise
    return answer


def _promised(answer):
    return int(answer.headers.get("Content-Length", 0))


class _Progress:
    """Says now and then how much of a file is here and how long the rest takes."""

    def __init__(self, name, size, say):
        self.name, self.size, self.say = name, size, say
        self.came = 0
        self.eta = None

    def __call__(self, have, new):
        if self.eta is None:
            self.eta = Eta(self.size - have + new, self.say, seconds=1)
        self.came += new
        done = min(self.came, self.eta.total)
        self.eta(done, f"  {self.name}: {have / 1e6:.1f} of {self.size / 1e6:.1f} MB")

"""Every clip's files read once before they are trusted, and that remembered.

What is missing or damaged is found here, before training, and not in its third hour.
"""

import concurrent.futures
import hashlib
import json
import os
import warnings

from dtf_keras.data.frame_cache import cache_folder
from dtf_keras.data.frame_folder import FootageError
from dtf_keras.data.pipeline import default_workers
from dtf_keras.eta import Eta
from dtf_keras.files import write_json


def count_frames(label, root, footage, cache_dir=None, say=print):
    """Checks the files of many clips, those that changed since the last time.

    Args:
        label: str, what is checked, for people.
        root: where the corpus is; what is found is remembered by it and the label.
        footage: dict of clip id to `FrameFolder`, `Video` or `PoseFile`.
        cache_dir: folder that remembers, see `dtf_keras.data.frame_cache`.
        say: function that shows a line of text.

    Returns:
        A dict of clip id to its number of frames, and a dict of clip id to a string
        of what is wrong with it. Each clip is in one of them.

    Raises:
        OSError: the folder that remembers cannot be written; the sentence names it.
    """
    known = _Known(label, root, cache_dir)
    wrong, left = {}, {}
    for clip, one in footage.items():
        try:
            fingerprint = f"{one.path} {one.fingerprint()}"
        except FootageError as error:
            wrong[clip] = str(error)
            continue
        if known.found.get(clip, [None])[0] != fingerprint:
            left[clip] = fingerprint
    if left:
        say(f"{label}: reading the files of {len(left)} clips once, to check them")
        try:
            _check(label, footage, left, known.found, wrong, say)
        finally:
            known.write()
    return {clip: known.found[clip][1] for clip in footage if clip not in wrong}, wrong


def _check(label, footage, left, found, wrong, say):
    eta = Eta(len(left), say)
    with concurrent.futures.ThreadPoolExecutor(default_workers()) as pool:
        jobs = {pool.submit(footage[clip].check): clip for clip in left}
        try:
            for done, job in enumerate(concurrent.futures.as_completed(jobs), start=1):
                clip = jobs[job]
                try:
                    found[clip] = [left[clip], job.result()]
                except FootageError as error:
                    found.pop(clip, None)
                    wrong[clip] = str(error)
                eta(done, f"  {label}: {done}/{len(left)} clips")
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


class _Known:
    """What was found before: of each clip a fingerprint and its number of frames."""

    def __init__(self, label, root, cache_dir):
        digest = hashlib.sha256(os.path.abspath(root).encode()).hexdigest()[:16]
        name = f"{label.replace(' ', '-')}-{digest}.checked.json"
        self.path = cache_folder(cache_dir) / name
        self.found = {}
        if self.path.is_file():
            try:
                self.found = json.loads(self.path.read_text(encoding="utf-8"))
            except ValueError:
                warnings.warn(f"{self.path} is damaged and made anew.", stacklevel=3)

    def write(self):
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_json(self.path, self.found)
        except OSError as error:
            raise OSError(
                f"What the check found cannot be kept in {self.path.parent} "
                f"({error.strerror or error}); make room there or choose another "
                "folder with cache_dir or DTF_KERAS_CACHE."
            ) from error

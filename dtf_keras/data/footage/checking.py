"""Every clip's files read once before they are trusted, and that remembered.

What is missing or damaged is found here, before training, and not in its third hour.
"""

import hashlib
import operator
import os
import warnings

from dtf_keras.damage import damage_as
from dtf_keras.data.batches.read_ahead import default_workers, read_ahead
from dtf_keras.data.footage.frame_folder import FootageError
from dtf_keras.eta import Eta
from dtf_keras.files import cache_folder, say_not_kept, set_aside, write_json
from dtf_keras.json_text import parse_object
from dtf_keras.words import tell

TOGETHER = 64  # clips that a thread looks at, each of which takes microseconds


def count_frames(label, root, footage, cache_dir=None, say=tell):
    """Checks the files of many clips, those that changed since the last time.

    Args:
        label: str, what is checked, for people.
        root: where the corpus is; what is found is remembered by it and the label.
        footage: dict of clip id to `FrameFolder` or `Video`, or what
            `dtf_keras.data.clip_kinds` makes of one.
        cache_dir: folder that remembers, see `dtf_keras.data.batches.frame_cache`.
        say: function that shows a line of text.

    Returns:
        A dict of clip id to its number of frames, and a dict of clip id to a string
        of what is wrong with it. Each clip is in one of them.
    """
    known = _Known(label, root, cache_dir)
    wrong, left = {}, {}

    def fingerprint(one):
        return f"{one.path} {one.fingerprint()}"

    looked = _each(
        f"{label}: looked at", footage, fingerprint, wrong, say, together=TOGETHER
    )
    for clip, seen in looked:
        if known.found.get(clip, [None])[0] != seen:
            left[clip] = seen
    if left:
        say(f"{label}: reading the files of {len(left)} clips once, to check them")
        todo = {clip: footage[clip] for clip in left}
        try:
            check = operator.methodcaller("check")
            for clip, num_frames in _each(f"{label}: read", todo, check, wrong, say):
                known.found[clip] = [left[clip], num_frames]
        finally:
            known.write(say)
    return {clip: known.found[clip][1] for clip in footage if clip not in wrong}, wrong


def _each(doing, footage, call, wrong, say, together=1):
    """Yields clips and `call` of their footage, which threads call ahead.

    Where that raises FootageError, its text goes into `wrong` instead. So many clips
    `together` are the work of a thread.
    """

    def attempt(clip, one):
        try:
            return clip, call(one), None
        except FootageError as error:
            return clip, None, str(error)

    def attempts(*items):
        return [attempt(*item) for item in items]

    items, done = list(footage.items()), 0
    parts = (items[at : at + together] for at in range(0, len(items), together))
    eta, workers = Eta(len(items), say), default_workers()
    for results in read_ahead(attempts, parts, workers, ahead=2 * workers):
        for clip, result, why in results:
            if why is None:
                yield clip, result
            else:
                wrong[clip] = why
        done += len(results)
        eta(done, f"  {doing} {done}/{len(items)} clips")


class _Known:
    """What was found before: of each clip a fingerprint and its number of frames."""

    def __init__(self, label, root, cache_dir):
        digest = hashlib.sha256(os.path.abspath(root).encode()).hexdigest()[:16]
        name = f"{label.replace(' ', '-')}-{digest}.checked.json"
        self.path = cache_folder(cache_dir) / name
        self.found = {}
        if os.path.isfile(self.path):
            try:
                self.found = self._read()
            except OSError:
                return  # not kept: whatever is there stays
            except ValueError:
                kept = set_aside(self.path)
                warnings.warn(
                    f"{self.path} is damaged: kept as {kept} and made anew.",
                    stacklevel=3,
                )

    def _read(self):
        with damage_as(ValueError):
            found = parse_object(self.path.read_bytes())
            return {clip: [str(seen), int(n)] for clip, (seen, n) in found.items()}

    def write(self, say):
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_json(self.path, self.found)
        except OSError as error:
            say_not_kept(self.path.parent, error, say)

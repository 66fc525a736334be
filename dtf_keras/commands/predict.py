"""The command line of recognition."""

import pathlib
import sys
from dataclasses import dataclass, field
from typing import Annotated, Literal

import tyro

from dtf_keras import recognition
from dtf_keras.commands.early_flags import decoder_before, early_flags
from dtf_keras.commands.ending import command, fail
from dtf_keras.commands.trained_model import READS_PEOPLE, load_model, preset_of
from dtf_keras.data import ClipError
from dtf_keras.data.corpora.fingerspelling import recordings
from dtf_keras.data.corpora.fingerspelling.spelling import spell, spell_hand
from dtf_keras.data.footage.video_writer import write_video
from dtf_keras.decoding import DecoderOptions
from dtf_keras.eta import Eta
from dtf_keras.files import write_json, write_text, write_whole
from dtf_keras.training.run.folder import RunFolder
from dtf_keras.training.settings.config import SettingError
from dtf_keras.words import tell

SHOWN = 20.0  # seconds of a clip that its picture shows


@dataclass(frozen=True)
class PredictArguments:
    """Recognizes the glosses of clips, and says when each is signed.

    Without a clip it reads a short video that comes with the package. With --out it
    also writes, for each clip, a JSON file, subtitles and a picture. KERAS_BACKEND
    (tensorflow, jax or torch) chooses the backend.
    """

    clips: tyro.conf.Positional[tuple[pathlib.Path, ...]] = ()
    """Video files, folders of pictures (one a frame) or .pose files."""
    model: str = READS_PEOPLE
    """Zoo model or preset, as `dtf_keras.zoo.list()` names it."""
    weights: str | None = None
    """Its weights, as `dtf_keras.zoo.get` takes them; by default those of the zoo."""
    run: pathlib.Path | None = None
    """Run folder that fit.py wrote: its best weights instead of a model of the zoo."""
    out: pathlib.Path | None = None
    """Folder to write to."""
    subtitles: Literal["vtt", "srt"] = "vtt"
    """Subtitles to write: WebVTT or SRT."""
    picture: Literal["png", "pdf", "svg", "none"] = "png"
    """Kind of picture to write."""
    moments: tuple[float, ...] = ()
    """Seconds at which the picture shows which frames a dynamic layer fused; the
    middle of each recognized gloss by default."""
    num_best: int = 1
    """Gloss sequences to give of each clip; more than one takes a beam search."""
    decoder: DecoderOptions = field(default_factory=DecoderOptions)
    """How glosses are read off the model; by default as in training, with --run, or as
    the preset says."""
    frame_rate: float | None = None
    """Frames a second of the folders of pictures; that of the model by default."""
    window: int | None = None
    """Frames of the windows that long clips are cut into."""
    overlap: int | None = None
    """Frames that two windows share; by default as many as make no difference."""
    mirrored: tyro.conf.FlagCreatePairsOff[bool] = False
    """The clips show left and right exchanged, as in a mirror."""
    spell: Annotated[tuple[str, ...], tyro.conf.arg(metavar="WORD")] = ()
    """Words to spell first, as WORD.mp4, and then to recognize."""
    language: Literal[recordings.LANGUAGES] = "ase"
    """Sign language to spell in."""


@command(ValueError, OSError, ModuleNotFoundError)
def main(argv=None):
    """Runs the command; returns the exit status."""
    argv = list(sys.argv[1:] if argv is None else argv)
    default = PredictArguments(decoder=_decoder(argv))
    arguments = tyro.cli(PredictArguments, args=argv, default=default)
    return 1 if predict(arguments) else 0


def _decoder(argv):
    """How glosses are read off where the command line says nothing: as in the run, or
    as the preset says."""
    given = early_flags(argv, run=None, model=READS_PEOPLE, weights=None)
    own = None
    if given.run is not None:
        if RunFolder(given.run).config.is_file():
            own = RunFolder(given.run).read_config().config.decoder
    elif not {"-h", "--help"} & {*argv}:  # which need not wait for Keras
        preset = preset_of(given.model, given.weights)
        own = preset and preset.decoder
    return decoder_before(argv, own or DecoderOptions())


def predict(arguments):
    """Recognizes clips, prints the glosses and writes what was asked for.

    Args:
        arguments: `PredictArguments`.

    Returns:
        The number of clips that could not be read.
    """
    if arguments.moments and not arguments.out:
        raise SettingError("--moments are for the picture: give --out as well.")
    if arguments.out:
        arguments.out.mkdir(parents=True, exist_ok=True)
    model = load_model(arguments.model, arguments.weights, arguments.run)
    decoder = arguments.decoder
    if decoder == DecoderOptions() and arguments.num_best > 1:
        decoder = None
    recognizer = recognition.ClipRecognizer(
        model, arguments.num_best, decoder, arguments.window, arguments.overlap
    )
    clips = [(str(clip), clip) for clip in arguments.clips]
    clips = clips + _spelt(arguments, model) or [_example(model)]
    failures, names = 0, set()
    eta = Eta(len(clips), _say)
    for number, (name, clip) in enumerate(clips, start=1):
        try:
            source = recognizer.open(
                clip,
                arguments.frame_rate,
                name,
                mirrored=arguments.mirrored,
                say=_say,
            )
            result = recognizer(source)
            tell(_text(result))
            if arguments.out:
                name = _new_name(pathlib.Path(name).stem, names)
                _write(arguments, name, model, source, result)
        except ClipError as error:
            failures += 1
            fail(error)
        eta(number, f"  {number}/{len(clips)} clips")
    if arguments.out and names:
        tell(f"JSON, subtitles and pictures are in {arguments.out}.")
    return failures


def _spelt(arguments, model):
    """Writes the words to spell as videos; returns names and what the model reads."""
    spelt = []
    for word in arguments.spell:
        frames = spell(word, arguments.language)
        path = (arguments.out or pathlib.Path()) / f"{word.upper()}.mp4"
        write_video(path, frames, recordings.FRAME_RATE)
        tell(f"{path} is {word.upper()} in {arguments.language}.")
        clip = path
        if model.input_format.of_landmarks:
            clip = spell_hand(word, arguments.language)
        spelt.append((str(path), clip))
    return spelt


def _example(model):
    """What comes with the package: its name, and what the model reads of it."""
    path = recognition.example_clip()
    if model.input_format.of_landmarks:
        return str(path), recognition.example_hand()
    return str(path), path


def _say(line):
    tell(line, sys.stderr)


def _text(result):
    lines = [f"{result.clip} ({result.seconds:.2f} s): {result or '(nothing)'}"]
    width = max((len(gloss.gloss) for gloss in result), default=0)
    lines += [
        f"  {g.start:7.2f} - {g.end:7.2f} s  {g.gloss:<{width}}  {g.confidence:.2f}"
        for g in result
    ]
    if result.gaps:
        gaps = ", ".join(f"{start:.2f} - {end:.2f}" for start, end in result.gaps)
        lines.append(f"  no hand is seen at {gaps} s")
    for place, other in enumerate(result.alternatives[1:], start=2):
        lines.append(f"  {place}. (score {other.score:.2f}) {other or '(nothing)'}")
    return "\n".join(lines)


def _new_name(stem, names):
    """The name of a clip's files, another one for each clip."""
    name, number = stem or "clip", 2
    while name in names:
        name, number = f"{stem}-{number}", number + 1
    names.add(name)
    return name


def _write(arguments, name, model, source, result):
    write_json(
        arguments.out / f"{name}.json", {**result.to_dict(), "model": model.name}
    )
    kind = arguments.subtitles
    text = recognition.webvtt(result) if kind == "vtt" else recognition.srt(result)
    write_text(arguments.out / f"{name}.{kind}", text)
    if arguments.picture != "none":
        path = arguments.out / f"{name}.{arguments.picture}"
        write_whole(
            path, lambda part: _draw(part, model, source, result, arguments.moments)
        )


def _draw(path, model, source, result, moments):
    from dtf_keras import pictures

    seen = recognition.inspect(model, source, SHOWN)
    pictures.draw_result(path, seen, result, model, moments)

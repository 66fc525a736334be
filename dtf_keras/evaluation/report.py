"""A score in plain text: results by signer, the commonest errors, every alignment."""

from dtf_keras.evaluation.counts import percent_of
from dtf_keras.evaluation.rules import find_rules

MOST_COMMON = 20
GAP = "***"


def describe(score):
    """The results in a few lines: error rate, errors of each kind, the same by signer.

    Args:
        score: `Score`.
    """
    counts, percent = score.counts, score.percent
    kind = find_rules(score.rules).errors
    lines = [
        f"{kind.rate} {percent['err']:.1f} % by the rules {score.rules}: "
        f"{counts['err']} errors in {counts['wrd']} {kind.unit} "
        f"({counts['sub']} substitutions, {counts['del']} deletions, "
        f"{counts['ins']} insertions); "
        f"{percent['serr']:.1f} % of {counts['snt']} clips have an error"
    ]
    if score.characters:
        lines.append(score.characters.in_words)
    if score.missing:
        lines.append(
            f"{len(score.missing)} clips are missing from the hypothesis and count as "
            f"not recognized, the first is {score.missing[0]}"
        )
    return "\n".join([*lines, *signer_table(score)])


def signer_table(score):
    """Lines with the results of each signer, if there are several."""
    if len(score.speakers) < 2:
        return []
    kind = find_rules(score.rules).errors
    rows = [("signer", "clips", kind.unit, kind.rate, "S", "D", "I")]
    for signer, counts in sorted(score.speakers.items()):
        wer = percent_of(counts)["err"]
        kinds = (str(counts[kind]) for kind in ("sub", "del", "ins"))
        shown = "-" if wer is None else f"{wer:.1f} %"
        rows.append((signer, str(counts["snt"]), str(counts["wrd"]), shown, *kinds))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def text_report(score, title):
    """The whole report, side by side as in sclite's: signed above, recognized below.

    Args:
        score: `Score`.
        title: what was scored.

    Returns:
        Text.
    """
    clips = map(_clip, worst_first(score))
    parts = [f"{title}\n{describe(score)}", *_common(score), *clips]
    return "\n\n".join(parts) + "\n"


def worst_first(score):
    """The clips of a score, those with the most errors first."""
    return sorted(score.clips, key=lambda clip: -clip.counts.errors)


def _common(score):
    for kind, heading in (
        ("S", "Most confused: signed -> recognized"),
        ("D", "Most missed"),
        ("I", "Most added"),
    ):
        found = score.most_common(kind)[:MOST_COMMON]
        if found:
            lines = [
                f"{count:6}  {' -> '.join(filter(None, pair))}" for pair, count in found
            ]
            yield "\n".join([heading, *lines])


def _clip(clip):
    columns = [
        (pair.reference or GAP, pair.hypothesis or GAP, pair.kind.strip("C"))
        for pair in clip.pairs
    ]
    rows = ["signed     ", "recognized ", "error      "]
    for column in columns:
        width = max(map(len, column))
        rows = [
            f"{row} {cell:<{width}}" for row, cell in zip(rows, column, strict=True)
        ]
    correct, substituted, deleted, inserted = clip.counts
    signer = f" ({clip.signer})" if clip.signer else ""
    return "\n".join(
        [
            f"{clip.id}{signer}: C {correct}, S {substituted}, D {deleted}, "
            f"I {inserted}",
            *(row.rstrip() for row in rows),
        ]
    )

"""A score as a web page that needs no other file and no network."""

from html import escape

from dtf_keras.evaluation.counts import percent_of
from dtf_keras.evaluation.report import MOST_COMMON, worst_first
from dtf_keras.evaluation.rules import find_rules

# Okabe and Ito's colours, which colour-blind readers tell apart; without them too a
# deletion has nothing below it and an insertion nothing above.
_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; color: #222; background: #fff;
  max-width: 76rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.3rem; margin-bottom: .2rem }
h2 { font-size: 1.05rem; margin: 2rem 0 .5rem }
.wer { font-size: 2.4rem; font-weight: 600 }
.tables { display: flex; flex-wrap: wrap; gap: 0 2.2rem; align-items: flex-start }
table { border-collapse: collapse }
caption { text-align: left; font-weight: 600; padding: .8rem 0 .3rem }
th, td { padding: .1rem .8rem .1rem 0; text-align: left; border-top: 1px solid #ddd }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
.clip { border-top: 1px solid #ddd; padding: .5rem 0 }
.clip p { margin: 0 0 .2rem; color: #666; font-size: .85rem }
.clip b { color: #222 }
.row { display: flex; flex-wrap: wrap; gap: .3rem .25rem }
.row span { display: grid; grid-template-rows: repeat(2, 1.4em); padding: 0 .35rem;
  border-bottom: 3px solid transparent }
.row i { font-style: normal }
.row .S { background: #fdf0d5; border-color: #E69F00 }
.row .D { background: #dbeaf5; border-color: #0072B2 }
.row .I { background: #f6e3ee; border-color: #CC79A7 }
.key span { display: inline-block; padding: 0 .5rem; margin-right: .6rem }
"""
_KINDS = {"S": "substitution", "D": "deletion", "I": "insertion"}


def html_report(score, title):
    """The whole report: results, results by signer, commonest errors, alignments.

    Args:
        score: `Score`.
        title: what was scored.

    Returns:
        HTML text.
    """
    counts, percent = score.counts, score.percent
    rules = find_rules(score.rules)
    parts = [
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>",
        f"<h1>{escape(title)}</h1>",
        f'<div class="wer">{percent["err"]:.1f} % {rules.errors.rate}</div>',
        f"<p>{counts['err']} errors in {counts['wrd']} {rules.errors.unit}: "
        f"{counts['sub']} substitutions, {counts['del']} deletions, "
        f"{counts['ins']} insertions. "
        f"{percent['serr']:.1f} % of {counts['snt']} clips have an error. "
        f"Counted {rules.aligned}, by the rules {escape(score.rules)}.</p>",
    ]
    if score.characters:
        parts.append(f"<p>{escape(score.characters.in_words)}.</p>")
    if score.missing:
        parts.append(
            f"<p>{len(score.missing)} clips are missing from the hypothesis and count "
            "as not recognized.</p>"
        )
    parts += [
        '<div class="tables">',
        _signers(score, rules.errors),
        _common(score, "S", "Most confused", ("signed", "recognized")),
        _common(score, "D", "Most missed", ("signed",)),
        _common(score, "I", "Most added", ("recognized",)),
        "</div>",
        "<h2>Every clip, those with the most errors first</h2>",
        '<p class="key row">Signed above, recognized below. '
        + "".join(f'<span class="{k}">{k} {name}</span>' for k, name in _KINDS.items())
        + "</p>",
        *map(_clip, worst_first(score)),
    ]
    return "\n".join(filter(None, parts)) + "\n</html>\n"


def _table(caption, header, rows):
    def row(cells, tag):
        texts = (escape("-" if cell is None else str(cell)) for cell in cells)
        kinds = ("" if isinstance(cell, str) else ' class="n"' for cell in rows[0])
        columns = zip(texts, kinds, strict=True)
        return "".join(f"<{tag}{kind}>{text}</{tag}>" for text, kind in columns)

    lines = [row(header, "th"), *(row(cells, "td") for cells in rows)]
    body = "\n".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table><caption>{caption}</caption>\n{body}</table>"


def _signers(score, kind):
    rows = [
        (signer, *(counts[name] for name in ("snt", "wrd")), percent_of(counts)["err"])
        + tuple(counts[name] for name in ("sub", "del", "ins"))
        for signer, counts in sorted(score.speakers.items())
    ]
    header = ("signer", "clips", kind.unit, f"{kind.rate} %", "S", "D", "I")
    return _table("By signer", header, rows) if rows else ""


def _common(score, kind, caption, header):
    found = score.most_common(kind)[:MOST_COMMON]
    rows = [(*filter(None, pair), count) for pair, count in found]
    return _table(caption, (*header, "times"), rows) if rows else ""


def _clip(clip):
    pairs = []
    for pair in clip.pairs:
        words = (escape(word) if word else "&nbsp;" for word in pair[1:])
        title = f' title="{_KINDS[pair.kind]}"' if pair.kind in _KINDS else ""
        shown = "".join(f"<i>{word}</i>" for word in words)
        pairs.append(f'<span class="{pair.kind}"{title}>{shown}</span>')
    correct, *errors = clip.counts
    kinds = ", ".join(f"{kind} {n}" for kind, n in zip("SDI", errors, strict=True))
    signer = f", {escape(clip.signer)}" if clip.signer else ""
    return (
        f'<div class="clip"><p><b>{escape(clip.id)}</b>{signer}: {correct} correct, '
        f'{kinds}</p><div class="row">{"".join(pairs)}</div></div>'
    )

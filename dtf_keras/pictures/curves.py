"""The curves of a training run."""

from dtf_keras.pictures.figure import COLOURS, INK, figure


def draw_curves(path, history, title="", rate="WER"):
    """Draws the training loss and the dev error rate, split by kind of error, by epoch.

    Args:
        path: the PNG file to write.
        history: one dict an epoch with `epoch` (from 0), `loss`, `val_wer`
            (percent), `val_substitutions`, `val_deletions` and `val_insertions`
            (counts).
        title: heading of the picture.
        rate: name of the error rate: the WER, or the CER of characters.

    Raises:
        ValueError: the history is empty.
    """
    if not history:
        raise ValueError("The history has no epoch yet: there is no curve to draw.")
    epochs = [row["epoch"] + 1 for row in history]
    wer = [row["val_wer"] for row in history]
    with figure(path, 8, 3.2) as picture:
        loss_axes, wer_axes = picture.subplots(1, 2)
        marker = "o" if len(epochs) < 40 else None
        line = {"marker": marker, "markersize": 3, "color": INK}
        loss_axes.plot(epochs, [row["loss"] for row in history], **line)
        loss_axes.set(title="training loss (CTC)", xlabel="epoch", ylabel="loss")
        loss_axes.set_ylim(bottom=0)
        wer_axes.stackplot(
            epochs,
            [_percents(history, f"val_{kind}") for kind in KINDS],
            labels=KINDS,
            colors=COLOURS[:3],
            alpha=0.55,
        )
        wer_axes.plot(epochs, wer, label=rate, **line)
        best = min(range(len(wer)), key=wer.__getitem__)
        wer_axes.annotate(
            f"best {wer[best]:.1f} %",
            (epochs[best], wer[best]),
            xytext=(0, 26),
            textcoords="offset points",
            ha="center" if best < len(wer) - 1 else "right",
            fontweight="bold",
            arrowprops={"arrowstyle": "-", "color": INK, "lw": 0.8},
        )
        wer_axes.set(title=f"{rate} on dev", xlabel="epoch", ylabel="percent")
        wer_axes.set_ylim(0, max(100.0, *wer) * 1.15)
        wer_axes.legend(loc="upper right", reverse=True)
        for axes in (loss_axes, wer_axes):
            margin = 0 if len(epochs) > 1 else 1
            axes.set_xlim(epochs[0] - margin, epochs[-1] + margin)
            axes.xaxis.get_major_locator().set_params(integer=True)
        if title:
            picture.suptitle(title)


KINDS = ("substitutions", "deletions", "insertions")


def _percents(history, name):
    """Errors of one kind in percent of the reference glosses; they add up to WER."""
    totals = [sum(row[f"val_{kind}"] for kind in KINDS) for row in history]
    return [
        row["val_wer"] * row[name] / total if total else 0.0
        for row, total in zip(history, totals, strict=True)
    ]

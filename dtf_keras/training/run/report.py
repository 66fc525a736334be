"""Writes the results and pictures of a run."""

import math

from dtf_keras import pictures
from dtf_keras.evaluation import errors_from_dict
from dtf_keras.files import write_json, write_whole
from dtf_keras.training.run.clip_picture import ClipPicture


def write_report(folder, config, model, batches, dev, results, made_with, warnings):
    """Writes `metrics.json`, `curves.png` and `alignment.png`.

    Args:
        folder: `RunFolder` with its history.
        config: `RunConfig`.
        model: the model with its best weights.
        batches: `ClipBatches` of the training split.
        dev: dev split.
        results: dict of the name of each split that was measured to its errors.
        made_with: dict of backend and versions.
        warnings: sentences about what went wrong in training.

    Returns:
        The dict in `metrics.json`. WERs are in percent, times in seconds; where glosses
        are characters the WER is the CER, and what else `CharacterErrors` has is with
        it.
    """
    history = folder.read_history()
    seconds = sum(row["train_seconds"] for row in history)
    frames = sum(sum(batches.clip_lengths(n)) for n in range(len(history)))
    metrics = {
        "model": config.model,
        "data": config.data,
        "wer": {split: errors.to_dict() for split, errors in results.items()},
        "best_epoch": 1 + min(range(len(history)), key=lambda i: history[i]["val_wer"]),
        "parameters": model.count_params(),
        "trainable_parameters": sum(
            math.prod(weight.shape) for weight in model.trainable_weights
        ),
        "train_seconds": round(seconds, 1),
        "dev_seconds": round(sum(row["val_seconds"] for row in history), 1),
        "frames_per_second": round(frames / seconds, 1),
        "infeasible_clips": round(history[-1].get("infeasible_clips", 0)),
        "warnings": warnings,
        "seed": config.seed,
        "made_with": made_with,
        "config": config.to_dict(),
    }
    name, rate = f"{config.model} on {config.data}", results["dev"].rate
    write_whole(
        folder.curves, lambda part: pictures.draw_curves(part, history, name, rate)
    )
    write_whole(folder.alignment, ClipPicture(model, dev).draw)
    write_json(folder.metrics, metrics)
    return metrics


def describe(metrics):
    """The results of a run in a few lines of text, from its `metrics.json`."""
    minutes = metrics["train_seconds"] / 60
    wers = [
        f"{split} {errors.rate} {errors}"
        for split, errors in (
            (split, errors_from_dict(counts))
            for split, counts in metrics["wer"].items()
        )
    ]
    return "\n".join(
        [
            *wers,
            f"(weights of epoch {metrics['best_epoch']}, the best on dev; trained "
            f"{minutes:.1f} minutes at {metrics['frames_per_second']:,.0f} frames/s)",
        ]
    )

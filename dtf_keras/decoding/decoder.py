"""One entry to all ways of decoding."""

from dtf_keras.decoding.prefix_search import beam_search
from dtf_keras.decoding.spans import greedy_spans, merge_repeated


def decode(logits, num_steps=None, strategy="greedy", **settings):
    """Recognizes the glosses of each clip.

    Args:
        logits: `[B, T', V]` float, class 0 is blank. Those of a zoo model need no
            `num_steps`.
        num_steps: `[B]` int, valid steps of each clip; all T' if `None`.
        strategy: `"greedy"`, the most probable path, or `"beam"`, `beam_search`.
        **settings: `merge_repeated_glosses`; with `"beam"` also `width`, `top`,
            `language_model`, `alpha` and `beta`, as `beam_search` takes them.

    Returns:
        List of B lists of class ids (int).

    Raises:
        ValueError: no such strategy, a setting of the beam search for another one, or
            as `greedy` and `beam_search` do.

    Example:

    >>> logits = np.log([[[0.4, 0.3, 0.3], [0.4, 0.5, 0.1]]])
    >>> decode(logits), decode(logits, strategy="beam", width=5)
    ([[1]], [[1]])
    """
    rows = decode_spans(logits, num_steps, strategy, **settings)
    return [[span.class_id for span in spans] for spans in rows]


def decode_spans(
    logits,
    num_steps=None,
    strategy="greedy",
    merge_repeated_glosses=False,
    **beam_settings,
):
    """The glosses of `decode` with the steps they take and how sure the model is.

    Args:
        logits, num_steps, strategy, merge_repeated_glosses, **beam_settings: as
            `decode` takes them.

    Returns:
        List of B lists of `Span`, in the order of time.

    Raises:
        ValueError: as `decode` does.
    """
    if strategy == "beam":
        found = beam_search(
            logits,
            num_steps,
            merge_repeated_glosses=merge_repeated_glosses,
            **beam_settings,
        )
        return [hypotheses[0].spans for hypotheses in found]
    if strategy != "greedy":
        raise ValueError(
            f"There is no decoding strategy {strategy!r}: take 'greedy' or 'beam'."
        )
    if beam_settings:
        raise ValueError(
            f"{next(iter(beam_settings))} is a setting of the beam search: leave it "
            "out, or decode with the strategy 'beam'."
        )
    rows = greedy_spans(logits, num_steps)
    return [merge_repeated(row) for row in rows] if merge_repeated_glosses else rows

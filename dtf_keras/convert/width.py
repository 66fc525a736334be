"""How wide a network is, from the sizes of its tensors."""


def infer_width(counts):
    """The factor on all channel counts that most of them agree with.

    A count c of a layer with b channels at width 1 comes from any width between
    (c - 0.5)/b and (c + 0.5)/b; the shortest decimal in the narrowest common range is
    taken.

    Args:
        counts: pairs of a count and the count at width 1.

    Returns:
        float; 1.0 if there are none.

    Example:

    >>> infer_width([(10, 32), (19, 64)])
    0.3
    """
    if not counts:
        return 1.0
    ranges = [
        ((count - 0.5) / base if count > 1 else 0, (count + 0.5) / base)
        for count, base in counts
    ]
    low = max(sorted(low for low, _ in ranges), key=lambda x: _holding(x, ranges))
    around = [r for r in ranges if r[0] <= low < r[1]]
    low, high = max(low for low, _ in around), min(high for _, high in around)
    for digits in range(8):
        width = round((low + high) / 2, digits)
        if low < width < high:
            return width
    return (low + high) / 2


def _holding(x, ranges):
    return sum(low <= x < high for low, high in ranges)

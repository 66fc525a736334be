"""The tables of README and docs on size and speed, from `results/models.csv`."""

from dtf_keras.benchmarks.models import BACKBONE, PLAIN

_PHASES = ("forward", "training")


def tables(rows):
    """The Markdown of each table by its name.

    Args:
        rows: list of `dtf_keras.benchmarks.models.Figures`, not empty.

    Returns:
        Dict of `sizes`, parameters and multiply-adds of the models of 224 x 224 pixels;
        `models`, what every model takes on the backend and machine that most of them
        were measured on; `speeds`, all rows, a table for each machine and batch.
    """
    return {"sizes": _sizes(rows), "models": _models(rows), "speeds": _speeds(rows)}


def _sizes(rows):
    wide = [row for row in _of_models(rows) if row.frame_size == "224x224"]
    first = {row.model: row for row in reversed(wide) if row.width == 1}
    cells = [
        (f"`{name}`", f"{first[name].parameters:,}", f"{first[name].gmacs_per_frame:g}")
        for name in dict.fromkeys(row.model for row in wide)
        if name in first
    ]
    return _markdown(["name", "parameters", "GMAC a frame"], cells)


def _models(rows):
    groups = _grouped(_of_models(rows), lambda row: (row.backend, *_where(row)))
    largest = max(groups, key=lambda group: len({row.model for row in group}))
    names = ["model", "pixels", "parameters", "GMAC a frame", *_of_phases("frames/s")]
    cells = [
        [*_size_cells(pair), *_speed_cells(pair)]
        for pair in _grouped(largest, _of_a_model)
    ]
    return f"{_caption(largest, largest[0].backend)}\n\n{_markdown(names, cells)}"


def _speeds(rows):
    names = ["model", "pixels", "parameters", "GMAC a frame", "backend"]
    names += [*_of_phases("frames/s"), *_of_phases("of a matrix product")]
    names += _of_phases("GiB")
    parts = []
    for group in _grouped(rows, _where):
        pairs = [
            pair
            for own in _grouped(group, _of_a_model)
            for pair in _grouped(own, lambda row: row.backend)
        ]
        cells = [
            [
                *_size_cells(p),
                p[0].backend,
                *_speed_cells(p),
                *_share_cells(p),
                *_memory_cells(p),
            ]
            for p in pairs
        ]
        parts.append(f"{_caption(group)}\n\n{_markdown(names, cells)}")
    return "\n\n".join(parts)


def _of_models(rows):
    return [row for row in rows if row.model not in (BACKBONE, PLAIN)]


def _of_phases(unit):
    return [f"{phase}, {unit}" for phase in _PHASES]


def _where(row):
    """What rows of one table share."""
    batch = row.clips, row.frames, row.classes
    return row.device, row.precision, *batch, row.width


def _of_a_model(row):
    return row.model, row.frame_size


def _grouped(rows, key):
    """Lists of the rows of the same key, in their order."""
    groups = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return list(groups.values())


def _size_cells(pair):
    one = pair[0]
    name = one.model if one.model in (BACKBONE, PLAIN) else f"`{one.model}`"
    pixels = one.frame_size.replace("x", " x ")
    return name, pixels, f"{one.parameters:,}", f"{one.gmacs_per_frame:g}"


def _speed_cells(pair):
    found = {row.phase: f"{row.frames_per_second:,.1f}" for row in pair}
    return [found.get(phase, "") for phase in _PHASES]


def _share_cells(pair):
    found = {row.phase: f"{100 * row.matrix_share:.0f} %" for row in pair}
    return [found.get(phase, "") for phase in _PHASES]


def _memory_cells(pair):
    found = {row.phase: f"{row.peak_memory_gib:.2f}" for row in pair}
    return [found.get(phase, "") for phase in _PHASES]


def _caption(group, *backend):
    """When and on what the rows of a table were measured."""
    one = group[0]
    days = sorted({row.date for row in group})
    said = [
        days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}",
        one.device,
        *backend,
        one.precision,
        f"{one.clips} x {one.frames} frames",
        f"V = {one.classes}",
        f"width {one.width:g}",
    ]
    versions = dict.fromkeys(v for row in group for v in row.versions.split(", "))
    return f"{', '.join(said)}; {', '.join(versions)}:"


def _markdown(names, rows):
    numbers = {"parameters", "GMAC a frame", *_of_phases("frames/s")}
    numbers |= {*_of_phases("GiB")}
    rules = ["---:" if name in numbers else "---" for name in names]
    lines = [f"| {' | '.join(names)} |", f"|{'|'.join(rules)}|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])

"""What models there are, and what each is."""

import dataclasses
import fnmatch
import math

from dtf_keras import models


def list(pattern="*"):
    """Names of the zoo's models that match a shell-style `pattern`."""
    return [name for name in models.names() if fnmatch.fnmatch(name, pattern)]


@dataclasses.dataclass(frozen=True)
class Description:
    """What `describe` knows of a model.

    Attributes:
        name: zoo name.
        composition: the layers, in words.
        parameters: trainable parameters.
        flops_per_frame: of a forward pass over a 100-frame clip.
        options: the config's fields and values.
        source: the `dtf_keras.models.Source` that it re-builds, or `None`.
        row: what it is called there, or `None`.
        ours: what of it is our own, where the source does not say, or `None`.
        reported: word error rates **as the source reports them**, not measured here:
            tuple of `dtf_keras.models.Reported`.
    """

    name: str
    composition: str
    parameters: int
    flops_per_frame: int
    options: dict
    source: models.Source | None
    row: str | None
    ours: str | None
    reported: tuple[models.Reported, ...]

    def __str__(self):
        options = ", ".join(f"{key}={value}" for key, value in self.options.items())
        return (
            f"{self.name}\n"
            f"  layers      {self.composition}\n"
            f"  options     {options}\n"
            f"  parameters  {self.parameters:,}\n"
            f"  FLOPs       {self.flops_per_frame / 1e6:,.1f} million a frame\n"
            f"  source      {self.source or 'this package'}\n"
            f"  row there   {self.row or 'none'}\n"
            f"{self._ours()}"
            f"  WER, reported by the source, not measured here: {self._reported()}"
        )

    def _ours(self):
        return f"  ours        {self.ours}\n" if self.ours else ""

    def _reported(self):
        said = {}
        for one in self.reported:
            figure = f"{one.wer} % ({one.recipe})"
            said.setdefault(f"{one.corpus} {one.split}", []).append(figure)
        lines = [f"\n    {on}: {', '.join(figures)}" for on, figures in said.items()]
        return "".join(lines) or "none"


def describe(name, **options):
    """Composition, size, cost and origin of a model, as a `Description` to print.

    Args:
        name: a name of `zoo.list()`.
        **options: as `get`; without them the published size.
    """
    config = models.make_config(name, **options)
    entry = models.entry(name)
    model = models.outline(name, config)
    parameters = sum(math.prod(w.shape) for w in model.trainable_weights)
    return Description(
        name=name,
        composition=entry.composition,
        parameters=parameters,
        flops_per_frame=models.flops_per_frame(name, config),
        options=dataclasses.asdict(config),
        source=entry.source and models.source(entry.source),
        row=entry.row,
        ours=entry.ours,
        reported=models.reported(name),
    )

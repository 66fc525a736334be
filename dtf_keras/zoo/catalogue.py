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
        composition: the layers after the backbone, in words.
        parameters: trainable parameters.
        flops_per_frame: of a forward pass over a 100-frame clip.
        options: the config's fields and values.
        source_row: the source's row.
        source_wer: dev WER in percent on PHOENIX-2014 by recipe, **as the source
            reports it**; not measured here.
    """

    name: str
    composition: str
    parameters: int
    flops_per_frame: int
    options: dict
    source_row: str
    source_wer: dict

    def __str__(self):
        reported = (
            ", ".join(f"{wer} % ({recipe})" for recipe, wer in self.source_wer.items())
            or "none"
        )
        options = ", ".join(f"{key}={value}" for key, value in self.options.items())
        return (
            f"{self.name}\n"
            f"  layers      frame backbone; {self.composition}; classifier\n"
            f"  options     {options}\n"
            f"  parameters  {self.parameters:,}\n"
            f"  FLOPs       {self.flops_per_frame / 1e6:,.1f} million a frame\n"
            f"  source row  {self.source_row}\n"
            f"  source WER  {reported}; PHOENIX-2014 dev, reported by the source, "
            "not measured here"
        )


def describe(name, **options):
    """Composition, size, cost and origin of a model, as a `Description` to print.

    Args:
        name: a name of `zoo.list()`.
        **options: as `get`; without them the published size.
    """
    config = models.make_config(name, **options)
    entry = models.entry(name)
    model = models.build(name, config)
    parameters = sum(math.prod(w.shape) for w in model.trainable_weights)
    return Description(
        name=name,
        composition=entry.composition,
        parameters=parameters,
        flops_per_frame=models.flops_per_frame(name, config),
        options=dataclasses.asdict(config),
        source_row=entry.source.row,
        source_wer=entry.source.wer,
    )

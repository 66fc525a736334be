"""What the files of one family's networks have of their own."""

import abc
import re
from typing import ClassVar

import numpy as np


class Family(abc.ABC):
    """A family of networks, as their published files of weights show it.

    The engine knows how torch turns kernels and names what Keras has as well; all else
    that differs between files is said here, by one subclass in one file for a family.
    Such a file also registers with `assignments` what the family calls the parts of
    the layers it uses.
    """

    name: str
    """What sentences call the family."""
    networks: tuple[str, ...]
    """Zoo names of its networks."""
    tops: frozenset[str]
    """First parts of its tensors' names: they tell the families apart."""
    modules: ClassVar[dict[str, str]]
    """The module in torch of each layer of a zoo model that has weights, such as
    `"classifier.fc."`; the layer has its own name in the zoo."""
    classifiers: tuple[str, ...] = ("classifier",)
    """Layers whose variables count classes on their last axis."""
    left_out: ClassVar[dict[str, str]] = {
        r"(^|\.)num_batches_tracked$": "counters of batches, no weights"
    }
    """Patterns of names of tensors that are no weights here, and why; a family with
    more of them adds to these."""
    parity: ClassVar[dict[str, object]] = {}
    """Options, where a model has them, by which it does what the published one does."""
    strangers: ClassVar[dict[str, str]] = {}
    """Beginnings of names that tell networks the zoo does not have, and a sentence."""

    @abc.abstractmethod
    def nearest(self, arrays):
        """The networks that tensors are of.

        Args:
            arrays: dict of torch names to arrays.

        Returns:
            Zoo names: one, the nearest; several if their tensors are the same.
        """

    @abc.abstractmethod
    def options(self, arrays, name):
        """What the tensors tell of the model's options, but for the classes.

        Args:
            arrays: dict of torch names to arrays.
            name: zoo name.

        Returns:
            dict of options, `width` among them.
        """

    @abc.abstractmethod
    def count_classes(self, arrays):
        """The number of classes; where no tensor tells, the fewest there can be."""

    def aliases(self, options):
        """Beginnings of names that a module has a second time: second to first.

        Args:
            options: what `options` said.
        """
        return {}

    def class_order(self, num_classes, keep_special=True):
        """The file's class of each class here, int `[V]`; blank is class 0 here.

        Args:
            num_classes: number of the file's classes.
            keep_special: whether classes that are no glosses stay.

        Raises:
            ValueError: fewer classes than can be told apart, or no such classes to
                leave out.
        """
        if not keep_special:
            raise ValueError(
                f"The classes of {self.name} are blank and glosses: there are no "
                "special ones to leave out."
            )
        if num_classes < 2:
            raise ValueError(
                f"The file has {num_classes} classes: blank and one gloss at the "
                "least make 2."
            )
        return np.arange(num_classes)

    def class_names(self, glosses, num_classes, keep_special=True):
        """Names of a converted model's classes 1 .. V-1.

        Args:
            glosses: the file's glosses in the order of its classes.
            num_classes: number of the file's classes.
            keep_special: as `class_order`.

        Returns:
            A list of V-1 names.

        Raises:
            ValueError: the number of glosses does not fit.
        """
        glosses = list(glosses)
        if len(glosses) != num_classes - 1:
            raise ValueError(
                f"The file lists {len(glosses)} glosses, but the checkpoint has "
                f"{num_classes} classes: give its {num_classes - 1} glosses."
            )
        return glosses

    def notes(self, arrays):
        """Sentences on what the tensors show of their training.

        Args:
            arrays: dict of the names of all tensors of a network to arrays.
        """
        return []

    def reason_to_leave(self, name):
        """Why a tensor is no weight of a model here; `None` if it is one."""
        found = (why for what, why in self.left_out.items() if re.search(what, name))
        return next(found, None)

    def likeness(self, names):
        """How many names of tensors begin as those of the family do."""
        return sum(name.split(".")[0] in self.tops for name in names)

"""Which part of the clips of a split is read and packed apart from the others."""

import dataclasses
import hashlib
import re

from dtf_keras.words import quoted


def shard_numbers(text):
    """`"3/16"` as `(3, 16)`.

    Raises:
        ValueError: it is something else, or there is no such part.
    """
    found = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", str(text))
    number, count = map(int, found.groups()) if found else (0, 0)
    if not 1 <= number <= count:
        raise ValueError(
            "shard must be K/N, the K-th of N parts with K from 1 to N, such as 3/16. "
            f"Received: {quoted(text)}."
        )
    return number, count


@dataclasses.dataclass(frozen=True)
class Shard:
    """One of several parts of a split, each with the clips that follow one another.

    Attributes:
        number: int, from 1.
        count: int, how many parts there are.
        whole: str, a digest of all clips of the split: ids, glosses and signers.
    """

    number: int
    count: int
    whole: str

    @classmethod
    def of(cls, text, rows):
        """The `Shard` of `"3/16"`; of None, None.

        Args:
            text: str, or None.
            rows: all clips, with `id`, `glosses` and `signer`.

        Raises:
            ValueError: as `shard_numbers`.
        """
        if text is None:
            return None
        told = repr([(row.id, tuple(row.glosses), row.signer) for row in rows])
        digest = hashlib.sha256(told.encode(errors="surrogatepass")).hexdigest()[:16]
        return cls(*shard_numbers(text), digest)

    def take(self, items):
        """This part of a sequence of all; none where there are fewer than parts."""
        first = len(items) * (self.number - 1) // self.count
        return items[first : len(items) * self.number // self.count]

    def __str__(self):
        return f"{self.number}/{self.count}"

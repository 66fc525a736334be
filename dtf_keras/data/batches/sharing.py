"""Which clips of a batch go to which of several devices."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sharing:
    """Devices that share each batch, clip after clip in equal parts.

    Attributes:
        devices: how many there are, in all processes.
        here: those of this process, a range of their numbers.
    """

    devices: int = 1
    here: range = range(1)

    def rows(self, clips):
        """The clips of a batch that are this process' to read.

        Args:
            clips: list of the clips of a batch.

        Returns:
            List of clips, and `None` in place of those that are missing until all
            devices have as many.
        """
        each = -(-len(clips) // self.devices)
        filled = clips + [None] * (each * self.devices - len(clips))
        return filled[each * self.here.start : each * self.here.stop]

    def weight(self, clips):
        """What a clip weighs in a mean that counts the missing ones too."""
        each = -(-len(clips) // self.devices)
        return each * self.devices / len(clips)


ALONE = Sharing()
"""One device."""

"""TensorFlow without the notes that every user would see first.

It writes them while it is imported, before it reads `TF_CPP_MIN_LOG_LEVEL`.
"""

import importlib.machinery
import os
import sys

NVIDIA = "0x10de"  # on the PCI bus
_DEVICES = ("/dev/nvidia0", "/dev/nvidiactl", "/dev/dxg")
_BUS = "/sys/bus/pci/devices"
NOTES = (
    rb"WARNING: All log messages before absl::InitializeLog\(\) is called "
    rb"|I\d{4} \d\d:\d\d:"  # W, E and F are warnings and errors
    rb"|To enable the following instructions: .* rebuild TensorFlow "
)
NO_CARD = rb"|E\d{4} \d\d:\d\d:.* failed call to cuInit: "


class QuietTensorFlow:
    """An entry of `sys.meta_path` that leaves out TensorFlow's notes at its import.

    Warnings and errors stay, and with `TF_CPP_MIN_LOG_LEVEL=0` all of it. That CUDA has
    no driver is an error only where there is an NVIDIA card to drive.
    """

    def find_spec(self, name, path=None, target=None):
        if name != "tensorflow" or os.environ.get("TF_CPP_MIN_LOG_LEVEL") == "0":
            return None
        finders = (finder for finder in sys.meta_path if finder is not self)
        specs = (finder.find_spec(name, path, target) for finder in finders)
        spec = next(filter(None, specs), None)
        if spec and type(spec.loader) is importlib.machinery.SourceFileLoader:
            spec.loader.exec_module = _quiet(spec.loader.exec_module)
        return spec


def _quiet(exec_module):
    def execute(module):
        from dtf_keras.stderr_lines import without_lines

        card = has_nvidia_card()
        with without_lines(NOTES if card else NOTES + NO_CARD):
            exec_module(module)
            if not card:
                module.config.list_physical_devices()  # looks for CUDA's driver

    return execute


def has_nvidia_card():
    """Whether this machine has an NVIDIA card, with or without a driver."""
    if any(map(os.path.exists, _DEVICES)):
        return True
    for device in os.listdir(_BUS) if os.path.isdir(_BUS) else ():
        with open(f"{_BUS}/{device}/vendor", encoding="ascii") as vendor:
            if vendor.read().strip() == NVIDIA:
                return True
    return False

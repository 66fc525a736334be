"""What the environment and the command line say of devices and processes."""

import os

from dtf_keras.training.settings.checks import SettingError

ADDRESSES = "KERAS_DISTRIBUTION_JOB_ADDRESSES"
_PROCESSES = "KERAS_DISTRIBUTION_NUM_PROCESSES"
_PROCESS = "KERAS_DISTRIBUTION_PROCESS_ID"


def count_processes():
    text = os.environ.get(_PROCESSES, "1")
    if not text.isdecimal() or int(text) < 1:
        raise SettingError(f"{_PROCESSES} is a number from 1. Received: {text!r}.")
    return int(text)


def this_process(processes):
    """This process' number, and the addresses of all, as the environment says."""
    number, addresses = os.environ.get(_PROCESS, ""), os.environ.get(ADDRESSES, "")
    if not number.isdecimal() or int(number) >= processes:
        raise SettingError(
            f"{_PROCESS} is the number of this process, from 0 to {processes - 1}. "
            f"Received: {number!r}."
        )
    if not addresses:
        raise SettingError(
            f"{ADDRESSES} is empty: give host:port of each process, a comma between."
        )
    return int(number), addresses.split(",")


def wanted_of(wanted, found):
    """As many of the devices that were found as are wanted."""
    if wanted in (None, "all"):
        return found
    if not 1 <= wanted <= len(found):
        names = ", ".join(map(str, found))
        raise SettingError(
            f"--devices {wanted}: this machine has {len(found)} ({names})."
        )
    return found[:wanted]

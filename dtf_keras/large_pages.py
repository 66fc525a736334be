"""Large pages for the memory of a command; glibc is told by the environment alone.

Features of clips are tens of megabytes each, which are taken from the system and given
back at every operation. In pages of 4 KiB that is most of what the kernel does while a
model trains on a processor.
"""

import os
import pathlib
import sys

_SETTING = "glibc.malloc.hugetlb"
_VARIABLE = "GLIBC_TUNABLES"
_KERNEL = pathlib.Path("/sys/kernel/mm/transparent_hugepage/enabled")


def ask_for_large_pages():
    """Starts this process anew, at its first instruction, with large pages.

    Only where they help: with glibc 2.35 or later, on a kernel that gives them to who
    asks. What the environment says of them already stays.
    """
    wanted = setting(os.environ.get(_VARIABLE, ""), _glibc(), _kernel())
    if wanted is None or not sys.executable:
        return
    os.environ[_VARIABLE] = wanted
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def setting(tunables, glibc, kernel):
    """The value of `GLIBC_TUNABLES` that asks for large pages, or `None`: leave it.

    Args:
        tunables: its value now.
        glibc: version, a tuple of int; empty of another library.
        kernel: what the kernel says of large pages, such as "always [madvise] never".
    """
    if glibc < (2, 35) or "[madvise]" not in kernel or _SETTING in tunables:
        return None
    return ":".join(filter(None, [tunables, f"{_SETTING}=1"]))


def without_large_pages(environment):
    """A copy of an environment, in which nothing asks for them."""
    kept = environment.get(_VARIABLE, "").split(":")
    kept = [one for one in kept if one != f"{_SETTING}=1"]
    return {**environment, _VARIABLE: ":".join(kept)}


def _glibc():
    try:
        name, version = os.confstr("CS_GNU_LIBC_VERSION").split()
    except (AttributeError, ValueError, OSError):  # another system or library
        return ()
    return tuple(map(int, version.split("."))) if name == "glibc" else ()


def _kernel():
    try:
        return _KERNEL.read_text()
    except OSError:
        return ""

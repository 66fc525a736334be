import os
import subprocess
import sys

import pytest

from dtf_keras import large_pages
from dtf_keras.large_pages import setting

ASKED, NOW = "always [madvise] never", (2, 36)
ON = "glibc.malloc.hugetlb=1"


@pytest.mark.parametrize(
    ("tunables", "glibc", "kernel", "wanted"),
    [
        ("", NOW, ASKED, ON),
        ("glibc.malloc.check=3", NOW, ASKED, f"glibc.malloc.check=3:{ON}"),
        ("glibc.malloc.hugetlb=0", NOW, ASKED, None),
        ("", NOW, "[always] madvise never", None),
        ("", NOW, "always madvise [never]", None),
        ("", NOW, "", None),
        ("", (2, 34), ASKED, None),
        ("", (), ASKED, None),
    ],
)
def test_large_pages_are_asked_for_where_they_help(tunables, glibc, kernel, wanted):
    assert setting(tunables, glibc, kernel) == wanted


def test_a_process_begins_anew_once_with_all_that_it_was_told():
    code = (
        "import os, sys; from dtf_keras import large_pages as pages; "
        "pages._glibc = lambda: (2, 36); pages._kernel = lambda: '[madvise]'; "
        "print('begun', flush=True); pages.ask_for_large_pages(); "
        "print(os.getpid(), os.environ['GLIBC_TUNABLES'], sep='|'); "
        "print(sys.flags.dont_write_bytecode, sys.argv[1:])"
    )
    environment = dict(os.environ)
    environment.pop("GLIBC_TUNABLES", None)
    process = subprocess.Popen(
        [sys.executable, "-B", "-c", code, "a b", "--c=ü"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    lines = process.communicate()[0].splitlines()
    assert lines == ["begun", "begun", f"{process.pid}|{ON}", "1 ['a b', '--c=ü']"]


def test_this_machine_is_asked(monkeypatch):
    monkeypatch.setattr(large_pages, "setting", lambda *known: known)
    begun = []
    monkeypatch.setattr(os, "execv", lambda *how: begun.append(how))
    monkeypatch.setenv("GLIBC_TUNABLES", "")
    monkeypatch.setattr(os, "environ", {**os.environ})
    large_pages.ask_for_large_pages()
    (tunables, glibc, kernel) = os.environ["GLIBC_TUNABLES"]
    assert tunables == ""
    assert all(isinstance(number, int) for number in glibc)
    assert isinstance(kernel, str)
    assert begun == [(sys.executable, [sys.executable, *sys.orig_argv[1:]])]

"""A command as all that a process does, from its first instruction to its last."""

import atexit
import importlib
import os
import signal
import sys

from dtf_keras.commands.ending import INTERRUPTED
from dtf_keras.large_pages import ask_for_large_pages

_AGAIN = 0.05  # seconds until Ctrl+C comes again where nobody could hear it


def start(name=None):
    """Runs a command and ends the process with its status.

    After Ctrl+C that is 130: while its modules are imported, while it runs (it may
    still put in order what it does), and when it is over. Libraries that turn Ctrl+C
    into an error of their own change nothing, and one that came where Python can raise
    nothing, such as in a callback of the garbage collector, comes again.

    Args:
        name: of the command; the first word of the command line by default.
    """
    ask_for_large_pages()
    ended = _Ended()
    # First in, last out. Python would then take its modules apart, which with a
    # deep-learning framework is up to a second in which it hears no Ctrl+C.
    atexit.register(ended.leave)
    ended.on_ctrl_c(ended.at_once)
    module = importlib.import_module(f"dtf_keras.commands{f'.{name}' if name else ''}")
    try:
        sys.unraisablehook = ended.unraisable
        ended.on_ctrl_c(ended.interrupt)
        ended.status = module.main()
    except KeyboardInterrupt:
        pass
    except SystemExit as error:  # of the command line
        ended.status = error.code or 0
    finally:
        ended.on_ctrl_c(ended.at_once)
    sys.exit(ended.status)


class _Ended:
    """How the process ends, and what Ctrl+C does until then."""

    def __init__(self):
        self.status = 1
        self.interrupted = False

    def on_ctrl_c(self, do):
        # A shell lets commands in the background ignore it.
        if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
            signal.signal(signal.SIGINT, do)

    def at_once(self, *_):
        os._exit(INTERRUPTED)

    def interrupt(self, *_):
        self.interrupted = True
        raise KeyboardInterrupt

    def unraisable(self, ignored):
        if issubclass(ignored.exc_type, KeyboardInterrupt):
            import _thread
            import threading

            threading.Timer(_AGAIN, _thread.interrupt_main).start()
        else:
            sys.__unraisablehook__(ignored)

    def leave(self):
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        os._exit(INTERRUPTED if self.interrupted else self.status)

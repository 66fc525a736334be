"""Names of a package that are imported when they are first used."""

import importlib
import sys


def load_later(package, places):
    """The `__getattr__` of a package whose names are in modules loaded on first use.

    So a command's `--help` answers at once, and scoring imports no deep-learning
    framework.

    Args:
        package: its `__name__`.
        places: dict of a name to the module of the package that has it, such as
            `"run.fitting"`; `None` where the name is a module itself.

    Example: `__getattr__ = load_later(__name__, {"fit": "run.fitting"})`
    """

    def get(name):
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = importlib.import_module(f"{package}.{places[name] or name}")
        value = module if places[name] is None else getattr(module, name)
        setattr(sys.modules[package], name, value)
        return value

    return get

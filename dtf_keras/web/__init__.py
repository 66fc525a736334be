"""The web page: a camera in the browser, its letters beside it, and no server between.

`build` writes a folder that any static host serves; `serve` serves one on this machine.
"""

from dtf_keras.later import load_later

__getattr__ = load_later(
    __name__,
    {
        "WebError": "problems",
        "build": "site",
        "serve": "server",
    },
)

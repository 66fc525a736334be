"""A web server for this machine alone."""

import functools
import http.server

ADDRESS = "127.0.0.1"  # not even the local network
PORT = 8000
POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval' blob:",
        "connect-src 'self' blob: data:",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
)
"""What the page may load, and whom it may talk to: nobody else. The page says the same
itself, for other hosts."""
HEADERS = {
    "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


def serve(folder, port=PORT):
    """A server of a folder, which does not run yet.

    Args:
        folder: that of `build`.
        port: to listen on; 0 takes a free one.

    Returns:
        `http.server.ThreadingHTTPServer`, a context manager: `serve_forever()` runs it,
        `server_address` says where.

    Raises:
        OSError: the port is taken.
    """
    handler = functools.partial(_Handler, directory=str(folder))
    return http.server.ThreadingHTTPServer((ADDRESS, port), handler)


class _Handler(http.server.SimpleHTTPRequestHandler):
    # The machine's own table of types is not to be trusted.
    extensions_map = {  # noqa: RUF012 (the base class has it so)
        "": "application/octet-stream",
        ".css": "text/css; charset=utf-8",
        ".html": "text/html; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".json": "application/json",
        ".svg": "image/svg+xml",
        ".wasm": "application/wasm",
    }

    def end_headers(self):
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *words):
        pass

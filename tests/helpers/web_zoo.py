"""A web server of a folder that can misbehave in the ways that servers do."""

import contextlib
import http.server
import pathlib
import threading


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        server.asked.append((self.path, self.headers.get("Range")))
        path = server.folder / self.path.lstrip("/")
        faults = server.faults.get(path.name, [])
        fault = faults.pop(0) if faults else None
        if isinstance(fault, int) or not path.is_file():
            self.send_error(fault or 404)
            return
        content = path.read_bytes()
        if fault == "wrong":
            content = bytes(byte ^ 1 for byte in content)
        if fault in ("short", "chunked"):
            content = content[:7]
        if fault == "chunked":
            self._send_chunked(content)
            return
        first = 0
        wanted = self.headers.get("Range")
        if wanted and server.ranges:
            first = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if first >= len(content):
                self.send_response(416)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206)
            end = f"{len(content) - 1}/{len(content)}"
            self.send_header("Content-Range", f"bytes {first}-{end}")
        else:
            self.send_response(200)
        rest = content[first:]
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        if fault in ("truncate", "stall"):
            self.wfile.write(rest[: len(rest) // 2])
            self.wfile.flush()
            if fault == "stall":
                server.stop_stalling.wait(20)
            self.close_connection = True
            return
        self.wfile.write(rest)

    def _send_chunked(self, content):
        self.protocol_version = "HTTP/1.1"
        self.close_connection = True
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(content), content))

    def log_message(self, *_):
        pass


class WebZoo(http.server.ThreadingHTTPServer):
    """Serves `folder` on this machine.

    `faults[file name]` lists what goes wrong, one a request: "truncate", "stall",
    "wrong" (other bytes), "short" (seven whole bytes), "chunked" (the same without a
    length) or a status; `ranges` says whether it can resume; `asked` is a list of
    `(path, Range header)`.
    """

    daemon_threads = True

    def __init__(self, folder):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = pathlib.Path(folder)
        self.faults, self.asked, self.ranges = {}, [], True
        self.stop_stalling = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}"


@contextlib.contextmanager
def serve(folder):
    """A running `WebZoo`."""
    server = WebZoo(folder)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.stop_stalling.set()
        server.shutdown()
        thread.join()
        server.server_close()

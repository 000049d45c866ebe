"""A Docker Engine that a test makes up: a real HTTP server on a unix socket."""

import json
import re
import shutil
import socketserver
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from pkg.dockertest.endpoint import Endpoint
from pkg.dockertest.engine import Engine

SOURCE = "this test"


class Request(BaseHTTPRequestHandler):
    """One request; routes answer it, or write to `wfile` what they like."""

    protocol_version = "HTTP/1.1"
    routes: "Routes"
    query: dict[str, str]
    body: bytes

    def answer(self, content: object = None, status: int = 200) -> None:
        """Answers with JSON."""
        text = b"" if content is None else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def begin(self, status: int = 200) -> None:
        """Begins an answer in chunks; `chunk` goes on with it."""
        self.send_response(status)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def chunk(self, data: bytes) -> None:
        """The next chunk; b"" is the answer's regular end."""
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def event(self, **fields: str) -> None:
        """A chunk with a line of JSON, as builds and pulls print them."""
        self.chunk(json.dumps(fields).encode() + b"\n")

    def break_off(self) -> None:
        """Ends the connection in the middle of whatever it was."""
        self.close_connection = True

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (BrokenPipeError, ConnectionResetError):  # the caller has gone
            self.close_connection = True

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.query = dict(parse_qsl(parts.query))
        asked = f"{self.command} {unquote(parts.path)}"
        self.routes.asked.append(asked)
        if asked not in self.routes.hasty:
            self.body = self._read()
        for pattern, route in self.routes.all:
            if re.fullmatch(pattern, asked):
                route(self)
                return
        self.answer({"message": f"this test has no {asked}"}, 404)

    do_POST = do_DELETE = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _read(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while length := int(self._line(), 16):
            body += self.rfile.read(length)
            self._line()
        self._line()
        return body

    def _line(self) -> bytes:
        line = self.rfile.readline()
        if not line:  # half a body is none
            raise ConnectionResetError
        return line


class Routes:
    """What the engine answers: `add("GET /version", {…})`; the latest that matches counts.

    Attributes:
        asked: all requests so far, `METHOD /path`.
        hasty: requests that are answered before their body is read.
    """

    def __init__(self) -> None:
        self.all: list[tuple[str, Callable[[Request], None]]] = []
        self.asked: list[str] = []
        self.hasty: set[str] = set()

    def add(self, pattern: str, answer: object, status: int = 200) -> None:
        """Answers requests that match with JSON, or by a function of the request."""

        def route(request: Request) -> None:
            request.answer(answer, status)

        self.all.insert(0, (pattern, answer if callable(answer) else route))


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def get_request(self) -> Any:
        connection, _ = super().get_request()
        return connection, ("local", 0)


@contextmanager
def fake_engine() -> Iterator[tuple[Engine, Routes]]:
    """An engine with no images and no containers, and its routes."""
    routes = Routes()
    routes.add("GET /version", {"Version": "24.0.0", "ApiVersion": "1.43", "Os": "linux"})
    routes.add("GET /info", {})
    routes.add("GET /(images|containers)/json", [])
    # Short: a socket's path must be, and a test's own directory is not.
    directory = Path(tempfile.mkdtemp(prefix="berth-"))
    handler = type("Handler", (Request,), {"routes": routes})
    try:
        with _Server(str(directory / "socket"), handler) as server:
            thread = threading.Thread(target=server.serve_forever, args=[0.01])
            thread.start()
            try:
                yield Engine(Endpoint(f"unix://{directory}/socket", SOURCE)), routes
            finally:
                server.shutdown()
                thread.join()
    finally:
        shutil.rmtree(directory)

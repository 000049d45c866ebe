"""The Docker Engine's HTTP API: the small part that Berth uses. Standard library only.

Paths carry no API version, so an engine speaks its own current one, old or new.
https://docs.docker.com/engine/api/
"""

import codecs
import json
import os
import re
import socket
import struct
from collections.abc import Callable, Iterable, Iterator
from http.client import HTTPException, HTTPResponse
from io import BufferedReader
from typing import Any, cast
from urllib.parse import quote, urlencode

from pkg.dockertest import checkout, credentials, endpoint
from pkg.dockertest.errors import EngineError, EngineUnavailable

_JSON = "application/json"
Query = dict[str, str | int]
# What an engine says if a port that it was to publish, or chose itself, is somebody else's.
PORT_TAKEN = re.compile("port is already allocated|address already in use")
_FRAME = struct.Struct(">BxxxL")  # stream (1 stdout, 2 stderr), bytes that follow


class Connection:
    """One connection to the engine, on which answers are read in the order of requests."""

    def __init__(self, sock: socket.socket, where: str) -> None:
        self.socket = sock
        self._where = where
        self._reader = sock.makefile("rb")

    def send(self, data: bytes | Iterable[bytes]) -> None:
        """Sends requests that `request_bytes` made.

        Raises:
            EngineUnavailable: the engine went away.
        """
        try:
            for chunk in [data] if isinstance(data, bytes) else data:
                self.socket.sendall(chunk)
        except OSError as error:
            raise self._lost(error) from error

    def answer(self) -> HTTPResponse:
        """Reads the next answer's head; its body is read from what is returned.

        Raises:
            EngineUnavailable: the engine went away, or does not speak HTTP.
        """
        response = HTTPResponse(cast(socket.socket, _Shared(self._reader)))
        try:
            response.begin()
        except (OSError, HTTPException) as error:
            raise self._lost(error) from error
        return response

    def read(self, read: Callable[[], bytes]) -> bytes:
        """Reads of an answer's body by a call of its own methods.

        Raises:
            EngineUnavailable: the engine went away before the body's end.
        """
        try:
            return read()
        except (OSError, HTTPException) as error:
            raise self._lost(error) from error

    def raw(self) -> BufferedReader:
        """What comes after the last answer, for a connection that was taken over."""
        return self._reader

    def close(self) -> None:
        """Ends it; what was not read yet is lost."""
        self._reader.close()
        self.socket.close()

    def abandon(self) -> None:
        """Closes a forked child's copy, whatever another thread was doing with it.

        That thread is not in the child, and the reader's lock, which `close` takes, may be its.
        """
        os.close(self.socket.detach())

    def _lost(self, error: Exception) -> EngineUnavailable:
        return EngineUnavailable(
            f"the Docker Engine at {self._where} broke off: {error or type(error).__name__}; "
            f"see whether it runs with: {checkout.doctor()}"
        )


class _Shared:
    """Lends one buffered reader to several answers, none of which may close it."""

    def __init__(self, reader: BufferedReader) -> None:
        self._reader = reader

    def makefile(self, _mode: str) -> "_Shared":
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def flush(self) -> None:
        pass  # HTTPResponse flushes when it is collected, after the connection's end

    def close(self) -> None:
        pass


class Engine:
    """A Docker Engine. Holds no connection of its own; usable from any thread."""

    def __init__(self, at: endpoint.Endpoint) -> None:
        self.endpoint = at

    def connect(self, timeout: float | None = 60.0) -> Connection:
        """Opens a connection; `timeout` seconds bound each wait, None waits for ever."""
        return Connection(self.endpoint.open(timeout), self.endpoint.host)

    def request(
        self,
        method: str,
        path: str,
        query: Query | None = None,
        body: object = None,
        *,
        headers: dict[str, str] | None = None,
        timeout: float | None = 60.0,
    ) -> Any:
        """Makes one request and returns the decoded JSON answer, or None for an empty one.

        Raises:
            EngineError: the engine refused it.
            EngineUnavailable: no engine answers.
        """
        connection = self.connect(timeout)
        try:
            connection.send(request_bytes(method, path, query, body, headers))
            response = connection.answer()
            content = response.read()
        except (OSError, HTTPException) as error:
            raise EngineUnavailable(
                f"the Docker Engine at {self.endpoint.host} did not answer {method} {path}: {error}"
            ) from error
        finally:
            connection.close()
        check(response.status, content, f"{method} {path}")
        try:
            return json.loads(content) if content.strip() else None
        except ValueError as error:
            raise EngineError(
                f"the Docker Engine at {self.endpoint.host} answered {method} {path} with what is "
                f"not JSON: {content[:80]!r}",
                response.status,
            ) from error

    def stream(
        self,
        method: str,
        path: str,
        query: Query | None = None,
        body: bytes | Iterable[bytes] = b"",
        *,
        headers: dict[str, str] | None = None,
        timeout: float | None = None,
    ) -> Iterator[bytes]:
        """Makes a request and yields its answer's body in pieces as they arrive.

        Args:
            body: sent as it is, or in chunks when it is not bytes.

        Raises:
            EngineError: the engine refused it.
            EngineUnavailable: no engine answers.
        """
        connection = self.connect(timeout)
        try:
            connection.send(_head(method, path, query, headers or {}, body))
            early: EngineUnavailable | None = None
            try:
                connection.send(body if isinstance(body, bytes) else _chunked(body))
            except EngineUnavailable as error:
                early = error  # it may have answered before it had taken everything
            try:
                response = connection.answer()
            except EngineUnavailable as error:
                raise early or error from error
            if response.status >= 400:
                check(response.status, connection.read(response.read), f"{method} {path}")
            while piece := connection.read(lambda: response.read1(65536)):
                yield piece
        finally:
            connection.close()

    def containers(self, *labels: str, all: bool = True) -> list[dict[str, Any]]:
        """Containers that have all the labels (`name` or `name=value`)."""
        query: Query = {"all": int(all), "filters": filters(label=labels)}
        return cast(list[dict[str, Any]], self.request("GET", "/containers/json", query))

    def images(self, *references: str) -> list[dict[str, Any]]:
        """Images whose name matches one of the references, `*` standing for anything."""
        query: Query = {"filters": filters(reference=references)}
        return cast(list[dict[str, Any]], self.request("GET", "/images/json", query))

    def image(self, name: str) -> dict[str, Any] | None:
        """What the engine knows of an image, or None where it is not here."""
        try:
            return cast(dict[str, Any], self.request("GET", f"/images/{name}/json"))
        except EngineError as error:
            if error.status == 404:
                return None
            raise

    def remove(self, path: str, query: Query) -> None:
        """Deletes what is at a path; what is gone already is as good.

        Raises:
            EngineError: the engine refused it.
            EngineUnavailable: no engine answers.
        """
        try:
            self.request("DELETE", path, query)
        except EngineError as error:
            if error.status != 404:
                raise

    def pull(self, name: str) -> dict[str, Any]:
        """Pulls an image as docker's user would, and returns what the engine knows of it.

        Raises:
            EngineError: no registry has it, or none answers.
        """
        repository, separator, tag = name.rpartition(":")
        if "@" in name or not separator or "/" in tag:
            repository, tag = name, "" if "@" in name else "latest"
        query: Query = {"fromImage": repository, "tag": tag}
        login = credentials.find(name)
        try:
            pieces = self.stream(
                "POST", "/images/create", query, headers=login.headers, timeout=600.0
            )
            for line in b"".join(pieces).splitlines():
                if "error" in (event := json.loads(line)):
                    raise EngineError(f"the Docker Engine could not pull {name}: {event['error']}")
        except EngineError as error:
            if not login.note:
                raise
            why = f"{error}; no credentials were sent: {login.note}"
            raise EngineError(why, error.status) from error
        image = self.image(name)
        if image is None:
            raise EngineError(f"the Docker Engine pulled {name} and does not have it")
        return image

    def logs(self, container: str, tail: int | None = None, *, timestamps: bool = False) -> str:
        """The container's log, both streams, or its last `tail` lines; if asked for, with a time
        before every line."""
        query: Query = {"stdout": 1, "stderr": 1, "tail": "all" if tail is None else tail}
        query["timestamps"] = int(timestamps)
        pieces = self.stream("GET", f"/containers/{container}/logs", query, timeout=30.0)
        return "".join(text for _, text in frames(pieces))


def connect() -> Engine:
    """The engine that docker's command line would use; see `endpoint.find`."""
    return Engine(endpoint.find())


def request_bytes(
    method: str,
    path: str,
    query: Query | None = None,
    body: object = None,
    headers: dict[str, str] | None = None,
) -> bytes:
    """A whole request with a JSON body as bytes, to be sent as one piece."""
    content = b"" if body is None else json.dumps(body).encode()
    return _head(method, path, query, headers or {}, content) + content


def check(status: int, content: bytes, what: str) -> None:
    """Raises EngineError, with the engine's own words, for a status of 400 or more."""
    if status < 400:
        return
    try:
        message = str(json.loads(content)["message"])
    except (ValueError, KeyError, TypeError):
        message = content.decode(errors="replace").strip() or f"status {status}"
    raise EngineError(f"the Docker Engine refused {what}: {message}", status)


def filters(**names: Iterable[str]) -> str:
    """The engine's filter parameter: every name maps to the values it may have."""
    return json.dumps({name: list(values) for name, values in names.items()})


def frames(pieces: Iterable[bytes]) -> Iterator[tuple[int, str]]:
    """Splits the engine's multiplexed output into (stream, text), 1 stdout and 2 stderr."""
    held = bytearray()
    decoders: dict[int, codecs.IncrementalDecoder] = {}  # a character may be in two frames
    for piece in pieces:
        held += piece
        at = 0
        while len(held) >= at + _FRAME.size:
            stream, length = _FRAME.unpack_from(held, at)
            end = at + _FRAME.size + length
            if len(held) < end:
                break
            if stream not in decoders:
                decoders[stream] = codecs.getincrementaldecoder("utf-8")("replace")
            yield stream, decoders[stream].decode(held[at + _FRAME.size : end])
            at = end
        del held[:at]
    for stream, decoder in decoders.items():
        if rest := decoder.decode(b"", final=True):
            yield stream, rest


def _head(
    method: str,
    path: str,
    query: Query | None,
    headers: dict[str, str],
    body: bytes | Iterable[bytes],
) -> bytes:
    target = quote(path) + ("?" + urlencode(query) if query else "")
    lines = [f"{method} {target} HTTP/1.1", "Host: docker"]
    if isinstance(body, bytes):
        lines.append(f"Content-Length: {len(body)}")
    else:
        lines.append("Transfer-Encoding: chunked")
    if "Content-Type" not in headers:
        lines.append(f"Content-Type: {_JSON}")
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _chunked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        if piece:
            yield b"%x\r\n%s\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"

"""An answer that never ends, each byte of it in time, is given up."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from minio import Minio

from services.vault.errors import StorageUnavailable
from services.vault.storage import S3Storage
from services.vault.storage.patience import Patience, pool

PATIENCE = timedelta(seconds=0.3)
# A last try begins within the patience, and has as much again; then some time for a slow machine.
BOUND_SECONDS = 2 * 0.3 + 10
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n"
PARTS = {
    "headers": (b"", b"X-Nothing: 0\r\n"),
    "body": (HEAD + b"Content-Length: 1000000\r\n\r\n", b" "),
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
}
CALLS: dict[str, Callable[[S3Storage], object]] = {
    "get": lambda storage: storage.get("a"),
    "create": lambda storage: storage.create("a", b"1"),
    "names": lambda storage: storage.names("", "", 1),
}


class Dripping:
    """Answers at once with the beginning of an answer, and then with a byte now and then."""

    def __init__(self, begin: bytes, again: bytes) -> None:
        self._said = (begin or HEAD, again)
        self._ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def end(self) -> None:
        self._ended.set()
        self._listener.close()

    def _listen(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        begin, again = self._said
        with connection:
            try:
                connection.recv(65536)
                connection.sendall(begin)
                while not self._ended.wait(0.05):
                    connection.sendall(again)
            except OSError:
                return


@pytest.fixture
def drip(request: pytest.FixtureRequest) -> Iterator[Dripping]:
    server = Dripping(*PARTS[request.param])
    yield server
    server.end()


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("drip", PARTS, indirect=True)
def test_an_answer_that_never_ends_is_given_up(drip: Dripping, call: str) -> None:
    """Whether it is its headers, its body or its chunks that come one by one."""
    http = pool(PATIENCE)
    client = Minio(
        endpoint=f"127.0.0.1:{drip.port}",
        access_key="someone",
        secret_key="a secret",
        region="us-east-1",
        secure=False,
        http_client=http,
    )
    storage = S3Storage(client, "vault", "", Patience(PATIENCE, http))
    begin = time.monotonic()
    with pytest.raises(StorageUnavailable):
        CALLS[call](storage)
    assert time.monotonic() - begin < BOUND_SECONDS

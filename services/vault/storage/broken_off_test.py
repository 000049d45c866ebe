"""A server that is killed while it answers: whatever has come of the answer, it is an outage."""

import logging
import re
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from minio import Minio

from pkg.logs import JsonLines
from pkg.logs.testing import captured
from services.vault.errors import StorageUnavailable
from services.vault.storage import S3Storage
from services.vault.storage.patience import Patience, pool

# So short that there is no second try.
PATIENCE = timedelta(milliseconds=20)
LIST = b"""<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>vault</Name>\
<KeyCount>1</KeyCount><MaxKeys>1</MaxKeys><IsTruncated>false</IsTruncated><Contents><Key>a</Key>\
<LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>"e"</ETag><Size>3</Size>\
</Contents></ListBucketResult>"""


def answer(body: bytes, type: bytes = b"application/octet-stream") -> bytes:
    """A whole answer."""
    head = b'HTTP/1.1 200 OK\r\nETag: "e"\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n'
    return head % (type, len(body)) + body


class Server(ThreadingHTTPServer):
    """Answers with some bytes, and breaks off."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.says = b""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.wfile.write(self.server.says)

    do_PUT = do_GET

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def storage(server: Server) -> S3Storage:
    http = pool(timedelta(seconds=10))
    client = Minio(
        endpoint=f"127.0.0.1:{server.server_address[1]}",
        access_key="someone",
        secret_key="a secret",
        region="us-east-1",
        secure=False,
        http_client=http,
    )
    return S3Storage(client, "vault", "", Patience(PATIENCE, http))


CALLS: dict[str, tuple[bytes, Callable[[S3Storage], object]]] = {
    "get": (answer(b"all of it"), lambda storage: storage.get("a")),
    "create": (answer(b""), lambda storage: storage.create("a", b"1")),
    "replace": (answer(b""), lambda storage: storage.replace("a", b"1", '"e"')),
    "names": (answer(LIST, b"application/xml"), lambda storage: storage.names("", "", 1)),
}


@pytest.mark.parametrize("call", CALLS)
def test_a_part_of_an_answer_is_none(server: Server, storage: S3Storage, call: str) -> None:
    """Wherever it breaks off; the whole one is taken. Of an answer without a body, all is said
    before the empty line."""
    whole, do = CALLS[call]
    for length in range(len(whole.removesuffix(b"\r\n\r\n"))):
        server.says = whole[:length]
        with pytest.raises(StorageUnavailable):
            do(storage)
    server.says = whole
    assert do(storage)


def test_no_signature_is_logged(server: Server, storage: S3Storage) -> None:
    """The library tells the URL of an answer whose headers it cannot read, and who has a URL's
    signature may do the same for a quarter of an hour."""
    server.says = b"HTTP/1.1 200 OK\r\nno header\r\nContent-Length: 1\r\n\r\n1"
    with (
        captured(JsonLines(error_texts=False), libraries=logging.WARNING) as lines,
        pytest.raises(StorageUnavailable),
    ):
        storage.get("a")
    assert "X-Amz-Signature=" in lines.text
    assert not re.search("X-Amz-Signature=[0-9a-f]", lines.text)

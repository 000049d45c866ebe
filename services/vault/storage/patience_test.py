"""Requests end in time, and are tried again while there is time."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import urllib3
from urllib3.exceptions import HTTPError

from pkg.clock import FakeClock
from services.vault.storage.patience import MOST_BYTES, Answer, Patience

FIVE_SECONDS = timedelta(seconds=5)
WHOLE = b'HTTP/1.1 200 OK\r\nETag: "e"\r\nContent-Length: 9\r\n\r\nall of it'


class Server(ThreadingHTTPServer):
    """Answers with one status after another, the last one for ever."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.statuses = [200]
        self.requests = 0
        self.body = b"<Error><Code>SlowDown</Code></Error>"
        self.drips = False
        self.silent = 0  # requests that get no answer
        self.breaks_off_after: int | None = None  # bytes of the first answer
        self.ended = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.requests += 1
        if self.server.silent:
            self.server.silent -= 1
            self.server.ended.wait()
            self.close_connection = True
            return
        if (length := self.server.breaks_off_after) is not None:
            self.server.breaks_off_after = None
            self.wfile.write(WHOLE[:length])
            self.close_connection = True
            return
        statuses = self.server.statuses
        self.send_response(statuses.pop(0) if len(statuses) > 1 else statuses[0])
        body = self.server.body
        self.send_header("ETag", '"e"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.server.drips:
            for at in range(len(body)):
                self.wfile.write(body[at : at + 1])
                if self.server.ended.wait(0.05):
                    return
        else:
            with suppress(ConnectionError):  # who has enough closes
                self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that speaks HTTP."""
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.ended.set()
        server.shutdown()
        thread.join()


class Moving(FakeClock):
    """Whoever waits by it moves it."""

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)


@pytest.fixture
def clock() -> Moving:
    """Stands still but for those who wait."""
    return Moving()


def patience(clock: FakeClock) -> Patience:
    """Five seconds of the test's clock."""
    return Patience(FIVE_SECONDS, clock=clock)


def test_an_answer_is_returned_whole(server: Server, clock: FakeClock) -> None:
    """With its ETag and S3's code, if it is a failure."""
    answer = patience(clock).send("GET", server.url, b"", {})
    assert answer == Answer(200, '"e"', b"<Error><Code>SlowDown</Code></Error>")
    assert answer.reason == "SlowDown"
    assert Answer(500, "", b"<html>").reason == "no reason given"


def test_a_temporary_failure_is_tried_again(server: Server, clock: FakeClock) -> None:
    """Until it has passed."""
    server.statuses = [503, 500, 429, 409, 200]
    assert patience(clock).send("GET", server.url, b"", {}).status == 200
    assert server.requests == 5


@pytest.mark.parametrize("status", [400, 403, 404, 412])
def test_a_refusal_is_not_tried_again(server: Server, clock: FakeClock, status: int) -> None:
    """It would be refused again."""
    server.statuses = [status]
    assert patience(clock).send("GET", server.url, b"", {}).status == status
    assert server.requests == 1


def test_a_failure_that_lasts_is_returned_in_time(server: Server, clock: FakeClock) -> None:
    """After several tries with longer and longer pauses."""
    server.statuses = [503]
    assert patience(clock).send("GET", server.url, b"", {}).status == 503
    assert 5 <= server.requests <= 15
    assert 3 < clock.monotonic() < 5


def test_nobody_there_is_raised_in_time(server: Server, clock: FakeClock) -> None:
    """Trying to connect again is also bounded."""
    url = server.url
    server.server_close()
    with pytest.raises(HTTPError):
        patience(clock).send("GET", url, b"", {})
    assert 3 < clock.monotonic() < 5


def test_a_request_that_is_not_answered_leaves_time_for_another(server: Server) -> None:
    """A connection that died without a word costs one request its half, and not the whole."""
    server.silent = 1
    answer = Patience(timedelta(seconds=1)).send("GET", server.url, b"", {})
    assert answer.status == 200
    assert server.requests == 2


def test_an_answer_that_drips_is_given_up(server: Server) -> None:
    """Each byte comes in time, and all together would take 1.8 s."""
    server.drips = True
    with pytest.raises(HTTPError):
        Patience(timedelta(seconds=0.3)).send("GET", server.url, b"", {})


@pytest.mark.parametrize("length", range(len(WHOLE)))
def test_an_answer_that_breaks_off_is_tried_again(
    server: Server, clock: FakeClock, length: int
) -> None:
    """It is not taken for a short one, wherever the server was killed or the line was cut."""
    server.breaks_off_after = length
    answer = patience(clock).send("GET", server.url, b"", {})
    assert answer == Answer(200, '"e"', b"<Error><Code>SlowDown</Code></Error>")
    assert server.requests == 2


def test_a_connection_is_used_again(server: Server, clock: FakeClock) -> None:
    """As long as its answers were read to their ends."""
    http = urllib3.PoolManager()
    several = Patience(FIVE_SECONDS, http, clock)
    server.statuses = [503, 200]
    for _ in range(3):
        assert several.send("GET", server.url, b"", {}).status == 200
    connections = http.connection_from_url(server.url)
    assert (connections.num_connections, connections.num_requests) == (1, 4)


def test_of_an_answer_without_bound_a_part_is_read(server: Server, clock: FakeClock) -> None:
    """An object that somebody has put in a record's place does not fill the memory, and what was
    not read of it is no answer to the next request."""
    several = Patience(FIVE_SECONDS, urllib3.PoolManager(), clock)
    for length in (MOST_BYTES, 64 << 20):
        server.body = bytes(length)
        answer = several.send("GET", server.url, b"", {})
        assert answer.status == 200
        assert min(length, MOST_BYTES + 1) <= len(answer.body) <= min(length, 2 * MOST_BYTES)
    server.body = b"another"
    assert several.send("GET", server.url, b"", {}).body == b"another"

"""What is asked is asked as often as it should be, and nobody who waits is forgotten."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

import pytest

from benchmarks import load
from benchmarks.load import Request, post

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood"


@contextmanager
def serving(answer: Callable[[int], bytes]) -> Iterator[Request]:
    """A server that answers with what it is given for the number of the request, from 0."""
    numbers = iter(range(1 << 30))

    def serve(connection: socket.socket) -> None:
        # Who has measured enough leaves without reading the rest.
        with closing(connection), suppress(ConnectionError):
            while connection.recv(1 << 16):
                connection.sendall(answer(next(numbers)))

    def accept() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield post(listening.getsockname(), os.getpid(), "/", "token", b"{}", b"good")
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def test_a_request_is_whole() -> None:
    """By its length a server knows where it ends."""
    request = post(("host", 1), 2, "/v1/x", "secret", b'{"a":1}')
    head, _, body = request.content.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /v1/x HTTP/1.1"
    assert {b"Host: host:1", b"Authorization: Bearer secret", b"Content-Length: 7"} < set(lines)
    assert body == b'{"a":1}'


def test_answers_are_counted() -> None:
    asked: list[int] = []

    def answer(number: int) -> bytes:
        asked.append(number)
        return _ANSWER

    with serving(answer) as request:
        found = load.answered(request, 0.2)
    # Those on their way at the end are not counted, nor is the one that is looked at.
    assert 0 < found.per_second * 0.2 <= len(asked)
    assert found.processor_us >= 0


def test_requests_are_as_many_as_they_should_be() -> None:
    """And none is sent before its time."""
    came: list[float] = []

    def answer(number: int) -> bytes:
        came.append(time.perf_counter())
        return _ANSWER

    with serving(answer) as request:
        took = load.paced(request, 200, 0.25)
    assert len(took) == 50
    assert len(came) == 51  # one more is looked at
    assert came[49] - came[0] > 0.2
    assert min(took) > 0


def test_who_waits_because_of_others_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """From when a request was meant to be sent: here all wait for the first one."""
    monkeypatch.setattr(load, "PACED_CONNECTIONS", 1)

    def answer(number: int) -> bytes:
        if number == 0:
            threading.Event().wait(0.2)
        return _ANSWER

    with serving(answer) as request:
        took = load.paced(request, 100, 0.1)
    for place, each in enumerate(took):
        assert each > 199 - 10 * place


def test_an_answer_that_is_none_ends_it() -> None:
    """What is measured would be something else."""
    with (
        serving(lambda number: b"HTTP/1.1 503 Oh\r\nContent-Length: 0\r\n\r\n") as request,
        pytest.raises(SystemExit, match="503"),
    ):
        load.answered(request, 1)
    with (
        serving(lambda number: _ANSWER.replace(b"good", b"none")) as request,
        pytest.raises(SystemExit, match="none"),
    ):
        load.answered(request, 0.2)


def test_this_process_stays_off_the_servers_processor() -> None:
    """Where there are two; afterwards it may run on all again."""
    before = os.sched_getaffinity(0)
    with load.apart() as processor:
        assert processor in before
        assert os.sched_getaffinity(0) == (before - {processor} or before)
    assert os.sched_getaffinity(0) == before

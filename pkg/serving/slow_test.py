"""Clients that are slow, or send what is no HTTP, hold nothing for long."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from pkg.serving import Limits
from pkg.serving.example import app, code, head, serving
from pkg.serving.limits import KIB, MIB
from pkg.serving.testing import Served, connect, open_connections, rest
from pkg.testutil import eventually

LIMITS = Limits(
    deadline=0.5,
    header_timeout=1,
    idle_timeout=1,
    max_header_bytes=8 * KIB,
    stop_delay=0,
)
GET = head("/health/live", "GET")


@pytest.fixture
def service() -> Iterator[Served]:
    with serving(app(LIMITS)) as running:
        yield running


@pytest.mark.parametrize("begin", [b"", b"\r\n", b"G", GET[:-2], GET + b"GET /health/live HT"])
def test_who_does_not_end_its_headers_is_cut_off(service: Served, begin: bytes) -> None:
    """Whether nothing came, or nearly all, or only the second request is slow."""
    with connect(service) as connection:
        connection.sendall(begin)
        assert rest(connection).status in (0, 200)


def test_who_dribbles_its_headers_is_cut_off(service: Served) -> None:
    """A byte now and then is not enough."""
    with connect(service) as connection:
        ended = dribble(connection, b"GET /health/live HTTP/1.1\r\nx: " + b"a" * 1000)
        assert ended < 1000


def test_who_dribbles_its_body_is_cut_off_by_the_deadline(service: Served) -> None:
    """And is told so."""
    with connect(service) as connection:
        connection.sendall(head("/v1/echo", content_length="2000"))
        dribble(connection, b"x" * 2000)
        answer = rest(connection)
        assert (answer.status, code(answer)) == (504, "deadline_exceeded")


def test_a_connection_at_rest_is_closed(service: Served) -> None:
    """After an answer, and no further request."""
    with connect(service) as connection:
        connection.sendall(GET)
        assert rest(connection).content.count(b"HTTP/1.1 200") == 1


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"hello\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\n\r\n",
        b"POST /v1/echo HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        b"POST /v1/echo HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
        b"GET /health/live HTTP/1.1\r\nx: " + b"a" * 9 * KIB + b"\r\n\r\n",
        b"GET /health/live HTTP/1.1\r\nx: " + b"a" * 9 * KIB,
        b"GET /health/live HTTP/1.1\r\n" + b"x: a\r\n" * 9 * KIB,
        b"GET /" + b"a" * 9 * KIB + b" HTTP/1.1\r\n\r\n",
        b"CONNECT service:1 HTTP/1.1\r\n\r\n",
    ],
)
def test_what_is_no_http_gets_an_answer_of_the_same_shape(
    service: Served, request_bytes: bytes
) -> None:
    """Headers that are too long are none, in one piece or not."""
    with connect(service) as connection:
        connection.sendall(request_bytes)
        answer = rest(connection)
        assert (answer.status, code(answer)) in ((400, "bad_request"), (401, "unauthorized"))


def test_whose_end_is_in_doubt_is_no_request(service: Served) -> None:
    """A proxy that sees another end than the server would give one client another one's answer:
    there is one answer, a refusal, and nothing behind it is taken for a request."""
    for headers in (
        b"content-length: 5\r\ncontent-length: 0",
        b"content-length: 0\r\ncontent-length: 5",
        b"content-length: 0, 5",
        b"content-length: +0",
        b"content-length: 0x0",
        b"content-length: 18446744073709551616",
        b"content-length: 0\r\ntransfer-encoding: chunked",
        b"transfer-encoding: chunked\r\ncontent-length: 0",
        b"transfer-encoding : chunked",
        b"transfer-encoding: xchunked",
        b"transfer-encoding: chunked, identity",
        b"transfer-encoding: chunked\r\ntransfer-encoding: identity",
        b"transfer-encoding: \x0bchunked",
        b"transfer encoding: chunked",
        b"x: a\r\n content-length: 5",
        b"x: a\0",
        b"x: a\rcontent-length: 5",
        b"x: a\ncontent-length: 5",
    ):
        is_refused(service, GET[:-2] + headers + b"\r\n\r\n" + b"0\r\n\r\n" + GET)


def test_a_chunk_whose_length_is_in_doubt_ends_the_connection(service: Served) -> None:
    chunked = head("/v1/echo", transfer_encoding="chunked")
    for chunk in (b"0x1\r\na\r\n", b"-1\r\n", b"1 \r\na", b"f" * 17 + b"\r\n", b"1\na"):
        is_refused(service, chunked + chunk + GET)


def is_refused(service: Served, sent: bytes) -> None:
    """All that is answered is that it is no request."""
    with connect(service) as connection:
        connection.sendall(sent)
        answer = rest(connection)
    assert answer.content.count(b"\r\nx-request-id: ") == 1, sent
    assert (answer.status, code(answer)) == (400, "bad_request"), sent


def test_nothing_behind_an_upgrade_is_lost_unsaid(service: Served) -> None:
    """The parser ends there: whoever has sent more is told that it was not read. Else its answers
    would be those of what it sends later."""
    with connect(service) as connection:
        connection.sendall(GET[:-2] + b"connection: upgrade\r\nupgrade: h2c\r\n\r\n" + GET)
        answer = rest(connection)
    assert answer.status == 200
    assert b"\r\nconnection: close\r\n" in answer.content


def test_more_than_the_most_connections_are_closed() -> None:
    """And there is room again when one is gone."""
    with ExitStack() as stack:
        service = stack.enter_context(serving(app(Limits(max_connections=4))))
        open_ones = [stack.enter_context(connect(service)) for _ in range(4)]
        for each in open_ones:
            each.sendall(GET)
            assert each.recv(KIB).startswith(b"HTTP/1.1 200")
        with connect(service) as one_more:
            assert not rest(one_more).content
        open_ones.pop().close()
        eventually(lambda: serves(service))


def test_who_does_not_read_its_answer_is_cut_off() -> None:
    """However large the answer is."""
    large = Limits(deadline=1, idle_timeout=20, stop_delay=0, max_body_bytes=24 * MIB)
    with (
        serving(app(large)) as service,
        socket.socket() as connection,
    ):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(20)
        connection.connect(service.address)
        body = b'{"text":"%s"}' % (b"x" * (18 * MIB))
        connection.sendall(head("/v1/echo", content_length=str(len(body))) + body)
        eventually(lambda: "example_http_requests_total" in service.http.get("/metrics").text)
        eventually(lambda: len(open_connections(service)) == 1, within=20)


def serves(service: Served) -> bool:
    """Whether it takes one more connection."""
    try:
        return service.http.get("/health/live").status_code == 200
    except httpx.TransportError:
        return False


def dribble(connection: socket.socket, data: bytes) -> int:
    """Sends a byte every 10 ms until the server answers or closes; returns how many."""
    connection.settimeout(0.01)
    for sent in range(len(data)):
        try:
            connection.sendall(data[sent : sent + 1])
            connection.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            continue
        except OSError:
            pass
        connection.settimeout(20)
        return sent
    return len(data)

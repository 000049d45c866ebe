"""What is too large, too much or too late is answered, and the instance serves on."""

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed

import httpx
import pytest

from pkg.logs.testing import captured
from pkg.serving import Limits
from pkg.serving.example import Hold, app, code, head, serving
from pkg.serving.limits import KIB
from pkg.serving.testing import connect, rest
from pkg.testutil import eventually

SMALL = Limits(max_body_bytes=64 * KIB, stop_delay=0)
JSON = {"content-type": "application/json"}


def chunks(total: int) -> Iterator[bytes]:
    """A body of unknown length."""
    for _ in range(total // KIB):
        yield b" " * KIB


@pytest.mark.parametrize("size", [64 * KIB + 1, 10 << 20])
def test_a_body_that_is_announced_too_long_is_not_read(size: int) -> None:
    """The answer is there before the body is sent."""
    with serving(app(SMALL)) as service, connect(service) as connection:
        connection.sendall(head("/v1/echo", content_length=str(size)))
        answer = rest(connection)
        assert (answer.status, code(answer)) == (413, "too_large")
        assert b"connection: close" in answer.content


@pytest.mark.parametrize("known", [True, False])
def test_who_sends_too_much_finds_the_answer(known: bool) -> None:
    """Not a reset connection, with a length announced or in chunks."""
    with serving(app(SMALL)) as service:
        body: bytes | Iterator[bytes] = bytes(1 << 20) if known else chunks(1 << 20)
        answer = service.http.post("/v1/echo", content=body, headers=JSON)
        assert (answer.status_code, code(answer)) == (413, "too_large")
        assert service.post("/v1/echo", text="a").status_code == 200


def test_who_sends_without_end_is_cut_off() -> None:
    """Soon after the answer, however much is still to come."""
    with serving(app(SMALL)) as service, connect(service) as connection:
        connection.sendall(head("/v1/echo", content_length=str(1 << 40)))
        with pytest.raises(OSError, match=r"(?i)reset|pipe"):
            send_for_ever(connection)


def test_who_sends_on_is_no_fault_of_the_instance() -> None:
    """Though the deadline passes while the rest of its body is awaited: the answer is out."""
    limits = Limits(deadline=0.5, max_body_bytes=KIB, stop_delay=0)
    with captured() as lines, serving(app(limits)) as service, connect(service) as connection:
        chunk = b"%x\r\n" % (2 * KIB) + bytes(2 * KIB) + b"\r\n"
        connection.sendall(head("/v1/echo", transfer_encoding="chunked") + chunk)
        answer = rest(connection)
        assert (answer.status, code(answer)) == (413, "too_large")
        eventually(lambda: lines.of("request"))
    assert '"level": "error"' not in lines.text


def send_for_ever(connection: socket.socket) -> None:
    """Sends until it fails."""
    while True:
        connection.sendall(bytes(64 * KIB))


@pytest.mark.parametrize("size", [64 * KIB, 64 * KIB + 1])
@pytest.mark.parametrize("known", [True, False])
def test_the_bound_is_exact(size: int, known: bool) -> None:
    """The longest body is taken, and one byte more is not."""
    text = b'{"text":"a"}'
    padded = text + b" " * (size - len(text))
    body: bytes | Iterator[bytes] = padded if known else iter([padded[:-1], padded[-1:]])
    with serving(app(SMALL)) as service:
        answer = service.http.post("/v1/echo", content=body, headers=JSON)
        assert answer.status_code == (200 if size == SMALL.max_body_bytes else 413)


def test_a_length_of_thousands_of_zeros_is_no_fault_of_the_instance() -> None:
    """The parser takes them, Python's integers do not: it is refused in the service's shape."""
    text = b'{"text":"a"}'
    with captured() as lines, serving(app()) as service, connect(service) as connection:
        length = f"{len(text):05000}"
        connection.sendall(head("/v1/echo", content_length=length, connection="close") + text)
        answer = rest(connection)
        assert (answer.status, code(answer)) == (400, "bad_request")
    assert [line["status"] for line in lines.of("request")] == [400]
    assert '"level": "error"' not in lines.text


@pytest.fixture
def hold() -> Iterator[Hold]:
    """What /v1/wait waits for: it hangs, until the test lets it go on or ends."""
    hold = Hold()
    hold.hang()
    yield hold
    hold.go_on()


def test_a_request_ends_by_its_deadline(hold: Hold) -> None:
    """With a code of its own; what needs no thread is served meanwhile."""
    with serving(app(Limits(deadline=1, stop_delay=0), hold=hold)) as service:
        answer = service.post("/v1/wait", text="a")
        assert (answer.status_code, code(answer)) == (504, "deadline_exceeded")
        assert service.post("/v1/echo", text="a").status_code == 200
        hold.go_on()
        eventually(lambda: service.post("/v1/wait", text="a").status_code == 200)


def test_work_that_nobody_waits_for_keeps_its_place(hold: Hold) -> None:
    """A call that hangs can't pile up threads or work: the next requests are told at once."""
    limits = Limits(deadline=0.5, threads=2, max_requests=2, stop_delay=0)
    with serving(app(limits, hold=hold)) as service:
        codes = [code(service.post("/v1/wait", text=name)) for name in ("b", "c", "d")]
        hold.go_on()
        assert codes == ["deadline_exceeded", "deadline_exceeded", "overloaded"]


def test_those_who_wait_for_a_thread_leave_places_to_the_others(hold: Hold) -> None:
    """What needs no thread is served, however many wait for a call that hangs."""
    limits = Limits(deadline=10, max_requests=4, threads=1, stop_delay=0)
    with serving(app(limits, hold=hold)) as service, ThreadPoolExecutor(4) as clients:
        cold = [
            clients.submit(service.post, "/v1/wait", text=f"cold {number}") for number in range(4)
        ]
        first = next(as_completed(cold)).result()
        assert (first.status_code, code(first)) == (503, "overloaded")
        assert service.post("/v1/echo", text="a").status_code == 200
        hold.go_on()
        assert sorted(each.result().status_code for each in cold) == [200, 200, 200, 503]


def test_who_has_no_token_takes_nobodys_place() -> None:
    """However many of them wait for the rest of what they send."""
    with serving(app(Limits(max_requests=1, stop_delay=0))) as service:
        strangers = [connect(service) for _ in range(5)]
        for each in strangers:
            each.sendall(head("/v1/echo", content_length="9", authorization="Bearer none"))
        assert [each.recv(12) for each in strangers] == [b"HTTP/1.1 401"] * 5
        assert "requests_in_flight 6.0" in service.http.get("/metrics").text
        assert service.post("/v1/echo", text="a").status_code == 200
        for each in strangers:
            each.close()


def test_a_client_that_goes_away_is_no_fault() -> None:
    """The log and the metrics tell it from the instance's own failures."""
    with captured() as lines, serving(app()) as service:
        with connect(service) as connection:
            connection.sendall(head("/v1/echo", content_length="9") + b"{")
        eventually(lambda: lines.of("request"))
        assert service.http.get("/health/live").status_code == 200
    assert lines.of("request")[0]["status"] == 499
    assert not lines.of("fault")
    assert '"level": "error"' not in lines.text


def test_too_many_at_a_time_are_told_to_come_again(hold: Hold) -> None:
    """With Retry-After; health and metrics are answered nevertheless."""
    limits = Limits(deadline=20, max_requests=2, stop_delay=0)
    with serving(app(limits, hold=hold)) as service:
        answers: list[httpx.Response] = []
        body = {"text": "a"}
        waiting = [
            threading.Thread(
                target=lambda: answers.append(
                    httpx.post(
                        f"{service.url}/v1/wait",
                        json=body,
                        headers=service.http.headers,
                        timeout=30,
                    )
                )
            )
            for _ in range(2)
        ]
        for each in waiting:
            each.start()
        eventually(lambda: "requests_in_flight 3.0" in service.http.get("/metrics").text)
        refused = service.post("/v1/echo", text="a")
        assert (refused.status_code, code(refused)) == (503, "overloaded")
        assert refused.headers["retry-after"] == "1"
        assert service.http.get("/health/live").status_code == 200
        hold.go_on()
        for each in waiting:
            each.join()
        assert [each.status_code for each in answers] == [200, 200]
        assert service.post("/v1/echo", text="a").status_code == 200

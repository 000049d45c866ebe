"""Stopping in good order."""

import asyncio
import io
import os
import sys
import threading

import httpx
import pytest

from pkg.serving import Limits, leave, listen, url
from pkg.serving.example import Hold, app, head, serving
from pkg.serving.testing import connect, rest
from pkg.testutil import eventually


def test_a_request_in_flight_is_finished() -> None:
    """While new connections are refused already."""
    hold = Hold()
    hold.hang()
    answers: list[httpx.Response] = []
    with serving(app(hold=hold)) as service:
        flying = threading.Thread(target=lambda: answers.append(service.post("/v1/wait", text="a")))
        flying.start()
        hold.asked.wait()
        service.stop()
        eventually(lambda: refuses(service.url))
        hold.go_on()
        flying.join()
        service.join()
    assert [answer.status_code for answer in answers] == [200]
    assert answers[0].headers["connection"] == "close"


def test_it_does_not_wait_for_ever() -> None:
    """A request that hangs ends by its deadline, and the stop with it."""
    hold = Hold()
    hold.hang()
    with serving(app(Limits(deadline=0.5, stop_delay=0), hold=hold)) as service:
        body = b'{"text":"a"}'
        with connect(service) as connection:
            connection.sendall(head("/v1/wait", content_length=str(len(body))) + body)
            hold.asked.wait()
            service.stop()
            service.join()
            assert rest(connection).status == 504
    hold.go_on()


def test_idle_connections_do_not_hold_it_up() -> None:
    with serving(app(Limits(idle_timeout=600, stop_delay=0))) as service:
        service.http.get("/health/live")
        with connect(service):
            service.stop()
            service.join()


class Gone(io.StringIO):
    """A stream whose other end is gone."""

    def flush(self) -> None:
        raise BrokenPipeError


@pytest.mark.parametrize("stream", [None, Gone()])
def test_who_leaves_waits_for_no_call_whatever_its_streams_are(
    monkeypatch: pytest.MonkeyPatch, stream: Gone | None
) -> None:
    """A process may be started without any."""
    hold, left = Hold(), list[int]()
    made = app(hold=hold)
    hold.hang()
    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(made.service.workers.run(hold), 0.05))
    monkeypatch.setattr(os, "_exit", left.append)
    with monkeypatch.context() as without:
        without.setattr(sys, "stderr", stream)
        without.setattr(sys, "stdout", stream)
        leave(made)
    hold.go_on()
    assert left == [0]


def test_an_address_that_is_taken_is_an_error() -> None:
    with (
        listen("127.0.0.1", 0) as first,
        pytest.raises(OSError, match="in use"),
        listen(*first.getsockname()),
    ):
        pass


def test_an_ipv6_address_is_written_in_brackets() -> None:
    with listen("::1", 0) as at:
        assert url(at) == f"http://[::1]:{at.getsockname()[1]}"


def refuses(url: str) -> bool:
    """Whether no new connection is taken."""
    try:
        httpx.get(f"{url}/health/live", trust_env=False)
    except httpx.ConnectError:
        return True
    except httpx.TransportError:  # it was taken in the moment when all were closed
        return False
    return False

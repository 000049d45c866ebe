"""Liveness and readiness are two things."""

import asyncio

import pytest

from pkg.clock import FakeClock
from pkg.fault import Fault
from pkg.logs.testing import captured
from pkg.serving import Limits, Workers
from pkg.serving.example import Hold, app, code, serving
from pkg.serving.health import Readiness
from pkg.testutil import eventually


class Store:
    """What an instance needs to serve; fails as it is told."""

    def __init__(self) -> None:
        self.fails: Exception | None = None
        self.checks = 0

    def check(self) -> None:
        self.checks += 1
        if self.fails:
            raise self.fails


def test_both_are_well_without_a_token() -> None:
    """Load balancers have none."""
    with serving(app()) as service:
        del service.http.headers["authorization"]
        assert service.http.get("/health/live").json() == {"status": "live"}
        assert service.http.get("/health/ready").json() == {"status": "ready"}


@pytest.mark.parametrize("error", [ConnectionError("db.internal"), KeyError("table")])
def test_without_what_it_needs_an_instance_lives_and_is_not_ready(error: Exception) -> None:
    """And is ready again as soon as that serves; the log tells both, and no more."""
    store = Store()
    store.fails = error
    with captured() as lines, serving(app(check=store.check)) as service:
        answer = service.http.get("/health/ready")
        assert (answer.status_code, code(answer)) == (503, "not_ready")
        assert answer.headers["retry-after"] == "1"
        assert str(error) not in answer.text
        assert service.http.get("/health/live").status_code == 200
        store.fails = None
        eventually(lambda: service.http.get("/health/ready").status_code == 200)
    told = [(line["error"], line["reason"]) for line in lines.of("not ready")]
    assert told == [(type(error).__name__, str(error))]
    assert len(lines.of("ready again")) == 1


def test_what_it_needs_is_asked_once_a_second_at_most() -> None:
    """Anyone may ask for the readiness, as often as they like, and many at a time."""
    store, clock = Store(), FakeClock()

    async def ask() -> None:
        readiness = Readiness(store.check, Workers(2, 9), clock)
        await asyncio.gather(*(readiness.check() for _ in range(20)))
        assert store.checks == 1
        clock.advance(0.9)
        await readiness.check()
        assert store.checks == 1
        clock.advance(0.2)
        await readiness.check()
        assert store.checks == 2

    asyncio.run(ask())


def test_an_instance_that_stops_is_not_ready_and_lives() -> None:
    store = Store()

    async def ask() -> None:
        readiness = Readiness(store.check, Workers(1, 1), FakeClock())
        await readiness.check()
        readiness.stopping = True
        with pytest.raises(Fault):
            await readiness.check()

    asyncio.run(ask())
    with serving(app(Limits(stop_delay=5), check=store.check)) as service:
        service.stop()
        eventually(lambda: service.http.get("/health/ready").status_code == 503)
        assert service.http.get("/health/live").status_code == 200
        assert service.post("/v1/echo", text="a").status_code == 200


def test_a_check_that_hangs_keeps_one_thread() -> None:
    """However often it is asked for; those who ask again are told at once."""
    hold, limits = Hold(), Limits(deadline=0.5, threads=2, stop_delay=0)
    hold.hang()
    with serving(app(limits, check=hold)) as service:
        assert service.http.get("/health/ready").status_code == 504
        for _ in range(5):
            assert service.http.get("/health/ready").status_code == 503
        assert service.post("/v1/wait", text="a").status_code == 200
        assert hold.calls == 1
        hold.go_on()
        eventually(lambda: service.http.get("/health/ready").status_code == 200)

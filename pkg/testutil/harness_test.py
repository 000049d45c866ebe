"""A harness starts what it declares at once, and ends what it has opened. Servers are names here;
real ones are in the integration test.
"""

from typing import Any

import pytest

from pkg.clock import FakeClock
from pkg.dockertest import Service
from pkg.dockertest.redis import Redis
from pkg.dockertest.s3 import S3
from pkg.dockertest.starter import Starter
from pkg.testutil.harness import Harness, needs


class Names(Starter):
    """Gives a service's name for it, and notes what was asked for together."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    def _start_all(self, services: tuple[Service[Any], ...]) -> tuple[Any, ...]:
        self.asked.append(tuple(one.service for one in services))
        return self.asked[-1]

    def close(self) -> None: ...


class Two(Harness):
    """Opens two things in order."""

    redis = needs(Redis())
    s3 = needs(S3())

    def open(self) -> None:
        self.events: list[str] = [str(self.redis), str(self.s3)]
        self.on_close(lambda: self.events.append("first"))
        self.on_close(lambda: self.events.append("second"))


def test_all_servers_start_in_one_call_before_open() -> None:
    """So that they start side by side."""
    names = Names()
    with Two(names) as h:
        assert h.events == ["redis", "s3"]
    assert names.asked == [("redis", "s3")]
    assert h.events[2:] == ["second", "first"]


def test_a_subclass_adds_to_what_its_base_needs_and_may_change_it() -> None:
    class Proxied(Two):
        s3 = needs(S3().proxied())

    assert list(Proxied.declared()) == ["redis", "s3"]
    assert Proxied.declared()["s3"].is_proxied
    assert not Two.declared()["s3"].is_proxied


def test_on_the_class_a_server_is_its_declaration() -> None:
    assert Two.redis.service == Redis()


@pytest.mark.parametrize("clock", [FakeClock(), None])
def test_the_clock_is_the_tests_or_a_new_one(clock: FakeClock | None) -> None:
    h = Two(Names(), clock)
    assert isinstance(h.clock, FakeClock)
    assert clock in (None, h.clock)


def test_a_harness_without_servers_needs_no_starter() -> None:
    assert Harness().declared() == {}


def test_a_harness_with_servers_says_that_it_needs_one() -> None:
    with pytest.raises(TypeError, match=r"Two\(servers\): it needs redis, s3: give it a Scope"):
        Two()


def test_an_open_that_fails_closes_what_it_has_opened() -> None:
    """Its own error is raised; one of the closing is a note on it."""
    ended: list[str] = []

    class Broken(Harness):
        def open(self) -> None:
            self.on_close(lambda: ended.append("opened"))
            self.on_close(lambda: 1 / 0)
            raise LookupError("no such table")

    with pytest.raises(LookupError, match="no such table") as caught:
        Broken()
    assert ended == ["opened"]
    assert "ZeroDivisionError" in caught.value.__notes__[0]


def test_a_server_that_does_not_start_leaves_nothing_open() -> None:
    class Away(Names):
        def _start_all(self, services: tuple[Service[Any], ...]) -> tuple[Any, ...]:
            raise ConnectionError("no engine")

    with pytest.raises(ConnectionError, match="no engine"):
        Two(Away())


# Without servers a fixture asks for none, so that unit tests can have a harness, too.
bare = Harness.fixture()
bare_module = Harness.fixture("module")
bare_session = Harness.fixture("session")


def test_the_fixtures_clock_is_the_tests(bare: Harness, clock: FakeClock) -> None:
    assert bare.clock is clock


def test_the_fixtures_have_the_lifetimes_that_they_were_given(
    bare_module: Harness, bare_session: Harness
) -> None:
    """Each has a clock of its own."""
    assert len({id(one.clock) for one in (bare_module, bare_session)}) == 2
    SEEN.extend([bare_module, bare_session])


def test_the_fixtures_live_on(bare_module: Harness, bare_session: Harness) -> None:
    """In the next test they are the same."""
    assert [bare_module, bare_session] == SEEN


SEEN: list[Harness] = []

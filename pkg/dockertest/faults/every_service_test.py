"""What holds for the faults of every service alike."""

import errno
from typing import Any

import pytest

from pkg.dockertest import Scope, Service, catalog
from pkg.testutil import usable

SERVICES = [catalog.service_class(name) for name in catalog.names()]

pytestmark = pytest.mark.parametrize("service", SERVICES, ids=lambda one: one.service)

# libmariadb knows a time-out by its number only.
TIMED_OUT = rf"(?i)time|error: {errno.ETIMEDOUT}|\({errno.ETIMEDOUT}\)"


def test_every_byte_goes_through_the_proxy(dockertest: Scope, service: type[Service[Any]]) -> None:
    """Also of a client that the server has told where it is: cut off, nothing works."""
    value = service().proxied()
    server = dockertest.start(value)
    usable(value, server)
    server.container.cut()
    with pytest.raises(Exception, match=TIMED_OUT):
        value.check(server)
    server.container.heal()
    usable(value, server)


def test_a_slow_network_is_still_one(dockertest: Scope, service: type[Service[Any]]) -> None:
    """Latency, jitter and a rate spoil no protocol."""
    value = service().proxied()
    server = dockertest.start(value)
    server.container.slow(latency=0.005, jitter=0.005, rate=1_000_000)
    usable(value, server)


def test_a_reset_is_an_error_at_once(dockertest: Scope, service: type[Service[Any]]) -> None:
    """And no more than that: healed, the same port works."""
    value = service().proxied()
    server = dockertest.start(value)
    server.container.cut(reset=True)
    with pytest.raises(Exception):  # noqa: B017, PT011 - each client library has its own
        value.check(server)
    server.container.heal()
    usable(value, server)


def test_a_full_disk_takes_nothing_and_is_freed(
    dockertest: Scope, service: type[Service[Any]]
) -> None:
    """The server outlives the fault, or comes back by restart()."""
    value = service()
    server = dockertest.start(value)
    container = server.container
    write = ["dd", "if=/dev/zero", "of=/data/more", "bs=1M", "count=4"]
    container.fill_disk()
    full = container.exec(write)
    assert full.status != 0
    assert "No space left on device" in full.stderr
    assert container.exec(["rm", "-f", "/data/more"]).status == 0
    container.free_disk()
    assert container.exec(write).status == 0
    if container.ended():
        container.restart()
    usable(value, server)

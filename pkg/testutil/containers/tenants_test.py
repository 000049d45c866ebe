"""What holds for the tenants of every service alike."""

import importlib
import os
from typing import Any

import pytest

from pkg.dockertest import InvalidOption, Server, Service, engine
from pkg.testutil import usable
from pkg.testutil.containers import Containers, TurnTimeout, leaks, tenant
from pkg.testutil.containers.__main__ import services
from pkg.testutil.containers.parted import Parted, process
from pkg.testutil.containers.turns import Turn
from pkg.testutil.processes import line, python

CLEAN_TESTS = int(os.environ.get("CLEAN_TESTS", "20"))
HOLD = """
import sys
from pkg.testutil import usable
from pkg.testutil.containers import Containers
from pkg.testutil.containers.__main__ import services
containers = Containers()
value = next(one for one in services() if one.service == sys.argv[1])
for _ in range(3):
    usable(value, containers.start(value))
print("ready", flush=True)
input()
"""


def has_tenants(service: Service[Any]) -> bool:
    try:
        importlib.import_module(f"pkg.testutil.containers.tenants.{service.service}")
    except ModuleNotFoundError:
        return False
    return True


PARTED = [one for one in services() if has_tenants(one)]

pytestmark = pytest.mark.parametrize("service", PARTED, ids=lambda one: one.service)


def parted(service: Service[Any]) -> Parted:
    return process.find(engine.connect(), (service,))[service.service]


def names(service: Service[Any]) -> set[str]:
    """The tenants on the shared server now."""
    tenancy = parted(service).tenancy
    assert tenancy
    return {name for name in tenancy.names() if tenant.owner(name) is not None}


def test_a_tenant_is_usable(containers: Containers, service: Service[Any]) -> None:
    """The service's own check succeeds with what it got, or what it may do of it."""
    server: Server = containers.start(service)
    usable(service, server)
    assert server.container.name == parted(service).whole.container.name


def test_each_call_gives_another_tenant(containers: Containers, service: Service[Any]) -> None:
    """With credentials of its own, and names of its own where names are shared."""
    one, other = containers.start(service, service)
    facts = [
        {name: value for name, value in vars(server).items() if name != "container"}
        for server in (one, other)
    ]
    assert facts[0] != facts[1]
    assert one.container.name == other.container.name


def test_a_closed_tenant_is_gone(service: Service[Any]) -> None:
    """With everything of it, and its credentials are refused."""
    before = names(service)
    with Containers() as containers:
        server = containers.start(service)
        usable(service, server)
        assert len(names(service) - before) == 1
    assert names(service) <= before
    with pytest.raises(
        Exception, match=r"(?i)pass|auth|access|signature|denied|exist|unknown user"
    ):
        service.check(server)


@pytest.mark.parametrize("killed", [True, False], ids=["killed", "alive"])
def test_only_dead_owners_are_swept(service: Service[Any], killed: bool) -> None:
    """What a killed process had is removed by the next one, what a live one has is not."""
    before = names(service)
    with python(HOLD, service.service) as holder:
        assert line(holder) == "ready"
        theirs = names(service) - before
        assert len(theirs) == 3
        if killed:
            holder.kill()
            holder.wait()
        with python(HOLD, service.service) as sweeper:
            sweeper.communicate("\n")
        assert sweeper.returncode == 0
        assert names(service) & theirs == (set() if killed else theirs)


def test_raw_waits_for_tenants_and_they_for_it(service: Service[Any]) -> None:
    """Nobody has a part of a server that another has whole, nor the other way about."""
    for taken, whole in (("raw", False), ("start", True)):
        with Containers() as containers:
            getattr(containers, taken)(service)
            with pytest.raises(TurnTimeout, match="for too long"):
                Turn(service.service, whole=whole, seconds=0.05)
        Turn(service.service, whole=whole, seconds=60).end()


def test_raw_and_a_part_of_it_in_one_test_are_refused(service: Service[Any]) -> None:
    """It would wait for itself."""
    for first in ("start", "raw"):
        with Containers() as containers:
            getattr(containers, first)(service)
            with pytest.raises(InvalidOption, match="ask for it once, and first"):
                containers.raw(service)
    with Containers() as containers:
        containers.raw(service)
        with pytest.raises(InvalidOption, match="take no part of it"):
            containers.start(service)


def test_a_clean_test_raises_no_alarm(service: Service[Any]) -> None:
    """However often; what the server does by itself is no leak."""
    for _ in range(CLEAN_TESTS):
        with Containers() as containers:
            containers.raw(service)


def test_tenants_raise_no_alarm(service: Service[Any]) -> None:
    """What they had is gone when another test takes the server whole."""
    before = leaks.stock(parted(service))
    with Containers() as containers:
        usable(service, containers.start(service))
    assert leaks.stock(parted(service)) == before

"""A shared server that ends under its tests is told of."""

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from pkg.dockertest import Service, engine
from pkg.testutil.containers import Containers, Project, SharedServerEnded
from pkg.testutil.containers.__main__ import services
from pkg.testutil.containers.parted import Process


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """A project of this test's own, which this process takes for the checkout's."""
    made = Project(engine.connect(), f"test{secrets.token_hex(4)}")
    monkeypatch.setattr("pkg.testutil.containers.parted.Project", lambda _: made)
    monkeypatch.setattr("pkg.testutil.containers.shared.process", Process())
    yield made
    made.down()


@pytest.mark.parametrize("what", ["kill", "restart"])
@pytest.mark.parametrize("service", services(), ids=lambda one: one.service)
def test_a_server_that_ended_is_named_with_what_to_do(
    project: Project, service: Service[Any], what: str
) -> None:
    """By whoever asks it for something next, and by each that had a part of it."""
    one, other = Containers(), Containers()
    server = one.start(service)
    other.start(service)
    engine.connect().request("POST", f"/containers/{server.container.name}/{what}", {"t": 0})
    words = rf"ended while tests used it.*\./dev up.*docker logs {server.container.name}"
    with pytest.raises(SharedServerEnded, match=words):
        one.start(service)
    for each in (one, other):
        with pytest.raises(SharedServerEnded, match=words):
            each.close()
    with Containers() as later:
        service.check(later.start(service))

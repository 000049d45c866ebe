"""Networks that a guard could not remove, and names that no network knows."""

import os
from typing import Any

import pytest

from pkg.dockertest import EngineError, InvalidOption, Network, guard
from pkg.dockertest.engine import Engine
from pkg.dockertest.network import remove_old
from pkg.dockertest.redis import Redis
from pkg.testutil.containers.shared import Containers

NOW = 1_800_000_000


class Networks(Engine):
    """An engine that has only networks."""

    def __init__(self, **labels: dict[str, str]) -> None:
        self.networks = labels
        self.used: set[str] = set()

    def request(self, method: str, path: str, *_: Any, **__: Any) -> Any:
        if method == "GET":
            return [{"Id": name, "Labels": labels} for name, labels in self.networks.items()]
        name = path.rpartition("/")[2]
        if name in self.used:
            raise EngineError(f"network {name} has active endpoints", 403)
        del self.networks[name]
        return None


def made(seconds_ago: float) -> dict[str, str]:
    return {"berth.made": str(int(NOW - seconds_ago))}


def test_old_networks_are_removed_unless_they_are_used() -> None:
    """One that is refused keeps none of the others; a young one may be about to be used."""
    engine = Networks(used=made(9000), old=made(9000), young=made(60), unknown={})
    engine.used = {"used"}
    remove_old(engine, NOW)
    assert set(engine.networks) == {"used", "young", "unknown"}


@pytest.mark.parametrize("name", ["", "a.b", "A", "-a", "a-", "a" * 64, 3])
def test_a_name_that_no_host_has_is_refused(name: Any) -> None:
    network = Network(Networks())
    with pytest.raises(InvalidOption, match="lower-case letters, digits and hyphens"):
        Redis().on(network, name)


def test_what_is_no_network_is_refused() -> None:
    """Its name alone is not enough."""
    with pytest.raises(InvalidOption, match=r"a scope's network\(\) returns"):
        Redis().on("backend", "cache")  # type: ignore[arg-type]


def test_a_shared_server_joins_no_network() -> None:
    """It says where one can be had that does; no engine is asked."""
    network = Network(Networks())
    with pytest.raises(InvalidOption, match=r"dockertest\.start\(Redis\(\)\.on\(…\)\)"):
        Containers().start(Redis().on(network, "cache"))


def test_a_forked_childs_copy_is_not_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its holder still uses it."""
    removed: list[str] = []
    monkeypatch.setattr(guard, "remove_network", removed.append)
    network = Network(Networks())
    monkeypatch.setattr(os, "getpid", lambda: 1)
    network.close()
    assert removed == []
    monkeypatch.undo()

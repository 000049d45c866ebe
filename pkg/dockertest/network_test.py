"""Containers on a network reach one another by name, and no network outlives its holder."""

import pytest

from pkg.dockertest import Network, Scope, engine
from pkg.dockertest.any_image import ContainerServer
from pkg.dockertest.foreign_redis import ask, redis
from pkg.dockertest.redis import Redis
from pkg.testutil import eventually


def is_there(network: Network) -> bool:
    query: engine.Query = {"filters": engine.filters(name=[network.name])}
    return bool(engine.connect().request("GET", "/networks", query))


def is_linked(server: ContainerServer) -> bool:
    """A replica is ready when it has its primary's data."""
    return "master_link_status:up" in ask(server, "INFO", "replication")


def test_a_replica_finds_its_primary_by_name(dockertest: Scope) -> None:
    """Started side by side, by the name and at the container's own port."""
    network = dockertest.network()
    primary, replica = dockertest.start(
        redis("--repl-diskless-sync-delay", "0").on(network, "primary"),
        redis("--replicaof", "primary", "6379", ready=is_linked).on(network, "replica"),
    )
    ask(primary, "SET", "a", "1")
    eventually(lambda: ask(replica, "GET", "a") == "$1\r\n1\r\n")


def test_a_service_is_reached_by_name_too(dockertest: Scope) -> None:
    """A module's server and any image's; and from outside of the network nobody is."""
    network = dockertest.network()
    cache, inside, outside = dockertest.start(
        Redis().on(network, "cache"), redis().on(network, "inside"), redis()
    )
    ping = ["sh", "-c", 'REDISCLI_AUTH="$0" redis-cli -h cache ping', cache.password]
    assert inside.container.exec(ping).stdout == "PONG\n"
    assert "PONG" not in outside.container.exec(ping).stdout
    assert cache.client().ping()  # at the published port, as ever


def test_a_network_ends_with_its_scope() -> None:
    """Soon after the containers on it; nothing is put on it any more."""
    with Scope() as scope:
        network = scope.network()
        scope.start(redis().on(network, "one"))
        assert is_there(network)
    eventually(lambda: not is_there(network), within=10.0)
    with Scope() as scope, pytest.raises(RuntimeError, match=r"the network .* is closed"):
        scope.start(redis().on(network, "two"))


def test_a_scope_may_use_the_network_of_one_that_lives_longer(dockertest: Scope) -> None:
    """It is not removed with the shorter one's containers."""
    network = dockertest.network()
    with Scope() as scope:
        scope.start(redis().on(network, "one"))
    dockertest.start(redis().on(network, "two"))


def test_a_network_that_was_removed_is_made_again(dockertest: Scope) -> None:
    """By `./dev clean`, or because nothing was on it for long."""
    network = dockertest.network()
    engine.connect().request("DELETE", f"/networks/{network.name}")
    dockertest.start(redis().on(network, "one"))
    assert is_there(network)


def test_a_closed_scope_makes_no_network() -> None:
    """Nobody would remove it."""
    scope = Scope()
    scope.close()
    with pytest.raises(RuntimeError, match="the scope is closed"):
        scope.network()

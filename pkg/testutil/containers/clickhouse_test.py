"""ClickHouse among the shared containers."""

from pkg.dockertest import engine
from pkg.dockertest.clickhouse import ClickHouse
from pkg.testutil.containers import Containers


def test_tests_that_ask_for_the_same_database_have_two(containers: Containers) -> None:
    """Each has one of its own, of another name; a name without a database means one in that."""
    one, other = containers.start(ClickHouse(database="shop"), ClickHouse(database="shop"))
    assert one.container.name == other.container.name
    for server in (one, other):
        client = server.client()
        client.execute(f"CREATE TABLE {server.name('visits')} (id UInt32) ENGINE = Memory")
        assert client.execute("SHOW TABLES") == [("visits",)]
        assert client.execute("SELECT currentDatabase()") == [(server.database,)]


def test_both_ports_are_published_on_loopback_only(containers: Containers) -> None:
    """As those of fresh containers are."""
    server = containers.start(ClickHouse())
    about = engine.connect().request("GET", f"/containers/{server.container.name}/json")
    bindings = about["NetworkSettings"]["Ports"]
    assert {one["HostIp"] for published in bindings.values() for one in published or []} == {
        "127.0.0.1"
    }
    published = {int(bindings[f"{port}/tcp"][0]["HostPort"]) for port in ClickHouse.ports}
    assert published == {server.port, server.http_port}

"""The shared ClickHouse: one server, and the databases that tests ask for."""

import secrets
from collections.abc import Iterator

import pytest

from pkg.dockertest import engine
from pkg.dockertest.clickhouse import ClickHouse
from pkg.testutil.containers import Containers


@pytest.fixture
def database(containers: Containers) -> Iterator[str]:
    """The name of a database that is removed after the test."""
    name = f"t_{secrets.token_hex(8)}"
    yield name
    containers.start(ClickHouse()).client().execute(f"DROP DATABASE IF EXISTS {name}")


def test_a_database_that_was_asked_for_is_there(containers: Containers, database: str) -> None:
    """It is made on the running server, and what is written stays for the next start()."""
    one = containers.start(ClickHouse(database=database))
    one.client().execute("CREATE TABLE visits (id UInt32) ENGINE = MergeTree ORDER BY id")
    one.client().execute("INSERT INTO visits VALUES", [(1,), (2,)])
    other = containers.start(ClickHouse(database=database))
    assert other.container.name == one.container.name
    assert other.client().execute("SELECT sum(id) FROM visits") == [(3,)]


def test_databases_do_not_see_one_anothers_tables(containers: Containers, database: str) -> None:
    """A name without a database means one in the client's own."""
    mine = containers.start(ClickHouse(database=database)).client()
    mine.execute("CREATE TABLE visits (id UInt32) ENGINE = Memory")
    tables = containers.start(ClickHouse()).client().execute("SHOW TABLES")
    assert ("visits",) not in tables
    assert mine.execute("SHOW TABLES") == [("visits",)]


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

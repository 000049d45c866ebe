"""ClickHouse does its worst by its own protocol, and the next server knows nothing of it."""

from contextlib import ExitStack, suppress
from functools import partial
from typing import Any

from pkg.dockertest.clickhouse import ClickHouse, ClickHouseServer
from pkg.dockertest.fresh import clickhouse_worst, twice

LISTS = (
    "databases",
    "tables",
    "columns",
    "functions",
    "dictionaries",
    "mutations",
    "merges",
    "parts",
    "detached_parts",
    "users",
    "roles",
    "quotas",
    "settings_profiles",
    "named_collections",
    "clusters",
    "macros",
    "disks",
)


def worst(server: ClickHouseServer, left: ExitStack) -> twice.Uses:
    client = server.client()
    left.callback(client.disconnect)
    obeyed = 0
    for command in clickhouse_worst.commands():
        with suppress(Exception):  # not every release knows it
            client.execute(command)
            obeyed += 1
    assert obeyed > 20
    running = server.client()
    left.callback(running.disconnect)
    running.execute_with_progress(clickhouse_worst.LONG)
    with suppress(Exception):
        client.execute("SYSTEM SHUTDOWN")
    return [partial(one.execute, "SELECT 1") for one in (client, running)]


def facts(server: ClickHouseServer) -> dict[str, Any]:
    client = server.client()
    told: dict[str, Any] = {}
    for name in LISTS:
        with suppress(Exception):  # not every release has it
            names = [one for (one, *_) in client.execute(f"DESCRIBE TABLE system.{name}")]
            kept = [
                one for one in names if one in ("database", "name", "table", "engine", "command")
            ]
            told[name] = sorted(client.execute(clickhouse_worst.listing(name, kept)))
    told["settings"] = client.execute("SELECT name, value, changed FROM system.settings")
    told["server"] = client.execute("SELECT uptime() < 60, currentDatabase()")
    told["processes"] = client.execute("SELECT count() FROM system.processes")
    client.disconnect()
    return told


def test_nothing_of_it_is_there_for_the_next_server() -> None:
    """Tables of every engine, users, settings, stopped merges, a running query, and its own end."""
    twice.assert_fresh(ClickHouse(), worst, facts, {})

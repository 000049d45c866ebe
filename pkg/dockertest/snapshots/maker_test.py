"""A snapshot is made once, by one process, however many want it and however one of them ends."""

import random
import secrets
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from pkg.dockertest import SchemaFailed, Scope, Seed, engine
from pkg.dockertest.redis import Redis, RedisServer
from pkg.dockertest.snapshots.cleanup import Named, fresh, is_there, named
from pkg.dockertest.snapshots.maker import lock_name
from pkg.testutil import eventually
from pkg.testutil.processes import line, python

__all__ = ["fresh", "named"]  # fixtures

PROCESSES = 8
KILLS = 10
# What a holder runs, with the version and the file of its notes as arguments: a line for each call,
# and a wait in it for the word "go" where that is asked for.
FILL = """
import sys
from pathlib import Path
from pkg.dockertest import Scope, Seed
from pkg.dockertest.redis import Redis

version, notes, *wait = sys.argv[1:]

def fill(server):
    with open(notes, "a") as file:
        file.write("filled\\n")
    with server.client() as client:
        client.mset({f"key {n}": "x" * 1000 for n in range(2000)})
    if wait:
        print("filling", flush=True)
        sys.stdin.readline()

value = Redis(data=Seed(fill, version=version))
with Scope() as scope:
    server = scope.start(value)
    print(server.container.image, server.client().dbsize(), flush=True)
"""


def holder(
    version: str, notes: Path, *wait: str
) -> AbstractContextManager["subprocess.Popen[str]"]:
    """A process of its own that starts a server with the snapshot."""
    return python(FILL, version, str(notes), *wait)


def fill(server: RedisServer) -> None:
    """Is known by the name that FILL's has, too: see `value_of`."""


def value_of(version: str) -> Redis:
    """The value whose snapshot FILL's processes make."""
    fill.__module__, fill.__qualname__ = "__main__", "fill"
    return Redis(data=Seed(fill, version=version))


def lock_of(name: str) -> str:
    return lock_name(name.rpartition(":")[2])


def containers_named(name: str) -> list[str]:
    found = engine.connect().containers("berth")
    return [one for of in found for one in of["Names"] if name in one]


def test_processes_that_want_it_at_once_make_one(named: Named, tmp_path: Path) -> None:
    """All get it; one of them has filled it, and nothing else is left."""
    version, notes = secrets.token_hex(8), tmp_path / "notes"
    name = named(value_of(version))
    with (
        holder(version, notes) as a,
        holder(version, notes) as b,
        holder(version, notes) as c,
        holder(version, notes) as d,
        holder(version, notes) as e,
        holder(version, notes) as f,
        holder(version, notes) as g,
        holder(version, notes) as h,
    ):
        answers = {line(process) for process in (a, b, c, d, e, f, g, h)}
    assert answers == {f"{name} 2000"}
    assert notes.read_text() == "filled\n"
    eventually(lambda: not containers_named(lock_of(name)))


def test_another_one_takes_over_from_a_maker_that_was_killed(named: Named, tmp_path: Path) -> None:
    """One that wants the same; the first had filled half of it."""
    version, notes = secrets.token_hex(8), tmp_path / "notes"
    name = named(value_of(version))
    with holder(version, notes, "wait") as maker:
        assert line(maker) == "filling"
        assert containers_named(lock_of(name)) == [f"/{lock_of(name)}"]
        with holder(version, notes) as other:
            maker.send_signal(signal.SIGKILL)
            assert line(other) == f"{name} 2000"
    assert notes.read_text() == "filled\n" * 2


def test_another_one_waits_for_the_maker(named: Named, tmp_path: Path) -> None:
    """And gets what that has made."""
    version, notes = secrets.token_hex(8), tmp_path / "notes"
    name = named(value_of(version))
    with holder(version, notes, "wait") as maker, ThreadPoolExecutor() as pool:
        assert line(maker) == "filling"
        waiting = pool.submit(value_of(version).find, engine.connect())
        assert maker.stdin
        maker.stdin.write("go\n")
        maker.stdin.flush()
        assert waiting.result().name == name
    assert notes.read_text() == "filled\n"


def test_a_maker_killed_at_any_moment_leaves_nothing_and_stops_nobody(
    named: Named, tmp_path: Path
) -> None:
    """Half a snapshot is never seen: whoever finds one finds all of it."""
    version, notes = secrets.token_hex(8), tmp_path / "notes"
    name = named(value_of(version))
    for moment in (random.uniform(0.3, 2.0) for _ in range(KILLS)):
        with holder(version, notes) as process:
            try:
                process.wait(moment)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
        if is_there(name):
            break
    with holder(version, notes) as process:
        assert line(process) == f"{name} 2000"
    eventually(lambda: not containers_named(lock_of(name)), within=30.0)


def refuse(server: RedisServer) -> None:
    raise LookupError("no such migration")


def test_a_function_that_fails_is_named_and_leaves_nothing(named: Named, fresh: Scope) -> None:
    """The next start tries again."""
    value = Redis(data=Seed(refuse, version=secrets.token_hex(8)))
    name = named(value)
    for _ in range(2):
        with pytest.raises(SchemaFailed, match=r"Redis\(data=…\).*LookupError: no such migration"):
            fresh.start(value)
    assert not is_there(name)
    eventually(lambda: not containers_named(lock_of(name)))


def test_a_server_that_ends_while_it_is_filled_makes_none(named: Named, fresh: Scope) -> None:
    """Its data may be half of it."""
    value = Redis(data=Seed(end_it, version=secrets.token_hex(8)))
    name = named(value)
    with pytest.raises(SchemaFailed, match="could not be filled: ConnectionError"):
        fresh.start(value)
    assert not is_there(name)


def end_it(server: RedisServer) -> None:
    with server.client() as client:
        client.save()
    server.container.kill()

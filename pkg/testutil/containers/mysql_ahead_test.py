"""Tenants of MySQL with a schema are made ahead: one who takes one has it alone, none is lost."""

import random
import secrets
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pkg.dockertest import Seed, engine
from pkg.dockertest.mysql import MySQL, MySQLServer
from pkg.testutil import eventually
from pkg.testutil.containers import Containers, owner, tenant
from pkg.testutil.containers.parted import is_left, process, sweep
from pkg.testutil.containers.tenants import mysql_ahead
from pkg.testutil.containers.turns import Turn, TurnTimeout
from pkg.testutil.processes import line, python

TABLES = 20
TAKE = """
import sys
from pathlib import Path
from pkg.dockertest.mysql import MySQL
from pkg.testutil.containers import Containers
containers = Containers()
print("go", flush=True)
print(containers.start(MySQL(schema=Path(sys.argv[1]))).user, flush=True)
input()
"""
# Stands still in the middle of one schema, the first or a later one.
STOP = """
import sys
import threading
from contextlib import closing
from pkg.dockertest import Seed
from pkg.dockertest.mysql import MySQL
from pkg.testutil.containers import Containers
names = []
def sow(server):
    with closing(server.client()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("CREATE TABLE one (x INT)")
        names.append(server.database)
        if len(names) == int(sys.argv[2]):
            print(*names, flush=True)
            threading.Event().wait()
        cursor.execute("CREATE TABLE other (x INT)")
Containers().start(MySQL(schema=Seed(sow, version=sys.argv[1])))
input()
"""
KILLS = 5


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    """A schema that no other test has."""
    file = tmp_path / "schema.sql"
    tables = "".join(f"CREATE TABLE t{n} (id INT PRIMARY KEY);\n" for n in range(TABLES))
    routine = "CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 7;\n"
    file.write_text(f"-- {secrets.token_hex(8)}\n{tables}{routine}")
    return file


def tenancy() -> Any:
    return process.find(engine.connect(), (MySQL(),))["mysql"].tenancy


def rows(server: MySQLServer, query: str) -> tuple[tuple[Any, ...], ...]:
    with closing(server.client()) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        found: tuple[tuple[Any, ...], ...] = cursor.fetchall()
        return found


def databases() -> set[str]:
    return {name for (name,) in rows(tenancy().whole, "SHOW DATABASES")}


def waiting(value: MySQL) -> set[str]:
    """The names of those that wait with the value's schema."""
    content = value.schema_content()
    assert content
    query = f"SELECT name FROM berth.ahead WHERE content = '{content.key()}'"
    return {name for (name,) in rows(tenancy().whole, query)}


def test_the_next_one_with_the_same_schema_waits_already(
    containers: Containers, schema: Path
) -> None:
    """It is as one that was made for its test: tables, routines with its rights, a new password."""
    value = MySQL(schema=schema)
    first = containers.start(value)
    made = eventually(lambda: waiting(value), within=30)
    second = containers.start(value)
    assert second.user in made
    assert second.password != first.password
    for server in (first, second):
        assert len(rows(server, "SHOW TABLES")) == TABLES
        assert rows(server, "SELECT f()") == ((7,),)
        definers = "SELECT DEFINER FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = "
        assert rows(server, f"{definers}DATABASE()") == ((f"{server.user}@%",),)
        assert rows(server, "SHOW DATABASES LIKE 't%'") == ((server.database,),)


def test_one_that_waited_goes_with_its_test(schema: Path) -> None:
    """Its user and database are removed, and it has no owner any more."""
    value = MySQL(schema=schema)
    with Containers() as containers:
        containers.start(value)
        eventually(lambda: waiting(value), within=30)
        taken = containers.start(value)
        number = tenant.owner(taken.user)
        assert number is not None
        assert owner.is_alive(number)
    assert taken.user not in set(tenancy().names())
    assert not owner.is_alive(number)


def test_each_is_taken_once(containers: Containers, schema: Path) -> None:
    """By threads that want one at the same time."""
    value = MySQL(schema=schema)
    containers.start(value)
    eventually(lambda: waiting(value), within=30)
    with ThreadPoolExecutor(12) as pool:
        servers = list(pool.map(lambda _: containers.start(value), range(12)))
    assert len({server.user for server in servers}) == 12
    for number, server in enumerate(servers):
        assert rows(server, "SELECT * FROM t0") == ()
        with closing(server.client()) as connection, connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO t0 VALUES ({number})")
            connection.commit()  # type: ignore[no-untyped-call]


def test_those_that_wait_outlive_who_made_them(schema: Path) -> None:
    """Another process takes one, and its sweep has left them alone."""
    value = MySQL(schema=schema)
    with python(TAKE, str(schema)) as maker:
        assert line(maker) == "go"
        own = line(maker)
        eventually(lambda: waiting(value), within=30)
        maker.communicate("\n")
    made = waiting(value)
    sweep(tenancy())
    assert own not in set(tenancy().names())
    with python(TAKE, str(schema)) as other:
        assert line(other) == "go"
        assert line(other) in made
        other.communicate("\n")


@pytest.mark.parametrize("number", [1, 2, 4])
def test_what_a_process_was_killed_in_the_middle_of_is_swept(number: int) -> None:
    """Its own tenant, with half of its schema; or one made ahead: those before it go on waiting."""
    with python(STOP, secrets.token_hex(8), str(number)) as maker:
        made = line(maker).split()
        assert len(made) == number
        assert rows(tenancy().whole, f"SHOW TABLES FROM {made[-1]}") == (("one",),)
    wait = set(made[1:-1])
    sweep(tenancy())
    for names in (tenancy().names(), tenancy().waiting(), databases()):
        assert set(names) & set(made) == wait


def test_what_a_killed_process_was_making_or_had_taken_is_swept(schema: Path) -> None:
    """At any moment; only what waits is left."""
    for _ in range(KILLS):
        with python(TAKE, str(schema)) as maker:
            assert line(maker) == "go"
            with suppress(subprocess.TimeoutExpired):
                maker.wait(random.uniform(0.0, 0.5))
    sweep(tenancy())

    def nothing_is_left() -> None:
        names = [name for name in tenancy().names() if is_left(name)]
        kept = set(tenancy().waiting())
        assert [name for name in names if name not in kept and is_left(name)] == []

    eventually(nothing_is_left)


def sow(server: MySQLServer) -> None:
    rows(server, "CREATE TABLE seeded (x INT)")


def test_the_oldest_go_when_too_many_wait(
    containers: Containers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A schema that changes all the time does not fill the server."""
    monkeypatch.setattr(mysql_ahead, "_MOST", 4)
    values = [MySQL(schema=Seed(sow, version=secrets.token_hex(8))) for _ in range(4)]
    containers.start(values[0])
    eventually(partial(waiting, values[0]), within=30)
    for value in values[1:]:
        containers.start(value)
    eventually(lambda: not waiting(values[0]), within=30)


def test_nothing_is_made_while_a_test_has_the_server_whole(
    schema: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would see users and databases come and go."""
    value = MySQL(schema=schema)
    content = value.schema_content()
    assert content
    waited = threading.Event()

    def turn(*words: Any, **named: Any) -> Turn:
        try:
            return Turn(*words, **named)
        except TurnTimeout:
            waited.set()
            raise

    monkeypatch.setattr(mysql_ahead, "Turn", turn)
    with Containers() as containers:
        containers.raw(MySQL())
        tenancy()._ahead.keep(content)
        assert waited.wait(30)
        assert not waiting(value)
    eventually(lambda: len(waiting(value)) == 3, within=30)

"""Users of ClickHouse 18.16 that wait for tenants: each tenant has one of its own, nobody has one
that waits, and none is lost or left, whoever is killed at whatever moment."""

import dataclasses
import random
import secrets
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from typing import Any

import pytest
from clickhouse_driver.errors import Error

from pkg.dockertest.clickhouse import ClickHouse, ClickHouseServer
from pkg.testutil.containers import Containers, tenant
from pkg.testutil.containers.owner import Owner
from pkg.testutil.containers.parted import sweep
from pkg.testutil.containers.tenants.clickhouse import ClickHouseTenancy
from pkg.testutil.containers.tenants.clickhouse_configured import (
    MOST_SPARE,
    SPARE,
    ConfiguredUsers,
)
from pkg.testutil.processes import line, python

# Left out by //tools/lint:statements_test: it is about what 18.16 has.
UNKNOWN_USER, WRONG_PASSWORD, REQUIRED_PASSWORD = 192, 193, 194
RACERS, EACH, KILLS = 6, 3, 6
START = """
import sys
from pkg.dockertest.clickhouse import ClickHouse
from pkg.testutil.containers import Containers
containers = Containers()
print("go", flush=True)
input()
for _ in range(int(sys.argv[1])):
    server = containers.start(ClickHouse())
    server.client().execute("CREATE TABLE own (x UInt8) ENGINE = Memory")
    print(server.user, flush=True)
input()
containers.close()
print("closed", flush=True)
"""


class Killed(Exception):
    """Stands for the end of a process, which does nothing after it."""


@pytest.fixture
def whole(containers: Containers) -> ClickHouseServer:
    """The server, of which nobody else has a part, with users that wait."""
    server = containers.raw(ClickHouse())
    with closing(Owner()) as owner:
        tenancy = ClickHouseTenancy(server)
        tenancy.open(name := tenant.name(owner.number, 1), ClickHouse())
        tenancy.drop(name)
    return server


@pytest.fixture
def users(whole: ClickHouseServer) -> ConfiguredUsers:
    return ConfiguredUsers(whole)


@pytest.fixture
def names() -> Iterator[list[str]]:
    """Tenants', whose owner lives as long as the test: one more than users wait."""
    with closing(Owner()) as owner:
        yield [tenant.name(owner.number, number) for number in range(MOST_SPARE + 1)]


def refusal(whole: ClickHouseServer, user: str, password: str) -> int:
    """The code of the server's refusal to let somebody in; 0 if there is none."""
    at = dataclasses.replace(whole, user=user, password=password, database="system")
    try:
        at.client().execute("SELECT 1")
    except Error as error:
        return int(error.code)
    return 0


def end(users: ConfiguredUsers, name: str) -> None:
    user = users.refuse(name)
    assert user
    users.remove(name, user)


def test_a_test_waits_for_no_configuration(
    users: ConfiguredUsers, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While users wait, a tenant takes one of them, and the server reads nothing anew. Whoever has
    it read that makes up for them."""
    waiting = users.spare()
    assert len(waiting) == MOST_SPARE
    monkeypatch.setattr(users, "_publish", lambda: pytest.fail("the configuration was written"))
    assert {users.add(name) for name in names[:-1]} == set(waiting)
    monkeypatch.undo()
    for name in names[:-1]:
        end(users, name)
    assert len(users.spare()) == MOST_SPARE


def test_when_none_waits_some_are_made(users: ConfiguredUsers, names: list[str]) -> None:
    """Each tenant's is known to the server when it is given."""
    for name in names:
        user = users.add(name)
        assert refusal(users.whole, user, users.password(user)) == 0
    assert len(users.spare()) == MOST_SPARE - 1
    for name in names:
        end(users, name)


def test_one_that_was_taken_meanwhile_is_passed_over(
    users: ConfiguredUsers, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a process that was killed while the server went on with it."""
    waiting = users.spare()
    users.add(names[0])
    monkeypatch.setattr(users, "spare", lambda: waiting)
    assert users.add(names[1]) in waiting[1:]
    monkeypatch.undo()
    for name in names[:2]:
        end(users, name)


def test_nobody_logs_in_as_one_that_waits(whole: ClickHouseServer, names: list[str]) -> None:
    """Without its password, which is nobody else's. No tenant is told the name, either."""
    tenancy = ClickHouseTenancy(whole)
    other = tenancy.open(names[0], ClickHouse())
    waiting = ConfiguredUsers(whole).spare()
    for user in waiting:
        for password in ("", user, other.password, secrets.token_hex(16)):
            code = refusal(whole, user, password)
            assert code == (WRONG_PASSWORD if password else REQUIRED_PASSWORD)
    client = other.client()
    for table in ("databases", "tables", "columns", "parts", "processes"):
        told = repr(client.execute(f"SELECT * FROM system.{table}"))
        assert not any(user in told for user in waiting), table
    tenancy.drop(names[0])


def test_one_that_is_refused_is_refused_for_good(whole: ClickHouseServer, names: list[str]) -> None:
    """No later tenant has its name or its password."""
    tenancy = ClickHouseTenancy(whole)
    ended = []
    for name in names:
        ended.append(tenancy.open(name, ClickHouse()))
        tenancy.drop(name)
    assert len({server.user for server in ended}) == len(names)
    assert len({server.password for server in ended}) == len(names)
    for server in ended:
        assert refusal(whole, server.user, server.password) == UNKNOWN_USER


def test_each_of_many_processes_has_its_own() -> None:
    """That start at the same moment, and want more than wait."""
    with ExitStack() as running:
        racers = [running.enter_context(python(START, str(EACH))) for _ in range(RACERS)]
        assert [line(one) for one in racers] == ["go"] * RACERS
        for one in racers:
            say(one)
        with ThreadPoolExecutor(RACERS) as pool:
            got = list(pool.map(lambda one: [line(one) for _ in range(EACH)], racers))
        assert len({user for of in got for user in of if user}) == RACERS * EACH
        for one in racers:
            say(one)
        assert [line(one) for one in racers] == ["closed"] * RACERS


def test_what_killed_processes_had_is_swept(request: pytest.FixtureRequest) -> None:
    """At any moment, of two that make and remove tenants side by side."""
    for _ in range(KILLS):
        with python(START, str(EACH)) as one, python(START, str(EACH)) as other:
            for each in (one, other):
                assert line(each) == "go"
            for each in (one, other):
                say(each, times=2)
            with suppress(subprocess.TimeoutExpired):
                one.wait(random.uniform(0, 0.5))
            one.kill()
            other.kill()
    nothing_is_left(request.getfixturevalue("whole"))


@pytest.mark.parametrize("waits", [True, False], ids=["one-waits", "none-waits"])
def test_whoever_ends_after_any_statement_leaves_nothing(
    whole: ClickHouseServer, waits: bool
) -> None:
    """A tenant is made and removed by a process that ends after the first statement, the second
    and so on."""
    statements = 0
    while not lives(whole, statements, waits):
        nothing_is_left(whole)
        statements += 1
    assert statements > 10


def lives(whole: ClickHouseServer, statements: int, waits: bool) -> bool:
    """Makes and removes a tenant in what stands for a process that ends after some statements.

    Args:
        waits: whether a user waits for it.

    Returns:
        whether they were enough.
    """
    tenancy, left = ClickHouseTenancy(whole), statements
    users = tenancy._users
    assert isinstance(users, ConfiguredUsers)
    order = users.order

    def counted(statement: str, *rows: Any) -> Any:
        nonlocal left
        if not left:
            raise Killed
        left -= 1
        return order(statement, *rows)

    with closing(Owner()) as owner, pytest.MonkeyPatch.context() as patch:
        if not waits:
            for number, _ in enumerate(users.spare(), 2):
                users.add(tenant.name(owner.number, number))
        patch.setattr(users, "order", counted)
        try:
            tenancy.open(name := tenant.name(owner.number, 1), ClickHouse())
            tenancy.drop(name)
        except Killed:
            return False
    return True


def nothing_is_left(whole: ClickHouseServer) -> None:
    """Of the dead, after a sweep: no tenant, no database, and no user once the configuration was
    written again, but those that wait. The next tenant is as any other."""
    tenancy = ClickHouseTenancy(whole)
    users = tenancy._users
    assert isinstance(users, ConfiguredUsers)
    order, written = users.order, [""]

    def seen(statement: str, *rows: Any) -> Any:
        written.extend(text for (text,) in rows)
        return order(statement, *rows)

    sweep(tenancy)
    with closing(Owner()) as owner, pytest.MonkeyPatch.context() as patch:
        patch.setattr(users, "order", seen)
        server = tenancy.open(name := tenant.name(owner.number, 1), ClickHouse())
        assert server.client().execute("SELECT currentDatabase()") == [(server.database,)]
        tenancy.drop(name)
    assert {claim[0] for claim in users._claims()} == {SPARE}
    shown = whole.client().execute("SHOW DATABASES")
    assert [name for (name,) in shown if tenant.owner(name) is not None] == []
    assert written[-1].count("<allow_databases>") == len(users.spare()) == MOST_SPARE
    assert all(f"<{user}>" in written[-1] for user in users.spare())


def say(process: "subprocess.Popen[str]", times: int = 1) -> None:
    """Lets it go on, so many times."""
    assert process.stdin
    process.stdin.write("\n" * times)
    process.stdin.flush()

"""A tenant of the shared ClickHouse reaches what is its own, and nothing else."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import clickhouse_driver
import pytest
from clickhouse_driver.errors import Error

from pkg.dockertest import SchemaFailed, engine
from pkg.dockertest.clickhouse import ClickHouse, ClickHouseServer
from pkg.testutil import eventually
from pkg.testutil.containers import Containers, leaks
from pkg.testutil.containers.parted import Parted, process

# Left out by //tools/lint:statements_test: it is about what 18.16 refuses.
SECRET = "victims-secret"
ACCESS_DENIED, UNKNOWN_USER = 291, 192
ODD = ["a b", "a.b", "ключ", "'", '"', "\\", "a`b", "%", "x" * 60]
FILL = (
    "CREATE TABLE vault (id UInt8, secret String) ENGINE = MergeTree ORDER BY id",
    f"INSERT INTO vault SELECT 1, '{SECRET}'",
    "CREATE TABLE memory (id UInt8, secret String) ENGINE = Memory",
    f"INSERT INTO memory SELECT 1, '{SECRET}'",
    f"CREATE TABLE joined (id UInt8, `{SECRET}` String) ENGINE = Join(ANY, LEFT, id)",
    f"CREATE VIEW shown AS SELECT '{SECRET}' AS secret",
)
# {v} is the victim's database, {m} the attacker's.
ATTACKS = (
    *(f"SELECT * FROM {{v}}.{table}" for table in ("vault", "memory", "joined", "shown")),
    "SELECT 1 IN {v}.vault",
    "SELECT * FROM own ANY LEFT JOIN {v}.joined USING id",
    "SELECT (SELECT secret FROM {v}.vault)",
    "SELECT * FROM own UNION ALL SELECT * FROM {v}.vault",
    "SELECT * FROM tenants.users",
    "SELECT * FROM default.x",
    "INSERT INTO {v}.vault SELECT 2, ''",
    "INSERT INTO own SELECT * FROM {v}.vault",
    "CREATE TABLE {v}.y (x UInt8) ENGINE = Memory",
    "CREATE TABLE tenants.y (x UInt8) ENGINE = Memory",
    "CREATE TABLE default.y (x UInt8) ENGINE = Memory",
    "CREATE TABLE y AS {v}.vault",
    "CREATE TABLE y ENGINE = Memory AS SELECT * FROM {v}.vault",
    "CREATE VIEW y AS SELECT * FROM {v}.vault",
    "CREATE MATERIALIZED VIEW y ENGINE = Memory POPULATE AS SELECT * FROM {v}.vault",
    "CREATE DATABASE {v}y",
    "CREATE DATABASE free",
    "ATTACH TABLE {v}.vault",
    "ATTACH DATABASE {v}y",
    "DETACH TABLE {v}.vault",
    "DETACH DATABASE {v}",
    "DROP TABLE {v}.vault",
    "DROP DATABASE {v}",
    "DROP DATABASE tenants",
    "DROP DATABASE default",
    "TRUNCATE TABLE {v}.memory",
    "RENAME TABLE {v}.vault TO {m}.vault",
    "RENAME TABLE {m}.own TO {v}.own",
    "ALTER TABLE {v}.vault ADD COLUMN y UInt8",
    "ALTER TABLE {v}.vault DELETE WHERE 1",
    "ALTER TABLE {v}.vault FREEZE",
    "ALTER TABLE {v}.vault DROP PARTITION tuple()",
    "ALTER TABLE {v}.vault DETACH PARTITION tuple()",
    "ALTER TABLE own REPLACE PARTITION tuple() FROM {v}.vault",
    "ALTER TABLE own ATTACH PARTITION tuple() FROM {v}.vault",
    "OPTIMIZE TABLE {v}.vault",
    "CHECK TABLE {v}.vault",
    "SHOW CREATE TABLE {v}.vault",
    "DESCRIBE TABLE {v}.vault",
    "EXISTS TABLE {v}.vault",
    "USE {v}",
)
# Of a database or a file, by table function or engine; each that the server has is called so.
PLACES = (
    "{v}, vault",
    "{v}, 'vault'",
    "{v}, '.*'",
    "'{v}', 'vault', '1'",
    "'127.0.0.1', {v}, vault",
    "'127.0.0.1:9000', '{v}.vault'",
    "'127.0.0.1', {v}, memory, 'berth', ''",
    "'/data/users.xml', 'TabSeparatedRaw', 'x String'",
    "'../users.xml', 'TabSeparatedRaw', 'x String'",
    "TabSeparatedRaw, '/data/users.xml'",
    "'file:///data/users.xml', 'TabSeparatedRaw', 'x String'",
    "'http://127.0.0.1:8123/?query=SELECT+*+FROM+{v}.vault', 'TabSeparatedRaw', 'x String'",
    "{v}, vault, 1, 9, 9, 9, 9, 9, 9",
)


@pytest.fixture
def whole() -> Parted:
    return process.find(engine.connect(), (ClickHouse(),))["clickhouse"]


@pytest.fixture
def hostile(containers: Containers) -> ClickHouseServer:
    server = containers.start(ClickHouse())
    server.client().execute(
        "CREATE TABLE own (id UInt8, secret String) ENGINE = MergeTree ORDER BY id"
    )
    return server


@pytest.fixture
def victim(containers: Containers) -> ClickHouseServer:
    server = containers.start(ClickHouse())
    fill(server)
    return server


def fill(server: ClickHouseServer) -> None:
    client = server.client()
    for statement in FILL:
        client.execute(statement)


def state(server: ClickHouseServer, whole: Parted) -> list[Any]:
    """All that a tenant has, as the server describes it."""
    client, name = whole.whole.client(), server.database
    return [
        sorted(client.execute(f"SELECT * FROM {name}.vault")),
        sorted(client.execute(f"SELECT * FROM {name}.memory")),
        client.execute(
            "SELECT name, create_table_query FROM system.tables"
            f" WHERE database = '{name}' ORDER BY name"
        ),
    ]


@pytest.fixture
def unharmed(victim: ClickHouseServer, whole: Parted) -> Iterator[None]:
    """Nothing of the victim or of the server has changed after the test."""
    before, stock = state(victim, whole), leaks.stock(whole)
    yield
    assert state(victim, whole) == before
    assert leaks.stock(whole) == stock


def said(client: "clickhouse_driver.Client", statement: str) -> str:
    try:
        return repr(client.execute(statement))
    except Error as error:
        return str(error)


@pytest.mark.usefixtures("unharmed")
@pytest.mark.parametrize("attack", ATTACKS)
def test_no_statement_reaches_another_tenant(
    hostile: ClickHouseServer, victim: ClickHouseServer, attack: str
) -> None:
    """Each kind is refused, for want of access."""
    with pytest.raises(Error, match="Access denied") as refused:
        hostile.client().execute(attack.format(v=victim.database, m=hostile.database))
    assert refused.value.code == ACCESS_DENIED


@pytest.mark.usefixtures("unharmed")
def test_nor_by_http(hostile: ClickHouseServer, victim: ClickHouseServer) -> None:
    """The same statements, and another's database as the request's own."""
    assert by_http(hostile, "SELECT currentDatabase()") == f"{hostile.database}\n"
    for attack in ATTACKS:
        if not attack.startswith("USE "):  # it needs a session
            said = by_http(hostile, attack.format(v=victim.database, m=hostile.database))
            assert "Access denied" in said, (attack, said)
    assert "Access denied" in by_http(hostile, "SELECT * FROM vault", victim.database)


def by_http(server: ClickHouseServer, statement: str, database: str | None = None) -> str:
    """What the server answers."""
    who = {"user": server.user, "password": server.password}
    query = urlencode({**who, "database": database or server.database})
    try:
        url = f"{server.http_url}/?{query}"
        with urlopen(url, statement.encode(), timeout=30) as answer:
            text: bytes = answer.read()
    except HTTPError as error:
        text = error.read()
    return text.decode()


@pytest.mark.usefixtures("unharmed")
def test_no_table_function_reads_of_another_tenant(
    hostile: ClickHouseServer, victim: ClickHouseServer, whole: Parted
) -> None:
    """Each that the server has, with names of the victim's, addresses and files."""
    functions = whole.whole.client().execute("SELECT name FROM system.table_functions")
    client = hostile.client()
    fill(hostile)

    def told(function: str, place: str, database: str) -> str:
        return said(client, f"SELECT * FROM {function}({place.format(v=database)})")

    for (function,) in functions:
        for place in PLACES:
            answer = told(function, place, victim.database)
            assert SECRET not in answer, (function, place)
            assert "CLICKHOUSE_PASSWORD" not in answer, (function, place)
    # Of its own it is told, in the same words.
    assert any(SECRET in told("merge", place, hostile.database) for place in PLACES)


@pytest.mark.usefixtures("unharmed")
def test_no_table_engine_reads_of_another_tenant(
    hostile: ClickHouseServer, victim: ClickHouseServer, whole: Parted
) -> None:
    """Each that the server has, alike. Of writing see docs/containers.md."""
    engines = whole.whole.client().execute("SELECT name FROM system.table_engines")
    client = hostile.client()
    fill(hostile)

    def told(kind: str, place: str, database: str) -> str:
        columns = "id UInt8, secret String" if "{v}" in place else "x String"
        said(client, f"CREATE TABLE y ({columns}) ENGINE = {kind}({place.format(v=database)})")
        answer = said(client, "SELECT * FROM y")
        said(client, "DROP TABLE IF EXISTS y")
        return answer

    for (kind,) in engines:
        for place in PLACES:
            answer = told(kind, place, victim.database)
            assert SECRET not in answer, (kind, place)
            assert "CLICKHOUSE_PASSWORD" not in answer, (kind, place)
    for kind in ("Merge", "Buffer"):  # of its own it is told, in the same words
        assert any(SECRET in told(kind, place, hostile.database) for place in PLACES)


@pytest.mark.usefixtures("unharmed")
def test_no_table_of_the_server_tells_of_another_tenant(
    hostile: ClickHouseServer, victim: ClickHouseServer, whole: Parted
) -> None:
    """Each in the database system is read; so are the lists."""
    tables = whole.whole.client().execute(
        "SELECT name FROM system.tables WHERE database = 'system' AND name NOT LIKE 'numbers%'"
    )
    queries = [f"SELECT * FROM system.{name}" for (name,) in tables]
    queries += ["SHOW DATABASES", "SHOW PROCESSLIST", f"SHOW TABLES FROM {victim.database}"]
    client = hostile.client()
    for query in queries:
        answer = said(client, query)
        told = SECRET in answer or victim.database in answer.replace(f"'{victim.database}'", "")
        assert not told or query.endswith(victim.database), query


@pytest.mark.usefixtures("unharmed")
def test_no_function_of_the_server_tells_of_another_tenant(
    hostile: ClickHouseServer, victim: ClickHouseServer, whole: Parted
) -> None:
    """Each is called with names of the victim's."""
    functions = whole.whole.client().execute("SELECT name FROM system.functions")
    given = ["", f"'{victim.database}'", f"'{victim.database}.joined', '{SECRET}', toUInt8(1)"]
    given += [f"'{victim.database}', 'vault'", f"'{victim.database}', 'vault', 'secret'"]
    client = hostile.client()
    for (name,) in functions:
        if name in ("sleep", "sleepEachRow"):
            continue
        for arguments in given:
            query = f"SELECT {name}({arguments})"
            assert SECRET in query or SECRET not in said(client, query), query


@pytest.mark.usefixtures("unharmed")
def test_settings_are_a_connections(hostile: ClickHouseServer, whole: Parted) -> None:
    """Each that the server has is set, to what it is: nobody else sees it as changed."""
    client = hostile.client()
    for name, value in whole.whole.client().execute("SELECT name, value FROM system.settings"):
        said(client, f"SET {name} = '{value}'")


def test_what_the_packaged_version_does_not_enforce(
    hostile: ClickHouseServer, victim: ClickHouseServer, whole: Parted
) -> None:
    """As docs/containers.md has it: with names that one cannot guess, and none of it by mistake."""
    name = victim.database
    client = hostile.client()
    client.execute(f"CREATE MATERIALIZED VIEW v TO {name}.memory AS SELECT * FROM own")
    client.execute("INSERT INTO own VALUES", [(2, "through a view")])
    columns = "(id UInt8, secret String)"
    client.execute(f"CREATE TABLE b {columns} ENGINE = Buffer({name}, memory, 1, 0, 0, 0, 0, 0, 0)")
    client.execute("INSERT INTO b VALUES", [(3, "through a buffer")])
    written = {(2, "through a view"), (3, "through a buffer")}
    assert written <= set(victim.client().execute("SELECT * FROM memory"))
    assert client.execute(f"SELECT hasColumnInTable('{name}', 'vault', 'secret')") == [(1,)]
    client.execute("CREATE TABLE system.y (x UInt8) ENGINE = Memory")
    assert "table system.y" in leaks.stock(whole)
    client.execute("DROP TABLE system.y")
    client.execute("SYSTEM DROP MARK CACHE")


def test_other_users_queries_are_seen(
    hostile: ClickHouseServer, victim: ClickHouseServer, whole: Parted
) -> None:
    """In 18.16; and could be ended."""
    with ThreadPoolExecutor(1) as pool:
        query = pool.submit(victim.client().execute, f"SELECT sleep(3), '{SECRET}'")
        client = hostile.client()
        eventually(lambda: SECRET in said(client, "SHOW PROCESSLIST"))
        client.execute(f"KILL QUERY WHERE user = '{victim.user}'")
        assert query.exception() or query.result()


@pytest.mark.parametrize("name", ODD, ids=range(len(ODD)))
def test_any_name_is_a_tables(containers: Containers, name: str) -> None:
    """Quoted, as everywhere."""
    server = containers.start(ClickHouse())
    quoted = "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
    server.client().execute(f"CREATE TABLE {quoted} (x UInt8) ENGINE = MergeTree ORDER BY x")
    assert server.client().execute("SHOW TABLES") == [(name,)]


def test_many_tenants_at_once_have_their_own() -> None:
    """A hundred, each with its rows."""
    with Containers() as containers:

        def use(number: int) -> bool:
            client = containers.start(ClickHouse()).client()
            client.execute("CREATE TABLE one (x UInt8) ENGINE = MergeTree ORDER BY x")
            client.execute("INSERT INTO one VALUES", [(number,)])
            found: bool = client.execute("SELECT * FROM one") == [(number,)]
            return found

        with ThreadPoolExecutor(100) as pool:
            assert all(pool.map(use, range(100)))


def test_nothing_is_left_of_a_dropped_tenant(whole: Parted) -> None:
    """Tables and user; what is connected still can do nothing; another's is as it was."""
    with Containers() as stays:
        other = stays.start(ClickHouse())
        fill(other)
        before = state(other, whole)
        with Containers() as containers:
            server = containers.start(ClickHouse())
            fill(server)
            client = server.client()
            client.execute("SELECT 1")
        for late in (client, server.client()):
            with pytest.raises(Error) as refused:
                late.execute("CREATE TABLE y (x UInt8) ENGINE = Memory")
            assert refused.value.code in (ACCESS_DENIED, UNKNOWN_USER)
        databases = whole.whole.client().execute("SHOW DATABASES")
        assert (server.database,) not in databases
        assert state(other, whole) == before


def test_a_schema_is_in_the_tenants_database(containers: Containers, tmp_path: Path) -> None:
    """It is run as the tenant."""
    file = tmp_path / "schema.sql"
    file.write_text(";\n".join(FILL))
    server = containers.start(ClickHouse(database="shop", schema=file))
    assert server.client().execute("SELECT * FROM vault") == [(1, SECRET)]
    file.write_text("CREATE DATABASE shop")
    with (
        contextlib.closing(containers),
        pytest.raises(SchemaFailed, match=r"schema.sql, line 1(?s:.*)denied"),
    ):
        containers.start(ClickHouse(schema=file))

"""A tenant of the shared MySQL reaches what is its own, and nothing else."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import MySQLdb
import pytest

from pkg.dockertest import SchemaFailed, Seed, engine
from pkg.dockertest.mysql import MySQL, MySQLServer
from pkg.testutil import eventually
from pkg.testutil.containers import Containers, leaks
from pkg.testutil.containers.mysql_attacks import ATTACKS, LOOKS
from pkg.testutil.containers.parted import Parted, process

SECRET = "victims-secret"
# MySQL has no name that ends with a space.
ODD = ["", "%", "_", "a`b", "a.b", "ключ", "'", "\\", "x" * 47]
STATEMENTS = (
    *("Data Definition", "Data Manipulation", "Transactions", "Replication Statements"),
    *("Prepared Statements", "Account Management", "Table Maintenance", "Components", "Plugins"),
    *("Administration", "Utility"),
)
# Names of others' tables, which MySQL shows to everybody here.
NAMING = ("TABLESPACES_EXTENSIONS", "SHOW OPEN TABLES")
COUNTERS = "TRUNCATE TABLE `performance_schema`.`global_status`"
FILL = (
    "CREATE TABLE vault (id INT PRIMARY KEY, secret TEXT)",
    f"INSERT INTO vault VALUES (1, '{SECRET}')",
    f"CREATE TABLE isam (id INT) ENGINE = MyISAM COMMENT '{SECRET}'",
    "CREATE VIEW w AS SELECT * FROM vault",
    f"CREATE PROCEDURE p() SELECT '{SECRET}'",
    f"CREATE FUNCTION f() RETURNS TEXT DETERMINISTIC RETURN '{SECRET}'",
    f"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT '{SECRET}'",
    f"CREATE TRIGGER t BEFORE INSERT ON vault FOR EACH ROW SET @x = '{SECRET}'",
)

Execute = Callable[[str], tuple[tuple[Any, ...], ...]]


@contextlib.contextmanager
def session(server: MySQLServer) -> Iterator[Execute]:
    """What runs a statement, each one in a session without the traces of the last."""
    connection = server.client()

    def execute(statement: str) -> tuple[tuple[Any, ...], ...]:
        whom = (server.user, server.password, server.database)
        connection.change_user(*whom)  # type: ignore[no-untyped-call]
        connection.autocommit(True)
        with contextlib.closing(connection.cursor()) as cursor:
            cursor.execute(statement)
            found: tuple[tuple[Any, ...], ...] = cursor.fetchall()
            while cursor.nextset():
                found += cursor.fetchall()
            return found

    with contextlib.closing(connection):
        yield execute


@pytest.fixture
def whole() -> Parted:
    return process.find(engine.connect(), (MySQL(),))["mysql"]


@pytest.fixture
def hostile(containers: Containers) -> MySQLServer:
    server = containers.start(MySQL())
    with session(server) as execute:
        execute("CREATE TABLE own (x INT)")
    return server


@pytest.fixture
def victim(containers: Containers) -> MySQLServer:
    """With something of each kind, with a secret in it, and a query that runs."""
    server = containers.start(MySQL())
    with session(server) as execute:
        for statement in FILL:
            execute(statement)
        execute(f"CREATE DATABASE {server.database}_more")
        execute(f"CREATE TABLE {server.database}_more.vault AS SELECT '{SECRET}'")

    def wait() -> None:
        with contextlib.suppress(MySQLdb.Error), session(server) as execute:
            execute(f"SELECT SLEEP(600), '{SECRET}'")

    threading.Thread(target=wait, daemon=True).start()
    return server


@pytest.fixture
def running(victim: MySQLServer, whole: Parted) -> int:
    """The number of the victim's connection that runs a query."""
    with session(whole.whole) as execute:

        def query() -> int:
            shown = execute("SHOW FULL PROCESSLIST")
            return sum(int(row[0]) for row in shown if row[1] == victim.user and row[7])

        return eventually(query)


def state(server: MySQLServer, whole: Parted) -> list[Any]:
    """All that a tenant has, as the server describes it."""
    name = server.database
    with session(whole.whole) as execute:
        return [
            execute(f"SELECT * FROM {name}.vault"),
            execute(f"SELECT * FROM {name}_more.vault"),
            execute(f"CHECKSUM TABLE {name}.isam"),
            *(execute(f"SHOW CREATE TABLE {name}.{table}") for table in ("vault", "isam")),
            execute(f"SHOW CREATE VIEW {name}.w"),
            execute(f"SHOW CREATE PROCEDURE {name}.p"),
            execute(f"SHOW CREATE FUNCTION {name}.f"),
            execute(f"SHOW CREATE EVENT {name}.e"),
            execute(f"SHOW CREATE TRIGGER {name}.t"),
            execute(f"SHOW CREATE DATABASE {name}"),
            execute(f"SHOW TABLES FROM {name}"),
            sorted(one for one in execute("SHOW DATABASES") if name in one[0]),
            execute(f"SHOW CREATE USER {server.user}"),
            execute(f"SHOW GRANTS FOR {server.user}"),
            [row[7] for row in execute("SHOW FULL PROCESSLIST") if row[1] == server.user],
        ]


def said(execute: Execute, statement: str) -> tuple[bool, str]:
    """Whether a statement was refused, and what the server says."""
    try:
        answer = execute(statement)
    except MySQLdb.OperationalError as error:
        if error.args[0] in (2006, 2013):  # the connection has ended
            raise
        return True, str(error)
    except MySQLdb.Error as error:
        return True, str(error)
    return any("Error" in row for row in answer), repr(answer)


def tells(statement: str, answer: str, victim: MySQLServer) -> bool:
    """Whether there is something of the victim in an answer that was not in the question."""
    return SECRET in answer or (victim.database not in statement and victim.database in answer)


@pytest.fixture(autouse=True)
def unharmed(
    victim: MySQLServer, hostile: MySQLServer, running: int, whole: Parted
) -> Iterator[None]:
    """Nothing of the victim or of the server has changed after the test."""
    before, stock = state(victim, whole), leaks.stock(whole)
    yield
    assert state(victim, whole) == before
    assert leaks.stock(whole) == stock


def test_no_statement_of_the_server_reaches_another_tenant(
    hostile: MySQLServer, victim: MySQLServer, running: int
) -> None:
    """Each that its help knows is tried: it is refused, and tells nothing."""
    names = {"v": victim.database, "m": hostile.database, "user": victim.user, "id": running}
    with session(hostile) as execute:
        kept = {
            template.format(**names): said(execute, template.format(**names))
            for statements in ATTACKS.values()
            for template in statements
        }
        for look in LOOKS:
            answer = said(execute, look)[1]
            assert SECRET not in answer
            assert not tells(look, answer, victim) or look in NAMING, look
    assert [one for one, (refused, _) in kept.items() if not refused] == []
    assert [one for one, (_, answer) in kept.items() if tells(one, answer, victim)] == []


def test_every_statement_is_tried(whole: Parted) -> None:
    """The server's own help is the list."""
    kinds = ", ".join(f"'{kind}'" for kind in STATEMENTS)
    with session(whole.whole) as execute:
        topics = execute(
            "SELECT t.name FROM mysql.help_topic t JOIN mysql.help_category c"
            f" USING (help_category_id) WHERE c.name IN ({kinds})"
        )
    assert {name for (name,) in topics} == ATTACKS.keys() | LOOKS


def test_no_table_of_the_server_tells_of_another_tenant(
    hostile: MySQLServer, victim: MySQLServer, whole: Parted
) -> None:
    """Each in the server's own databases is read, and written to in each way."""
    with session(whole.whole) as execute:
        tables = execute(
            "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA"
            " IN ('berth', 'information_schema', 'mysql', 'performance_schema', 'sys', 'test')"
        )
    with session(hostile) as execute:
        for database, name in tables:
            table = f"`{database}`.`{name}`"
            answer = said(execute, f"SELECT * FROM {table}")[1]
            assert SECRET not in answer
            assert victim.database not in answer or name in NAMING, table
            for statement in (
                f"DELETE FROM {table}",
                f"INSERT INTO {table} VALUES ()",
                f"TRUNCATE TABLE {table}",  # of counters that are off here, everybody may
                f"ALTER TABLE {table} ADD y INT",
                f"DROP TABLE {table}",
                f"LOCK TABLES {table} WRITE",
            ):
                refused = said(execute, statement)[0]
                assert refused or statement == COUNTERS


def test_no_variable_of_the_server_is_a_tenants_to_set(hostile: MySQLServer, whole: Parted) -> None:
    """Neither now nor for the next start."""
    with session(whole.whole) as execute:
        variables = [name for name, _ in execute("SHOW GLOBAL VARIABLES")]
    with session(hostile) as execute:
        for name in variables:
            for way in ("GLOBAL", "PERSIST", "PERSIST_ONLY"):
                with pytest.raises(MySQLdb.Error):
                    execute(f"SET {way} {name} = DEFAULT")
            said(execute, f"SET SESSION {name} = DEFAULT")


def test_no_privilege_of_the_server_is_a_tenants(hostile: MySQLServer, whole: Parted) -> None:
    """It has those on its own databases, and can give itself no other."""
    with session(whole.whole) as execute:
        privileges = [name for name, *_ in execute("SHOW PRIVILEGES")]
    me = hostile.user
    with session(hostile) as execute:
        assert sorted(execute("SHOW GRANTS")) == [
            (f"GRANT ALL PRIVILEGES ON `{me}\\_%`.* TO `{me}`@`%`",),
            (f"GRANT ALL PRIVILEGES ON `{me}`.* TO `{me}`@`%`",),
            (f"GRANT USAGE ON *.* TO `{me}`@`%`",),
        ]
        for name in privileges:
            for where in ("*.*", f"{me}.*"):
                with pytest.raises(MySQLdb.Error):
                    execute(f"GRANT {name} ON {where} TO CURRENT_USER()")


def test_no_function_of_the_server_tells_of_another_tenant(
    hostile: MySQLServer, victim: MySQLServer, whole: Parted
) -> None:
    """Each is called with names of the victim's and with a file's."""
    with session(whole.whole) as execute:
        functions = execute(
            "SELECT t.name FROM mysql.help_topic t JOIN mysql.help_category c"
            " USING (help_category_id) WHERE c.name LIKE '%Functions%'"
            " AND t.name REGEXP '^[A-Z0-9_]+$'"
            " AND t.name NOT IN ('SLEEP', 'BENCHMARK', 'GET_LOCK', 'SOURCE_POS_WAIT')"
        )
        routines = execute(
            "SELECT ROUTINE_TYPE, ROUTINE_NAME FROM information_schema.ROUTINES"
            " WHERE ROUTINE_SCHEMA = 'sys'"
        )
    database = victim.database
    given = ["", f"'{database}'", f"'{database}', 'vault'", f"'{database}', 'vault', 'secret'"]
    given += ["'/data/mysql/auto.cnf'", f"'/data/mysql/{database}/vault.ibd'"]
    with session(hostile) as execute:
        for (name,) in functions:
            for arguments in given:
                statement = f"SELECT {name}({arguments})"
                assert not tells(statement, said(execute, statement)[1], victim), statement
        assert said(execute, "SELECT LOAD_FILE('/proc/1/environ')")[1] == "((None,),)"
        for kind, name in routines:
            with pytest.raises(MySQLdb.Error):
                execute(f"{'CALL' if kind == 'PROCEDURE' else 'SELECT'} sys.{name}()")


@pytest.mark.parametrize("is_named", [True, False], ids=["named", "unnamed"])
def test_a_prepared_transaction_ends_with_its_tenant(
    containers: Containers, whole: Parted, is_named: bool
) -> None:
    """It would keep its tables for ever; another's, that begins with its name, goes on."""
    other = containers.start(MySQL())
    prepare(other, f"{other.database}_1")
    with Containers() as ending:
        server = ending.start(MySQL())
        mine = f"{server.database}_1" if is_named else f"any-{uuid4()}"
        prepare(server, mine)
    with session(whole.whole) as execute:
        left = [row[3] for row in execute("XA RECOVER")]
    assert f"{other.database}_1" in left
    assert mine not in left


def prepare(server: MySQLServer, name: str) -> None:
    """Leaves a prepared transaction behind."""
    with contextlib.closing(server.client()) as connection, connection.cursor() as cursor:
        for statement in (
            "CREATE TABLE x (id INT)",
            f"XA START '{name}'",
            "INSERT INTO x VALUES (1)",
            f"XA END '{name}'",
            f"XA PREPARE '{name}'",
        ):
            cursor.execute(statement)


def test_a_tenant_has_databases_below_its_name(whole: Parted) -> None:
    """As many as it makes, and they go with it; the name may be any."""
    with Containers() as containers:
        server = containers.start(MySQL())
        made = {f"{server.database}_{name}" for name in ODD}
        with session(server) as execute:
            for name in made:
                quoted = f"`{name.replace('`', '``')}`"
                execute(f"CREATE DATABASE {quoted}")
                execute(f"CREATE TABLE {quoted}.{quoted} (x INT)")
            assert made <= {name for (name,) in execute("SHOW DATABASES")}
    with session(whole.whole) as execute:
        assert not made & {name for (name,) in execute("SHOW DATABASES")}


def test_many_tenants_at_once_have_their_own(victim: MySQLServer) -> None:
    """A hundred, each with its rows."""
    with Containers() as containers:

        def use(number: int) -> tuple[int, int]:
            server = containers.start(MySQL())
            with session(server) as execute:
                execute("CREATE TABLE one (x INT)")
                execute(f"INSERT INTO one VALUES ({number})")
                return number, execute("SELECT SUM(x) FROM one")[0][0]

        with ThreadPoolExecutor(100) as pool:
            assert all(mine == sum for mine, sum in pool.map(use, range(100)))
        assert containers.start(MySQL()).user != victim.user


def test_nothing_is_left_of_a_dropped_tenant(whole: Parted) -> None:
    """Databases, routines, user and connections, also one that holds locks."""
    with Containers() as containers:
        server = containers.start(MySQL())
        with session(server) as execute:
            for statement in FILL:
                execute(statement)
            execute(f"CREATE DATABASE {server.database}_more")
        held = server.client()
        with contextlib.closing(held.cursor()) as cursor:
            cursor.execute("INSERT INTO vault VALUES (2, '')")
            cursor.execute("LOCK TABLES vault WRITE")
    with pytest.raises(MySQLdb.Error):
        held.ping()
    with session(whole.whole) as execute:
        for table, column in (
            ("SCHEMATA", "SCHEMA_NAME"),
            ("ROUTINES", "ROUTINE_SCHEMA"),
            ("EVENTS", "EVENT_SCHEMA"),
            ("TRIGGERS", "TRIGGER_SCHEMA"),
        ):
            query = f"SELECT * FROM information_schema.{table} WHERE {column} LIKE "
            assert execute(f"{query}'{server.database}%'") == ()
        for table in ("user", "db", "tables_priv", "procs_priv"):
            assert execute(f"SELECT * FROM mysql.{table} WHERE User = '{server.user}'") == ()


def sow(server: MySQLServer) -> None:
    with session(server) as execute:
        execute("CREATE TABLE seeded (x INT)")


def test_a_schema_is_in_the_tenants_database(containers: Containers, tmp_path: Path) -> None:
    """It ran as the tenant: what it makes has the tenant's rights, not the server's."""
    file = tmp_path / "schema.sql"
    file.write_text(";\n".join(FILL))
    server = containers.start(MySQL(database="shop", schema=file))
    with session(server) as execute:
        assert execute("SELECT * FROM w") == ((1, SECRET),)
        [(definers,)] = execute(
            "SELECT GROUP_CONCAT(DISTINCT DEFINER) FROM information_schema.ROUTINES"
            " WHERE ROUTINE_SCHEMA = DATABASE()"
        )
        assert definers == f"{server.user}@%"
    with session(containers.start(MySQL(schema=Seed(sow, version="1")))) as execute:
        assert execute("SHOW TABLES") == (("seeded",),)


def test_a_schema_beyond_the_tenant_is_refused(containers: Containers, tmp_path: Path) -> None:
    """Its file and line are named."""
    file = tmp_path / "schema.sql"
    file.write_text("CREATE TABLE x (id INT);\nCREATE DATABASE shop;\n")
    with pytest.raises(SchemaFailed, match=r"schema.sql, line 2.*\n.*\n.*denied"):
        containers.start(MySQL(schema=file))

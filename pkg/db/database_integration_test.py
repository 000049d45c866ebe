"""What a database is on a real server: its sessions, its round trips, its errors."""

from dataclasses import replace

import pytest
from sqlalchemy import Connection, text

from pkg.clock import SystemClock
from pkg.db import (
    AccessDenied,
    BadValue,
    Config,
    Database,
    DatabaseError,
    DuplicateKey,
    ReferenceBroken,
    Refused,
    TimedOut,
    Unavailable,
)
from pkg.db.given import IMPATIENT, database, numbers, server_of, with_rows
from pkg.db.hearing import hearing
from pkg.dockertest import Scope
from pkg.dockertest.mysql import MySQL

ODD = [
    "",
    "🐢 żółw",
    'it\'s; "quoted" `so`',
    "back\\slash % %s :name \\'",
    "a\0b\x1a\r\n\t",
    "' OR 1=1; DROP TABLE t; -- ",
    "\U0010ffff",
]


def test_a_transaction_costs_one_round_trip_beside_its_statements(dockertest: Scope) -> None:
    """Reads and single writes cost none: a connection that is there is neither pinged nor reset."""
    server = dockertest.start(MySQL())
    with with_rows(server) as db:
        read, add = text("SELECT n FROM t"), text("UPDATE t SET n = n + 1")
        db.read(lambda connection: connection.execute(read))

        def failing(connection: Connection) -> None:
            connection.execute(add)
            raise LookupError

        with hearing(server) as heard:
            with db.read() as connection:
                connection.execute(read)
            db.read(lambda connection: connection.execute(read))
            db.write(lambda connection: connection.execute(add))
            db.transaction(lambda connection: connection.execute(add))
            with pytest.raises(LookupError):
                db.transaction(failing)
        assert heard == [
            "SELECT n FROM t",
            "SELECT n FROM t",
            "UPDATE t SET n = n + 1",
            "UPDATE t SET n = n + 1",
            "COMMIT",
            "UPDATE t SET n = n + 1",
            "ROLLBACK",
        ]


def test_what_does_nothing_costs_nothing(dockertest: Scope) -> None:
    """A block without a statement is no round trip."""
    server = dockertest.start(MySQL())
    with with_rows(server) as db:
        with db.read():
            pass
        with hearing(server) as heard, db.read():
            pass
        assert heard == []


def test_sessions_are_the_same_on_any_server(dockertest: Scope) -> None:
    """Whatever its own settings are; those of writes commit when they are told to."""
    flags = ["--sql-mode=", "--default-time-zone=+05:00", "--character-set-server=latin1"]
    server = dockertest.start(MySQL(flags=flags))
    asked = text(
        "SELECT @@time_zone, @@transaction_isolation, @@character_set_client,"
        " @@character_set_connection, @@character_set_results, @@sql_mode, @@max_execution_time,"
        " @@innodb_lock_wait_timeout, @@autocommit"
    )
    with database(server) as db:
        for found, autocommit in (
            (db.read(lambda connection: connection.execute(asked).one()), 1),
            (db.transaction(lambda connection: connection.execute(asked).one()), 0),
        ):
            assert found[:5] == ("+00:00", "READ-COMMITTED", *["utf8mb4"] * 3)
            assert {"STRICT_ALL_TABLES", "ONLY_FULL_GROUP_BY"} <= set(found[5].split(","))
            assert found[6:] == (2000, 1, autocommit)


@pytest.mark.parametrize("value", ODD)
def test_any_text_comes_back_as_it_was(dockertest_module: Scope, value: str) -> None:
    """As a value, which is never part of the statement; bytes likewise."""
    server = dockertest_module.start(MySQL())
    with with_rows(server) as db:
        asked = text("SELECT :value, CAST(:bytes AS BINARY)")
        given = {"value": value, "bytes": bytes(range(256))}
        assert db.read(lambda connection: connection.execute(asked, given).one()) == (
            value,
            bytes(range(256)),
        )
        assert (
            len(db.read(lambda connection: connection.execute(text("SELECT * FROM t")).all())) == 2
        )


def test_one_call_is_one_statement(dockertest: Scope) -> None:
    """What is injected all the same cannot be another one."""
    two = text("SELECT 1; DROP TABLE t")
    with with_rows(dockertest.start(MySQL())) as db:
        for run in (db.read, db.write, db.transaction):
            with pytest.raises(Refused, match="1064"):
                run(lambda connection: connection.execute(two))
        assert numbers(db) == [0, 0]


def test_reads_go_to_the_replica_and_transactions_to_the_primary(dockertest: Scope) -> None:
    """Two servers, by what is in each. What has to be the latest is read from the primary."""
    primary, replica = dockertest.start(MySQL(database="one"), MySQL(database="two"))
    which = text("SELECT DATABASE()")
    with database(primary, replica=replica) as db:
        assert db.read(lambda connection: connection.scalar(which)) == "two"
        assert db.read(lambda connection: connection.scalar(which), latest=True) == "one"
        assert db.transaction(lambda connection: connection.scalar(which)) == "one"
        assert db.write(lambda connection: connection.scalar(which)) == "one"
        replica.container.kill()
        with pytest.raises(Unavailable):
            db.read(lambda connection: connection.scalar(which))
        assert db.transaction(lambda connection: connection.scalar(which)) == "one"


def test_the_servers_refusals_have_types(dockertest: Scope) -> None:
    """With the names of keys, and without the values."""
    with with_rows(dockertest.start(MySQL())) as db:
        for statement in (
            "CREATE TABLE parent (id INT PRIMARY KEY, word VARCHAR(30), UNIQUE KEY by_word (word))",
            "CREATE TABLE child (id INT, CONSTRAINT of_parent FOREIGN KEY (id)"
            " REFERENCES parent (id))",
            "INSERT INTO parent VALUES (1, 'se''cret for key ''x.y''')",
            "INSERT INTO child VALUES (1)",
        ):
            with db.read() as connection:
                connection.execute(text(statement))

        def error(statement: str) -> DatabaseError:
            with pytest.raises(DatabaseError) as caught:
                db.transaction(lambda connection: connection.execute(text(statement)))
            assert "secret" not in str(caught.value)
            assert "cret" not in str(caught.value)
            return caught.value

        duplicate = error("INSERT INTO parent VALUES (2, 'se''cret for key ''x.y''')")
        assert isinstance(duplicate, DuplicateKey)
        assert duplicate.key == "by_word"
        broken = error("INSERT INTO child VALUES (7)")
        assert isinstance(broken, ReferenceBroken)
        assert broken.constraint == "of_parent"
        assert isinstance(error("DELETE FROM parent"), ReferenceBroken)
        for bad in (
            f"INSERT INTO parent VALUES (3, '{'secret' * 10}')",
            "INSERT INTO parent VALUES (NULL, 'secret')",
            "INSERT INTO parent VALUES (99999999999, 'secret')",
            "INSERT INTO parent VALUES ('secret', '')",
        ):
            assert type(error(bad)) is BadValue
        assert type(error("SELECT secret FROM nowhere")) is Refused


def test_a_read_that_takes_too_long_is_ended_by_the_server(dockertest: Scope) -> None:
    """It does not work on for nobody, and the connection stays."""
    server = dockertest.start(MySQL())
    with database(server, timeouts=replace(IMPATIENT, select=0.2)) as db, db.read() as connection:
        own = connection.scalar(text("SELECT CONNECTION_ID()"))
        with pytest.raises(TimedOut, match="3024"):
            connection.execute(
                text(
                    "SELECT COUNT(*) FROM information_schema.COLUMNS a, "
                    "information_schema.COLUMNS b, information_schema.COLUMNS c"
                )
            )
        assert connection.scalar(text("SELECT CONNECTION_ID()")) == own


def test_an_operation_has_a_deadline(dockertest: Scope) -> None:
    """Finer than the client library's; the others' connections are kept."""
    with with_rows(dockertest.start(MySQL())) as db:
        clock = SystemClock()
        sleep = text("SELECT SLEEP(:seconds)")
        with db.read() as other:
            begun = clock.monotonic()
            for run in (db.read, db.transaction):
                with pytest.raises(TimedOut, match="operation's time is over"):
                    run(lambda connection: connection.execute(sleep, {"seconds": 10}), within=0.2)
            assert clock.monotonic() - begun < 10
            assert other.scalar(text("SELECT 1")) == 1


def test_a_wrong_password_is_told_and_not_shown(dockertest: Scope) -> None:
    """Neither it nor the right one is in the error, its causes, or what is printed."""
    server = dockertest.start(MySQL())
    right = server_of(server)
    with Database(
        Config(primary=replace(right, password="wrong secret")), clock=SystemClock()
    ) as db:
        with pytest.raises(AccessDenied) as caught:
            db.read(lambda connection: None)
        shown = [repr(db), repr(db.config)]
        error: BaseException | None = caught.value
        while error is not None:
            shown += [str(error), repr(error)]
            error = error.__cause__ or error.__context__
    with database(server) as db, db.read() as connection:
        shown += [repr(connection), repr(connection.engine), str(connection.engine.url)]
    assert not [one for one in shown if "secret" in one or server.password in one]

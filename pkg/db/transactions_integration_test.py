"""Transactions that others stop are tried again, and none is ever done by half."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, text

from pkg.db import (
    Contended,
    Database,
    DatabaseError,
    Deadlocked,
    DuplicateKey,
    LockTimeout,
    PoolExhausted,
    TimedOut,
)
from pkg.db.config import Pool
from pkg.db.given import PATIENT, database, numbers, patient, with_rows
from pkg.dockertest import Scope
from pkg.dockertest.mysql import MySQL

type Work = Callable[[Connection], None]
type Change = Callable[[Work], Work]

ADD = text("UPDATE t SET n = n + 1 WHERE id = :id")


class Crossing:
    """Work of two threads that lock the same two rows in opposite orders, and meet between them."""

    def __init__(self) -> None:
        self.calls = 0
        self._between = threading.Barrier(2)

    def work(self, first: int, second: int) -> Work:
        calls = 0

        def run(connection: Connection) -> None:
            nonlocal calls
            calls += 1
            self.calls += 1
            connection.execute(ADD, {"id": first})
            if calls == 1:
                self._between.wait(60)
            connection.execute(ADD, {"id": second})

        return run


def unchanged(work: Work) -> Work:
    """The work as it is."""
    return work


def crossed(db: Database, crossing: Crossing, change: Change = unchanged) -> list[object]:
    """What two threads raise that cross."""
    with ThreadPoolExecutor(2) as pool:
        running = [
            pool.submit(db.transaction, change(crossing.work(*order))) for order in ((1, 2), (2, 1))
        ]
        return [each.exception() for each in running]


def test_of_two_in_a_deadlock_both_end(dockertest: Scope) -> None:
    """The server stops one, which is tried again after the other."""
    with with_rows(dockertest.start(MySQL()), made=patient) as db:
        crossing = Crossing()
        assert crossed(db, crossing) == [None, None]
        assert crossing.calls == 3
        assert numbers(db) == [2, 2]


def test_a_deadlock_is_an_error_after_the_last_try(dockertest: Scope) -> None:
    """Which says how many there were; nothing of it is done."""
    server = dockertest.start(MySQL())
    with with_rows(server), database(server, tries=1) as db:
        errors = crossed(db, Crossing())
        (error,) = [one for one in errors if one is not None]
        assert isinstance(error, Deadlocked)
        assert "given up after 1 tries" in str(error)
        assert numbers(db) == [1, 1]


def test_a_deadlock_that_work_lets_pass_is_no_half_a_transaction(dockertest: Scope) -> None:
    """The server has rolled back what was before it; what comes after is not committed alone."""

    def careless(work: Work) -> Work:
        def run(connection: Connection) -> None:
            try:
                work(connection)
            except DatabaseError:
                connection.execute(ADD, {"id": 3})

        return run

    with with_rows(dockertest.start(MySQL()), rows=3, made=patient) as db:
        assert crossed(db, Crossing(), careless) == [None, None]
        assert numbers(db) == [2, 2, 0]


def test_a_deadlock_within_a_savepoint_is_one(dockertest: Scope) -> None:
    """The savepoint is gone with all the rest; that it cannot be rolled back to is no error."""

    def nested(work: Work) -> Work:
        def run(connection: Connection) -> None:
            with connection.begin_nested():
                work(connection)

        return run

    with with_rows(dockertest.start(MySQL()), made=patient) as db:
        assert crossed(db, Crossing(), nested) == [None, None]
        assert numbers(db) == [2, 2]


def test_a_lock_that_is_held_for_too_long_is_waited_for_again(dockertest: Scope) -> None:
    """And is an error when it is held on; what was done before it is rolled back each time."""
    server = dockertest.start(MySQL())
    calls = 0

    def work(connection: Connection) -> None:
        nonlocal calls
        calls += 1
        connection.execute(ADD, {"id": 2})
        connection.execute(ADD, {"id": 1})

    with (
        with_rows(server),
        database(server, tries=2) as db,
        server.client() as client,
        client.cursor() as cursor,
    ):
        cursor.execute("SELECT * FROM t WHERE id = 1 FOR UPDATE")
        with pytest.raises(LockTimeout, match="given up after 2 tries"):
            db.transaction(work)
        assert calls == 2
        with ThreadPoolExecutor(1) as pool:
            calls = 0
            waiting = pool.submit(db.transaction, work)
            client.rollback()  # type: ignore[no-untyped-call]
            assert waiting.exception() is None
        assert numbers(db) == [1, 1]


def test_others_that_do_not_stop_are_an_error_in_time(dockertest: Scope) -> None:
    """The operation's own time bounds all tries together."""
    server = dockertest.start(MySQL())
    with with_rows(server) as db, server.client() as client, client.cursor() as cursor:
        cursor.execute("SELECT * FROM t FOR UPDATE")
        with pytest.raises((Contended, TimedOut)):
            db.transaction(lambda connection: connection.execute(ADD, {"id": 1}), within=0.5)


def test_many_that_count_on_one_row_lose_none(dockertest: Scope) -> None:
    """Sixteen at a time, each reading before it writes."""
    mysql = dockertest.start(MySQL())
    with with_rows(mysql, made=patient) as db, ThreadPoolExecutor(16) as pool:

        def work(connection: Connection) -> None:
            n = connection.scalar(text("SELECT n FROM t WHERE id = 1 FOR UPDATE"))
            connection.execute(text("UPDATE t SET n = :n WHERE id = 1"), {"n": n + 1})

        for each in [pool.submit(db.transaction, work) for _ in range(200)]:
            each.result()
        assert numbers(db) == [200, 0]


def test_what_work_raises_rolls_back_and_is_raised(dockertest: Scope) -> None:
    """Also where it has let an error of the server pass."""

    def work(connection: Connection) -> None:
        connection.execute(ADD, {"id": 1})
        with pytest.raises(DuplicateKey) as caught:
            connection.execute(text("INSERT INTO t VALUES (1, 0)"))
        assert caught.value.key == "PRIMARY"
        raise LookupError("no such thing")

    with with_rows(dockertest.start(MySQL())) as db:
        with pytest.raises(LookupError, match="no such thing"):
            db.transaction(work)
        assert numbers(db) == [0, 0]


def test_work_that_goes_on_after_a_refusal_is_committed(dockertest: Scope) -> None:
    """One statement was refused; the others hold, as MySQL has it."""

    def work(connection: Connection) -> None:
        connection.execute(ADD, {"id": 1})
        with pytest.raises(DuplicateKey):
            connection.execute(text("INSERT INTO t VALUES (1, 0)"))

    with with_rows(dockertest.start(MySQL())) as db:
        db.transaction(work)
        assert numbers(db) == [1, 0]


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_work_does_not_end_its_transaction(dockertest: Scope, end: str) -> None:
    """It would commit a half, or what nobody has asked for."""

    def work(connection: Connection) -> None:
        connection.execute(ADD, {"id": 1})
        getattr(connection, end)()
        connection.execute(ADD, {"id": 2})

    with with_rows(dockertest.start(MySQL())) as db:
        with pytest.raises(RuntimeError, match=rf"called {end}\(\)"):
            db.transaction(work)
        assert numbers(db) == [0, 0]


def test_a_pool_that_is_exhausted_is_an_error_in_time(dockertest: Scope) -> None:
    """It names what to raise; and there is a place again when somebody has ended."""
    server = dockertest.start(MySQL())
    small = Pool(size=1, overflow=1, wait=0.1)
    with database(server, pool=small) as db:
        exhausted = pytest.raises(PoolExhausted, match=r"all 2 connections .* raise pool\.size")
        with db.read(), db.read(), exhausted:
            db.read(lambda connection: None)
        with db.read() as connection:
            assert connection.scalar(text("SELECT 1")) == 1


def test_connections_are_kept_and_bounded(dockertest: Scope) -> None:
    """No more than the pool says, however many threads there are."""
    server = dockertest.start(MySQL())
    with (
        database(server, pool=Pool(size=2, overflow=1, wait=240), timeouts=PATIENT) as db,
        ThreadPoolExecutor(8) as pool,
    ):

        def read(_: int) -> None:
            with db.read() as connection:
                connection.execute(text("SELECT SLEEP(0.02)"))

        list(pool.map(read, range(40)))
        with db.read() as connection:
            highest = text("SHOW GLOBAL STATUS LIKE 'Max_used_connections'")
            assert int(connection.execute(highest).one()[1]) <= 3 + 1  # and dockertest's own

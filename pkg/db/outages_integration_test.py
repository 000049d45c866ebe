"""A server that goes away at any point of an operation: an error in time, never half of it."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial

import pytest
from sqlalchemy import Connection, column, func, table, text, update

from pkg.clock import SystemClock
from pkg.db import Database, DatabaseError, OutcomeUnknown, Unavailable
from pkg.db.given import IMPATIENT, LATE_SECONDS, database, numbers, with_rows
from pkg.dockertest import Scope
from pkg.dockertest.container import Container
from pkg.dockertest.mysql import MySQL, MySQLServer
from pkg.testutil import eventually

FAULTS: dict[str, tuple[Callable[[Container], None], Callable[[Container], None]]] = {
    "killed": (Container.kill, Container.restart),
    "paused": (Container.pause, Container.resume),
    "cut off": (Container.cut, Container.heal),
    "reset": (partial(Container.cut, reset=True), Container.heal),
    "unheard": (partial(Container.cut, direction="down"), Container.heal),
}
EVERY_FAULT = pytest.mark.parametrize("fault", FAULTS)
T = table("t", column("id"), column("n"))
BOTH = [update(T).where(T.c.id == row).values(n=T.c.n + 1) for row in (1, 2)]
OTHERS = [update(T).where(T.c.id == row).values(n=T.c.n + 1) for row in (3, 4)]
OPERATIONS: dict[str, Callable[[Database], object]] = {
    "read": lambda db: db.read(lambda connection: connection.scalar(text("SELECT 1"))),
    "transaction": lambda db: db.transaction(add_one),
    # Of rows of its own, so that neither waits for the other.
    "batch": lambda db: db.batch(OTHERS),
}
WITHIN = IMPATIENT.operation


def add_one(connection: Connection) -> None:
    """Changes two rows; never one of them."""
    for row in (1, 2):
        connection.execute(text("UPDATE t SET n = n + 1 WHERE id = :id"), {"id": row})


def fails_in_time(operation: Callable[[], object]) -> DatabaseError:
    """The typed error that an operation ends with, before its deadline."""
    clock = SystemClock()
    begun = clock.monotonic()
    with pytest.raises(DatabaseError) as caught:
        operation()
    assert clock.monotonic() - begun < WITHIN + LATE_SECONDS
    return caught.value


def is_well(db: Database) -> bool:
    """Both operations work; with the same object, in the same process."""
    try:
        before = numbers(db)
        db.transaction(add_one)
        return numbers(db)[:2] == [n + 1 for n in before[:2]]
    except DatabaseError as error:
        raise AssertionError(f"not yet: {error!r}") from error


def all_are_unavailable(databases: Sequence[Database]) -> None:
    """Each operation, by a database of its own, and all at once: they wait for the same fault."""
    with ThreadPoolExecutor() as pool:
        failing = [
            pool.submit(fails_in_time, partial(operation, db))
            for operation, db in zip(OPERATIONS.values(), databases, strict=True)
        ]
        for one in failing:
            assert isinstance(one.result(), Unavailable)


@EVERY_FAULT
def test_one_that_is_away_from_the_beginning(dockertest: Scope, fault: str) -> None:
    """No connection comes about: unavailable, and well when it is back."""
    server = dockertest.start(MySQL().proxied())
    with_rows(server, rows=4).close()
    begin, end = FAULTS[fault]
    with ExitStack() as stack:
        databases = [stack.enter_context(database(server)) for _ in OPERATIONS]
        begin(server.container)
        all_are_unavailable(databases)
        end(server.container)
        for db in databases:
            eventually(partial(is_well, db))


@EVERY_FAULT
def test_one_that_goes_while_connections_are_idle(dockertest: Scope, fault: str) -> None:
    """Those in the pool are dead, or look alive: unavailable, and nothing of it was done."""
    server = dockertest.start(MySQL().proxied())
    with_rows(server, rows=4).close()
    begin, end = FAULTS[fault]
    with ExitStack() as stack:
        databases = [stack.enter_context(database(server)) for _ in OPERATIONS]
        for db in databases:
            assert numbers(db) == [0, 0, 0, 0]  # by the connection that is idle then
        begin(server.container)
        all_are_unavailable(databases)
        end(server.container)
        for db in databases:
            eventually(partial(is_well, db))
        one, same, *others = numbers(databases[0])
        assert one == same
        assert others == [0, 0]


@EVERY_FAULT
def test_one_that_goes_while_it_works(dockertest: Scope, fault: str) -> None:
    """In the midst of a statement: it is rolled back."""
    server = dockertest.start(MySQL().proxied())
    begin, end = FAULTS[fault]
    reached = threading.Event()

    def work(connection: Connection) -> None:
        connection.execute(text("UPDATE t SET n = 100 WHERE id = 1"))
        reached.set()
        connection.execute(text("UPDATE t SET n = 100 + SLEEP(1) WHERE id = 2"))

    with with_rows(server) as db, ThreadPoolExecutor(1) as pool:
        failing = pool.submit(fails_in_time, lambda: db.transaction(work))
        assert reached.wait(10)
        begin(server.container)
        assert isinstance(failing.result(), Unavailable)
        end(server.container)
        eventually(lambda: is_well(db))
        assert len(set(numbers(db))) == 1
        assert max(numbers(db)) < 100


@EVERY_FAULT
def test_one_that_goes_amid_a_batch(dockertest: Scope, fault: str) -> None:
    """After its first statement: that is rolled back, too."""
    server = dockertest.start(MySQL().proxied())
    begin, end = FAULTS[fault]
    slow = update(T).where(T.c.id == 2).values(n=100 + func.sleep(1))
    with with_rows(server) as db, ThreadPoolExecutor(1) as pool:
        failing = pool.submit(fails_in_time, lambda: db.batch([BOTH[0], slow]))
        eventually(lambda: is_asleep(db))
        begin(server.container)
        assert isinstance(failing.result(), Unavailable)
        end(server.container)
        eventually(lambda: is_well(db))
        assert len(set(numbers(db))) == 1
        assert max(numbers(db)) < 100


def is_asleep(db: Database) -> bool:
    """Whether somebody's statement sleeps."""
    sleeping = text(
        "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE = 'User sleep'"
    )
    with db.read() as connection:
        return bool(connection.scalar(sleeping))


@EVERY_FAULT
def test_one_that_goes_before_the_commit(dockertest: Scope, fault: str) -> None:
    """All or nothing; and nothing, if the error says so."""
    server = dockertest.start(MySQL().proxied())
    begin, end = FAULTS[fault]
    calls = 0

    def work(connection: Connection) -> None:
        nonlocal calls
        calls += 1
        connection.execute(text("UPDATE t SET n = 100"))
        if calls == 1:
            begin(server.container)

    with with_rows(server) as db:
        error = fails_in_time(lambda: db.transaction(work))
        assert isinstance(error, Unavailable | OutcomeUnknown)
        end(server.container)
        eventually(lambda: is_well(db), within=20)
        found = numbers(db)
        assert len(set(found)) == 1
        if not isinstance(error, OutcomeUnknown):
            assert max(found) < 100
        if fault in ("killed", "reset"):
            assert isinstance(error, Unavailable), "what can be known is told"


def test_one_that_is_lost_during_the_commit(dockertest: Scope) -> None:
    """The answer did not come, the rows did: it is not done a second time."""
    server = dockertest.start(MySQL().proxied())
    calls = 0

    def work(connection: Connection) -> None:
        nonlocal calls
        calls += 1
        add_one(connection)
        server.container.cut(direction="down")

    with with_rows(server) as db:
        error = fails_in_time(lambda: db.transaction(work))
        assert isinstance(error, OutcomeUnknown)
        server.container.heal()
        eventually(lambda: numbers(db) == [1, 1])
        assert calls == 1


def test_a_single_write_that_is_lost_is_unknown(dockertest: Scope) -> None:
    """It was done, and is not done a second time; one that others stop is."""
    server = dockertest.start(MySQL().proxied())
    both = text("UPDATE t SET n = n + 1")

    def work(connection: Connection) -> None:
        server.container.cut(direction="down")
        connection.execute(both)

    with with_rows(server) as db:
        assert numbers(db) == [0, 0]
        assert isinstance(fails_in_time(lambda: db.write(work)), OutcomeUnknown)
        server.container.heal()
        eventually(lambda: numbers(db) == [1, 1])
        with ThreadPoolExecutor(8) as pool:
            for each in [pool.submit(db.write, lambda one: one.execute(both)) for _ in range(20)]:
                each.result()
        assert numbers(db) == [21, 21]


def test_a_replica_that_is_away_stops_its_reads_alone(dockertest: Scope) -> None:
    """What is written goes on, and so does what is read as the latest."""
    primary, replica = dockertest.start(MySQL(), MySQL())
    with with_rows(primary), database(primary, replica=replica) as db:
        OPERATIONS["read"](db)
        replica.container.kill()
        assert isinstance(fails_in_time(lambda: OPERATIONS["read"](db)), Unavailable)
        db.transaction(add_one)
        db.batch(BOTH)
        latest = text("SELECT n FROM t WHERE id = 1")
        assert db.read(lambda connection: connection.scalar(latest), latest=True) == 2
        replica.container.restart()

        def is_read() -> None:
            try:
                OPERATIONS["read"](db)
            except DatabaseError as error:
                raise AssertionError(f"not yet: {error!r}") from error

        eventually(is_read)


def test_one_that_takes_no_writes_now_is_unavailable_for_them(dockertest: Scope) -> None:
    """As an old primary after a failover: reads go on, and writes when it takes them again."""
    server = dockertest.start(MySQL())
    with with_rows(server, rows=4) as db, server.client() as client, client.cursor() as cursor:
        cursor.execute("SET GLOBAL super_read_only = 1")
        for name in ("transaction", "batch"):
            error = fails_in_time(partial(OPERATIONS[name], db))
            assert isinstance(error, Unavailable)
        assert numbers(db) == [0, 0, 0, 0]
        cursor.execute("SET GLOBAL read_only = 0")  # and so the other
        assert is_well(db)


def test_a_slow_line_is_lived_with(dockertest: Scope) -> None:
    """Slow in every packet, and yet in time."""
    server = dockertest.start(MySQL().proxied())
    with with_rows(server) as db:
        server.container.slow(latency=0.05, jitter=0.02)
        assert is_well(db)


def test_one_that_answers_byte_by_byte_has_a_deadline(dockertest: Scope) -> None:
    """Each packet is in time for the client library, the whole is not."""
    server = dockertest.start(MySQL().proxied())
    with with_rows(server) as db:
        server.container.slow(rate=20_000, direction="down")
        large = text("SELECT REPEAT('x', 1000000)")
        fails_in_time(lambda: db.read(lambda connection: connection.scalar(large)))
        server.container.heal()
        assert is_well(db)


def test_a_connection_that_broke_once_is_not_noticed(dockertest: Scope) -> None:
    """The server goes and is back before the next operation, or in the midst of one."""
    server = dockertest.start(MySQL())
    with with_rows(server, rows=4) as db:
        for operation in OPERATIONS.values():
            kill_all(server)
            operation(db)
        calls = 0

        def work(connection: Connection) -> None:
            nonlocal calls
            calls += 1
            add_one(connection)
            if calls == 1:
                kill_all(server)

        db.transaction(work)
        assert calls == 2
        assert numbers(db) == [2, 2, 1, 1]  # by the transaction, this one, and the batch


def kill_all(server: MySQLServer) -> None:
    """Ends all connections to the database, as an administrator can."""
    with server.client() as client, client.cursor() as cursor:
        cursor.execute("SELECT CONNECTION_ID()")
        ((own,),) = cursor.fetchall()
        cursor.execute("SELECT ID FROM information_schema.PROCESSLIST WHERE USER = %s", ["test"])
        for (number,) in cursor.fetchall():
            if number != own:
                cursor.execute(f"KILL {number}")


@pytest.mark.parametrize("seed", range(3))
def test_one_that_is_killed_at_any_moment_has_all_or_nothing(dockertest: Scope, seed: int) -> None:
    """Of transactions by many: what was said to be done is done, what was not is not."""
    server = dockertest.start(MySQL())
    done, unknown = [0] * 4, [0] * 4
    with with_rows(server, rows=8) as db:
        stop = threading.Event()

        def reached(goal: int) -> bool:
            return min(done) > goal

        def keep_going(number: int) -> None:
            def work(connection: Connection) -> None:
                for row in (2 * number + 1, 2 * number + 2):
                    connection.execute(text("UPDATE t SET n = n + 1 WHERE id = :id"), {"id": row})

            while not stop.is_set():
                try:
                    db.transaction(work)
                except OutcomeUnknown:
                    unknown[number] += 1
                except Unavailable:
                    pass
                else:
                    done[number] += 1

        with ThreadPoolExecutor(4) as pool:
            running = [pool.submit(keep_going, number) for number in range(4)]
            for goal in range(3):
                eventually(partial(reached, 5 * (goal + 1) + seed), within=20)
                server.container.kill()
                server.container.restart()
            stop.set()
            for each in running:
                each.result()
        eventually(lambda: is_well(db), within=20)
        done[0] += 1
        found = numbers(db)
        for number in range(4):
            one, other = found[2 * number : 2 * number + 2]
            assert one == other
            assert done[number] <= one <= done[number] + unknown[number]

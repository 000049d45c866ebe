"""A batch is one round trip and one transaction; no value of it is ever a statement."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    column,
    delete,
    func,
    insert,
    literal,
    literal_column,
    select,
    table,
    text,
    update,
)
from sqlalchemy.dialects import mysql

from pkg.db import (
    BadValue,
    Database,
    DuplicateKey,
    LockTimeout,
    Pool,
    TimedOut,
    Unavailable,
)
from pkg.db.given import IMPATIENT, database, numbers, patient, server_of, with_rows
from pkg.db.hearing import hearing
from pkg.dockertest import Scope
from pkg.dockertest.mysql import MySQL, MySQLServer
from pkg.testutil import eventually
from pkg.testutil.round_trips import round_trips

METADATA = MetaData()
T = Table(
    "t",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("n", Integer, nullable=False),
)
WORDS = Table(
    "words",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("word", String(100)),
    Column("raw", LargeBinary),
    Column("flag", Boolean),
)
ODD = [
    "",
    "🐢 żółw",
    'it\'s; "quoted" `so`',
    "back\\slash % %% %s %(x)s :name \\'",
    "a\0b\x1a\r\n\t",
    "'; DROP TABLE t; -- ",
    "\\'; DROP TABLE t; -- ",
    "\U0010ffff",
    None,
]
ALL = [update(T).where(T.c.id == each).values(n=T.c.n + 1) for each in (1, 2)]


def with_words(server: MySQLServer) -> Database:
    """The rows, and a table of words without any."""
    db = with_rows(server)
    with db.read() as connection:
        connection.execute(
            text(
                "CREATE TABLE words (id INT PRIMARY KEY, word VARCHAR(100), raw BLOB, flag BOOLEAN)"
                " CHARACTER SET utf8mb4"
            )
        )
    return db


def test_it_is_one_round_trip_and_a_commit(dockertest: Scope) -> None:
    """However many statements it has, and whatever they are; each sees what those before did."""
    server = dockertest.start(MySQL())
    with (
        round_trips(server.port) as trips,
        with_rows(replace(server, host="127.0.0.1", port=trips.port)) as db,
    ):
        db.batch([delete(T).where(T.c.id == 9)])
        before = trips.count
        with hearing(server) as heard:
            counts = db.batch(
                [
                    insert(T).values([{"id": 3, "n": 0}, {"id": 4, "n": 0}]),
                    update(T).where(T.c.id.in_([1, 3, 4])).values(n=T.c.n + 5),
                    insert(T).from_select(
                        ["id", "n"], select(T.c.id + 10, T.c.n).where(T.c.id.in_([3, 4]))
                    ),
                    mysql.insert(T).values(id=1, n=0).on_duplicate_key_update(n=T.c.n + 1),
                    delete(T).where(T.c.id == 9),
                ]
            )
        assert list(counts) == [2, 3, 2, 2, 0]
        assert trips.count - before == 2
        assert [each.split()[0] for each in heard] == [
            "INSERT",
            "UPDATE",
            "INSERT",
            "INSERT",
            "DELETE",
            "COMMIT",
        ]
        assert numbers(db) == [6, 0, 5, 5, 5, 5]


def test_nothing_costs_nothing(dockertest: Scope) -> None:
    """A batch of no statements asks nobody."""
    server = dockertest.start(MySQL())
    with database(server) as db, hearing(server) as heard:
        assert db.batch([]) == []
    assert heard == []


@pytest.mark.parametrize("value", ODD)
def test_any_value_comes_back_as_it_was(dockertest_module: Scope, value: str | None) -> None:
    """Text, bytes and flags; what looks like a statement is none."""
    server = dockertest_module.start(MySQL())
    raw = bytes(range(256)) + (value or "").encode()
    with with_words(server) as db:
        counts = db.batch(
            [
                insert(WORDS).values(id=1, word=value, raw=raw, flag=True),
                insert(WORDS).from_select(
                    ["id", "word"], select(literal(2), WORDS.c.word).where(WORDS.c.word == value)
                ),
                insert(WORDS).values(id=3, word=value),
                update(WORDS).where(WORDS.c.word.in_([value, "none's"])).values(flag=False),
            ]
        )
        is_text = value is not None  # NULL is in no list
        assert list(counts) == [1, 1, 1, 3 if is_text else 0]
        with db.read() as connection:
            found = connection.execute(select(WORDS).order_by(WORDS.c.id)).all()
        flag = False if is_text else None
        assert [tuple(row) for row in found] == [
            (1, value, raw, not is_text),
            (2, value, None, flag),
            (3, value, None, flag),
        ]
        assert len(numbers(db)) == 2


def test_the_list_of_processes_can_show_it(dockertest: Scope) -> None:
    """Whatever bytes are in it, its text is text: it looks itself up."""
    raw = bytes(range(256))
    processes = table("PROCESSLIST", column("INFO"), schema="information_schema")
    shown = select(func.count(processes.c.INFO)).scalar_subquery()
    itself = select(literal(1), literal(raw), shown)
    with with_words(dockertest.start(MySQL())) as db:
        db.batch([insert(WORDS).from_select(["id", "raw", "word"], itself)])
        with db.read() as connection:
            assert connection.scalar(select(WORDS.c.raw)) == raw


def test_a_percent_sign_of_a_statement_is_one(dockertest: Scope) -> None:
    """Doubled for the driver, and not for the server."""
    with with_rows(dockertest.start(MySQL())) as db:
        db.batch([update(T).values(n=literal_column("17") % 5), update(T).values(n=T.c.n * 2)])
        assert numbers(db) == [4, 4]


@pytest.mark.parametrize("at", range(4))
def test_a_statement_that_fails_undoes_all(dockertest_module: Scope, at: int) -> None:
    """Wherever it stands: its error is raised with its type, and the connection goes on."""
    one = Pool(size=1, overflow=0)
    server = dockertest_module.start(MySQL())
    with with_rows(server), database(server, pool=one) as db:
        statements = [*ALL, delete(T).where(T.c.id == 7)]
        statements.insert(at, insert(T).values(id=2, n=0))
        for _ in range(2):
            with pytest.raises(DuplicateKey) as caught:
                db.batch(statements)
            assert caught.value.key == "PRIMARY"
            assert caught.value.__notes__ == [f"in statement {at + 1} of a batch of 4"]
        assert numbers(db) == [0, 0]
        db.batch(ALL)
        assert numbers(db) == [1, 1]


def test_an_error_shows_no_value(dockertest: Scope) -> None:
    """Neither its text, nor that of what led to it, but for the server's own words."""
    with with_words(dockertest.start(MySQL())) as db:
        with pytest.raises(BadValue) as caught:
            db.batch(
                [
                    insert(WORDS).values(id=1, word="a secret"),
                    insert(WORDS).values(id=2, word="a secret" * 20),
                ]
            )
        error: BaseException | None = caught.value
        while error is not None:
            assert "a secret" not in f"{error} {error!r} {getattr(error, '__notes__', '')}"
            error = error.__cause__ or error.__context__


def test_many_that_lock_in_both_orders_lose_none(dockertest: Scope) -> None:
    """The server stops some to end deadlocks; those are sent again, whole."""
    server = dockertest.start(MySQL())
    with with_rows(server, made=patient) as db, ThreadPoolExecutor(8) as pool:
        orders = (ALL, ALL[::-1])
        for each in [pool.submit(db.batch, orders[n % 2]) for n in range(80)]:
            each.result()
        assert numbers(db) == [80, 80]


def test_a_lock_that_is_held_for_too_long_is_waited_for_again(dockertest: Scope) -> None:
    """And is an error when it is held on; nothing of the batch is done."""
    server = dockertest.start(MySQL())
    with (
        with_rows(server),
        database(server, tries=2) as db,
        server.client() as client,
        client.cursor() as cursor,
    ):
        cursor.execute("SELECT * FROM t WHERE id = 2 FOR UPDATE")
        with pytest.raises(LockTimeout, match="given up after 2 tries"):
            db.batch(ALL)
        client.rollback()  # type: ignore[no-untyped-call]
        assert numbers(db) == [0, 0]
        db.batch(ALL)
        assert numbers(db) == [1, 1]


def test_it_has_a_deadline(dockertest: Scope) -> None:
    """In the midst of its statements, too; then nothing is done."""
    with with_rows(dockertest.start(MySQL())) as db:
        slow = update(T).where(T.c.id == 2).values(n=func.sleep(1.9))
        with pytest.raises(TimedOut, match="operation's time is over"):
            db.batch([ALL[0], slow], within=0.3)
        assert numbers(db) == [0, 0]


def test_what_is_no_batch_is_refused(dockertest: Scope) -> None:
    """A statement that is two, and a column whose default nobody asks for; nothing is done."""
    sly = update(T).values(n=literal_column("1; DELETE FROM t WHERE id = 1"))
    counted = Table("t", MetaData(), Column("id", Integer), Column("n", Integer, default=1))
    with with_rows(dockertest.start(MySQL())) as db:
        with pytest.raises(RuntimeError, match="batch of 1 statements for 2"):
            db.batch([sly])
        with pytest.raises(ValueError, match=r"give t\.n a value"):
            db.batch([insert(counted).values(id=3)])
        assert numbers(db) == [0, 0]


def test_a_server_that_is_not_there_is_told(dockertest: Scope) -> None:
    """As by a transaction."""
    server = dockertest.start(MySQL())
    with with_rows(server) as db:
        server.container.kill()
        with pytest.raises(Unavailable, match=server_of(server).address):
            db.batch(ALL, within=IMPATIENT.operation)
        server.container.restart()

        def is_done() -> bool:
            try:
                return len(db.batch(ALL)) == 2
            except Unavailable:
                return False

        eventually(is_done)
        assert numbers(db) == [1, 1]

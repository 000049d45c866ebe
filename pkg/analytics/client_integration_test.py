"""The client on a real ClickHouse: events count once, times are bounded, errors say what to do."""

import dataclasses
import random
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import msgspec
import pytest

from pkg.analytics import BadRows, Client, Refused, Table, Unavailable, WrongTable
from pkg.clock import FakeClock, SystemClock
from pkg.dockertest import Scope
from pkg.dockertest.clickhouse import ClickHouse, ClickHouseServer
from pkg.testutil import eventually

DAY = 86_400_000


class Visit(msgspec.Struct, frozen=True):
    id: str
    page: str
    at: int
    note: str | None = None
    is_new: bool = False


# As a text, so that a house rule tries it on a current ClickHouse, and the queries below.
DEFINITION = (
    "CREATE TABLE IF NOT EXISTS visits (id String, page String, at Int64, note Nullable(String), "
    "is_new UInt8) ENGINE = ReplacingMergeTree() "
    "PARTITION BY toYYYYMM(toDateTime(intDiv(at, 1000), 'UTC')) ORDER BY (page, at, id)"
)
VISITS = Table(
    "visits", Visit, order=("page", "at"), partition="toYYYYMM(toDateTime(intDiv(at, 1000), 'UTC'))"
)


def visit(number: int) -> Visit:
    return Visit(f"v_{number}", f"/{number % 7}", 1_767_225_600_000 + number % 40 * DAY)


def count(client: Client) -> int:
    [(found,)] = client.execute("SELECT count() FROM visits FINAL")
    return int(found)


@pytest.fixture
def server(dockertest: Scope) -> ClickHouseServer:
    return dockertest.start(ClickHouse())


@pytest.fixture
def client(server: ClickHouseServer) -> Client:
    made = Client(server.url, clock=SystemClock())
    made.create(VISITS)
    return made


def test_the_table_is_the_one_that_is_tried_on_a_current_clickhouse() -> None:
    """Word for word."""
    assert (VISITS.definition(), VISITS.once) == (DEFINITION, "visits FINAL")


def test_rows_come_back_as_they_were(client: Client) -> None:
    """As structs of the query's columns."""
    rows = [Visit("a", "/grün", -1, None, True), Visit("b", "", 2**63 - 1, "x\0'y\\")]
    client.insert(VISITS, rows)
    assert client.query(Visit, "SELECT * FROM visits FINAL ORDER BY id") == rows
    found = client.query(
        Visit, "SELECT * FROM visits FINAL WHERE note = %(note)s", {"note": "x\0'y\\"}
    )
    assert found == rows[1:]
    client.insert(VISITS, [])
    assert count(client) == 2


def test_an_event_counts_once_however_often_it_was_inserted(client: Client) -> None:
    """Whole batches, overlapping ones, within one batch; before ClickHouse merges and after."""
    rows = [visit(number) for number in range(1000)]
    client.execute("SYSTEM STOP MERGES")
    client.insert(VISITS, rows)
    client.insert(VISITS, rows)
    client.insert(VISITS, rows[300:600] + rows[300:400])
    for _ in range(20):
        first = random.randrange(900)
        client.insert(VISITS, random.sample(rows[first : first + 100], 100))
    assert client.execute("SELECT count() FROM visits") == [(4400,)]
    assert count(client) == 1000
    by_page = client.execute("SELECT page, count() FROM visits FINAL GROUP BY page ORDER BY page")
    assert by_page == [(f"/{page}", 143 if page < 6 else 142) for page in range(7)]
    assert client.execute("SELECT uniqExact(id) FROM visits") == [(1000,)]
    client.execute("SYSTEM START MERGES")
    client.execute("OPTIMIZE TABLE visits FINAL")
    assert count(client) == 1000


def test_threads_each_have_a_connection(client: Client) -> None:
    """Inserts and queries at the same time; of one batch at once, too."""
    rows = [visit(number) for number in range(100)]
    with ThreadPoolExecutor(12) as pool:
        for done in [pool.submit(client.insert, VISITS, rows) for _ in range(24)]:
            done.result()
    assert count(client) == 100
    client.close()
    assert count(client) == 100


def test_a_row_that_does_not_fit_stops_its_batch(client: Client) -> None:
    """And leaves nothing of it; the next one is inserted."""
    for bad in (
        msgspec.structs.replace(visit(1), at=2**63),
        msgspec.structs.replace(visit(1), at="1"),
        msgspec.structs.replace(visit(1), page=None),
        msgspec.structs.replace(visit(1), page="\ud800"),
    ):
        with pytest.raises(BadRows, match="rows for visits: a row does not fit"):
            client.insert(VISITS, [visit(0), bad])
    assert count(client) == 0
    client.insert(VISITS, [visit(0)])
    assert count(client) == 1


def test_a_refusal_is_told_at_once(client: Client) -> None:
    """With ClickHouse's words and number, and without its stack trace."""
    with pytest.raises(Refused, match=r"a statement: .*\(code 62\)$") as refused:
        client.execute("NONSENSE")
    assert refused.value.code == 62
    with pytest.raises(Refused, match="rows for nowhere"):
        client.insert(Table("nowhere", Visit), [visit(1)])


def test_a_wrong_password_is_refused_and_not_shown(server: ClickHouseServer) -> None:
    """Trying again would not help."""
    wrong = dataclasses.replace(server, password="hunter2")
    with pytest.raises(Refused) as refused:
        Client(wrong.url, clock=SystemClock()).execute("SELECT 1")
    assert "hunter2" not in str(refused.value)
    with pytest.raises(ValueError, match="give clickhouse://") as no_url:
        Client("http://u:hunter2@h", clock=SystemClock())
    assert "hunter2" not in str(no_url.value)


def test_a_table_with_which_events_would_count_twice_is_refused(client: Client) -> None:
    """Of another engine, in another order, with a column of another type, or none at all."""
    made = {
        "one": "CREATE TABLE one (id String, page String, at Int64) ENGINE = MergeTree() "
        "ORDER BY (page, at, id)",
        "two": "CREATE TABLE two (id String, page String, at Int64) ENGINE = ReplacingMergeTree() "
        "ORDER BY (page, at)",
        "three": "CREATE TABLE three (id String, page String, at Int32) "
        "ENGINE = ReplacingMergeTree() ORDER BY (page, at, id)",
    }
    for name, statement in made.items():
        client.execute(statement)
        with pytest.raises(WrongTable, match=name):
            client.create(Table(name, Visit, order=("page", "at")))
    with pytest.raises(WrongTable, match="there is no table four: create it first"):
        client.check(Table("four", Visit))
    client.create(VISITS)


@pytest.mark.parametrize("fault", ["killed", "paused", "cut off", "resetting"])
def test_an_outage_shorter_than_the_deadline_is_waited_for(dockertest: Scope, fault: str) -> None:
    """By inserts and queries, which then do their work; and each event counts once."""
    server = dockertest.start(ClickHouse().proxied())
    client = Client(server.url, clock=SystemClock(), deadline=20)
    client.create(VISITS)
    at = server.container
    faults: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {
        "killed": (at.kill, at.restart),
        "paused": (at.pause, at.resume),
        "cut off": (at.cut, at.heal),
        "resetting": (lambda: at.cut(reset=True), at.heal),
    }
    begin, end = faults[fault]
    begin()
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(client.insert, VISITS, [visit(number) for number in range(100)])
        SystemClock().sleep(1)
        assert not late.done()
        end()
        late.result(20)
    assert count(client) == 100


@pytest.mark.parametrize("fault", ["killed", "resetting"])
def test_one_that_goes_amid_an_insert_has_all_of_it_in_the_end(
    dockertest: Scope, fault: str
) -> None:
    """Half of it is never taken for the whole: it is sent again, and each event counts once."""
    server = dockertest.start(ClickHouse().proxied())
    client = Client(server.url, clock=SystemClock(), deadline=60)
    # Two seconds for a hundred rows.
    slow = "is_new UInt8, slow UInt8 MATERIALIZED sleepEachRow(0.02)"
    client.execute(DEFINITION.replace("is_new UInt8", slow))
    with ThreadPoolExecutor(1) as pool:
        inserting = pool.submit(client.insert, VISITS, [visit(number) for number in range(100)])
        inserts = "SELECT count() FROM system.processes WHERE startsWith(query, 'INSERT INTO')"
        eventually(lambda: client.execute(inserts) == [(1,)], every=0.01)
        if fault == "killed":
            server.container.kill()
            server.container.restart()
        else:
            server.container.cut(reset=True)
            server.container.heal()
        inserting.result(60)
    assert count(client) == 100


def test_an_answer_that_is_lost_does_no_harm(dockertest: Scope) -> None:
    """The insert was done, and is done again: the events count once."""
    server = dockertest.start(ClickHouse().proxied())
    client = Client(server.url, clock=SystemClock(), deadline=3)
    client.create(VISITS)
    rows = [visit(number) for number in range(100)]
    server.container.cut(direction="down")
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(client.insert, VISITS, rows)
        with pytest.raises(Unavailable):
            late.result(10)
    server.container.heal()
    client.insert(VISITS, rows)
    assert count(client) == 100


def answers(client: Client) -> bool:
    """Whether ClickHouse serves within the client's deadline."""
    try:
        return client.execute("SELECT 1") == [(1,)]
    except Unavailable:
        return False


def test_an_outage_is_a_line_at_its_begin_and_one_at_its_end(
    server: ClickHouseServer, caplog: pytest.LogCaptureFixture
) -> None:
    """However often it is asked meanwhile; the lines have no address and no password."""
    caplog.set_level("INFO", "pkg.analytics")
    client = Client(server.url, clock=SystemClock(), deadline=0.5)
    server.container.kill()
    for _ in range(3):
        with pytest.raises(Unavailable):
            client.execute("SELECT 1")
    server.container.restart()
    eventually(lambda: answers(client))
    client.execute("SELECT 1")
    lines = [each.getMessage() for each in caplog.records if each.name == "pkg.analytics.reach"]
    began, ended = lines
    assert began.startswith("analytics: a statement: ClickHouse can't be reached: ")
    assert ended == "analytics: ClickHouse serves again"
    assert str(server.port) not in began
    assert server.password not in caplog.text


def test_settings_hold_for_all_statements(client: Client, server: ClickHouseServer) -> None:
    """Also where the url has others."""
    client.insert(VISITS, [visit(number) for number in range(20)])
    reader = Client(
        f"{server.url}?max_result_rows=1000",
        clock=SystemClock(),
        settings={"readonly": 2, "max_result_rows": 10},
    )
    assert len(reader.execute("SELECT * FROM visits LIMIT 10")) == 10
    with pytest.raises(Refused) as too_many:
        reader.execute("SELECT * FROM visits")
    assert too_many.value.code == 396
    with pytest.raises(Refused) as readonly:
        reader.insert(VISITS, [visit(20)])
    assert readonly.value.code == 164


def test_the_deadline_is_kept(server: ClickHouseServer) -> None:
    """By a server that hangs, and by an address where nobody listens."""
    clock = SystemClock()
    client = Client(server.url, clock=clock, deadline=0.5)
    assert client.execute("SELECT 1") == [(1,)]
    server.container.pause()
    for _ in range(3):
        before = clock.monotonic()
        with pytest.raises(Unavailable, match="a statement: ClickHouse can't be reached"):
            client.execute("SELECT 1")
        assert clock.monotonic() - before < 10  # the driver alone waits for minutes
    server.container.resume()
    eventually(lambda: answers(client))
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = Client(
            f"clickhouse://127.0.0.1:{taken.getsockname()[1]}", clock=clock, deadline=0.3
        )
        with pytest.raises(Unavailable):
            nobody.execute("SELECT 1")


def test_pauses_between_tries_are_the_clocks(clock: FakeClock) -> None:
    """And the deadline, too: tests move through both."""
    client = Client("clickhouse://127.0.0.1:1", clock=clock, deadline=10)
    ended = threading.Event()

    def ask() -> None:
        with pytest.raises(Unavailable):
            client.execute("SELECT 1")
        ended.set()

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    pauses = 0
    while not ended.is_set() and pauses < 50:
        clock.advance(0.5)
        pauses += 1
        ended.wait(0.05)
    thread.join(10)
    assert ended.is_set()
    assert 9 <= clock.monotonic() <= 15

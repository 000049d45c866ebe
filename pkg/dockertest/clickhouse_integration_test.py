"""What is particular to ClickHouse: two protocols, one user, databases, its data types."""

import urllib.error
import urllib.request
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import clickhouse_driver
import pytest
from clickhouse_driver.errors import Error, ErrorCodes

from pkg.dockertest import Scope
from pkg.dockertest.clickhouse import ClickHouse, ClickHouseServer
from pkg.testutil import eventually

# The last one is current releases', for any of the reasons; clickhouse-driver has no name for it.
REFUSALS = {ErrorCodes.UNKNOWN_USER, ErrorCodes.WRONG_PASSWORD, ErrorCodes.REQUIRED_PASSWORD, 516}


@pytest.fixture(scope="module")
def server(dockertest_module: Scope) -> ClickHouseServer:
    """One for all tests that only ask it something."""
    return dockertest_module.start(ClickHouse())


def ask(server: ClickHouseServer, query: str, **headers: str) -> str:
    """The HTTP interface's answer, as whoever the headers say."""
    named = {f"X-ClickHouse-{name}": value for name, value in headers.items()}
    url = f"{server.http_url}/?database={server.database}"
    request = urllib.request.Request(url, query.encode(), named)
    with urllib.request.urlopen(request, timeout=10) as answer:
        text: str = answer.read().decode()
    return text


def ask_as_user(server: ClickHouseServer, query: str) -> str:
    return ask(server, query, User=server.user, Key=server.password)


def test_what_one_protocol_writes_the_other_reads(dockertest: Scope) -> None:
    """Both speak to the same server, in the database that was asked for."""
    server = dockertest.start(ClickHouse(database="events"))
    client = server.client()
    client.execute("CREATE TABLE visits (id UInt32, page String) ENGINE = MergeTree ORDER BY id")
    client.execute("INSERT INTO visits VALUES", [(2, "/b"), (1, "/a")])
    assert ask_as_user(server, "SELECT * FROM visits ORDER BY id") == "1\t/a\n2\t/b\n"
    ask_as_user(server, "INSERT INTO visits VALUES (3, '/c')")
    assert client.execute("SELECT count(), max(page) FROM visits") == [(3, "/c")]


def test_the_url_has_all_that_a_client_needs(server: ClickHouseServer) -> None:
    """Address, user, password and database."""
    client = clickhouse_driver.Client.from_url(server.url)
    assert client.execute("SELECT currentDatabase()") == [(server.database,)]


@pytest.mark.parametrize(
    ("user", "password"), [("berth", "wrong"), ("berth", ""), ("default", ""), ("nobody", "")]
)
def test_others_are_refused_by_both_protocols(
    server: ClickHouseServer, user: str, password: str
) -> None:
    """A wrong password, none, and the user whom a client is if nobody is named."""
    assert server.user == "berth"
    client = clickhouse_driver.Client(
        host=server.host, port=server.port, user=user, password=password
    )
    with pytest.raises(Error) as refused:
        client.execute("SELECT 1")
    assert refused.value.code in REFUSALS
    with pytest.raises(urllib.error.HTTPError) as refused_by_http:
        ask(server, "SELECT 1", User=user, Key=password)
    assert refused_by_http.value.code in (401, 403, 500)


def test_without_a_name_http_is_refused(server: ClickHouseServer) -> None:
    """The user whom it then takes is not there."""
    with pytest.raises(urllib.error.HTTPError):
        ask(server, "SELECT 1")


def test_values_come_back_as_they_were_written(server: ClickHouseServer) -> None:
    """As Python's types, and times in UTC whatever the machine's zone is."""
    row = (
        2**64 - 1,
        -5,
        1.5,
        "grün",
        date(2026, 11, 25),
        datetime(2026, 11, 25, 12, 30, tzinfo=UTC),
        Decimal("12.340"),
        UUID("12345678-1234-5678-1234-567812345678"),
        ["a", ""],
        None,
    )
    client = server.client()
    client.execute(
        "CREATE TABLE kinds (u UInt64, i Int8, f Float64, s String, d Date, t DateTime('UTC'),"
        " n Decimal(9, 3), x UUID, l Array(String), m Nullable(UInt8)) ENGINE = Memory"
    )
    client.execute("INSERT INTO kinds VALUES", [row])
    assert client.execute("SELECT * FROM kinds") == [row]
    assert client.execute("SELECT toString(toDateTime(86400))") == [("1970-01-02 00:00:00",)]


def test_a_query_that_takes_too_much_memory_is_refused(server: ClickHouseServer) -> None:
    """In the server's words; the server goes on."""
    greedy = "SELECT length(groupArray(number)) FROM (SELECT number FROM system.numbers)"
    with pytest.raises(Error, match=r"(?i)memory limit") as refused:
        server.client().execute(greedy)
    assert refused.value.code == ErrorCodes.MEMORY_LIMIT_EXCEEDED
    assert server.client().execute("SELECT 1") == [(1,)]
    assert server.container.ended() is None


def test_rows_are_there_after_the_server_was_killed(dockertest: Scope) -> None:
    """Its data outlives it, in memory."""
    value = ClickHouse()
    server = dockertest.start(value)
    client = server.client()
    client.execute("CREATE TABLE visits (id UInt32) ENGINE = MergeTree ORDER BY id")
    client.execute("INSERT INTO visits VALUES", [(7,)])
    client.disconnect()
    server.container.kill()
    server.container.restart()

    def is_back() -> None:
        try:
            value.check(server)
        except OSError as error:
            raise AssertionError("not back yet") from error

    eventually(is_back)
    assert server.client().execute("SELECT id FROM visits") == [(7,)]

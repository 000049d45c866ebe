"""ClickHouse: `dockertest.start(ClickHouse(database="events"))`."""

import base64
import http.client
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlencode

from pkg.dockertest.service import Running, Server, Service, matching
from pkg.dockertest.snapshots import sql_files
from pkg.dockertest.snapshots.content import Content
from pkg.dockertest.snapshots.seed import Seed
from pkg.sql import CLICKHOUSE

if TYPE_CHECKING:
    import clickhouse_driver

_PORT = 9000
_HTTP_PORT = 8123
_USER = "berth"  # the only one in config.xml
_QUERY_SECONDS = 600.0  # for a statement of a schema
# What each server makes for itself; the second has the password that it was started with.
_OWN_FILES = ("status", "preprocessed_configs", "tmp", "cores")
_TIMEOUT = 1.0  # seconds for one exchange while the server is starting
_DATABASE = r"[A-Za-z_][A-Za-z0-9_]{0,63}"
_DATABASE_RULE = "1 to 64 letters, digits and underscores, with no digit first"


@dataclass(frozen=True, kw_only=True)
class ClickHouseServer(Server):
    """A ClickHouse server that is ready for use, through both protocols.

    `port` is the native protocol's.

    Attributes:
        http_port: the HTTP interface's port.
        user: the server's only user, who may do everything.
        password: the user's.
        database: a database that is there.
    """

    http_port: int
    user: str
    password: str = field(repr=False)
    database: str

    @property
    def url(self) -> str:
        """What `clickhouse_driver.Client.from_url` takes; it contains the password."""
        return f"clickhouse://{self.user}:{self.password}@{self.host}:{self.port}/{self.database}"

    @property
    def http_url(self) -> str:
        """The HTTP interface's URL, without credentials and database.

        It takes user and password as basic authentication or in the headers
        `X-ClickHouse-User` and `X-ClickHouse-Key`, the database as the parameter `database`.
        """
        return f"http://{self.host}:{self.http_port}"

    def client(self) -> "clickhouse_driver.Client":
        """A new clickhouse-driver client, which speaks the native protocol; not thread-safe."""
        import clickhouse_driver

        return clickhouse_driver.Client(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password,
            database=self.database,
        )


@dataclass(frozen=True)
class ClickHouse(Service[ClickHouseServer]):
    """A ClickHouse server with its data in memory.

    Attributes:
        database: a database that is there when the test gets the server.
        schema: SQL files, or folders of them, that have been run in the database when the test
            gets the server, or a `Seed`: see `docs/snapshots.md`.

    Raises:
        InvalidOption: the database's name would need quotes, or schema is no path.
    """

    database: str = "default"
    schema: str | Path | Sequence[str | Path] | Seed[ClickHouseServer] = ()

    service: ClassVar[str] = "clickhouse"
    ports: ClassVar[tuple[int, ...]] = (_PORT, _HTTP_PORT)
    memory_mb: ClassVar[int] = 2048  # half of it for one query, see config.xml
    server_options: ClassVar[tuple[str, ...]] = ("schema",)

    def __post_init__(self) -> None:
        matching("ClickHouse", "database", self.database, _DATABASE, _DATABASE_RULE)
        object.__setattr__(self, "schema", sql_files.checked("ClickHouse", self.schema))

    def content(self) -> Content | None:
        schema = sql_files.checked("ClickHouse", self.schema)
        content = sql_files.content("ClickHouse", schema, (self.database,), CLICKHOUSE, _session)
        return content and replace(content, leave_out=_OWN_FILES)

    def environment(self, ports: Mapping[int, int]) -> dict[str, str]:
        return {"CLICKHOUSE_PASSWORD": secrets.token_hex(16)}

    def result(self, running: Running) -> ClickHouseServer:
        return ClickHouseServer(
            host=running.host,
            port=running.ports[_PORT],
            container=running.container,
            http_port=running.ports[_HTTP_PORT],
            user=_USER,
            password=running.environment["CLICKHOUSE_PASSWORD"],
            database=self.database,
        )

    def check(self, server: ClickHouseServer) -> None:
        import clickhouse_driver

        # First, because clickhouse-driver logs every refused connection as an error.
        _check_http(server)
        with clickhouse_driver.Client(
            host=server.host,
            port=server.port,
            user=server.user,
            password=server.password,
            connect_timeout=_TIMEOUT,
            send_receive_timeout=_TIMEOUT,
            sync_request_timeout=_TIMEOUT,
        ) as client:
            client.execute(f"CREATE DATABASE IF NOT EXISTS {server.database}")
            client.execute("SELECT 1")

    def load(self) -> None:
        import clickhouse_driver  # noqa: F401


def _check_http(server: ClickHouseServer) -> None:
    with closing(_Http(server, {}, _TIMEOUT)) as connection:
        connection.execute("SELECT 1")


@contextmanager
def _session(server: ClickHouseServer) -> Iterator[sql_files.Execute]:
    """A session, for one file of a schema: what SET says holds until its end.

    Over HTTP: there the server itself reads the data of an INSERT, as it is written.
    """
    parameters = {
        "database": server.database,
        "session_id": secrets.token_hex(8),
        "wait_end_of_query": "1",  # the status is that of the whole query
    }
    with closing(_Http(server, parameters, _QUERY_SECONDS)) as connection:
        yield connection.execute


class _Http:
    """A connection to the HTTP interface."""

    def __init__(
        self, server: ClickHouseServer, parameters: Mapping[str, str], timeout: float
    ) -> None:
        self._connection = http.client.HTTPConnection(
            server.host, server.http_port, timeout=timeout
        )
        account = base64.b64encode(f"{server.user}:{server.password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {account}"}
        self._path = f"/?{urlencode(parameters)}"

    def execute(self, statement: str) -> None:
        """Runs one statement; raises ConnectionError with what the server says if it refuses."""
        self._connection.request("POST", self._path, statement.encode(), self._headers)
        answer = self._connection.getresponse()
        said = answer.read()
        if answer.status != http.HTTPStatus.OK:
            raise ConnectionError(f"HTTP {answer.status}: {said[:1000].decode(errors='replace')}")

    def close(self) -> None:
        """Ends the connection."""
        self._connection.close()

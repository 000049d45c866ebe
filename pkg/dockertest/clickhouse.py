"""ClickHouse: `dockertest.start(ClickHouse(database="events"))`."""

import http.client
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from pkg.dockertest.service import Running, Server, Service, matching

if TYPE_CHECKING:
    import clickhouse_driver

_PORT = 9000
_HTTP_PORT = 8123
_USER = "berth"  # the only one in config.xml
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

    Raises:
        InvalidOption: the database's name would need quotes.
    """

    database: str = "default"

    service: ClassVar[str] = "clickhouse"
    ports: ClassVar[tuple[int, ...]] = (_PORT, _HTTP_PORT)
    memory_mb: ClassVar[int] = 2048  # half of it for one query, see config.xml

    def __post_init__(self) -> None:
        matching("ClickHouse", "database", self.database, _DATABASE, _DATABASE_RULE)

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
            client.execute(f"CREATE DATABASE IF NOT EXISTS {self.database}")
            client.execute("SELECT 1")

    def load(self) -> None:
        import clickhouse_driver  # noqa: F401


def _check_http(server: ClickHouseServer) -> None:
    connection = http.client.HTTPConnection(server.host, server.http_port, timeout=_TIMEOUT)
    headers = {"X-ClickHouse-User": server.user, "X-ClickHouse-Key": server.password}
    try:
        connection.request("GET", "/?query=SELECT%201", headers=headers)
        answer = connection.getresponse()
        if answer.status != http.HTTPStatus.OK:
            said = answer.read(1000).decode(errors="replace")
            raise ConnectionError(f"HTTP {answer.status}: {said}")
    finally:
        connection.close()

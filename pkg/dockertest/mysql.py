"""MySQL: `dockertest.start(MySQL())`."""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pkg.dockertest.errors import InvalidOption
from pkg.dockertest.service import Running, Server, Service, matching
from pkg.dockertest.snapshots import sql_files
from pkg.dockertest.snapshots.content import Content
from pkg.dockertest.snapshots.seed import Seed
from pkg.sql import MYSQL

if TYPE_CHECKING:
    import MySQLdb

_PORT = 3306
_USER = "test"
_SYSTEM = "information_schema|mysql|performance_schema|sys"
_DATABASE = rf"(?!(?i:{_SYSTEM})$)[0-9A-Za-z_$-]{{1,64}}"
_DATABASE_RULE = "1 to 64 letters, digits, _, $ and -, and none of MySQL's own databases"
# What the server is reached by, and what gives it its passwords.
_OURS = "bind-address|datadir|defaults-.*|init-file|pid-file|port|skip-networking|socket"
_FLAG = rf"--(?!(?:{_OURS})(?:=|$))[a-z][^\n\0]*"
_FLAG_RULE = f"one of mysqld such as --max-connections=10, on one line, and none of {_OURS}"
_REPLY_SECONDS = 1


@dataclass(frozen=True, kw_only=True)
class MySQLServer(Server):
    """A MySQL server that is ready for use.

    Attributes:
        user: may do everything, in every database.
        password: the user's.
        database: is there, and is what `client()` uses.
    """

    user: str
    password: str = field(repr=False)
    database: str

    @property
    def url(self) -> str:
        """A URL as most libraries take it; it contains the password."""
        return f"mysql://{self.user}:{self.password}@{self.host}:{self.port}/{self.database}"

    def client(self) -> "MySQLdb.Connection":
        """A new connection of mysqlclient; as MySQLdb has it, nothing is committed by itself."""
        import MySQLdb

        return MySQLdb.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password,
            database=self.database,
            charset="utf8mb4",
        )


@dataclass(frozen=True)
class MySQL(Service[MySQLServer]):
    """A MySQL server that starts fast: no binary log, no performance schema, small pools.

    Attributes:
        database: a database that is there when the test gets the server.
        flags: further flags of `mysqld`, such as `--log-bin=binlog`; they come after our own,
            so that they win.
        schema: SQL files, or folders of them, that have been run in the database when the test
            gets the server, or a `Seed`: see `docs/snapshots.md`.

    Raises:
        InvalidOption: the database's name cannot be one, or a flag is none, or one that
            the server's connection facts depend on, or schema is no path.
    """

    database: str = "test"
    flags: Sequence[str] = ()
    schema: str | Path | Sequence[str | Path] | Seed[MySQLServer] = ()

    service: ClassVar[str] = "mysql"
    ports: ClassVar[tuple[int, ...]] = (_PORT,)
    memory_mb: ClassVar[int] = 1024
    server_options: ClassVar[tuple[str, ...]] = ("flags", "schema")

    def __post_init__(self) -> None:
        matching("MySQL", "database", self.database, _DATABASE, _DATABASE_RULE)
        if isinstance(self.flags, str) or not isinstance(self.flags, Iterable):
            raise InvalidOption(f"MySQL(flags={self.flags!r}): flags must be a list of flags")
        flags = tuple(self.flags)
        for flag in flags:
            # mysqld takes _ for - in a name; its value is not touched.
            name = flag.partition("=")[0].replace("_", "-") if isinstance(flag, str) else flag
            matching("MySQL", "flags", flag, r"--[a-z][^\n\0]*", _FLAG_RULE)
            matching("MySQL", "flags", name, _FLAG, _FLAG_RULE)
        object.__setattr__(self, "flags", flags)
        object.__setattr__(self, "schema", sql_files.checked("MySQL", self.schema))

    def schema_content(self) -> Content | None:
        """What `schema` puts into a database, with the rights of the result's user alone."""
        schema = sql_files.checked("MySQL", self.schema)
        return sql_files.content("MySQL", schema, (self.database, self.flags), MYSQL, _session)

    def content(self) -> Content | None:
        content = self.schema_content()
        if content is None:
            return None

        def fill(server: MySQLServer) -> None:
            content.fill(server)
            with _session(server) as execute:
                execute("SET GLOBAL innodb_fast_shutdown = 0")  # nothing is left for the next start

        # Each server makes its own identity; the list of warm pages is not used.
        return replace(content, fill=fill, leave_out=("mysql/auto.cnf", "mysql/ib_buffer_pool"))

    def environment(self, ports: Mapping[int, int]) -> dict[str, str]:
        return {
            "MYSQL_PASSWORD": secrets.token_hex(16),
            "MYSQL_FLAGS": "\n".join(self.flags),
        }

    def result(self, running: Running) -> MySQLServer:
        return MySQLServer(
            host=running.host,
            port=running.ports[_PORT],
            container=running.container,
            user=_USER,
            password=running.environment["MYSQL_PASSWORD"],
            database=self.database,
        )

    def check(self, server: MySQLServer) -> None:
        import MySQLdb

        connection = MySQLdb.connect(
            host=server.host,
            port=server.port,
            user=server.user,
            password=server.password,
            connect_timeout=_REPLY_SECONDS,
            read_timeout=_REPLY_SECONDS,
        )
        with closing(connection), closing(connection.cursor()) as cursor:
            cursor.execute(f"CREATE DATABASE IF NOT EXISTS `{server.database}`")
            cursor.execute(f"USE `{server.database}`")
            cursor.execute("SELECT CURRENT_USER()")

    def load(self) -> None:
        import MySQLdb  # noqa: F401


@contextmanager
def _session(server: MySQLServer) -> Iterator[sql_files.Execute]:
    """A connection that commits by itself, for one file of a schema."""

    def execute(statement: str) -> None:
        with closing(connection.cursor()) as cursor:
            cursor.execute(statement)
            while cursor.nextset():  # a procedure's results, and its errors
                pass

    with closing(server.client()) as connection:
        connection.autocommit(True)
        yield execute

"""A tenant of ClickHouse: a user for one database, of its name.

Current releases make users by SQL. The packaged 18.16 knows them from its configuration alone: the
server writes that file itself, from a table of the database `tenants`, and reads it anew.
"""

import dataclasses
import fcntl
import hashlib
import os
import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from pkg.dockertest import Service, image
from pkg.dockertest.clickhouse import ClickHouse, ClickHouseServer
from pkg.testutil.containers.tenant import Tenancy, owner

# Left out by //tools/lint:statements_test: clickhouse_users_test tries what makes users.
_FIRST_WITH_SQL_USERS = 20
_OURS = "tenants"  # the database with what is known of tenants; start.sh names it, too
_FILE = f"{_OURS}.users (x String) ENGINE = File(TabSeparatedRaw)"
_ENDED = "ended_"
_SHORT = ("Memory", "Log", "TinyLog", "StripeLog", "Set", "Join", "File")
_USER = (
    "<{name}><password_sha256_hex>{hash}</password_sha256_hex><networks><ip>::/0</ip></networks>"
    "<profile>default</profile><quota>default</quota>"
    "<allow_databases><database>{name}</database></allow_databases></{name}>"
)


class Users(ABC):
    """How a release knows users."""

    def __init__(self, whole: ClickHouseServer) -> None:
        self._admin = whole.client()

    @abstractmethod
    def add(self, name: str, hash: str) -> None:
        """Makes a user for the database of its name; the hash is the password's SHA-256."""

    @abstractmethod
    def refuse(self, name: str) -> None:
        """Lets a user do nothing any more. It stays known."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Forgets a user."""

    @abstractmethod
    def names(self) -> Iterable[str]:
        """All users."""

    def order(self, statement: str, *rows: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Runs a statement of the administrator's; returns its rows."""
        if rows:
            self._admin.execute(statement, rows)
            return []
        found = self._admin.execute(statement)
        return found if isinstance(found, list) else []


class SqlUsers(Users):
    """Users of current releases."""

    def add(self, name: str, hash: str) -> None:
        for statement in added(name, hash):
            self.order(statement)

    def refuse(self, name: str) -> None:
        if name in self.names():
            for statement in refused(name):
                self.order(statement)

    def remove(self, name: str) -> None:
        self.order(f"DROP USER IF EXISTS {name}")

    def names(self) -> Iterable[str]:
        return [name for (name,) in self.order("SELECT name FROM system.users")]


def added(name: str, hash: str) -> tuple[str, ...]:
    """What makes a user in current releases."""
    return (
        f"CREATE USER {name} IDENTIFIED WITH sha256_hash BY '{hash}' DEFAULT DATABASE {name}",
        f"GRANT ALL ON {name}.* TO {name}",
        f"GRANT CREATE TEMPORARY TABLE ON *.* TO {name}",
    )


def refused(name: str) -> tuple[str, ...]:
    """What keeps a user out in current releases, and takes its rights from what is connected."""
    return f"ALTER USER {name} HOST NONE", f"REVOKE ALL ON *.* FROM {name}"


class ConfiguredUsers(Users):
    """Users of 18.16. A table of a user's name is the claim to it; its column has the hash.

    To make a table is atomic, and it is there until the tenant is gone.
    """

    def __init__(self, whole: ClickHouseServer) -> None:
        super().__init__(whole)
        self._recipe = image.pin("clickhouse").recipe / "config.xml"
        self.order(f"CREATE DATABASE IF NOT EXISTS {_OURS}")
        # Over the file that the server was started with, which goes with the table.
        self.order(f"CREATE TABLE IF NOT EXISTS {_FILE}")

    def add(self, name: str, hash: str) -> None:
        with self._alone():
            self.order(f"CREATE TABLE {_OURS}.{name} (h_{hash} UInt8) ENGINE = Memory")
            self._publish()

    def refuse(self, name: str) -> None:
        with self._alone():
            self.order(
                f"CREATE TABLE IF NOT EXISTS {_OURS}.{_ENDED}{name} (x UInt8) ENGINE = Memory"
            )
            self._publish()

    def remove(self, name: str) -> None:
        self.order(f"DROP TABLE IF EXISTS {_OURS}.{name}")
        self.order(f"DROP TABLE IF EXISTS {_OURS}.{_ENDED}{name}")

    def names(self) -> Iterable[str]:
        return {table.removeprefix(_ENDED) for table, _ in self._claims()}

    def _claims(self) -> list[tuple[Any, ...]]:
        return self.order(f"SELECT table, name FROM system.columns WHERE database = '{_OURS}'")

    def _publish(self) -> None:
        """Writes the configuration of the users, and has the server read it."""
        claims = self._claims()
        ended = {table for table, _ in claims if table.startswith(_ENDED)}
        users = "".join(
            _USER.format(name=table, hash=column.removeprefix("h_"))
            for table, column in claims
            if column.startswith("h_") and _ENDED + table not in ended
        )
        text = self._recipe.read_text().replace("</users>", f"{users}</users>")
        self.order(f"DROP TABLE IF EXISTS {_OURS}.users")
        self.order(f"CREATE TABLE {_FILE}")
        self.order(f"INSERT INTO {_OURS}.users VALUES", (text,))
        self.order("SYSTEM RELOAD CONFIG")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time, or one would write what another has just changed."""
        opened = os.open(self._recipe, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX)
            yield
        finally:
            os.close(opened)


class ClickHouseTenancy(Tenancy[ClickHouseServer]):
    """The tenants of one ClickHouse server."""

    service: ClassVar[str] = "clickhouse"
    refused: ClassVar[str] = r"Access denied|Not enough privileges"
    instead: ClassVar[str] = "Its tables are in the database clickhouse.database, and in no other."
    options: ClassVar[tuple[str, ...]] = ("schema",)

    def __init__(self, whole: ClickHouseServer) -> None:
        super().__init__(whole)
        [(version,)] = whole.client().execute("SELECT version()")
        self._is_current = int(version.split(".")[0]) >= _FIRST_WITH_SQL_USERS
        self._users = (SqlUsers if self._is_current else ConfiguredUsers)(whole)

    @classmethod
    def environment(cls) -> dict[str, str]:
        return {"CLICKHOUSE_TENANTS": "1"}

    def open(self, name: str, service: Service[ClickHouseServer]) -> ClickHouseServer:
        password = secrets.token_hex(16)
        self._users.add(name, hashlib.sha256(password.encode()).hexdigest())
        self._users.order(f"CREATE DATABASE {name}")
        tenant = dataclasses.replace(self.whole, user=name, password=password, database=name)
        assert isinstance(service, ClickHouse)
        if content := service.content():
            content.fill(tenant)
        return tenant

    def drop(self, name: str) -> None:
        self._users.refuse(name)
        self._users.order(f"KILL QUERY WHERE user = '{name}' SYNC")
        self._users.order(f"DROP DATABASE IF EXISTS {name}")
        self._users.remove(name)

    def names(self) -> Iterable[str]:
        return self._users.names()

    def stock(self) -> Mapping[str, Any]:
        order = self._users.order
        stock: dict[str, Any] = {
            f"database {name}": engine
            for name, engine in order("SELECT name, engine FROM system.databases")
            if _is_common(name)
        }
        rows = order(
            "SELECT database, table, sum(rows) FROM system.parts WHERE active"
            " GROUP BY database, table"
        )
        counted = {(database, table): count for database, table, count in rows}
        for database, table, engine, query in order(
            "SELECT database, name, engine, create_table_query FROM system.tables"
        ):
            if not _is_common(database):
                continue
            stock[f"table {database}.{table}"] = (engine, query)
            if engine in _SHORT:
                [(count,)] = order(f"SELECT count() FROM `{database}`.`{_escaped(table)}`")
                counted[database, table] = count
            if (database, table) in counted and database != "system":
                stock[f"rows in {database}.{table}"] = counted[database, table]
        for name, origin in order("SELECT name, source FROM system.dictionaries"):
            stock[f"dictionary {name}"] = origin
        for name, value in order("SELECT name, value FROM system.settings WHERE changed"):
            stock[f"setting {name}"] = value
        stock |= {f"user {name}": "there" for name in self.names() if owner(name) is None}
        return stock


def _is_common(database: str) -> bool:
    """Whether it is neither a tenant's nor ours."""
    return database != _OURS and owner(database) is None


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace("`", "\\`")


TENANCY = ClickHouseTenancy

"""A tenant of ClickHouse: a user for one database, of its name."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from pkg.dockertest import Service
from pkg.dockertest.clickhouse import ClickHouse, ClickHouseServer
from pkg.testutil.containers.tenant import Tenancy, owner
from pkg.testutil.containers.tenants.clickhouse_configured import OURS, ConfiguredUsers
from pkg.testutil.containers.tenants.clickhouse_users import SqlUsers

# Left out by //tools/lint:statements_test: it administers what the engine alone has not.
_FIRST_WITH_SQL_USERS = 20
_SHORT = ("Memory", "Log", "TinyLog", "StripeLog", "Set", "Join", "File")
# One statement: each costs a round trip, and more than its rows do.
_STOCK = f"""
SELECT 'database', name, '', engine FROM system.databases
UNION ALL
SELECT 'table', database, name, concat(engine, ' ', create_table_query) FROM system.tables
UNION ALL
SELECT 'short table', database, name, '' FROM system.tables
WHERE engine IN {_SHORT} AND database != 'system'
UNION ALL
SELECT 'rows', database, table, toString(sum(rows)) FROM system.parts
WHERE active AND database != 'system' GROUP BY database, table
UNION ALL
SELECT 'dictionary', '', name, source FROM system.dictionaries
UNION ALL
SELECT 'setting', '', name, value FROM system.settings WHERE changed
"""


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
        # Another number for another way to know of tenants: no server has some of both.
        return {"CLICKHOUSE_TENANTS": "2"}

    def open(self, name: str, service: Service[ClickHouseServer]) -> ClickHouseServer:
        user = self._users.add(name)
        self._users.order(f"CREATE DATABASE {user}")
        password = self._users.password(user)
        tenant = dataclasses.replace(self.whole, user=user, password=password, database=user)
        assert isinstance(service, ClickHouse)
        if content := service.content():
            content.fill(tenant)
        return tenant

    def drop(self, name: str) -> None:
        user = self._users.refuse(name)
        if user is None:
            return
        self._users.order(f"KILL QUERY WHERE user = '{user}' SYNC")
        self._users.order(f"DROP DATABASE IF EXISTS {user}")
        self._users.remove(name, user)

    def names(self) -> Iterable[str]:
        return self._users.names()

    def stock(self) -> Mapping[str, Any]:
        order = self._users.order
        stock: dict[str, Any] = {}
        for kind, database, name, about in order(_STOCK):
            if kind in ("dictionary", "setting"):
                stock[f"{kind} {name}"] = about
            elif not _is_common(database):
                continue
            elif kind == "database":
                stock[f"database {database}"] = about
            elif kind == "table":
                stock[f"table {database}.{name}"] = about
            elif kind == "rows":
                stock[f"rows in {database}.{name}"] = int(about)
            else:
                [(count,)] = order(f"SELECT count() FROM `{database}`.`{_escaped(name)}`")
                stock[f"rows in {database}.{name}"] = count
        stock |= {f"user {name}": "there" for name in self.names() if owner(name) is None}
        return stock


def _is_common(database: str) -> bool:
    """Whether it is neither a tenant's nor ours."""
    return database != OURS and owner(database) is None


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace("`", "\\`")


TENANCY = ClickHouseTenancy

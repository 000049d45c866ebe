"""What tests can leave on a MySQL server or change there, for the leak detector."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from pkg.testutil.containers.tenant import NAME, digest, owner
from pkg.testutil.containers.tenants.mysql_admin import quoted
from pkg.testutil.containers.tenants.mysql_ahead import DATABASE as _AHEAD

Order: TypeAlias = "Callable[[str], Sequence[tuple[Any, ...]]]"

_OWN = "('information_schema', 'mysql', 'performance_schema', 'sys')"
_SHORT_TABLE = 5000  # rows, estimated, up to which a table's content is looked at


def _common(database: str) -> str:
    """What holds for databases that are no tenant's, nor for those that wait.

    The server leaves the others out before it opens their tables, which takes longest.
    """
    return f"NOT REGEXP_LIKE({database}, '^({_AHEAD}$|{NAME}(_|$))', 'c')"


# What can be left or changed: a name, what changes with it, and where that is.
_KINDS = {
    "plugin": ("PLUGIN_NAME", "PLUGIN_VERSION, PLUGIN_STATUS", "information_schema.PLUGINS"),
    "component": ("component_urn", "", "mysql.component"),
    "loadable function": ("name", "dl", "mysql.func"),
    "foreign server": (
        "Server_name",
        "SHA2(CONCAT_WS('|', Host, Db, Username, Password, Port, Socket, Wrapper, Owner), 256)",
        "mysql.servers",
    ),
    "tablespace": (
        "TABLESPACE_NAME",
        "",
        "information_schema.TABLESPACES_EXTENSIONS WHERE TABLESPACE_NAME NOT LIKE '%/%'",
    ),
    "resource group": (
        "RESOURCE_GROUP_NAME",
        "RESOURCE_GROUP_ENABLED, VCPU_IDS, THREAD_PRIORITY",
        "information_schema.RESOURCE_GROUPS",
    ),
    "persisted variable": (
        "VARIABLE_NAME",
        "VARIABLE_VALUE",
        "performance_schema.persisted_variables",
    ),
    "database": (
        "SCHEMA_NAME",
        "DEFAULT_COLLATION_NAME, DEFAULT_ENCRYPTION",
        f"information_schema.SCHEMATA WHERE {_common('SCHEMA_NAME')}",
    ),
    **{
        kind: (
            f"CONCAT({kind}_SCHEMA, '.', {kind}_NAME)",
            changed,
            f"information_schema.{kind}S WHERE {_common(f'{kind}_SCHEMA')}",
        )
        for kind, changed in (
            ("ROUTINE", "LAST_ALTERED"),
            ("TRIGGER", "CREATED"),
            ("EVENT", "LAST_ALTERED"),
        )
    },
}
_HIDDEN = ("gtid_executed", "gtid_purged")  # what every transaction changes
_VARIABLES = (
    "SELECT 'variable', CAST(VARIABLE_NAME AS CHAR), CAST(VARIABLE_VALUE AS CHAR)"
    f" FROM performance_schema.global_variables WHERE VARIABLE_NAME NOT IN {_HIDDEN}"
)
_GRANTS = (
    *("user", "db", "tables_priv", "columns_priv", "procs_priv", "proxies_priv"),
    *("global_grants", "default_roles"),
)
# Of the server's own tables no estimates, which it would make first.
_TABLES = f"""
SELECT TABLE_SCHEMA, TABLE_NAME, CREATE_TIME, TABLE_SCHEMA IN {_OWN}, TABLE_TYPE = 'BASE TABLE',
  IF(TABLE_SCHEMA IN {_OWN} OR TABLE_TYPE <> 'BASE TABLE', NULL, TABLE_ROWS),
  IF(TABLE_SCHEMA IN {_OWN} OR TABLE_TYPE <> 'BASE TABLE', NULL, UPDATE_TIME)
FROM information_schema.TABLES
WHERE TABLE_SCHEMA NOT IN ('information_schema', 'performance_schema')
  AND {_common("TABLE_SCHEMA")}
"""
_NUMBERED = re.compile(r" AUTO_INCREMENT=\d+")  # it is content


class Inventory:
    """Takes stock of one server, over a connection of its user who may do everything."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._query = ""

    def stock(self) -> Mapping[str, Any]:
        stock: dict[str, Any] = {}
        grants: dict[str, list[str]] = {}
        # One statement: each costs a round trip, and more than its rows do.
        for kind, name, value in self._order(self._everything()):
            if kind in _GRANTS:
                grants.setdefault(name, []).append(f"{kind} {value}")
            else:
                stock[f"{kind} {name}"] = value
        # There are hashes of passwords among it.
        stock |= {
            f"user {user}": digest("\n".join(sorted(rows)))
            for user, rows in grants.items()
            if owner(user) is None
        }
        return stock | dict(self._tables())

    def _tables(self) -> Iterator[tuple[str, Any]]:
        short: list[tuple[str, str]] = []
        for database, name, made, is_own, is_base, rows, changed in self._order(_TABLES):
            if is_own:
                yield f"table {database}.{name}", str(made)
                continue
            table = f"{quoted(database)}.{quoted(name)}"
            [(_, definition, *_)] = self._order(f"SHOW CREATE TABLE {table}")
            # The time has whole seconds, and some changes of a table do not change it.
            definition = digest(_NUMBERED.sub("", definition))
            yield f"table {database}.{name}", f"made {made}, definition {definition}"
            if is_base and (rows is None or rows <= _SHORT_TABLE):
                short.append((f"{database}.{name}", table))
            elif is_base:
                yield f"content of {database}.{name}", f"about {rows} rows, last changed {changed}"
        if not short:
            return
        counts = self._order(
            " UNION ALL ".join(
                f"SELECT {number}, COUNT(*) FROM {table}" for number, (_, table) in enumerate(short)
            )
        )
        sums = self._order("CHECKSUM TABLE " + ", ".join(table for _, table in short))
        for (number, count), (_, sum) in zip(sorted(counts), sums, strict=True):
            yield f"content of {short[number][0]}", f"{count} rows, checksum {sum}"

    def _everything(self) -> str:
        """What asks for all but tables."""
        if not self._query:
            wanted = [
                f"SELECT '{kind.lower()}', CAST({name} AS CHAR),"
                f" CAST(JSON_ARRAY({about}) AS CHAR) FROM {place}"
                for kind, (name, about, place) in _KINDS.items()
            ]
            for table in _GRANTS:
                columns = self._order(f"SHOW COLUMNS FROM mysql.{table}")
                row = ", ".join(quoted(name) for name, *_ in columns)
                wanted.append(
                    f"SELECT '{table}', CAST(User AS CHAR), CAST(JSON_ARRAY({row}) AS CHAR)"
                    f" FROM mysql.{table}"
                )
            self._query = " UNION ALL ".join((_VARIABLES, *wanted))
        return self._query

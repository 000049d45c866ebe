"""A tenant of MySQL: a user with all rights on a database of its name, and on those it makes whose
names begin with that and `_`.

It has no privilege of the whole server. What MySQL lets every user do, docs/containers.md says.
"""

import dataclasses
from collections.abc import Iterable, Mapping, Set
from typing import Any, ClassVar

from pkg.dockertest import Service
from pkg.dockertest.mysql import MySQL, MySQLServer
from pkg.testutil.containers.tenant import Taken, Tenancy
from pkg.testutil.containers.tenants.mysql_accounts import Accounts
from pkg.testutil.containers.tenants.mysql_admin import Admin
from pkg.testutil.containers.tenants.mysql_ahead import Ahead
from pkg.testutil.containers.tenants.mysql_inventory import Inventory

_CONNECTIONS = 600  # of all tests together


class MySQLTenancy(Tenancy[MySQLServer]):
    """The tenants of one MySQL server, over one connection that stays open."""

    service: ClassVar[str] = "mysql"
    options: ClassVar[tuple[str, ...]] = ("schema",)
    refused: ClassVar[str] = (
        r"command denied to user|Access denied for user .* to database|Access denied; you need"
    )
    instead: ClassVar[str] = (
        "Its tables are in the database mysql.database; the names of databases that it makes\n"
        "begin with that and '_'."
    )

    def __init__(self, whole: MySQLServer) -> None:
        super().__init__(whole)
        admin = Admin(whole)
        self._accounts = Accounts(admin)
        self._inventory = Inventory(admin.order)
        self._ahead = Ahead(whole, admin)

    @classmethod
    def environment(cls) -> dict[str, str]:
        return {"MYSQL_FLAGS": f"--max-connections={_CONNECTIONS}"}

    def take(self, service: Service[MySQLServer]) -> Taken[MySQLServer] | None:
        assert isinstance(service, MySQL)
        content = service.schema_content()
        taken = self._ahead.take(content) if content else None
        if content and taken:
            self._ahead.keep(content)
        return taken

    def open(self, name: str, service: Service[MySQLServer]) -> MySQLServer:
        password = self._accounts.create(name)
        tenant = dataclasses.replace(self.whole, user=name, password=password, database=name)
        assert isinstance(service, MySQL)
        if content := service.schema_content():
            content.fill(tenant)  # as the tenant, whose rights are all that a routine of it has
            self._ahead.keep(content)
        return tenant

    def drop(self, name: str) -> None:
        self._accounts.drop(name)
        self._ahead.dropped(name)

    def names(self) -> Iterable[str]:
        return self._accounts.names()

    def waiting(self) -> Set[str]:
        return self._ahead.waiting()

    def stock(self) -> Mapping[str, Any]:
        return self._inventory.stock()


TENANCY = MySQLTenancy

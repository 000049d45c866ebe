"""How tenants of ClickHouse have users, and how current releases make them: by SQL."""

import hashlib
import hmac
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

from pkg.dockertest.clickhouse import ClickHouseServer

# Left out by //tools/lint:statements_test: clickhouse_users_test tries what makes users.


class Users(ABC):
    """How a release knows users. A tenant has one, who has the database of its own name."""

    def __init__(self, whole: ClickHouseServer) -> None:
        self.whole = whole
        self._admin = whole.client()

    @abstractmethod
    def add(self, name: str) -> str:
        """Gives a tenant a user, whose name is returned; the database is still to be made."""

    @abstractmethod
    def refuse(self, name: str) -> str | None:
        """Lets a tenant's user do nothing any more. It stays known.

        Returns:
            the user's name; None where nobody knows of the tenant.
        """

    @abstractmethod
    def remove(self, name: str, user: str) -> None:
        """Forgets a tenant whose user was refused."""

    @abstractmethod
    def names(self) -> Iterable[str]:
        """All tenants that have a user."""

    def password(self, user: str) -> str:
        """A user's, for any process that has the server whole; nobody else can tell it."""
        digest = hmac.digest(self.whole.password.encode(), user.encode(), "sha256")
        return digest.hex()[:32]

    def order(self, statement: str, *rows: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Runs a statement of the administrator's; returns its rows."""
        if rows:
            self._admin.execute(statement, rows)
            return []
        found = self._admin.execute(statement)
        return found if isinstance(found, list) else []


def password_hash(password: str) -> str:
    """What the server is told of a password."""
    return hashlib.sha256(password.encode()).hexdigest()


class SqlUsers(Users):
    """Users of current releases, by their tenants' names."""

    def add(self, name: str) -> str:
        for statement in added(name, password_hash(self.password(name))):
            self.order(statement)
        return name

    def refuse(self, name: str) -> str | None:
        if name in self.names():
            for statement in refused(name):
                self.order(statement)
        return name

    def remove(self, name: str, user: str) -> None:
        self.order(f"DROP USER IF EXISTS {user}")

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

"""Tenants of MySQL that are made ahead, with a schema: a test that asks for it waits for no DDL.

They wait on the server, for any process. Whoever takes one has another one made while its test
runs. Each has an owner of its own, which lives while it is made and while it is used; in between, a
row in a table of the server says that it waits. So it is neither lost nor swept at any moment, and
the row, which is removed by whoever takes it, is removed once.
"""

import dataclasses
import threading
from collections.abc import Set
from contextlib import ExitStack, closing

from pkg.dockertest.mysql import MySQLServer
from pkg.dockertest.snapshots.content import Content
from pkg.testutil.containers import tenant
from pkg.testutil.containers.owner import Owner
from pkg.testutil.containers.tenant import Taken
from pkg.testutil.containers.tenants.mysql_accounts import Accounts
from pkg.testutil.containers.tenants.mysql_admin import Admin
from pkg.testutil.containers.turns import Turn, TurnTimeout

DATABASE = "berth"  # of the server's, for its user who may do everything
_TABLE = f"{DATABASE}.ahead"
_WANTED = 3  # that wait with the same schema
_MOST = 16  # that wait, whatever the schema: the oldest go
_TURN_SECONDS = 0.5
# In memory: a server that was restarted has no owners that live, either.
_MAKE = (
    f"CREATE DATABASE IF NOT EXISTS {DATABASE}",
    f"CREATE TABLE IF NOT EXISTS {_TABLE} (name CHAR(32) PRIMARY KEY, content CHAR(64) NOT NULL,"
    " password CHAR(32) NOT NULL, number BIGINT NOT NULL UNIQUE AUTO_INCREMENT) ENGINE = MEMORY",
)


class Ahead:
    """The tenants that wait on one server. To take and drop them, its users take turns."""

    def __init__(self, whole: MySQLServer, admin: Admin) -> None:
        """Uses the connection for what a test waits for, and opens others for the rest."""
        self._whole = whole
        self._admin = admin
        self._is_made = False
        self._owners: dict[str, Owner] = {}
        self._lock = threading.Lock()
        self._wanted: dict[str, Content] = {}
        self._works = False

    def take(self, content: Content) -> Taken[MySQLServer] | None:
        """One that waits, and is the caller's from now on; None if there is none."""
        self._make_table(self._admin)
        waiting = self._admin.order(
            f"SELECT name, password FROM {_TABLE} WHERE content = '{content.key()}' ORDER BY number"
        )
        for name, password in waiting:
            number = tenant.owner(name)
            assert number is not None
            owner = Owner(number)
            if self._admin.changed(f"DELETE FROM {_TABLE} WHERE name = '{name}'"):
                self._owners[name] = owner
                server = dataclasses.replace(
                    self._whole, user=name, password=password, database=name
                )
                return Taken(name, server)
            owner.close()  # somebody was faster
        return None

    def dropped(self, name: str) -> None:
        """A tenant is gone; it may be one that was taken."""
        if owner := self._owners.pop(name, None):
            owner.close()

    def waiting(self) -> Set[str]:
        """The names of those that wait."""
        self._make_table(self._admin)
        return {str(name) for (name,) in self._admin.order(f"SELECT name FROM {_TABLE}")}

    def keep(self, content: Content) -> None:
        """Has some made with this content, in another thread, until enough wait."""
        with self._lock:
            self._wanted[content.key()] = content
            if self._works:
                return
            self._works = True
        threading.Thread(target=self._work, name="berth-mysql-ahead").start()

    def _work(self) -> None:
        """Goes on while tests run; what is begun when they have ended is brought to its end."""
        tests = threading.main_thread()
        while True:
            with self._lock:
                if not self._wanted or not tests.is_alive():
                    self._works = False
                    return
                _, content = self._wanted.popitem()
            try:
                turn = Turn("mysql", whole=False, seconds=_TURN_SECONDS)
            except TurnTimeout:  # a test has the server whole
                with self._lock:
                    self._wanted.setdefault(content.key(), content)
                continue
            try:
                self._make(content, tests)
            except Exception:
                pass  # whoever asks for it will see why
            finally:
                turn.end()

    def _make(self, content: Content, tests: threading.Thread) -> None:
        with closing(Admin(self._whole)) as admin:
            self._make_table(admin)
            accounts = Accounts(admin)
            try:
                while tests.is_alive() and self._is_wanted(admin, content.key()):
                    self._make_one(admin, accounts, content)
            finally:
                newest_first = f"SELECT name FROM {_TABLE} ORDER BY number DESC"
                for (name,) in admin.order(f"{newest_first} LIMIT {_MOST}, 99"):
                    self._remove(admin, accounts, str(name))

    def _make_one(self, admin: Admin, accounts: Accounts, content: Content) -> None:
        owner = Owner()
        name = tenant.name(owner.number, 1)
        with ExitStack() as undo:
            undo.callback(owner.close)
            undo.callback(accounts.drop, name)
            password = accounts.create(name)
            server = dataclasses.replace(self._whole, user=name, password=password, database=name)
            content.fill(server)
            admin.order(
                f"INSERT INTO {_TABLE} (name, content, password)"
                f" VALUES ('{name}', '{content.key()}', '{password}')"
            )
            undo.pop_all()
        owner.close()

    def _remove(self, admin: Admin, accounts: Accounts, name: str) -> None:
        number = tenant.owner(name)
        assert number is not None
        with closing(Owner(number)):
            if admin.changed(f"DELETE FROM {_TABLE} WHERE name = '{name}'"):
                accounts.drop(name)

    def _is_wanted(self, admin: Admin, key: str) -> bool:
        [(count,)] = admin.order(f"SELECT COUNT(*) FROM {_TABLE} WHERE content = '{key}'")
        return int(count) < _WANTED

    def _make_table(self, admin: Admin) -> None:
        if not self._is_made:
            for statement in _MAKE:
                admin.order(statement)
            self._is_made = True

"""Users of ClickHouse 18.16, which knows them from its configuration alone.

The server writes that file itself, from a table of the database `tenants`, and reads it anew, which
takes longer than all else that a tenant needs. So whoever has that done has it add some users that
nobody has: spare ones, for whoever comes next, in any process. What is known of a user is the name
of an empty table, so that making, renaming and dropping it are each done at once or not at all:

    spare_USER          the server knows the user, nobody has it
    TENANT_USER         a tenant has it
    ended_TENANT_USER   the tenant is on its way out

A user without one is in the file at most, until that is written again; its password, which nobody
was told, can be told by processes that have the server whole. So one that is killed leaves what the
next one uses, or what is swept when its tenant's owner is gone.
"""

import fcntl
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pkg.dockertest import image
from pkg.dockertest.clickhouse import ClickHouseServer
from pkg.testutil.containers import tenant
from pkg.testutil.containers.tenants.clickhouse_users import Users, password_hash

# Left out by //tools/lint:statements_test: it is about what 18.16 has.
OURS = "tenants"  # the database with what is known of tenants; start.sh names it, too
SPARE, ENDED = "spare", "ended"
MOST_SPARE = 4  # of the server's
_CLAIMS = Path(__file__)  # any file of the checkout, for a lock; the recipe's have others
_UNKNOWN_TABLE = 60
_FILE = f"{OURS}.users (x String) ENGINE = File(TabSeparatedRaw)"
_EMPTY = "(x UInt8) ENGINE = Memory"
_USER = (
    "<{name}><password_sha256_hex>{hash}</password_sha256_hex><networks><ip>::/0</ip></networks>"
    "<profile>default</profile><quota>default</quota>"
    "<allow_databases><database>{name}</database></allow_databases></{name}>"
)


class ConfiguredUsers(Users):
    """Users of 18.16."""

    def __init__(self, whole: ClickHouseServer) -> None:
        super().__init__(whole)
        self._recipe = image.pin("clickhouse").recipe / "config.xml"
        self._own: dict[str, str] = {}  # the users of this process's tenants
        self.order(f"CREATE DATABASE IF NOT EXISTS {OURS}")
        # Over the file that the server was started with, which goes with the table.
        self.order(f"CREATE TABLE IF NOT EXISTS {_FILE}")

    def add(self, name: str) -> str:
        while not (user := self._claim(name)):
            with _alone(self._recipe):
                if not self.spare():  # or somebody has made some meanwhile
                    self._publish()
        return user

    def refuse(self, name: str) -> str | None:
        user = self._own.pop(name, None)  # which nobody else ends
        if user:
            self._rename([name, user], [ENDED, name, user])
        else:
            user = self._end(name)
        if user:
            with _alone(self._recipe):
                self._publish()
        return user

    def remove(self, name: str, user: str) -> None:
        self.order(f"DROP TABLE IF EXISTS {OURS}.{ENDED}_{name}_{user}")

    def names(self) -> Iterable[str]:
        return {claim[-2] for claim in self._claims() if claim[0] != SPARE}

    def spare(self) -> list[str]:
        """The users that nobody has."""
        claims = self._claims()
        taken = {claim[-1] for claim in claims if claim[0] != SPARE}
        return [claim[-1] for claim in claims if claim[0] == SPARE and claim[-1] not in taken]

    def _claim(self, name: str) -> str | None:
        """Takes a spare user for a tenant; None if that failed."""
        # One process at a time: two that rename the same table would cost one of them an error,
        # for which the server takes as long as for all else.
        with _alone(_CLAIMS):
            for user in self.spare():
                if self._rename([SPARE, user], [name, user]):
                    self._own[name] = user
                    return user
        return None

    def _end(self, name: str) -> str | None:
        """Ends what another process has claimed, or what was ended before."""
        with _alone(_CLAIMS):
            claims = [claim for claim in self._claims() if claim[-2] == name]
            for claim in claims:
                if [ENDED, *claim] not in claims and claim[0] != ENDED:
                    self._rename(claim, [ENDED, *claim])
                return claim[-1]
        return None

    def _claims(self) -> list[list[str]]:
        """The tables' names, in their parts."""
        tables = self.order(f"SELECT table FROM system.columns WHERE database = '{OURS}'")
        return [parts for (table,) in tables if len(parts := table.split("_")) > 1]

    def _publish(self) -> None:
        """Writes the configuration of all users that are not refused, and of new spare ones, and
        has the server read it. One process at a time, or one would write what another has just
        changed."""
        claims = self._claims()
        known = {claim[-1] for claim in claims if claim[0] != ENDED}
        missing = MOST_SPARE - sum(claim[0] == SPARE for claim in claims)
        # Stock tells by the form of a name what is a tenant's.
        new = [tenant.name(secrets.randbits(48), number) for number in range(missing)]
        users = "".join(
            _USER.format(name=user, hash=password_hash(self.password(user)))
            for user in (*known, *new)
        )
        text = self._recipe.read_text().replace("</users>", f"{users}</users>")
        self.order(f"DROP TABLE IF EXISTS {OURS}.users")
        self.order(f"CREATE TABLE {_FILE}")
        self.order(f"INSERT INTO {OURS}.users VALUES", (text,))
        self.order("SYSTEM RELOAD CONFIG")
        for user in new:  # now it can log in, and may be taken
            self.order(f"CREATE TABLE {OURS}.{SPARE}_{user} {_EMPTY}")

    def _rename(self, claim: list[str], other: list[str]) -> bool:
        """Whether the claim was there. The server may go on with what a killed process has asked,
        and has a table under both names for a moment."""
        try:
            self.order(f"RENAME TABLE {OURS}.{'_'.join(claim)} TO {OURS}.{'_'.join(other)}")
        except Exception as error:
            if getattr(error, "code", None) != _UNKNOWN_TABLE:
                raise
            return False
        return True


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """One process at a time, by a lock on a file of the checkout, which need only be read."""
    opened = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)

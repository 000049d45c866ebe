"""The API keys service's harness: an instance that serves on MySQL and Redis, and the SDK."""

from collections.abc import Sequence
from contextlib import closing

from redis import Redis as RedisClient
from unkey.py import Unkey

from pkg.clock import Clock
from pkg.db import Database
from pkg.dockertest.mysql import MySQL
from pkg.dockertest.redis import Redis
from pkg.serving import Limits
from pkg.serving.testing import Served, served
from pkg.testutil.harness import Harness, needs
from services.api.analytics.verifications import Verifications
from services.api.domain.rights import EVERYTHING
from services.api.domain.stored import Change
from services.api.events import Verified
from services.api.instance import Backends, instance
from services.api.store.audit import list_changes
from services.api.store.schema import SCHEMA
from services.api.testutil.store import database
from services.api.workspaces import create_root_key, create_workspace


class Mirror:
    """A vault that hides nothing, and knows the keyring again."""

    def encrypt(self, keyring: str, plaintext: bytes) -> bytes:
        """The keyring, and the text backwards."""
        return keyring.encode() + b" " + plaintext[::-1]

    def decrypt(self, keyring: str, ciphertext: bytes) -> bytes:
        """The text."""
        hidden_for, _, text = ciphertext.partition(b" ")
        assert hidden_for == keyring.encode()
        return text[::-1]


class Published(list[Verified]):
    """Events, in memory."""

    def publish(self, event: Verified) -> None:
        """Takes an event."""
        self.append(event)

    def offer(self, event: Verified) -> bool:
        """Takes an event."""
        self.append(event)
        return True


class ApiHarness(Harness):
    """An instance that serves.

    Attributes:
        limits: of the HTTP side; a subclass may have others.
        db: its database.
        events: what it has published.
        served: where it serves, with a client that sends no root key.
    """

    mysql = needs(MySQL(schema=SCHEMA))
    redis = needs(Redis())
    limits = Limits(stop_delay=0)

    def open(self) -> None:
        """Starts serving."""
        self.db: Database = self.enter(closing(database(self.mysql)))
        self.events = Published()
        self.served = self.another()

    def another(self, clock: Clock | None = None, redis: RedisClient | None = None) -> Served:
        """A further instance, as a process of its own would be: it shares the servers alone.

        Args:
            clock: another than the harness's.
            redis: its client; one that waits for a slow machine, unless given.
        """
        backends = Backends(
            db=self.db,
            redis=self.closing(redis or self.redis.client()),
            prefix=self.redis.name(""),
            vault=Mirror(),
            events=self.events,
            verifications=self.verifications(),
        )
        app = self.enter(instance(backends, self.limits, clock or self.clock))
        return self.enter(served(app))

    def verifications(self) -> Verifications | None:
        """What answers questions about them; none, but for harnesses that have ClickHouse."""
        return None

    def create_workspace(self) -> str:
        """Makes a workspace; returns its id."""
        return self.db.transaction(
            lambda connection: create_workspace(connection, "acme", self.clock)
        )

    def create_root_key(self, workspace_id: str, *permissions: str) -> str:
        """Makes a root key; returns its text. Without permissions named, it may do everything."""
        held = permissions or EVERYTHING
        return self.db.transaction(
            lambda connection: create_root_key(connection, workspace_id, self.clock, held)
        )

    def sdk(self, root_key: str | None = None, at: Served | None = None) -> Unkey:
        """The SDK, as callers have it; without a root key, in a workspace of its own.

        Args:
            at: another instance.
        """
        text = root_key or self.create_root_key(self.create_workspace())
        return Unkey(root_key=text, server_url=(at or self.served).url, retry_config=None)

    def changes(self, workspace_id: str) -> Sequence[Change]:
        """The audit rows of a workspace."""
        return self.db.read(lambda connection: list_changes(connection, workspace_id, limit=1000))

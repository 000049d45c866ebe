"""The API keys service's harness: an instance that serves on MySQL and Redis, calls, and seeds."""

from collections.abc import Mapping, Sequence
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
from services.api.domain.secret import digest
from services.api.domain.stored import Change
from services.api.events import Events
from services.api.instance import Backends, Caches, assembled, caches
from services.api.rpc.recovery import Vault
from services.api.store.audit import list_changes
from services.api.store.on_mysql import Store
from services.api.store.schema import SCHEMA
from services.api.testutil import calling
from services.api.testutil.calling import Reply
from services.api.testutil.seeds import Seeds
from services.api.testutil.stand_ins import Mirror, Published
from services.api.testutil.store import database
from services.api.verifying import Finder
from services.api.wire.route import Route


class ApiHarness(Harness, Seeds):
    """An instance that serves, on a real MySQL and a real Redis.

    What stands in for the vault and for Kafka is in memory; `WholeApiHarness` has real ones.

    Attributes:
        limits: of the HTTP side; a subclass may have others.
        db: its database.
        keys: the keys that are stored there, by the code that the routes use.
        vault: encrypts keys that may be shown again.
        events: what it has published.
        caches: what it has found lately.
        served: where it serves, with a client that sends no root key.
    """

    mysql = needs(MySQL(schema=SCHEMA))
    redis = needs(Redis())
    limits = Limits(stop_delay=0)

    def open(self) -> None:
        """Starts serving."""
        self.db: Database = self.enter(closing(database(self.mysql)))
        self.keys = Store(self.db, clock=self.clock).keys
        self.vault: Vault = self.open_vault()
        self.events = Published()
        self._stream = self.open_events()
        self.served, self.caches = self._instance(self.clock, self.redis.client())

    def another(self, clock: Clock | None = None, redis: RedisClient | None = None) -> Served:
        """A further instance, as a process of its own would be: it shares the servers alone.

        Args:
            clock: another than the harness's.
            redis: its client; one that waits for a slow machine, unless given.
        """
        served, _ = self._instance(clock or self.clock, redis or self.redis.client())
        return served

    def open_vault(self) -> Vault:
        """What encrypts."""
        return Mirror()

    def verifications(self) -> Verifications | None:
        """What answers questions about them; none, but for harnesses that have ClickHouse."""
        return None

    def open_events(self) -> Events:
        """What takes events; those that it has taken are to be in `events`."""
        return self.events

    def call[A](
        self,
        route: Route[A],
        body: object = None,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply[A]:
        """Asks a route over HTTP, as `services.api.testutil.calling.call` says."""
        return calling.call(self.served.http, route, body, key, headers)

    def sdk(self, root_key: str | None = None, at: Served | None = None) -> Unkey:
        """The SDK, as callers have it; without a root key, in a workspace of its own.

        Args:
            at: another instance.
        """
        text = root_key or self.create_root_key(self.create_workspace().id)
        return Unkey(root_key=text, server_url=(at or self.served).url, retry_config=None)

    def forget(self, text: str) -> None:
        """Has the caches forget the key of that text, which a test has changed past the routes."""
        Finder(self.caches.keys, self.keys.by_digest).forget(digest(text))

    def changes(self, workspace_id: str) -> Sequence[Change]:
        """The audit rows of a workspace; seeds have none."""
        return self.db.read(lambda connection: list_changes(connection, workspace_id, limit=1000))

    def _instance(self, clock: Clock, redis: RedisClient) -> tuple[Served, Caches]:
        backends = Backends(
            db=self.db,
            redis=self.closing(redis),
            prefix=self.redis.name(""),
            vault=self.vault,
            events=self._stream,
            verifications=self.verifications(),
        )
        known = self.enter(caches(backends, clock))
        app = self.enter(assembled(backends, known, self.limits, clock))
        return self.enter(served(app)), known

"""An instance of the service: the one place where all of it is put together."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import text

from pkg.cache import Cache
from pkg.cache.tiered import TieredCache
from pkg.clock import Clock
from pkg.db import Database, Timeouts
from pkg.ratelimit import Limiter
from pkg.serving import App, Limits
from services.api import limiting, verifying
from services.api.analytics.verifications import Verifications
from services.api.domain.key import Key
from services.api.domain.stored import RootKey
from services.api.events import Events
from services.api.rows import Rows
from services.api.rpc import operations
from services.api.rpc.app import Parts, build
from services.api.rpc.authentication import Authenticator
from services.api.rpc.call import Operation
from services.api.rpc.namespaces import Rooms
from services.api.rpc.operations import Collaborators
from services.api.rpc.outages import fault
from services.api.rpc.recovery import Vault
from services.api.store.on_mysql import Store

# How long Redis is waited for. While it hangs, a request waits twice at most, once for what is
# cached and once for limits; and of all requests of a second, one waits for either.
REDIS_SECONDS = 0.25
# How long MySQL and the vault are, with all tries: less than a request's deadline, so that who asks
# is told what became of it, and its thread is free again.
MYSQL_TIMEOUTS = Timeouts(operation=4.0)
VAULT_SECONDS = 3.0


@dataclass(frozen=True, kw_only=True)
class Backends:
    """What an instance stands on.

    Attributes:
        db: has the tables of services/api/schema.
        redis: a client with a socket_timeout that a caller would wait, as `redis_client` makes it.
        prefix: before all names in Redis.
        vault: encrypts keys that may be shown again.
        events: takes what happened.
        verifications: as they are kept in ClickHouse; None if they are not.
    """

    db: Database
    redis: "redis.Redis"
    prefix: str = ""
    vault: Vault
    events: Events
    verifications: Verifications | None = None


@dataclass(frozen=True)
class Caches:
    """What an instance has found lately.

    Attributes:
        keys: by the digest of their text.
        root_keys: the same.
        spaces: name spaces of rate limits, by workspace and name.
    """

    keys: TieredCache[Key]
    root_keys: TieredCache[RootKey]
    spaces: TieredCache[limiting.Space]


@contextmanager
def instance(
    on: Backends, limits: Limits, clock: Clock, more: Sequence[Operation[Any, Any]] = ()
) -> Iterator[App]:
    """The HTTP side of an instance; its caches end with the block.

    Args:
        limits: of the HTTP side.
        clock: tells when keys expire, what is in a window, and what is fresh.
        more: operations beside the service's own, which are in no document.
    """
    with caches(on, clock) as known, assembled(on, known, limits, clock, more) as app:
        yield app


@contextmanager
def caches(on: Backends, clock: Clock) -> Iterator[Caches]:
    """An instance's caches, until the block ends."""
    shared = Cache(on.redis, clock=clock, prefix=f"{on.prefix}cache:")
    with (
        TieredCache(shared, Rows(Key, "1"), clock=clock, ages=verifying.AGES) as keys,
        TieredCache(shared, Rows(RootKey, "1"), clock=clock, ages=verifying.AGES) as root_keys,
        TieredCache(shared, Rows(limiting.Space, "1"), clock=clock, ages=limiting.AGES) as spaces,
    ):
        yield Caches(keys, root_keys, spaces)


@contextmanager
def assembled(
    on: Backends,
    known: Caches,
    limits: Limits,
    clock: Clock,
    more: Sequence[Operation[Any, Any]] = (),
) -> Iterator[App]:
    """As `instance`, on caches that end after it."""
    limiter = Limiter(on.redis, clock=clock, prefix=f"{on.prefix}limit:")
    store = Store(on.db, clock=clock)
    finder = verifying.Finder(known.keys, store.keys.by_digest)
    with verifying.LastUses(store.keys.touch, clock=clock) as last_uses:
        collaborators = Collaborators(
            apis=store.apis,
            keys=store.keys,
            permissions=store.permissions,
            rooms=Rooms(store.namespaces, limiting.Spaces(known.spaces, store.namespaces), clock),
            limits=limiting.Limits(limiter, clock=clock),
            verifier=verifying.Verifier(
                finder, limiter, store.keys, on.events, clock=clock, used=last_uses.note
            ),
            at_once=verifying.AtOnce(finder, on.events, clock=clock, used=last_uses.note),
            forget=finder.forget,
            forget_all=finder.forget_all,
            vault=on.vault,
            clock=clock,
            verifications=on.verifications,
        )
        root_keys = store.root_keys.root_key
        yield build(
            Parts(
                operations=[*operations.every(collaborators), *more],
                authenticator=Authenticator(known.root_keys, root_keys, clock=clock),
                check=lambda: _check(on.db),
                translate=fault,
                limits=limits,
                clock=clock,
            )
        )


def redis_client(url: str) -> "redis.Redis":
    """A client that waits for `REDIS_SECONDS`, and tries once."""
    return redis.Redis.from_url(
        url,
        socket_timeout=REDIS_SECONDS,
        socket_connect_timeout=REDIS_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def _check(db: Database) -> Any:
    # Without Redis an instance serves; without its database it does not for long.
    return db.read(lambda connection: connection.execute(text("SELECT 1")).scalar())

"""A verifier on a real Redis, with stored keys in a dict."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import redis

from pkg.cache import Cache
from pkg.cache.tiered import TieredCache
from pkg.clock import FakeClock
from pkg.ratelimit import Limiter
from services.api.domain import secret
from services.api.domain.key import Key
from services.api.domain.verification import Caller
from services.api.events import Verified
from services.api.rows import Rows
from services.api.verifying import AGES, Finder, Verifier
from services.api.wire.verification import Verification, VerifyKeyRequest

CALLER = Caller("ws_1", frozenset({"api.*.verify_key"}))


@dataclass
class Stored:
    """What the store has: keys by the digest of their text.

    Attributes:
        loads: how often it was asked for a key.
    """

    keys: dict[bytes, Key] = field(default_factory=dict)
    loads: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, key: Key) -> str:
        """Stores a key; returns its text."""
        made = secret.new("test", 16)
        self.keys[made.digest] = key
        return made.text

    def load(self, digest: bytes) -> Key | None:
        """Finds a key."""
        self.loads += 1
        return self.keys.get(digest)

    def spend(self, key_id: str, cost: int, now: datetime) -> tuple[bool, int | None]:
        """Spends credits, as one row of a database does."""
        with self.lock:
            [(digest, key)] = [each for each in self.keys.items() if each[1].id == key_id]
            assert key.credits is not None
            left = key.credits.spend(cost, now)
            if left is not None:
                self.keys[digest] = Key(**{**vars(key), "credits": left})
            return left is not None, (left or key.credits.at(now)).remaining


@dataclass
class Instance:
    """One of the service's processes, as far as it verifies.

    Attributes:
        events: what it has published.
    """

    finder: Finder
    verifier: Verifier
    events: list[Verified]

    def verify(self, text: str, caller: Caller = CALLER, **asked: object) -> Verification:
        """Verifies a key."""
        request = VerifyKeyRequest(key=text, **asked)  # type: ignore[arg-type]
        return self.verifier.verify(caller, request, "req_1")


class Published(list[Verified]):
    """Events, in memory.

    Attributes:
        would_wait: whether an event that is offered would have to wait.
    """

    would_wait = False

    def publish(self, event: Verified) -> None:
        """Takes an event."""
        self.append(event)

    def offer(self, event: Verified) -> bool:
        """Takes an event, unless it would wait."""
        if not self.would_wait:
            self.append(event)
        return not self.would_wait


@contextmanager
def instance(client: "redis.Redis", stored: Stored, clock: FakeClock) -> Iterator[Instance]:
    """An instance with caches of its own, on that Redis."""
    events = Published()
    shared = Cache(client, clock=clock, prefix="keys:")
    with TieredCache[Key](shared, Rows(Key, "1"), clock=clock, ages=AGES) as cache:
        finder = Finder(cache, stored.load)
        limiter = Limiter(client, clock=clock, prefix="limits:")
        verifier = Verifier(finder, limiter, stored, events, clock=clock)
        yield Instance(finder, verifier, events)

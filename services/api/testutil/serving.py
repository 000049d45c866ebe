"""The service on a real socket, with operations of a test's choice, and the SDK as its client."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from unkey.py import Unkey

from pkg.cache.tiered import TieredCache
from pkg.clock import Clock, FakeClock
from pkg.serving import Limits
from pkg.serving.testing import Served, served
from services.api.domain import secret
from services.api.domain.rights import EVERYTHING
from services.api.domain.stored import RootKey
from services.api.rows import Rows
from services.api.rpc.app import Parts, build
from services.api.rpc.authentication import Authenticator
from services.api.rpc.call import Call, Operation


def call(*permissions: str, workspace_id: str = "ws_1") -> Call:
    """A request of a root key with these permissions; without, it may do everything."""
    held = frozenset(permissions) or EVERYTHING
    return Call(RootKey("key_root", workspace_id, held), "req_1")


@dataclass(frozen=True)
class Api:
    """The service.

    Attributes:
        served: where, with a client that sends no root key.
        root_keys: those that there are, by the digest of their text.
    """

    served: Served
    root_keys: dict[bytes, RootKey]

    def root_key(self, key: RootKey | None = None) -> str:
        """Makes a root key; returns its text. Without, it may do everything in ws_1."""
        made = secret.new("root", 16)
        self.root_keys[made.digest] = key or call().root_key
        return made.text

    def sdk(self, root_key: str | None = None) -> Unkey:
        """The SDK, as callers have it."""
        return Unkey(
            root_key=root_key or self.root_key(), server_url=self.served.url, retry_config=None
        )


@contextmanager
def serving(
    operations: Sequence[Operation[Any, Any]],
    clock: Clock | None = None,
    limits: Limits | None = None,
) -> Iterator[Api]:
    """Serves operations until the block ends."""
    ticks = clock or FakeClock()
    root_keys: dict[bytes, RootKey] = {}
    with TieredCache(None, Rows(RootKey, "1"), clock=ticks) as cache:
        parts = Parts(
            operations=operations,
            authenticator=Authenticator(cache, root_keys.get, clock=ticks),
            check=lambda: None,
            translate=lambda error: None,
            limits=limits or Limits(stop_delay=0),
            clock=ticks,
        )
        with served(build(parts)) as at:
            yield Api(at, root_keys)

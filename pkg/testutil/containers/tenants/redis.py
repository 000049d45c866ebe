"""A tenant of Redis: an ACL user that reaches the keys and channels below its prefix.

Key patterns do not filter commands that take no key, so those that tell of other tenants' keys, or
change the whole server, are denied. https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
"""

import dataclasses
import secrets
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from pkg.dockertest import Service
from pkg.dockertest.redis import RedisServer
from pkg.testutil.containers.tenant import Tenancy, digest, owner

_PIECE = 1000
_FEW_KEYS = 5000  # whose names the leak detector looks at; of more it sees the number
_ALLOWED = (
    "-@all",
    *("+@read", "+@write", "+@pubsub", "+@transaction", "+@scripting", "+@connection"),
    *("+@blocking", "+command", "+time", "+lolwut", "+memory|usage", "+wait"),
)
# Each tells of other tenants, or acts on the whole server or on another database.
_DENIED = (
    *("-@admin", "-@dangerous", "-scan", "-randomkey", "-dbsize", "-select", "-move", "-swapdb"),
    *("-pubsub", "-function", "-fcall", "-fcall_ro", "-script|flush", "-script|kill"),
    *("-client|tracking", "-client|caching", "-client|getredir", "-client|trackinginfo"),
)
# Redis 8.0 lets it write to any key that is named alone.
_UNCHECKED = ("-pfmerge",)
# Dangerous by Redis's account, since slow or for the time that they take, and not here.
_HARMLESS = ("+sort", "+sort_ro", "+restore")


class RedisTenancy(Tenancy[RedisServer]):
    """The tenants of one Redis server."""

    service: ClassVar[str] = "redis"
    refused: ClassVar[str] = r"NOPERM|(?i:no permissions to (access|run))"
    instead: ClassVar[str] = (
        "The names of its keys and channels are made by name(): redis.name('x'), not 'x'.\n"
        "Code that needs all of a Redis, such as SELECT or FLUSHALL, has one of its own:\n"
        "containers.start(Redis(whole=True))"
    )

    def __init__(self, whole: RedisServer) -> None:
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        super().__init__(whole)
        self._admin = whole.client()
        # A server that has ended does not come back: nobody shall wait for it.
        self._admin.set_retry(Retry(NoBackoff(), retries=1))

    def open(self, name: str, service: Service[RedisServer]) -> RedisServer:
        password = secrets.token_hex(16)
        prefix = f"{name}:"
        limits = (
            f">{password}",
            f"~{prefix}*",
            f"&{prefix}*",
            *_ALLOWED,
            *_DENIED,
            *_UNCHECKED,
            *_HARMLESS,
        )
        self._order("ACL", "SETUSER", name, "reset", "on", *limits)
        return dataclasses.replace(
            self.whole, user=name, password=password, prefix=prefix, administrator=self.whole
        )

    def drop(self, name: str) -> None:
        # The user goes last: as long as it is there, the tenant is known.
        self._order("ACL", "SETUSER", name, "off", "nocommands")
        self._order("CLIENT", "KILL", "USER", name)
        for keys in _pieces(self._admin.scan_iter(match=f"{name}:*", count=_PIECE)):
            self._admin.unlink(*keys)
        self._order("ACL", "DELUSER", name)

    def names(self) -> Iterable[str]:
        users: list[bytes] = self._order("ACL", "USERS")
        return [user.decode() for user in users]

    def stock(self) -> Mapping[str, Any]:
        with self._admin.pipeline(transaction=False) as pipe:
            pipe.acl_list()
            pipe.config_get("*")
            pipe.function_list()
            pipe.info("keyspace")
            pipe.dbsize()
            rules, settings, functions, databases, keys = pipe.execute()
        stock: dict[str, Any] = {
            # The rule has a hash of the password.
            f"user {user}": digest(rule)
            for rule in rules
            if owner(user := rule.split()[1]) is None
        }
        stock |= {f"setting {name}": value for name, value in settings.items()}
        stock |= {f"function library {one[1].decode()}": "there" for one in functions}
        stock |= {f"keys in {name}": about["keys"] for name, about in databases.items()}
        if keys <= _FEW_KEYS:
            stock |= {
                f"key {key.decode(errors='backslashreplace')}": "there" for key in self._keys()
            }
        return stock

    def _keys(self) -> Iterator[bytes]:
        """The keys that are no tenant's."""
        for key in self._admin.scan_iter(count=_PIECE):
            if owner(key.partition(b":")[0].decode(errors="replace")) is None:
                yield key

    def _order(self, *words: str) -> "list[bytes]":
        answer: list[bytes] = self._admin.execute_command(*words)  # type: ignore[no-untyped-call]
        return answer


def _pieces(keys: Iterator[bytes]) -> Iterator[list[bytes]]:
    piece: list[bytes] = []
    for key in keys:
        piece.append(key)
        if len(piece) == _PIECE:
            yield piece
            piece = []
    if piece:
        yield piece


TENANCY = RedisTenancy

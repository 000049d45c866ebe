"""Finds keys by their text: in memory, in Redis, in the store."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from pkg.cache.tiered import Ages, Held, TieredCache
from services.api.domain.key import Key
from services.api.domain.secret import digest

# Other instances see a change of a key within the sum of the first two: half a minute.
AGES = Ages(fresh=timedelta(seconds=10), stale=timedelta(seconds=20), absent=timedelta(seconds=5))


class Finder:
    """Finds keys by their text. Usable from several threads.

    Args:
        cache: what was found, by the digest of the key's text.
        load: finds a key in the store, by that digest.
    """

    def __init__(self, cache: TieredCache[Key], load: Callable[[bytes], Key | None]) -> None:
        self._cache = cache
        self._load = load

    def find(self, text: str) -> Key | None:
        """The key of that text, as it was half a minute ago at the earliest."""
        return self._find(digest(text))

    def held(self, text: str) -> Held[Key] | None:
        """What memory has of the key of that text; None where `find` has to ask. Never waits."""
        return self._cache.peek(_name(digest(text)))

    def forget(self, key_digest: bytes) -> None:
        """What is known of the key is no longer so: here, and for who asks Redis."""
        self._cache.forget(_name(key_digest))

    def forget_all(self, key_digests: Iterable[bytes]) -> None:
        """The same of several keys, however many: in a round trip for each thousand."""
        self._cache.forget_all(map(_name, key_digests))

    def _find(self, key_digest: bytes) -> Key | None:
        return self._cache.get(_name(key_digest), lambda: self._load(key_digest))


def _name(key_digest: bytes) -> str:
    return f"key:{key_digest.hex()}"

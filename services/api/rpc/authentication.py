"""Who asks: the root key in the header Authorization."""

from collections.abc import Callable

from litestar.types import HTTPScope

from pkg.cache.tiered import TieredCache
from pkg.clock import Clock
from pkg.fault import Fault, Kind
from pkg.serving import header
from services.api.domain.secret import digest
from services.api.domain.stored import RootKey

_SCHEME = "bearer "
_MOST_CHARACTERS = 512
# What anyone may ask.
OPEN = frozenset({"/v2/liveness"})


def admit(scope: HTTPScope) -> None:
    """Refuses requests that bring nothing like a root key, before their body is read.

    Raises:
        Fault: they don't.
    """
    if scope["path"] not in OPEN:
        token(scope)


def token(scope: HTTPScope) -> str:
    """What stands for a root key in the request's header.

    Raises:
        Fault: there is nothing.
    """
    given = (header(scope, b"authorization") or b"").decode("latin-1")
    text = given[len(_SCHEME) :].strip(" ")
    if given[: len(_SCHEME)].lower() != _SCHEME or not 0 < len(text) <= _MOST_CHARACTERS:
        raise _unauthenticated()
    return text


class Authenticator:
    """Knows root keys by their text. Usable from several threads.

    Args:
        cache: what was found, by the digest of the text.
        load: finds a root key in the store, by that digest.
        clock: tells when they expire.
    """

    def __init__(
        self,
        cache: TieredCache[RootKey],
        load: Callable[[bytes], RootKey | None],
        *,
        clock: Clock,
    ) -> None:
        self._cache = cache
        self._load = load
        self._clock = clock

    def root_key(self, text: str) -> RootKey:
        """The root key of that text.

        Raises:
            Fault: there is none, or it lets nobody in any more.
        """
        key_digest = digest(text)
        return self._admitted(self._cache.get(_name(key_digest), lambda: self._load(key_digest)))

    def try_root_key(self, text: str) -> RootKey | None:
        """What `root_key` gives, or None where Redis or the store would be asked. Never waits.

        Raises:
            Fault: as `root_key`.
        """
        held = self._cache.peek(_name(digest(text)))
        return None if held is None else self._admitted(held.value)

    def _admitted(self, found: RootKey | None) -> RootKey:
        if found is None or (
            found.expires_at is not None and self._clock.now() >= found.expires_at
        ):
            raise _unauthenticated()
        if not found.enabled:
            raise Fault(Kind.FORBIDDEN, "root_key_disabled", "The root key is disabled.")
        return found


def _name(key_digest: bytes) -> str:
    return f"root:{key_digest.hex()}"


def _unauthenticated() -> Fault:
    return Fault(
        Kind.UNAUTHENTICATED,
        "unauthenticated",
        "The header Authorization must be Bearer and a root key that is valid.",
    )

"""Bearer tokens."""

import hashlib
import hmac
from collections.abc import Callable, Iterable

from litestar.types import HTTPScope

from pkg.fault import Fault, Kind
from pkg.serving.body import header

_SCHEME = b"bearer "


class Tokens:
    """The tokens that are let in. Holds their hashes only.

    All hashes are compared, each in a time that does not depend on where the two differ, so that
    the time of an answer tells neither a token's beginning nor its length nor its place in the
    list.

    Args:
        tokens: at least one; ASCII.

    Raises:
        ValueError: there is none.
    """

    __slots__ = ("_hashes",)

    def __init__(self, tokens: Iterable[str]) -> None:
        self._hashes = [hashlib.sha256(token.encode()).digest() for token in tokens]
        if not self._hashes:
            raise ValueError("no token: nobody could be let in; give at least one")

    def admit(self, authorization: bytes) -> bool:
        """Whether a header `Authorization: Bearer TOKEN` with that value has one of the tokens."""
        is_bearer = authorization[: len(_SCHEME)].lower() == _SCHEME
        given = hashlib.sha256(authorization[len(_SCHEME) :].strip(b" ")).digest()
        found = False
        for known in self._hashes:
            found |= hmac.compare_digest(known, given)
        return found and is_bearer

    def __repr__(self) -> str:
        return f"Tokens({len(self._hashes)})"


def bearer(tokens: Tokens, public: str) -> Callable[[HTTPScope], None]:
    """Lets in who has one of the tokens, for `Service.admit`.

    Args:
        tokens: those that are let in.
        public: what others are told, whatever they have sent.
    """

    def admit(scope: HTTPScope) -> None:
        if not tokens.admit(header(scope, b"authorization") or b""):
            raise Fault(Kind.UNAUTHENTICATED, "unauthorized", public)

    return admit

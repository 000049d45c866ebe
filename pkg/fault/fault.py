"""Faults: what went wrong, said twice.

A caller gets a code and a sentence. The log gets the detail, which may name tables, hosts and other
people's ids.
"""

import re
from enum import Enum

_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")


class Kind(Enum):
    """What a caller can do about it; the value is the HTTP status that says so."""

    INVALID = 400  # mend the request
    UNAUTHENTICATED = 401  # say who you are
    FORBIDDEN = 403  # ask for the right
    NOT_FOUND = 404  # name something that is there
    NOT_ALLOWED = 405  # use another method
    CONFLICT = 409  # look again, then decide
    GONE = 410  # it was there
    PROTECTED = 412  # take the protection away first
    TOO_LARGE = 413  # send less
    UNSUPPORTED = 415  # send another kind
    REFUSED = 422  # it is well formed, and can't be done
    TOO_MANY = 429  # wait
    ABANDONED = 499  # nothing: the caller is gone
    INTERNAL = 500  # nothing: it is ours to mend
    UNAVAILABLE = 503  # try again later
    LATE = 504  # look whether it was done

    @property
    def may_be_tried_again(self) -> bool:
        """Whether the same request may succeed later."""
        return self in (Kind.TOO_MANY, Kind.UNAVAILABLE)


class Fault(Exception):
    """Something went wrong. Its text is the detail, for the log.

    Attributes:
        kind: what a caller can do about it.
        code: names it to programs; never changes.
        public: a sentence for callers, with nothing in it that they don't know or may not know.
        detail: for the log; "" where the sentence says all.

    Args:
        detail: for the log; the public sentence unless given.

    Raises:
        ValueError: the code is no lower-case name, or the sentence is empty.
    """

    def __init__(self, kind: Kind, code: str, public: str, detail: str = "") -> None:
        if not _CODE.fullmatch(code):
            raise ValueError(f"fault: the code {code!r}: give a name such as key_not_found")
        if not public.strip():
            raise ValueError(f"fault: {code}: give callers a sentence")
        super().__init__(f"{code}: {detail or public}")
        self.kind = kind
        self.code = code
        self.public = public
        self.detail = detail


def of(error: BaseException) -> Fault:
    """The fault that an error is, or was caused by; else an internal one, whose cause it is.

    What is raised `from` a fault without being one, such as by a library that wraps errors, is
    still that fault to a caller.
    """
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        if isinstance(at, Fault):
            return at
        seen.add(id(at))
        at = at.__cause__
    kind = type(error)
    unknown = Fault(
        Kind.INTERNAL,
        "internal_error",
        "Something went wrong on our side; it was noted. Try again, and tell us if it stays.",
        f"{kind.__module__}.{kind.__qualname__}: {error}",
    )
    unknown.__cause__ = error
    return unknown

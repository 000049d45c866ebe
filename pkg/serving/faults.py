"""What the frame itself refuses, and how a service tells what was refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from pkg.fault import Fault, Kind

RETRY_AFTER_SECONDS = 1
JSON = "application/json"
# For log and metrics, where nothing was sent.
CLIENT_GONE = Kind.ABANDONED.value
_HEADERS: Mapping[Kind, Mapping[str, str]] = {
    Kind.UNAVAILABLE: {"retry-after": str(RETRY_AFTER_SECONDS)},
    Kind.UNAUTHENTICATED: {"www-authenticate": "Bearer"},
}


@dataclass(frozen=True)
class ErrorBody:
    """How an error is told.

    Attributes:
        content: the answer's body.
        media_type: of the body.
        headers: beside those that its kind has: Retry-After, WWW-Authenticate.
    """

    content: bytes
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ErrorShape:
    """The shape of a service's errors, whoever finds them.

    Attributes:
        form: of their bodies, for the OpenAPI document.
        encode: the body of a fault; its second argument is the request's id. Only the fault's
            code and its public sentence are for callers.
    """

    form: type[msgspec.Struct]
    encode: Callable[[Fault, str], ErrorBody]


class InvalidBody(Fault):
    """A request's body is no JSON, or not of the form that the document tells.

    Attributes:
        path: of the field, such as "items[1].name"; "" for the body itself.
        reason: what is wrong with it; shows no value.

    Args:
        public: the sentence for callers; made of path and reason unless given.
    """

    def __init__(self, reason: str, path: str = "", public: str = "") -> None:
        sentence = f"field {path!r}: {reason}" if path else f"the body {reason}"
        super().__init__(Kind.INVALID, "invalid_request", public or sentence)
        self.path = path
        self.reason = reason


def headers(fault: Fault) -> Mapping[str, str]:
    """Those that every answer with a fault of that kind has."""
    return _HEADERS.get(fault.kind, {})


def bad_request() -> Fault:
    """What was sent is no HTTP that is taken."""
    return Fault(
        Kind.INVALID,
        "bad_request",
        "this is no HTTP/1.1 request, or its headers are too long",
    )


def not_taken() -> Fault:
    """A request that the framework refuses before the route has it."""
    return Fault(
        Kind.INVALID,
        "bad_request",
        "this path takes no such request; /openapi.json has those that it takes",
    )


def not_found() -> Fault:
    """No route has that path."""
    return Fault(
        Kind.NOT_FOUND,
        "not_found",
        "there is no such path; /openapi.json has those that there are",
    )


def method_not_allowed() -> Fault:
    """The path's route has not that method."""
    return Fault(
        Kind.NOT_ALLOWED,
        "method_not_allowed",
        "this path does not take that method; the header Allow has those",
    )


def unsupported_media_type() -> Fault:
    """A body that says not of itself that it is JSON."""
    return Fault(
        Kind.UNSUPPORTED,
        "unsupported_media_type",
        "the body must be JSON, with Content-Type: application/json",
    )


def too_large() -> Fault:
    """A body beyond the limit."""
    return Fault(
        Kind.TOO_LARGE,
        "too_large",
        "the body is longer than this instance takes; send less at a time",
    )


def overloaded() -> Fault:
    """More requests than are taken at the same time."""
    return Fault(Kind.UNAVAILABLE, "overloaded", "too many requests at once; try again later")


def deadline_exceeded() -> Fault:
    """A request that took too long."""
    return Fault(
        Kind.LATE,
        "deadline_exceeded",
        "there was no answer in time; it may have been done nevertheless",
    )


def not_ready() -> Fault:
    """An instance that no requests should be sent to."""
    return Fault(
        Kind.UNAVAILABLE,
        "not_ready",
        "the instance stops, or what it needs does not serve",
    )


def client_gone() -> Fault:
    """For log and metrics; nobody is there to read it."""
    return Fault(Kind.ABANDONED, "client_gone", "the client has closed the connection")


def internal_error(error: BaseException) -> Fault:
    """What nobody has foreseen."""
    made = Fault(
        Kind.INTERNAL,
        "internal_error",
        "the service has a fault; its log has the request's id",
    )
    made.__cause__ = error
    return made

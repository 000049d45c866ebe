"""What is wrong with a request whose form is right."""

from collections.abc import Sequence
from dataclasses import dataclass

from pkg.fault import Fault, Kind


@dataclass(frozen=True)
class Field:
    """What is wrong with a part of a request.

    Attributes:
        location: which part, such as body.credits.refill.
        message: what is wrong; no value of the caller's is in it.
        fix: what to do; "" if the message says it.
    """

    location: str
    message: str
    fix: str = ""


class InvalidRequest(Fault):
    """The request is refused as it is.

    Attributes:
        fields: what is wrong, at least one.
    """

    def __init__(self, fields: Sequence[Field]) -> None:
        super().__init__(
            Kind.INVALID,
            "invalid_request",
            "The request is invalid: " + "; ".join(f"{f.location}: {f.message}" for f in fields),
        )
        self.fields = tuple(fields)


def invalid(location: str, message: str, fix: str = "") -> InvalidRequest:
    """One thing is wrong with a request."""
    return InvalidRequest([Field(location, message, fix)])

"""The body of every answer that is no success."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

import msgspec

from services.api.wire.common import Answer, Meta

# Of a status that has another than all bodies have: what callers' libraries look for.
_TYPES: Mapping[int, bytes] = {429: b"application/problem+json"}


class InvalidField(Answer):
    """What is wrong with a part of a request.

    Attributes:
        location: which part, such as body.ratelimits[0].name.
        fix: what to do.
    """

    location: str
    message: str
    fix: str | None = None


class Problem(Answer):
    """What went wrong.

    Attributes:
        detail: a sentence for people.
        title: of the status.
        type: names the problem to programs, and never changes.
        errors: what is wrong with the request, if it is; only with 400, and always there.
    """

    detail: str
    status: int
    title: str
    type: str
    errors: list[InvalidField] | None = None


class ErrorResponse(Answer):
    """The envelope of an error."""

    meta: Meta
    error: Problem


def problem(status: int, code: str, detail: str, errors: Sequence[InvalidField] = ()) -> Problem:
    """What went wrong, as it is told.

    Args:
        status: of the answer.
        code: names it to programs, such as key_not_found.
        detail: a sentence for people.
        errors: what is wrong with the request, with 400.
    """
    return Problem(
        detail=detail,
        status=status,
        title=HTTPStatus(status).phrase,
        type=f"urn:berth:api:{code}",
        errors=list(errors) if status == HTTPStatus.BAD_REQUEST else None,
    )


def encoded(error: Problem, request_id: str) -> bytes:
    """The body that tells it."""
    return msgspec.json.encode(ErrorResponse(meta=Meta(request_id=request_id), error=error))


def content_type(status: int) -> bytes:
    """Of the body of an error with that status."""
    return _TYPES.get(status, b"application/json")

"""How an operation of the vault becomes a route, and is described."""

from collections.abc import Awaitable, Callable

import msgspec
from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody

from pkg import serving
from services.vault.wire import ErrorResponse

_ANY = (400, 401, 413, 415, 500, 503, 504)


def operation[A: msgspec.Struct](
    path: str, form: type[msgspec.Struct], *more_errors: int
) -> Callable[[Callable[[RawBody], Awaitable[A]]], HTTPRouteHandler]:
    """A POST route whose handler gets the body and reads it as that form.

    Args:
        path: its last part is the operation's id.
        form: of the body.
        more_errors: statuses that it answers with beside those that all do.
    """
    return serving.operation(path, form, ErrorResponse, *_ANY, *more_errors)

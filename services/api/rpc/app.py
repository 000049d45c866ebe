"""The operations in the frame that services have."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pkg import uid
from pkg.clock import Clock
from pkg.fault import Fault
from pkg.serving import App, Limits, Metrics, Service, Workers
from pkg.serving import build as build_app
from services.api.rpc import authentication, openapi
from services.api.rpc.authentication import Authenticator
from services.api.rpc.bind import bind
from services.api.rpc.call import Operation
from services.api.rpc.errors import SHAPE


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What an instance is made of.

    Attributes:
        operations: one for each route.
        authenticator: knows root keys.
        check: asks what an instance needs to serve, and raises if that does not.
        translate: the fault that an error of what it stands on is; None for others.
        limits: of size, number and time.
        clock: gives requests their ids.
    """

    operations: Sequence[Operation[Any, Any]]
    authenticator: Authenticator
    check: Callable[[], object]
    translate: Callable[[Exception], Fault | None]
    limits: Limits
    clock: Clock


def build(parts: Parts) -> App:
    """The HTTP side of an instance."""
    workers = Workers.within(parts.limits)
    return build_app(
        Service(
            routes=bind(parts.operations, parts.authenticator, workers),
            about=openapi.document(
                {each.route.name: each.run.__doc__ or "" for each in parts.operations}
            ),
            errors=SHAPE,
            check=parts.check,
            limits=parts.limits,
            workers=workers,
            metrics=Metrics("api"),
            translate=parts.translate,
            admit=authentication.admit,
            new_id=lambda: uid.new("req", parts.clock),
            clock=parts.clock,
        )
    )

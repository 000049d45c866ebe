"""How much a client may ask for, and how long it may take."""

from dataclasses import dataclass

from pkg import serving
from pkg.config import count, variable
from pkg.serving.limits import MIB


@dataclass(frozen=True, kw_only=True)
class Limits(serving.Limits):
    """Bounds of the HTTP side.

    Attributes:
        max_body_bytes: of one request; 16 MiB as base64 take 21.4 MiB.
        threads: for what would keep the event loop waiting.
    """

    max_body_bytes: int = variable("of one request", count, default=24 * MIB)
    threads: int = variable("for calls that wait for the storage, and for bulk", count, default=8)

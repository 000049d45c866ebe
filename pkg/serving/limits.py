"""How much a client may ask for, and how long it may take."""

from dataclasses import dataclass

from pkg.config import count, seconds, seconds_or_0, variable

KIB = 1 << 10
MIB = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds of the HTTP side; times in seconds.

    Attributes:
        deadline: from a request's headers to the end of its answer.
        header_timeout: from a request's first byte to the end of its headers.
        idle_timeout: between two requests on one connection.
        max_body_bytes: of one request.
        max_header_bytes: of one request.
        max_requests: at work at the same time.
        max_connections: open at the same time.
        threads: for what would keep the event loop waiting.
        stop_delay: how long an instance that is told to stop still takes requests, so that whoever
            asks for its readiness notices.
    """

    deadline: float = variable(
        "seconds for a request, until its answer is out", seconds, default=10.0
    )
    header_timeout: float = variable("seconds for a request's headers", seconds, default=5.0)
    idle_timeout: float = variable(
        "seconds that a connection may rest between two requests", seconds, default=30.0
    )
    max_body_bytes: int = variable("of one request", count, default=1 * MIB)
    max_header_bytes: int = variable("of one request", count, default=32 * KIB)
    max_requests: int = variable("at work at the same time", count, default=64)
    max_connections: int = variable("open at the same time", count, default=1024)
    threads: int = variable("for calls that would keep others waiting", count, default=8)
    stop_delay: float = variable(
        "seconds of readiness 503 before an instance that stops takes no more",
        seconds_or_0,
        default=1.0,
    )

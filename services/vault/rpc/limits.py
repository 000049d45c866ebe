"""How much a client may ask for, and how long it may take."""

from dataclasses import dataclass

KIB = 1 << 10
MIB = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds of the HTTP side; times in seconds.

    Attributes:
        deadline: from a request's headers to the end of its answer.
        header_timeout: from a request's first byte to the end of its headers.
        idle_timeout: between two requests on one connection.
        max_body_bytes: of one request; 16 MiB as base64 take 21.4 MiB.
        max_header_bytes: of one request.
        max_requests: at work at the same time.
        max_connections: open at the same time.
        threads: for what would keep the event loop waiting.
        stop_delay: how long an instance that is told to stop still takes requests, so that whoever
            asks for its readiness notices.
    """

    deadline: float = 10.0
    header_timeout: float = 5.0
    idle_timeout: float = 30.0
    max_body_bytes: int = 24 * MIB
    max_header_bytes: int = 32 * KIB
    max_requests: int = 64
    max_connections: int = 1024
    threads: int = 8
    stop_delay: float = 1.0

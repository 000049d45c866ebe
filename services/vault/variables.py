"""The environment variables that an instance reads."""

from dataclasses import dataclass

from services.vault.rpc.limits import Limits
from services.vault.storage.patience import PATIENCE

_LIMITS = Limits()


@dataclass(frozen=True)
class Variable:
    """One variable.

    Attributes:
        name: VAULT_….
        meaning: in half a sentence.
        default: its text; None if it must be given.
    """

    name: str
    meaning: str
    default: str | None = None


def _limit(name: str, meaning: str) -> Variable:
    default = getattr(_LIMITS, name)
    return Variable(f"VAULT_{name.upper()}", meaning, str(default).removesuffix(".0"))


VARIABLES = (
    Variable("VAULT_MASTER_KEYS", "64 hexadecimal digits each; the last one encrypts, all decrypt"),
    Variable("VAULT_TOKENS", "bearer tokens that let a client in, each of 32 characters or more"),
    Variable("VAULT_S3_URL", "the storage, such as https://s3.example.com"),
    Variable("VAULT_S3_BUCKET", "a bucket that exists"),
    Variable("VAULT_S3_ACCESS_KEY_ID", "the user of the storage"),
    Variable("VAULT_S3_SECRET_ACCESS_KEY", "the user's secret"),
    Variable("VAULT_S3_PREFIX", "before every object's name, such as vault/", ""),
    Variable("VAULT_S3_REGION", "the region that requests are signed for", "us-east-1"),
    Variable(
        "VAULT_S3_PATIENCE",
        "seconds for one request to the storage, with all its tries",
        f"{PATIENCE.total_seconds():g}",
    ),
    Variable("VAULT_LISTEN", "address and port; port 0 takes a free one", "127.0.0.1:7010"),
    _limit("deadline", "seconds for a request, until its answer is out"),
    _limit("header_timeout", "seconds for a request's headers"),
    _limit("idle_timeout", "seconds that a connection may rest between two requests"),
    _limit("max_body_bytes", "of one request"),
    _limit("max_header_bytes", "of one request"),
    _limit("max_requests", "at work at the same time"),
    _limit("max_connections", "open at the same time"),
    _limit("threads", "for calls that wait for the storage, and for bulk"),
    _limit("stop_delay", "seconds of readiness 503 before an instance that stops takes no more"),
    Variable("VAULT_LOG_LEVEL", "debug, info, warning or error; each request is an info", "info"),
)


def usage() -> str:
    """All of them, one a line, with what they mean and their defaults."""
    lines = []
    for each in VARIABLES:
        default = "" if each.default is None else f" ({each.default or 'empty'})"
        lines.append(f"  {each.name:<27} {each.meaning}{default}")
    return "\n".join(lines)

"""The configuration of an instance."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from services.vault.errors import InvalidConfig
from services.vault.keyring import MasterKeys
from services.vault.storage.patience import PATIENCE

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
# What the client library takes for a host and for a region.
_LABEL = r"(?![_-])[A-Za-z0-9_-]{1,63}(?<![_-])"
_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})*|[0-9a-f:.]*:[0-9a-f:.]*")
_REGION = re.compile(_LABEL)
_PREFIX = re.compile(r"([A-Za-z0-9_-][A-Za-z0-9._-]*/)*")


@dataclass(frozen=True, kw_only=True)
class Config:
    """What an instance has to know, checked when it is made. Shows no secret.

    Attributes:
        master_keys: wrap the data keys; the last one does, the others open what they have wrapped.
        s3_url: the server, such as "https://s3.example.com" or "http://127.0.0.1:9000".
        s3_bucket: a bucket that exists.
        s3_prefix: comes before every object's name; "" or a path that ends in "/".
        s3_access_key_id: the user that requests are signed as.
        s3_secret_access_key: the same user's secret.
        s3_region: the region that requests are signed for.
        s3_patience: how long one request to the server may take, with all its tries.

    Raises:
        InvalidConfig: with a line for each thing to mend.
    """

    master_keys: MasterKeys
    s3_url: str
    s3_bucket: str
    s3_access_key_id: str
    s3_secret_access_key: str = field(repr=False)
    s3_prefix: str = ""
    s3_region: str = "us-east-1"
    s3_patience: timedelta = PATIENCE

    def __post_init__(self) -> None:
        if problems := _problems(self):
            raise InvalidConfig("\n".join(f"vault: {problem}" for problem in problems))


def _problems(config: Config) -> list[str]:
    found = []
    if problem := _url_problem(config.s3_url):
        found.append(f"s3_url: {problem}; give one such as https://s3.example.com")
    if not _BUCKET.fullmatch(config.s3_bucket):
        found.append(
            f"s3_bucket: {config.s3_bucket!r} is no bucket's name: 3 to 63 lower-case letters, "
            "digits, dots and hyphens"
        )
    if not _PREFIX.fullmatch(config.s3_prefix):
        found.append(
            f"s3_prefix: {config.s3_prefix!r}: letters, digits, dots, hyphens and underscores, in "
            'parts that end in "/" and do not begin with a dot, such as "vault/"'
        )
    if not _REGION.fullmatch(config.s3_region):
        found.append(f"s3_region: {config.s3_region!r} is no region, such as us-east-1")
    if config.s3_patience <= timedelta():
        found.append(f"s3_patience: {config.s3_patience}: must be longer than nothing")
    for name in ("s3_access_key_id", "s3_secret_access_key"):
        if not getattr(config, name).strip():
            found.append(f"{name}: must not be empty")
    return found


def _url_problem(url: str) -> str:
    """What is wrong with a server's URL; "" for nothing. The URL itself may hold a password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return f"is no URL ({error})"
    if parts.scheme not in ("http", "https"):
        return "must begin with http:// or https://"
    if parts.username is not None or parts.password is not None:
        return "must hold no credentials; they go into s3_access_key_id and s3_secret_access_key"
    if not _HOST.fullmatch(parts.hostname or "") or port == 0:
        return "must name a host, and a port that is not 0 if any"
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        return "must end after host and port; a path goes into s3_prefix"
    return ""

"""The configuration of an instance."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from pkg.config import seconds, several, shown, variable
from services.vault.errors import InvalidConfig
from services.vault.keyring import MasterKey, MasterKeys
from services.vault.storage.patience import PATIENCE

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
# What the client library takes for a host and for a region.
_LABEL = r"(?![_-])[A-Za-z0-9_-]{1,63}(?<![_-])"
_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})*|[0-9a-f:.]*:[0-9a-f:.]*")
_REGION = re.compile(_LABEL)
_PREFIX = re.compile(r"([A-Za-z0-9_-][A-Za-z0-9._-]*/)*")


def _master_keys(text: str) -> MasterKeys:
    return MasterKeys(several(MasterKey.from_hex)(text) if text else ())


def _server(url: str) -> str:
    """A server's URL. What is wrong with it is told without it: it may hold a password."""
    if problem := _url_problem(url):
        raise ValueError(f"{problem}; give one such as https://s3.example.com")
    return url


def _bucket(name: str) -> str:
    if not _BUCKET.fullmatch(name):
        raise ValueError(
            f"{shown(name)} is no bucket's name: 3 to 63 lower-case letters, digits, dots and "
            "hyphens"
        )
    return name


def _prefix(prefix: str) -> str:
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(
            f"{shown(prefix)}: letters, digits, dots, hyphens and underscores, in parts that end "
            'in "/" and do not begin with a dot, such as "vault/"'
        )
    return prefix


def _region(name: str) -> str:
    if not _REGION.fullmatch(name):
        raise ValueError(f"{shown(name)} is no region, such as us-east-1")
    return name


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    return text


def _patience(text: str) -> timedelta:
    return timedelta(seconds=seconds(text))


def _url_problem(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is no URL: its host or its port is malformed"
    if parts.scheme not in ("http", "https"):
        return "must begin with http:// or https://"
    if parts.username is not None or parts.password is not None:
        return "must hold no credentials; they go into s3_access_key_id and s3_secret_access_key"
    if not _HOST.fullmatch(parts.hostname or "") or port == 0:
        return "must name a host, and a port that is not 0 if any"
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        return "must end after host and port; a path goes into s3_prefix"
    return ""


_CHECKS: dict[str, Callable[[str], str]] = {
    "s3_url": _server,
    "s3_bucket": _bucket,
    "s3_prefix": _prefix,
    "s3_region": _region,
    "s3_access_key_id": _filled,
    "s3_secret_access_key": _filled,
}


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

    master_keys: MasterKeys = variable(
        "64 hexadecimal digits each; the last one encrypts, all decrypt",
        _master_keys,
        secret=True,
        repr=True,  # of their ids
    )
    s3_url: str = variable("the storage, such as https://s3.example.com", _server)
    s3_bucket: str = variable("a bucket that exists", _bucket)
    s3_access_key_id: str = variable("the user of the storage", _filled)
    s3_secret_access_key: str = variable("the user's secret", _filled, secret=True)
    s3_prefix: str = variable("before every object's name, such as vault/", _prefix, default="")
    s3_region: str = variable(
        "the region that requests are signed for", _region, default="us-east-1"
    )
    s3_patience: timedelta = variable(
        "seconds for one request to the storage, with all its tries", _patience, default=PATIENCE
    )

    def __post_init__(self) -> None:
        if problems := _problems(self):
            raise InvalidConfig("\n".join(f"vault: {problem}" for problem in problems))


def _problems(config: Config) -> list[str]:
    found = []
    for field, check in _CHECKS.items():
        try:
            check(getattr(config, field))
        except ValueError as error:
            found.append(f"{field}: {error}")
    if config.s3_patience <= timedelta():
        found.append(f"s3_patience: {config.s3_patience}: must be longer than nothing")
    return found

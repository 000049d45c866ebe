"""From a variable's text to its value. Each raises ValueError with what is wrong.

None shows a URL, which may have a password in it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

_SECONDS = re.compile(r"\d{1,6}(\.\d{1,6})?", re.ASCII)
_COUNT = re.compile(r"[1-9]\d{0,11}", re.ASCII)
_ADDRESS = re.compile(
    r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9.-]+)):(?P<port>\d{1,5})", re.ASCII
)
_MOST_SHOWN = 64
_LAST_PORT = 65535


def shown(text: str) -> str:
    """A text for a message: on one line, and not too long."""
    return repr(text) if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]!r}…"


def text(text: str) -> str:
    """Any text but an empty one."""
    if not text:
        raise ValueError("must not be empty")
    return text


def seconds(text: str) -> float:
    """A time above 0."""
    value = _seconds(text)
    if not value:
        raise ValueError(f"{shown(text)} is no number of seconds above 0")
    return value


def seconds_or_0(text: str) -> float:
    """A time, or none."""
    value = _seconds(text)
    if value is None:
        raise ValueError(f"{shown(text)} is no number of seconds")
    return value


def _seconds(text: str) -> float | None:
    return float(text) if _SECONDS.fullmatch(text) else None


def count(text: str) -> int:
    """A whole number above 0."""
    if not _COUNT.fullmatch(text):
        raise ValueError(f"{shown(text)} is no whole number above 0")
    return int(text)


def one_of(*choices: str) -> Callable[[str], str]:
    """One of these words."""

    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(f"{shown(text)} is none of {', '.join(choices)}")
        return text

    return parse


def several[T](each: Callable[[str], T]) -> Callable[[str], tuple[T, ...]]:
    """Values with commas or white space between them; at least one."""

    def parse(text: str) -> tuple[T, ...]:
        found = [one for one in re.split(r"[,\s]+", text) if one]
        if not found:
            raise ValueError("is empty; give at least one")
        return tuple(each(one) for one in found)

    return parse


@dataclass(frozen=True)
class Address:
    """Where to listen, or whom to call.

    Attributes:
        host: a name or an address, without brackets.
        port: 0 takes a free one to listen on.
    """

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def address(text: str) -> Address:
    """A host and a port."""
    found = _ADDRESS.fullmatch(text)
    if not found or int(found["port"]) > _LAST_PORT:
        raise ValueError(
            f"{shown(text)} is no address and port, such as 127.0.0.1:7010 or [::1]:7010"
        )
    return Address(found["v6"] or found["host"], int(found["port"]))


def url(*schemes: str) -> Callable[[str], str]:
    """A URL of one of these schemes, with a host."""
    wanted = " or ".join(f"{scheme}://" for scheme in schemes)

    def parse(text: str) -> str:
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            raise ValueError("is no URL: its host or its port is malformed") from None
        if parts.scheme not in schemes or not text[len(parts.scheme) :].startswith("://"):
            raise ValueError(f"must begin with {wanted}")
        if not parts.hostname or port == 0 or not text.isprintable() or " " in text:
            raise ValueError("must name a host, and a port that is not 0 if any, without spaces")
        return text

    return parse


def file(text: str) -> Path:
    """The path of a file that is there."""
    path = Path(text)
    if not text or not path.is_file():
        raise ValueError(f"{shown(text)}: there is no such file")
    return path

"""Hides secrets in texts."""

import json
import re
import threading
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote, unquote, urlsplit

HIDDEN = "[hidden]"

# Shorter ones stand in any text.
_SHORTEST = 4
_SHORTEST_PART = 8
# A longer one is found whole, or by its lines.
_LONGEST_SPLIT = 512
_BREAK = r"(?:\s|\\[nrt])*"

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_SECRETS = frozenset(
    {
        *("authorization", "bearer", "cookie", "cookies", "credential", "credentials"),
        *("passphrase", "passwd", "password", "passwords", "plaintext", "plaintexts", "pwd"),
        *("secret", "secrets", "token", "tokens"),
    }
)
_KEYS = frozenset(
    {
        *("access", "api", "data", "encryption", "master", "plain", "private", "raw", "root"),
        *("secret", "signing"),
    }
)

_URL = re.compile(r"([a-z][a-z0-9+.-]{0,31}://)[^\s/?#\"']*@", re.I)
_NAMED = re.compile(
    r"((?:authorization|cookie|passphrase|passw(?:or)?d|pwd|secret|signature|token|"
    r"(?:api|master|private|signing)[_-]?key)\w{0,32}\\?[\"']?\s{0,4}[:=]\s{0,4})"
    r"(?:(?:bearer|basic)\s+\S+|\"[^\"]*\"?|'[^']*'?|[^\s\"',;&)}\]]+)",
    re.I,
)
_BEARER = re.compile(r"\b(bearer|basic)(\s+)[\w.~+/=-]{8,}", re.I)


class Redactor:
    """Hides what it was told, and what looks like a secret. Usable from several threads.

    Hidden are the secrets themselves, also where a text has them over several lines, escaped, or
    one by one of a list; credentials in URLs; and values after names such as `password=`.

    Args:
        secrets: the first ones.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._told: tuple[str, ...] = ()
        self._split: re.Pattern[str] | None = None
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Hides this from now on. A secret of less than four characters is not hidden."""
        with self._lock:
            told = sorted({*self._told, *_forms(secret)}, key=lambda form: (-len(form), form))
            splits = [_BREAK.join(map(re.escape, form)) for form in told if _is_split(form)]
            self._split = re.compile("|".join(splits)) if splits else None
            self._told = tuple(told)

    def text(self, text: str) -> str:
        """The text without secrets."""
        for secret in self._told:
            if secret in text:
                text = text.replace(secret, HIDDEN)
        if self._split and ("\n" in text or "\\n" in text or "\r" in text):
            text = self._split.sub(HIDDEN, text)
        if "://" in text:
            text = _URL.sub(rf"\1{HIDDEN}@", text)
        if ":" in text or "=" in text:
            text = _NAMED.sub(rf"\1{HIDDEN}", text)
        if " " in text:
            text = _BEARER.sub(rf"\1\2{HIDDEN}", text)
        return text

    def __repr__(self) -> str:
        return f"Redactor({len(self._told)})"


@lru_cache(maxsize=1024)
def names_a_secret(name: str) -> bool:
    """Whether a field of that name has a secret in it, such as `password` or `apiKey`."""
    words = [word.lower() for word in _WORD.findall(name)]
    if not _SECRETS.isdisjoint(words) or words == ["key"] or words[-2:] == ["key", "material"]:
        return True
    return len(words) > 1 and words[-1] in ("key", "keys") and words[-2] in _KEYS


def _forms(secret: str) -> Iterable[str]:
    """How a secret may stand in a text."""
    whole = secret.strip()
    found = {whole}
    found |= {part for part in re.split(r"[,\s]+", whole) if len(part) >= _SHORTEST_PART}
    if "://" in whole:
        found |= _passwords(whole)
    for form in list(found):
        found |= {quote(form, safe=""), repr(form)[1:-1], json.dumps(form)[1:-1]}
    return {form for form in found if len(form) >= _SHORTEST}


def _passwords(url: str) -> set[str]:
    try:
        password = urlsplit(url).password or ""
    except ValueError:
        return set()
    return {password, unquote(password)}


def _is_split(form: str) -> bool:
    return _SHORTEST_PART <= len(form) <= _LONGEST_SPLIT

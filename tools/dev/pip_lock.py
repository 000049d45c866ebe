"""A part of requirements_lock.txt: what some distributions need."""

import re
from collections.abc import Iterable

_ENTRY = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==")
_VIA = re.compile(r"^ +#(?: via)? +([A-Za-z0-9._-]+)(?:\[[^]]*\])?$")


def closure(lock: str, names: Iterable[str]) -> str:
    """The entries of distributions and of all that they need, with their hashes, as locked.

    Args:
        lock: what uv has written, with its comments of what each entry is there for.
        names: the distributions.

    Raises:
        KeyError: one is not locked.
    """
    entries = _entries(lock)
    wanted: set[str] = set()
    more = {_normal(name) for name in names}
    if unknown := more - entries.keys():
        raise KeyError(", ".join(sorted(unknown)))
    needed_by = {name: _via(text) for name, text in entries.items()}
    while more:
        wanted |= more
        more = {name for name, via in needed_by.items() if via & wanted} - wanted
    return "".join(entries[name] for name in sorted(wanted))


def _entries(lock: str) -> dict[str, str]:
    found: dict[str, str] = {}
    name = ""
    for line in lock.splitlines(keepends=True):
        if match := _ENTRY.match(line):
            name = _normal(match[1])
        if name:
            found[name] = found.get(name, "") + line
    return found


def _via(entry: str) -> set[str]:
    """What an entry is there for, as its comments say."""
    return {_normal(match[1]) for line in entry.splitlines() if (match := _VIA.match(line))}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()

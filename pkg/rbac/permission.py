"""Permissions: names in parts, such as `api.api_123.read_key`.

A part `*` of a permission that is held stands for any one part. Asked for, it is a part like any
other: only who holds `*` there has it.
"""

import re

MAX_LENGTH = 512
WORDS = ("and", "or")  # of queries

_FORM = re.compile(r"(?:[A-Za-z0-9_:-]+|\*)(?:\.(?:[A-Za-z0-9_:-]+|\*))*")


class InvalidPermission(ValueError):
    """A text is no permission."""


def checked(name: str) -> str:
    """The name, if it is a permission's.

    Raises:
        InvalidPermission: it is not.
    """
    if len(name) > MAX_LENGTH or not _FORM.fullmatch(name) or name.lower() in WORDS:
        shown = name if len(name) <= 64 else f"{name[:64]}…"
        raise InvalidPermission(
            f"rbac: {shown!r} is no permission: give parts of letters, digits, _, : and -, or *, "
            f"with a dot between two, {MAX_LENGTH} characters at most, such as api.*.read_key"
        )
    return name


def covers(held: str, asked: str) -> bool:
    """Whether who holds one permission has what the other asks for."""
    mine, theirs = held.split("."), asked.split(".")
    return len(mine) == len(theirs) and all(
        part in ("*", other) for part, other in zip(mine, theirs, strict=True)
    )

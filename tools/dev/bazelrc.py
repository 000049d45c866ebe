"""The marked block in user.bazelrc that records which Bazel this checkout uses.

Everything outside the marks is the user's, and is kept. The block comes first, so that the
user's own lines win over it.
"""

import os
import re
from enum import Enum
from pathlib import Path

_BEGIN = "# berth: begin. Written by ./dev setup; the lines up to the end mark are replaced."
_END = "# berth: end"
_BLOCK = re.compile(rf"{re.escape(_BEGIN.split('.')[0])}\..*?{re.escape(_END)}\n?", re.S)
_RECORD = re.compile(r"^# berth: bazel = (\w+)$", re.M)


class Bazel(Enum):
    """Which Bazel runs the checkout's commands."""

    OWN = "own"
    TOOLBOX = "toolbox"


def read(file: Path) -> Bazel | None:
    """The recorded choice, or None where none was made yet."""
    block = _BLOCK.search(_text(file))
    record = _RECORD.search(block[0]) if block else None
    try:
        return Bazel(record[1]) if record else None
    except ValueError:
        return None


def write(file: Path, choice: Bazel, options: list[str]) -> None:
    """Records the choice, with Bazel's options that belong to it, one a line."""
    lines = [_BEGIN, f"# berth: bazel = {choice.value}", *options, _END]
    _replace(file, "\n".join(lines) + "\n" + _BLOCK.sub("", _text(file)))


def has_block(file: Path) -> bool:
    """Whether our block is in the file, also one without a choice that is known here."""
    return _BLOCK.search(_text(file)) is not None


def remove(file: Path) -> bool:
    """Removes our block, and the file if nothing else is in it; whether there was one."""
    text = _text(file)
    rest = _BLOCK.sub("", text)
    if rest == text:
        return False
    if rest.strip():
        _replace(file, rest)
    else:
        file.unlink()
    return True


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except FileNotFoundError:
        return ""


def _replace(file: Path, text: str) -> None:
    if text == _text(file):
        return
    temporary = file.with_name(f"{file.name}.{os.getpid()}")
    temporary.write_text(text)
    temporary.replace(file)

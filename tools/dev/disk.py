"""Room on disks, and what directories take of it."""

import os
import shutil
import time
from pathlib import Path

from tools.dev.findings import Finding, ok, wrong

LOW_BYTES = 5e9
_BLOCK_BYTES = 512
_UNITS = (("GB", 1e9), ("MB", 1e6), ("kB", 1e3))


def room(subject: str, path: Path, step: str, low: float | None = None) -> Finding:
    """How much room there is where a directory is, or will be.

    Args:
        step: what makes room.
        low: with fewer bytes, something is wrong; LOW_BYTES when None.
    """
    there = next(one for one in (path, *path.parents) if one.exists())
    free = shutil.disk_usage(there).free
    state = f"{shown(free)} free for {path}"
    return (
        ok(subject, state)
        if free >= (LOW_BYTES if low is None else low)
        else wrong(subject, f"only {state}", step)
    )


def size(path: Path, within: float = 2.0) -> tuple[int, bool]:
    """The bytes that a file or directory takes, and whether all was counted in so many seconds."""
    deadline = time.monotonic() + within
    try:
        total, todo = path.lstat().st_blocks * _BLOCK_BYTES, [str(path)]
    except OSError:
        return 0, True
    while todo:
        if time.monotonic() > deadline:
            return total, False
        try:
            for entry in os.scandir(todo.pop()):
                total += entry.stat(follow_symlinks=False).st_blocks * _BLOCK_BYTES
                if entry.is_dir(follow_symlinks=False):
                    todo.append(entry.path)
        except OSError:  # gone by now, no directory, or not for us to look into
            continue
    return total, True


def shown(count: float) -> str:
    """Bytes, as people read them."""
    for unit, many in _UNITS:
        if count >= many:
            return f"{count / many:.1f} {unit}"
    return f"{count:.0f} bytes"

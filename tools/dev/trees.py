"""Removes directory trees, also what Bazel made read-only and what other users own."""

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

from tools.dev.problem import Problem


def remove(path: Path, by_root: Callable[[Path], None] | None = None) -> None:
    """Removes a directory with everything in it, if it is there. Follows no links.

    Args:
        by_root: does the same with root's rights; called for what this user may not remove.

    Raises:
        Problem: something is left; the message has the command that removes it.
    """
    if path.is_symlink():
        path.unlink()
        return
    if not path.exists():
        return
    _open_up(path)
    refused: list[BaseException] = []
    # Goes on after what cannot be removed.
    shutil.rmtree(path, onerror=lambda _do, _path, error: refused.append(error[1]))
    if not path.exists():
        return
    if by_root:
        by_root(path)
    if path.exists():
        why = refused[-1] if refused else "something is written there now"
        raise Problem(f"{path} could not be removed ({why}); remove it with: sudo rm -rf {path}")


def _open_up(path: Path) -> None:
    """Lets this user write into all directories."""
    _writable(path)
    for directory, names, _ in os.walk(path):
        for name in names:
            _writable(Path(directory, name))


def _writable(directory: Path) -> None:
    try:
        mode = directory.lstat().st_mode
        if stat.S_ISDIR(mode) and mode & stat.S_IRWXU != stat.S_IRWXU:
            directory.chmod(mode | stat.S_IRWXU)
    except OSError:  # another user's: whoever removes it says so
        pass

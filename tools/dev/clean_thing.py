"""Something that clean removes."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pkg.dockertest.errors import DockertestError
from tools.dev.problem import Problem

_USAGE_STATUS = 2


@dataclass(frozen=True)
class Thing:
    """Something to remove.

    Attributes:
        kind: container, network, volume, directory, link, lines, image.
        name: of this one.
        note: its size, or what it is.
        removal: removes it; does nothing if it is gone.
    """

    kind: str
    name: str
    removal: Callable[[], object]
    note: str = ""

    def __str__(self) -> str:
        return f"{self.kind:<10} {self.name}" + (f" ({self.note})" if self.note else "")


def agreed(command: Sequence[str], yes: bool) -> bool:
    """Whether the user wants what was named to be removed; asks unless `yes` says so.

    Args:
        command: the command's words, to be repeated in a message.

    Raises:
        Problem: there is no terminal to ask on.
    """
    if yes:
        return True
    if not sys.stdin.isatty():
        words = " ".join([*command, "--yes"])
        raise Problem(f"nothing was removed; to remove it: ./dev {words}", _USAGE_STATUS)
    try:
        return input("remove? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        print()
        return False


def remove(things: Sequence[Thing]) -> list[str]:
    """Removes them in their order; returns what is left, a line each.

    One that could not be removed is tried again once others are gone: it may have depended on
    them.
    """
    todo = list(things)
    while todo:
        failed: dict[Thing, str] = {}
        for thing in todo:
            try:
                thing.removal()
            except (DockertestError, Problem, OSError) as error:
                failed[thing] = str(error)
        if len(failed) in (0, len(todo)):
            return [f"the {one.kind} {one.name} is left: {why}" for one, why in failed.items()]
        todo = list(failed)
    return []

"""Servers that many tests share: a compose project per checkout, started once, and parted."""

from pkg.testutil.containers.leaks import Leaked
from pkg.testutil.containers.parted import SharedServerEnded
from pkg.testutil.containers.project import ComposeFailed, Project, Shared
from pkg.testutil.containers.shared import Containers
from pkg.testutil.containers.turns import TurnTimeout

__all__ = [
    "ComposeFailed",
    "Containers",
    "Leaked",
    "Project",
    "Shared",
    "SharedServerEnded",
    "TurnTimeout",
]

"""Servers that many tests share: a compose project per checkout, started once."""

from pkg.testutil.containers.project import ComposeFailed, Project, Shared
from pkg.testutil.containers.shared import Containers

__all__ = ["ComposeFailed", "Containers", "Project", "Shared"]

"""A bounded memory of what was looked up lately."""

from pkg.recent.recent import Recent

__all__ = ["Recent"]

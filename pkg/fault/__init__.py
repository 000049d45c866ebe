"""Errors whose text for callers is apart from what is for the log."""

from pkg.fault.fault import Fault, Kind, of

__all__ = ["Fault", "Kind", "of"]

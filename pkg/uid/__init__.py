"""Ids that say what they are of, sort by when they were made, and can't be guessed."""

from pkg.uid.uid import InvalidUid, Uid, new, parse

__all__ = ["InvalidUid", "Uid", "new", "parse"]

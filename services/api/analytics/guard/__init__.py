"""Callers' queries: read, and written anew such that they see their own verifications alone.

A query is read by a grammar of its own, and what ClickHouse is asked is written from what was read.
So it has no more than the grammar knows: one SELECT over the tables of `tables`, the functions of
`functions`; each table is a subquery that has the workspace's verifications alone, and each text is
a parameter.
"""

from services.api.analytics.guard.errors import NotTaken
from services.api.analytics.guard.writer import Statement, guarded

__all__ = ["NotTaken", "Statement", "guarded"]

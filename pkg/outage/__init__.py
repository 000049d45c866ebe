"""A Redis that is away, or refuses, which callers live through at the price of one that waits."""

from pkg.outage.outage import AWAY, Away, Outage

__all__ = ["AWAY", "Away", "Outage"]

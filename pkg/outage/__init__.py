"""Outages of Redis, which a caller lives through at the price of one that waits."""

from pkg.outage.outage import AWAY, Away, Outage

__all__ = ["AWAY", "Away", "Outage"]

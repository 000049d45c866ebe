"""Events in ClickHouse, each of which counts once."""

from pkg.analytics.client import Client
from pkg.analytics.errors import AnalyticsError, BadRows, Refused, Unavailable, WrongTable
from pkg.analytics.sink import BadRow, Sink
from pkg.analytics.table import Table

__all__ = [
    "AnalyticsError",
    "BadRow",
    "BadRows",
    "Client",
    "Refused",
    "Sink",
    "Table",
    "Unavailable",
    "WrongTable",
]

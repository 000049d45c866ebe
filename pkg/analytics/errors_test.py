"""Which errors of the driver's mean what; what a real server says is in the integration test."""

import pytest
from clickhouse_driver import errors as driver

from pkg.analytics import AnalyticsError, BadRows, Refused, Unavailable
from pkg.analytics.errors import from_driver

TRACE = "DB::Exception: {}. Stack trace:\n\n0. /usr/lib/x\n"


def said(text: str, code: int) -> driver.ServerException:
    return driver.ServerException(TRACE.format(text), code)


@pytest.mark.parametrize(
    ("error", "of_insert", "of_query"),
    [
        (driver.NetworkError("10.0.0.1:9000"), Unavailable, Unavailable),
        (driver.SocketTimeoutError("10.0.0.1:9000"), Unavailable, Unavailable),
        (EOFError("10.0.0.1"), Unavailable, Unavailable),
        (TimeoutError("10.0.0.1"), Unavailable, Unavailable),
        (ConnectionResetError("10.0.0.1"), Unavailable, Unavailable),
        (driver.ChecksumDoesntMatchError(), Unavailable, Unavailable),
        (said("Too many simultaneous queries", 202), Unavailable, Unavailable),
        (said("Too many parts", 252), Unavailable, Refused),
        (said("Memory limit exceeded", 241), Unavailable, Refused),
        (said("Too many partitions for single INSERT block", 252), BadRows, Refused),
        (said("Constraint is violated", 469), BadRows, Refused),
        (said("Unknown identifier", 47), Refused, Refused),
        (said("Authentication failed", 516), Refused, Refused),
    ],
)
def test_an_error_says_what_to_do(
    error: Exception, of_insert: type[AnalyticsError], of_query: type[AnalyticsError]
) -> None:
    """By what was asked; without a stack trace, and without an address."""
    for writes, kind in ((True, of_insert), (False, of_query)):
        known = from_driver(error, "rows for visits", writes=writes)
        assert type(known) is kind
        assert str(known).startswith("analytics: rows for visits: ")
        assert "Stack" not in str(known)
        assert "10.0.0.1" not in str(known)


def test_a_value_that_is_none_of_the_columns_is_a_bad_row() -> None:
    """Whatever the driver trips over; in a query, it is the caller's bug and is raised as it is."""
    for error in (AttributeError("secret"), UnicodeError("secret"), driver.TypeMismatchError("x")):
        known = from_driver(error, "rows for visits", writes=True)
        assert isinstance(known, BadRows)
        assert "secret" not in str(known)
        assert from_driver(error, "a query", writes=False) is None

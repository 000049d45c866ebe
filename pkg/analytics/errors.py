"""What can go wrong with ClickHouse.

AnalyticsError
├── Unavailable: it is away, hangs, or has too much to do: try again later
├── Refused: it was reached, and says no
├── BadRows: some row does not fit the table's columns
└── WrongTable: a table with which events would count twice, or not fit
"""

import re

import clickhouse_driver.errors

# It has too much to do now, or is not whole: the same may succeed later.
_BUSY = {202, 203, 209, 210, 225, 279, 285, 319, 999}
# The same for what is written; what is read would need as much memory and time again.
_BUSY_WRITES = {159, 160, 173, 241, 242, 243, 252}
# A row's own fault. ClickHouse's names: TYPE_MISMATCH, ARGUMENT_OUT_OF_BOUND, CANNOT_CONVERT_TYPE,
# VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE, VIOLATED_CONSTRAINT.
_BAD_ROWS = {53, 69, 70, 321, 469}
_TOO_MANY_PARTITIONS = re.compile("too many partitions", re.I)  # has the number of another one
_MOST_CHARACTERS = 500


class AnalyticsError(Exception):
    """Something went wrong with ClickHouse."""


class Unavailable(AnalyticsError):
    """ClickHouse is away, hangs, or has too much to do: the same may succeed later."""


class Refused(AnalyticsError):
    """ClickHouse was reached, and says no.

    Attributes:
        code: its number of the error.
    """

    def __init__(self, said: str, code: int) -> None:
        super().__init__(said)
        self.code = code


class BadRows(AnalyticsError, ValueError):
    """Some row does not fit the table's columns: none was inserted."""


class WrongTable(AnalyticsError):
    """A table with which events would count twice, or not fit."""


def from_driver(error: Exception, what: str, *, writes: bool) -> AnalyticsError | None:
    """The error to raise for one of clickhouse-driver's; None where it is a bug of the caller's."""
    if isinstance(error, clickhouse_driver.errors.ServerException):
        return _from_server(error, what, writes=writes)
    if isinstance(
        error,
        clickhouse_driver.errors.NetworkError
        | clickhouse_driver.errors.SocketTimeoutError
        | clickhouse_driver.errors.ChecksumDoesntMatchError
        | clickhouse_driver.errors.UnexpectedPacketFromServerError
        | clickhouse_driver.errors.UnknownPacketFromServerError
        | EOFError
        | OSError,
    ):
        # The type only: the text may have an address in it.
        return Unavailable(f"analytics: {what}: ClickHouse can't be reached: {_name(error)}")
    if writes:
        return BadRows(f"analytics: {what}: a row does not fit its columns: {_name(error)}")
    return None


def _from_server(
    error: clickhouse_driver.errors.ServerException, what: str, *, writes: bool
) -> AnalyticsError:
    code = int(error.code or 0)
    said = str(error.message).split("Stack trace", 1)[0].strip()[:_MOST_CHARACTERS]
    text = f"analytics: {what}: {said} (code {code})"
    if writes and (code in _BAD_ROWS or _TOO_MANY_PARTITIONS.search(said)):
        return BadRows(text)
    if code in _BUSY or (writes and code in _BUSY_WRITES):
        return Unavailable(text)
    return Refused(text, code)


def _name(error: Exception) -> str:
    return type(error).__name__

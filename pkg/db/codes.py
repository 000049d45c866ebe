"""MySQL's error codes, as errors of ours.

https://dev.mysql.com/doc/mysql-errors/9.0/en/
"""

import re

from pkg.db.errors import (
    AccessDenied,
    BadValue,
    ConnectionLost,
    DatabaseError,
    Deadlocked,
    DuplicateKey,
    LockTimeout,
    ReferenceBroken,
    Refused,
    TimedOut,
    Unavailable,
)

# The connection is gone. Codes of the client library, and what a server says before it hangs up.
LOST = frozenset(
    {
        1053,  # the server shuts down
        1152,
        1158,
        1159,
        1160,
        1161,
        1184,  # packets did not come through
        1927,  # somebody has killed the connection
        2006,
        2013,
        2014,
        2027,
        2045,
        2055,
        4031,  # it was idle for too long
    }
)
# No connection comes about, or the server takes no work now.
_AWAY = frozenset(
    {
        1021,
        1114,  # no disk
        1037,
        1038,
        1041,  # no memory
        1040,
        1203,
        1226,  # too many connections
        1129,  # the host is blocked after too many failures
        1836,  # it is read-only: another one is the primary now
        2001,
        2002,
        2003,
        2004,
        2005,
        2009,
        2012,
        2026,
        3168,
    }
)
_OPTION = 1290  # an option of the server forbids it; by read-only, another one is the primary now
_TIMED_OUT = frozenset(
    {
        1317,  # somebody has ended the statement
        1907,
        3024,  # max_execution_time
    }
)
_DEADLOCKED = frozenset({1213, 3101})
# What a server says to a COMMIT that it has not done. Of others, nobody knows.
NOT_COMMITTED = _DEADLOCKED | {_OPTION, 1836}
_LOCK_TIMEOUT = frozenset({1205, 3572})
_DENIED = frozenset({1044, 1045, 1142, 1143, 1227, 1370, 1698, 3118, 3955})
_BAD_VALUE = frozenset(
    {
        1048,
        1138,
        1364,  # missing
        1264,  # out of range
        1265,
        1292,
        1366,
        1406,
        1411,
        1525,
        1690,
        3140,
        3141,
        3819,
        3903,
        4025,
    }
)
_DUPLICATE = frozenset({1022, 1062, 1169, 1586, 1859})
_REFERENCE = frozenset({1216, 1217, 1451, 1452})

# Duplicate entry '…' for key 'table.key'; the value may hold quotes, the key is the last one.
_KEY = re.compile(r".*for key '(?:[^']*\.)?([^'.]+)'", re.S)
_CONSTRAINT = re.compile(r".*CONSTRAINT `([^`]+)`", re.S)


def error_of(code: int, words: str, where: str) -> DatabaseError:
    """The error that a code is.

    Args:
        code: MySQL's.
        words: the server's own; only names of keys are taken from them.
        where: the server's address.
    """
    said = f"{where}: MySQL's error {code}"
    if code in LOST:
        return ConnectionLost(f"{said}: the connection broke")
    if code in _AWAY or (code == _OPTION and "read-only" in words):
        return Unavailable(f"{said}: the server can't be reached, or takes no work now")
    if code in _TIMED_OUT:
        return TimedOut(f"{said}: the server ended the statement, which took too long")
    if code in _DEADLOCKED:
        return Deadlocked(f"{said}: the transaction was rolled back to end a deadlock")
    if code in _LOCK_TIMEOUT:
        return LockTimeout(f"{said}: another transaction holds a lock")
    if code in _DUPLICATE:
        key = found[1] if (found := _KEY.match(words)) else ""
        return DuplicateKey(f"{said}: the key {key} has this value already", code=code, key=key)
    if code in _REFERENCE:
        constraint = found[1] if (found := _CONSTRAINT.match(words)) else ""
        return ReferenceBroken(
            f"{said}: the foreign key {constraint} forbids it", code=code, constraint=constraint
        )
    if code in _BAD_VALUE:
        return BadValue(f"{said}: a value does not fit its column", code=code)
    if code in _DENIED:
        return AccessDenied(f"{said}: access denied", code=code)
    return Refused(f"{said}: the server refused the statement", code=code)

"""The functions that a query may use, and how ClickHouse is asked for them.

None reads a table, a file, a dictionary or the network, tells of the server, or waits. What the
oldest servers don't have is written in words that all have.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from services.api.analytics.guard.errors import NotTaken

_AGGREGATES = (
    *("count", "sum", "avg", "min", "max", "any", "anyLast", "argMin", "argMax", "groupArray"),
    *("groupUniqArray", "uniq", "uniqExact", "quantile", "quantiles", "median", "topK"),
    *("stddevPop", "stddevSamp"),
)
_PLAIN = (
    # Times.
    *("now", "today", "yesterday", "toDate", "toDateTime", "toStartOfMinute", "toStartOfHour"),
    *("toStartOfFiveMinute", "toStartOfFifteenMinutes", "toStartOfDay", "toMonday"),
    *("toStartOfMonth", "toStartOfQuarter", "toStartOfYear", "toYear", "toMonth", "toDayOfMonth"),
    *("toDayOfWeek", "toHour", "toMinute", "toUnixTimestamp", "formatDateTime", "dateDiff"),
    *("toIntervalSecond", "toIntervalMinute", "toIntervalHour", "toIntervalDay"),
    *("toIntervalWeek", "toIntervalMonth", "toIntervalYear"),
    # Texts.
    *("lower", "upper", "substring", "concat", "length", "startsWith", "endsWith", "position"),
    *("splitByChar", "empty", "notEmpty"),
    # Numbers.
    *("round", "floor", "ceil", "abs", "intDiv", "modulo", "least", "greatest"),
    # Choices and types.
    *("if", "multiIf", "coalesce", "ifNull", "nullIf", "isNull", "isNotNull"),
    *("toString", "toInt32", "toInt64", "toUInt32", "toUInt64", "toFloat32", "toFloat64"),
    # Arrays.
    *("array", "tuple", "has", "hasAny", "hasAll", "indexOf", "arrayJoin"),
)
# Their first argument may be a lambda.
WITH_LAMBDA = frozenset({"arrayFilter", "arrayExists", "arrayMap", "arrayCount"})


@dataclass(frozen=True)
class _Written:
    """A function in other words.

    Attributes:
        least: how few arguments it has; `most` how many.
        write: what is asked instead.
    """

    least: int
    most: int
    write: Callable[[Sequence[str]], str]


def milliseconds(moment: str) -> str:
    """A moment as verifications have it, since 1970."""
    return f"(toInt64(toUnixTimestamp(toDateTime({moment}))) * 1000)"


_OTHERS: Mapping[str, _Written] = {
    "now64": _Written(0, 1, lambda _: "now()"),
    "toDateTime64": _Written(1, 3, lambda given: f"toDateTime({', '.join(given[::2])})"),
    "toStartOfWeek": _Written(1, 1, lambda given: f"(toMonday(toDate({given[0]}) + 1) - 1)"),
    "toIntervalQuarter": _Written(1, 1, lambda given: f"toIntervalMonth(3 * {given[0]})"),
    "toUnixTimestamp64Milli": _Written(1, 1, lambda given: milliseconds(given[0])),
    "fromUnixTimestamp64Milli": _Written(
        1, 2, lambda given: f"toDateTime(intDiv({given[0]}, 1000), {(*given, "'UTC'")[1]})"
    ),
    "trim": _Written(1, 1, lambda given: f"replaceRegexpAll({given[0]}, '^[ ]+|[ ]+$', '')"),
}
# date_trunc, by its first argument.
TRUNCATED: Mapping[str, str] = {
    unit: f"toStartOf{unit.title()}"
    for unit in ("minute", "hour", "day", "week", "month", "quarter", "year")
}
_MOMENTS = frozenset(
    {
        *("now", "now64", "today", "yesterday", "toDate", "toDateTime", "toDateTime64"),
        *("toMonday", "toStartOfFiveMinute", "toStartOfFifteenMinutes"),
        *("fromUnixTimestamp64Milli", "date_trunc", *TRUNCATED.values()),
    }
)
_KNOWN = {
    name.lower(): name
    for name in (
        *_AGGREGATES,
        *(f"{name}If" for name in _AGGREGATES),
        *_PLAIN,
        *_OTHERS,
        *WITH_LAMBDA,
        "date_trunc",
    )
} | {"datetrunc": "date_trunc", "substr": "substring", "ceiling": "ceil"}
_AGGREGATING = frozenset({*_AGGREGATES, *(f"{name}If" for name in _AGGREGATES)})


def known(function: str) -> str:
    """The name of a function as ClickHouse has it; a caller may write it in any case.

    Raises:
        NotTaken: it is none that is taken.
    """
    found = _KNOWN.get(function.lower())
    if found is None:
        raise NotTaken(
            f"the function {function[:64]} is not taken",
            f"those are: {', '.join(sorted(set(_KNOWN.values())))}",
        )
    return found


def is_moment(function: str) -> bool:
    """Whether a known function returns a date, or a date and a time."""
    return function in _MOMENTS


def is_aggregate(function: str) -> bool:
    """Whether a known function makes one value of many rows, or many of one."""
    return function in _AGGREGATING or function == "arrayJoin"


def written(function: str, arguments: Sequence[str], parameters: Sequence[str] = ()) -> str:
    """A known function's call, of arguments that are written already.

    Raises:
        NotTaken: it takes another number of them.
    """
    other = _OTHERS.get(function)
    if other is None:
        before = f"({', '.join(parameters)})" if parameters else ""
        return f"{function}{before}({', '.join(arguments)})"
    if parameters or not other.least <= len(arguments) <= other.most:
        raise NotTaken(
            f"{function} of {len(arguments)} arguments", f"it has {other.least} to {other.most}"
        )
    return other.write(arguments)

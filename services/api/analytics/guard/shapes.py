"""What can be told of an expression without running it."""

from collections.abc import Iterator, Sequence

from services.api.analytics.guard import functions
from services.api.analytics.guard.nodes import (
    Between,
    Call,
    Chain,
    Choice,
    Combined,
    Compared,
    Element,
    Expression,
    Interval,
    IsNull,
    Lambda,
    Listed,
    Name,
    Prefixed,
    Scalar,
    Select,
    Star,
    Within,
)


def parts(of: Expression) -> Sequence[Expression]:
    """The expressions that one is made of; not those of a subquery."""
    match of:
        case Call(arguments=several) | Listed(items=several):
            return several
        case Chain(first=first, rest=rest):
            return [first, *(operand for _, operand in rest)]
        case Prefixed(operand=one) | IsNull(operand=one) | Lambda(body=one) | Interval(count=one):
            return [one]
        case Compared(left=one, right=other) | Element(operand=one, at=other):
            return [one, other]
        case Between(operand=one, low=low, high=high):
            return [one, low, high]
        case Within(operand=one, values=values):
            return [one] if isinstance(values, Select | Combined) else [one, *values]
        case Choice(arms=arms, otherwise=otherwise):
            return [*(each for arm in arms for each in arm), otherwise]
    return []


def within(of: Expression) -> Iterator[Expression]:
    """An expression and all that it is made of."""
    left = [of]
    while left:
        yield (one := left.pop())
        left += parts(one)


def size(of: Expression, known: dict[int, int]) -> int:
    """How many expressions are written for one.

    What is written twice counts twice: the operand of BETWEEN, and what CASE compares, which is one
    node for all of its arms. So of some that stand within one another, it is a power.

    Args:
        known: sizes by the ids of nodes, so that each is looked at once.
    """
    if (found := known.get(id(of))) is not None:
        return found
    made = 1
    for part in (*parts(of), *([of.operand] if isinstance(of, Between) else ())):
        made += size(part, known)
    known[id(of)] = made
    return made


def is_constant(expression: Expression) -> bool:
    """Whether it is the same for all rows."""
    return not any(
        isinstance(each, Name | Star | Lambda | Scalar)
        or (isinstance(each, Within) and isinstance(each.values, Select | Combined))
        or (isinstance(each, Call) and functions.is_aggregate(functions.known(each.function)))
        for each in within(expression)
    )


def conditions(where: Expression | None) -> list[Expression]:
    """The conditions that all must hold, of those that AND puts together."""
    match where:
        case None:
            return []
        case Chain(first=first, rest=rest) if rest and rest[0][0] == "AND":
            return [
                each for one in (first, *(other for _, other in rest)) for each in conditions(one)
            ]
    return [where]

"""What doctor says: a line for each thing, with the next step where one is needed."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

WIDTH = 100
_SUBJECT_WIDTH = 16


class Mark(Enum):
    """How a thing is."""

    OK = "ok"
    OFF = "--"  # not there, and nothing is wrong with that
    WRONG = "!!"


@dataclass(frozen=True)
class Finding:
    """One thing, how it is, and what to do about it.

    Attributes:
        step: the command that mends it; several are lines.
    """

    mark: Mark
    subject: str
    state: str
    step: str = ""


def ok(subject: str, state: str) -> Finding:
    """A thing that is as it should be."""
    return Finding(Mark.OK, subject, state)


def off(subject: str, state: str, step: str = "") -> Finding:
    """A thing that is not there and need not be."""
    return Finding(Mark.OFF, subject, state, step)


def wrong(subject: str, state: str, step: str) -> Finding:
    """A thing that must be mended."""
    return Finding(Mark.WRONG, subject, state, step)


def lines(findings: Iterable[Finding]) -> list[str]:
    """The findings as text, in aligned columns.

    A step that does not fit into the line, or has several, stands below.
    """
    text: list[str] = []
    for one in findings:
        head = f"{one.mark.value}  {one.subject:<{_SUBJECT_WIDTH}}  "
        line = head + one.state
        if one.step and "\n" not in one.step and len(f"{line}: {one.step}") <= WIDTH:
            text.append(f"{line}: {one.step}")
            continue
        text.append(line + (":" if one.step else ""))
        text += [" " * len(head) + "  " + step.strip() for step in one.step.splitlines()]
    return text


def summary(findings: Iterable[Finding]) -> str:
    """The last line."""
    count = sum(one.mark is Mark.WRONG for one in findings)
    if not count:
        return "all is well"
    return "1 thing is wrong" if count == 1 else f"{count} things are wrong"

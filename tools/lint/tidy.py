"""Small rules on single files: no sleep in a test, no machine's clock in what is tested, no long
file, no broken link."""

import ast
import re
from pathlib import PurePath

from tools.lint.checkout import Checkout

MOST_LINES = 400
# Written by a program, by lawyers, or growing by nature.
MAY_BE_LONG = {"requirements_lock.txt", "requirements_charts_lock.txt", "LICENSE", "CHANGELOG.md"}

# What tells or waits for the machine's time. perf_counter measures, for logs and metrics.
_TIME = {"time", "time_ns", "monotonic", "monotonic_ns", "sleep"}
_DATE = {"now", "utcnow", "today"}


def sleeps(checkout: Checkout) -> list[str]:
    """One line for each use of time.sleep in a test."""
    return [
        f"{name}:{line}: time.sleep in a test: use pkg.testutil.eventually or the fixture clock"
        for pattern in ("*_test.py", "conftest.py")
        for name in checkout.files(pattern)
        for line in _sleep_lines(checkout.text(name))
    ]


def _sleep_lines(text: str) -> list[int]:
    lines = []
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Attribute(value=ast.Name(id="time"), attr="sleep"):
                lines.append(node.lineno)
            case ast.ImportFrom(module="time") if any(n.name == "sleep" for n in node.names):
                lines.append(node.lineno)
    return sorted(lines)


def wall_clocks(checkout: Checkout) -> list[str]:
    """One line for each place where code that tests move through time asks the machine's clock."""
    return [
        f"{name}:{line}: {what}: take a pkg.clock.Clock, so that tests can move the time"
        for name in checkout.files("*.py")
        if _is_timed(PurePath(name))
        for line, what in _clock_lines(checkout.text(name))
    ]


def _is_timed(path: PurePath) -> bool:
    """Services and the libraries under them, but for their tests and what only tests use."""
    if path.is_relative_to("pkg/clock") or path.name.endswith("_test.py"):
        return False
    if path.is_relative_to("pkg"):
        return path.parts[1] not in ("dockertest", "testutil")
    return path.is_relative_to("services") and not {"integration", "testutil"} & set(path.parts)


def _clock_lines(text: str) -> list[tuple[int, str]]:
    lines = []
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Attribute(value=ast.Name(id="time"), attr=name) if name in _TIME:
                lines.append((node.lineno, f"time.{name}"))
            case ast.Attribute(
                value=ast.Name(id="datetime" | "date" as of)
                | ast.Attribute(attr="datetime" | "date" as of),
                attr=name,
            ) if name in _DATE:
                lines.append((node.lineno, f"{of}.{name}"))
            case ast.ImportFrom(module="time", names=names):
                lines += [(node.lineno, f"time.{one.name}") for one in names if one.name in _TIME]
    return sorted(lines)


def long_files(checkout: Checkout) -> list[str]:
    """One line for each file that is too long."""
    found = []
    for name in checkout.files():
        lines = checkout.text(name).count("\n")
        if lines > MOST_LINES and PurePath(name).name not in MAY_BE_LONG:
            found.append(f"{name}: {lines} lines, at most {MOST_LINES}: split it by subject")
    return found


def broken_links(checkout: Checkout) -> list[str]:
    """One line for each relative link in a Markdown file that leads nowhere."""
    found = []
    for name in checkout.files("*.md"):
        text = re.sub(r"```.*?```|`[^`\n]*`", "", checkout.text(name), flags=re.S)
        for target in re.findall(r"\]\(\s*<?([^)\s>#]+)", text):
            if re.match(r"[a-z+]+:", target):
                continue
            path = PurePath(name).parent / target
            if not _exists(checkout, path):
                found.append(f"{name}: the link to {target} leads nowhere: mend or remove it")
    return found


def _exists(checkout: Checkout, path: PurePath) -> bool:
    # Within the tree of links, `..` must be resolved by name.
    parts: list[str] = []
    for part in path.parts:
        if part != "..":
            parts.append(part)
        elif parts:
            parts.pop()
        else:
            return False
    return checkout.path("/".join(parts)).exists()

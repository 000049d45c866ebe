"""Small rules on single files: no sleep in a test, no long file, no broken link."""

import ast
import re
from pathlib import PurePath

from tools.lint.checkout import Checkout

MOST_LINES = 400
# Written by a program, by lawyers, or growing by nature.
MAY_BE_LONG = {"requirements_lock.txt", "requirements_charts_lock.txt", "LICENSE", "CHANGELOG.md"}


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

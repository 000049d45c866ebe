"""The documentation names no command that `./dev` does not have."""

import re


def mentioned(text: str) -> list[str]:
    """The commands X of all `./dev X` in a text, sorted."""
    return sorted(set(re.findall(r"\./dev ([a-z][a-z-]*)", text)))


def offered(usage: str) -> set[str]:
    """The commands that `./dev` printed: the first word of each indented line."""
    return set(re.findall(r"^\s+(?:\./dev )?([a-z][a-z-]*)\b", usage, re.M))


def violations(file: str, text: str, usage: str) -> list[str]:
    """One line for each command that the file's text names and `./dev` does not print."""
    known = offered(usage)
    return [
        f"{file}: ./dev has no command {command}: it prints {', '.join(sorted(known))}"
        for command in mentioned(text)
        if command not in known
    ]

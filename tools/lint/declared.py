"""Every *_test.py is in a BUILD file; what is not never runs."""

import ast
from fnmatch import fnmatchcase
from pathlib import PurePath

from tools.lint.checkout import Checkout

PLACES = ("pkg/", "services/", "tools/")


def violations(checkout: Checkout) -> list[str]:
    """One line for each test file that no BUILD file names."""
    builds = {
        str(PurePath(name).parent): strings(checkout.text(name))
        for pattern in ("BUILD.bazel", "BUILD")
        for name in checkout.files(pattern)
    }
    found = []
    for name in checkout.files("*_test.py"):
        if not name.startswith(PLACES):
            continue
        package = next((str(up) for up in PurePath(name).parents if str(up) in builds), None)
        if package in (None, "."):
            found.append(f"{name}: its folder has no BUILD.bazel: add one with the test")
            continue
        file = str(PurePath(name).relative_to(package))
        # house_rule_test(name = "x_test") means x_test.py.
        wanted = (file, file.removesuffix(".py"))
        if not any(fnmatchcase(each, text) for text in builds[package] for each in wanted):
            found.append(
                f"{name}: {package}/BUILD.bazel has no test of it: add a unit_test, "
                "shared_container_test or dynamic_container_test"
            )
    return found


def strings(build: str) -> set[str]:
    """All string literals of a BUILD file's text (its syntax is a part of Python's)."""
    return {
        node.value
        for node in ast.walk(ast.parse(build))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }

"""Every *_test.py is in a BUILD file, by a macro of ours: no other runs its tests."""

import ast
from fnmatch import fnmatchcase
from pathlib import PurePath

from tools.lint.checkout import Checkout

PLACES = ("pkg/", "services/", "tools/")


def violations(checkout: Checkout) -> list[str]:
    """One line for each test file that no BUILD file names."""
    builds = {
        str(PurePath(name).parent): strings(text) for name, text in _build_files(checkout).items()
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


def bare(checkout: Checkout) -> list[str]:
    """One line for each py_test, which imports the file, calls none of its tests, and passes."""
    return [
        f"{name}:{node.lineno}: py_test calls no test function: use unit_test, "
        "shared_container_test or dynamic_container_test"
        for name, text in _build_files(checkout).items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id == "py_test"
    ]


def _build_files(checkout: Checkout) -> dict[str, str]:
    return {
        name: checkout.text(name)
        for pattern in ("BUILD.bazel", "BUILD")
        for name in checkout.files(pattern)
    }


def strings(build: str) -> set[str]:
    """All string literals of a BUILD file's text (its syntax is a part of Python's)."""
    return {
        node.value
        for node in ast.walk(ast.parse(build))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }

"""Import directions: services → pkg, pkg/testutil → pkg/dockertest, nothing → tools."""

import ast
from collections.abc import Iterator
from pathlib import PurePath

from tools.lint.checkout import Checkout

OURS = ("pkg", "services", "tools")


def violations(checkout: Checkout) -> list[str]:
    """One line for each import that goes the wrong way, with what to do instead."""
    found = []
    for name in checkout.files("*.py"):
        if PurePath(name).parts[0] not in OURS:
            continue
        for line, module in imported(checkout.text(name)):
            if problem := wrong(name, module):
                found.append(f"{name}:{line}: imports {module}: {problem}")
    return found


def imported(text: str) -> Iterator[tuple[int, str]]:
    """The modules of ours that a file's text imports, with their lines."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            # `from pkg import testutil` imports pkg.testutil.
            modules = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for module in modules:
            if module.partition(".")[0] in OURS:
                yield node.lineno, module


def wrong(name: str, module: str) -> str:
    """What is wrong with the file's import of the module; "" for nothing."""
    top = PurePath(name).parts[0]
    target = module.split(".")[0]
    if target == "tools" and top != "tools":
        return "nothing imports tools; move what is shared into pkg"
    if target == "services":
        return _wrong_service(name, module)
    if top == "pkg" and _within(module, "pkg.testutil", "pkg.dockertest"):
        return _wrong_test_package(name, module)
    return ""


def _wrong_service(name: str, module: str) -> str:
    parts = PurePath(name).parts
    if parts[0] != "services":
        return f"{parts[0]} imports no service; hand in what it needs, or move it to services"
    owner, *rest = module.split(".")[1:] or [""]
    if owner == parts[1]:
        return ""
    room = rest[0] if rest else ""
    if room == "client" or (room == "testutil" and _is_test(name)):
        return ""
    return f"of services/{owner} only client (and, in tests, testutil) is for others"


def _wrong_test_package(name: str, module: str) -> str:
    if _is_test(name) or name.startswith("pkg/testutil/"):
        return ""
    if name.startswith("pkg/dockertest/"):
        if module.startswith("pkg.testutil"):
            return "pkg/testutil builds on pkg/dockertest; move it there, or down to dockertest"
        return ""
    return "only tests use it; move this to pkg/testutil or into a *_test.py"


def _is_test(name: str) -> bool:
    path = PurePath(name)
    rooms = {"testutil", "integration", "fresh"}.intersection(path.parts)
    return bool(rooms) or path.name.endswith("_test.py") or path.name == "conftest.py"


def _within(module: str, *packages: str) -> bool:
    return any(f"{module}.".startswith(f"{package}.") for package in packages)

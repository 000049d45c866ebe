"""pyproject.toml says the same of the distribution as Bazel's files say of the module."""

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_the_version_is_the_modules() -> None:
    module = re.search(r'^    version = "(.+)"', (ROOT / "MODULE.bazel").read_text(), re.M)
    assert module
    assert PROJECT["version"] == module[1]


def test_every_service_has_an_extra_with_its_clients() -> None:
    extras = dict(PROJECT["optional-dependencies"])
    assert extras.pop("pytest")
    assert extras == {
        service: [label.removeprefix("@pypi//").replace("_", "-") for label in labels]
        for service, labels in clients((ROOT / "pkg/dockertest/services.bzl").read_text()).items()
    }


def clients(text: str) -> dict[str, list[str]]:
    """What the text of services.bzl assigns to _CLIENTS."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_CLIENTS":
            found: dict[str, list[str]] = ast.literal_eval(node.value)
            return found
    raise LookupError("services.bzl assigns nothing to _CLIENTS")

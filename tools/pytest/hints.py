"""What a target's BUILD file lacks, told below a test that fails for want of it."""

import re
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

_FOLDERS = {"benchmarks", "pkg", "services", "tools"}
# By a fixture's name without its lifetime.
_MACROS = {
    "containers": "the macro shared_container_test",
    "dockertest": "the macro dynamic_container_test",
    "servers": "the macros dynamic_container_test and shared_container_test",
}


class Hints:
    """A pytest plugin that adds hints to the reports of a target's tests.

    Args:
        root: the folder of the target's own files.
    """

    def __init__(self, target: str, root: Path) -> None:
        self._target = target
        self._root = root

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self,
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """For a file that cannot be imported."""
        report = yield
        self._add(report, report.call)
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[Any]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """For a test with another macro's fixture, or that imports something itself."""
        report = yield
        self._add(report, call)
        return report

    def _add(self, report: pytest.CollectReport | pytest.TestReport, call: Any) -> None:
        if report.failed and call.excinfo and (found := hint(call.excinfo.value, self._root)):
            report.sections.append((f"hint for {self._target}", found))


def hint(error: BaseException, root: Path) -> str:
    """What mends an error; "" if that is not known."""
    if isinstance(error, pytest.FixtureLookupError):
        name = error.argname or ""
        macro = _MACROS.get(name.removesuffix("_module").removesuffix("_session"), "")
        if macro:
            return f"The fixture {name} comes with {macro}."
        return _conftest(name, error.request.node.path, root)
    if isinstance(error, ModuleNotFoundError) and error.name:
        return _missing(error.name)
    return hint(error.__cause__, root) if error.__cause__ else ""


def _conftest(fixture: str, test: Path, root: Path) -> str:
    """Names the conftest.py with the fixture that the checkout has and the target has not."""
    if not test.is_relative_to(root):
        return ""
    name = test.relative_to(root)
    checkout = Path(str(test.resolve()).removesuffix(str(name)))  # the real file is in the checkout
    for folder in name.parents:
        conftest = folder / "conftest.py"
        if (root / conftest).exists() or not (checkout / conftest).is_file():
            continue
        if re.search(rf"\b{re.escape(fixture)}\b", (checkout / conftest).read_text()):
            return (
                f"The fixture {fixture} is in {conftest}: name its py_library in deps, such as "
                f"//{folder if folder.name else ''}:conftest."
            )
    return ""


def _missing(module: str) -> str:
    match module.split("."):
        case ["pkg", "dockertest", service]:
            return f'{module} comes with services = ["{service}"].'
        case ["pkg", "dockertest"]:
            return f"{module} comes with dynamic_container_test and shared_container_test."
        case ["pkg", "testutil", "containers", *_]:
            return f"{module} comes with the macro shared_container_test."
        case ["pkg", package, *_]:
            example = f", such as //pkg/{package}"
        case [distribution] if distribution not in _FOLDERS:
            example = f", such as @pypi//{distribution}"
        case _:
            example = ""
    return (
        f"Bazel gives a test what its deps name: name the target that has {module} there{example}."
    )

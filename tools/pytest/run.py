"""Runs pytest for one Bazel test."""

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tools.pytest.ending import Ending
from tools.pytest.hints import Hints
from tools.pytest.protocol import Protocol
from tools.pytest.selection import FilterError, NodeFilter, Selection

SETTINGS = Path(__file__).parents[2] / "pyproject.toml"


def run(arguments: list[str], env: Mapping[str, str]) -> int:
    """Runs pytest with the arguments and returns its exit status.

    Where tests exist but none was chosen (a filter, a shard without a share) that is 0.
    """
    bazel = Protocol.read(env)
    if bazel.shard_status:
        bazel.shard_status.touch()
    if bazel.premature_exit:
        bazel.premature_exit.touch()  # while it exists Bazel takes an exit with 0 as a failure
    status = _run(bazel, arguments)
    if bazel.premature_exit:
        bazel.premature_exit.unlink(missing_ok=True)
    return status


def _run(bazel: Protocol, arguments: list[str]) -> int:
    by_node = "::" in bazel.only
    try:
        only = NodeFilter(bazel.only) if by_node else None
    except FilterError as error:
        return _refuse(bazel, str(error))
    selection = Selection(bazel.shard, bazel.shards, only)
    plugins = [Ending(bazel.timeout_s), selection, Hints(bazel.target, bazel.root)]
    status = int(pytest.main([*pytest_arguments(bazel), *arguments], plugins=plugins))
    if status == pytest.ExitCode.USAGE_ERROR and bazel.only and not by_node:
        return _refuse(bazel, f"--test_filter={bazel.only}: see pytest's words above")
    if status != pytest.ExitCode.NO_TESTS_COLLECTED:
        return status
    if selection.found:
        return 0
    print(f"{bazel.target}: no test found; the name of a test begins with test_", file=sys.stderr)
    return status


def _refuse(bazel: Protocol, problem: str) -> int:
    print(
        f"{bazel.target}: {problem}\n"
        "A filter is a node id (cache_test.py::test_a, TestB::test_c) or an expression of\n"
        "pytest's -k (test_a or test_b).",
        file=sys.stderr,
    )
    return int(pytest.ExitCode.USAGE_ERROR)


def pytest_arguments(bazel: Protocol) -> list[str]:
    """What Bazel's wishes are in pytest's language."""
    arguments = ["-c", str(SETTINGS), f"--rootdir={bazel.root}", "-p", "no:cacheprovider", "-ra"]
    if bazel.tmp:
        arguments.append(f"--basetemp={bazel.tmp / 'pytest'}")
    if bazel.xml:
        arguments += [f"--junitxml={bazel.xml}", "-o", f"junit_suite_name={bazel.target}"]
    if bazel.fail_fast:
        arguments.append("--exitfirst")
    if bazel.only and "::" not in bazel.only:
        arguments += ["-k", bazel.only]
    return arguments

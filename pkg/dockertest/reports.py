"""Short reports: an error of ours says what has happened, so our part of its way is left out."""

import sysconfig
from collections.abc import Generator, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

_OURS = ("pkg.dockertest", "pkg.testutil.containers", "pkg.testutil.harness")
_OPEN = ("plugin", "_test")  # what names of modules below them end with that are shown
_PACKAGES = {"site-packages", "dist-packages"}
_STDLIB = sysconfig.get_path("stdlib")


def shortened(
    config: pytest.Config, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """For a wrapper of pytest_runtest_makereport: the report of an error of ours ends at the line
    that called us, and its summary begins with the error's name.

    Causes are told if a line of the test's side raised them. With -vv or --full-trace nothing is
    left out.
    """
    caught = call.excinfo
    module = type(caught.value).__module__ if caught else ""
    if not caught or not _is_ours(module):
        return (yield)
    if config.getoption("fulltrace", False) or config.get_verbosity() > 1:
        report = yield
    else:
        report = yield from _shortened(caught.value, caught.tb)
    if crash := getattr(report.longrepr, "reprcrash", None):
        crash.message = crash.message.removeprefix(f"{module}.")
    return report


def _shortened(
    error: BaseException, trace: TracebackType
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    last = trace
    while last.tb_next and not _is_ours(_module(last.tb_next)):
        last = last.tb_next
    rest = last.tb_next
    chain = error.__cause__, error.__context__, error.__suppress_context__
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    try:
        last.tb_next = None
        if cause and not any(map(_is_theirs, _entries(cause.__traceback__))):
            error.__cause__ = error.__context__ = None
        return (yield)
    finally:
        last.tb_next = rest
        error.__cause__, error.__context__, error.__suppress_context__ = chain


def _module(entry: TracebackType) -> str:
    return str(entry.tb_frame.f_globals.get("__name__", ""))


def _is_ours(module: str) -> bool:
    is_below = any(f"{module}.".startswith(f"{name}.") for name in _OURS)
    return is_below and not module.endswith(_OPEN)


def _is_theirs(entry: TracebackType) -> bool:
    """Whether it is of neither us nor a library."""
    path = Path(entry.tb_frame.f_code.co_filename)
    is_library = path.is_relative_to(_STDLIB) or not _PACKAGES.isdisjoint(path.parts)
    return not is_library and not _is_ours(_module(entry))


def _entries(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace:
        yield trace
        trace = trace.tb_next

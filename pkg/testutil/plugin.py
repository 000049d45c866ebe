"""The pytest plugin of all tests: `-p pkg.testutil.plugin`."""

from collections.abc import Generator

import pytest

from pkg.clock import FakeClock
from pkg.testutil.telling import Telling


@pytest.fixture
def clock() -> FakeClock:
    """A clock of this test's own, which stands still until the test moves it."""
    return FakeClock()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Puts what the test's harness has to tell below its failure."""
    report = yield
    if report.failed:
        values = getattr(item, "funcargs", {}).values()
        # One that several fixtures give tells once.
        for value in {id(one): one for one in values if isinstance(one, Telling)}.values():
            told = value.sections()
            if told and value.instead_of:
                report.sections = [
                    one for one in report.sections if not one[0].startswith(value.instead_of)
                ]
            report.sections += told
    return report

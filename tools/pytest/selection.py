"""Which tests of a target run: --test_filter first, then this shard's share."""

from collections.abc import Generator

import pytest


class FilterError(ValueError):
    """A --test_filter that means nothing."""


class NodeFilter:
    """A filter with `::` in it: `file_test.py::test_a`, `TestB::test_c`, `pkg/x_test.py::TestB`.

    The file may be given from any folder on; a name without its [parameters] means all of
    them; a class means all of its tests.
    """

    def __init__(self, text: str) -> None:
        parts = text.split("::")
        if not all(parts):
            raise FilterError(f"--test_filter={text}: a name beside '::' is empty")
        has_file = parts[0].endswith(".py")
        self._file = parts[0].removeprefix("//").lstrip("/") if has_file else ""
        self._names = parts[1:] if has_file else parts

    def matches(self, nodeid: str) -> bool:
        """Whether pytest's test of that node id is meant."""
        file, *names = nodeid.split("::")
        if self._file:
            return f"/{file}".endswith(f"/{self._file}") and self._begins(names)
        return any(self._begins(names[start:]) for start in range(len(names)))

    def _begins(self, names: list[str]) -> bool:
        if len(names) < len(self._names):
            return False
        pairs = zip(self._names, names, strict=False)
        return all(wanted in (name, name.partition("[")[0]) for wanted, name in pairs)


class Selection:
    """A pytest plugin that deselects what the filter or another shard takes."""

    def __init__(self, shard: int, shards: int, only: NodeFilter | None) -> None:
        self.found = 0
        """How many tests (and modules that skip themselves) there are, before any filter."""
        self._shard = shard
        self._shards = shards
        self._only = only

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Counts a module that skips itself: it has tests, only not here."""
        self.found += report.skipped

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> Generator[None]:
        """Selects after everyone else did, so that shards get equal shares."""
        self.found += len(items)
        yield
        kept = [item for item in items if self._only is None or self._only.matches(item.nodeid)]
        kept = kept[self._shard :: self._shards]
        chosen = set(kept)
        if gone := [item for item in items if item not in chosen]:
            config.hook.pytest_deselected(items=gone)
            items[:] = kept

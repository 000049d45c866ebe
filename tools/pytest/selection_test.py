import pytest

from tools.pytest.selection import FilterError, NodeFilter


@pytest.mark.parametrize(
    ("text", "nodeid"),
    [
        ("cache_test.py::test_a", "pkg/cache/cache_test.py::test_a"),
        ("cache/cache_test.py::test_a", "pkg/cache/cache_test.py::test_a"),
        ("//pkg/cache/cache_test.py::test_a", "pkg/cache/cache_test.py::test_a"),
        ("cache_test.py::TestB", "pkg/cache/cache_test.py::TestB::test_a"),
        ("TestB::test_a", "pkg/cache/cache_test.py::TestB::test_a"),
        ("TestB::test_a", "pkg/cache/cache_test.py::TestB::test_a[1]"),
        ("TestB::test_a[1]", "pkg/cache/cache_test.py::TestB::test_a[1]"),
    ],
)
def test_a_node_filter_means_the_test(text: str, nodeid: str) -> None:
    assert NodeFilter(text).matches(nodeid)


@pytest.mark.parametrize(
    ("text", "nodeid"),
    [
        ("cache_test.py::test_a", "pkg/cache/other_cache_test.py::test_a"),
        ("cache_test.py::test_a", "pkg/cache/cache_test.py::test_ab"),
        ("cache_test.py::test_a", "pkg/cache/cache_test.py::TestB::test_a"),
        ("TestB::test_a", "pkg/cache/cache_test.py::test_a"),
        ("TestB::test_a[1]", "pkg/cache/cache_test.py::TestB::test_a[2]"),
    ],
)
def test_a_node_filter_means_no_other_test(text: str, nodeid: str) -> None:
    assert not NodeFilter(text).matches(nodeid)


@pytest.mark.parametrize("text", ["::", "a_test.py::", "::test_a", "TestB::::test_a"])
def test_an_empty_name_in_a_node_filter_is_refused_by_name(text: str) -> None:
    with pytest.raises(FilterError, match=f"--test_filter={text}: "):
        NodeFilter(text)

import pytest

from visits import key


@pytest.mark.parametrize(("page", "expected"), [("/", "visits:/"), ("/a/", "visits:/a")])
def test_a_slash_at_the_end_makes_no_other_page(page: str, expected: str) -> None:
    assert key(page) == expected

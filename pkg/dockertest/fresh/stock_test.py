"""Stock of a container tells what differs, and of what always differs nothing."""

import pytest

from pkg.dockertest import Scope
from pkg.dockertest.fresh import stock, varying
from pkg.dockertest.redis import Redis


def test_a_byte_in_a_file_is_seen() -> None:
    """Of the same name, kind, mode, owner and size."""
    with Scope() as scope:
        server = scope.start(Redis(new_container=True))
        container = stock.untold(server)
        container.exec(["sh", "-c", "echo one > '/data/a b\\c'"])
        before = stock.take(server)
        assert stock.take(server) == before
        container.exec(["sh", "-c", "echo two > '/data/a b\\c'"])
        more, less = set(stock.take(server)) - set(before), set(before) - set(stock.take(server))
        assert [one.split()[0] for one in (*more, *less)] == ["content", "content"]


@pytest.mark.parametrize(
    ("line", "known"),
    [
        ("content 0f /data/mysql/auto.cnf", True),
        ("size /data/mysql/auto.cnf 56", False),
        ("file /data/mysql/auto.cnf regular file 640 10001:10001 1", False),
        ("size /data/status 55", True),
        ("content 0f /data/mysql/undo_001x", False),
        ("content 0f /data/other/data/mysql/auto.cnf", False),
    ],
)
def test_what_varies_is_known_by_its_whole_name(line: str, known: bool) -> None:
    """And only what varies of it is left out."""
    assert varying.is_known(line) == known

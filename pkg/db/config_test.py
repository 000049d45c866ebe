"""A configuration is refused with all that is wrong in it, and shows no password."""

from dataclasses import replace
from pathlib import Path

import pytest

from pkg.db import Config, InvalidConfig, Pool, Server, Timeouts, Tls

SERVER = Server(host="db.example.com", user="api", password="secret", database="api")


def test_the_smallest_one_is_fine() -> None:
    """Reads go to the primary unless it says otherwise."""
    assert Config(primary=SERVER).replica is None


def test_no_password_is_shown() -> None:
    assert "secret" not in repr(Config(primary=SERVER, replica=SERVER))


def test_all_that_is_wrong_is_told_at_once() -> None:
    """A line for each, with its place."""
    with pytest.raises(InvalidConfig) as caught:
        Config(
            primary=replace(SERVER, host="a b", port=0),
            replica=replace(SERVER, user="", database="x" * 65, password="a\0b"),
            pool=Pool(size=0, overflow=-1, wait=-1, recycle=0),
            timeouts=Timeouts(connect=0, read=2, write=0, select=2, lock=3, operation=0),
            tries=0,
            tls=Tls(certificate=Path("a.pem")),
        )
    places = [line.split(": ")[1] for line in str(caught.value).splitlines()]
    assert places == [
        "primary.host",
        "primary.port",
        "replica.user",
        "replica.database",
        "replica.password",
        "pool.size",
        "pool.overflow",
        "pool.wait",
        "pool.recycle",
        "timeouts.connect",
        "timeouts.write",
        "timeouts.operation",
        "tries",
        "timeouts.select",
        "timeouts.lock",
        "tls",
    ]
    assert "a\0b" not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "db", "db-1.example.com", "fe80::1"])
def test_a_host_is_a_name_or_an_address(host: str) -> None:
    Config(primary=replace(SERVER, host=host))


@pytest.mark.parametrize("host", ["", "a/b", "user@db", "db:3306", "-", "a\n", ".a"])
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(InvalidConfig, match=r"primary\.host"):
        Config(primary=replace(SERVER, host=host))

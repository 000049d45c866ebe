"""Settings from an environment, and what is said of those that are wrong."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pkg.config import (
    Address,
    FromEnvironment,
    InvalidConfig,
    address,
    count,
    file,
    one_of,
    part,
    read,
    seconds,
    seconds_or_0,
    several,
    text,
    url,
    usage,
    variable,
)


@dataclass(frozen=True, kw_only=True)
class Store:
    url: str = variable("where values are kept", url("redis", "rediss"), secret=True)
    patience: float = variable("seconds for one call", seconds, default=2.0)


@dataclass(frozen=True, kw_only=True)
class Limits:
    threads: int = variable("for calls that wait", count, default=8)
    delay: float = variable("seconds until it stops", seconds_or_0, default=0.5)

    def __post_init__(self) -> None:
        if self.delay > 100:
            raise ValueError("APP_DELAY: at most 100 s\nAPP_THREADS: too few for that")


@dataclass(frozen=True, kw_only=True)
class Settings:
    tokens: tuple[str, ...] = variable("that let a client in", several(text), secret=True)
    listen: Address = variable("where", address, default=Address("127.0.0.1", 70))
    level: str = variable("of the log", one_of("debug", "info"), default="info")
    replica: str | None = variable("to read from", text, default=None)
    limits: Limits = part(Limits)
    cache: Store = part(Store, prefix="cache")
    note: str = field(default="no variable")


GOOD = {"APP_TOKENS": "one-token other-token", "APP_CACHE_URL": "redis://:hunter2@cache:6379/0"}


def problems(**environ: str) -> list[str]:
    """What is said of an environment that is good but for these."""
    with pytest.raises(InvalidConfig) as refused:
        read(Settings, {**GOOD, **environ}, prefix="APP")
    assert list(refused.value.problems) == str(refused.value).split("\n")
    return list(refused.value.problems)


def test_what_must_be_given_is_enough() -> None:
    """The rest has defaults, and other variables do not matter."""
    made = read(Settings, {**GOOD, "APP_NOTE": "x", "PATH": "/bin"}, prefix="APP")
    assert made.tokens == ("one-token", "other-token")
    assert (made.listen, made.level, made.replica) == (Address("127.0.0.1", 70), "info", None)
    assert (made.limits, made.note) == (Limits(), "no variable")
    assert made.cache == Store(url="redis://:hunter2@cache:6379/0")


def test_each_has_its_variable() -> None:
    """Of its parts, with their prefix."""
    more = {
        "APP_LISTEN": "[::1]:0",
        "APP_LEVEL": " debug\n",
        "APP_REPLICA": "db-2",
        "APP_THREADS": "3",
        "APP_DELAY": "0",
        "APP_CACHE_PATIENCE": "0.25",
    }
    made = read(Settings, {**GOOD, **more}, prefix="APP")
    assert (str(made.listen), made.level, made.replica) == ("[::1]:0", "debug", "db-2")
    assert made.limits == Limits(threads=3, delay=0)
    assert made.cache.patience == 0.25


def test_each_may_be_in_a_file(tmp_path: Path) -> None:
    """As secrets are mounted; the end of the last line is no part of it."""
    for name, value in GOOD.items():
        (tmp_path / name).write_text(f"{value}\n")
    files = {f"{name}_FILE": str(tmp_path / name) for name in GOOD}
    assert read(Settings, files, prefix="APP") == read(Settings, GOOD, prefix="APP")


def test_all_that_is_wrong_is_told_at_once() -> None:
    """One line each, in the order of the fields, with the variable first."""
    with pytest.raises(InvalidConfig) as refused:
        read(Settings, {"APP_LISTEN": "x", "APP_THREADS": "0"}, prefix="APP")
    assert [line.split(":")[0] for line in refused.value.problems] == [
        "APP_TOKENS",
        "APP_LISTEN",
        "APP_THREADS",
        "APP_CACHE_URL",
    ]
    assert refused.value.problems[0] == "APP_TOKENS: must be set: that let a client in"


def test_a_parts_own_checks_are_told() -> None:
    """Where its values are good alone and wrong together."""
    assert problems(APP_DELAY="101") == [
        "APP_DELAY: at most 100 s",
        "APP_THREADS: too few for that",
    ]


def test_both_forms_at_once_are_told() -> None:
    assert problems(APP_LEVEL="info", APP_LEVEL_FILE="/x") == [
        "APP_LEVEL: give either APP_LEVEL or APP_LEVEL_FILE"
    ]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """By its name, on one line."""
    (tmp_path / "bytes").write_bytes(b"\xff")
    (tmp_path / "long").write_bytes(b"x" * (1 << 21))
    for name, problem in (
        ("missing", "No such file"),
        ("bytes", "no text in UTF-8"),
        ("long", "is longer than 1048576 bytes"),
        ("a\nb", "No such file"),
        ("a\0b", "no text"),
    ):
        (line,) = problems(APP_LEVEL_FILE=str(tmp_path / name))
        assert line.startswith(f"APP_LEVEL_FILE: {tmp_path}/")
        assert problem in line


def test_no_message_shows_a_secret() -> None:
    """Whatever a parser says of it."""

    def talkative(text: str) -> str:
        raise ValueError(f"{text[1:9]!r} is not good")

    @dataclass(frozen=True)
    class Loose:
        key: str = variable("64 digits", talkative, secret=True)

    with pytest.raises(InvalidConfig) as refused:
        read(Loose, {"APP_KEY": "short;hunter2,correct horse"}, prefix="APP")
    assert "hunter2" not in str(refused.value)
    with pytest.raises(InvalidConfig, match="APP_KEY: is not what it must be: 64 digits"):
        read(Loose, {"APP_KEY": "xhunter2x"}, prefix="APP")
    assert problems(APP_CACHE_URL="http://:hunter2@x") == [
        "APP_CACHE_URL: must begin with redis:// or rediss://"
    ]


def test_settings_show_no_secret() -> None:
    """Nor does the help."""
    made = read(Settings, GOOD, prefix="APP")
    assert "hunter2" not in repr(made)
    assert "token" not in repr(made)


def test_secrets_are_told_to_who_hides_them() -> None:
    """Also those that are wrong; other values are not."""
    hidden: list[str] = []
    environ = {**GOOD, "APP_CACHE_URL": "hunter2", "APP_LEVEL": "info"}
    with pytest.raises(InvalidConfig):
        read(Settings, environ, prefix="APP", hide=hidden.append)
    assert hidden == ["one-token other-token", "hunter2"]


def test_text_that_is_none_is_told() -> None:
    """Bytes that are not UTF-8 come as surrogates, which nothing behind could write."""
    assert problems(APP_REPLICA="db\udcff") == ["APP_REPLICA: is no text in UTF-8"]


@pytest.mark.parametrize(
    ("parse", "wrong", "problem"),
    [
        (text, "", "must not be empty"),
        (seconds, "0", "no number of seconds above 0"),
        (seconds, "nan", "no number of seconds above 0"),
        (seconds, "1e3", "no number of seconds above 0"),
        (seconds, "\u0661", "no number of seconds above 0"),
        (seconds_or_0, "-1", "no number of seconds"),
        (count, "1.5", "no whole number above 0"),
        (count, "9" * 10_000, "9'… is no whole number"),
        (several(text), " , ", "give at least one"),
        (several(count), "1,x", "'x' is no whole number"),
        (one_of("a", "b"), "c\nd", r"'c\\nd' is none of a, b"),
        (address, "127.0.0.1", "no address and port"),
        (address, "127.0.0.1:70000", "no address and port"),
        (address, "tcp://127.0.0.1:1", "no address and port"),
        (url("mysql"), "mysql:/x", "must begin with mysql://"),
        (url("mysql"), "mysql://", "must name a host"),
        (url("mysql"), "mysql://[", "is no URL"),
        (url("mysql"), "mysql://h:99999/", "is no URL"),
        (url("mysql"), "mysql://h:0/", "a port that is not 0"),
        (url("mysql"), "mysql://h/a b", "without spaces"),
        (file, "/no/such", "there is no such file"),
    ],
)
def test_a_wrong_value_is_told(parse: Callable[[str], object], wrong: str, problem: str) -> None:
    """On a line that is not too long."""
    with pytest.raises(ValueError, match=problem) as refused:
        parse(wrong)
    assert len(str(refused.value)) < 200


def test_the_help_has_every_variable() -> None:
    """With its default, unless that is a secret."""
    lines = usage(Settings, prefix="APP").splitlines()
    assert [line.split()[0] for line in lines] == [
        "APP_TOKENS",
        "APP_LISTEN",
        "APP_LEVEL",
        "APP_REPLICA",
        "APP_THREADS",
        "APP_DELAY",
        "APP_CACHE_URL",
        "APP_CACHE_PATIENCE",
    ]
    assert lines[1].endswith("where (127.0.0.1:70)")
    assert lines[5].endswith("seconds until it stops (0.5)")


@dataclass(frozen=True, kw_only=True)
class Known(FromEnvironment, prefix="KNOWN"):
    token: str = variable("lets in", text, secret=True)
    store: Store = part(Store, prefix="store")


def test_settings_may_know_their_prefix() -> None:
    """Then they are read by themselves, and tell their variables: as with the prefix given."""
    environ = {"KNOWN_TOKEN": "hush", "KNOWN_STORE_URL": "redis://r"}
    hidden: list[str] = []
    known = Known.read(environ, hidden.append)
    assert known == read(Known, environ, prefix="KNOWN")
    assert known.store.url == "redis://r"
    assert "hush" in hidden
    assert Known.usage() == usage(Known, prefix="KNOWN")
    assert Known.PREFIX == "KNOWN"
    with pytest.raises(InvalidConfig, match="KNOWN_TOKEN: must be set"):
        Known.read({})

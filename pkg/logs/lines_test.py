"""Whatever is logged, a line is JSON, short, and has no secret."""

import io
import json
import logging
import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import pytest

from pkg.logs import HIDDEN, JsonLines, Log, Redactor, bound, configure
from pkg.logs.testing import Lines, captured

log = Log("pkg.logs.test")


class Bad:
    """An object that nobody can look at."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


class BadMapping(dict[str, object]):
    def items(self) -> Any:
        raise RuntimeError("no items")


class Colour(Enum):
    RED = 1


@dataclass
class Login:
    user: str
    password: str


def line(log_it: Callable[[], None], formatter: JsonLines | None = None) -> dict[str, Any]:
    """The one line that is logged, read."""
    with captured(formatter) as lines:
        log_it()
    (text,) = lines.text.splitlines()
    made = json.loads(text)
    assert isinstance(made, dict)
    return made


def test_an_event_is_a_line_with_its_fields() -> None:
    """Time, level and event come first."""
    made = line(lambda: log.info("verified", key_id="key_1", ms=1.5, cached=True, limit=None))
    assert list(made) == ["time", "level", "event", "key_id", "ms", "cached", "limit"]
    assert datetime.fromisoformat(made["time"]).tzinfo == UTC
    assert list(made.values())[1:] == ["info", "verified", "key_1", 1.5, True, None]


def test_a_librarys_line_has_its_name() -> None:
    made = line(lambda: logging.getLogger("urllib3").warning("%s tries", 3))
    assert (made["event"], made["logger"]) == ("3 tries", "urllib3")


def test_bound_fields_are_in_every_line_of_the_block() -> None:
    """The innermost counts; other threads have none of them."""
    with captured() as lines:
        with bound(request_id="r-1", route="/a"):
            log.info("first")
            with bound(route="/b"):
                log.info("second", more=1)
                thread = threading.Thread(target=lambda: log.info("third"))
                thread.start()
                thread.join()
            log.info("fourth")
        log.info("fifth")
    found = [json.loads(each) for each in lines.text.splitlines()]
    assert [(each.get("request_id"), each.get("route")) for each in found] == [
        ("r-1", "/a"),
        ("r-1", "/b"),
        (None, None),
        ("r-1", "/a"),
        (None, None),
    ]


@pytest.mark.parametrize(
    ("value", "logged"),
    [
        ("a\nb\r\u2028\x85\x00", "a\nb\r\u2028\x85\x00"),
        ("\udcff\ud800", "\udcff\ud800"),
        (b"\xffbytes", "\\xffbytes"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        (1 << 70, str(1 << 70)),
        ([10**5000], ["<int, whose text raises ValueError>"]),
        (Bad(), "<Bad, whose text raises RuntimeError>"),
        (BadMapping(), "<BadMapping>"),
        (Colour.RED, "Colour.RED"),
        ((1, {2}), [1, [2]]),
        ({1: {"a": Bad()}}, {"1": {"a": "<Bad, whose text raises RuntimeError>"}}),
        (ValueError("x"), "x"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_any_value_can_be_logged(value: object, logged: object) -> None:
    """New lines, half characters, numbers that JSON has not, objects that raise."""
    assert line(lambda: log.info("it", value=value))["value"] == logged


def test_what_is_huge_is_cut() -> None:
    """By length, by number and by depth; a line is never longer than 64 KiB."""
    deep: dict[str, Any] = {}
    deep["self"] = deep
    made = line(lambda: log.info("x" * 10_000, text="y" * 10_000_000, deep=deep))
    assert made["event"].endswith("… (10000 characters)")
    assert made["text"].startswith("yyy")
    assert made["text"].endswith("… (10000000 characters)")
    many = line(lambda: log.info("it", many=list(range(10_000)), pairs=dict.fromkeys(range(999))))
    assert many["many"][-1] == "… 10000 in all"
    assert many["pairs"]["…"] == "999 in all"
    wide = line(lambda: log.info("it", **{f"f{n}": ["z" * 4000] * 60 for n in range(60)}))
    assert list(wide) == ["time", "level", "event", "cut"]


def test_fields_do_not_take_the_lines_own_names() -> None:
    made = line(lambda: log.info("it", time="never", level=9))
    assert (made["event"], made["level"], made["time_"], made["level_"]) == (
        "it",
        "info",
        "never",
        9,
    )


def test_fields_that_name_a_secret_are_hidden() -> None:
    """At any depth; so are those of objects that show them."""
    made = line(
        lambda: log.info(
            "it",
            password="hunter2",
            headers={"Authorization": "Bearer hunter2", "accept": "*/*"},
            keys=[{"api_key": 42, "id": 1}],
            login=Login("me", "hunter2"),
            token=None,
        )
    )
    assert (made["password"], made["token"]) == (HIDDEN, None)
    assert made["headers"] == {"Authorization": HIDDEN, "accept": "*/*"}
    assert made["keys"] == [{"api_key": HIDDEN, "id": 1}]
    assert "hunter2" not in json.dumps(made)


SECRET = "correct-horse-battery-staple"


def failing() -> None:
    """Logs an error whose text, cause and place have a secret."""
    try:
        try:
            raise OSError(f"{SECRET[:9]}\n  {SECRET[9:]}")
        except OSError as error:
            raise ValueError(f"redis://:{SECRET}@cache, token={SECRET!r}") from error
    except ValueError as error:
        log.failure("failed", error, value=SECRET, by={SECRET: [SECRET]})


def test_a_secret_is_nowhere() -> None:
    """In values, names, an error's text and its causes', also over several lines."""
    made = line(failing, JsonLines(Redactor([SECRET])))
    assert (made["exception"], made["value"], made["by"]) == (
        "ValueError",
        HIDDEN,
        {HIDDEN: [HIDDEN]},
    )
    assert made["causes"] == [f"OSError: {HIDDEN}"]
    assert made["trace"][0].endswith(" failing")
    said = json.dumps(made)
    assert "horse" not in said
    assert "staple" not in said


def test_a_secret_at_the_cut_is_hidden_whole() -> None:
    """Where a long text ends, there is no half of one."""
    made = line(lambda: log.info("x" * 4090 + SECRET), JsonLines(Redactor([SECRET])))
    assert "correct" not in made["event"]


def test_errors_may_be_logged_without_their_texts() -> None:
    """Where they may hold what callers gave."""
    made = line(failing, JsonLines(error_texts=False))
    assert made["exception"] == "ValueError"
    assert made["causes"] == ["OSError"]
    assert "message" not in made


@pytest.mark.parametrize(
    ("said", "arguments", "event"),
    [
        ("%d of %d", ("x",), "%d of %d"),
        ("%s", (Bad(),), "%s"),
        (Bad(), (), "<Bad, whose text raises RuntimeError>"),
        ("100 %", (), "100 %"),
    ],
    ids=["of another type", "that raise", "none", "a percent sign"],
)
def test_a_record_that_is_wrong_is_a_line(
    said: object, arguments: tuple[object, ...], event: str
) -> None:
    """Also one whose arguments do not fit."""
    record = logging.LogRecord("x", logging.WARNING, "", 0, said, arguments, None)
    assert json.loads(JsonLines().format(record))["event"] == event


def test_errors_in_circles_and_without_text_end() -> None:
    class Silent(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text")

    one, other = Silent(), ValueError("1")
    one.__cause__, other.__cause__ = other, one
    made = line(lambda: log.failure("failed", one))
    assert made["message"] == "<Silent, whose text raises RuntimeError>"
    assert made["causes"] == ["ValueError: 1"]


def test_a_library_may_have_fields_of_its_own() -> None:
    """They are not taken for ours."""
    extra: Mapping[str, object] = {"fields": ["a"]}
    assert line(lambda: logging.getLogger("x").warning("it", extra=extra))["event"] == "it"


@pytest.fixture
def levels() -> Any:
    """Puts the process's loggers back after the test."""
    loggers = [logging.getLogger(name) for name in (None, "pkg", "services")]
    before = [(each, each.level, list(each.handlers)) for each in loggers]
    yield
    for each, level, handlers in before:
        each.setLevel(level)
        each.handlers[:] = handlers


def test_own_packages_log_from_their_level_on_and_libraries_from_warnings(levels: None) -> None:
    stream = io.StringIO()
    configure(stream, "info")
    for name in ("services.api.keys", "pkg.cache", "urllib3", "pkgs"):
        logging.getLogger(name).info("info of %s", name)
        logging.getLogger(name).debug("debug of %s", name)
        logging.getLogger(name).warning("warning of %s", name)
    said = [json.loads(each)["event"] for each in stream.getvalue().splitlines()]
    assert said == [
        "info of services.api.keys",
        "warning of services.api.keys",
        "info of pkg.cache",
        "warning of pkg.cache",
        "warning of urllib3",
        "warning of pkgs",
    ]


def test_lines_can_be_asked_for_by_event() -> None:
    with captured() as lines:
        log.info("one", n=1)
        log.info("other")
        log.info("one", n=2)
    assert isinstance(lines, Lines)
    assert [each["n"] for each in lines.of("one")] == [1, 2]

"""dev says how it is called, and what was wrong with a call."""

import importlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pkg.dockertest import EngineUnavailable
from tools.dev import cli, doctor
from tools.dev.problem import Problem

ENTRY = Path(__file__).resolve().with_name("__main__.py")


@pytest.mark.parametrize("arguments", [[], ["help"], ["--help"], ["-h"]])
def test_usage_has_all_commands(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert cli.main(arguments) == 0
    said = capsys.readouterr().out
    assert "usage: ./dev COMMAND" in said
    for command in cli.COMMANDS.values():
        assert command.usage in said
    assert max(len(line) for line in said.splitlines()) <= 100


@pytest.mark.parametrize("name", [name for name in cli.COMMANDS if name != "demo"])
def test_every_command_has_its_module(name: str) -> None:
    module = importlib.import_module(f"tools.dev.{cli.COMMANDS[name].module}")
    assert callable(module.run)


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_a_command_says_how_it_is_called(capsys: pytest.CaptureFixture[str], option: str) -> None:
    assert cli.main(["clean", option]) == 0
    assert "usage: ./dev clean [--all] [--yes]" in capsys.readouterr().out


def test_the_help_of_test_needs_no_bazel(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is often the first call of all, and must not set the machine up."""
    monkeypatch.setattr(importlib, "import_module", pytest.fail)
    assert cli.main(["test", "--help"]) == 0
    assert "usage: ./dev test [ARGS]" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("tset", "there is no command tset; did you mean test? ./dev prints all of them"),
        ("stauts", "did you mean status?"),
        ("x", "dev: there is no command x; ./dev prints all of them"),
    ],
)
def test_an_unknown_command_is_named_with_the_nearest(
    capsys: pytest.CaptureFixture[str], name: str, said: str
) -> None:
    assert cli.main([name]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["doctor", "--al"], ["setup", "again"], ["up", "redis"]])
def test_an_unknown_option_is_named_with_the_usage(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert cli.main(arguments) == 2
    said = capsys.readouterr().err
    assert f"{arguments[0]} does not take {arguments[1]}; usage: ./dev {arguments[0]}" in said


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (Problem("it broke: mend it", 7), 7, "dev: it broke: mend it\n"),
        (EngineUnavailable("no engine: start it"), 1, "dev: no engine: start it\n"),
        (KeyboardInterrupt(), 130, "dev: interrupted\n"),
    ],
)
def test_what_goes_wrong_is_a_message_and_a_status(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    status: int,
    said: str,
) -> None:
    """Never a traceback."""

    def run(_name: str, _arguments: list[str]) -> int:
        raise error

    monkeypatch.setattr(doctor, "run", run)
    assert cli.main(["doctor"]) == status
    assert capsys.readouterr().err == said


def test_a_reader_that_has_gone_is_no_traceback() -> None:
    """`./dev | head -1` on a large answer."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-I", "-S", str(ENTRY)]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert (done.stderr, done.returncode) == ("", 1)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_traceback(closed: str) -> None:
    """They get no connection's number either."""
    script = f'exec "$@" {closed}'
    command = ["sh", "-c", script, "sh", sys.executable, "-I", "-S", str(ENTRY)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_output_that_cannot_be_written_is_a_message() -> None:
    """A full disk."""
    command = [sys.executable, "-I", "-S", str(ENTRY)]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    said = "dev: the output cannot be written: No space left on device\n"
    assert (done.returncode, done.stderr) == (1, said)


def test_caches_that_cannot_be_written_are_named_with_the_variable(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read-only home."""

    def run(_name: str, _arguments: list[str]) -> int:
        Path("/dev/null/berth/x").mkdir()
        return 0

    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null")
    monkeypatch.setattr(doctor, "run", run)
    assert cli.main(["doctor"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("dev: /dev/null/berth/x: Not a directory; set XDG_CACHE_HOME to ")


def test_sigterm_leaves_by_an_exception() -> None:
    """So that what is half-made is undone."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        cli.main([])
        with pytest.raises(Problem, match="ended by SIGTERM") as caught:
            os.kill(os.getpid(), signal.SIGTERM)
        assert caught.value.status == 143
    finally:
        signal.signal(signal.SIGTERM, before)

"""The user's own Bazel is chosen where it works, the toolbox's where not, with the reason."""

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pkg.testutil import eventually
from tools.dev import bazelrc, choice
from tools.dev.bazelrc import Bazel
from tools.dev.checkouts import Checkout
from tools.dev.problem import Problem
from tools.dev.progress import Progress

WANTED = "8.1.0"
# What it was called with is in a file beside it.
SAYS_VERSION = 'echo "$@" >> "$0.calls"; if [ "$1" = --version ]; then echo "{}"; exit; fi\n'
REACHES = SAYS_VERSION.format(f"bazel {WANTED}")
Install = Callable[..., Path]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """A checkout on a machine without Bazel."""
    root = tmp_path / "checkout"
    root.mkdir()
    (root / ".bazelversion").write_text(WANTED + "\n")
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv(choice.VARIABLE, raising=False)
    return Checkout(root, "id", tmp_path / "caches")


@pytest.fixture
def install(tmp_path: Path) -> Install:
    """Puts a script on PATH."""

    def write(script: str, name: str = "bazel") -> Path:
        program = tmp_path / "bin" / name
        program.write_text(f"#!/bin/sh\nPATH={os.defpath}\n{script}")
        program.chmod(0o755)
        return program

    return write


def has_ended(pid: int) -> bool:
    """Also one that nobody has asked for its status yet."""
    try:
        return "(zombie)" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True


def decide(checkout: Checkout, again: bool = False) -> tuple[Bazel, str]:
    """The choice, and what was said about it."""
    said = io.StringIO()
    return choice.ensure(checkout, Progress(said, live=False), again), said.getvalue()


def test_without_bazel_it_is_the_toolboxs(checkout: Checkout) -> None:
    chosen, said = decide(checkout)
    assert chosen is Bazel.TOOLBOX
    assert "neither bazelisk nor bazel is on PATH, so the toolbox's is used" in said


def test_a_bazel_that_reaches_the_registry_is_used(checkout: Checkout, install: Install) -> None:
    program = install(REACHES)
    chosen, said = decide(checkout)
    assert chosen is Bazel.OWN
    assert f"Bazel: {program}\n" in said
    assert "offline" not in checkout.user_bazelrc.read_text()


def test_bazelisk_comes_before_bazel(checkout: Checkout, install: Install) -> None:
    install("exit 1")
    program = install(REACHES, "bazelisk")
    assert decide(checkout)[0] is Bazel.OWN
    assert choice.own() == str(program)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("exit 1", "does not run"),
        ("true", "does not run"),
        (SAYS_VERSION.format("bazel 6.5.0"), f"is bazel 6.5.0 and not {WANTED}"),
        (REACHES + "exit 1", "does not reach the Bazel Central Registry"),
    ],
)
def test_a_bazel_that_is_of_no_use_is_named_with_the_reason(
    checkout: Checkout, install: Install, script: str, reason: str
) -> None:
    program = install(script)
    chosen, said = decide(checkout)
    assert chosen is Bazel.TOOLBOX
    assert f"Bazel: {program} {reason}, so the toolbox's is used" in said


@pytest.mark.parametrize(
    "version", [f"bazel {WANTED}", "bazel 8.1.0- (@non-git)", "bazel no_version\nbazel 8.0.0"]
)
def test_versions_are_read_in_all_their_forms(
    checkout: Checkout, install: Install, version: str
) -> None:
    """Distributions build Bazel in their own way."""
    install(SAYS_VERSION.format(version))
    assert decide(checkout)[0] is Bazel.OWN


def test_a_bazel_that_hangs_is_ended(
    checkout: Checkout, install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With everything that it has started."""
    monkeypatch.setattr(choice, "_PROBE_SECONDS", 0.2)
    program = install(REACHES + 'sleep 600 & echo $! > "$0.pid"; wait')
    chosen, said = decide(checkout)
    assert chosen is Bazel.TOOLBOX
    assert "does not reach the Bazel Central Registry" in said
    pid = int(Path(f"{program}.pid").read_text())
    eventually(lambda: has_ended(pid))


def test_the_choice_is_made_once(checkout: Checkout, install: Install) -> None:
    """Until it is asked for again."""
    assert decide(checkout)[0] is Bazel.TOOLBOX
    install(REACHES)
    assert decide(checkout) == (Bazel.TOOLBOX, "")
    assert decide(checkout, again=True)[0] is Bazel.OWN


def test_a_bazel_that_was_chosen_and_is_gone_is_chosen_anew(
    checkout: Checkout, install: Install
) -> None:
    program = install(REACHES)
    assert decide(checkout)[0] is Bazel.OWN
    program.unlink()
    assert decide(checkout)[0] is Bazel.TOOLBOX


def test_the_toolboxs_options_follow_the_caches(checkout: Checkout) -> None:
    """Else Bazel would write to where nothing is mounted."""
    decide(checkout)
    moved = Checkout(checkout.root, checkout.identity, checkout.root / "elsewhere")
    decide(moved)
    text = checkout.user_bazelrc.read_text()
    assert f"--disk_cache={moved.shared}/disk" in text
    assert str(checkout.shared) not in text


def test_the_toolbox_can_be_forced(
    checkout: Checkout, install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over a recorded choice, too, and without looking at what is on PATH."""
    bazelrc.write(checkout.user_bazelrc, Bazel.OWN, [])
    program = install(REACHES)
    monkeypatch.setenv(choice.VARIABLE, "toolbox")
    assert decide(checkout) == (Bazel.TOOLBOX, "")
    assert not Path(f"{program}.calls").exists()


def test_the_own_bazel_can_be_forced(
    checkout: Checkout, install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it reaches a registry or not: it may have a mirror."""
    install(REACHES + "exit 1")
    monkeypatch.setenv(choice.VARIABLE, "PATH")
    assert decide(checkout) == (Bazel.OWN, "")


@pytest.mark.parametrize(
    ("value", "message", "status"),
    [
        ("PATH", "neither bazelisk nor bazel is on PATH; install bazelisk", 1),
        ("path", "BERTH_BAZEL=path: it takes toolbox or PATH, or is left unset", 2),
    ],
)
def test_what_cannot_be_forced_is_named(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch, value: str, message: str, status: int
) -> None:
    monkeypatch.setenv(choice.VARIABLE, value)
    with pytest.raises(Problem, match=message) as caught:
        decide(checkout)
    assert caught.value.status == status
    assert not checkout.user_bazelrc.exists()

"""dev's commands, and how they are called."""

import difflib
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from pkg.dockertest.errors import DockertestError
from tools.dev.checkouts import caches
from tools.dev.problem import Problem

_INTERRUPTED = 128 + signal.SIGINT


@dataclass(frozen=True)
class Command:
    """A command: `run(arguments) -> exit status` in the module of tools.dev that it names."""

    module: str
    usage: str
    about: str


COMMANDS = {
    "setup": Command("setup", "setup [--again]", "make everything ready; afterwards no network"),
    "test": Command("test", "test [ARGS]", "bazel test ARGS; without a target, of all below here"),
    "bazel": Command("bazel", "bazel ARGS", "any other Bazel command"),
    "demo": Command("demo", "demo", "run the complete example and show what happened"),
    "bench": Command(
        "bench", "bench [NAME [ARGS]]", "list the benchmarks, or run one and write its results"
    ),
    "images": Command(
        "image_list", "images [list|lock|prune]", "make missing images; list, lock, remove old ones"
    ),
    "up": Command("shared", "up", "start the shared containers"),
    "down": Command("shared", "down", "end the shared containers"),
    "status": Command("shared", "status", "show the shared containers"),
    "vault": Command("programs", "vault", "run the vault on the shared S3 server, until Ctrl-C"),
    "api": Command("programs", "api", "run the API on the shared servers, until Ctrl-C"),
    "doctor": Command("doctor", "doctor", "say what is here, and how to mend what is wrong"),
    "clean": Command(
        "clean",
        "clean [--all] [--yes]",
        "remove what is this checkout's; --all: all that is Berth's here",
    ),
}


def open_streams() -> None:
    """Stands something in for standard streams that the caller has closed.

    Else the first connection would get such a number, and be written to as output.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
    sys.stdout = sys.stdout or os.fdopen(1, "w")
    sys.stderr = sys.stderr or os.fdopen(2, "w")


def main(arguments: Sequence[str]) -> int:
    """Runs a command and returns dev's exit status."""
    signal.signal(signal.SIGTERM, _terminated)
    try:
        status = _main(arguments)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        # Whoever read our output is gone; Python itself would complain of that at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        print(f"dev: the output cannot be written: {error.strerror}", file=sys.stderr)
        return 1


def _main(arguments: Sequence[str]) -> int:
    if not arguments or arguments[0] in ("help", "--help", "-h"):
        print(usage())
        return 0
    name, *rest = arguments
    try:
        command = find(name)
        if rest[:1] in (["--help"], ["-h"]) and name != "bazel":
            print(f"usage: ./dev {command.usage}\n{command.about}")
            if name == "test":
                print("Bazel's flags: docs/testing/bazel.md, ./dev bazel help test")
            return 0
        module = importlib.import_module(f"tools.dev.{command.module}")
        return int(module.run(name, rest))
    except Problem as problem:
        print(f"dev: {problem}", file=sys.stderr)
        return problem.status
    except DockertestError as error:
        print(f"dev: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        if error.filename is None:
            raise
        step = "set XDG_CACHE_HOME to a directory that this user may write to"
        at, ours = Path(os.fsdecode(error.filename)), caches()
        hint = f"; {step}" if at.is_relative_to(ours) or ours.is_relative_to(at) else ""
        print(f"dev: {error.filename}: {error.strerror}{hint}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("dev: interrupted", file=sys.stderr)
        return _INTERRUPTED


def find(name: str) -> Command:
    """The command of a name.

    Raises:
        Problem: there is none; the message names the nearest one.
    """
    if name in COMMANDS:
        return COMMANDS[name]
    near = difflib.get_close_matches(name, COMMANDS, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}? " if near else ""
    raise Problem(f"there is no command {name}; {hint}./dev prints all of them", status=2)


def usage() -> str:
    """All commands, one line each."""
    lines = [f"  {command.usage:<26} {command.about}" for command in COMMANDS.values()]
    return "\n".join(["usage: ./dev COMMAND", "", *lines, "", "More: docs/dev.md"])


def options(name: str, arguments: Sequence[str], *known: str) -> set[str]:
    """The options among a command's arguments.

    Raises:
        Problem: one is not known.
    """
    for argument in arguments:
        if argument not in known:
            raise Problem(
                f"{name} does not take {argument}; usage: ./dev {COMMANDS[name].usage}", status=2
            )
    return set(arguments)


def _terminated(_number: int, _frame: FrameType | None) -> None:
    """Leaves by an exception, so that whatever is half-made is undone."""
    raise Problem("ended by SIGTERM", status=128 + signal.SIGTERM)

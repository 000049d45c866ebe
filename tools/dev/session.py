"""What every command stands on: the checkout, the engine, the chosen Bazel, and running it."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from pkg.dockertest.engine import Engine
from tools.dev import (
    attached,
    bazel_arguments,
    checkouts,
    choice,
    engines,
    images,
    machine,
    toolbox,
)
from tools.dev.bazelrc import Bazel
from tools.dev.problem import Problem
from tools.dev.progress import Progress


class Session:
    """One call of dev. What is missing of the set-up is made when it is first needed."""

    def __init__(self, again: bool = False) -> None:
        self.checkout = checkouts.here()
        self.progress = Progress()
        self._again = again

    @cached_property
    def engine(self) -> Engine:
        """A Docker Engine that answers."""
        return engines.ensure(self.progress, self.checkout.caches / "logs")

    @cached_property
    def bazel(self) -> Bazel:
        """Which Bazel this checkout uses."""
        return choice.ensure(self.checkout, self.progress, self._again)

    @cached_property
    def machine(self) -> machine.Machine:
        """What the toolbox takes over from this machine."""
        return machine.look(self.engine.endpoint)

    @cached_property
    def toolbox(self) -> str:
        """The id of the running toolbox."""
        toolbox.prepare_directories(self.checkout)
        return toolbox.ensure(self.checkout, self.engine, self.machine, self.progress)

    def ready(self, services: Sequence[str] | None = None) -> None:
        """Makes what container tests need: the engine, the toolbox if chosen, the images."""
        in_toolbox = self.bazel is Bazel.TOOLBOX
        images.ensure(self.engine, self.progress, services, toolbox=in_toolbox)
        if in_toolbox:
            _ = self.toolbox

    def run_bazel(self, arguments: Sequence[str], directory: Path, then: bool = False) -> int:
        """Runs Bazel and returns its exit status.

        Args:
            arguments: all of Bazel's own arguments.
            directory: where, in the checkout.
            then: whether something is still to be done after it. If not, the user's own Bazel
                takes this process's place.
        """
        if self.bazel is Bazel.TOOLBOX:
            command = ["bazel", f"--output_user_root={self.checkout.output_user_root}", *arguments]
            return self.run_in_toolbox(
                command, directory, takes_input=bazel_arguments.command(arguments) == "run"
            )
        command = [choice.own() or "bazel", *arguments]
        sys.stdout.flush()
        sys.stderr.flush()
        if not then:
            os.chdir(directory)
            os.execvp(command[0], command)
        return attended(command, directory)

    def run_python(self, arguments: Sequence[str]) -> int:
        """Runs Python with the checkout's root as directory, in the toolbox if there is one."""
        root = self.checkout.root
        if self.bazel is Bazel.TOOLBOX:
            return self.run_in_toolbox([toolbox.PYTHON, *arguments], root)
        return attended([sys.executable, *arguments], root)

    def run_in_toolbox(
        self, command: Sequence[str], directory: Path, takes_input: bool = False
    ) -> int:
        """Runs a command in the toolbox and returns its exit status."""
        return attached.run(
            self.engine,
            self.toolbox,
            command,
            directory=directory,
            environ=toolbox.environ(self.checkout, self.machine),
            takes_input=takes_input,
        )

    def directory(self) -> Path:
        """The caller's directory if it is in the checkout, else the checkout's root."""
        try:
            here = Path.cwd().resolve()
        except FileNotFoundError:
            return self.checkout.root
        return here if here.is_relative_to(self.checkout.root) else self.checkout.root

    def bazel_directory(self) -> Path:
        """Where the caller's own words for Bazel count: `directory()`.

        Raises:
            Problem: the caller is in another Bazel workspace, and means that one.
        """
        found = self.directory()
        try:
            here = Path.cwd().resolve()
        except FileNotFoundError:
            return found
        if here.is_relative_to(found):
            return found
        for folder in (here, *here.parents):
            if (folder / "MODULE.bazel").is_file():
                raise Problem(
                    f"{folder} is another Bazel workspace, and this ./dev runs Bazel in "
                    f"{self.checkout.root} only; run a Bazel of your own there, or call ./dev from "
                    "the checkout (docs/other-repositories.md)"
                )
        return found


def attended(command: Sequence[str], directory: Path) -> int:
    """Runs a command that gets the terminal's signals itself, and SIGTERM from here; returns its
    exit status."""
    with subprocess.Popen(command, cwd=directory) as process:
        before = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        try:
            while True:
                try:
                    status = process.wait()
                except KeyboardInterrupt:
                    continue
                return 128 - status if status < 0 else status
        finally:
            signal.signal(signal.SIGTERM, before)

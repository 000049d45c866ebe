"""Programs that run side by side, each a process of its own: when one of them ends, all do."""

import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import SimpleQueue
from types import TracebackType
from typing import Self

from pkg.serving import processes
from services.api.testutil import bound
from services.api.testutil.bound import SIGNALS

_BOUND = bound.__name__
_LISTEN_SECONDS = 60.0
# Longer than a request may take, which an instance that stops finishes.
_PATIENCE_SECONDS = 20.0


class ProgramEnded(Exception):
    """A program has ended, or does not begin to serve."""


@dataclass
class _Program:
    name: str
    process: "subprocess.Popen[str]"
    url: "Future[str]" = field(default_factory=Future)


class Programs:
    """Starts programs of this repository, and ends them with the block, the last one first.

    One whose starter is gone, however that went, is told to end, too.

    Args:
        show: gets each line that a program writes, with the program's name before it.
        patience: seconds that a program may take to end before it is killed.
    """

    def __init__(self, show: Callable[[str], object], patience: float = _PATIENCE_SECONDS) -> None:
        self._show = show
        self._patience = patience
        self._started: list[tuple[_Program, threading.Thread]] = []
        self._ended: SimpleQueue[_Program] = SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        while self._started:
            program, reader = self._started.pop()
            _end(program.process, self._patience)
            reader.join()

    def start(self, name: str, module: str, environ: Mapping[str, str]) -> None:
        """Starts `python -m MODULE` with these variables beside this process's own.

        Args:
            name: what it is called in its lines and in messages.
        """
        self._start(name, module, environ)

    def serve(self, name: str, module: str, environ: Mapping[str, str]) -> str:
        """Starts a program, and returns the URL where it serves once its log says so.

        Raises:
            ProgramEnded: it ended first, or does not say so in time.
        """
        program = self._start(name, module, environ)
        try:
            return program.url.result(_LISTEN_SECONDS)
        except TimeoutError:
            raise ProgramEnded(
                f"{name} does not serve after {_LISTEN_SECONDS:g} s: see its lines above"
            ) from None

    def attend(self) -> None:
        """Waits for as long as all of them run.

        Raises:
            ProgramEnded: one has ended.
        """
        raise _ended(self._ended.get())

    def _start(self, name: str, module: str, environ: Mapping[str, str]) -> _Program:
        # An interruption comes when the program is known, so that it is ended with the others.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            # No preexec_fn: it would have Python call what is registered for forks, and an
            # interruption in the middle of that is lost.
            process = processes.start(
                _BOUND,
                module,
                environ=environ,
                stderr=subprocess.STDOUT,
                # Ctrl-C in the terminal is for this process, which ends them in their order.
                process_group=0,
            )
            program = _Program(name, process)
            reader = threading.Thread(target=self._read, args=(program,), name=name)
            self._started.append((program, reader))
            reader.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return program

    def _read(self, program: _Program) -> None:
        assert program.process.stdout
        with program.process.stdout as lines:
            for line in lines:
                self._show(f"{program.name}: {line.rstrip()}")
                if not program.url.done() and (url := processes.listening(line)):
                    program.url.set_result(url)
        program.process.wait()
        if not program.url.done():
            program.url.set_exception(_ended(program))
        self._ended.put(program)


def _ended(program: _Program) -> ProgramEnded:
    status = program.process.returncode
    how = f"by {signal.Signals(-status).name}" if status < 0 else f"with status {status}"
    return ProgramEnded(f"{program.name} ended {how}: see its last lines above")


def _end(process: "subprocess.Popen[str]", patience: float) -> None:
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()

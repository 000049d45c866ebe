"""A running container, as a test sees it."""

import signal
import time
from collections.abc import Iterator, Sequence
from typing import Any

from pkg.dockertest.engine import Connection, Engine, check, frames, request_bytes
from pkg.dockertest.errors import EngineError, InvalidOption, WrongArgument
from pkg.dockertest.execution import Exec
from pkg.dockertest.faults import oom, standing
from pkg.dockertest.faults.disk import DiskFaults
from pkg.dockertest.faults.network import NetworkFaults
from pkg.dockertest.faults.proxy import Proxy
from pkg.dockertest.slot import Hold

__all__ = ["Container", "Exec"]

_PAUSE = "pause"
_MARK = "\x1eberth "
_KILLED = ("signal 9", "code 137")  # 137: a shell says so of what it ran
_LOOK_SECONDS = 0.02
_FIRST_LOOK_SECONDS = 0.001
_OBEY_SECONDS = 10.0
_TAIL_LINES = 100  # a look at the log's end, before its whole


class Container(NetworkFaults, DiskFaults):
    """One container and its first process. Made by a scope, ended with it.

    Attributes:
        name: its name on the engine.
        image: the image that it runs.
    """

    def __init__(
        self,
        engine: Engine,
        name: str,
        image: str,
        hold: Hold | None = None,
        proxy: Proxy | None = None,
    ) -> None:
        """Describes a container that runs; without a hold it is a shared one."""
        self.name = name
        self.image = image
        self._engine = engine
        self._hold = hold
        self._proxy = proxy
        self._fillers: dict[str, int] = {}
        self._memory = 0
        self._mark = f"{_MARK}{hold.sign} " if hold else _MARK

    def logs(self, tail: int | None = None) -> str:
        """What the server has written, both streams; only its last `tail` lines if given."""
        # The server may not have ended its last line: the mark then stands behind it.
        parts = [line.partition(self._mark) for line in self._log()]
        lines = [text for text, mark, _ in parts if text or not mark]
        return "\n".join(lines if tail is None else lines[max(0, len(lines) - tail) :])

    def ended(self) -> str | None:
        """How the server ended, "code 1" or "signal 9"; None while it runs.

        If the kernel ended it for want of memory: "signal 9, out of memory (limit 512 MiB)".

        Raises:
            EngineError: the container itself is gone.
        """
        ended: str | None = None
        for mark in self._marks():
            what, _, how = mark.partition(" ")
            if what in ("started", "exited"):
                ended = how or None
        if ended in _KILLED:
            ended += self.out_of_memory(*self._times())
        return ended

    def out_of_memory(self, started: str = "", ended: str = "") -> str:
        """ ", out of memory…" if the kernel ended one of its processes for that, else ""; also of
        a container that is gone. Between two of the log's times, if they are given."""
        return oom.note(self._engine, self.name, started, ended)

    def exec(self, command: Sequence[str], *, timeout: float = 60.0) -> Exec:
        """Runs a command in the container, as the server's user.

        Args:
            command: the program and its arguments.
            timeout: seconds within which it has to end.

        Raises:
            WrongArgument: the command is one string.
            EngineError: the engine refused it.
            TimeoutError: it did not end in time; it goes on in the container.
        """
        if isinstance(command, str):
            raise WrongArgument(f"exec({command!r}): a command is a list, such as ['ls', '-l']")
        self._tampering()
        deadline = time.monotonic() + timeout
        body = {"Cmd": list(command), "AttachStdout": True, "AttachStderr": True}
        made = self._engine.request("POST", f"/containers/{self.name}/exec", {}, body)
        output: dict[int, list[str]] = {1: [], 2: []}
        start: dict[str, Any] = {"Detach": False, "Tty": False}
        connection = self._engine.connect(timeout)
        try:
            connection.send(request_bytes("POST", f"/exec/{made['Id']}/start", {}, start))
            answer = connection.answer()
            if answer.status >= 400:
                check(answer.status, connection.read(answer.read), f"exec {command[0]}")
            for stream, text in frames(_pieces(connection, deadline)):
                output[stream].append(text)
            status = self._status(made["Id"], deadline)
        except TimeoutError:
            raise TimeoutError(
                f"{command[0]} did not end in {self.name} within {timeout:g} s"
            ) from None
        finally:
            connection.close()
        return Exec(status, "".join(output[1]), "".join(output[2]))

    def _status(self, execution: str, deadline: float) -> int:
        """The exit status of a command whose output has ended; the engine may be a bit behind."""
        while (about := self._engine.request("GET", f"/exec/{execution}/json"))["Running"]:
            if time.monotonic() >= deadline:
                raise TimeoutError
            time.sleep(_LOOK_SECONDS)
        return int(about["ExitCode"])

    def pause(self) -> None:
        """Stops every process of the server where it is; `resume` lets them go on.

        The first process goes on, so a paused container still ends with its holder.

        Raises:
            InvalidOption: the container is shared. This one and the next are so of each fault.
            EngineError: the container is gone.
        """
        self._order(f"signal {int(signal.SIGSTOP)}")
        standing.put(self.name, _PAUSE, self.resume)

    def resume(self) -> None:
        """Lets a paused server go on."""
        self._order(f"signal {int(signal.SIGCONT)}")
        standing.removed(self.name, _PAUSE)

    def kill(self) -> None:
        """Ends the server as SIGKILL does. Port and data are kept for `restart`."""
        self._order("kill")

    def restart(self) -> None:
        """Starts the server again after ending it; port, data and credentials are kept.

        It returns when the server's process has been started, not when it is ready.
        """
        self._order("restart")

    def terminate(self) -> None:
        """Asks the server to shut down, by SIGTERM; `ended` says when it has.

        Port and data are kept for `restart`.
        """
        self._order(f"signal {int(signal.SIGTERM)}")

    def memory_bytes(self) -> int:
        """The memory that the container uses now, page cache included.

        Raises:
            RuntimeError: its scope has ended.
        """
        if self._hold is not None:
            self._hold.check()
        query: dict[str, str | int] = {"stream": 0, "one-shot": 1}
        stats = self._engine.request("GET", f"/containers/{self.name}/stats", query)
        return int(stats["memory_stats"].get("usage", 0))

    def _order(self, command: str) -> None:
        """Has the first process obey a command, and waits until it has."""
        self._tampering()
        number = self._held().command(command)
        deadline = time.monotonic() + _OBEY_SECONDS
        pause = _FIRST_LOOK_SECONDS
        while f"obeyed {number}" not in self._marks():
            if time.monotonic() >= deadline:
                raise EngineError(
                    f"the first process of {self.name} has not obeyed {command!r} within "
                    f"{_OBEY_SECONDS:g} s; see whether the machine is overloaded with: ./dev doctor"
                )
            time.sleep(pause)
            pause = min(pause * 2, _LOOK_SECONDS)

    def _tampering(self) -> None:
        """A fault is about to be put on the server: its container is not used again."""
        if self._hold is not None:
            self._hold.tamper()

    def _check_own(self) -> None:
        """Refuses a fault on a shared container."""
        self._held()

    def _held(self) -> Hold:
        if self._hold is None:
            raise InvalidOption(
                f"{self.name} is shared with other tests, which a fault would hit too: take a "
                "container of your own with the dockertest fixture"
            )
        return self._hold

    def _marks(self) -> list[str]:
        """What the first process has told of this server, in order."""
        return [line.partition(self._mark)[2] for line in self._log() if self._mark in line]

    def _times(self) -> tuple[str, str]:
        """When the server was started last, and when it ended, by the engine's clock."""
        times = {"started": "", "exited": ""}
        for line in self._log(timestamps=True):
            what = line.partition(self._mark)[2].partition(" ")[0]
            if what in times:
                times[what] = line.partition(" ")[0]
        return times["started"], times["exited"]

    def _log(self, *, timestamps: bool = False) -> list[str]:
        """This server's lines: others may have written to the container's log before and after."""
        if self._hold is None:
            return self._lines(None, timestamps)
        tail = _TAIL_LINES
        while True:
            lines = self._lines(tail, timestamps)
            begin = next((n for n, line in enumerate(lines) if f"{self._mark}signed" in line), None)
            if begin is not None:
                return self._until_cleared(lines[begin:])
            if len(lines) < tail:
                # The engine has cut the log's beginning off, or the slot is still being cleared.
                return self._until_cleared(lines) if self._hold.is_ready else []
            tail *= 8

    def _until_cleared(self, lines: list[str]) -> list[str]:
        mark = f"{self._mark}cleared"
        end = next((n for n, line in enumerate(lines) if line.endswith(mark)), None)
        if end is None:
            return lines
        last = lines[end].partition(self._mark)[0]  # which the server had not ended
        return [*lines[:end], last] if last else lines[:end]

    def _lines(self, tail: int | None, timestamps: bool) -> list[str]:
        # Not splitlines(): it would split at the first process's mark, too.
        return self._engine.logs(self.name, tail, timestamps=timestamps).rstrip("\n").split("\n")


def _pieces(connection: Connection, deadline: float) -> Iterator[bytes]:
    reader = connection.raw()
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        connection.socket.settimeout(left)
        piece = reader.read1(65536)
        if not piece:
            return
        yield piece

"""A full disk under a server: `server.container.fill_disk()`."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from pkg.dockertest.engine import Engine
from pkg.dockertest.errors import EngineError, InvalidOption
from pkg.dockertest.execution import Exec
from pkg.dockertest.faults import standing
from pkg.dockertest.options import whole_number

_DISK = "disk"
_FILLER = ".berth-filler"
# An image without find has no files of ours.
_FILL_HOLES = """find "$1" -xdev -type f -size +0 -exec sh -c '
    for file; do fallocate -l "$(stat -c %s "$file")" "$file"; done' sh {} + """
_ROUNDS = 5  # the server may write and remove files meanwhile


class DiskFaults(ABC):
    """What can be done to the files in memory (tmpfs) that a server writes to."""

    name: str
    _engine: Engine
    _fillers: dict[str, int]  # by file: its size, in bytes
    _memory: int  # the container's limit without them, in bytes; 0 is not known, or none

    def fill_disk(self, *, leave_bytes: int = 0, path: str = "/data") -> None:
        """Fills the tmpfs at a path up, with a hidden file: writes fail with "no space left".

        The file takes the machine's memory, up to the container's memory limit, which grows by so
        much meanwhile: the server keeps what it had.

        Called again, it fills anew. What the server frees meanwhile stays free.

        Args:
            leave_bytes: what stays free, to a page.
            path: the tmpfs, or anything in it.

        Raises:
            InvalidOption: there is no tmpfs, or a value is out of its range, or the container is
                shared.
            EngineError: the container has no stat or no fallocate, or is gone.
        """
        self._check_own()
        whole_number("fill_disk", "leave_bytes", leave_bytes, 0, 1 << 50)
        about = self._engine.request("GET", f"/containers/{self.name}/json")["HostConfig"]
        file = f"{_tmpfs(self.name, about, path)}/{_FILLER}"
        self._tampering()
        standing.put(self.name, _DISK, self.free_disk)
        if file in self._fillers:
            self._ran(["rm", "-f", file])
        self._fillers[file] = 0
        if not self._memory:
            self._memory = int(about["Memory"])
        self._fill_holes(file, path, leave_bytes)
        for rounds_left in reversed(range(_ROUNDS)):
            more = self._free(path) - leave_bytes
            if more <= 0:
                return
            self._fillers[file] += more
            self._limit()
            command = ["fallocate", "-l", str(self._fillers[file]), file]
            if rounds_left == 0:
                self._ran(command)
            elif self.exec(command).status:  # the server was faster
                self._fillers[file] -= more

    def free_disk(self) -> None:
        """Undoes `fill_disk`.

        Raises:
            InvalidOption: the container is shared.
            EngineError: the container is gone.
        """
        self._check_own()
        if self._fillers:
            self._ran(["rm", "-f", *self._fillers])
            self._fillers.clear()
            self._limit()
        standing.removed(self.name, _DISK)

    def _fill_holes(self, file: str, path: str, leave_bytes: int) -> None:
        """Gives the server's files the room that they seem to have.

        Ours are copied with holes. A server that has no room for a page which it has long had
        believes that its disk is broken; MySQL ends, and its data is spoiled.
        """
        free = self._free(path)
        self._fillers[file] = max(0, free - leave_bytes)
        self._limit()
        self.exec(["sh", "-c", _FILL_HOLES, "sh", str(PurePosixPath(file).parent)])
        self._fillers[file] = 0
        self._memory += max(0, free - self._free(path)) if self._memory else 0

    def _free(self, path: str) -> int:
        blocks, size = self._ran(["stat", "-f", "-c", "%a %S", path]).split()
        return int(blocks) * int(size)

    def _limit(self) -> None:
        """Has the memory limit leave to the server what it had."""
        if self._memory:
            memory = self._memory + sum(self._fillers.values())
            limits = {"Memory": memory, "MemorySwap": memory}
            self._engine.request("POST", f"/containers/{self.name}/update", {}, limits)

    def _ran(self, command: Sequence[str]) -> str:
        ended = self.exec(command)
        if ended.status:
            said = (ended.stderr or ended.stdout).strip()
            raise EngineError(f"{command[0]} failed in {self.name} (code {ended.status}): {said}")
        return ended.stdout

    @abstractmethod
    def exec(self, command: Sequence[str], *, timeout: float = 60.0) -> Exec:
        """Runs a command in the container."""

    @abstractmethod
    def _check_own(self) -> None: ...

    @abstractmethod
    def _tampering(self) -> None: ...


def _tmpfs(container: str, host: dict[str, Any], path: str) -> str:
    """The tmpfs that a path is in.

    Raises:
        InvalidOption: it is in none.
    """
    mounts: dict[str, str] = host.get("Tmpfs") or {}
    where = PurePosixPath(path)
    found = [mount for mount in mounts if ".." not in where.parts and where.is_relative_to(mount)]
    if found:
        return max(found, key=len)
    has = ", ".join(sorted(mounts)) or "none"
    raise InvalidOption(
        f"fill_disk(path={path!r}): {container} has no tmpfs there, so that the engine's own disk "
        f'would be filled (it has: {has}); give it one: Container(…, tmpfs=["{path}"])'
    )

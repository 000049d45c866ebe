"""A slot: a container whose server can be ended, wiped away and started anew for each test.

What a slot needs and what it is told are plain data (`Spec`, bytes), and a test knows its server by
a `Hold` alone, so that slot and test may be in different processes.
"""

import hashlib
import json
import os
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pkg.dockertest.engine import Engine
from pkg.dockertest.errors import EngineError, ServerDied
from pkg.dockertest.leash import Leash


@dataclass(frozen=True)
class Spec:
    """All that a container is made from.

    Attributes:
        service: the service's name, for the container's.
        body: the engine's description of the container.
        archive: a tar file for its root, unpacked before it is started.
        ports: the ports that it publishes.
        reusable: whether its next server cannot find anything of the one before.
    """

    service: str
    body: Mapping[str, Any]
    ports: tuple[int, ...]
    archive: bytes = field(default=b"", repr=False)
    reusable: bool = False

    @cached_property
    def key(self) -> str:
        """Equal for those that make containers alike."""
        text = json.dumps(self.body, sort_keys=True).encode()
        return hashlib.sha256(text + hashlib.sha256(self.archive).digest()).hexdigest()


class Slot:
    """One container. At any time it serves one hold, or is cleared and idle."""

    def __init__(self, engine: Engine, spec: Spec) -> None:
        """Opens the connection that will hold it; nothing is made before `make`.

        Raises:
            EngineUnavailable: no engine answers.
        """
        self.engine = engine
        self.spec = spec
        self.name = f"berth-{spec.service}-{secrets.token_hex(6)}"
        self.ports: Mapping[int, int] = {}
        self._leash = Leash(engine, self.name, dict(spec.body))

    @property
    def image(self) -> str:
        """The name of the image that it runs."""
        return str(self.spec.body["Image"])

    def make(self) -> None:
        """Makes and starts the container, without a server.

        Raises:
            ImageUnavailable: its image is not here.
            EngineError: the engine refused it.
            EngineUnavailable: the engine went away.
            ServerDied: it ended at once.
        """
        self._leash.start(self.spec.archive)
        self.ports = _ports(self.engine, self.name, self.spec.ports)

    def command(self, line: str, payload: bytes = b"") -> int:
        """Sends a command to the first process and returns its number; see `Leash.command`."""
        return self._leash.command(line, payload)

    def clear(self) -> None:
        """Has the first process end the server and remove whatever it has left.

        Nobody waits for that: the next command waits its turn, and a container that cannot be
        cleared ends.
        """
        self.command("clear")

    def is_alive(self) -> bool:
        """Whether the container still runs, as far as its holder has been told."""
        return self._leash.is_alive()

    def close(self) -> None:
        """Lets go; the container ends."""
        self._leash.close()


class Hold:
    """A test's hold on a slot's server, from its start to its end.

    Every order to the server goes through it, and none after its end: the slot may serve another.
    """

    def __init__(self, slot: Slot, give_back: Callable[[Slot], None]) -> None:
        """Takes the slot, cleared or not yet made.

        Args:
            slot: the slot.
            give_back: takes the slot when the hold ends and it can be used again.
        """
        self.slot = slot
        self.sign = secrets.token_hex(8)
        """What the first process puts into its lines of the log from the server's start on."""
        self._give_back = give_back
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._ended = False
        self._spoiled = not slot.spec.reusable
        self._ready = False
        self._ends: list[Callable[[], None]] = []

    def start(self, payload: bytes) -> None:
        """Starts the server with an environment of NUL-terminated NAME=VALUE strings.

        Raises:
            EngineUnavailable: the engine went away.
            RuntimeError: the hold has ended.
        """
        # Never told to a server: what one has written is not taken for the first process's words.
        self.command(f"sign {self.sign}")
        self.command(f"start {len(payload)}", payload)

    def command(self, line: str, payload: bytes = b"") -> int:
        """Sends the first process a command, and returns its number.

        Raises:
            EngineUnavailable: the engine went away.
            RuntimeError: the hold has ended.
        """
        with self._held():
            return self.slot.command(line, payload)

    def ready(self) -> None:
        """The server is usable: from now on the slot may be used again."""
        self._ready = True

    @property
    def is_ready(self) -> bool:
        """Whether the server has been usable."""
        return self._ready

    def tamper(self) -> None:
        """Something is about to be done that costs the slot its reuse.

        Raises:
            RuntimeError: the hold has ended.
        """
        with self._held():
            self._spoiled = True

    def check(self) -> None:
        """Refuses what would reach another test's server.

        Raises:
            RuntimeError: the hold has ended.
        """
        with self._held():
            pass

    def at_end(self, what: Callable[[], None]) -> None:
        """Has something done before the server ends.

        Raises:
            RuntimeError: the hold has ended.
        """
        with self._held():
            self._ends.append(what)

    def end(self) -> None:
        """Ends the server: the slot is cleared for the next one, or its container ends."""
        if self._owner != os.getpid():
            return  # a forked child's copy
        with self._lock:
            ends, self._ends = self._ends, []
        try:
            for what in ends:
                what()
        finally:
            self._end()

    def _end(self) -> None:
        with self._lock:
            if self._ended:
                return
            self._ended = True
            if self._spoiled or not self._ready or not self.slot.is_alive():
                self.slot.close()
                return
            try:
                self.slot.clear()
            except Exception:
                self.slot.close()  # the engine went away: nobody is there to be told
                return
        self._give_back(self.slot)

    @contextmanager
    def _held(self) -> Iterator[None]:
        # Before the lock, which a thread that the child does not have may hold.
        if self._owner != os.getpid():
            raise RuntimeError(
                f"the container {self.slot.name} is its holder's, who would not know what this "
                "forked child does to it: a child may connect to the server, or start its own"
            )
        with self._lock:
            if self._ended:
                raise RuntimeError(f"the container {self.slot.name} has been let go with its scope")
            yield


def _ports(at: Engine, name: str, wanted: Sequence[int]) -> dict[int, int]:
    try:
        about = at.request("GET", f"/containers/{name}/json")
    except EngineError as error:
        if error.status != 404:
            raise
        raise ServerDied(f"the container {name} ended at once: {error}") from error
    published = about["NetworkSettings"]["Ports"] or {}
    found = {
        int(port.partition("/")[0]): int(bindings[0]["HostPort"])
        for port, bindings in published.items()
        if bindings
    }
    if not found.keys() >= set(wanted):  # the engine takes them back before it removes the rest
        raise ServerDied(f"the container {name} ended at once: its ports are not published")
    return found

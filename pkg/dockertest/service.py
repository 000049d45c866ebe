"""What a service is: a value that says what to start, and what comes back for it."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Generic, TypeVar

from pkg.dockertest.container import Container
from pkg.dockertest.errors import InvalidOption

R = TypeVar("R")


@dataclass(frozen=True)
class Running:
    """A started container, before anyone has spoken to its server.

    Attributes:
        host: the address at which its ports are published.
        ports: the published port for each port in the container.
        environment: what the server was started with, credentials included.
        container: the container.
    """

    host: str
    ports: Mapping[int, int]
    environment: Mapping[str, str] = field(repr=False)
    container: Container


@dataclass(frozen=True, kw_only=True)
class Server:
    """The connection facts that every service's result has.

    Attributes:
        host: the address to connect to.
        port: the TCP port to connect to.
        container: its logs, and the faults that can be put on it.
    """

    host: str
    port: int
    container: Container = field(repr=False)

    def name(self, x: str) -> str:
        """The name to use for a key, topic, bucket or table called x on this server."""
        return x


class Service(ABC, Generic[R]):
    """A kind of server, with its options. R is what a test gets for it.

    A subclass is a frozen dataclass in a module of its own; its recipe is in
    `recipes/NAME`. Nothing here may import a client library when it is loaded.

    Attributes:
        service: the name of the recipe, the pin and the module.
        ports: the ports that the server listens on, the main one first.
        memory_mb: the container's memory limit in MiB, files in memory included.
        start_seconds: how long the first client operation may take to succeed.
        advertises: whether the server tells its clients where it is, so that its published
            ports must be known before it starts.
        server_options: the options that hold for the whole server, not for one test's part.
    """

    service: ClassVar[str]
    ports: ClassVar[tuple[int, ...]]
    memory_mb: ClassVar[int] = 512
    start_seconds: ClassVar[float] = 30.0
    advertises: ClassVar[bool] = False
    server_options: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def environment(self, ports: Mapping[int, int]) -> dict[str, str]:
        """The server's environment, with new random credentials at each call.

        Args:
            ports: the published port for each port in the container, for servers that tell
                their clients where they are.
        """

    @abstractmethod
    def result(self, running: Running) -> R:
        """The typed result; speaks to nobody."""

    @abstractmethod
    def check(self, server: R) -> None:
        """Completes a first real client operation, or raises whatever its client raises.

        Called again until it succeeds, so it may find what an earlier call has made. A call
        may take one second at most.
        """

    @abstractmethod
    def load(self) -> None:
        """Imports the client library; called while the engine is busy."""


def whole_number(service: str, option: str, value: object, low: int, high: int) -> None:
    """Checks an option.

    Raises:
        InvalidOption: it is not a whole number from low to high; the message names it.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise InvalidOption(
            f"{service}({option}={value!r}): {option} must be a whole number from {low} to {high}"
        )


def matching(service: str, option: str, value: object, pattern: str, what: str) -> None:
    """Checks an option.

    Raises:
        InvalidOption: it is not text that matches the pattern; `what` says what is expected.
    """
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise InvalidOption(f"{service}({option}={value!r}): {option} must be {what}")

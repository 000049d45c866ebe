"""What a service is: a value that says what to start, and what comes back for it."""

import copy
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Self, TypeVar

from pkg.dockertest import image
from pkg.dockertest.container import Container
from pkg.dockertest.engine import Engine
from pkg.dockertest.errors import WrongArgument
from pkg.dockertest.image import Image
from pkg.dockertest.network import Membership, Network
from pkg.dockertest.options import matching, whole_number
from pkg.dockertest.snapshots.content import Content

__all__ = ["Running", "Server", "Service", "matching", "whole_number"]

R = TypeVar("R")

USER = "10001:10001"


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
        prefix: what the names of a shared server's tenant begin with; empty on a fresh server.
    """

    host: str
    port: int
    container: Container = field(repr=False)
    prefix: str = ""

    def name(self, x: str) -> str:
        """The name to use for a key, topic, bucket or table called x on this server."""
        return f"{self.prefix}{x}"


@dataclass(frozen=True, kw_only=True)
class Service(ABC, Generic[R]):
    """A kind of server, with its options. R is what a test gets for it.

    A subclass is a frozen dataclass in a module of its own; its recipe is in
    `recipes/NAME`. Nothing here may import a client library when it is loaded.

    Attributes:
        new_container: gives it a container of its own, which nobody has used and nobody will use
            after it; else it may be a new server in a container that was cleared.
        service: the name of the recipe, the pin and the module.
        ports: the ports that the server listens on, the main one first.
        memory_mb: the container's memory limit in MiB, files in memory included; each place for
            files may take half of it.
        start_seconds: how long the first client operation may take to succeed.
        advertises: whether the server tells its clients where it is, so that its published
            ports must be known before it starts.
        server_options: the options that hold for the whole server, not for one test's part.
        membership: the network that its containers are on, and their name there; no field, so
            that two values that differ in it alone are equal.
        is_proxied: whether clients reach its servers through a proxy; no field either.
    """

    new_container: bool = False

    service: ClassVar[str]
    ports: ClassVar[tuple[int, ...]]
    memory_mb: ClassVar[int] = 512
    start_seconds: ClassVar[float] = 30.0
    advertises: ClassVar[bool] = False
    server_options: ClassVar[tuple[str, ...]] = ()
    membership: ClassVar[Membership | None] = None
    is_proxied: ClassVar[bool] = False  # until proxied() is called

    def __new__(cls, *arguments: object, **_: object) -> Self:
        """Refuses what a marker makes of a class.

        pytest takes one that is a marker's only argument for what is to be marked, and the test
        that stands below becomes the class's argument.

        Raises:
            WrongArgument: it is @pytest.mark.services(Redis) and not Redis().
        """
        if "pytestmark" in vars(cls) and any(map(callable, arguments)):
            name = cls.__name__
            raise WrongArgument(
                f"@pytest.mark.services({name}): a class needs its parentheses: services({name}())"
            )
        return super().__new__(cls)

    @property
    def is_sealed(self) -> bool:
        """Whether whatever its servers may write is in memory, where it can be wiped away."""
        return True

    @property
    def is_whole(self) -> bool:
        """Whether no part of a shared server will do for it."""
        return False

    def on(self, network: Network, name: str) -> Self:
        """The same service, whose containers the others on the network reach by a name.

        They reach it at its own ports, not at the published ones.

        Raises:
            InvalidOption: it cannot be a host's name.
        """
        member = copy.copy(self)
        object.__setattr__(member, "membership", Membership(network, name))
        return member

    def proxied(self) -> Self:
        """The same service, reached through a proxy: its network can be made slow, and be cut.

        Host and port, and whatever is made of them, are those of the proxy, which listens in this
        process and forwards to the published ports; see `Container.slow`, `cut` and `heal`.
        """
        other = copy.copy(self)
        object.__setattr__(other, "is_proxied", True)
        return other

    def find(self, at: Engine) -> Image:
        """The image to run: the prepared one, or a snapshot of it with this value's content.

        Raises:
            ImageUnavailable: it is not here.
            SchemaFailed: it has to be made, and its content could not be put into a server.
        """
        base = image.find(at, self.service)
        content = self.content()
        if content is None:
            return base
        from pkg.dockertest.snapshots import snapshot  # which starts a service

        return snapshot.find(at, self, base, content)

    def content(self) -> Content | None:
        """What has to be in its servers from the start, beside what the prepared image holds.

        Raises:
            InvalidOption: a file cannot be read.
        """
        return None

    def description(self, of: Image) -> dict[str, Any]:
        """What the engine is told of a container, beside its labels, ports and limits: sealed."""
        # Less than all memory: a full disk is the server's to tell, the kernel would just kill it.
        size = (self.memory_mb << 20) // 2
        writable = f"rw,nosuid,nodev,mode=0700,uid=10001,gid=10001,size={size}"
        return {
            "User": USER,
            "HostConfig": {
                "ReadonlyRootfs": True,
                "Tmpfs": dict.fromkeys(("/data", "/tmp", *of.volumes), writable),
                "CapDrop": ["ALL"],
            },
        }

    def archive(self, at: Engine) -> bytes:
        """A tar file for the container's root before it is started; of a service none."""
        return b""

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
        may take one second, or two where the client library knows no less.
        """

    @abstractmethod
    def load(self) -> None:
        """Imports the client library; called while the engine is busy."""

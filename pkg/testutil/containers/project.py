"""The compose project of a checkout: started once, found by its labels.

The engine itself is the record of what runs: ports and credentials are read from the containers,
so no state file can disagree with them. Standard library only.
"""

import fcntl
import json
import os
import shutil
import socket
import subprocess
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from pkg.dockertest import DockertestError, EngineError, Service, checkout, image
from pkg.dockertest.container import Container
from pkg.dockertest.endpoint import home
from pkg.dockertest.engine import PORT_TAKEN, Engine
from pkg.dockertest.image import Image
from pkg.dockertest.service import Running
from pkg.testutil.containers import compose, tenant
from pkg.testutil.containers.turns import Turn

_HOST = "127.0.0.1"
_UP_SECONDS = 300


class ComposeFailed(DockertestError):
    """docker compose is not there, or could not do what it was asked."""


@dataclass(frozen=True)
class Shared:
    """A shared container that runs, and when it was started."""

    service: str
    name: str
    started: str
    image: str
    key: str
    ports: Mapping[int, int]
    environment: Mapping[str, str] = field(repr=False)

    def running(self, engine: Engine) -> Running:
        """What a service's result is made from."""
        container = Container(engine, self.name, self.image)
        return Running(_HOST, self.ports, self.environment, container)


class Project:
    """A checkout's shared containers."""

    def __init__(self, engine: Engine, identity: str | None = None) -> None:
        """Describes the project of this checkout, or of another identity."""
        self.identity = identity or checkout.identity()
        self.name = f"berth-{self.identity}"
        self._labels = ("berth.role=shared", f"berth.checkout={self.identity}")
        self._engine = engine

    def up(self, services: Sequence[Service[Any]]) -> dict[str, Shared]:
        """Starts those of the services that do not run yet, or not as they would be made now.

        One that is replaced is first waited for, until no test uses it.

        Returns:
            those services' containers at least, by the service's name.

        Raises:
            ImageUnavailable: a service's image is not here.
            ComposeFailed: docker compose is not there, or failed.
        """
        images = {one.service: image.find(self._engine, one.service) for one in services}
        wanted = {one.service: compose.key(one, images[one.service]) for one in services}
        running = self.running(wanted)
        if _is_served(wanted, running):
            return running
        with self._lock():
            running = self.running()
            if not _is_served(wanted, running):
                with self._alone_on(wanted, running):
                    self._compose_up(services, images)
                running = self.running()
                if missing := wanted.keys() - running.keys():
                    raise ComposeFailed(
                        f"{', '.join(sorted(missing))} of {self.name} ended as soon as it was "
                        "started, or somebody ended it; see why with: docker logs "
                        f"{self.name}-{min(missing)}-1"
                    )
        return running

    def down(self) -> None:
        """Ends the project's containers and removes its network; needs nothing but the engine."""
        with self._lock():
            for one in self._engine.containers(*self._labels):
                self._engine.remove(f"/containers/{one['Id']}", {"force": 1, "v": 1})
            self._engine.remove(f"/networks/{self.name}_{compose.NETWORK}", {})

    def running(self, only: Collection[str] | None = None) -> dict[str, Shared]:
        """The project's containers that run now, by the service's name.

        Args:
            only: the services to look at; all unless given. Each costs a request.
        """
        found = self._engine.containers(*self._labels, all=False)
        wanted = [one for one in found if only is None or one["Labels"]["berth.service"] in only]
        shared = [one for one in map(self._shared, wanted) if one]
        return {one.service: one for one in shared}

    def _shared(self, listed: Mapping[str, Any]) -> Shared | None:
        """What a listed container is, or None if it has ended since."""
        try:
            about = self._engine.request("GET", f"/containers/{listed['Id']}/json")
        except EngineError as error:
            if error.status == 404:
                return None
            raise
        if not about["State"]["Running"]:
            return None
        published = about["NetworkSettings"]["Ports"] or {}
        return Shared(
            service=listed["Labels"]["berth.service"],
            name=about["Name"].removeprefix("/"),
            started=about["State"]["StartedAt"],
            image=about["Config"]["Image"],
            key=listed["Labels"].get(compose.LABEL_KEY, ""),
            ports={
                int(port.partition("/")[0]): int(bindings[0]["HostPort"])
                for port, bindings in published.items()
                if bindings
            },
            environment=dict(line.split("=", 1) for line in about["Config"]["Env"]),
        )

    @contextmanager
    def _alone_on(self, wanted: Mapping[str, str], running: Mapping[str, Shared]) -> Iterator[None]:
        """Waits until no test uses the servers that are going to be replaced."""
        with ExitStack() as turns:
            for name in sorted(wanted.keys() & running.keys()):
                if running[name].key != wanted[name]:
                    turns.callback(Turn(name, whole=True).end)
            yield

    def _compose_up(self, services: Sequence[Service[Any]], images: Mapping[str, Image]) -> None:
        try:
            self._up(services, images)
        except ComposeFailed as error:
            if not PORT_TAKEN.search(str(error)):
                raise
            # Somebody was faster. Once more, with other ports.
            self._up(services, images)

    def _up(self, services: Sequence[Service[Any]], images: Mapping[str, Image]) -> None:
        running = self.running()
        wanted: list[compose.Wanted] = []
        environment: dict[str, str] = {}
        for service in services:
            # What runs keeps its ports and credentials, so that compose leaves it alone.
            kept = running.get(service.service)
            ports = dict.fromkeys(service.ports, 0)
            if service.advertises:
                # Whoever tells its clients where it is must know that before it starts.
                ports = dict(kept.ports) if kept else {port: _free_port() for port in ports}
            parted = tenant.kind(service)
            variables = type(service)().environment(ports)
            variables |= parted.environment() if parted else {}
            if kept:
                variables |= {k: v for k, v in kept.environment.items() if k in variables}
            environment |= variables
            published = ports if service.advertises else dict.fromkeys(ports, "")
            wanted.append(compose.Wanted(service, images[service.service], variables, published))
        project = compose.project(wanted, _HOST, self.identity)
        self._compose(["up", "--detach", "--no-build", "--pull=never"], project, environment)

    def _compose(
        self, arguments: Sequence[str], project: Mapping[str, Any], environment: Mapping[str, str]
    ) -> None:
        docker = shutil.which("docker")
        if not docker:
            raise ComposeFailed(
                "docker's command line is not on PATH; install it with its compose plugin, or use "
                "./dev test, whose toolbox has both"
            )
        if subprocess.run([docker, "compose", "version"], capture_output=True).returncode:
            raise ComposeFailed(
                f"{docker} has no compose plugin; install it (Docker's own packages: "
                "docker-compose-plugin, Ubuntu: docker-compose-v2, Debian 13: docker-compose, "
                "which is no plugin before), or use Berth's ./dev test, whose toolbox has it"
            )
        done = subprocess.run(
            [docker, "compose", "--file=-", "--project-name", self.name, *arguments],
            env={
                **os.environ,
                "HOME": str(home()),
                **self._engine.endpoint.environ(),
                # The project is what is wanted now; what else runs is left alone.
                "COMPOSE_IGNORE_ORPHANS": "true",
                **environment,
            },
            input=json.dumps(project),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_UP_SECONDS,
        )
        if done.returncode:
            raise ComposeFailed(
                f"docker compose {arguments[0]} of {self.name} failed with status "
                f"{done.returncode}:\n{done.stdout.strip()[-2000:]}\n"
                f"see what is missing with: {checkout.doctor()}"
            )

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """One at a time: a lock on the compose file, which needs no writable directory."""
        with open(compose.TEMPLATE, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _is_served(wanted: Mapping[str, str], running: Mapping[str, Shared]) -> bool:
    return all(name in running and running[name].key == key for name, key in wanted.items())


def _free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])

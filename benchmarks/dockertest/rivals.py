"""The rivals' ways, on our source images: testcontainers, docker compose, docker run.

testcontainers' reaper is left out (TESTCONTAINERS_RYUK_DISABLED), which is to its advantage.
"""

import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks import work
from benchmarks.dockertest import litter
from benchmarks.dockertest.plain import HOST, Plain, free_port, is_built, plain
from benchmarks.dockertest.way import Started, Way
from pkg.dockertest import endpoint

# Before its first import. Published ports are at 127.0.0.1, in the toolbox, too: it has the host's
# network.
os.environ["TESTCONTAINERS_RYUK_DISABLED"] = "true"
os.environ["TESTCONTAINERS_CONNECTION_MODE"] = "docker_host"

_END_SECONDS = "10"
_UP_SECONDS = 120


def testcontainers(service: str) -> Started:
    """testcontainers-python's own module for the service, or a container with a wait for a line."""
    port = free_port()
    wanted = plain(service, port)
    container = _CONTAINERS.get(service, _any)(wanted, port)
    container.with_kwargs(network="bridge", labels=litter.labels())
    container.start()
    try:
        server = wanted.server([int(container.get_exposed_port(each)) for each in wanted.ports])
        work.answers(service, server)
    except BaseException:
        container.stop()
        raise
    made = container.get_wrapped_container().id
    return Started(server, container.stop, lambda: litter.gone(made))


def run(service: str) -> Started:
    """`docker run`, and a client that asks until it is answered: there is no less to do."""
    port = free_port()
    wanted = plain(service, port)
    published = _published(wanted, port)
    options = [f"--label={name}={value}" for name, value in litter.labels().items()]
    options += [f"--env={name}={value}" for name, value in wanted.environment.items()]
    options += [f"--publish={each}" for each in _bindings(wanted, published)]
    made = _docker(["run", "--detach", *options, wanted.image, *wanted.command]).strip()
    server = wanted.server(published)
    try:
        work.answers(service, server)
    except BaseException:
        litter.remove(made)
        raise
    return Started(
        server,
        lambda: _discard(_docker(["rm", "--force", "--volumes", made])),
        lambda: litter.gone(made),
    )


def compose(service: str) -> Started:
    """`docker compose up --wait` with a health check twice a second, then the same client."""
    port = free_port()
    wanted = plain(service, port)
    published = _published(wanted, port)
    project = json.dumps(_project(wanted, published))
    name = f"berth-benchmark-{secrets.token_hex(6)}"
    command = ["compose", "--file=-", f"--project-name={name}"]
    down = [*command, "down", "--volumes", f"--timeout={_END_SECONDS}"]
    server = wanted.server(published)
    try:
        _docker([*command, "up", "--detach", "--wait", "--quiet-pull"], project)
        work.answers(service, server)
    except BaseException:
        _docker(down, project)
        raise
    return Started(server, lambda: _discard(_docker(down, project)), lambda: None)


def has_docker() -> bool:
    """Whether docker's command line is here."""
    return shutil.which("docker") is not None


def has_compose() -> bool:
    """Whether it has compose."""
    if not has_docker():
        return False
    done = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
    return done.returncode == 0


def _project(wanted: Plain, published: Sequence[int]) -> dict[str, Any]:
    labels = litter.labels()
    # Compose takes $ for a variable.
    check = {"test": ["CMD", "bash", "-c", wanted.health.replace("$", "$$")]}
    server: dict[str, Any] = {
        "image": wanted.image,
        "environment": dict(wanted.environment),
        "labels": labels,
        "ports": _bindings(wanted, published),
        "healthcheck": {**check, "interval": "500ms", "timeout": "5s", "retries": 200},
    }
    if wanted.command:
        server["command"] = [word.replace("$", "$$") for word in wanted.command]
    return {"services": {"server": server}, "networks": {"default": {"labels": labels}}}


def _published(wanted: Plain, port: int) -> list[int]:
    return [port, *(free_port() for _ in wanted.ports[1:])]


def _bindings(wanted: Plain, published: Sequence[int]) -> list[str]:
    pairs = zip(published, wanted.ports, strict=True)
    return [f"{HOST}:{outside}:{inside}" for outside, inside in pairs]


def _docker(arguments: Sequence[str], text: str | None = None) -> str:
    done = subprocess.run(
        ["docker", *arguments],
        env={**os.environ, **endpoint.find().environ()},
        input=text,
        capture_output=True,
        text=True,
        timeout=_UP_SECONDS,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"docker {' '.join(arguments[:4])} failed: {done.stderr[-1000:]}")
    return done.stdout


def _discard(_said: str) -> None:
    pass


def _redis(wanted: Plain, _port: int) -> Any:
    from testcontainers.community.redis import RedisContainer

    return RedisContainer(wanted.image, password=wanted.facts["password"])


def _mysql(wanted: Plain, _port: int) -> Any:
    from testcontainers.community.mysql import MySqlContainer

    known = wanted.facts
    container = MySqlContainer(
        wanted.image,
        username=known["user"],
        password=known["password"],
        root_password=known["password"],
        dbname=known["database"],
    )
    if is_built("mysql"):
        # Its own pattern expects two starts, as the published image makes them.
        container.wait_strategy_check_string = ".*: ready for connections.*"
    return container.with_command(list(wanted.command)) if wanted.command else container


def _clickhouse(wanted: Plain, _port: int) -> Any:
    from testcontainers.community.clickhouse import ClickHouseContainer

    container = ClickHouseContainer(
        wanted.image, username=wanted.facts["user"], password=wanted.facts["password"]
    )
    return container.with_command(list(wanted.command)) if wanted.command else container


def _s3(wanted: Plain, _port: int) -> Any:
    from testcontainers.community.minio import MinioContainer

    known = wanted.facts
    container = MinioContainer(
        wanted.image, access_key=known["access_key_id"], secret_key=known["secret_access_key"]
    )
    # Its own names of the credentials are those of earlier versions.
    return container.with_envs(**wanted.environment).with_command(list(wanted.command))


def _any(wanted: Plain, port: int) -> Any:
    """Kafka: the module's image is another one, whose scripts it needs."""
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.wait_strategies import LogMessageWaitStrategy

    container = DockerContainer(wanted.image).with_envs(**wanted.environment)
    if wanted.command:
        container = container.with_command(list(wanted.command))
    return container.with_bind_ports(wanted.ports[0], port).waiting_for(
        LogMessageWaitStrategy(wanted.ready_line)
    )


_CONTAINERS: Mapping[str, Callable[[Plain, int], Any]] = {
    "redis": _redis,
    "mysql": _mysql,
    "clickhouse": _clickhouse,
    "s3": _s3,
}

TESTCONTAINERS = Way("testcontainers", testcontainers)
COMPOSE = Way("compose up --wait", compose)
RUN = Way("docker run", run)

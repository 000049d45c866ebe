"""What holds for every service alike. A new one is covered by its line in services.bzl."""

import dataclasses
import errno
from typing import Any

import pytest

from pkg.dockertest import (
    NotReady,
    Scope,
    Server,
    ServerDied,
    Service,
    catalog,
    engine,
)
from pkg.testutil import eventually, usable

SERVICES = [catalog.service_class(name) for name in catalog.names()]

pytestmark = pytest.mark.parametrize("service", SERVICES, ids=lambda one: one.service)


def inspected(server: Server) -> dict[str, Any]:
    about: dict[str, Any] = engine.connect().request(
        "GET", f"/containers/{server.container.name}/json"
    )
    return about


def names_of_containers() -> set[str]:
    return {name for one in engine.connect().containers("berth") for name in one["Names"]}


def secrets_of(server: Server) -> list[str]:
    """The values that the result keeps out of its repr."""
    values = [
        getattr(server, field.name)
        for field in dataclasses.fields(server)
        if not field.repr and field.name not in ("container", "administrator")
    ]
    return [str(value) for value in values if value]  # a server of one's own has no prefix


def test_ready_means_usable(dockertest: Scope, service: type[Service[Any]]) -> None:
    """The first client operation after start() succeeds."""
    value = service()
    value.check(dockertest.start(value))


def test_two_starts_are_two_servers(dockertest: Scope, service: type[Service[Any]]) -> None:
    """Started side by side, they differ in port and container, and neither takes the other's
    credentials."""
    one, other = dockertest.start(service(), service())
    assert one.port != other.port
    assert one.container.name != other.container.name
    mixed = dataclasses.replace(one, port=other.port)
    with pytest.raises(Exception, match=r"(?i)pass|auth|access|signature|denied|exist"):
        service().check(mixed)


def test_only_loopback_reaches_it(dockertest: Scope, service: type[Service[Any]]) -> None:
    """Every port is published on 127.0.0.1 and nowhere else."""
    ports = inspected(dockertest.start(service()))["NetworkSettings"]["Ports"]
    addresses = {binding["HostIp"] for bindings in ports.values() for binding in bindings or []}
    assert addresses == {"127.0.0.1"}


def test_it_is_sealed(dockertest: Scope, service: type[Service[Any]]) -> None:
    """No root, no capabilities, no writable root, bounded memory and processes, no volume."""
    about = inspected(dockertest.start(service()))
    host = about["HostConfig"]
    assert about["Config"]["User"] == "10001:10001"
    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert host["ReadonlyRootfs"] is True
    assert host["Memory"] == service.memory_mb << 20
    assert host["PidsLimit"] > 0
    assert {mount["Type"] for mount in about["Mounts"]} <= {"tmpfs"}


def test_secrets_stay_out_of_sight(dockertest: Scope, service: type[Service[Any]]) -> None:
    """Credentials are in no repr, log, name or description of the container."""
    server = dockertest.start(service())
    secrets = secrets_of(server)
    assert secrets
    seen = f"{server!r} {inspected(server)!r} {server.container.logs()}"
    assert not [secret for secret in secrets if secret in seen]


def test_it_ends_with_its_scope(service: type[Service[Any]]) -> None:
    """The server has ended soon after the scope, and nobody reaches what comes after it."""
    value = service()
    with Scope() as scope:
        server = scope.start(value)
    eventually(lambda: is_refused(value, server))
    with pytest.raises(RuntimeError, match="let go"):
        server.container.restart()


def test_a_new_container_ends_with_its_scope(service: type[Service[Any]]) -> None:
    """Asked for, the container is one that nobody has used; soon after the scope it is gone."""
    with Scope() as scope:
        old, new = scope.start(service(), service(new_container=True))
        assert new.container.name != old.container.name
        name = f"/{new.container.name}"
        assert name in names_of_containers()
    eventually(lambda: name not in names_of_containers())


def test_a_killed_server_is_told_from_a_running_one_and_comes_back(
    dockertest: Scope, service: type[Service[Any]]
) -> None:
    """kill() ends the server, not the container; restart() brings it back on its port."""
    value = service()
    server = dockertest.start(value)
    assert server.container.ended() is None
    server.container.kill()
    assert server.container.ended() == "signal 9"
    server.container.restart()

    usable(value, server)
    assert server.container.ended() is None


def test_a_paused_server_answers_after_resume(
    dockertest: Scope, service: type[Service[Any]]
) -> None:
    """pause() stops it where it is, resume() lets it go on."""
    value = service()
    server = dockertest.start(value)
    server.container.pause()
    # libmariadb and clickhouse-driver know a time-out by its number only.
    with pytest.raises(Exception, match=rf"(?i)time|error: {errno.ETIMEDOUT}|Code: 209"):
        value.check(server)
    server.container.resume()
    usable(value, server)


def test_a_server_that_ends_while_starting_is_named_with_its_last_words(
    dockertest: Scope, service: type[Service[Any]]
) -> None:
    """The error comes at once, with the log's last lines, not after the timeout."""
    value = broken(service)
    with pytest.raises(ServerDied, match=r"ended \(code \d+\); last log lines:\n +\S"):
        dockertest.start(value)
    assert dockertest.started == ()


def test_a_server_that_is_never_ready_is_named_with_the_reason(
    dockertest: Scope, service: type[Service[Any]]
) -> None:
    """The error says how long it waited and what the last attempt said."""

    def refuse(_server: object) -> None:
        raise ConnectionError("not today")

    value = service()
    object.__setattr__(value, "check", refuse)
    # On a machine with other work a JVM takes its time until there is somebody to refuse.
    seconds = 10.0 if service.service == "kafka" else 3.0
    object.__setattr__(value, "start_seconds", seconds)
    said = rf"not ready after {seconds:g} s: ConnectionError: not today"
    with pytest.raises(NotReady, match=said):
        dockertest.start(value)


def test_a_command_in_the_container_gives_output_and_status(
    dockertest: Scope, service: type[Service[Any]]
) -> None:
    """exec() runs as the server's user and keeps the two streams apart."""
    server = dockertest.start(service())
    result = server.container.exec(["sh", "-c", "id -u; echo oops >&2; exit 3"])
    assert (result.status, result.stdout, result.stderr) == (3, "10001\n", "oops\n")


def test_a_command_that_does_not_end_in_time_is_named(
    dockertest: Scope, service: type[Service[Any]]
) -> None:
    """Also one that goes on writing."""
    server = dockertest.start(service())
    with pytest.raises(TimeoutError, match=r"sh did not end in berth-\S+ within 0\.5 s"):
        server.container.exec(["sh", "-c", "while echo x; do sleep 0.1; done"], timeout=0.5)


def is_refused(value: Service[Any], server: Server) -> bool:
    try:
        value.check(server)
    except Exception:
        return True
    return False


def broken(service: type[Service[Any]]) -> Service[Any]:
    """The service with an environment in which its server cannot start."""
    value = service()
    environment = dict.fromkeys(value.environment(dict.fromkeys(value.ports, 1)), "")
    object.__setattr__(value, "environment", lambda _ports: environment)
    return value

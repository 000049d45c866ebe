"""What goes wrong with a server is said at once, by name and in the server's or the kernel's own
words; for every service alike. A new one is covered by its line in services.bzl."""

import re
import time
from typing import Any

import pytest

from pkg.dockertest import (
    EngineError,
    ImageUnavailable,
    Scope,
    Server,
    ServerDied,
    Service,
    catalog,
    engine,
    image,
    plugin,
)
from pkg.dockertest.container import Container
from pkg.dockertest.engine import Engine
from pkg.testutil import eventually, usable

SERVICES = [catalog.service_class(name) for name in catalog.names()]

pytestmark = pytest.mark.parametrize("service", SERVICES, ids=lambda one: one.service)

START_SECONDS = 29.0  # not the usual ones, so that it is never one that was started ahead
SOON = 20.0  # seconds, on a machine with much else to do; a start's time-out is 30
OUT_OF_MEMORY = r"out of memory \(limit \d+ MiB\)"
LESS_MB = 512  # of memory, which is used up sooner
TAKEN = "driver failed: Bind for 127.0.0.1:49153 failed: port is already allocated"

# The server is the first process's oldest child. If that is the shell itself, there is none.
FIND = "server=$(ls /proc | grep -x '[0-9]*' | sort -n | sed -n 2p); [ $server = $$ ] && exit"
# Files are memory that no process is blamed for: the largest one is killed, which is the server.
USE_UP_MEMORY = f"""
{FIND}; i=0
while kill -0 $server 2>/dev/null && [ $i -lt 1000 ]; do
    head -c 8388608 /dev/zero > /data/filling$i; head -c 8388608 /dev/zero > /tmp/filling$i
    i=$((i + 1))
done 2>/dev/null
"""


class BusyPorts(Engine):
    """An engine that finds the port that it chose taken, so many times."""

    def __init__(self, times: int) -> None:
        super().__init__(engine.connect().endpoint)
        self.times = times

    def request(self, method: str, path: str, *rest: Any, **more: Any) -> Any:
        if path.endswith("/start") and path.startswith("/containers/") and self.times:
            self.times -= 1
            raise EngineError(f"the Docker Engine refused {method} {path}: {TAKEN}", 500)
        return super().request(method, path, *rest, **more)


def run(container: Container, script: str) -> None:
    container.exec(["sh", "-c", script])


def changed(service: type[Service[Any]], **attributes: Any) -> Service[Any]:
    """The service, in a new container, with attributes of its value that are no options."""
    value = service(new_container=True)
    for name, attribute in {"start_seconds": START_SECONDS, **attributes}.items():
        object.__setattr__(value, name, attribute)
    return value


def with_disk_of(size: int, service: type[Service[Any]]) -> Service[Any]:
    """The service with so many bytes for its files, wherever they are."""

    def description(of: image.Image) -> dict[str, Any]:
        described = service().description(of)
        places = described["HostConfig"]["Tmpfs"]
        for place, options in places.items():
            places[place] = re.sub(r"size=\d+", f"size={size}", options)
        return described

    return changed(service, description=description)


def test_a_full_disk_while_starting_is_named(
    dockertest: Scope, service: type[Service[Any]]
) -> None:
    """By whoever met it, at once; a server that needs no more is usable all the same."""
    value = with_disk_of(16384, service)
    said = ""
    began = time.monotonic()
    try:
        value.check(dockertest.start(value))
    except Exception as error:
        said = str(error)
    assert time.monotonic() - began < SOON
    assert not said or re.search(r"(?i)no space left|storage full|minimum free", said)


def test_running_out_of_memory_while_starting_is_named(
    dockertest: Scope, service: type[Service[Any]]
) -> None:
    """With the limit that was met."""

    def crowd(server: Server) -> None:
        run(server.container, USE_UP_MEMORY)
        raise ConnectionError("crowded out")

    value = changed(service, check=crowd, memory_mb=min(service.memory_mb, LESS_MB))
    began = time.monotonic()
    with pytest.raises(ServerDied, match=rf"ended \(.*{OUT_OF_MEMORY}.*\); last log lines:"):
        dockertest.start(value)
    assert time.monotonic() - began < SOON


def test_running_out_of_memory_while_used_is_told_from_a_kill(
    dockertest: Scope, service: type[Service[Any]]
) -> None:
    """The section of a failed test's report says so, too."""
    server = dockertest.start(changed(service, memory_mb=min(service.memory_mb, LESS_MB)))
    run(server.container, USE_UP_MEMORY)
    eventually(lambda: server.container.ended() is not None, within=SOON)
    ended = server.container.ended()
    assert re.fullmatch(rf"signal 9, {OUT_OF_MEMORY}", ended or "")
    assert plugin.section(dockertest.started[0])[0].endswith(f", which ended ({ended})")


@pytest.mark.parametrize("fault", ["KILL", "ABRT"])
def test_a_server_that_dies_while_used_is_named_in_the_report(
    dockertest: Scope, service: type[Service[Any]], fault: str
) -> None:
    """Killed from within, or by its own crash; its log is there still."""
    server = dockertest.start(service())
    run(server.container, f"{FIND}; kill -{fault} $server")
    eventually(
        lambda: server.container.ended() is not None, within=SOON
    )  # ClickHouse takes ten for its words
    ended = server.container.ended()
    assert re.fullmatch(r"signal \d+|code [1-9]\d*", ended or "")
    title, log = plugin.section(dockertest.started[0])
    assert title == f"log of {service.service}, {server.container.name}, which ended ({ended})"
    assert log


def test_a_port_that_somebody_was_faster_at_is_not_insisted_on(
    service: type[Service[Any]],
) -> None:
    """The engine chooses another one."""
    value = changed(service)
    with Scope(lambda: BusyPorts(times=2)) as scope:
        usable(value, scope.start(value))


def test_ports_that_are_always_taken_are_named(service: type[Service[Any]]) -> None:
    """In the engine's words, and nothing is left of what could not be started."""
    with Scope(lambda: BusyPorts(times=100)) as scope:
        with pytest.raises(EngineError, match=f"refused POST /containers/berth-.*{TAKEN}"):
            scope.start(changed(service))
        assert scope.started == ()


def test_an_image_of_another_service_is_named(
    dockertest: Scope, service: type[Service[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, with both names."""
    other = next(one.service for one in SERVICES if one is not service)
    variable = image.override_variable(service.service)
    monkeypatch.setenv(variable, image.find(engine.connect(), other).name)
    said = f"{variable}=berth/{other}:.* was made for {other}, not for {service.service}"
    with pytest.raises(ImageUnavailable, match=said):
        dockertest.start(changed(service))


def test_an_image_without_the_server_is_named(
    dockertest: Scope, service: type[Service[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words are the shell's, the variable is the one that asked for it."""
    other = next(one.service for one in SERVICES if one is not service)
    name = image.find(engine.connect(), other).name
    value = changed(service, find=lambda _at: image.Image(name, ()))
    monkeypatch.setenv(image.override_variable(service.service), "somebody/else:1")
    with pytest.raises(ServerDied, match=r"_[A-Z0-9]+=somebody/else:1\) ended \(code \d+\); last"):
        dockertest.start(value)

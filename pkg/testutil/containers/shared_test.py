"""The shared containers: the same values and results, on servers that others use too."""

import re
import secrets
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from pkg.dockertest import EngineError, InvalidOption, Service, engine, image
from pkg.dockertest.engine import Engine
from pkg.dockertest.kafka import Kafka
from pkg.dockertest.redis import Redis
from pkg.dockertest.s3 import S3
from pkg.testutil import eventually
from pkg.testutil.containers import ComposeFailed, Containers, Project, TurnTimeout
from pkg.testutil.containers.__main__ import main, services
from pkg.testutil.containers.turns import Turn


@pytest.fixture
def project() -> Iterator[Project]:
    """A project of this test's own."""
    made = Project(engine.connect(), f"test{secrets.token_hex(4)}")
    yield made
    made.down()


def test_each_start_is_a_part_of_the_same_server(containers: Containers) -> None:
    """Which keeps what was written until the test ends, for it alone."""
    one, other = containers.start(Redis()), containers.start(Redis())
    one.client().set(one.name("greeting"), "hello")
    assert other.client().get(other.name("greeting")) is None
    assert one.client().get(one.name("greeting")) == b"hello"
    assert one.container.name == other.container.name


def test_a_shared_s3_has_the_buckets_that_were_asked_for(containers: Containers) -> None:
    """By the names that the test's part of the server has for them."""
    s3, redis = containers.start(S3(buckets=["invoices"]), Redis())
    assert s3.client().bucket_exists(s3.name("invoices"))
    assert redis.client().ping()


def test_a_shared_kafka_tells_its_clients_its_published_port(containers: Containers) -> None:
    """It was chosen before the container was made, so that the server could be told."""
    kafka = containers.start(Kafka())
    brokers = kafka.client().list_topics(timeout=10.0).brokers.values()
    assert [f"{one.host}:{one.port}" for one in brokers] == [kafka.bootstrap_servers]


def test_a_chosen_port_that_was_taken_meanwhile_is_chosen_anew(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else may be faster between the choice and compose."""
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        socket.create_server(("127.0.0.1", 0)) as free,
    ):
        ports = [one.getsockname()[1] for one in (taken, free)]
        free.close()
        monkeypatch.setattr("pkg.testutil.containers.project._free_port", iter(ports).__next__)
        assert project.up([Kafka()])["kafka"].ports == {9092: ports[1]}


def test_an_option_of_the_whole_server_is_refused(containers: Containers) -> None:
    """It would change the server under other tests; the message says what to do instead."""
    with pytest.raises(InvalidOption, match=r"dockertest\.start\(Redis\(maxmemory_mb=8\)\)"):
        containers.start(Redis(maxmemory_mb=8))


def test_faults_are_refused_on_a_shared_server(containers: Containers) -> None:
    """They would hit other tests."""
    with pytest.raises(InvalidOption, match="shared with other tests"):
        containers.start(Redis()).container.pause()


def test_shared_ports_are_published_on_loopback_only(containers: Containers) -> None:
    """As those of fresh containers are."""
    for server in containers.start(Redis(), S3()):
        about = engine.connect().request("GET", f"/containers/{server.container.name}/json")
        bindings = about["NetworkSettings"]["Ports"].values()
        assert [one["HostIp"] for published in bindings for one in published] == ["127.0.0.1"]


def test_many_that_start_the_project_at_once_start_it_once(project: Project) -> None:
    """Under the lock, the first starts it and the others find it."""
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: project.up([Redis()]), range(4)))
    assert len({one["redis"].name for one in found}) == 1
    assert len({one["redis"].environment["REDIS_PASSWORD"] for one in found}) == 1


def test_a_service_that_is_added_leaves_the_running_one_alone(project: Project) -> None:
    """Neither its container nor its credentials change."""
    before = project.up([Redis()])["redis"]
    after = project.up([Redis(), S3()])
    assert after["redis"] == before
    assert set(after) == {"redis", "s3"}


def test_a_server_is_not_replaced_under_a_test(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the pins have changed, the new one comes when those who use the old one are done."""
    done: list[str] = []
    compose_up = project._compose_up

    def replace(*words: Any) -> None:
        done.append("replaced")
        compose_up(*words)

    old = project.up([Redis()])["redis"]
    repository, _, tag = old.image.rpartition(":")
    other = f"{repository}:{tag}-{project.identity}"
    at = engine.connect()
    query: dict[str, str | int] = {"repo": repository, "tag": f"{tag}-{project.identity}"}
    at.request("POST", f"/images/{old.image}/tag", query)
    try:
        monkeypatch.setattr(image, "find", lambda _at, _service: image.Image(other, ()))
        monkeypatch.setattr(project, "_compose_up", replace)
        used = Turn("redis", whole=False)
        with ThreadPoolExecutor(1) as pool:
            replaced = pool.submit(project.up, [Redis()])
            eventually(someone_waits_for_it_whole)
            assert project.running()["redis"] == old
            done.append("used")
            used.end()
            assert replaced.result(timeout=60)["redis"].image == other
        assert done == ["used", "replaced"]
    finally:
        project.down()
        at.request("DELETE", f"/images/{other}")


def test_servers_in_use_are_not_ended_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    """Who uses one would not find the next one, and is named instead."""
    with Containers() as containers:
        containers.start(Redis())
        assert main(["down"]) == 1
    said = capsys.readouterr().err
    assert re.fullmatch(r"nothing was ended: .*\bredis\b.*: used by a test.*\n", said)
    assert "redis" in Project(engine.connect()).running()


def someone_waits_for_it_whole() -> bool:
    """In the door, where nobody passes."""
    try:
        Turn("redis", whole=False, seconds=0.02).end()
    except TurnTimeout:
        return True
    return False


@pytest.mark.parametrize("service", services(), ids=lambda one: one.service)
def test_a_shared_server_has_the_limits_of_a_fresh_one(
    containers: Containers, service: Service[Any]
) -> None:
    """Memory, and what it may write to, declared volumes included."""
    at = engine.connect()
    about = at.request("GET", f"/containers/{containers.start(service).container.name}/json")
    fresh = service.description(image.find(at, service.service))["HostConfig"]["Tmpfs"]
    assert about["HostConfig"]["Tmpfs"] == fresh
    assert about["HostConfig"]["ReadonlyRootfs"]
    assert about["HostConfig"]["Memory"] == service.memory_mb << 20


@pytest.mark.parametrize("about", [None, {"State": {"Running": False}}])
def test_what_ends_while_it_is_looked_at_does_not_run(about: dict[str, Any] | None) -> None:
    """Somebody's `down`, between the engine's list and its description."""

    class Ending(Engine):
        def request(self, method: str, path: str, *more: Any, **named: Any) -> Any:
            if path == "/containers/json":
                return [{"Id": "x", "Labels": {"berth.service": "redis"}}]
            if about is None:
                raise EngineError("no such container", 404)
            return about

    assert Project(Ending(engine.connect().endpoint)).running() == {}


def test_what_is_down_is_gone(project: Project) -> None:
    """Containers and network."""
    project.up([Redis()])
    project.down()
    at = engine.connect()
    assert at.containers(f"berth.checkout={project.identity}") == []
    query: dict[str, str | int] = {
        "filters": engine.filters(label=[f"berth.checkout={project.identity}"])
    }
    assert at.request("GET", "/networks", query) == []


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("", r"docker's command line is not on PATH.*\./dev test"),
        ("exit 1", r"docker has no compose plugin; install it.*\./dev test"),
        ('[ "$2" = version ] || { echo no room; exit 3; }', r"failed with status 3:\nno room\nsee"),
    ],
    ids=["no docker", "no compose", "compose fails"],
)
def test_a_compose_that_is_not_there_or_fails_is_named(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, words: str
) -> None:
    """With its own words, or what to install."""
    if script:
        program = tmp_path / "docker"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    with monkeypatch.context() as patched:
        patched.setenv("PATH", str(tmp_path))
        with pytest.raises(ComposeFailed, match=words):
            project.up([Redis()])


def test_up_knows_every_service() -> None:
    """One value for each pin."""
    assert [one.service for one in services()] == [name for name in image.pins() if name != "base"]

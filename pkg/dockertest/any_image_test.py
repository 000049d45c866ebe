"""A server from any image has the lease and the promises of those that have a module."""

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from pkg.dockertest import ImageUnavailable, InvalidOption, NotReady, Scope, ServerDied, engine
from pkg.dockertest.any_image import Container, ContainerServer
from pkg.dockertest.foreign_redis import COMMAND, answers, ask, redis, source
from pkg.testutil import eventually

NOBODY = "65534:65534"
START = f"exec {' '.join(COMMAND)}"


def shell(script: str, **options: Any) -> Container:
    """Redis, started by a shell script."""
    return redis(**{"command": ["sh", "-c", script], **options})


def inspected(server: ContainerServer) -> dict[str, Any]:
    path = f"/containers/{server.container.name}/json"
    about: dict[str, Any] = engine.connect().request("GET", path)
    return about


def output(server: ContainerServer, *command: str) -> str:
    result = server.container.exec(command)
    assert result.status == 0, result.stderr
    return result.stdout


@pytest.fixture
def with_volume() -> Iterator[str]:
    """An image that declares a volume, with a file of nobody's in it."""
    at = engine.connect()
    name = f"berth/test-volume:{secrets.token_hex(6)}"
    with Scope() as scope:
        made = scope.start(redis())
        output(made, "sh", "-c", f"mkdir /kept && echo x > /kept/x && chown -R {NOBODY} /kept")
        repository, _, tag = name.partition(":")
        query: engine.Query = {"container": made.container.name, "repo": repository, "tag": tag}
        changes = {"changes": "VOLUME /kept\nLABEL berth=image"}
        at.request("POST", "/commit", {**query, **changes})
    yield name
    at.request("DELETE", f"/images/{name}", {"force": 1})


def test_ready_means_usable(dockertest: Scope) -> None:
    """What ready did succeeds again, on two servers that know nothing of each other."""
    one, other = dockertest.start(redis(), redis())
    assert one.port != other.port
    assert one.ports == {6379: one.port}
    assert ask(one, "SET", "a", "1") == "+OK\r\n"
    assert ask(other, "GET", "a") == "$-1\r\n"


def test_it_is_on_loopback_and_bounded(dockertest: Scope) -> None:
    """Like every other container; its root is its own, and the image's health check is off."""
    about = inspected(dockertest.start(redis(memory_mb=256)))
    host, ports = about["HostConfig"], about["NetworkSettings"]["Ports"]
    assert {one["HostIp"] for bound in ports.values() for one in bound or []} == {"127.0.0.1"}
    assert host["Memory"] == host["MemorySwap"] == 256 << 20
    assert host["PidsLimit"] > 0
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert about["Config"]["Healthcheck"] == {"Test": ["NONE"]}
    assert about["Config"]["Labels"]["berth"] == "container"


def test_environment_and_files_are_there_and_out_of_sight(dockertest: Scope) -> None:
    """Values are in no description of the container, and no repr."""
    env, text, binary = (secrets.token_hex(8) for _ in range(3))
    value = shell(
        f"/opt/new/say; {START}",
        env={"A_SECRET": env},
        files={
            "/etc/berth-test.conf": text,
            "/opt/new/raw": bytes.fromhex(binary),
            "/opt/new/say": '#!/bin/sh\necho "it says $A_SECRET"\n',
        },
        user=NOBODY,
    )
    server = dockertest.start(value)
    eventually(lambda: server.container.logs().startswith(f"it says {env}\n"))
    assert output(server, "cat", "/etc/berth-test.conf") == text
    assert output(server, "od", "-An", "-tx1", "/opt/new/raw").replace(" ", "").strip() == binary
    seen = f"{value!r} {server!r} {inspected(server)!r}"
    assert not [secret for secret in (env, text, binary) if secret in seen]


def test_its_environment_comes_before_the_images(dockertest: Scope) -> None:
    """The image sets PATH; a program looks at the first of two."""
    path = "/nowhere:/usr/local/bin:/usr/bin:/bin"
    script = f"env | grep -c ^PATH=; echo $PATH; {START}"
    server = dockertest.start(shell(script, env={"PATH": path}))
    eventually(lambda: server.container.logs().splitlines()[:2] == ["1", path])


def test_directories_that_are_there_keep_their_modes(dockertest: Scope) -> None:
    """A file in /tmp does not take /tmp from others."""
    server = dockertest.start(redis(files={"/tmp/x": "x"}))
    assert output(server, "stat", "-c", "%a", "/tmp").strip() == "1777"


def test_tmpfs_is_memory_that_everyone_writes_to(dockertest: Scope) -> None:
    """As large as the container's memory."""
    server = dockertest.start(redis("--dir", "/data", tmpfs=["/data"], user=NOBODY))
    assert output(server, "stat", "-f", "-c", "%T", "/data").strip() == "tmpfs"
    assert ask(server, "SAVE") == "+OK\r\n"


def test_a_declared_volume_is_the_images_and_goes_with_the_container(with_volume: str) -> None:
    """Contents and owner are as in the image; the volume is ours by its label."""
    with Scope() as scope:
        server = scope.start(
            Container(image=with_volume, port=6379, command=COMMAND, ready=answers)
        )
        assert output(server, "stat", "-c", "%u:%g", "/kept/x").strip() == NOBODY
        (mount,) = inspected(server)["Mounts"]
    path = f"/volumes/{mount['Name']}"
    query: engine.Query = {"filters": engine.filters(name=[mount["Name"]])}

    def is_gone() -> None:
        assert not engine.connect().request("GET", "/volumes", query)["Volumes"], path

    eventually(is_gone, within=2.0)


def test_a_killed_server_comes_back_with_its_files(dockertest: Scope) -> None:
    """kill, restart and pause act on it as on any other."""
    server = dockertest.start(redis(files={"/etc/berth-test.conf": "kept"}))
    server.container.kill()
    assert server.container.ended() == "signal 9"
    server.container.restart()

    def is_back() -> None:
        try:
            assert answers(server)
        except OSError as error:
            raise AssertionError("not back yet") from error

    eventually(is_back)
    assert output(server, "cat", "/etc/berth-test.conf") == "kept"
    server.container.pause()
    with pytest.raises(TimeoutError):
        answers(server)
    server.container.resume()
    assert answers(server)


def test_a_server_that_ends_is_named_with_its_last_words(dockertest: Scope) -> None:
    """At once, not when the time is up."""
    words = r"container from \S+ ended \(code 3\); .*:\n +no such bed"
    with pytest.raises(ServerDied, match=words):
        dockertest.start(shell("echo no such bed; exit 3"))


def test_a_program_that_the_image_lacks_is_named(dockertest: Scope) -> None:
    """In the log, by the first process."""
    with pytest.raises(ServerDied, match="cannot run redis-cluster-server: No such file"):
        dockertest.start(redis(command=["redis-cluster-server"]))


@pytest.mark.parametrize("answer", [False, 0, ""])
def test_a_server_that_is_never_ready_is_named_with_the_answer(
    dockertest: Scope, answer: object
) -> None:
    """Anything false but None says no."""
    with pytest.raises(NotReady, match=rf"not ready after 0\.3 s: NotYet: .* {answer!r}"):
        dockertest.start(redis(ready=lambda _server: answer, start_seconds=0.3))


def test_ready_may_return_nothing(dockertest: Scope) -> None:
    """It has not raised."""
    asked: list[ContainerServer] = []
    assert dockertest.start(redis(ready=asked.append)) in asked


def test_an_image_that_nobody_has_is_named_with_the_next_step(dockertest: Scope) -> None:
    """After asking its registry, of which there is none here."""
    value = Container(image="127.0.0.1:1/none:1", port=80, ready=answers)
    with pytest.raises(ImageUnavailable, match=r"image='127.0.0.1:1/none:1'.*: docker images"):
        dockertest.start(value)


def test_an_image_without_a_program_is_named(dockertest: Scope) -> None:
    """Packages alone say nothing of what to start."""
    about = engine.connect().image(source())
    if not about or about["Config"]["Cmd"] or about["Config"]["Entrypoint"]:
        pytest.skip("this Redis image starts by itself")
    with pytest.raises(InvalidOption, match="names no program to start"):
        dockertest.start(redis(command=None))


def test_a_sealed_one_is_used_again_wiped_clean() -> None:
    """The next server is in the same container, with other files in memory and nothing else."""
    value = redis("--dir", "/tmp", sealed=True, user="1000", files={"/etc/x": "y"})
    with Scope() as scope:
        old = scope.start(value)
        ask(old, "SET", "left", "x")
        ask(old, "SAVE")
    with Scope() as scope:
        new = scope.start(value)
        assert (new.container.name, new.port) == (old.container.name, old.port)
        assert ask(new, "DBSIZE") == ":0\r\n"
        found = new.container.exec(["sh", "-c", "ls -A /tmp; cat /etc/x; id -u; touch /etc/z"])
        assert (found.stdout, found.status) == ("y1000\n", 1)
    with Scope() as scope:
        assert scope.start(value).container.name != old.container.name  # exec was tampering


def test_one_that_is_not_sealed_is_not_used_again() -> None:
    """What its root holds nobody could wipe away."""
    with Scope() as scope:
        old = scope.start(redis())
    with Scope() as scope:
        assert scope.start(redis()).container.name != old.container.name


def test_a_sealed_one_needs_a_user(dockertest: Scope) -> None:
    """As root, it could leave what nobody sees."""
    with pytest.raises(InvalidOption, match=r"as root.*Container\(user="):
        dockertest.start(redis(sealed=True))

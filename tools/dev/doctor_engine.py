"""What doctor finds in the Docker Engine."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pkg.dockertest import endpoint, image
from pkg.dockertest.endpoint import Endpoint
from pkg.dockertest.engine import Engine
from pkg.dockertest.errors import DockertestError, EngineUnavailable, ImageUnavailable
from tools.dev import (
    advice,
    disk,
    engines,
    images,
    images_base,
    images_tools,
    machine,
    owners,
    toolbox,
)
from tools.dev.bazelrc import Bazel
from tools.dev.checkouts import Checkout
from tools.dev.findings import Finding, off, ok, wrong

_MAKE = "./dev images"
_MEGABYTE = 1e6
_END_SECONDS = 3.0
_LOOK_SECONDS = 0.3
_OLDEST_API = (1, 41)  # Docker Engine 20.10
_NAMED_STEP = {
    "DOCKER_HOST": "start that engine, or: unset DOCKER_HOST",
    "": "start that engine, or: docker context use default",
}


def look(checkout: Checkout, bazel: Bazel | None) -> Iterator[Finding]:
    """The engine, and what is in it if it answers."""
    try:
        at = endpoint.find()
    except EngineUnavailable as error:
        state, _, step = str(error).rpartition("; ")
        yield wrong("engine", state, step)
        return
    try:
        engine = engines.find()
        version = engine.request("GET", "/version")
    except DockertestError as error:
        yield silent(at, error)
        return
    yield _version(at, version)
    try:
        yield from _contents(checkout, bazel, engine)
    except DockertestError as error:
        yield wrong("engine", str(error), "./dev doctor")


def silent(at: Endpoint, error: DockertestError) -> Finding:
    """An engine that does not answer: why, and the command that mends it."""
    where = f"{at.host} ({at.source})"
    if isinstance(error.__cause__, PermissionError):
        return wrong("engine", f"no permission to use {where}", advice.permit(at.socket_path))
    reason = getattr(error.__cause__, "strerror", None) or str(error)
    if not engines.is_default(at):
        step = _NAMED_STEP.get(at.source, _NAMED_STEP[""])
        return wrong("engine", f"none answers at {where}: {reason}", step)
    if engines.is_installed():
        return wrong("engine", f"installed, and does not answer at {where}", advice.start())
    return wrong("engine", f"not installed: none answers at {where}", advice.install())


def _version(at: Endpoint, version: dict[str, Any]) -> Finding:
    where = f"{at.host} ({at.source})"
    state = f"{version['Version']} at {where}"
    if version.get("Os", "linux") != "linux":
        return wrong("engine", f"{state} runs no Linux containers", "switch it to Linux containers")
    api = tuple(int(part) for part in str(version["ApiVersion"]).split("."))
    if api < _OLDEST_API:
        return wrong("engine", f"{state} is older than 20.10", advice.install())
    return ok("engine", state)


def _contents(checkout: Checkout, bazel: Bazel | None, engine: Engine) -> Iterator[Finding]:
    toolbox_image = engine.image(images_tools.toolbox_name())
    if bazel is Bazel.TOOLBOX:
        yield _image("toolbox", images_tools.toolbox_name(), toolbox_image)
        yield _toolbox(checkout, engine)
    services = images.services_of_pins()
    prepared = {service: _prepared(engine, service) for service in services}
    yield from prepared.values()
    lacking = [service for service, one in prepared.items() if one.step]
    # What compiles, and the toolbox, is on the default suite's base.
    suites = {None, *(image.pin(service).suite for service in lacking)}
    if (lacking or not toolbox_image) and not all(
        engine.image(images_base.base_name(suite)) for suite in suites
    ):
        yield from _base()
    yield _shared(checkout, engine)
    yield leftovers(checkout, engine)
    data = Path(engine.request("GET", "/info").get("DockerRootDir") or "")
    # An engine elsewhere, or in a virtual machine, has its data root there.
    if data.is_absolute() and data.exists():
        yield disk.room("engine's data", data, "docker system df   # then make room")


def _image(subject: str, name: str, about: dict[str, Any] | None) -> Finding:
    if about is None:
        return wrong(f"image {subject}", "not made yet, or its recipe has changed", _MAKE)
    return ok(f"image {subject}", f"{name} ({about['Size'] / _MEGABYTE:.0f} MB)")


def _prepared(engine: Engine, service: str) -> Finding:
    variable = image.override_variable(service)
    override = os.environ.get(variable)
    # Finding an image by its override would pull it.
    if override and not engine.image(override):
        return off(f"image {service}", f"{variable}={override} is not here; to pull it", _MAKE)
    try:
        name = image.find(engine, service).name
    except ImageUnavailable:
        return _image(service, "", None)
    return _image(service, name, engine.image(name))


def _base() -> Iterator[Finding]:
    """Only asked where an image is still to be made, and so the base may be."""
    mirror = images_base.debian_mirror()
    if mirror and not shutil.which("mmdebstrap"):
        state = "is pulled; where no registry answers it is made with mmdebstrap"
        step = advice.as_root("apt-get install -y mmdebstrap")
        yield off("image base", f"{state}, not installed", step)


def _toolbox(checkout: Checkout, engine: Engine) -> Finding:
    name = toolbox.name(checkout)
    found = toolbox.inspect(checkout, engine)
    if found is None:
        return off("toolbox", "is not there; the next command makes it")
    try:
        host = machine.look(engine.endpoint)
        wanted = toolbox.settings(checkout, engine, host, images_tools.toolbox_name())
    except OSError:  # something that it mounts is gone
        return off("toolbox", f"{name} is outdated; the next command replaces it")
    if not toolbox.is_made_so(found, wanted):
        return off("toolbox", f"{name} is outdated; the next command replaces it")
    if not toolbox.is_current(found, wanted):
        return off("toolbox", f"{name} is stopped; the next command starts it")
    return ok("toolbox", f"{name} is running")


def _shared(checkout: Checkout, engine: Engine) -> Finding:
    running = engine.containers("berth.role=shared", checkout.label, all=False)
    if not running:
        return off("shared", "down; tests that need them start them, as does", "./dev up")
    names = sorted(one["Labels"]["berth.service"] for one in running)
    return ok("shared", f"up: {', '.join(names)}")


def leftovers(
    checkout: Checkout,
    engine: Engine,
    look: Callable[[], owners.Processes] = owners.processes,
    within: float = _END_SECONDS,
) -> Finding:
    """Containers of tests whose processes are gone; there should be none.

    Args:
        within: seconds in which a container may end after its owner.
    """
    deadline = time.monotonic() + within
    while True:
        found = engine.containers("berth.role=dynamic")
        here = look()  # after the list: nothing in it is younger than what is looked at
        lives = [here.owner_lives(one) for one in found]
        left = [one for one, alive in zip(found, lives, strict=True) if alive is False]
        if not left or time.monotonic() >= deadline:
            break
        time.sleep(_LOOK_SECONDS)
    if left:
        names = [one["Names"][0].removeprefix("/") for one in left]
        ours = all(one["Labels"].get("berth.checkout") == checkout.identity for one in left)
        step = f"docker rm --force {' '.join(names)}"
        if not shutil.which("docker"):
            step = "./dev clean" if ours else "./dev clean --all"
        return wrong("leftovers", f"{_count(len(left))} without a living owner", step)
    held = lives.count(True)
    unknown = lives.count(None)
    states = [f"{_count(held)} held by running tests"] if held else []
    states += [f"{_count(unknown)} with an owner on another host"] if unknown else []
    return ok("leftovers", "none" + "".join(f"; {state}" for state in states))


def _count(number: int) -> str:
    return f"{number} container" + ("" if number == 1 else "s")

"""The toolbox: one container per checkout, in which Bazel and everything else runs.

It runs on, so that Bazel's server stays warm. One that was made from another image or with other
settings is replaced.
"""

import json
import os
import pwd
import re
import time
from pathlib import Path
from typing import Any

from pkg.dockertest import image
from pkg.dockertest.engine import Engine, Query
from pkg.dockertest.errors import EngineError
from tools.dev import images_tools
from tools.dev.checkouts import Checkout
from tools.dev.machine import Machine
from tools.dev.problem import Problem
from tools.dev.progress import Progress

PYTHON = "python3.13"
LABEL_SETTINGS = "berth.settings"
_WAIT_SECONDS = 0.5
_OWN_OPTION = re.compile(r" --output_user_root=\S+")


def name(checkout: Checkout) -> str:
    """The container's name."""
    return f"berth-toolbox-{checkout.identity}"


def ensure(checkout: Checkout, engine: Engine, machine: Machine, progress: Progress) -> str:
    """Returns the id of the running toolbox, after making or replacing it where needed.

    Raises:
        ImageUnavailable: its image cannot be made here.
        Problem: the engine does not see this machine's files.
    """
    wanted = settings(checkout, engine, machine, images_tools.ensure_toolbox(engine, progress))
    found = inspect(checkout, engine)
    if found and is_current(found, wanted):
        return str(found["Id"])
    with checkout.lock("toolbox"):
        found = inspect(checkout, engine)
        if found and is_current(found, wanted):
            return str(found["Id"])
        if found and is_made_so(found, wanted):
            engine.request("POST", f"/containers/{found['Id']}/start")
            return str(found["Id"])
        if found:
            progress.say("the toolbox is outdated, and is replaced")
            _wait_until_unused(engine, found, progress)
            remove(engine, found["Id"])
        with progress.step("start the toolbox"):
            return _make(checkout, engine, wanted)


def inspect(checkout: Checkout, engine: Engine) -> dict[str, Any] | None:
    """What the engine knows of the checkout's toolbox, or None."""
    try:
        found = engine.request("GET", f"/containers/{name(checkout)}/json")
    except EngineError as error:
        if error.status == 404:
            return None
        raise
    assert isinstance(found, dict)
    return found


def is_current(found: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether a container runs and was made with the wanted settings."""
    return bool(found["State"]["Running"]) and is_made_so(found, wanted)


def is_made_so(found: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether a container was made with the wanted settings."""
    return _label(found) == _label_of(wanted)


def settings(
    checkout: Checkout, engine: Engine, machine: Machine, toolbox_image: str
) -> dict[str, Any]:
    """The body of the request that makes the container."""
    socket = engine.endpoint.socket_path
    mounts = [_mount(checkout.root), _mount(checkout.caches)]
    mounts += [_mount(path, read_only=True) for path in machine.files]
    for file in ("passwd", "group"):
        source = checkout.cache / "etc" / file
        mounts.append(_mount(source, Path("/etc") / file, read_only=True))
    if socket:
        mounts.append(_mount(socket))
    root = os.getuid() == 0 or _is_rootless(engine)
    body: dict[str, Any] = {
        "Image": toolbox_image,
        "Cmd": ["sleep", "infinity"],
        "User": "0:0" if root else f"{os.getuid()}:{os.getgid()}",
        "WorkingDir": str(checkout.root),
        "Labels": {
            "berth": "container",
            "berth.role": "toolbox",
            "berth.checkout": checkout.identity,
        },
        "HostConfig": {
            "Init": True,
            "NetworkMode": "host",
            "Mounts": mounts,
            "GroupAdd": [] if root or not socket else [str(socket.stat().st_gid)],
        },
    }
    # What was replaced is another one to the mounts: a file, a restarted engine's socket, a
    # checkout that was removed and cloned again.
    stamps = [_stamp(mount["Source"]) for mount in mounts]
    digest = image.digest(json.dumps([body, stamps], sort_keys=True))
    body["Labels"][LABEL_SETTINGS] = digest
    return body


def environ(checkout: Checkout, machine: Machine) -> dict[str, str]:
    """The variables of every command in the toolbox."""
    return {
        **machine.environ,
        "HOME": str(checkout.home),
        "USER": _user(),
        "LANG": "C.UTF-8",
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "PIP_CACHE_DIR": str(checkout.shared / "pip"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def prepare_directories(checkout: Checkout) -> None:
    """Makes the directories and files that are mounted."""
    for directory in (checkout.home, checkout.output_user_root, checkout.shared / "pip"):
        directory.mkdir(parents=True, exist_ok=True)
    etc = checkout.cache / "etc"
    etc.mkdir(exist_ok=True)
    uid, gid = os.getuid(), os.getgid()
    root = f"root:x:0:0:root:{checkout.home}:/bin/sh\n"
    me = f"{_user()}:x:{uid}:{gid}::{checkout.home}:/bin/sh\n"
    group = f"{_user()}:x:{gid}:\n"
    files = {
        etc / "passwd": root + (me if uid else ""),
        etc / "group": "root:x:0:\n" + (group if gid else ""),
        checkout.cache / "checkout": f"{checkout.root}\n",
    }
    for file, text in files.items():
        if not file.is_file() or file.read_text() != text:
            file.write_text(text)


def remove(engine: Engine, container: str) -> None:
    """Ends and removes a container, if it is still there."""
    try:
        engine.request("DELETE", f"/containers/{container}", {"force": 1, "v": 1})
    except EngineError as error:
        if error.status not in (404, 409):  # gone, or being removed by somebody else
            raise


def commands(engine: Engine, container: str) -> list[str]:
    """The dev commands that run in a toolbox."""
    pids = {str(execution["Pid"]) for execution in _executions(engine, container)}
    if not pids:
        return []
    try:
        query: Query = {"ps_args": "-eo pid,ppid,args"}
        rows = engine.request("GET", f"/containers/{container}/top", query)["Processes"]
    except EngineError:  # where there is no ps, they have no names
        rows = []
    # inside.py is the exec's own process, the command its child.
    names = [_OWN_OPTION.sub("", row[-1]) for row in rows if row[1] in pids]
    return names or ["a dev command"] * len(pids)


def _user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user often has no entry
        return f"user{os.getuid()}"


def _make(checkout: Checkout, engine: Engine, body: dict[str, Any]) -> str:
    try:
        made = engine.request("POST", "/containers/create", {"name": name(checkout)}, body)["Id"]
    except EngineError as error:
        if "bind source path does not exist" in str(error):
            raise _elsewhere(engine, str(error)) from error
        raise
    try:
        engine.request("POST", f"/containers/{made}/start")
        # The same file is seen from inside? An engine elsewhere would have made an empty mount.
        file = str(checkout.root / "MODULE.bazel")
        for _ in engine.stream("GET", f"/containers/{made}/archive", {"path": file}, timeout=60.0):
            pass
    except BaseException as error:
        remove(engine, made)
        if isinstance(error, EngineError) and error.status == 404:
            raise _elsewhere(engine, str(error)) from error
        raise
    return str(made)


def _elsewhere(engine: Engine, why: str) -> Problem:
    return Problem(
        f"the toolbox cannot be started: the Docker Engine at {engine.endpoint.host} "
        f"({engine.endpoint.source}) does not see this machine's files ({why}); use an engine of "
        "this machine, or install bazelisk and run: ./dev setup --again"
    )


def _wait_until_unused(engine: Engine, found: dict[str, Any], progress: Progress) -> None:
    """Waits until no other dev command runs in the container."""
    if not _executions(engine, found["Id"]):
        return
    with progress.step("wait for another dev command in this checkout") as step:
        step.at("it still uses the toolbox that is to be replaced")
        while _executions(engine, found["Id"]):
            time.sleep(_WAIT_SECONDS)


def _executions(engine: Engine, container: str) -> list[dict[str, Any]]:
    """What the engine knows of the commands that run in a container."""
    try:
        ids = engine.request("GET", f"/containers/{container}/json")["ExecIDs"] or []
        executions = [engine.request("GET", f"/exec/{one}/json") for one in ids]
    except EngineError as error:
        if error.status == 404:
            return []
        raise
    return [one for one in executions if one["Running"]]


def _is_rootless(engine: Engine) -> bool:
    """Whether the engine runs as this user, who is then root inside its containers."""
    options = engine.request("GET", "/info").get("SecurityOptions") or []
    return any("rootless" in option for option in options)


def _mount(source: Path, target: Path | None = None, read_only: bool = False) -> dict[str, Any]:
    return {
        "Type": "bind",
        "Source": os.path.realpath(source),
        "Target": str(target or source),
        "ReadOnly": read_only,
    }


def _stamp(path: str) -> list[int]:
    facts = os.stat(path)
    return [facts.st_dev, facts.st_ino]


def _label(found: dict[str, Any]) -> str | None:
    labels = found["Config"]["Labels"] or {}
    return labels.get(LABEL_SETTINGS)


def _label_of(body: dict[str, Any]) -> str:
    return str(body["Labels"][LABEL_SETTINGS])

"""What clean removes from the Docker Engine."""

from collections.abc import Callable, Iterator
from pathlib import Path

from pkg.dockertest.engine import Engine, Query, filters
from pkg.dockertest.errors import DockertestError, EngineError
from tools.dev import disk, images_base, images_tools, owners, toolbox
from tools.dev import images as all_images
from tools.dev.checkouts import Checkout
from tools.dev.clean_thing import Thing
from tools.dev.problem import Problem

_ALL = "berth"
_MOUNT = "/mnt/berth"
_REMOVE_SECONDS = 600.0


def containers(engine: Engine, checkout: Checkout, everything: bool) -> Iterator[Thing]:
    """Containers, then what they hold: networks and volumes."""
    label = _ALL if everything else checkout.label
    for one in engine.containers(label):
        role = one["Labels"].get("berth.role", one["Image"])
        name = one["Names"][0].removeprefix("/")
        yield Thing("container", name, _end(engine, one["Id"]), role)
    only: Query = {"filters": filters(label=[label])}
    for one in engine.request("GET", "/networks", only):
        yield Thing("network", one["Name"], _remove(engine, f"/networks/{one['Id']}"))
    for one in engine.request("GET", "/volumes", only)["Volumes"] or []:
        yield Thing("volume", one["Name"], _remove(engine, f"/volumes/{one['Name']}"))


def images(engine: Engine) -> Iterator[Thing]:
    """All images that Berth made."""
    for name in all_images.ours(engine):
        about = engine.image(name)
        note = disk.shown(about["Size"]) if about else ""
        # The last name goes with the image, and its own name is what shows that it is there.
        short = [tag for tag in (about or {}).get("RepoTags") or [] if name.startswith(f"{tag}-")]
        paths = [f"/images/{each}" for each in [*short, name]]
        yield Thing("image", name, _remove(engine, *paths), note)


def old_images(engine: Engine) -> Iterator[Thing]:
    """Images that Berth made, that this checkout does not use, and that no container runs."""
    used = {one[key] for one in engine.containers() for key in ("Image", "ImageID")}
    current = all_images.current(engine)
    for one in images(engine):
        about = engine.image(one.name) or {"Id": one.name}
        if one.name not in current and not used & {one.name, about["Id"]}:
            yield one


def refuse_if_used(engine: Engine, checkout: Checkout, everything: bool) -> None:
    """Raises Problem if a dev command or a test uses what would be removed."""
    users: list[str] = []
    processes = owners.processes()
    for one in engine.containers(_ALL if everything else checkout.label, all=False):
        role = one["Labels"].get("berth.role")
        name = one["Names"][0].removeprefix("/")
        if role == "toolbox":
            users += [f"{command} (in {name})" for command in toolbox.commands(engine, one["Id"])]
        elif role == "dynamic" and processes.owner_lives(one):
            users.append(f"a test that holds {name}")
    if users:
        lines = "".join(f"\n  {user}" for user in users)
        raise Problem(f"nothing was removed: end these, then run this command again:{lines}")


def root_remover(engine: Engine) -> Callable[[Path], None]:
    """A function that removes a directory with root's rights, from inside a container."""

    def remover(path: Path) -> None:
        for image in (images_tools.toolbox_name(), images_base.base_name()):
            if engine.image(image):
                _remove_by_root(engine, image, path)
                return

    return remover


def _remove_by_root(engine: Engine, image: str, path: Path) -> None:
    parent = str(path.parent.resolve())
    body = {
        "Image": image,
        "Entrypoint": ["rm"],
        "Cmd": ["-rf", "--", f"{_MOUNT}/{path.name}"],
        "User": "0:0",
        "Labels": {"berth": "container", "berth.role": "clean"},
        "NetworkDisabled": True,
        "HostConfig": {"Mounts": [{"Type": "bind", "Source": parent, "Target": _MOUNT}]},
    }
    try:
        made = engine.request("POST", "/containers/create", {}, body)["Id"]
    except EngineError:  # an engine elsewhere does not have the directory
        return
    try:
        engine.request("POST", f"/containers/{made}/start")
        engine.request("POST", f"/containers/{made}/wait", timeout=_REMOVE_SECONDS)
    except DockertestError:
        pass  # whoever asked looks whether the directory is gone
    finally:
        toolbox.remove(engine, made)


def _end(engine: Engine, container: str) -> Callable[[], object]:
    return lambda: toolbox.remove(engine, container)


def _remove(engine: Engine, *paths: str) -> Callable[[], object]:
    def removal() -> None:
        for path in paths:
            engine.remove(path, {"force": 1})

    return removal

"""The compose project of a checkout, made from the services' values and from compose.yaml.

Standard library only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pkg.dockertest import Service, image
from pkg.dockertest.image import Image
from pkg.testutil.containers import tenant

TEMPLATE = Path(__file__).resolve().with_name("compose.yaml")
LABEL_KEY = "berth.key"
NETWORK = "shared"


@dataclass(frozen=True)
class Wanted:
    """A service that the project shall have.

    Attributes:
        service: its value.
        image: the image that it runs.
        variables: the names of what its container's environment takes from compose's own.
        ports: the port to publish for each port in the container; "" lets the engine choose.
    """

    service: Service[Any]
    image: Image
    variables: Iterable[str]
    ports: Mapping[int, int | str]


def key(service: Service[Any], of: Image) -> str:
    """Another one is another kind of container: of another image, or made in another way."""
    parted = tenant.kind(service)
    settings = sorted((parted.environment() if parted else {}).items())
    parts = [of.name, *_tmpfs(service, of), str(service.memory_mb), TEMPLATE.read_text()]
    parts += [f"{name}={value}" for name, value in settings]
    return image.digest("\0".join(parts))


def project(wanted: Iterable[Wanted], host: str, identity: str) -> dict[str, Any]:
    """The project's file, decoded.

    Args:
        wanted: its services.
        host: the address to publish their ports at.
        identity: the checkout's.
    """
    label = {"berth.checkout": identity}
    return {
        "services": {one.service.service: _service(one, host, label) for one in wanted},
        "networks": {NETWORK: {"labels": {"berth": "network", **label}}},
    }


def _service(one: Wanted, host: str, label: Mapping[str, str]) -> dict[str, Any]:
    name = one.service.service
    return {
        "extends": {"file": str(TEMPLATE), "service": "shared"},
        "image": one.image.name,
        "tmpfs": _tmpfs(one.service, one.image),
        "environment": sorted(one.variables),
        "ports": [f"{host}:{at}:{port}" for port, at in one.ports.items()],
        "mem_limit": f"{one.service.memory_mb}m",
        "networks": [NETWORK],
        "labels": {
            "berth": "container",
            "berth.role": "shared",
            "berth.service": name,
            LABEL_KEY: key(one.service, one.image),
            **label,
        },
    }


def _tmpfs(service: Service[Any], of: Image) -> list[str]:
    """What a fresh one may write to, declared volumes included."""
    tmpfs = service.description(of)["HostConfig"]["Tmpfs"]
    return [f"{path}:{options}" for path, options in tmpfs.items()]

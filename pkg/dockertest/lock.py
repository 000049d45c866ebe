"""What the pins were resolved to: `images.lock`, which `./dev images lock` writes.

A published image is pulled by the digest that is locked here, so that a tag that moves changes
nothing until somebody renews the lock. Packages can't be had by an older version once a suite has
moved on; for images that are built, the lock records the versions that were current. Bazel counts
the file as an input of every container test. Standard library only, Python 3.11 or later.
"""

import json
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).resolve().with_name("images.lock")
REGISTRY = "BERTH_REGISTRY"
_HEAD = "# Written by ./dev images lock: what the pins of images.toml were resolved to.\n"


@dataclass(frozen=True)
class Locked:
    """What one pin was resolved to.

    Attributes:
        digest: of the published image, "sha256:…"; "" if none was recorded.
        versions: of what went into the image that was built, "name=version" each.
    """

    digest: str = ""
    versions: Sequence[str] = ()


def read(file: Path = FILE) -> dict[str, Locked]:
    """What is locked, by the pin's name; a pin that is not in it has nothing recorded."""
    try:
        tables = tomllib.loads(file.read_text())
    except FileNotFoundError:
        return {}
    return {
        name: Locked(table.get("digest", ""), tuple(table.get("versions", ())))
        for name, table in tables.items()
    }


def write(locked: Mapping[str, Locked], file: Path = FILE) -> None:
    """Replaces the file; names sorted, so that a diff shows what has changed."""
    parts = [_HEAD]
    for name, one in sorted(locked.items()):
        if one == Locked():
            continue
        lines = [f"\n[{name}]"]
        if one.digest:
            lines.append(f"digest = {json.dumps(one.digest)}")
        if one.versions:
            versions = "".join(f"    {json.dumps(version)},\n" for version in one.versions)
            lines.append(f"versions = [\n{versions}]")
        parts.append("\n".join(lines) + "\n")
    temporary = file.with_name(f"{file.name}.{os.getpid()}")
    temporary.write_text("".join(parts))
    temporary.replace(file)


def reference(published: str, digest: str, environ: Mapping[str, str] = os.environ) -> str:
    """How a published image is pulled: from BERTH_REGISTRY, by its locked digest.

    Args:
        published: the image as images.toml names it.
        digest: the locked one; "" pulls by the tag.
        environ: BERTH_REGISTRY is a registry's address, with a path where it keeps its mirror.
    """
    registry = environ.get(REGISTRY, "").rstrip("/")
    whole = f"{registry}/{published}" if registry else published
    if not digest:
        return whole
    repository, separator, tag = whole.rpartition(":")
    return f"{repository if separator and '/' not in tag else whole}@{digest}"

"""The snapshots that are on an engine, and which of them nobody has used for long.

The engine does not record when an image was used, but it does record when a name was given to it.
So a snapshot in use is given its own name again, once an hour at most.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from pkg.dockertest import checkout
from pkg.dockertest.engine import Engine
from pkg.dockertest.errors import EngineError

MOST = 32  # of a service and a checkout: the oldest go when there are more
LABEL_BASE = "berth.base"  # the image below a snapshot
ROLE = "snapshot"

_USED_EVERY = timedelta(hours=1)
_COMMIT_SECONDS = 600.0


def name(service: str, key: str) -> str:
    """A snapshot's name on the engine."""
    return f"berth/{service}-snapshot:{key}"


def commit(at: Engine, container: str, name: str, base: str) -> None:
    """Makes an image of what a container has on disk, listed and pruned as a snapshot of `base`.

    Raises:
        EngineError: the engine refused it.
    """
    repository, _, tag = name.rpartition(":")
    labels = {"berth": "image", "berth.role": ROLE, LABEL_BASE: base}
    at.request(
        "POST",
        "/commit",
        {"container": container, "repo": repository, "tag": tag, "pause": 0},
        {"Labels": labels},
        timeout=_COMMIT_SECONDS,
    )


def last_used(about: Mapping[str, Any]) -> datetime:
    """When an inspected snapshot was made or used, to the hour."""
    tagged = str((about.get("Metadata") or {}).get("LastTagTime") or "")
    return max(_time(tagged), _time(str(about.get("Created") or "")))


def note_use(at: Engine, about: Mapping[str, Any], name: str) -> None:
    """Records that an inspected snapshot is used now."""
    if datetime.now(UTC) - last_used(about) < _USED_EVERY:
        return
    repository, _, tag = name.rpartition(":")
    with suppress(EngineError):  # it may have been removed meanwhile: whoever runs it will say so
        at.request("POST", f"/images/{name}/tag", {"repo": repository, "tag": tag})


def remove_oldest(at: Engine, service: str, most: int = MOST) -> None:
    """Removes this checkout's snapshots of a service beyond `most`, but for those that run."""
    mine = checkout.identity()
    names = [
        tag
        for one in at.images(name(service, "*"))
        if (one["Labels"] or {}).get("berth.checkout") == mine
        for tag in one["RepoTags"] or []
    ]
    if len(names) <= most:
        return
    known = {tag: about for tag in names if (about := at.image(tag))}
    newest_first = sorted(known, key=lambda tag: last_used(known[tag]), reverse=True)
    for old in newest_first[most:]:
        with suppress(EngineError):  # a container runs it, or somebody was faster
            at.request("DELETE", f"/images/{old}")


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)

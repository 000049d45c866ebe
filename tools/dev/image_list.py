"""`./dev images`: makes missing images; `list`, `prune` and `lock` are about those there are."""

import sys
from collections.abc import Sequence

from tools.dev import clean_engine, cli, disk, engines, images, images_renew
from tools.dev.clean_thing import agreed, remove
from tools.dev.problem import Problem
from tools.dev.session import Session

_USAGE_STATUS = 2
_NAMELESS = "sha256:"  # an id stands for its name


def run(name: str, arguments: Sequence[str]) -> int:
    """Makes the images, lists them, renews their lock, or removes those not used any more."""
    options = cli.options(name, arguments, "list", "lock", "prune", "--yes")
    if len(options - {"--yes"}) > 1 or ("--yes" in options and "prune" not in options):
        raise Problem(f"usage: ./dev {cli.COMMANDS[name].usage}", _USAGE_STATUS)
    if "list" in options:
        return _list()
    if "prune" in options:
        return _prune([name, *arguments], "--yes" in options)
    session = Session()
    session.ready()
    if "lock" in options:
        print("\n".join(images_renew.renew(session.engine)))
        return 0
    print("all images are here; list them with: ./dev images list")
    return 0


def _list() -> int:
    engine = engines.find()
    current = images.current(engine)
    used = {one.name: f"  last used {one.used:%Y-%m-%d}" for one in images.snapshots(engine)}
    ours = images.ours(engine)
    named = [name for name in ours if not name.startswith(_NAMELESS)]
    for name in named:
        about = engine.image(name)
        if about:
            note = used.get(name, "")
            note += "" if name in current else "  not used by this checkout"
            print(f"{name:<52} {disk.shown(about['Size']):>9}{note}")
    if left := len(ours) - len(named):
        print(f"and {left} without a name, left over from builds: ./dev images prune removes them")
    return 0


def _prune(command: Sequence[str], yes: bool) -> int:
    things = list(clean_engine.old_images(engines.find()))
    if not things:
        print("no image is old: this checkout uses all of them, or a container runs them")
        return 0
    print("this removes, also for other checkouts, which make theirs again when they need them:")
    print("\n".join(f"  {thing}" for thing in things))
    if not agreed(command, yes):
        print("nothing was removed")
        return 1
    left = remove(things)
    for line in left:
        print(f"dev: {line}", file=sys.stderr)
    print(f"removed {len(things) - len(left)} of {len(things)}")
    return 1 if left else 0

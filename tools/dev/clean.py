"""`./dev clean`: removes what belongs to this checkout, or all that is Berth's on this machine."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from pkg.dockertest import endpoint
from pkg.dockertest.engine import Engine
from pkg.dockertest.errors import DockertestError, EngineUnavailable
from tools.dev import bazelrc, checkouts, clean_engine, clean_files, cli, doctor_engine, engines
from tools.dev.bazelrc import Bazel
from tools.dev.checkouts import Checkout
from tools.dev.clean_thing import Thing, agreed, remove


def run(name: str, arguments: Sequence[str]) -> int:
    """Names what will be removed, asks, and removes it; returns 1 if something is left."""
    options = cli.options(name, arguments, "--all", "--yes")
    everything = "--all" in options
    checkout = checkouts.find()
    engine, unknown = _engine()
    things = list(_things(checkout, engine, everything))
    if engine:
        clean_engine.refuse_if_used(engine, checkout, everything)
    if things:
        print("this removes:")
        print("\n".join(f"  {thing}" for thing in things))
    elif not unknown:
        print("nothing to remove" + ("" if everything else " of this checkout"))
    for note in _notes(checkout, everything):
        print(note)
    if things and not agreed([name, *arguments], "--yes" in options):
        print("nothing was removed")
        return 1
    left = _remove(checkout, engine, everything, things)
    for line in [*left, *unknown]:
        print(f"dev: {line}", file=sys.stderr)
    if things:
        print(f"removed {len(things) - len(left)} of {len(things)}" if left else "removed")
    return 1 if left or unknown else 0


def _engine() -> tuple[Engine | None, list[str]]:
    """The engine if it answers, and what to say where it may hold something and does not."""
    try:
        at = endpoint.find()
    except EngineUnavailable as error:
        return None, [f"nothing was looked for in the engine: {error}"]
    try:
        return engines.find(), []
    except DockertestError as error:
        if engines.is_default(at) and not engines.is_installed():
            permitted = not isinstance(error.__cause__, PermissionError)
            if permitted:
                return None, []  # there is no engine that could hold anything
        finding = doctor_engine.silent(at, error)
        step = " ".join(line.strip() for line in finding.step.splitlines())
        return None, [
            "containers, networks and images were left, if there are any: the engine is "
            f"{finding.state}; mend that with: {step}, then run this command again"
        ]


def _things(checkout: Checkout, engine: Engine | None, everything: bool) -> Iterator[Thing]:
    """All that is to be removed, in the order in which that works."""
    if engine:
        yield from clean_engine.containers(engine, checkout, everything)
    yield from clean_files.things(checkout, engine, everything)
    if engine and everything:
        # The last: files that are root's are removed from inside a container.
        yield from clean_engine.images(engine)


def _notes(checkout: Checkout, everything: bool) -> Iterator[str]:
    if bazelrc.read(checkout.user_bazelrc) is Bazel.OWN:
        yield "your own Bazel keeps its output tree; to remove that, too: bazel clean --expunge"
    if not everything:
        yield "what all checkouts share stays; to remove that, too: ./dev clean --all"


def _remove(
    checkout: Checkout, engine: Engine | None, everything: bool, things: Sequence[Thing]
) -> list[str]:
    with ExitStack() as locks:
        if things and checkout.cache.is_dir():
            locks.enter_context(checkout.lock("toolbox"))
        if engine:
            # Since it was asked, something may have been started.
            clean_engine.refuse_if_used(engine, checkout, everything)
        return remove(things)

"""`./dev doctor`: says what is here, what is wrong, and how to mend it. It changes nothing."""

import os
import platform
import sys
from collections.abc import Iterator, Sequence

from tools.dev import bazelrc, checkouts, choice, cli, disk, doctor_engine, findings
from tools.dev.bazelrc import Bazel
from tools.dev.checkouts import Checkout
from tools.dev.findings import Finding, Mark, off, ok, wrong
from tools.dev.problem import Problem


def run(name: str, arguments: Sequence[str]) -> int:
    """Prints a line for each thing; returns 0 if all is well, else 1."""
    cli.options(name, arguments)
    found: list[Finding] = []
    for one in look(checkouts.find()):
        found.append(one)
        print("\n".join(findings.lines([one])), flush=True)
    print(findings.summary(found))
    return 1 if any(one.mark is Mark.WRONG for one in found) else 0


def look(checkout: Checkout) -> Iterator[Finding]:
    """All findings, each as soon as it is known."""
    yield ok("Python", f"{platform.python_version()}, {sys.executable}")
    yield _path(checkout)
    chosen = bazelrc.read(checkout.user_bazelrc)
    yield _bazel(checkout, chosen)
    yield from doctor_engine.look(checkout, chosen)
    yield disk.room("caches", checkout.caches, "./dev clean")


def _path(checkout: Checkout) -> Finding:
    try:
        checkouts.check(checkout)
    except Problem as problem:
        state, _, step = str(problem).rpartition(": ")
        return wrong("checkout", state, step)
    return ok("checkout", f"{checkout.root}, its identity is {checkout.identity}")


def _bazel(checkout: Checkout, chosen: Bazel | None) -> Finding:
    forced = os.environ.get(choice.VARIABLE)
    note = f" ({choice.VARIABLE}={forced} is set)" if forced else ""
    if chosen is None:
        return off("Bazel", f"not chosen yet{note}; the next command chooses, as does: ./dev setup")
    if chosen is Bazel.TOOLBOX:
        return ok("Bazel", f"the toolbox's{note}")
    command = choice.own()
    if not command:
        state = f"your own was chosen, and is not on PATH any more{note}"
        return wrong("Bazel", state, "./dev setup --again")
    return ok("Bazel", f"your own, {command}{note}")

"""Decides which Bazel a checkout uses: the user's own, or the toolbox's.

The user's own is used where it can reach the Bazel Central Registry. That is found out by
letting it fetch a module, once; the answer is recorded in user.bazelrc.
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from tools.dev import bazelrc
from tools.dev.bazelrc import Bazel
from tools.dev.checkouts import Checkout
from tools.dev.problem import Problem
from tools.dev.progress import Progress, Step

VARIABLE = "BERTH_BAZEL"
_FORCED = {"toolbox": Bazel.TOOLBOX, "PATH": Bazel.OWN}
_PROBE_MODULE = 'module(name = "probe")\n\nbazel_dep(name = "bazel_skylib", version = "1.7.1")\n'
_PROBE_SECONDS = 60.0
_VERSION_SECONDS = 300.0  # bazelisk may have to bring Bazel first
_END_SECONDS = 10.0
_DISK_CACHE = "5G"


def own() -> str | None:
    """The user's own Bazel on PATH, or None."""
    return shutil.which("bazelisk") or shutil.which("bazel")


def ensure(checkout: Checkout, progress: Progress, again: bool = False) -> Bazel:
    """The checkout's Bazel; decided and recorded if it was not yet, or is to be `again`.

    Raises:
        Problem: BERTH_BAZEL asks for what is not there.
    """
    recorded = bazelrc.read(checkout.user_bazelrc)
    forced = _forced()
    stays = recorded and not again and forced in (None, recorded)
    if recorded and stays and (recorded is Bazel.TOOLBOX or own()):
        chosen = recorded
    else:
        chosen = forced or _decide(checkout, progress)
    # Also what stays: the caches may be elsewhere now.
    bazelrc.write(checkout.user_bazelrc, chosen, options(checkout, chosen))
    return chosen


def options(checkout: Checkout, chosen: Bazel) -> list[str]:
    """The lines for user.bazelrc that a choice brings with it."""
    if chosen is Bazel.OWN:
        return []
    return [
        "common --config=offline",
        # What one checkout has built and tested, another one of the same content need not.
        f"common --disk_cache={checkout.shared}/disk",
        f"common --experimental_disk_cache_gc_max_size={_DISK_CACHE}",
        f"common --repository_cache={checkout.shared}/repositories",
    ]


def _forced() -> Bazel | None:
    value = os.environ.get(VARIABLE)
    if not value:
        return None
    if value not in _FORCED:
        raise Problem(f"{VARIABLE}={value}: it takes toolbox or PATH, or is left unset", status=2)
    if value == "PATH" and not own():
        raise Problem(f"{VARIABLE}=PATH: neither bazelisk nor bazel is on PATH; install bazelisk")
    return _FORCED[value]


def _decide(checkout: Checkout, progress: Progress) -> Bazel:
    command = own()
    if not command:
        progress.say("Bazel: neither bazelisk nor bazel is on PATH, so the toolbox's is used")
        return Bazel.TOOLBOX
    with progress.step("see whether Bazel reaches the Bazel Central Registry") as step:
        why = _unusable(command, checkout, step)
    if why:
        progress.say(f"Bazel: {command} {why}, so the toolbox's is used")
        return Bazel.TOOLBOX
    progress.say(f"Bazel: {command}")
    return Bazel.OWN


def _unusable(command: str, checkout: Checkout, step: Step) -> str:
    """Why this Bazel cannot be used, or ""."""
    wanted = (checkout.root / ".bazelversion").read_text().strip()
    with tempfile.TemporaryDirectory(prefix="berth-probe-", ignore_cleanup_errors=True) as name:
        workspace = Path(name)
        (workspace / ".bazelversion").write_text(wanted + "\n")
        (workspace / "MODULE.bazel").write_text(_PROBE_MODULE)
        (workspace / "BUILD.bazel").touch()
        step.at("asking for its version")
        version = _run([command, "--version"], workspace, _VERSION_SECONDS)
        number = re.search(r"^bazel (\d+)\.", version or "", re.M)
        if version is None or number is None:
            return "does not run"
        if number[1] != wanted.split(".")[0]:
            return f"is {version.strip()} and not {wanted}"
        step.at("fetching a module")
        # Nothing that is cached already may answer for the registry.
        startup = ["--nohome_rc", "--batch", f"--output_user_root={workspace}/.root"]
        fetch = ["mod", "deps", "--lockfile_mode=off", f"--repository_cache={workspace}/.cache"]
        if _run([command, *startup, *fetch], workspace, _PROBE_SECONDS) is None:
            return "does not reach the Bazel Central Registry"
    return ""


def _run(command: list[str], directory: Path, within: float) -> str | None:
    """What a command prints, or None if it failed or took too long."""
    try:
        process = subprocess.Popen(
            command,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
    except OSError:
        return None
    try:
        output, _ = process.communicate(timeout=within)
    except subprocess.TimeoutExpired:
        output = ""
    finally:
        if process.poll() is None:
            _end(process)
    return output if process.returncode == 0 else None


def _end(process: "subprocess.Popen[str]") -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        os.killpg(process.pid, number)
        try:
            process.wait(_END_SECONDS)
            return
        except subprocess.TimeoutExpired:
            continue

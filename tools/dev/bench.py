"""`./dev bench`: the benchmarks, by their names.

A benchmark is `benchmarks/NAME.py` with a target NAME beside it, or a folder with a `main.py`. Its
docstring's first line says what it is. A library has no `main`.
"""

import ast
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.dev.problem import Problem
from tools.dev.session import Session

FOLDER = "benchmarks"
RESULTS = "benchmark-results"  # in the checkout; Git ignores it
_OUT = "--out"
_OPTIONS = ("--ui_event_filters=-info,-debug", "--noshow_progress")


def run(_name: str, arguments: Sequence[str]) -> int:
    """Runs a benchmark, or lists all of them; the exit status is the benchmark's."""
    session = Session()
    root = session.checkout.root
    known = benchmarks(root / FOLDER)
    if not arguments:
        print("\n".join(listed(known)))
        return 0
    name, *rest = arguments
    if name not in known:
        raise Problem(f"there is no benchmark {name}; ./dev bench lists all of them", status=2)
    words, named = without_out(rest, Path.cwd())
    out = named or root / RESULTS
    session.ready()
    # The toolbox sees the checkout and the caches: elsewhere, what is written there is lost.
    place = session.checkout.cache
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=place) as made:
        command = ["run", *_OPTIONS, f"//{FOLDER}:{name}", "--", *words, _OUT, made]
        status = session.run_bazel(command, root, then=True)
        written = sorted(Path(made).iterdir())
        if written:
            out.mkdir(parents=True, exist_ok=True)
        for file in written:
            shutil.copy(file, out)
            print(f"written: {out / file.name}")
    return status


def benchmarks(folder: Path) -> dict[str, str]:
    """What each benchmark in a folder is, by its name, sorted."""
    found = {}
    for file in sorted([*folder.glob("*.py"), *folder.glob("*/main.py")]):
        tree = ast.parse(file.read_text())
        defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        if "main" in defined and not file.name.endswith("_test.py"):
            name = file.parent.name if file.name == "main.py" else file.stem
            found[name] = (ast.get_docstring(tree) or "").partition("\n")[0]
    return dict(sorted(found.items()))


def listed(known: dict[str, str]) -> list[str]:
    """The benchmarks, a line each."""
    width = max(map(len, known), default=0)
    lines = [f"  {name:<{width}}  {about}" for name, about in known.items()]
    return ["usage: ./dev bench NAME [ARGUMENTS] [--out DIR]", "", *lines]


def without_out(arguments: Sequence[str], directory: Path) -> tuple[list[str], Path | None]:
    """The arguments without `--out DIR`, and the folder that it names, if it is there.

    Args:
        directory: what a relative folder is relative to.

    Raises:
        Problem: it names none.
    """
    words = [word for each in arguments for word in _split(each)]
    if _OUT not in words:
        return words, None
    at = words.index(_OUT)
    if at + 1 == len(words):
        raise Problem(f"bench: {_OUT} needs a directory", status=2)
    return words[:at] + words[at + 2 :], directory / words[at + 1]


def _split(word: str) -> list[str]:
    return [_OUT, word.removeprefix(f"{_OUT}=")] if word.startswith(f"{_OUT}=") else [word]

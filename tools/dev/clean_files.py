"""What clean removes of files: caches, links, our lines in user.bazelrc."""

from collections.abc import Callable, Iterator
from pathlib import Path

from pkg.dockertest.engine import Engine
from tools.dev import bazelrc, clean_engine, disk, trees
from tools.dev.checkouts import Checkout
from tools.dev.clean_thing import Thing

EXAMPLE = "examples/bazel"  # a workspace of its own


def things(checkout: Checkout, engine: Engine | None, everything: bool) -> Iterator[Thing]:
    """Of this checkout, or of all of this user's."""
    roots = {checkout.root, *(_roots(checkout.caches) if everything else [])}
    for root in sorted(roots):
        for link in sorted([*root.glob("bazel-*"), *root.glob(f"{EXAMPLE}/bazel-*")]):
            if link.is_symlink():
                yield Thing("link", str(link), _unlink(link))
        settings = root / checkout.user_bazelrc.name
        if bazelrc.has_block(settings):
            yield Thing("lines", f"of ./dev setup in {settings}", _remove_block(settings))
    directory = checkout.caches if everything else checkout.cache
    if directory.exists():
        count, whole = disk.size(directory)
        note = disk.shown(count) if whole else f"more than {disk.shown(count)}"
        yield Thing("directory", str(directory), _remove_tree(directory, engine), note)


def _roots(caches: Path) -> Iterator[Path]:
    """The checkouts that have caches here and are still in their place."""
    for record in caches.glob("*/checkout"):
        root = Path(record.read_text().strip())
        if (root / "tools/dev/clean_files.py").is_file():
            yield root


def _unlink(link: Path) -> Callable[[], object]:
    return lambda: link.unlink(missing_ok=True)


def _remove_block(settings: Path) -> Callable[[], object]:
    return lambda: bazelrc.remove(settings)


def _remove_tree(directory: Path, engine: Engine | None) -> Callable[[], object]:
    by_root = clean_engine.root_remover(engine) if engine else None
    # A link to a directory on a larger disk is the user's, and stays.
    if directory.is_symlink():
        return lambda: _remove_all([*directory.iterdir()], by_root)
    return lambda: trees.remove(directory, by_root)


def _remove_all(paths: list[Path], by_root: Callable[[Path], None] | None) -> None:
    for path in paths:
        trees.remove(path, by_root)

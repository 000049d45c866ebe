"""`./dev images`: makes the images that are missing; `./dev images list` shows ours."""

from collections.abc import Sequence

from tools.dev import cli, engines, images
from tools.dev.session import Session

_MEGABYTE = 1e6


def run(name: str, arguments: Sequence[str]) -> int:
    """Makes the images, or lists them."""
    if cli.options(name, arguments, "list"):
        return _list()
    session = Session()
    session.ready()
    print("all images are here; list them with: ./dev images list")
    return 0


def _list() -> int:
    engine = engines.find()
    for name in images.ours(engine):
        about = engine.image(name)
        if about:
            print(f"{name:<52} {about['Size'] / _MEGABYTE:>6.0f} MB")
    return 0

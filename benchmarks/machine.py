"""What a benchmark asks of the engine: which image was the source, and whether all is removed."""

import functools
import sys
import time

from pkg.dockertest import checkout, engine, image

_PAUSE_SECONDS = 0.05


@functools.cache
def source_image(service: str) -> str:
    """The image that our prepared one is made from."""
    at = engine.connect()
    prepared = image.find(at, service).name
    about = at.image(prepared)
    found = ((about or {})["Config"]["Labels"] or {}).get(image.LABEL_SOURCE)
    if not found:
        sys.exit(f"{prepared} does not say what it was made from: docker rmi it, ./dev images")
    return str(found)


def settle() -> None:
    """Waits until the engine has removed what was measured before: that is work, too."""
    at = engine.connect()
    while at.containers("berth.role=dynamic", f"berth.checkout={checkout.identity()}"):
        time.sleep(_PAUSE_SECONDS)

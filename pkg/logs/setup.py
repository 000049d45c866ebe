"""Where the logs of a process go."""

import logging
from typing import IO

from pkg.logs.lines import JsonLines

LEVELS = ("debug", "info", "warning", "error")
# This repository's packages; all others are libraries.
OWN = ("pkg", "services")


def configure(stream: IO[str], level: str, formatter: logging.Formatter | None = None) -> None:
    """Lets all logs of the process go to a stream; libraries' from warnings on.

    Args:
        stream: such as `sys.stderr`.
        level: one of `LEVELS`, below which nothing is logged.
        formatter: makes a line of a record; `JsonLines()` unless given.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter or JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in OWN:
        logging.getLogger(name).setLevel(level.upper())

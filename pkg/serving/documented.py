"""Whether a service does what its OpenAPI document says, for tests.

schemathesis makes requests from the document, good and bad ones, and looks at every answer: none is
a server error, each is documented, and what breaks the schema is refused.
"""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_REQUEST_SECONDS = 15
_START_SECONDS = 60


@dataclass(frozen=True)
class Checked:
    """What was found.

    Attributes:
        ok: whether all answers were as they have to be.
        report: all that was said, for people.
    """

    ok: bool
    report: str


def check(
    url: str, folder: Path, *, seconds: int, headers: Mapping[str, str], config: str = ""
) -> Checked:
    """Tries a service that serves, for a while.

    Args:
        url: where it serves, and has its document at /openapi.json.
        folder: an empty one, for what schemathesis writes.
        seconds: how long requests are made.
        headers: that each request has, such as Authorization.
        config: schemathesis.toml: what is not checked, and why.
    """
    (folder / "schemathesis.toml").write_text(config)
    sent = [part for name, value in headers.items() for part in ("--header", f"{name}: {value}")]
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json"),
            *sent,
            *("--max-time", str(seconds)),
            *("--request-timeout", str(_REQUEST_SECONDS)),
            *("--no-color",),
        ],
        cwd=folder,
        env={"PYTHONPATH": ":".join(sys.path), "PATH": "/usr/bin:/bin", "HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=seconds * 4 + _START_SECONDS,
        check=False,
    )
    return Checked(ended.returncode == 0, ended.stdout)

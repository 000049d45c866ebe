"""A Python prompt on a shared server: `./dev bazel run //pkg/testutil/containers:shell -- redis`.

`server` is what containers.start() gives a test, `client` its client. No secret is shown.
"""

import code
import sys
from collections.abc import Sequence

from pkg.dockertest import DockertestError
from pkg.testutil.containers import by_hand
from pkg.testutil.containers.__main__ import services
from pkg.testutil.containers.shared import Containers


def main(arguments: Sequence[str]) -> int:
    """Starts the service if it does not run, and the prompt; returns the exit status."""
    known = {one.service: one for one in services()}
    if len(arguments) != 1 or arguments[0] not in known:
        usage = f"usage: {by_hand.prompt('SERVICE')}"
        print(f"{usage}\nSERVICE is one of {', '.join(known)}", file=sys.stderr)
        return 2
    try:
        server = Containers().start(known[arguments[0]])
    except DockertestError as error:
        print(error, file=sys.stderr)
        return 1
    banner = f"{arguments[0]} at {server.host}:{server.port}; there are: server, client"
    names = {"server": server, "client": server.client()}
    code.interact(banner, local=names, exitmsg="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

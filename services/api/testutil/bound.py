"""`python -m services.api.testutil.bound MODULE` runs a module that ends with its starter.

However that goes: also by SIGKILL.
"""

import ctypes
import runpy
import signal
import sys

# What ends a program; its starter may have blocked them while it starts it.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Has the kernel tell this process to end when its starter is gone, and goes on as MODULE."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    _, module = sys.argv
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()

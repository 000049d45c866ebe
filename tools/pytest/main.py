"""The main program of every test: pytest, as Bazel wants a test to behave.

See README.md beside this file for what each flag of `bazel test` does.
"""

import os
import sys

# Python puts this file's own folder first, where our modules could shadow others.
_HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:] = [entry for entry in sys.path if os.path.realpath(entry) != _HERE]

from tools.pytest.run import run  # noqa: E402

if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(run(sys.argv[1:], os.environ))

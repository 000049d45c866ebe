"""`./dev`: the entry script's Python part. Standard library only, Python 3.11 or later."""

import sys
from pathlib import Path

# The host's own Python runs this, isolated (-I): the checkout is all it may import from.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tools.dev.cli import main, open_streams

if __name__ == "__main__":
    open_streams()
    sys.exit(main(sys.argv[1:]))

"""Logs as one JSON object a line, without secrets.

```python
_log = Log(__name__)

configure(sys.stderr, "info", redactor)
with bound(request_id="r-1"):
    _log.info("verified", key_id="key_1", ms=3)
```
"""

from pkg.logs.kept import KeptLines
from pkg.logs.lines import JsonLines
from pkg.logs.log import Log, bound
from pkg.logs.redactor import HIDDEN, Redactor
from pkg.logs.setup import LEVELS, configure

__all__ = ["HIDDEN", "LEVELS", "JsonLines", "KeptLines", "Log", "Redactor", "bound", "configure"]

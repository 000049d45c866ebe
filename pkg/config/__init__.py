"""A service's settings: declared as a dataclass, read from environment variables or files.

```python
@dataclass(frozen=True, kw_only=True)
class Settings(FromEnvironment, prefix="API"):
    redis_url: str = variable("where the cache is", url("redis", "rediss"), secret=True)
    patience: float = variable("seconds for one call", seconds, default=2.0)

settings = Settings.read(os.environ)  # API_REDIS_URL or API_REDIS_URL_FILE, API_PATIENCE, …
```
"""

from pkg.config.errors import InvalidConfig
from pkg.config.parsers import (
    Address,
    address,
    count,
    file,
    one_of,
    seconds,
    seconds_or_0,
    several,
    shown,
    text,
    url,
)
from pkg.config.reading import read, usage
from pkg.config.settings import FromEnvironment
from pkg.config.variable import Variable, part, variable, variables

__all__ = [
    "Address",
    "FromEnvironment",
    "InvalidConfig",
    "Variable",
    "address",
    "count",
    "file",
    "one_of",
    "part",
    "read",
    "seconds",
    "seconds_or_0",
    "several",
    "shown",
    "text",
    "url",
    "usage",
    "variable",
    "variables",
]

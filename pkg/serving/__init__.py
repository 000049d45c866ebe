"""The frame of a service that speaks HTTP: all but its operations.

Limits of size, number and time; a graceful stop; health, readiness, metrics and an OpenAPI
document; a line in the log for each request, with its id; and errors in the service's own shape,
whether the service, the framework or the server finds them.

```python
redactor = Redactor()
settings = config.read(Settings, os.environ, prefix="API", hide=redactor.add)
configure(sys.stderr, settings.log_level, JsonLines(redactor))
workers = Workers.within(settings.limits)
app = build(
    Service(
        routes=[verify.route(keys, workers)],
        about=About(title="API", version="2", description="…", forms=[…]),
        errors=ErrorShape(ErrorResponse, encode),
        check=keys.check,
        limits=settings.limits,
        workers=workers,
        metrics=Metrics("api"),
    )
)
run(app, opened(settings.listen, settings.limits.max_connections, "API"))
leave(app)
```
"""

from pkg.serving.app import App, Service, build
from pkg.serving.auth import Tokens, bearer
from pkg.serving.body import header
from pkg.serving.failures import request_id
from pkg.serving.faults import ErrorBody, ErrorShape, InvalidBody
from pkg.serving.limits import Limits
from pkg.serving.metrics import Metrics
from pkg.serving.openapi import About, operation
from pkg.serving.reading import reader
from pkg.serving.server import leave, listen, opened, run, serve, url
from pkg.serving.workers import Workers

__all__ = [
    "About",
    "App",
    "ErrorBody",
    "ErrorShape",
    "InvalidBody",
    "Limits",
    "Metrics",
    "Service",
    "Tokens",
    "Workers",
    "bearer",
    "build",
    "header",
    "leave",
    "listen",
    "opened",
    "operation",
    "reader",
    "request_id",
    "run",
    "serve",
    "url",
]

"""Requests as no SDK would send them."""

from dataclasses import dataclass
from typing import Any

import httpx

from services.api.wire import ROUTES
from services.api.wire.route import Route

# Whose requests have a body.
ASKED = [route for route in ROUTES if route.request is not None]
# Those that answers have; a further one would be a caller's.
HEADERS = frozenset(
    {"allow", "connection", "content-length", "content-type", "date", "retry-after"}
    | {"www-authenticate", "x-request-id"}
)


@dataclass(frozen=True)
class Caller:
    """Whoever has a root key, and sends what it likes.

    Attributes:
        http: a client of the instance.
        root_key: its text.
    """

    http: httpx.Client
    root_key: str

    def send(self, route: Route, body: bytes) -> httpx.Response:
        """POST of any body."""
        headers = {"content-type": "application/json", "authorization": f"Bearer {self.root_key}"}
        return self.http.post(route.path, content=body, headers=headers)

    def ask(self, route: Route, **body: Any) -> Any:
        """The data of a success; the body is JSON, by the wire's names."""
        answer = self.http.post(
            route.path, json=body, headers={"authorization": f"Bearer {self.root_key}"}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

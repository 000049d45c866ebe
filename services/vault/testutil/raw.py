"""Requests to a vault that no HTTP library would send, for tests."""

import json
import socket
from dataclasses import dataclass

from pkg.serving import testing
from pkg.serving.testing import connect
from services.vault.testutil.service import TOKEN

__all__ = ["Answer", "connect", "head", "rest"]


@dataclass(frozen=True)
class Answer(testing.Raw):
    """What came back until the server closed the connection."""

    @property
    def code(self) -> str:
        """The error's."""
        code = json.loads(self.body)["error"]["code"]
        assert isinstance(code, str)
        return code


def head(path: str, method: str = "POST", **headers: str) -> bytes:
    """The beginning of a request, with the token; `_` in a header's name stands for `-`."""
    return testing.head(path, method, **{"authorization": f"Bearer {TOKEN}", **headers})


def rest(connection: socket.socket) -> Answer:
    """All that comes until the server closes the connection; see `pkg.serving.testing.rest`."""
    return Answer(testing.rest(connection).content)

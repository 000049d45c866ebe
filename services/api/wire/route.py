"""What is at a path: the body it takes, the one it answers with, and how it refuses."""

from dataclasses import dataclass
from typing import Any

# Every operation's: a request can be wrong, unauthenticated, forbidden or too much; or we are.
COMMON = (400, 401, 403, 429, 500)


@dataclass(frozen=True)
class Route[A = Any]:
    """An operation of the API.

    Attributes:
        name: its id, such as keys.verifyKey.
        request: the type of its body; None if it is a GET without one.
        answer: the type of the body of its success.
        errors: the other statuses that a caller has to know.
    """

    name: str
    request: Any
    answer: type[A]
    errors: tuple[int, ...] = ()

    @property
    def path(self) -> str:
        """Where it is."""
        return f"/v2/{self.name}"

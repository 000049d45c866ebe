"""What can go wrong, as a tree:

DockertestError
├── EngineUnavailable   no Docker Engine answers, or not to this user
├── EngineError         the engine refused a request
├── ImageUnavailable    the image of a service is not here
├── InvalidOption       a value's option is wrong
├── WrongArgument       what was given is no service's value, no list
├── SchemaFailed        a schema or seed data could not be put into its server
└── NotReady            the server could not be used in time
    └── ServerDied      it ended before it could be used
        └── ContainerGone   and so did its container
"""

from pathlib import Path

__all__ = [
    "ContainerGone",
    "DockertestError",
    "EngineError",
    "EngineUnavailable",
    "ImageUnavailable",
    "InvalidOption",
    "NotReady",
    "SchemaFailed",
    "ServerDied",
    "WrongArgument",
]


class DockertestError(Exception):
    """The base of all errors of this package; its message names the next step."""


class EngineUnavailable(DockertestError):
    """No Docker Engine answers, or this user may not speak to it."""


class EngineError(DockertestError):
    """The engine refused a request.

    Attributes:
        status: the HTTP status of the engine's answer.
    """

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class ImageUnavailable(DockertestError):
    """The image that a service needs is not on this machine."""


class InvalidOption(DockertestError, ValueError):
    """An option of a service's value is out of its range."""


class WrongArgument(DockertestError, TypeError):
    """What a call was given is of another type than it takes."""


class SchemaFailed(DockertestError):
    """A schema or seed data could not be put into its server; nothing is left of the attempt.

    Attributes:
        file: the SQL file, or None where it came from no file.
        line: the line of the file that the statement begins at, counted from 1; else 0.
        statement: its first 200 characters, or "".
    """

    def __init__(
        self, message: str, *, file: Path | None = None, line: int = 0, statement: str = ""
    ) -> None:
        super().__init__(message)
        self.file = file
        self.line = line
        self.statement = statement


class NotReady(DockertestError):
    """The server did not complete a first client operation in time."""


class ServerDied(NotReady):
    """The server ended before it completed a first client operation."""


class ContainerGone(ServerDied):
    """The server ended because its container did."""

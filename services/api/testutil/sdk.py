"""What the SDK knows of the routes: told by its own code, so that nothing is missed."""

import inspect
import re
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from unkey.py import Unkey, models

_GROUPS = ("analytics", "apis", "keys", "permissions", "ratelimit")
_PATH = re.compile(r'path="/v2/([\w.]+)"')
_REQUEST = re.compile(r"request = models\.(\w+)\(")
_ITEMS = re.compile(r"List\[models\.(\w+)\]")
# We have no roles to change.
_OTHERS = ("permissions.setRolePermissions",)
_STATUS = re.compile(r'match_response\(http_res, "(\d{3})"')


@dataclass(frozen=True)
class Call:
    """A method of the SDK's.

    Attributes:
        route: the name of the route that it asks, such as keys.verifyKey.
        group: the SDK's attribute that has it.
        method: its name there.
        request: the model of its body; of each item, if the body is a list.
        is_list: whether it is.
        answer: the model of what it returns; of a page, without the method for the next one.
        statuses: of the answers that it knows, success among them.
    """

    route: str
    group: str
    method: str
    request: type[BaseModel]
    is_list: bool
    answer: type[BaseModel]
    statuses: frozenset[int]

    def on(self, sdk: Unkey, body: Any) -> Any:
        """Calls it with the body's fields; returns what is the answer's body."""
        method = getattr(getattr(sdk, self.group), self.method)
        names = {field.alias or name: name for name, field in self.request.model_fields.items()}
        answer = (
            method(request=body)
            if self.is_list
            else method(**{names[alias]: value for alias, value in body.items()})
        )
        return getattr(answer, "result", answer)


def calls() -> dict[str, Call]:
    """All methods of the groups that we have, by their route's name."""
    return {path: _call(path, *at) for path, at in _methods() if path not in _OTHERS}


def others() -> set[str]:
    """The names of the routes of these groups whose bodies are of several kinds."""
    return {path for path, _ in _methods() if path in _OTHERS}


def _methods() -> Iterator[tuple[str, tuple[str, str, Any, str]]]:
    sdk = Unkey(root_key="unused")
    for group in _GROUPS:
        for name, method in inspect.getmembers(type(getattr(sdk, group)), inspect.isfunction):
            source = inspect.getsource(method)
            if (path := _PATH.search(source)) and not name.endswith("_async"):
                yield path[1], (group, name, method, source)


def _call(route: str, group: str, name: str, method: Any, source: str) -> Call:
    one, many = _REQUEST.search(source), _ITEMS.search(source)
    found = one or many
    assert found is not None, route
    returned = typing.get_type_hints(method)["return"]
    if parts := typing.get_args(returned):  # Optional, of a page
        returned = parts[0].model_fields["result"].annotation
    return Call(
        route,
        group,
        name,
        getattr(models, found[1]),
        one is None,
        returned,
        frozenset(int(status) for status in _STATUS.findall(source)),
    )

"""Requests that are out of bounds are refused, and their message says where."""

import json
from typing import Any

import msgspec
import pytest

from services.api.testutil import examples, shapes
from services.api.wire import ROUTES, keys, ratelimit
from services.api.wire.common import Id, Slug
from services.api.wire.verification import VerifyKeyRequest

FORMS = {
    form.cls.__name__: form
    for route in ROUTES
    if route.request is not None
    for form in examples.structs(route.request)
}
forms = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


def decode(kind: Any, value: Any) -> Any:
    """A value that comes as JSON."""
    return msgspec.json.decode(json.dumps(value), type=kind)


@forms
def test_unknown_fields_are_refused(form: msgspec.inspect.StructType) -> None:
    """At every depth: a name that is misspelt does not pass for a default."""
    body = examples.example(form.cls, whole=False)
    with pytest.raises(msgspec.ValidationError, match="unknown field `nonsense`"):
        decode(form.cls, body | {"nonsense": 1})


@forms
def test_each_field_refuses_other_types(form: msgspec.inspect.StructType) -> None:
    """Null where it means nothing, a text for a number, a number for a text."""
    body = examples.example(form.cls, whole=True)
    for field in form.fields:
        wrong: list[Any] = [1.5, {"a": {}}, [[]]]
        if not any(isinstance(arm, msgspec.inspect.NoneType) for arm in shapes.arms(field.type)):
            wrong.append(None)
        for value in wrong:
            if shapes.of_struct(form.cls)[field.encode_name][0] == "object" and value == wrong[1]:
                continue
            with pytest.raises(msgspec.ValidationError, match=rf"at `\$\.{field.encode_name}"):
                decode(form.cls, body | {field.encode_name: value})


@pytest.mark.parametrize("name", ["key_1\n", "key-1", "ke", "kä_1", "a" * 256, "", "a b", "a\0b"])
def test_an_id_is_letters_digits_and_underscores(name: str) -> None:
    """All of it: no line feed at the end."""
    with pytest.raises(msgspec.ValidationError):
        decode(Id, name)


def test_the_edges_are_within() -> None:
    """Shortest and longest ids and slugs."""
    for kind, value in [(Id, "a_1"), (Id, "a" * 255), (Slug, "*"), (Slug, "a.b:c-d_*" + "e" * 119)]:
        assert decode(kind, value) == value


@pytest.mark.parametrize(
    ("kind", "change", "at"),
    [
        (keys.CreateKeyRequest, {"byteLength": 15}, "byteLength"),
        (keys.CreateKeyRequest, {"byteLength": 256}, "byteLength"),
        (keys.CreateKeyRequest, {"prefix": "a" * 17}, "prefix"),
        (keys.CreateKeyRequest, {"prefix": "a-b"}, "prefix"),
        (keys.CreateKeyRequest, {"expires": 4_102_444_800_001}, "expires"),
        (keys.CreateKeyRequest, {"expires": -1}, "expires"),
        (keys.CreateKeyRequest, {"credits": {}}, "credits"),
        (keys.CreateKeyRequest, {"credits": {"remaining": 2**63}}, "credits.remaining"),
        (
            keys.CreateKeyRequest,
            {"credits": {"remaining": 1, "refill": {"interval": "weekly", "amount": 1}}},
            "credits.refill.interval",
        ),
        (
            keys.CreateKeyRequest,
            {"credits": {"remaining": 1, "refill": {"interval": "daily", "amount": 0}}},
            "credits.refill.amount",
        ),
        (keys.CreateKeyRequest, {"permissions": ["a", "b c"]}, r"permissions\[1\]"),
        (keys.CreateKeyRequest, {"meta": {str(n): n for n in range(101)}}, "meta"),
        (
            keys.CreateKeyRequest,
            {"ratelimits": [{"name": "abc", "limit": 1, "duration": 999}]},
            r"ratelimits\[0\].duration",
        ),
        (keys.AddPermissionsRequest, {"permissions": []}, "permissions"),
        (keys.RerollKeyRequest, {"expiration": -1}, "expiration"),
        (keys.UpdateCreditsRequest, {"operation": "add"}, "operation"),
        (VerifyKeyRequest, {"key": "a" * 513}, "key"),
        (VerifyKeyRequest, {"tags": ["a"] * 21}, "tags"),
        (VerifyKeyRequest, {"permissions": ""}, "permissions"),
        (VerifyKeyRequest, {"credits": {"cost": -1}}, "credits.cost"),
        (ratelimit.LimitRequest, {"duration": ratelimit.MAX_DURATION + 1}, "duration"),
        (ratelimit.LimitRequest, {"limit": 0}, "limit"),
        (ratelimit.LimitRequest, {"limit": 100_001}, "limit"),
        (ratelimit.SetOverrideRequest, {"duration": 31 * 86_400_000 + 1}, "duration"),
    ],
)
def test_what_is_out_of_bounds_is_refused(kind: Any, change: dict[str, Any], at: str) -> None:
    """The message names the field, and shows no value."""
    body = examples.example(kind, whole=False)
    with pytest.raises(msgspec.ValidationError) as refused:
        decode(kind, body | change)
    refused.match(rf"at `\$\.{at}`$|required field `remaining`")


def test_a_list_of_limits_is_not_empty() -> None:
    """Nor endless."""
    limit = examples.example(ratelimit.LimitRequest, whole=False)
    for many in (0, 101):
        with pytest.raises(msgspec.ValidationError, match="of length"):
            decode(ratelimit.Limits, [limit] * many)

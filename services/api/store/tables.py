"""The tables of ../schema, for statements."""

from sqlalchemy import (
    BINARY,
    VARBINARY,
    BigInteger,
    Boolean,
    Column,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
)

METADATA = MetaData()


def _id(name: str, *, primary: bool = False, nullable: bool = False) -> "Column[str]":
    return Column(name, String(64), primary_key=primary, nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> "Column[int]":
    return Column(name, BigInteger, nullable=nullable)


def _text(name: str, most: int, *, nullable: bool = False) -> "Column[str]":
    return Column(name, String(most), nullable=nullable)


def _json(name: str, *, nullable: bool = False) -> "Column[str]":
    return Column(name, Text, nullable=nullable)


def _flag(name: str) -> "Column[bool]":
    return Column(name, Boolean, nullable=False)


def _number(name: str, *, nullable: bool = False) -> "Column[int]":
    return Column(name, BigInteger, nullable=nullable)


def _digest() -> "Column[bytes]":
    return Column("digest", BINARY(32), nullable=False)


workspaces = Table(
    "workspaces",
    METADATA,
    _id("id", primary=True),
    _text("name", 256),
    _flag("enabled"),
    _at("created_at"),
)
root_keys = Table(
    "root_keys",
    METADATA,
    _id("id", primary=True),
    _id("workspace_id"),
    _digest(),
    _text("start", 32),
    _text("name", 256, nullable=True),
    _json("permissions"),
    _flag("enabled"),
    _at("created_at"),
    _at("expires_at", nullable=True),
)
apis = Table(
    "apis",
    METADATA,
    _id("id", primary=True),
    _id("workspace_id"),
    _id("keyspace_id"),
    _text("name", 256),
    _flag("protected"),
    _at("created_at"),
    _at("deleted_at", nullable=True),
)
identities = Table(
    "identities",
    METADATA,
    _id("id", primary=True),
    _id("workspace_id"),
    _text("external_id", 255),
    _json("meta", nullable=True),
    _at("created_at"),
)
keys = Table(
    "api_keys",
    METADATA,
    _id("id", primary=True),
    _id("workspace_id"),
    _id("api_id"),
    _id("identity_id", nullable=True),
    _digest(),
    _text("start", 32),
    _text("name", 255, nullable=True),
    _json("meta", nullable=True),
    _flag("enabled"),
    _at("created_at"),
    _at("updated_at", nullable=True),
    _at("last_used_at", nullable=True),
    _at("expires_at", nullable=True),
    _at("deleted_at", nullable=True),
)
credits = Table(
    "credits",
    METADATA,
    _id("key_id", primary=True),
    _number("remaining"),
    _number("refill_amount", nullable=True),
    Column("refill_day", SmallInteger, nullable=True),
    _at("refilled_at"),
)
ratelimits = Table(
    "ratelimits",
    METADATA,
    _id("id", primary=True),
    _id("owner_id"),
    _text("name", 128),
    _number("units"),
    _number("duration"),
    _flag("auto_apply"),
)
permissions = Table(
    "permissions",
    METADATA,
    _id("id", primary=True),
    _id("workspace_id"),
    _text("slug", 128),
    _text("name", 512),
    _text("description", 512, nullable=True),
    _at("created_at"),
)
roles = Table(
    "roles",
    METADATA,
    _id("id", primary=True),
    _id("workspace_id"),
    _text("name", 128),
    _text("description", 512, nullable=True),
    _at("created_at"),
)
key_permissions = Table(
    "key_permissions",
    METADATA,
    _id("key_id", primary=True),
    _id("permission_id", primary=True),
)
key_roles = Table(
    "key_roles",
    METADATA,
    _id("key_id", primary=True),
    _id("role_id", primary=True),
)
role_permissions = Table(
    "role_permissions",
    METADATA,
    _id("role_id", primary=True),
    _id("permission_id", primary=True),
)
encrypted_keys = Table(
    "encrypted_keys",
    METADATA,
    _id("key_id", primary=True),
    Column("ciphertext", VARBINARY(4096), nullable=False),
    _at("created_at"),
)
namespaces = Table(
    "namespaces",
    METADATA,
    _id("id", primary=True),
    _id("workspace_id"),
    _text("name", 512),
    _at("created_at"),
    _at("deleted_at", nullable=True),
)
overrides = Table(
    "overrides",
    METADATA,
    _id("id", primary=True),
    _id("namespace_id"),
    _text("pattern", 512),
    _number("units"),
    _number("duration"),
    _at("created_at"),
    _at("updated_at", nullable=True),
)
changes = Table(
    "changes",
    METADATA,
    _id("id", primary=True),
    _id("workspace_id"),
    _id("actor_id"),
    _text("event", 64),
    _id("target_id"),
    _at("at"),
    _text("request_id", 64),
    _json("details"),
)

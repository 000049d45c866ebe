"""What a snapshot may hold, and what makes it another one."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pkg.dockertest import InvalidOption, Seed, Service
from pkg.dockertest.clickhouse import ClickHouse
from pkg.dockertest.kafka import Kafka, Topic
from pkg.dockertest.mysql import MySQL
from pkg.dockertest.redis import Redis
from pkg.dockertest.s3 import S3
from pkg.testutil.containers import Containers


def migrate(server: object) -> None:
    """Stands for a project's migrations."""


def key(service: Service[Any]) -> str:
    content = service.content()
    assert content
    return content.key()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With two SQL files, and one that is none."""
    (tmp_path / "2.sql").write_text("SELECT 2")
    (tmp_path / "1.sql").write_text("SELECT 1")
    (tmp_path / "notes.txt").write_text("")
    return tmp_path


@pytest.mark.parametrize("make", [Redis, S3, Kafka, MySQL, ClickHouse])
def test_without_content_there_is_no_snapshot(make: Callable[[], Service[Any]]) -> None:
    """The prepared image is what runs."""
    assert make().content() is None
    assert hash(make()) == hash(make())


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        (MySQL, {"schema": migrate}, r"without a version.*MySQL\(schema=Seed\(migrate, version"),
        (Redis, {"data": migrate}, r"without a version.*Redis\(data=Seed\(migrate, version"),
        (MySQL, {"schema": lambda server: None}, r"with def.*MySQL\(schema=Seed\(fill, version"),
        (Redis, {"data": functools.partial(migrate)}, r"with def.*Redis\(data=Seed\(fill, version"),
        (MySQL, {"schema": [3]}, "3 is no path"),
        (MySQL, {"schema": 3}, "3 is no path"),
        (MySQL, {"schema": "CREATE TABLE a (id INT)"}, "this is SQL: .CREATE TABLE a"),
        (MySQL, {"schema": ["\nset names utf8mb4;" * 99]}, "this is SQL.*with_name"),
        (ClickHouse, {"schema": b"a.sql"}, "b'a.sql' is no path"),
        (ClickHouse, {"schema": [""]}, "'' is no path"),
        (Seed, {"fill": migrate, "version": ""}, "version must be text"),
        (Seed, {"fill": migrate, "version": 3}, "version must be text"),
        (Seed, {"fill": lambda server: None, "version": "1"}, "must be a function with a name"),
        (
            Seed,
            {"fill": functools.partial(migrate), "version": "1"},
            "must be a function with a name",
        ),
        (Seed, {"fill": migrate, "version": "1", "files": "a"}, "files must be a list"),
        (S3, {"objects": ["a/b"]}, "objects must be a dict"),
        (S3, {"objects": {"a/b": b""}}, "must be by bucket"),
        (S3, {"objects": {"abc": b""}}, "must be BUCKET/KEY"),
        (S3, {"objects": {"abc/": b""}}, "must be BUCKET/KEY"),
        (S3, {"objects": {"abc/a": "text"}}, "must be bytes"),
        (Kafka, {"topics": "orders"}, "topics must be a list"),
        (Kafka, {"topics": ["a b"]}, r"Topic\(name='a b'.*must be 1 to 249"),
        (Kafka, {"topics": ["__consumer_offsets"]}, "no two _ in front"),
        (Kafka, {"topics": {"a": 0}}, "partitions must be a whole number from 1"),
        (Kafka, {"topics": ["a", Topic("a", 2)]}, "a is there twice"),
        (Topic, {"name": "a", "config": {"a": 1}}, "config must be a dict of texts"),
        (Redis, {"data": ["a"]}, "data must be a dict"),
        (Redis, {"data": {"a": 1}}, "must be text or bytes"),
        (Redis, {"data": {"a": []}}, "that is not empty"),
        (Redis, {"data": {"a": {"b": 1.5}}}, "must be text or bytes"),
    ],
)
def test_a_wrong_option_is_refused(kind: Any, options: dict[str, Any], message: str) -> None:
    """The message names it, and what is taken instead."""
    with pytest.raises(InvalidOption, match=message):
        kind(**options)


@pytest.mark.parametrize("make", [MySQL, ClickHouse])
def test_a_file_that_cannot_be_read_is_named(make: Any, tmp_path: Path) -> None:
    """With its whole path: a relative one depends on where the test runs."""
    (tmp_path / "latin").write_bytes(b"SELECT '\xe9'")
    (tmp_path / "empty").mkdir()
    for name, why in (
        ("missing.sql", "cannot be read: No such file"),
        ("latin", "is not UTF-8"),
        ("empty", r"has no file \*\.sql"),
    ):
        with pytest.raises(InvalidOption, match=f"{tmp_path / name} {why}|{tmp_path / name} {why}"):
            make(schema=tmp_path / name).content()


@pytest.mark.parametrize("make", [MySQL, ClickHouse])
def test_a_file_may_be_called_as_statements_begin(make: Any, tmp_path: Path) -> None:
    """Only what can hardly be a file's name is taken for SQL."""
    names = ["create tables.sql", "insert (1).sql"]
    for name in names:
        (tmp_path / name).write_text("SELECT 1")
    assert make(schema=[str(tmp_path / name) for name in names]).content()
    with pytest.raises(InvalidOption, match="drop database cannot be read"):
        make(schema="drop database").content()
    assert make(schema=names).schema == tuple(map(Path, names))


@pytest.mark.parametrize("make", [MySQL, ClickHouse])
def test_a_file_that_bazel_gives_no_test_is_named_with_data(
    make: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And by its path in the checkout, since that of the runfiles is long and nobody's."""
    monkeypatch.setenv("TEST_SRCDIR", str(tmp_path))
    monkeypatch.setenv("TEST_WORKSPACE", "_main")
    schema = tmp_path / "_main" / "pkg" / "shop" / "schema.sql"
    with pytest.raises(InvalidOption, match=r"\): pkg/shop/schema.sql cannot .* data names"):
        make(schema=schema).content()
    schema.parent.mkdir(parents=True)
    schema.write_bytes(b"SELECT '\xe9'")
    with pytest.raises(InvalidOption, match=r"\): pkg/shop/schema.sql is not UTF-8"):
        make(schema=schema).content()


def test_a_folder_s_files_come_by_name(folder: Path) -> None:
    """So that 1.sql runs before 2.sql; a list has its own order."""
    listed = [folder / "1.sql", folder / "2.sql"]
    assert key(MySQL(schema=folder)) == key(MySQL(schema=listed))
    assert key(MySQL(schema=listed[::-1])) != key(MySQL(schema=listed))


@pytest.mark.parametrize("make", [MySQL, ClickHouse])
def test_a_changed_file_makes_another_snapshot(make: Any, folder: Path) -> None:
    """And one that was moved does not."""
    before = key(make(schema=folder))
    assert key(make(schema=str(folder))) == before
    (folder / "2.sql").write_text("SELECT 3")
    changed = key(make(schema=folder))
    assert changed != before
    moved = folder.rename(folder.with_name(f"{folder.name} moved"))
    assert key(make(schema=moved)) == changed


def test_what_else_decides(folder: Path) -> None:
    """The database that the schema is for, and mysqld's flags."""
    keys = {
        key(MySQL(schema=folder)),
        key(MySQL(schema=folder, database="shop")),
        key(MySQL(schema=folder, flags=["--lower-case-table-names=0"])),
    }
    assert len(keys) == 3
    assert key(ClickHouse(schema=folder)) != key(ClickHouse(schema=folder, database="shop"))


def test_a_function_is_known_by_name_version_and_files(folder: Path) -> None:
    """Not by its code, which calls other code."""

    def other(server: object) -> None:
        pass

    keys = [
        key(MySQL(schema=Seed(migrate, version="1"))),
        key(MySQL(schema=Seed(migrate, version="2"))),
        key(MySQL(schema=Seed(other, version="1"))),
        key(MySQL(schema=Seed(migrate, version="1", files=[folder]))),
    ]
    assert len(set(keys)) == 4
    (folder / "notes.txt").write_text("changed")
    assert key(MySQL(schema=Seed(migrate, version="1", files=[folder]))) not in keys


def test_what_has_no_order_decides_nothing() -> None:
    """Of keys, sets and dicts; of a list it does. Text is its UTF-8."""
    one = key(Redis(data={"a": "1", "b": {"x", "y"}, "c": {"k": "v", "l": "w"}}))
    assert key(Redis(data={"c": {"l": b"w", "k": "v"}, b"b": {"y", "x"}, "a": b"1"})) == one
    assert key(Redis(data={"a": ["1", "2"]})) != key(Redis(data={"a": ["2", "1"]}))
    assert key(Redis(data={"a": "1"})) != key(Redis(data={"a": ["1"]}))
    assert key(Kafka(topics=["a", "b"])) == key(Kafka(topics={"b": 1, "a": 1}))
    assert key(Kafka(topics={"a": 1})) != key(Kafka(topics={"a": 2}))


def test_an_object_is_known_by_its_content(tmp_path: Path) -> None:
    """Bytes and a file alike are not; whether a bucket is empty is not seen, its name is."""
    file = tmp_path / "logo.png"
    file.write_bytes(b"png")
    from_file = key(S3(objects={"abc/logo": file}))
    assert key(S3(buckets=["abc"], objects={"abc/logo": file})) == from_file
    assert key(S3(buckets=["abd"], objects={"abc/logo": file})) != from_file
    file.write_bytes(b"gif")
    assert key(S3(objects={"abc/logo": file})) != from_file


@pytest.mark.parametrize(
    "service",
    [
        MySQL(schema=["a.sql"]),
        ClickHouse(schema=["a.sql"]),
        Redis(data={"a": "1"}),
        S3(objects={"abc/a": b""}),
        Kafka(topics=["a"]),
    ],
    ids=lambda one: one.service,
)
def test_a_shared_server_as_a_whole_takes_none(service: Service[Any]) -> None:
    """Others would find it there."""
    with pytest.raises(InvalidOption, match=r"is the whole server's.*dynamic_container_test\)"):
        Containers().raw(service)


def test_values_can_be_compared_and_hashed() -> None:
    """Paths as text and as Path are the same."""
    assert MySQL(schema="a.sql") == MySQL(schema=[Path("a.sql")])
    assert len({Redis(data={"a": "1"}), Redis(data={"a": "1"}), Redis(data={"a": "2"})}) == 2
    assert hash(S3(objects={"abc/a": b""})) == hash(S3(objects={"abc/a": b""}))

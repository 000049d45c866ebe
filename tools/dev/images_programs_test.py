"""The images of the repository's own services: what is in them, and that they serve, sealed."""

import ast
import base64
import http.client
import io
import json
import secrets
from pathlib import Path
from typing import Any

import pytest

from pkg.dockertest import ImageUnavailable, Scope, engine
from pkg.dockertest.any_image import Container, ContainerServer, http_ok
from pkg.dockertest.mysql import MySQL
from pkg.dockertest.redis import Redis
from pkg.dockertest.s3 import S3, S3Server
from tools.dev import images_programs
from tools.dev.progress import Progress

TOML = """\
module = "services.a"
packages = ["one"]
sources = ["pkg/clock", "services/a", "services/b/wire.py"]
leave_out = ["client", "testing"]
"""
COMPILING = """\
compiled = ["one"]
build_packages = ["gcc", "libone-dev"]
run_packages = ["libone1"]
"""
LOCK = "one==1 \\\n    --hash=sha256:aa\n    # via -r requirements.in\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with a service."""
    for path, text in {
        "requirements_lock.txt": LOCK,
        "services/program.Dockerfile": "FROM scratch\n",
        "services/a/image/image.toml": TOML,
        "services/a/__main__.py": "print(1)\n",
        "services/a/run_test.py": "",
        "services/a/conftest.py": "",
        "services/a/client/client.py": "",
        "services/a/schema/0001_a.sql": "",
        "services/b/__main__.py": "",
        "services/b/wire.py": "",
        "pkg/clock/clock.py": "",
        "pkg/clock/testing.py": "",
        "pkg/clock/window.lua": "",
        "pkg/clock/BUILD.bazel": "",
    }.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


def test_an_image_has_what_its_service_needs(root: Path) -> None:
    """Code without tests and without what is left out, and packages as they are locked."""
    assert images_programs.names(root) == ["a"]
    program = images_programs.program("a", root)
    assert sorted(program.sources) == [
        "pkg/clock/clock.py",
        "pkg/clock/window.lua",
        "services/a/__main__.py",
        "services/a/schema/0001_a.sql",
        "services/b/wire.py",
    ]
    assert program.requirements == LOCK
    assert program.context["program/services/a/__main__.py"] == b"print(1)\n"


def test_an_image_may_be_told_what_it_takes_to_compile(root: Path) -> None:
    """As the Dockerfile's arguments, which others do not get; it is another image then."""
    plain = images_programs.program("a", root)
    file = root / "services/a/image/image.toml"
    file.write_text(TOML + COMPILING)
    program = images_programs.program("a", root)
    assert plain.compiling == {}
    assert program.compiling == {
        "COMPILED": "one",
        "BUILD_PACKAGES": "gcc libone-dev",
        "RUN_PACKAGES": "libone1",
    }
    assert program.tag != plain.tag


@pytest.mark.parametrize("service", images_programs.names())
def test_an_image_has_every_module_of_ours_that_its_code_imports(service: str) -> None:
    """Also those that only one of its programs needs."""
    sources = images_programs.program(service).sources
    there = {
        path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in sources
    }
    missing = {
        f"{path}: {node.module}.{name.name}"
        for path, content in sources.items()
        if path.endswith(".py")
        for node in ast.walk(ast.parse(content))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("pkg", "services"))
        for name in node.names
        if not {node.module, f"{node.module}.{name.name}"} & there
    }
    assert sources
    assert not missing


@pytest.mark.parametrize(
    ("file", "changes"),
    [
        ("services/a/__main__.py", True),
        ("requirements_lock.txt", True),
        ("services/program.Dockerfile", True),
        ("services/a/run_test.py", False),
        ("services/a/conftest.py", False),
        ("services/b/wire.py", True),
        ("services/b/__main__.py", False),
    ],
)
def test_its_name_changes_with_what_is_in_it(root: Path, file: str, changes: bool) -> None:
    """So that an image that is there is up to date."""
    before = images_programs.program("a", root).tag
    (root / file).write_text((root / file).read_text().replace("1", "2") + "# new\n")
    assert (images_programs.program("a", root).tag != before) is changes


def test_a_package_that_is_not_locked_is_named(root: Path) -> None:
    """With the file that asks for it, and the command that locks it."""
    (root / "services/a/image/image.toml").write_text(TOML.replace("one", "two"))
    with pytest.raises(ImageUnavailable, match=r"image\.toml: two not in .*tools/lock"):
        images_programs.program("a", root)


def image_of(service: str) -> str:
    """The name of a service's image, which is made if it is not here."""
    progress = Progress(io.StringIO(), live=False)
    return images_programs.ensure(engine.connect(), progress, service)


def vault_of(s3: S3Server, token: str) -> Container:
    """The vault's image, with its keys on the server that is called store."""
    return Container(
        image=image_of("vault"),
        port=7010,
        ready=http_ok("/health/ready"),
        sealed=True,
        env={
            "VAULT_LISTEN": "0.0.0.0:7010",
            "VAULT_MASTER_KEYS": secrets.token_hex(32),
            "VAULT_TOKENS": token,
            "VAULT_S3_URL": "http://store:9000",
            "VAULT_S3_BUCKET": "vault",
            "VAULT_S3_ACCESS_KEY_ID": s3.access_key_id,
            "VAULT_S3_SECRET_ACCESS_KEY": s3.secret_access_key,
        },
    )


def test_the_vaults_image_serves(dockertest: Scope) -> None:
    """As an unprivileged user, on a read-only root, with its keys on S3 by name."""
    network = dockertest.network()
    s3 = dockertest.start(S3(buckets=["vault"]).on(network, "store"))
    token = secrets.token_urlsafe(32)
    vault = dockertest.start(vault_of(s3, token).on(network, "vault"))
    secret = base64.b64encode(b"a secret").decode()
    encrypted = posted(vault, token, "/v1/encrypt", keyring="payments", plaintext=secret)
    answer = posted(vault, token, "/v1/decrypt", keyring="payments", **encrypted)
    assert answer == {"plaintext": secret}
    assert vault.container.exec(["id", "-u"]).stdout.strip() == "10001"


def test_the_apis_image_migrates_and_verifies_a_key(dockertest: Scope) -> None:
    """As an unprivileged user, on a read-only root, all that it needs by name.

    A broker can't be reached by name (docs/any-image.md): its events wait in their folder. But what
    a client of one by SASL and TLS takes is there: without, it would not start.
    """
    network = dockertest.network()
    token = secrets.token_urlsafe(32)
    mysql, redis, s3 = dockertest.start(
        MySQL().on(network, "db"),
        Redis().on(network, "cache"),
        S3(buckets=["vault"]).on(network, "store"),
    )
    dockertest.start(vault_of(s3, token).on(network, "vault"))
    database = f"mysql://{mysql.user}:{mysql.password}@db:3306/{mysql.database}"
    api = dockertest.start(
        Container(
            image=image_of("api"),
            port=7020,
            ready=http_ok("/health/ready"),
            sealed=True,
            tmpfs=["/events"],
            env={
                "API_LISTEN": "0.0.0.0:7020",
                "API_MYSQL_URL": database,
                "API_REDIS_URL": f"redis://{redis.user}:{redis.password}@cache:6379/0",
                "API_KAFKA_SERVERS": "broker:9092",
                "API_KAFKA_PROTOCOL": "sasl_ssl",
                "API_KAFKA_USER": "api",
                "API_KAFKA_PASSWORD": "hush",
                "API_EVENTS_FOLDER": "/events",
                "API_VAULT_URL": "http://vault:7010",
                "API_VAULT_TOKEN": token,
            },
        ).on(network, "api")
    )

    def ran(*arguments: str) -> str:
        program = ["env", f"API_MYSQL_URL={database}", "python", "-m", "services.api"]
        done = api.container.exec([*program, *arguments])
        assert (done.status, done.stderr) == (0, "")
        return done.stdout

    assert ran("migrate").startswith("0001_workspaces.sql\n")
    _, root_key = ran("new-workspace", "acme").split()

    def asked(operation: str, **body: object) -> dict[str, Any]:
        data: dict[str, Any] = posted(api, root_key, f"/v2/{operation}", **body)["data"]
        return data

    made = asked("apis.createApi", name="payments")
    key = asked("keys.createKey", apiId=made["apiId"], recoverable=True)
    assert asked("keys.verifyKey", key=key["key"])["valid"] is True
    assert asked("keys.getKey", keyId=key["keyId"], decrypt=True)["plaintext"] == key["key"]
    assert api.container.exec(["id", "-u"]).stdout.strip() == "10001"
    assert api.container.exec(["ls", "/events"]).stdout.strip()


def posted(at: ContainerServer, token: str, path: str, **body: object) -> dict[str, Any]:
    """The answer to a JSON object, which has to be a success."""
    connection = http.client.HTTPConnection(at.host, at.port, timeout=10)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request("POST", path, json.dumps(body), headers)
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    read: dict[str, Any] = json.loads(answer.read())
    return read

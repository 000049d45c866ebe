"""How a service's source image is run by itself, for rivals: command, variables, health check.

A published image has an entry point that does all, and takes the variables that its page names.
One that was built from packages has none, so it gets the shortest command that does what the
published image's entry point would: MySQL's data directory is made and a user, Kafka's storage is
formatted. The rival is given nothing that our own recipe has found out, and nothing that slows it:
no time zones, no second start of MySQL.
"""

import secrets
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks import machine, work

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Plain:
    """A server to be run from a source image.

    Attributes:
        command: what is run in place of the image's own command.
        ports: the server's in the container, the main one first.
        ready_line: a pattern of its log, once it is ready.
        health: a command that succeeds once it is ready; bash, which all the images have.
        facts: of the server that comes of it, but its host and port.
    """

    service: str
    image: str
    command: Sequence[str]
    environment: Mapping[str, str]
    ports: Sequence[int]
    ready_line: str
    health: str
    facts: Mapping[str, Any] = field(repr=False)

    def server(self, published: Sequence[int]) -> Any:
        """The server, whose ports are published at these."""
        known = {"host": HOST, "port": published[0], **self.facts}
        if self.service == "clickhouse":
            known["http_port"] = published[1]
        return work.server(self.service, known)


def is_built(service: str) -> bool:
    """Whether the source image was built from packages, and is none that was published."""
    return machine.source_image(service).startswith("berth/")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def plain(service: str, host_port: int) -> Plain:
    """A service's server that is to be published at this port of 127.0.0.1."""
    return _MAKE[service](host_port)


def _tcp(port: int) -> str:
    return f"exec 3<>/dev/tcp/127.0.0.1/{port}"


def _http(port: int, path: str) -> str:
    ask = f"printf 'GET {path} HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3"
    ask += "; head -1 <&3 | grep -q 200"
    return f"{_tcp(port)}; {ask}"


def _redis(_port: int) -> Plain:
    password = secrets.token_hex(16)
    return Plain(
        "redis",
        machine.source_image("redis"),
        ["redis-server", "--requirepass", password],
        {},
        [6379],
        "Ready to accept connections",
        f"redis-cli --no-auth-warning -a {password} ping | grep -q PONG",
        {"user": "default", "password": password},
    )


def _mysql(_port: int) -> Plain:
    password = secrets.token_hex(16)
    user, database = "test", "test"
    first = (
        f"CREATE DATABASE {database}; CREATE USER {user}@'%' IDENTIFIED BY '{password}'; "
        f"GRANT ALL ON *.* TO {user}@'%';"
    )
    # The package names a folder for files of its own that it does not make.
    start = "mysqld --no-defaults --user=root --datadir=/tmp/mysql --secure-file-priv=NULL"
    script = (
        f'echo "{first}" > /tmp/first.sql; {start} --initialize-insecure'
        f" && exec {start} --socket=/tmp/mysql.sock --init-file=/tmp/first.sql"
    )
    is_ours = is_built("mysql")
    return Plain(
        "mysql",
        machine.source_image("mysql"),
        ["bash", "-c", script] if is_ours else [],
        {
            "MYSQL_ROOT_PASSWORD": password,
            "MYSQL_DATABASE": database,
            "MYSQL_USER": user,
            "MYSQL_PASSWORD": password,
        },
        [3306],
        r"ready for connections" if is_ours else r"ready for connections.*ready for connections",
        _tcp(3306),
        {"user": user, "password": password, "database": database},
    )


def _clickhouse(_port: int) -> Plain:
    is_ours = is_built("clickhouse")
    user, password = ("default", "") if is_ours else ("test", secrets.token_hex(16))
    # As the package's own user, who owns the data's folder.
    script = (
        "exec setpriv --reuid=clickhouse --regid=clickhouse --clear-groups clickhouse-server"
        " --config-file=/etc/clickhouse-server/config.xml -- --listen_host=0.0.0.0"
    )
    return Plain(
        "clickhouse",
        machine.source_image("clickhouse"),
        ["bash", "-c", script] if is_ours else [],
        {"CLICKHOUSE_USER": user, "CLICKHOUSE_PASSWORD": password},
        [9000, 8123],
        "Ready for connections",
        _http(8123, "/ping"),
        {"user": user, "password": password, "database": "default"},
    )


def _s3(_port: int) -> Plain:
    user, password = secrets.token_hex(10), secrets.token_hex(20)
    program = ["minio"] if is_built("s3") else []
    return Plain(
        "s3",
        machine.source_image("s3"),
        [*program, "server", "/data", "--address", ":9000"],
        {"MINIO_ROOT_USER": user, "MINIO_ROOT_PASSWORD": password},
        [9000],
        "API: ",
        _http(9000, "/minio/health/live"),
        {"access_key_id": user, "secret_access_key": password},
    )


def _kafka(port: int) -> Plain:
    # What testcontainers' own module sets, and what a single node needs. The broker speaks to
    # itself under the address that it advertises, so it listens at the published port's number.
    settings = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": "1@localhost:9093",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://0.0.0.0:{port},CONTROLLER://0.0.0.0:9093",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{port},CONTROLLER://localhost:9093",
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
    }
    # What kafka-server-start.sh gives Java, and kafka-storage.sh's format.
    java = "-server -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -Djava.awt.headless=true"
    log = (
        "-Dlog4j2.loggerContextFactory="
        "org.apache.logging.log4j.simple.SimpleLoggerContextFactory"
        " -Dorg.apache.logging.log4j.simplelog.level=INFO"
    )
    classes = "-cp '/opt/kafka/libs/*'"
    lines = "\n".join(f"{name}={value}" for name, value in settings.items())
    script = (
        f"cat > /tmp/server.properties <<'END'\n{lines}\nlog.dirs=/tmp/kafka\nEND\n"
        f"java {log} {classes} kafka.tools.StorageTool format --cluster-id"
        " MkU3OEVBNTcwNTJENDM2Qk --config /tmp/server.properties\n"
        f"exec java -Xmx1G -Xms1G {java} {log} {classes} kafka.Kafka /tmp/server.properties"
    )
    variables = {
        "KAFKA_" + name.replace(".", "_").upper(): value for name, value in settings.items()
    }
    is_ours = is_built("kafka")
    return Plain(
        "kafka",
        machine.source_image("kafka"),
        ["bash", "-c", script] if is_ours else [],
        {} if is_ours else variables,
        [port],
        "Kafka Server started",
        _tcp(port),
        {"user": "", "password": ""},
    )


_MAKE: Mapping[str, Callable[[int], Plain]] = {
    "redis": _redis,
    "clickhouse": _clickhouse,
    "mysql": _mysql,
    "s3": _s3,
    "kafka": _kafka,
}

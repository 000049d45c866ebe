"""Tenants of the shared servers, beside a shared server cleaned by hand, dockertest, a rival.

Each round has one test's server of each kind, in random order: what it waits for until it may use
it, one piece of work, and what it waits for at its end. Then pytest-databases does the same in
sessions of its own. Then MySQL with a schema of 50 tables: a tenant that waits ready, one whose
statements are run for it, and the statements alone. Then the leak detector, by a test that has a
server whole; a new process that finds a server that runs; the first start of all five.
"""

import argparse
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import figures, work
from benchmarks.tenants import rival
from pkg.dockertest import Scope, Service, engine
from pkg.dockertest.mysql import MySQL, MySQLServer
from pkg.testutil.containers import Containers, Project
from pkg.testutil.containers.parted import process
from pkg.testutil.containers.whole import keeper
from pkg.testutil.processes import line, python

TENANT, BY_HAND, SLOT = "tenant", "shared, cleaned by hand", "dockertest"
PARTS = ("open", "end", "test")
GOALS: Mapping[str, float] = {"redis": 3, "clickhouse": 10, "mysql": 10, "s3": 10, "kafka": 20}
TABLES = 50
_TABLE = (
    "CREATE TABLE t{n} (id BIGINT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(100) NOT NULL,"
    " made DATETIME(6) NOT NULL, KEY by_name (name));\n"
)
_READY_SECONDS = 60.0
_PAUSE_SECONDS = 0.01
_FIND = """
import time
from pkg.dockertest.redis import Redis
from pkg.testutil.containers import Containers
Redis().load()
with Containers() as containers:
    began = time.perf_counter()
    containers.start(Redis())
    print((time.perf_counter() - began) * 1000, flush=True)
"""


def tenant(name: str) -> list[float]:
    """A test with a tenant: milliseconds until it has it, of its end, and of all."""
    began = time.perf_counter()
    containers = Containers()
    server = containers.start(work.SERVICES[name]())
    return _used(name, server, began, containers.close)


def slot(name: str) -> list[float]:
    """The same with a fresh server."""
    began = time.perf_counter()
    scope = Scope()
    server = scope.start(work.SERVICES[name]())
    return _used(name, server, began, scope.close)


def by_hand(name: str, server: Any) -> list[float]:
    """The same with a server that all tests share and clean."""
    return _used(name, server, time.perf_counter(), lambda: work.clean(name, server))


def _used(name: str, server: Any, began: float, end: Callable[[], object]) -> list[float]:
    opened = time.perf_counter()
    found = work.once(name, server)
    if found != 1:
        sys.exit(f"{name}: somebody was here: {found}")
    ending = time.perf_counter()
    end()
    ended = time.perf_counter()
    return [(b - a) * 1000 for a, b in ((began, opened), (ending, ended), (began, ended))]


def measure(rounds: int) -> dict[str, dict[str, dict[str, list[float]]]]:
    """Milliseconds by service, way and part."""
    found: dict[str, dict[str, dict[str, list[float]]]] = {}
    for name in work.SERVICES:
        of = found[name] = {way: {part: [] for part in PARTS} for way in (TENANT, BY_HAND, SLOT)}
        with Scope() as scope:
            shared = scope.start(work.SERVICES[name](new_container=True))
            ways: dict[str, Callable[[], list[float]]] = {
                TENANT: partial(tenant, name),
                SLOT: partial(slot, name),
                BY_HAND: partial(by_hand, name, shared),
            }
            for number in range(rounds + 1):
                for way in random.sample(list(ways), len(ways)):
                    taken = ways[way]()
                    if number:  # the first round warms up
                        for part, milliseconds in zip(PARTS, taken, strict=True):
                            of[way][part].append(milliseconds)
    return found


def measure_schema(rounds: int) -> dict[str, list[float]]:
    """Milliseconds until a test has 50 tables in MySQL."""
    found: dict[str, list[float]] = {"waits ready": [], "made for it": [], "statements alone": []}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds + 1):
            file = Path(folder, f"{number}.sql")
            nonce = f"-- {secrets.token_hex(8)}\n"
            file.write_text(nonce + "".join(_TABLE.format(n=n) for n in range(TABLES)))
            value = MySQL(schema=file)
            made = _opened(value)
            _wait_for_those_ahead(value)
            waited, alone = _opened(value), _alone(value)
            if number:
                found["made for it"].append(made)
                found["waits ready"].append(waited)
                found["statements alone"].append(alone)
    return found


def _opened(value: Service[Any]) -> float:
    with Containers() as containers:
        began = time.perf_counter()
        containers.start(value)
        return (time.perf_counter() - began) * 1000


def _wait_for_those_ahead(value: MySQL) -> None:
    """Until tenants with the schema wait, and no more are being made."""
    content = value.schema_content()
    assert content
    whole: MySQLServer = process.find(engine.connect(), (value,))["mysql"].whole
    query = f"SELECT COUNT(*) FROM berth.ahead WHERE content = '{content.key()}'"
    deadline = time.monotonic() + _READY_SECONDS
    with closing(whole.client()) as connection, connection.cursor() as cursor:
        connection.autocommit(True)
        while time.monotonic() < deadline:
            cursor.execute(query)
            if cursor.fetchone() == (3,):
                return
            time.sleep(_PAUSE_SECONDS)
    sys.exit("mysql: no tenants were made ahead")


def _alone(value: MySQL) -> float:
    """The schema's statements in an empty database."""
    content = value.schema_content()
    assert content
    with Containers() as containers:
        server = containers.start(MySQL())
        began = time.perf_counter()
        content.fill(server)
        return (time.perf_counter() - began) * 1000


def looked_for_leaks(rounds: int) -> dict[str, list[float]]:
    """Milliseconds of a test that has a server whole and does nothing with it, by service: after
    another one, whose last look at the server is its first, and the first of a row, which looks
    twice."""
    found: dict[str, list[float]] = {}
    for name, service in work.SERVICES.items():
        for kind in ("in a row", "first"):
            for number in range(rounds + 1):
                if kind == "first":
                    keeper.let_go(name)
                began = time.perf_counter()
                with Containers() as containers:
                    containers.raw(service())
                if number:  # the first finds the server
                    took = (time.perf_counter() - began) * 1000
                    found.setdefault(f"{name}, whole, {kind}", []).append(took)
    return found


def found_by_a_new_process(rounds: int) -> list[float]:
    """Milliseconds until a new process has a part of a Redis that runs, its imports aside."""
    found = []
    for _ in range(rounds):
        with python(_FIND) as one:
            found.append(float(line(one)))
    return found


def first_start(rounds: int) -> list[float]:
    """Milliseconds of the first start of all five, in a project of its own."""
    found = []
    for _ in range(rounds):
        project = Project(engine.connect(), identity=secrets.token_hex(6))
        services = [make() for make in work.SERVICES.values()]
        began = time.perf_counter()
        try:
            running = project.up(services)
            for service in services:
                shared = running[service.service].running(engine.connect())
                work.answers(service.service, service.result(shared))
            found.append((time.perf_counter() - began) * 1000)
        finally:
            project.down()
    return found


def table(found: Mapping[str, Mapping[str, Mapping[str, Sequence[float]]]]) -> list[str]:
    """Medians with their quartiles, a line for each service and way."""
    head = f"{'':<12} {'':<24} " + " ".join(f"{part:>20}" for part in PARTS) + f" {'goal':>6}"
    lines = [head]
    for name, ways in found.items():
        for way, parts in ways.items():
            cells = " ".join(f"{figures.spread(parts[part], 1):>20}" for part in PARTS)
            goal = f"{GOALS[name]:>6g}" if way == TENANT else ""
            lines.append(f"{name:<12} {way:<24} {cells} {goal}".rstrip())
    return lines


def rival_lines(measured: rival.Measured) -> list[str]:
    """What the rival's first tests wait for, and what could not be measured."""
    return [
        *(
            f"{name:<12} {rival.NAME}: a session's first test waits for "
            f"{figures.spread(parts[rival.FIRST])}"
            for name, parts in measured.milliseconds.items()
        ),
        *(
            f"{name:<12} {rival.NAME} is left out: {reason}"
            for name, reason in measured.left_out.items()
        ),
    ]


def main(arguments: Sequence[str]) -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=21, help="at least 3 (default: 21)")
    figures.add_out(parser)
    options = parser.parse_args(arguments)
    rounds = options.rounds
    if rounds < 3:
        parser.error(f"--rounds {rounds}: at least 3")
    tests = measure(rounds)
    others = rival.measure(work.SERVICES, rounds)
    for name, parts in others.milliseconds.items():
        tests[name][rival.NAME] = parts
    print(f"{rounds} rounds, milliseconds: median (quartiles)")
    print("\n".join([*table(tests), *rival_lines(others)]))
    schema = measure_schema(rounds)
    detector = looked_for_leaks(rounds)
    processes = {
        "a new process finds Redis": found_by_a_new_process(rounds),
        "first start of all five": first_start(3),
    }
    named = {f"mysql, {TABLES} tables: {kind}": values for kind, values in schema.items()}
    named |= detector
    for what, values in {**named, **processes}.items():
        print(f"{what:<36} {figures.spread(values, 1):>20}")
    results = {"tests": tests, "schema": schema, "detector": detector, **processes}
    left_out = {rival.NAME: others.left_out}
    figures.write(options.out, "tenants", {"milliseconds": results, "left out": left_out})


if __name__ == "__main__":
    main(sys.argv[1:])

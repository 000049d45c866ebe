"""A start with a schema of 100 tables from a snapshot, beside a start without any: new containers.

Each round has one of each, in random order, each when the one before is gone: without a schema,
with a snapshot, and without one but with the same file run by the test itself.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import figures, machine, work
from pkg.dockertest import Scope, Service, engine

TABLES = 100
TABLE: Mapping[str, str] = {
    "mysql": "CREATE TABLE t{n} (id BIGINT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(100) NOT NULL, "
    "made DATETIME(6) NOT NULL, KEY by_name (name));\n"
    "INSERT INTO t{n} (name, made) VALUES ('a', NOW(6)), ('b', NOW(6));\n",
    "clickhouse": "CREATE TABLE t{n} (id UInt64, name String, made DateTime) "
    "ENGINE = MergeTree ORDER BY id;\n"
    "INSERT INTO t{n} VALUES (1, 'a', now()), (2, 'b', now());\n",
}


def one(service: Service[Any], after: Callable[[Any], object] = lambda _server: None) -> float:
    """Milliseconds of a start, and of what comes after it."""
    machine.settle()
    began = time.perf_counter()
    with Scope() as scope:
        after(scope.start(service))
        return (time.perf_counter() - began) * 1000


def measure(name: str, rounds: int, folder: Path) -> dict[str, list[float]]:
    """Measures one service, prints it, and returns its milliseconds."""
    schema = folder / f"{name}.sql"
    nonce = f"-- {random.getrandbits(64):x}\n"  # so that the first start makes it
    schema.write_text(nonce + "".join(TABLE[name].format(n=n) for n in range(TABLES)))
    make: Callable[..., Service[Any]] = work.SERVICES[name]
    value = make(schema=schema, new_container=True)
    content = value.content()
    assert content
    made = one(value)
    without: list[float] = []
    with_it: list[float] = []
    applied: list[float] = []
    for number in range(rounds + 1):
        runs = [
            (without, make(new_container=True), lambda _server: None),
            (with_it, value, lambda _server: None),
            (applied, make(new_container=True), content.fill),
        ]
        random.shuffle(runs)
        for measured, service, after in runs:
            taken = one(service, after)
            if number:  # the first round warms up
                measured.append(taken)
    print(f"{name}, {rounds} rounds, milliseconds: median (quartiles)")
    print(f"  without a schema      {figures.spread(without)}")
    print(f"  with a snapshot       {figures.spread(with_it)}")
    print(f"  ratio                 {figures.spread(figures.ratios(without, with_it), 2)}")
    print(f"  schema run by a test  {figures.spread(applied)}")
    print(f"  the snapshot's making {made:.0f}", flush=True)
    remove(value.find(engine.connect()).name)
    return {"without": without, "snapshot": with_it, "by the test": applied}


def remove(name: str) -> None:
    """Removes the snapshot."""
    machine.settle()
    engine.connect().request("DELETE", f"/images/{name}")


def main(arguments: Sequence[str]) -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=9, help="at least 7 (default: 9)")
    figures.add_out(parser)
    options = parser.parse_args(arguments)
    rounds = options.rounds
    if rounds < 7:
        parser.error(f"--rounds {rounds}: at least 7")
    with tempfile.TemporaryDirectory() as folder:
        measured = {name: measure(name, rounds, Path(folder)) for name in TABLE}
    figures.write(options.out, "snapshots", {"milliseconds": measured})


if __name__ == "__main__":
    main(sys.argv[1:])

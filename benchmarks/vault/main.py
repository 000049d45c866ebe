"""The vault: what it costs in process over bare AES-GCM, and over HTTP over an empty route.

Each round takes all in turn, so that whatever else the machine does hits all alike; ratios are
taken by round. In process, a warm data key encrypts and decrypts 1 KiB beside the cryptography
library's own call. Over HTTP, one process on one processor serves, with its keys on a MinIO of its
own, and clients on another processor ask: for an empty route behind the same token, for 1 KiB
encrypted or decrypted, and for 1,000 times 1 KiB in one request. The rate beside the empty route's
is that of the server's processor, which the clients may not keep busy.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence

from benchmarks import figures, load
from benchmarks.vault import inside, requests

ITEMS = 1000  # of a bulk request
BARE, EMPTY, ENCRYPT, BULK = "bare AES-GCM", "empty route", "encrypt", "encrypt in bulk"
DECRYPT = "decrypt"


def table(
    micros: Mapping[str, Sequence[float]],
    rates: Mapping[str, Sequence[float]],
    processor: Mapping[str, Sequence[float]],
) -> list[str]:
    """Medians with their quartiles, and the median of the rounds' ratios, in lines."""
    lines = [f"{'in process, 1 KiB':<28} {'µs':>22} {'times bare':>20}"]
    for name, values in micros.items():
        ratio = figures.ratios(micros[BARE], values)
        lines.append(f"{name:<28} {figures.spread(values, 2):>22} {figures.spread(ratio, 2):>20}")
    columns = f"{'requests per second':>22} {'server µs':>18} {'rate of empty':>20}"
    lines += ["", f"{'over HTTP, one processor':<28} {columns}"]
    for name, values in rates.items():
        # By the server's processor: the clients may be the slower side.
        ratio = figures.ratios(processor[name], processor[EMPTY])
        used = figures.spread(processor[name])
        lines.append(
            f"{name:<28} {figures.spread(values):>22} {used:>18} {figures.spread(ratio, 2):>20}"
        )
    bulk = [ITEMS * each for each in figures.ratios(processor[BULK], processor[ENCRYPT])]
    lines += ["", f"values per second, in bulk of {ITEMS}: {figures.spread(bulk, 1)} times single"]
    return lines


def main(arguments: Sequence[str]) -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="./dev bench vault", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="how often each is measured (9)")
    parser.add_argument("--seconds", type=float, default=1.0, help="of load, each time (1.0)")
    figures.add_out(parser)
    options = parser.parse_args(arguments)
    if options.rounds < 1 or options.seconds <= 0:
        parser.error("--rounds and --seconds must be above 0")

    encrypting = inside.Encrypting()
    ways = {BARE: encrypting.bare, ENCRYPT: encrypting.encrypt, DECRYPT: encrypting.decrypt}
    micros: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(options.rounds):
        for name, way in ways.items():
            micros[name].append(inside.microseconds(way))

    rates: dict[str, list[float]] = {EMPTY: [], ENCRYPT: [], DECRYPT: [], BULK: []}
    processor: dict[str, list[float]] = {name: [] for name in rates}
    with requests.serving(ITEMS) as made:
        asked = dict(zip(rates, made, strict=True))
        for _ in range(options.rounds):
            for name, request in asked.items():
                answered = load.answered(request, options.seconds)
                rates[name].append(answered.per_second)
                processor[name].append(answered.processor_us)

    print("\n".join(table(micros, rates, processor)))
    results = {
        "microseconds": micros,
        "requests_per_second": rates,
        "server_microseconds": processor,
        "items": ITEMS,
    }
    figures.write(options.out, "vault", results)


if __name__ == "__main__":
    main(sys.argv[1:])

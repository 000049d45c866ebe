"""What a proxy's faults do to connections; no containers."""

import random
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from pkg.dockertest.faults.echo import (
    TARGET,
    EchoServer,
    asked,
    connect,
    exchanged,
    proxy,
    received,
    round_trip,
    server,
)
from pkg.dockertest.faults.proxy import Proxy

__all__ = ["proxy", "server"]  # fixtures


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_lost_while_faults_come_and_go(proxy: Proxy, seed: int) -> None:
    """Slow, cut and healed at random moments, each connection has its bytes in their order."""
    data = random.Random(seed).randbytes(300_000)
    chance = random.Random(seed)
    with ThreadPoolExecutor(4) as pool:
        exchanges = [pool.submit(exchanged, proxy, data, seed + n) for n in range(4)]
        for _ in range(10):
            up = chance.random() < 0.5
            chance.choice(
                (
                    lambda up=up: proxy.cut(up),
                    lambda up=up: proxy.slow(up, 0.01, 0.01, None),
                    lambda up=up: proxy.slow(up, 0.0, 0.0, 1e6),
                    proxy.heal,
                )
            )()
        proxy.heal()
        assert all(exchange.result() == data for exchange in exchanges)


def test_50_megabytes_stay_in_order_under_jitter(proxy: Proxy) -> None:
    """A piece does not overtake one that was sent before it."""
    for up in (True, False):
        proxy.slow(up, 0.005, 0.005, None)
    data = random.Random(1).randbytes(50 << 20)
    assert exchanged(proxy, data) == data


def fastest(one: socket.socket) -> float:
    """The seconds of one round trip in a few: what the machine adds is not the line's."""
    return min(round_trip(one) for _ in range(5))


@pytest.mark.parametrize("up", [True, False])
def test_latency_is_added_in_the_direction_that_was_asked(proxy: Proxy, up: bool) -> None:
    """A round trip has it once, and nothing of it after heal()."""
    with connect(proxy) as one:
        assert fastest(one) < 0.2
        proxy.slow(up, 0.2, 0.0, None)
        assert 0.2 <= fastest(one) < 0.4
        proxy.heal()
        assert fastest(one) < 0.2


def test_jitter_varies_the_latency(proxy: Proxy) -> None:
    """By so much, to both sides."""
    proxy.slow(True, 0.03, 0.03, None)
    with connect(proxy) as one:
        trips = [round_trip(one) for _ in range(20)]
    assert max(trips) - min(trips) > 0.01


def test_a_rate_bounds_all_connections_together(proxy: Proxy) -> None:
    """100 kB at 200 kB/s take half a second, on one connection or on two."""
    proxy.slow(True, 0.0, 0.0, 200_000.0)
    began = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        data = bytes(50_000)
        assert list(pool.map(lambda _: exchanged(proxy, data), range(2))) == [data, data]
    assert 0.45 <= time.monotonic() - began < 10.0  # on a machine with much else to do


def test_what_was_slow_arrives_at_once_after_heal(proxy: Proxy) -> None:
    """Nobody waits for the rest of an hour."""
    proxy.slow(True, 3600.0, 0.0, None)
    with connect(proxy) as one:
        one.sendall(b"ping")
        one.settimeout(0.1)
        with pytest.raises(TimeoutError):
            one.recv(1)
        proxy.heal()
        one.settimeout(10.0)
        assert received(one, 4) == b"ping"


@pytest.mark.parametrize("up", [True, False])
def test_a_cut_connection_hangs_and_goes_on_after_heal(proxy: Proxy, up: bool) -> None:
    """No end and no error is seen meanwhile, and what was sent arrives later."""
    with connect(proxy) as one:
        assert asked(one) == b"ping"
        proxy.cut(up)
        one.sendall(b"held")
        one.settimeout(0.2)
        with pytest.raises(TimeoutError):
            one.recv(1)
        proxy.heal()
        one.settimeout(10.0)
        assert received(one, 4) == b"held"


def test_what_is_cut_hides_the_servers_end(proxy: Proxy, server: EchoServer) -> None:
    """Neither its FIN nor the client's gets through before heal()."""
    with connect(proxy) as one:
        assert asked(one) == b"ping"
        proxy.cut(False)
        one.shutdown(socket.SHUT_WR)  # upon which the server ends
        one.settimeout(0.2)
        with pytest.raises(TimeoutError):
            one.recv(1)
        proxy.heal()
        one.settimeout(10.0)
        assert one.recv(1) == b""


def test_connecting_over_a_cut_line_times_out(proxy: Proxy, server: EchoServer) -> None:
    """It is neither accepted nor refused, by the first client as by the tenth."""
    proxy.cut(True)
    for _ in range(10):
        with pytest.raises(TimeoutError):
            connect(proxy, 0.05)
    assert server.accepted == 0
    proxy.heal()
    with connect(proxy) as one:
        assert asked(one) == b"ping"
    assert server.accepted == 1


def test_reset_breaks_off_and_refuses(proxy: Proxy) -> None:
    """Until heal(), at the same port."""
    port = proxy.ports[TARGET]
    with connect(proxy) as one:
        assert asked(one) == b"ping"
        proxy.reset()
        with pytest.raises(ConnectionResetError):
            one.recv(1)
    with pytest.raises(ConnectionRefusedError):
        connect(proxy)
    proxy.heal()
    assert proxy.ports[TARGET] == port
    with connect(proxy) as one:
        assert asked(one) == b"ping"


def test_a_line_that_was_cut_and_reset_heals(proxy: Proxy) -> None:
    """In either order."""
    proxy.cut(True)
    proxy.reset()
    proxy.cut(False)
    proxy.heal()
    with connect(proxy) as one:
        assert asked(one) == b"ping"

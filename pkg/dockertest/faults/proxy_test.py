"""What a proxy does to connections without a fault, and what is left of it; no containers."""

import os
import random
import threading
from contextlib import closing

import pytest

from pkg.dockertest.faults.echo import (
    TARGET,
    EchoServer,
    asked,
    connect,
    exchanged,
    proxy,
    received,
    server,
)
from pkg.dockertest.faults.proxy import Proxy
from pkg.testutil import eventually

__all__ = ["proxy", "server"]  # fixtures


@pytest.mark.parametrize("seed", range(10))
def test_what_goes_in_comes_out_whatever_its_pieces(proxy: Proxy, seed: int) -> None:
    """Also the end: the client says that nothing more comes, and still gets the whole answer."""
    data = random.Random(seed).randbytes(200_000)
    assert exchanged(proxy, data, seed) == data


def test_200_connections_at_once(proxy: Proxy) -> None:
    """Each has an answer of its own, while all are open."""
    ones = [connect(proxy) for _ in range(200)]
    for number, one in enumerate(ones):
        one.sendall(f"{number:>8}".encode())
    assert [received(one, 8) for one in ones] == [f"{n:>8}".encode() for n in range(200)]
    for one in ones:
        one.close()


def test_a_server_that_is_not_there_looks_like_one_that_breaks_off() -> None:
    """The proxy lets in before it asks."""
    with closing(EchoServer()) as gone:
        port = gone.port
    with closing(Proxy({TARGET: port})) as proxy, pytest.raises(ConnectionResetError):
        told_by(proxy)


def told_by(proxy: Proxy) -> bytes:
    """What is said to a client that says nothing."""
    with connect(proxy) as one:
        return one.recv(1)


def test_nothing_is_left_of_a_closed_proxy(server: EchoServer) -> None:
    """No thread, no socket, no connection; a fault that is asked of it then is an error."""
    before = len(os.listdir("/proc/self/fd"))
    proxy = Proxy({TARGET: server.port})
    one = connect(proxy)
    assert asked(one) == b"ping"
    proxy.cut(True)
    proxy.close()
    proxy.close()
    with pytest.raises(ConnectionResetError):
        one.recv(1)
    one.close()
    with pytest.raises(ConnectionRefusedError):
        connect(proxy)
    assert not [thread for thread in threading.enumerate() if thread.name == "berth-proxy"]
    eventually(lambda: len(os.listdir("/proc/self/fd")) <= before)
    with pytest.raises(RuntimeError, match="has ended with its scope"):
        proxy.heal()


def test_a_forked_child_holds_nothing(proxy: Proxy) -> None:
    """It has no copy of a listener or a connection, and the parent's go on."""
    one = connect(proxy)
    assert asked(one) == b"ping"
    inodes = {os.fstat(each.fileno()).st_ino for each in proxy._sockets()}
    child = os.fork()
    if child == 0:
        try:
            held = {os.stat(f"/proc/self/fd/{fd}").st_ino for fd in fds()}
            proxy.close()
            os._exit(len(held & inodes))
        finally:
            os._exit(99)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert asked(one) == b"ping"
    one.close()


def fds() -> list[str]:
    return [fd for fd in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{fd}")]

"""Connections that are broken off when an answer takes too long, whatever has come of it.

The timeout of a socket begins anew with each piece that arrives: where a server answers byte by
byte, or the network lets little through, nothing would ever be too late.
"""

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import urllib3
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

if TYPE_CHECKING:
    from urllib3._base_connection import BaseHTTPConnection


class TimedPoolManager(urllib3.PoolManager):
    """Breaks an answer off that is not there in time: its status, its headers and its body.

    The request then fails as with any connection that breaks off.

    Args:
        seconds: the time, from when the connection is taken.
        connect: how long connecting may take.
        maxsize: how many connections to one server are kept.
    """

    def __init__(self, seconds: float, connect: float, maxsize: int) -> None:
        super().__init__(
            timeout=urllib3.Timeout(connect=connect, read=seconds), retries=False, maxsize=maxsize
        )
        # The pools are made by the manager, with arguments of its own.
        http = type("TimedHTTPPool", (_TimedPool, HTTPConnectionPool), {"seconds": seconds})
        https = type("TimedHTTPSPool", (_TimedPool, HTTPSConnectionPool), {"seconds": seconds})
        self.pool_classes_by_scheme = {"http": http, "https": https}


class _TimedPool(HTTPConnectionPool):
    seconds: float
    # A request takes its connection and gives it back in one thread.
    _running = threading.local()

    def _get_conn(self, timeout: float | None = None) -> "BaseHTTPConnection":
        connection = super()._get_conn(timeout)
        timer = threading.Timer(self.seconds, _break_off, [connection])
        timer.daemon = True
        timer.start()
        self._running.timer = timer
        return connection

    def _put_conn(self, conn: "BaseHTTPConnection | None") -> None:
        if timer := getattr(self._running, "timer", None):
            timer.cancel()
        super()._put_conn(conn)


def _break_off(connection: "BaseHTTPConnection") -> None:
    if (sock := getattr(connection, "sock", None)) is not None:
        # The plain socket's: that of a TLS one would confuse the thread that reads from it.
        with suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)

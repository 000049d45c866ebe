"""A connection's socket, beside the client library that reads and writes it."""

import os
import select
import socket

import MySQLdb


def of(connection: MySQLdb.Connection) -> socket.socket:
    """A socket of one's own for a connection's line, to be closed with the connection.

    The library's own number of it may be another file's, once it has closed the connection.
    """
    number: int = connection.fileno()  # type: ignore[no-untyped-call]
    return socket.socket(fileno=os.dup(number))


def is_over(line: socket.socket) -> bool:
    """Whether the server has ended a connection of which no answer is expected.

    A server says nothing unasked but its farewell, so what can be read is that, or the end. The
    kernel knows: it costs no round trip.
    """
    poll = select.poll()
    poll.register(line, select.POLLIN)
    return bool(poll.poll(0))

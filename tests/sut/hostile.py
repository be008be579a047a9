"""A server on a real socket that answers what a test wrote, byte for byte, and nothing else."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

Script = Callable[[socket.socket], None]


@contextlib.contextmanager
def hostile_product(script: Script) -> Iterator[str]:
    """Serve ``script`` to every connection; gives the address."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            with connection, contextlib.suppress(OSError):
                connection.settimeout(10)
                connection.recv(65536)
                script(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stop.set()
        thread.join(timeout=15)
        listener.close()


def says(status: str, body: bytes = b"", media_type: str = "application/json", **headers: str) -> Script:
    """Answer with this status line and body."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {media_type}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    answer = "\r\n".join([*lines, "", ""]).encode() + body
    return lambda connection: connection.sendall(answer)


def says_nothing(connection: socket.socket) -> None:
    """Hang until the other side gives up."""
    with contextlib.suppress(OSError):
        connection.recv(1)


def hangs_up(connection: socket.socket) -> None:
    """Close without a word."""


def dies_in_the_middle(connection: socket.socket) -> None:
    """Announce a long answer and close after its beginning."""
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{"name": ')


def drips(connection: socket.socket) -> None:
    """Send one byte at a time, for three seconds: each wait is short, the whole is not."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    for _ in range(60):
        connection.sendall(b" ")
        time.sleep(0.05)


def floods(connection: socket.socket) -> None:
    """Send more than any answer of the contract."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    block = b" " * 1_000_000
    while True:
        connection.sendall(block)

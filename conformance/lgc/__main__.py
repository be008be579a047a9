"""Run the reference product: ``python -m conformance.lgc --port 0``.

Its first line of output is JSON, ``{"url": "http://127.0.0.1:…"}``; it stops at SIGINT, SIGTERM, or, with
``--while-stdin-open``, when its standard input closes, so that it never outlives who started it. At SIGHUP it starts
again at the same address, with what its store kept and nothing else.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import socket
import sqlite3
import sys
from pathlib import Path

from aiohttp import web

from conformance.core.child import when_stdin_ends
from conformance.lgc.faults import faulty_parts, names
from conformance.lgc.server import HOST, application, ready_line
from conformance.lgc.store import Store


async def serve(listening: socket.socket, store_folder: Path | None, faults: tuple[str, ...] = ()) -> bool:
    """Serve on a bound socket until a signal stops it; without a folder nothing is kept. Whether to start again."""
    parts = faulty_parts(faults)
    store = Store(store_folder)
    runner = web.AppRunner(application(parts.practice(store, parts)), access_log=None)
    await runner.setup()
    try:
        await web.SockSite(runner, listening.dup()).start()
        print(ready_line(listening.getsockname()[1]), flush=True)
        return await _stopped()
    finally:
        await runner.cleanup()
        store.close()


async def _stopped() -> bool:
    """Wait for a signal; whether it asks to start again."""
    stop: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def end(again: bool) -> None:
        if not stop.done():
            stop.set_result(again)

    for name, again in (("SIGINT", False), ("SIGTERM", False), ("SIGHUP", True)):
        try:
            asyncio.get_running_loop().add_signal_handler(getattr(signal, name), end, again)
        except (AttributeError, NotImplementedError):  # Windows: SIGINT raises KeyboardInterrupt by itself
            break
    return await stop


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m conformance.lgc", description=__doc__.split("\n")[0])
    parser.add_argument("--port", type=int, default=0, help="0: a free port")
    parser.add_argument("--socket", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--store", type=Path, help="folder of the SQLite store; without it, memory")
    parser.add_argument("--fault", action="append", default=[], choices=names(), metavar="NAME")
    parser.add_argument("--while-stdin-open", action="store_true")
    options = parser.parse_args(arguments)
    if options.while_stdin_open:
        when_stdin_ends(lambda: os._exit(0))
    return run(options.port, options.store, tuple(options.fault), options.socket)


def run(port: int, store_folder: Path | None, faults: tuple[str, ...], inherited: int | None = None) -> int:
    """Serve in this process until it is stopped; gives the exit code.

    ``inherited`` is the file descriptor of the socket of the process that this one follows.
    """
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    try:
        listening = _bound(port) if inherited is None else socket.socket(fileno=inherited)
        if asyncio.run(serve(listening, store_folder, faults)):
            _start_again(listening)
    except KeyboardInterrupt:
        return 0
    except (OSError, sqlite3.Error) as error:
        print(f"lgc: {error}", file=sys.stderr)
        return 2
    return 0


def _bound(port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "posix":
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((HOST, port))
    return made


def _start_again(listening: socket.socket) -> None:
    """Become a new process on the same socket: threads and memory are gone, as after a power cut."""
    # Handed over, not opened again: a free port could be somebody else's before the new process is there.
    listening.set_inheritable(True)
    arguments = [*sys.argv[1:], "--socket", str(listening.fileno())]
    os.execv(sys.executable, [sys.executable, "-m", "conformance.lgc", *arguments])


if __name__ == "__main__":
    sys.exit(main())

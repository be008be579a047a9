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
import sqlite3
import sys
import threading
from pathlib import Path

from aiohttp import web

from conformance.lgc.faults import faulty_parts, names
from conformance.lgc.server import HOST, application, ready_line
from conformance.lgc.store import Store


async def serve(port: int, store_folder: Path | None, faults: tuple[str, ...] = ()) -> int | None:
    """Serve until a signal stops it; ``port`` 0 takes a free one; without a folder nothing is kept.

    Gives the port on which it is to start again, ``None`` when it is to end.
    """
    parts = faulty_parts(faults)
    store = Store(store_folder)
    runner = web.AppRunner(application(parts.practice(store, parts)), access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, HOST, port)
        await site.start()
        used = int(runner.addresses[0][1])
        print(ready_line(used), flush=True)
        return used if await _stopped() else None
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
    parser.add_argument("--store", type=Path, help="folder of the SQLite store; without it, memory")
    parser.add_argument("--fault", action="append", default=[], choices=names(), metavar="NAME")
    parser.add_argument("--while-stdin-open", action="store_true")
    options = parser.parse_args(arguments)
    if options.while_stdin_open:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    return run(options.port, options.store, tuple(options.fault))


def run(port: int, store_folder: Path | None, faults: tuple[str, ...]) -> int:
    """Serve in this process until it is stopped; gives the exit code."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    try:
        again = asyncio.run(serve(port, store_folder, faults))
        if again is not None:
            _start_again(again)
    except KeyboardInterrupt:
        return 0
    except (OSError, sqlite3.Error) as error:
        print(f"lgc: {error}", file=sys.stderr)
        return 2
    return 0


def _start_again(port: int) -> None:
    """Become a new process at the same address: threads and memory are gone, as after a power cut."""
    arguments = sys.argv[1:]
    os.execv(sys.executable, [sys.executable, "-m", "conformance.lgc", *arguments, "--port", str(port)])


def _end_with_stdin() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())

"""Start a running reference product again: ``python -m conformance.lgc.restart PID URL``; ends when it answers.

For the option ``restart`` of the profiles that must see what a product keeps over a restart.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from urllib.parse import urlsplit
from urllib.request import urlopen

SECONDS = 30.0
"""How long each step may take."""


def restart(pid: int, url: str) -> None:
    """Send the signal, wait until the process that ran is gone, then until the new one answers."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=SECONDS) as connection:
        os.kill(pid, signal.SIGHUP)
        connection.recv(1)  # nothing ever comes: it ends with the process at the other end
    with urlopen(f"{url}/about", timeout=SECONDS) as answer:
        answer.read()


if __name__ == "__main__":
    restart(int(sys.argv[1]), sys.argv[2])

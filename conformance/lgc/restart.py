"""Start a running reference product again: ``python -m conformance.lgc.restart PID URL``; ends when it answers.

For the option ``restart`` of the profiles that must see what a product keeps over a restart.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from urllib.parse import urlsplit

SECONDS = 30.0
"""How long it may take, each way."""


def restart(pid: int, url: str) -> bool:
    """Send the signal, wait until nothing answers at ``url``, then until something does."""
    os.kill(pid, signal.SIGHUP)
    return _wait(url, False) and _wait(url, True)


def _wait(url: str, answers: bool) -> bool:
    parts = urlsplit(url)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            socket.create_connection((parts.hostname or "", parts.port or 80), timeout=1).close()
            found = True
        except OSError:
            found = False
        if found is answers:
            return True
        time.sleep(0.01)
    return False


if __name__ == "__main__":
    sys.exit(0 if restart(int(sys.argv[1]), sys.argv[2]) else 1)

"""``python -m conformance.simulators.dmp``: the process that ``DmpProcess`` starts. People use ``segur serve dmp``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from conformance.core.errors import SegurError
from conformance.simulators.dmp.process import run


def main() -> int:
    """Serve until interrupted, or until the standard input closes."""
    parser = argparse.ArgumentParser(prog="conformance.simulators.dmp")
    parser.add_argument("--state", type=Path)
    parser.add_argument("--database", default="")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--control-port", type=int, default=0)
    asked = parser.parse_args()
    try:
        ports = (asked.port, asked.control_port)
        return run(asked.state, database=asked.database, ports=ports, while_stdin_open=True)
    except SegurError as error:
        print(error, file=sys.stderr)
        return int(error.exit_code)


if __name__ == "__main__":
    sys.exit(main())

"""A PostgreSQL of our own, started for the tests on a free port of the loopback and thrown away after."""

from __future__ import annotations

import glob
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def binaries() -> Path | None:
    """Where ``initdb`` and ``postgres`` are, if anywhere."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    inside_path = shutil.which("initdb")
    path = found[-1] if found else inside_path
    return Path(path).parent if path else None


@contextmanager
def running(where: Path) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database, with the binaries of ``where``."""
    folder = Path(tempfile.mkdtemp(prefix="segur-pg-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # PostgreSQL refuses to run as root; Debian makes a user for it.
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(folder, "postgres")
    data = folder / "data"

    def run(name: str, *options: str) -> None:
        command = [*as_user, str(where / name), *options]
        subprocess.run(command, check=True, capture_output=True, timeout=120, cwd=folder)

    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories='' -c fsync=off"
    try:
        run("initdb", "-D", str(data), "-U", "segur", "--auth", "trust", "--encoding", "UTF8", "--locale", "C")
        run("pg_ctl", "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
        yield f"postgresql+psycopg://segur@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run(
            [*as_user, str(where / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"], capture_output=True
        )
        shutil.rmtree(folder, ignore_errors=True)

"""A certificate and its key, given as text, on the product's side of a channel."""

from __future__ import annotations

import ssl
import tempfile
from pathlib import Path


def load_pair(context: ssl.SSLContext, certificate: str | None, key: str | None) -> None:
    """Have ``context`` show this certificate (PEM, with its chain); nothing is done without both."""
    if not (certificate and key):
        return
    # The library reads the pair from files only; the folder is readable by its owner alone, and goes at once.
    with tempfile.TemporaryDirectory(prefix="lgc-") as folder:
        chain, private = Path(folder) / "chain.pem", Path(folder) / "key.pem"
        chain.write_text(certificate, "ascii")
        private.write_text(key, "ascii")
        context.load_cert_chain(chain, private)

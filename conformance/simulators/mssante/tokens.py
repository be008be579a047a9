"""A small token server in the shape of Pro Santé Connect: access tokens of minutes, refresh, revocation.

It asks nobody for a card: whoever names a professional gets a token for them. Tokens are random words, of which only
a digest is kept. Source: PSC as used by ECO.1.2.1 to ECO.1.2.7 (claim ``SubjectNameID``, scope ``openid scope_all``).
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import threading
import time
from pathlib import Path
from typing import Final

from conformance.simulators.mssante.model import Tokens

SCOPE: Final = "openid scope_all"

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS token (
  digest TEXT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, login TEXT NOT NULL, ends REAL NOT NULL
);
"""


class TokenServer:
    """Gives and checks tokens; ``folder`` keeps them over a restart. Safe between threads."""

    def __init__(self, folder: Path | None, access_seconds: float, refresh_seconds: float) -> None:
        self._seconds = {"access": access_seconds, "refresh": refresh_seconds, "code": 60.0}
        self._lock = threading.Lock()
        self._db = sqlite3.connect(
            "" if folder is None else folder / "tokens.sqlite", check_same_thread=False, isolation_level=None
        )
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def code(self, subject: str) -> str:
        """An authorization code for a professional, good for one minute and one use."""
        return self._made("code", subject, secrets.token_hex(8), self._seconds["code"])

    def exchange(self, code: str) -> Tokens | None:
        """The tokens of a code; ``None`` when it is not good (any more)."""
        found = self._take("code", code)
        return self.issue(found[0]) if found else None

    def issue(self, subject: str, seconds: float | None = None) -> Tokens:
        """Tokens for the professional of that national identifier; ``seconds``: of the access token."""
        return self._issue(subject, secrets.token_hex(8), seconds)

    def refresh(self, refresh: str) -> Tokens | None:
        """New tokens for a refresh token, which is used up; ``None`` when it is not good (any more)."""
        found = self._take("refresh", refresh)
        return self._issue(*found, None) if found else None

    def subject(self, access: str) -> tuple[str, float] | None:
        """Whose access token it is, and until when (seconds since the epoch); ``None`` when it is not good."""
        with self._lock:
            row = self._db.execute(
                "SELECT subject, ends FROM token WHERE digest = ? AND kind = 'access' AND ends > ?",
                (_digest(access), time.time()),
            ).fetchone()
        return (row[0], row[1]) if row else None

    def revoke(self, token: str) -> None:
        """End the login that gave this token: all its tokens at once."""
        with self._lock:
            self._db.execute(
                "DELETE FROM token WHERE login = (SELECT login FROM token WHERE digest = ?)", (_digest(token),)
            )

    def end(self, subject: str = "", refresh_too: bool = False) -> None:
        """Let the access tokens of a professional (or of all) run out now; with ``refresh_too``, the logins end."""
        kinds = "('access', 'refresh')" if refresh_too else "('access')"
        with self._lock:
            self._db.execute(f"DELETE FROM token WHERE kind IN {kinds} AND (? = '' OR subject = ?)", (subject, subject))

    def _issue(self, subject: str, login: str, seconds: float | None) -> Tokens:
        lasting = self._seconds["access"] if seconds is None else seconds
        access = self._made("access", subject, login, lasting)
        return Tokens(access, self._made("refresh", subject, login, self._seconds["refresh"]), lasting)

    def _made(self, kind: str, subject: str, login: str, seconds: float) -> str:
        token = secrets.token_urlsafe(48)
        with self._lock:
            self._db.execute("DELETE FROM token WHERE ends <= ?", (time.time(),))
            row = (_digest(token), kind, subject, login, time.time() + seconds)
            self._db.execute("INSERT INTO token VALUES (?, ?, ?, ?, ?)", row)
        return token

    def _take(self, kind: str, token: str) -> tuple[str, str] | None:
        with self._lock:
            row = self._db.execute(
                "DELETE FROM token WHERE digest = ? AND kind = ? RETURNING subject, login, ends", (_digest(token), kind)
            ).fetchone()
        return (row[0], row[1]) if row and row[2] > time.time() else None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

"""What the product refuses, and how it says so."""

from __future__ import annotations


class Refused(Exception):
    """A request that the product will not carry out: HTTP status, stable name, sentence for the user."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def unknown(what: str, identifier: str) -> Refused:
    """Something that is not in the store."""
    return Refused(404, f"unknown_{what}", f"« {identifier} » n’existe pas ici.")

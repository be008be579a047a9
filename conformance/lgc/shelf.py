"""Tables of the product's store that belong to one part of it: each part brings its own, in the one database."""

from __future__ import annotations

import sqlite3
from typing import ClassVar

from conformance.lgc.store import Store


class Shelf:
    """Tables of the store of the product; ``reset`` empties them with the rest."""

    schema: ClassVar[str] = ""
    tables: ClassVar[tuple[str, ...]] = ()

    def __init__(self, store: Store) -> None:
        self.store = store
        self.database: sqlite3.Connection = store.share(self.schema, self.tables)

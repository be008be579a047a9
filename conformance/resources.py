"""Finds the data that travels with the kit: profiles, fixtures, report templates.

In a checkout they are the top-level folders; installed from a wheel they lie in ``conformance/data``.
"""

from __future__ import annotations

from pathlib import Path

from conformance.core.errors import BenchError
from conformance.core.language import Text

_PACKAGE = Path(__file__).resolve().parent


def data_folder(name: str) -> Path:
    """The folder ``profiles``, ``fixtures`` or ``reports``, whether installed or in a checkout.

    Raises ``BenchError`` when the installation is incomplete.
    """
    for candidate in (_PACKAGE / "data" / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise BenchError(
        "kit.data-missing",
        Text(
            fr=f"Le dossier de données « {name} » du kit est introuvable.",
            en=f"The kit's data folder “{name}” cannot be found.",
        ),
        Text(fr="Réinstallez le paquet segur-conformance.", en="Reinstall the package segur-conformance."),
    )

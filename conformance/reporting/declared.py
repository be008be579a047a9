"""An auditor's opinions, added to a report that was made without them."""

from __future__ import annotations

from pathlib import Path

from conformance.core.attestations import read_opinions
from conformance.core.errors import UsageError
from conformance.core.language import Text
from conformance.reporting.model import RunReport


def add_opinions(report: RunReport, path: Path) -> None:
    """Show the opinions of ``path`` beside the verdicts of ``report``, which stay as they are.

    Raises ``UsageError`` when the file is absent or wrong, or names a requirement that the report does not have.
    """
    if not path.exists():
        raise UsageError(
            "opinions.not-found",
            Text(f"« {path} » n’existe pas.", f"“{path}” does not exist."),
            Text("Indiquez un fichier opinions.toml.", "Name an opinions.toml file."),
        )
    requirements = {one["id"]: one for one in [*report.requirements, *report.attested]}
    for opinion in read_opinions(path, requirements):
        requirements[opinion["requirement"]].setdefault("opinions", []).append(opinion)

"""What people answer for: attestations of the vendor, opinions of an auditor. Each in a file of its own.

``attestations.toml``, beside ``segur.toml``, answers for the requirements that only a person can judge:

    [[attestation]]
    requirement = "INS/va1.60"
    answer = "yes"                  # yes, no, not_applicable
    by = "Camille Test, qualité"
    on = 2026-09-15
    comment = "Formation suivie par tous les utilisateurs."
    evidence = [{ path = "preuves/formation.pdf", sha256 = "…" }]

With ``not_applicable`` a ``reason`` of the closed list (``NotApplicableReason``) is required. ``opinions.toml``
holds ``[[opinion]]`` tables (``requirement``, ``opinion`` = ``agrees``, ``disagrees`` or ``question``, ``by``,
``on``, ``comment``): they are shown beside the verdict and never change it.
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from conformance.core.declaring import Reader, read_tables
from conformance.core.errors import UsageError
from conformance.core.events import AttestationFacts, AttestedFile, OpinionFacts
from conformance.core.evidence import EvidenceStore
from conformance.core.language import Text
from conformance.core.verdicts import NotApplicableReason, Verdict

ATTESTATIONS_FILE = "attestations.toml"
OPINIONS_FILE = "opinions.toml"

ANSWERS = {"yes": Verdict.PASS, "no": Verdict.FAIL, "not_applicable": Verdict.NOT_APPLICABLE}
OPINIONS = ("agrees", "disagrees", "question")


def read_attestations(path: Path, known: Collection[str] | None, store: EvidenceStore) -> list[AttestationFacts]:
    """The attestations of ``path``, their evidence kept in ``store``; none when there is no such file.

    ``known`` are the requirement ids that exist (``None``: not checked). Raises ``UsageError`` that names the
    table and what is wrong with it: unknown key or requirement, missing name or date, answer outside the list,
    requirement answered twice, evidence that is absent or has another SHA-256.
    """
    found: list[AttestationFacts] = []
    for reader in read_tables(path, "attestation"):
        identifier = reader.text("requirement")
        _known(reader, identifier, known, {one["requirement"] for one in found})
        answer = reader.choice("answer", ANSWERS)
        reason = ""
        if answer == "not_applicable":
            reason = reader.choice("reason", [str(one) for one in NotApplicableReason])
        found.append(
            {
                "requirement": identifier,
                "answer": answer,
                "reason": reason,
                "by": reader.text("by"),
                "on": reader.day("on"),
                "comment": reader.text("comment", needed=False),
                "evidence": [_kept(reader, one, path.parent, store) for one in reader.tables("evidence")],
            }
        )
        reader.finish()
    return found


def read_opinions(path: Path, known: Collection[str] | None) -> list[OpinionFacts]:
    """The opinions of ``path``, none when there is no such file. Raises ``UsageError`` like ``read_attestations``."""
    found: list[OpinionFacts] = []
    for reader in read_tables(path, "opinion"):
        identifier = reader.text("requirement")
        _known(reader, identifier, known, set())
        found.append(
            {
                "requirement": identifier,
                "opinion": reader.choice("opinion", OPINIONS),
                "by": reader.text("by"),
                "on": reader.day("on"),
                "comment": reader.text("comment", needed=False),
            }
        )
        reader.finish()
    return found


def attested_verdict(identifier: str, attestations: Iterable[AttestationFacts]) -> Verdict:
    """What the answer makes of a requirement that only a person can judge; without one, ``not_checked``."""
    for one in attestations:
        if one["requirement"] == identifier:
            return ANSWERS[one["answer"]]
    return Verdict.NOT_CHECKED


def _known(reader: Reader, identifier: str, known: Collection[str] | None, taken: set[str]) -> None:
    if known is not None and identifier not in known:
        raise reader.wrong(
            Text(f"l’exigence « {identifier} » est inconnue", f"the requirement “{identifier}” is unknown")
        )
    if identifier in taken:
        raise reader.wrong(
            Text(
                f"l’exigence « {identifier} » a déjà une réponse", f"the requirement “{identifier}” is answered already"
            )
        )


def _kept(reader: Reader, table: dict[str, Any], folder: Path, store: EvidenceStore) -> AttestedFile:
    """Check a file against its digest and keep it."""
    name, announced = table.get("path"), table.get("sha256")
    if not isinstance(name, str) or set(table) - {"path", "sha256"}:
        raise reader.wrong(Text("evidence attend { path, sha256 }", "evidence expects { path, sha256 }"))
    file = folder / name
    try:
        data = file.read_bytes()
    except (OSError, ValueError) as error:  # a name may hold an octet that no file name can
        raise reader.wrong(Text(f"la pièce « {name} » est illisible", f"the file “{name}” cannot be read")) from error
    digest = hashlib.sha256(data).hexdigest()
    if not isinstance(announced, str) or announced.lower() != digest:
        raise UsageError(
            "attestation.wrong-digest",
            Text(
                f"{reader.where} : l’empreinte annoncée pour « {name} » n’est pas la sienne.",
                f"{reader.where}: the digest announced for “{name}” is not its own.",
            ),
            Text(
                f'Vérifiez la pièce, puis écrivez : sha256 = "{digest}".',
                f'Check the file, then write: sha256 = "{digest}".',
            ),
        )
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    stored = store.put(data, media_type)
    return {"name": file.name, "media_type": media_type, "sha256": digest, "size": stored.size, "path": stored.path}

"""The evidence bundle: one zip that an auditor can check without us.

    manifest.json            what is inside, with SHA-256, sizes, times, versions of everything; masked
    manifest.sha256          the digest of the manifest itself
    report.json, report.html the report and its page; other views on request
    requirements/INS_va1.53/<scenario>/<proof>/<test>/01-vsm.xml
                             every message and document, octet for octet, where the requirement asks for it;
                             <proof> is the number of a proof or its kind, « - » what the register does not say
    requirements/…/attestation/…
                             the files behind an attestation
    other/<test>/…           what belongs to no requirement
    run-report.schema.json, evidence-bundle.schema.json
                             the schemas of report.json and of the manifest

The same run gives the same octets, whenever it is bundled with the same kit and the same zlib.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance import __version__
from conformance.core.errors import UsageError
from conformance.core.events import RequirementFacts
from conformance.core.evidence import EvidenceStore
from conformance.core.language import Text
from conformance.reporting.bundle_story import said_of
from conformance.reporting.model import EvidenceReport, ReportOfTest, RunReport
from conformance.reporting.proofs import answers, proof_of, scenario_of
from conformance.reporting.readable.inside import documents_inside
from conformance.reporting.shape import MANIFEST as MANIFEST_SCHEMA
from conformance.reporting.shape import REPORT, schema_file
from conformance.reporting.views import write_views
from conformance.reporting.zip_form import entry_of
from conformance.validation.outcome import DocumentOutcome
from conformance.validation.pipeline import validate

BUNDLE_SCHEMA = "segur-evidence-bundle/1"
MANIFEST = "manifest.json"
MANIFEST_DIGEST = "manifest.sha256"

_NOT_IN_NAMES = re.compile(r"[^\w.+-]+")
_LONGEST_NAME = 60


@dataclass(slots=True)
class _Contents:
    """The files of the bundle and what the manifest says of each."""

    files: dict[str, bytes] = field(default_factory=dict)
    said: list[dict[str, Any]] = field(default_factory=list)

    def add(self, path: str, data: bytes, **said: Any) -> None:
        self.files[path] = data
        digest = hashlib.sha256(data).hexdigest()
        self.said.append({"path": path, "sha256": digest, "size": len(data), **said})


def make_bundle(report: RunReport, formats: Iterable[str] = ("json", "html")) -> bytes:
    """The zip of a run. ``report.folder`` must hold its evidence.

    Raises ``UsageError`` when a file of the evidence is gone or is no longer what the run kept.
    """
    contents = _Contents()
    _add_views(contents, report, formats)
    for schema in (REPORT, MANIFEST_SCHEMA):
        data = schema_file(schema).read_bytes()
        contents.add(schema, data, kind="schema", media_type="application/schema+json")
    documents: dict[str, dict[str, Any]] = {}
    facts: dict[str, RequirementFacts] = {one["id"]: one for one in [*report.requirements, *report.attested]}
    for test in report.tests:
        for number, proof in enumerate(test["evidence"], start=1):
            data = _read(report, proof["path"], proof["sha256"])
            for path, place in _places(test, proof, number, facts):
                contents.add(path, data, **place, **_facts(test, proof))
            for document in documents_inside(data, proof["media_type"]):
                sha256 = hashlib.sha256(document).hexdigest()
                if sha256 not in documents:
                    documents[sha256] = summary_of(validate(document))
    _add_attestations(contents, report)
    manifest = _manifest(report, contents, documents)
    written = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"
    digest = f"{hashlib.sha256(written).hexdigest()}  {MANIFEST}\n".encode()
    return pack({**contents.files, MANIFEST: written, MANIFEST_DIGEST: digest})


def pack(files: dict[str, bytes]) -> bytes:
    """A zip of these files that depends on nothing but them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted(files):
            archive.writestr(entry_of(path), files[path], compresslevel=6)
    return out.getvalue()


def summary_of(outcome: DocumentOutcome) -> dict[str, Any]:
    """What the validation of a document comes to, to be compared when it is replayed."""
    return {
        "document_type": outcome.document_type.key if outcome.document_type else None,
        "verdict": str(outcome.verdict),
        "findings": sorted([one.rule, str(one.severity), one.fingerprint] for one in outcome.findings),
    }


def _add_views(contents: _Contents, report: RunReport, formats: Iterable[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, path in write_views(report, root, dict.fromkeys(["json", *formats])).items():
            for file in [path] if path.is_file() else sorted(path.rglob("*")):
                contents.add(file.relative_to(root).as_posix(), file.read_bytes(), kind="view", view=name)


def _read(report: RunReport, path: str, sha256: str) -> bytes:
    """A file of the evidence, proven to be the one that the run kept."""
    try:
        data = EvidenceStore(report.folder or Path()).get(path)
    except OSError as error:
        raise UsageError(
            "bundle.evidence-gone",
            Text(
                f"La preuve {path} a disparu du dossier de l’exécution.",
                f"The evidence {path} is gone from the run’s folder.",
            ),
            Text(
                "Rejouez l’exécution : un dossier de preuves est complet ou n’est pas.",
                "Run again: a bundle is complete or is not.",
            ),
        ) from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise UsageError(
            "bundle.evidence-changed",
            Text(
                f"La preuve {path} a été modifiée depuis l’exécution.",
                f"The evidence {path} was changed since the run.",
            ),
            Text("Rejouez l’exécution.", "Run again."),
        )
    return data


def _places(
    test: ReportOfTest, proof: EvidenceReport, number: int, facts: Mapping[str, RequirementFacts]
) -> list[tuple[str, dict[str, str | None]]]:
    """Where a proof lies: once for each requirement of its test, under the scenario and the proof number."""
    name = f"{number:02d}-{_safe(proof['name'])}"
    short = _safe(test["id"].rpartition("::")[2])
    places: list[tuple[str, dict[str, str | None]]] = []
    for requirement in test["requirements"]:
        scenario = scenario_of(requirement, facts.get(requirement), test)
        number_of_proof = proof_of(requirement, facts.get(requirement), test, proof)
        parts = [_safe(requirement), _safe(scenario or "-"), _safe(number_of_proof or "-"), short, name]
        said = {"requirement": requirement, "scenario": scenario, "proof": number_of_proof}
        places.append(("requirements/" + "/".join(parts), said))
    if not places:
        places.append((f"other/{short}/{name}", {"requirement": None, "scenario": None, "proof": proof["proof"]}))
    return places


def _facts(test: ReportOfTest, proof: EvidenceReport) -> dict[str, Any]:
    facts = {
        "kind": "evidence",
        "name": proof["name"],
        "role": proof["role"],
        "media_type": proof["media_type"],
        "at": proof["at"],
        "test": test["id"],
        "verdict": test["verdict"],
    }
    return facts | ({"document_type": proof["document_type"]} if "document_type" in proof else {})


def _add_attestations(contents: _Contents, report: RunReport) -> None:
    for requirement in [*report.requirements, *report.attested]:
        answer = requirement.get("attestation")
        for file in answer["evidence"] if answer else ():
            contents.add(
                f"requirements/{_safe(requirement['id'])}/attestation/{_safe(file['name'])}",
                _read(report, file["path"], file["sha256"]),
                kind="attestation",
                requirement=requirement["id"],
                media_type=file["media_type"],
            )


def _manifest(report: RunReport, contents: _Contents, documents: dict[str, dict[str, Any]]) -> dict[str, Any]:
    header = report.header
    return {
        "schema": BUNDLE_SCHEMA,
        **said_of(report),
        "versions": {"kit": header["kit"], "bundled_with": __version__, **header["versions"]},
        "proofs_asked": _asked(report, contents),
        "documents": documents,
        "files": sorted(contents.said, key=lambda one: str(one["path"])),
    }


def _asked(report: RunReport, contents: _Contents) -> dict[str, list[dict[str, Any]]]:
    """Requirement → the proofs that the register asks for, and the files of the bundle that answer each.

    One without files is for the vendor to add: a video, a certificate, the number of an execution.
    """
    files: dict[str, list[dict[str, Any]]] = {}
    for said in contents.said:
        if said["kind"] == "evidence" and said["requirement"]:
            files.setdefault(said["requirement"], []).append(said)
    return {
        one["id"]: [
            {**asked, "files": sorted(said["path"] for said in files.get(one["id"], []) if answers(asked, said))}
            for asked in one["proofs_asked"]
        ]
        for one in [*report.requirements, *report.attested]
        if one.get("proofs_asked")
    }


def _safe(name: str) -> str:
    """A file name that every system takes: ``INS/va1.53`` → ``INS_va1.53``."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    cleaned = _NOT_IN_NAMES.sub("_", plain).strip("._") or "x"
    if len(cleaned) <= _LONGEST_NAME:
        return cleaned
    # Two long names may begin alike.
    return f"{cleaned[: _LONGEST_NAME - 9]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"

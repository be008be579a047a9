"""Runs the layers on a document and says which ran, were skipped or failed.

A layer that breaks is our fault (``bench_error``) and does not stop the others.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from conformance.cda import kinds
from conformance.cda.kinds import DocumentType, recognise
from conformance.cda.reading import Document, Limits, read_document
from conformance.core.errors import DocumentError
from conformance.core.findings import Finding, Place, Severity
from conformance.core.language import Text
from conformance.validation.layers import Layer, all_layers
from conformance.validation.outcome import DocumentOutcome, LayerOutcome, LayerStatus


@dataclass(frozen=True, slots=True)
class Options:
    """How to validate: limits of reading, the VSM version to assume when the document does not tell, whether to read
    the PDF files inside structured documents (a quarter of a second each).

    ``rules`` says whose rules judge: ``native`` (ours), ``official`` (the publisher's, from ``pack``: a registered
    name or a folder, empty for the default one; ``volet`` forces the document's own), or ``both``.
    """

    limits: Limits = field(default_factory=Limits)
    vsm_version: str = "2022.01"
    open_files: bool = False
    rules: Literal["native", "official", "both"] = "native"
    pack: str = ""
    volet: str | None = None


def validate_file(path: Path, options: Options | None = None) -> DocumentOutcome:
    """Validate one file. A file that cannot be opened raises ``OSError``: the caller knows what to say."""
    return validate(path.read_bytes(), str(path), options)


def validate(data: bytes, name: str = "-", options: Options | None = None) -> DocumentOutcome:
    """Validate one document given as bytes; ``name`` is the path that the outcome carries.

    Raises ``UsageError`` when the official rules are asked for and there is no such pack or volet.
    """
    options = options or Options()
    started = time.perf_counter()
    try:
        document = read_document(data, name, options.limits)
    except DocumentError as error:
        return _unreadable(name, error, time.perf_counter() - started)
    kind = recognise(document.clinical, options.vsm_version)
    layers = all_layers(options.open_files)
    if options.rules == "official":
        layers = layers[:1]  # decoding stays ours: the official rules begin with a document that could be read
    outcomes = [_run(layer, document, kind) for layer in layers]
    if kind is kinds.NOT_CDA:
        outcomes[0] = _not_clinical(document, outcomes[0])
    outcome = DocumentOutcome(name, kind, tuple(outcomes))
    if options.rules == "native" or kind is kinds.NOT_CDA:
        return outcome
    from conformance.validation.packs.bridge import Rules, join

    return join(outcome, document, Rules(options.rules), options.pack, options.volet)


def _run(layer: Layer, document: Document, kind: DocumentType) -> LayerOutcome:
    reason = layer.skips(kind)
    if reason is not None:
        return LayerOutcome(layer.name, LayerStatus.SKIPPED, reason=reason)
    started = time.perf_counter()
    try:
        findings = layer.run(document, kind)
    except Exception as error:  # whatever breaks in a layer is ours, must not stop the others, and is never a pass
        why = f"{type(error).__name__}: {error}"
        return LayerOutcome(
            layer.name,
            LayerStatus.FAILED,
            reason=Text(f"défaut du kit ({why})", f"fault of the kit ({why})"),
            seconds=time.perf_counter() - started,
        )
    return LayerOutcome(layer.name, LayerStatus.RAN, tuple(findings), seconds=time.perf_counter() - started)


def _unreadable(name: str, error: DocumentError, seconds: float) -> DocumentOutcome:
    finding = Finding(
        error.code,
        Severity.ERROR,
        "decoding",
        Text(f"{error.sentence.fr} {error.hint.fr}", f"{error.sentence.en} {error.hint.en}"),
        Place(error.line or 1, error.column or 1, "/"),
        source="CI-SIS Structuration minimale §3.2.1",
    )
    reason = Text("le document n'a pas pu être lu", "the document could not be read")
    skipped = (LayerOutcome(layer.name, LayerStatus.SKIPPED, reason=reason) for layer in all_layers()[1:])
    decoding = LayerOutcome("decoding", LayerStatus.RAN, (finding,), seconds=seconds)
    return DocumentOutcome(name, None, (decoding, *skipped), error)


def _not_clinical(document: Document, decoding: LayerOutcome) -> LayerOutcome:
    root = document.root
    finding = Finding(
        "decoding.not-a-clinical-document",
        Severity.ERROR,
        "decoding",
        Text(
            f"L'élément de tête est {root.tag}, et le document ne contient aucun ClinicalDocument "
            "de l'espace de noms urn:hl7-org:v3. Donnez un document CDA R2.",
            f"The top element is {root.tag}, and the document holds no ClinicalDocument "
            "in the namespace urn:hl7-org:v3. Give a CDA R2 document.",
        ),
        document.place(root),
        source="CI-SIS Structuration minimale §3.3.1",
    )
    return LayerOutcome(decoding.name, decoding.status, (*decoding.findings, finding), seconds=decoding.seconds)

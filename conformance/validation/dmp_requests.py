"""Checks of what a product sends to the DMP: one captured request, or all those of a session.

The result is one outcome for the request, then one per CDA document inside it (``request.http!document1``).
Layers of the request: ``dmp-transport`` (TLS, HTTP, MTOM, addressing), ``dmp-vihf``, ``dmp-request`` (the payload of
each transaction; for a feeding ``dmp-lot`` and ``dmp-metadata`` findings), ``dmp-coherence`` (header of the CDA).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from conformance.cda.kinds import DocumentType
from conformance.core.errors import DocumentError
from conformance.core.findings import Finding, Place, Severity
from conformance.core.language import Text
from conformance.exchange.dmp.captured import CapturedRequest, read_captured
from conformance.exchange.dmp.transactions import FEED
from conformance.validation.dmp.coherence import check_coherence, has_documents_to_compare
from conformance.validation.dmp.lot import check_lot
from conformance.validation.dmp.messages import check_message
from conformance.validation.dmp.opened import OpenedRequest, open_request
from conformance.validation.dmp.session import check_session
from conformance.validation.dmp.transport import check_transport
from conformance.validation.dmp.vihf import check_vihf
from conformance.validation.outcome import DocumentOutcome, LayerOutcome, LayerStatus
from conformance.validation.pipeline import Options, validate

REQUEST: Final = DocumentType("dmp-request", Text("Requête au DMP", "Request to the DMP"), True)
LAYERS: Final = ("dmp-transport", "dmp-vihf", "dmp-request", "dmp-coherence")

_UNREADABLE: Final = Text("la requête n’a pas pu être lue", "the request could not be read")
_NOT_A_FEEDING: Final = Text("ce n’est pas une alimentation", "it is no feeding")
_NO_DOCUMENT: Final = Text("aucun document CDA à comparer", "no CDA document to compare")


def check_request(
    captured: CapturedRequest, name: str = "-", options: Options | None = None, *, documents: bool = True
) -> tuple[DocumentOutcome, ...]:
    """Check one request; with ``documents``, its CDA documents go through the validation pipeline too."""
    try:
        request = open_request(captured, name)
    except DocumentError as error:
        return (_refused(name, error),)
    outcomes = [_outcome(request, name)]
    if documents:
        outcomes.extend(_documents(request, name, options))
    return tuple(outcomes)


def validate_request(data: bytes, name: str = "-", options: Options | None = None) -> tuple[DocumentOutcome, ...]:
    """Check a request given as a file: an HTTP request (``.http``)."""
    try:
        captured = read_captured(data)
    except DocumentError as error:
        return (_refused(name, error),)
    return check_request(captured, name, options)


def findings_of(captured: CapturedRequest, *, documents: bool = False) -> list[Finding]:
    """The findings of one request, in the order of the layers: what profiles assert on."""
    return [one for outcome in check_request(captured, documents=documents) for one in outcome.findings]


def check_requests(captured: Iterable[CapturedRequest]) -> list[Finding]:
    """What a series of requests of one product shows beyond each of them. Unreadable ones are left out."""
    opened: list[OpenedRequest] = []
    for one in captured:
        try:
            opened.append(open_request(one))
        except DocumentError:
            continue  # ``check_request`` says why
    return list(check_session(opened))


def _outcome(request: OpenedRequest, name: str) -> DocumentOutcome:
    feeding = request.transaction is FEED
    layers = [
        _layer("dmp-transport", lambda: check_transport(request)),
        _layer("dmp-vihf", lambda: check_vihf(request)),
        _layer("dmp-request", lambda: check_lot(request) if feeding else check_message(request)),
    ]
    if not feeding:
        layers.append(LayerOutcome("dmp-coherence", LayerStatus.SKIPPED, reason=_NOT_A_FEEDING, expected=False))
    elif not has_documents_to_compare(request):
        layers.append(LayerOutcome("dmp-coherence", LayerStatus.SKIPPED, reason=_NO_DOCUMENT))
    else:
        layers.append(_layer("dmp-coherence", lambda: check_coherence(request)))
    transaction = {"transaction": request.transaction.key} if request.transaction else {}
    return DocumentOutcome(name, REQUEST, tuple(layers), extra=transaction)


def _documents(request: OpenedRequest, name: str, options: Options | None) -> Iterator[DocumentOutcome]:
    for entry in request.documents:
        file = request.file_of(entry)
        if file is not None and file.content is not None and entry.mime_type in ("text/xml", "application/xslt+xml"):
            yield validate(file.content.data, f"{name}!{entry.id}", options)


def _layer(name: str, run: Callable[[], Iterable[Finding]]) -> LayerOutcome:
    started = time.perf_counter()
    try:
        findings = tuple(run())
    except Exception as error:  # whatever breaks in a check is ours, must not stop the others, and is never a pass
        why = f"{type(error).__name__}: {error}"
        reason = Text(f"défaut du kit ({why})", f"fault of the kit ({why})")
        return LayerOutcome(name, LayerStatus.FAILED, reason=reason, seconds=time.perf_counter() - started)
    return LayerOutcome(name, LayerStatus.RAN, findings, seconds=time.perf_counter() - started)


def _refused(name: str, error: DocumentError) -> DocumentOutcome:
    finding = Finding(
        f"dmp-transport.{error.code}",
        Severity.ERROR,
        "dmp-transport",
        Text(f"{error.sentence.fr} {error.hint.fr}", f"{error.sentence.en} {error.hint.en}"),
        Place(error.line or 1, error.column or 1, "/"),
        source="W3C SOAP 1.2, W3C MTOM",
    )
    ran = LayerOutcome("dmp-transport", LayerStatus.RAN, (finding,))
    skipped = (LayerOutcome(layer, LayerStatus.SKIPPED, reason=_UNREADABLE) for layer in LAYERS[1:])
    return DocumentOutcome(name, REQUEST, (ran, *skipped), error)

"""The outcome of a validation as others may read it: no name nor INS of the document stands in its sentences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePath

from conformance.core.findings import Finding
from conformance.core.language import Text
from conformance.core.redaction import Redactor, names_in
from conformance.reporting.readable.inside import texts_inside
from conformance.validation.outcome import DocumentOutcome, LayerOutcome


def masked(outcomes: Iterable[DocumentOutcome], data: bytes, name: str) -> tuple[DocumentOutcome, ...]:
    """The outcomes of what ``data`` is or holds, masked; ``name`` tells a mail from a document."""
    texts = texts_inside(data, _media_type(data, name))
    redactor = Redactor(word for text in texts for word in names_in(text))
    return tuple(replace(one, layers=tuple(_layer(layer, redactor) for layer in one.layers)) for one in outcomes)


def _media_type(data: bytes, name: str) -> str:
    """What ``name`` ends with; what has no ending and is neither XML nor an archive is taken for a mail."""
    ending = PurePath(name).suffix.lower()
    if ending or data.lstrip()[:1] in (b"<", b"P", b"\xef", b"\xff", b"\xfe"):
        return {".eml": "message/rfc822", ".http": "message/http"}.get(ending, "")
    return "message/rfc822"


def _layer(layer: LayerOutcome, redactor: Redactor) -> LayerOutcome:
    return replace(layer, findings=tuple(_finding(one, redactor) for one in layer.findings))


def _finding(finding: Finding, redactor: Redactor) -> Finding:
    message = Text(redactor.text(finding.message.fr), redactor.text(finding.message.en))
    return finding if message == finding.message else replace(finding, message=message)

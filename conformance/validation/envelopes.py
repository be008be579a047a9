"""Validates what travels: XDM archives and messages, and through the pipeline the documents inside them.

The result is one outcome per file, the envelope first; the path of an inner file tells where it lies:
``mail.eml!IHE_XDM.zip!IHE_XDM/SUBSET01/DOC0001.XML``.
Layers: ``archive`` (layout), ``metadata`` (METADATA.XML), ``mail`` (the message), ``crosscheck`` (each against the others).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from pathlib import PurePath
from typing import Final

from conformance.cda.kinds import DocumentType
from conformance.core.errors import DocumentError
from conformance.core.findings import Finding
from conformance.core.language import Text
from conformance.exchange import checks
from conformance.exchange.mail import MailLimits, Message, read_message
from conformance.exchange.xdm import Archive, Member, Subset, is_zip, read_archive
from conformance.validation.outcome import DocumentOutcome, LayerOutcome, LayerStatus
from conformance.validation.pipeline import Options, validate

ARCHIVE: Final = DocumentType("xdm-archive", Text("Archive IHE_XDM", "IHE_XDM archive"), True)
METADATA: Final = DocumentType(
    "xdm-metadata", Text("Métadonnées d’une archive IHE_XDM", "Metadata of an IHE_XDM archive"), True
)
MESSAGE: Final = DocumentType("mss-message", Text("Message MSSanté", "MSSanté message"), True)
RECEIPT: Final = DocumentType("mss-receipt", Text("Accusé d’un message MSSanté", "Receipt of an MSSanté message"), True)

ENDINGS: Final = (".zip", ".eml", ".http")
"""The file endings of envelopes."""

_HEADER: Final = re.compile(rb"[A-Za-z][A-Za-z0-9-]*:[ \t]")
_UNREADABLE: Final = Text("l’enveloppe n’a pas pu être lue", "the envelope could not be read")
_NO_DOCUMENT: Final = Text("aucun document à comparer", "no document to compare")


def validate_any(data: bytes, name: str = "-", options: Options | None = None) -> tuple[DocumentOutcome, ...]:
    """Validate a document, an archive, a message or a request to the DMP.

    Told by the ending of ``name``, by the content where it has none.
    """
    ending = PurePath(name).suffix.lower()
    if ending == ".zip" or (not ending and is_zip(data)):
        return validate_archive(data, name, options)
    if ending == ".eml" or (not ending and _HEADER.match(data)):
        return validate_message(data, name, options)
    if ending == ".http":
        # Loaded when needed: signatures and certificates take longer to import than a document to validate.
        from conformance.validation.dmp_requests import validate_request

        return validate_request(data, name, options)
    return (validate(data, name, options),)


def validate_archive(data: bytes, name: str = "-", options: Options | None = None) -> tuple[DocumentOutcome, ...]:
    """Validate an XDM archive given as bytes: the archive, each METADATA.XML, each document."""
    outcomes, _ = _archive(data, name, options or Options())
    return outcomes


def validate_message(
    data: bytes, name: str = "-", options: Options | None = None, *, sent: bool | None = None
) -> tuple[DocumentOutcome, ...]:
    """Validate a message given as bytes: the message, then what its archives hold.

    ``sent``: whether a product wrote it; ``None`` says so of every message that comes neither from a patient nor,
    as delivery notices do, from an operator.
    """
    options = options or Options()
    try:
        message = read_message(data, name, MailLimits())
    except DocumentError as error:
        return (_refused(name, MESSAGE, "mail", error, ("crosscheck",)),)
    inner: list[DocumentOutcome] = []
    archives: list[Archive | None] = []
    for rank, attachment in enumerate(message.archives, 1):
        path = f"{name}!{attachment.name or f'attachment-{rank}'}"
        outcomes, archive = _archive(attachment.data, path, options)
        inner.extend(outcomes)
        archives.append(archive)
    return (_message(message, archives, sent), *inner)


def _message(message: Message, archives: list[Archive | None], sent: bool | None) -> DocumentOutcome:
    held = sum(archive.cdas for archive in archives if archive)
    cdas = None if None in archives and not held else held
    opened = [document for archive in archives if archive for document in checks.open_documents(archive)]
    compared = any(document.header is not None for document in opened)
    by_others = checks.from_patient(message) or message.report_type == "delivery-status"
    sent = not by_others if sent is None else sent
    alone = _layer(
        "mail", lambda: [*checks.check_message(message, sent=sent, cdas=cdas), *checks.check_receipt(message)]
    )
    if compared:
        together = _layer("crosscheck", lambda: checks.check_contents(message, opened))
    else:
        # A message without archive has nothing to be compared with: that is no gap.
        together = LayerOutcome("crosscheck", LayerStatus.SKIPPED, reason=_NO_DOCUMENT, expected=bool(message.archives))
    kind = RECEIPT if message.report_type else MESSAGE
    return DocumentOutcome(message.name, kind, (alone, together))


def _archive(data: bytes, name: str, options: Options) -> tuple[tuple[DocumentOutcome, ...], Archive | None]:
    try:
        archive = read_archive(data, name)
    except DocumentError as error:
        return (_refused(name, ARCHIVE, "archive", error, ()),), None
    documents = checks.open_documents(archive)
    outcomes = [DocumentOutcome(name, ARCHIVE, (_layer("archive", lambda: checks.check_archive(archive)),))]
    outcomes.extend(_metadata(subset, name, documents) for subset in archive.subsets)
    outcomes.extend(validate(file.data, f"{name}!{file.path}", options) for file in _clinical_files(archive, documents))
    return tuple(outcomes), archive


def _metadata(subset: Subset, name: str, documents: tuple[checks.OpenedDocument, ...]) -> DocumentOutcome:
    path = f"{name}!{subset.file.path}"
    metadata = subset.metadata
    if metadata is None:
        assert subset.error is not None
        return _refused(path, METADATA, "metadata", subset.error, ("crosscheck",))
    own = [document for document in documents if document.subset is subset]
    together = _layer("crosscheck", lambda: [f for document in own for f in checks.check_against_metadata(document)])
    if not any(document.file is not None for document in own):
        together = LayerOutcome("crosscheck", LayerStatus.SKIPPED, reason=_NO_DOCUMENT)
    return DocumentOutcome(path, METADATA, (_layer("metadata", lambda: checks.check_metadata(metadata)), together))


def _clinical_files(archive: Archive, documents: tuple[checks.OpenedDocument, ...]) -> Iterable[Member]:
    """What the pipeline must see: the files that metadata call XML, and those that say they are clinical documents."""
    described = {d.file.path for d in documents if d.file and (d.entry.mime_type or "").endswith("xml")}
    metadata = {subset.file.path for subset in archive.subsets}
    for member in archive.members:
        clinical = member.file_name.upper().endswith(".XML") and member.looks_clinical
        if member.path not in metadata and (member.path in described or clinical):
            yield member


def _layer(name: str, run: Callable[[], Iterable[Finding]]) -> LayerOutcome:
    started = time.perf_counter()
    try:
        findings = tuple(run())
    except Exception as error:  # whatever breaks in a check is ours, must not stop the others, and is never a pass
        why = f"{type(error).__name__}: {error}"
        reason = Text(f"défaut du kit ({why})", f"fault of the kit ({why})")
        return LayerOutcome(name, LayerStatus.FAILED, reason=reason, seconds=time.perf_counter() - started)
    return LayerOutcome(name, LayerStatus.RAN, findings, seconds=time.perf_counter() - started)


def _refused(
    path: str, kind: DocumentType, layer: str, error: DocumentError, others: tuple[str, ...]
) -> DocumentOutcome:
    ran = LayerOutcome(layer, LayerStatus.RAN, (checks.refusal(error, layer),))
    skipped = (LayerOutcome(other, LayerStatus.SKIPPED, reason=_UNREADABLE) for other in others)
    return DocumentOutcome(path, kind, (ran, *skipped), error)

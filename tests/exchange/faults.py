"""One fault for each rule on envelopes: a good message, archive or metadata file with just that thing spoilt.

``FAULTS`` maps the id of a rule to what gives the findings of the spoilt thing. The demands on metadata values spoil
themselves: see ``value_faults``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from typing import Any

from lxml import etree

from conformance.core.findings import Finding
from conformance.exchange import checks
from conformance.exchange.checks.archive_values import DOCUMENT_ENTRY, SUBMISSION_SET
from conformance.exchange.checks.demands import Demand
from conformance.exchange.mail import Address, Attachment
from conformance.exchange.mdn import Disposition, IntegrationError, Mdn, write_mdn
from conformance.exchange.metadata import Author, Coded, RegistryObjects, read_metadata, write_metadata
from conformance.exchange.metadata.carriers import (
    AttributeCarrier,
    SlotCarrier,
    TextCarrier,
)
from conformance.exchange.metadata.fields import DOCUMENT_ENTRY_FIELDS, SUBMISSION_SET_FIELDS, Field, field_of
from conformance.exchange.metadata.names import rim
from conformance.exchange.xdm import read_archive
from conformance.exchange.xdm_writing import write_zip
from conformance.generation.messages import Post, case
from conformance.generation.messages.hostile import _described
from conformance.generation.messages.ordinary import about, version
from conformance.generation.messages.variants import KNOWN, OTHER, Person
from conformance.validation.envelopes import validate_archive, validate_message

Findings = list[Finding]
POST = Post()
PATIENT = Address("", f"{KNOWN.matricule}@patient.mssante.fr")


def of_message(data: bytes) -> Findings:
    """What is said of a message, its archive and metadata; the documents inside are another affair."""
    return [f for outcome in validate_message(data, "m.eml") for f in outcome.findings if f.layer in LAYERS]


def of_archive(data: bytes) -> Findings:
    return [f for outcome in validate_archive(data, "a.zip") for f in outcome.findings if f.layer in LAYERS]


LAYERS = ("archive", "metadata", "mail", "crosscheck")


def sent(documents: list[bytes] | None = None, **changes: Any) -> Findings:
    return of_message(POST.send(documents or [POST.level_3], **changes))


def without_header(name: str) -> Findings:
    lines = POST.send([POST.level_3]).split(b"\r\n")
    return of_message(b"\r\n".join(line for line in lines if not line.startswith(name.encode() + b":")))


def with_entry(document: bytes | None = None, **changes: Any) -> Findings:
    document = document or POST.level_3
    objects = POST.metadata([document])
    entries = tuple(replace(entry, **changes) for entry in objects.documents)
    return of_archive(POST.archive([document], replace(objects, documents=entries)))


def with_objects(objects: RegistryObjects) -> Findings:
    return of_archive(POST.archive([POST.level_3], objects))


def with_members(change: Callable[[dict[str, bytes]], None]) -> Findings:
    members = {member.path: member.data for member in read_archive(POST.archive([POST.level_3])).members}
    change(members)
    return of_archive(write_zip(members.items()))


def moved(old: str, new: str) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        for name in [name for name in members if name.startswith(old)]:
            members[new + name[len(old) :]] = members.pop(name)

    return change


def added(name: str, data: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda members: members.update({name: data})


def renamed_document(uri: str) -> Findings:
    def change(members: dict[str, bytes]) -> None:
        members[f"IHE_XDM/SUBSET01/{uri}"] = members.pop("IHE_XDM/SUBSET01/DOC0001.XML")
        path = "IHE_XDM/SUBSET01/METADATA.XML"
        members[path] = members[path].replace(b"DOC0001.XML", uri.encode())

    return with_members(change)


def not_clinical() -> Findings:
    letter = b"<lettre/>"
    return of_message(POST.send([POST.level_3], POST.archive([letter], _described(POST, letter))))


def attached(*changes: Attachment) -> Findings:
    return sent(attachments=(*POST.draft([POST.level_3]).attachments, *changes))


def archive_as(**changes: Any) -> Findings:
    first, *others = POST.draft([POST.level_3]).attachments
    return sent(attachments=(replace(first, **changes), *others))


def pdf_as(**changes: Any) -> Findings:
    first, second = POST.draft([POST.level_3]).attachments
    return sent(attachments=(first, replace(second, **changes)))


PLAIN_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
REPLY = b"In-Reply-To: <parent@quai.mssante.fr>\r\n"


def receipt(spoil: Callable[[bytes], bytes] = lambda data: data, disposition: Disposition | None = None) -> Findings:
    mode = "automatic-action/MDN-sent-automatically"
    mdn = Mdn("c@quai.mssante.fr", "<1@port.mssante.fr>", disposition or Disposition(mode, "processed"))
    written = write_mdn(
        mdn, sender="Dr_Erwan_LOTISSIER <c@quai.mssante.fr>", recipient="a@port.mssante.fr", text="Lu",
        original=b"Subject: x\r\n\r\ny\r\n", message_id="<2@quai.mssante.fr>", date="Tue, 11 Jun 2024 09:00:00 +0000",
    )  # fmt: skip
    return of_message(spoil(written))


def swapped(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def swap(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new)

    return swap


FAILED = Disposition(
    "automatic-action/MDN-sent-automatically", "processed", ("error",), IntegrationError("902", "x", "y", "E")
)


def no_ins_to_patient() -> Findings:
    person = Person("", KNOWN.birth_name, KNOWN.given, KNOWN.birth_date, KNOWN.sex, root="", local=KNOWN.local)
    return sent([about(POST.level_3, person, 2)], recipients=(PATIENT,))


def hidden(code: str, to: Address) -> Findings:
    objects = POST.metadata([POST.level_3])
    masked = Coded(code, "1.2.250.1.213.1.1.4.13")
    entries = tuple(replace(e, confidentiality=(*e.confidentiality, masked)) for e in objects.documents)
    archive = POST.archive([POST.level_3], replace(objects, documents=entries))
    return of_message(POST.send([POST.level_3], archive, recipients=(to,)))


def raw(old: bytes, new: bytes, **changes: Any) -> Findings:
    return of_message(swapped(old, new)(POST.send([POST.level_3], **changes)))


@cache
def _objects() -> RegistryObjects:
    return POST.metadata([POST.level_3])


def _second_patient() -> RegistryObjects:
    objects = _objects()
    other = POST.metadata([about(POST.level_3, OTHER, 8)]).documents[0].patient_id
    return replace(objects, submission_sets=(replace(objects.submission_sets[0], patient_id=other),))


def _wrapped() -> Findings:
    return with_members(lambda members: members.update({
        "IHE_XDM/SUBSET01/METADATA.XML": b"<Envelope>" + members["IHE_XDM/SUBSET01/METADATA.XML"].partition(b"?>")[2] + b"</Envelope>"
    }))  # fmt: skip


def _twice_the_document() -> Findings:
    objects = _objects()
    again = replace(objects.documents[0], id="Document02")
    return with_objects(replace(objects, documents=(*objects.documents, again)))


def _large_to_patient() -> Findings:
    scan = Attachment("20240611_Scan_PRIGENT_MAELLE.pdf", "application/pdf", bytes(19 * 1024 * 1024))
    return sent(recipients=(PATIENT,), attachments=(*POST.draft([POST.level_3]).attachments, scan))


FAULTS: dict[str, Callable[[], Findings]] = {
    # The archive
    "archive.metadata": lambda: of_archive(write_zip([("INDEX.HTM", b"x"), ("README.TXT", b"x")])),
    "archive.folder": lambda: with_members(moved("IHE_XDM/SUBSET01/", "SUBSET01/")),
    "archive.file": lambda: with_entry(uri="DOC0009.XML"),
    "archive.a-cda": not_clinical,
    "archive.index": lambda: with_members(lambda members: members.pop("INDEX.HTM")),  # type: ignore[arg-type,return-value]  # what pop gives is of no use
    "archive.readme": lambda: with_members(lambda members: members.pop("README.TXT")),  # type: ignore[arg-type,return-value]  # as above
    "archive.capitals": lambda: with_members(moved("README.TXT", "Readme.txt")),
    "archive.names": lambda: renamed_document("COMPTE-RENDU-1.XML"),
    "archive.described": lambda: with_members(added("IHE_XDM/SUBSET01/DOC0002.XML", b"<a/>")),
    "archive.nested": lambda: with_members(added("IHE_XDM/SUBSET02/A.ZIP", write_zip([("A", b"x")]))),
    "archive.relative-uri": lambda: with_entry(uri="SUBSET01/DOC0001.XML"),
    # Metadata as a whole
    "metadata.one-submission-set": lambda: with_objects(replace(_objects(), submission_sets=())),
    "metadata.root": _wrapped,
    "metadata.a-document": lambda: with_objects(replace(_objects(), documents=(), associations=())),
    "metadata.own-id": lambda: with_objects(replace(_objects(), submission_sets=(replace(_objects().submission_sets[0], id="Document01"),))),
    "metadata.own-unique-id": _twice_the_document,
    "metadata.one-patient": lambda: with_objects(_second_patient()),
    "metadata.member": lambda: with_objects(replace(_objects(), associations=())),
    "metadata.class-of-type": lambda: with_entry(class_code=Coded("60", "1.2.250.1.213.1.1.4.1")),
    "metadata.birth-name": lambda: with_entry(source_patient_info=("PID-7|19850714",)),
    # Metadata and documents
    "crosscheck.hash": lambda: with_entry(hash="0" * 40),
    "crosscheck.size": lambda: with_entry(size=7),
    "crosscheck.mime-type": lambda: with_entry(mime_type="application/xml"),
    "crosscheck.patientId": lambda: of_message(case("metadata_of_another").messages()[-1]),
    "crosscheck.birthName": lambda: with_entry(source_patient_info=("PID-5|SPECIMEN^MAELLE^^^^^L",)),
    "crosscheck.birthDate": lambda: with_entry(source_patient_info=("PID-5|PRIGENT^MAELLE^^^^^L", "PID-7|19500101")),
    "crosscheck.sex": lambda: with_entry(source_patient_info=("PID-5|PRIGENT^MAELLE^^^^^L", "PID-8|M")),
    "crosscheck.uniqueId": lambda: with_entry(unique_id="1.2.3.4"),
    "crosscheck.languageCode": lambda: with_entry(language_code="en-US"),
    "crosscheck.title": lambda: with_entry(title="Une autre lettre"),
    "crosscheck.creationTime": lambda: with_entry(creation_time="20240611101500"),
    "crosscheck.serviceStartTime": lambda: with_entry(service_start_time="20200101"),
    "crosscheck.serviceStopTime": lambda: with_entry(service_stop_time="20200101"),
    "crosscheck.typeCode": lambda: with_entry(type_code=Coded("11502-2", "2.16.840.1.113883.6.1")),
    "crosscheck.formatCode": lambda: with_entry(POST.level_1, format_code=Coded("urn:ihe:iti:xds-sd:pdf:2008", "1.3.6.1.4.1.19376.1.2.3")),
    "crosscheck.healthcareFacilityTypeCode": lambda: with_entry(healthcare_facility_type=Coded("SA08", "1.2.250.1.71.4.2.4")),
    "crosscheck.practiceSettingCode": lambda: with_entry(practice_setting=Coded("ETABLISSEMENT", "1.2.250.1.213.1.1.4.9")),
    "crosscheck.confidentialityCode": lambda: with_entry(confidentiality=(Coded("R", "2.16.840.1.113883.5.25"),)),
    "crosscheck.author.count": lambda: with_entry(authors=_objects().documents[0].authors[:1]),
    "crosscheck.author": lambda: with_entry(authors=(Author(person="899900000014^X^Y^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"), _objects().documents[0].authors[1])),
    "crosscheck.legalAuthenticator": lambda: with_entry(legal_authenticator="899900000014^X^Y^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"),
    "crosscheck.action": lambda: with_entry(version(POST.level_3, 2, 1), action=None),
    # The message and its documents
    "crosscheck.x-mss-codecda": lambda: sent(code_cda="11502-2"),
    "crosscheck.x-mss-ins": lambda: sent(ins="N"),
    "crosscheck.one-patient": lambda: of_message(case("two_patients").messages()[-1]),
    "crosscheck.subject-patient": lambda: sent(subject="XDM/1.0/DDM+CR ou fiche de consultation ou de visite MARTIN Paul 14/07/1985"),
    "crosscheck.subject-birth-date": lambda: sent(subject=POST.draft([POST.level_3]).subject.replace("14/07/1985", "01/01/1950")),
    "crosscheck.subject-label": lambda: sent(subject="XDM/1.0/DDM+Courrier PRIGENT MAELLE 14/07/1985"),
    "crosscheck.pdf-twins": lambda: sent(attachments=POST.draft([POST.level_3]).attachments[:1]),
    "crosscheck.pdf-name": lambda: pdf_as(name="20200101_Autre chose_PRIGENT_MAELLE.pdf"),
    "crosscheck.recipient-patient": lambda: sent(recipients=(Address("", f"{OTHER.matricule}@patient.mssante.fr"),)),
    "crosscheck.recipient-qualified": no_ins_to_patient,
    "crosscheck.hidden-from-patient": lambda: hidden("INVISIBLE_PATIENT", PATIENT),
    "crosscheck.masked-to-professionals": lambda: hidden("MASQUE_PS", POST.recipient),
    "crosscheck.replacement-told": lambda: sent([version(POST.level_3, 2, 1)], body="Bonjour\n"),
    "crosscheck.deletion-told": lambda: of_message(_deletion_untold()),
    # The message alone
    "mail.subject": lambda: sent(subject="Vos documents"),
    "mail.subject-without-archive": lambda: of_message(case("pdf_only_with_xdm_subject").messages()[-1]),
    "mail.one-archive": lambda: attached(POST.draft([POST.level_1]).attachments[0]),
    "mail.archive-name": lambda: archive_as(name="documents.zip"),
    "mail.archive-type": lambda: archive_as(media_type="application/octet-stream"),
    "mail.pdf-a": lambda: pdf_as(data=PLAIN_PDF),
    "mail.pdf-name": lambda: pdf_as(name="document.pdf"),
    "mail.message-id": lambda: without_header("Message-ID"),
    "mail.date": lambda: without_header("Date"),
    "mail.thread": lambda: sent(in_reply_to="<parent@quai.mssante.fr>"),
    "mail.reply": lambda: sent(subject="Re: Vos documents", attachments=(), code_cda=None, ins=None),
    "mail.charset": lambda: raw(b'charset="utf-8"', b'charset="iso-8859-1"'),
    "mail.decodes": lambda: raw(b"Bonjour,", b"Bonjour =E9t=E9,"),
    "mail.body": lambda: raw(b"Content-Type: text/plain", b"Content-Type: text/html"),
    "mail.from-label": lambda: sent(sender=Address("", "a@port.mssante.fr")),
    "mail.from-label-form": lambda: sent(sender=Address("Docteur Brehier", "a@port.mssante.fr")),
    "mail.x-mss-nil": lambda: sent(software=None),
    "mail.x-mss-ins-value": lambda: sent(ins="Oui"),
    "mail.x-mss-ins-without-cda": lambda: sent(attachments=(), subject="Bonjour", code_cda=None),
    "mail.x-mss-codecda-without-cda": lambda: sent(attachments=(), subject="Bonjour", ins=None),
    "mail.x-mss-mes": lambda: sent(more_headers={"X-MSS-MES": "fin"}),
    "mail.closing-subject": lambda: sent(subject="[Fin]", attachments=(), code_cda=None, ins=None),
    "mail.patient-address": lambda: sent(recipients=(Address("", "285073523804200@patient.mssante.fr"),)),
    "mail.patient-size": _large_to_patient,
    "mail.read-receipt": lambda: sent(read_receipt_to="oui"),
    "mail.mime": lambda: of_message(POST.send([POST.level_3]).rstrip(b"\r\n-") + b"\r\n"),
    # Receipts
    "mail.mdn-part": lambda: receipt(swapped(b"message/disposition-notification", b"application/octet-stream")),
    "mail.mdn-final-recipient": lambda: receipt(swapped(b"Final-Recipient", b"X-Recipient")),
    "mail.mdn-disposition": lambda: receipt(swapped(b"automatic-action/", b"automatic-action ")),
    "mail.mdn-original-message-id": lambda: receipt(swapped(b"Original-Message-ID", b"X-Message-ID")),
    "mail.mdn-no-receipt": lambda: receipt(lambda data: b"Disposition-Notification-To: a@port.mssante.fr\r\n" + data),
    "mail.mdn-error": lambda: receipt(swapped(b"\r\nError: ", b"\r\nX-Error: "), FAILED),
    "mail.mdn-grammar": lambda: receipt(disposition=replace(FAILED, grammar="1.1.2")),
}  # fmt: skip


def _deletion_untold() -> bytes:
    objects = POST.metadata([POST.level_3])
    entries = tuple(replace(entry, action="D") for entry in objects.documents)
    return POST.send([POST.level_3], POST.archive([POST.level_3], replace(objects, documents=entries)))


# The demands on values spoil themselves -----------------------------------------------------------------------


@cache
def rich_metadata() -> bytes:
    """A good METADATA.XML that holds every value asked for, the optional ones included."""
    return write_metadata(POST.metadata([version(POST.level_3, 2, 1)]))


def value_faults() -> Iterator[tuple[str, Callable[[], Findings]]]:
    """For each rule on a value, the good METADATA.XML with just that value spoilt."""
    owners = (
        ("document", DOCUMENT_ENTRY, DOCUMENT_ENTRY_FIELDS, "ExtrinsicObject"),
        ("submission-set", SUBMISSION_SET, SUBMISSION_SET_FIELDS, "RegistryPackage"),
    )
    for owner, demands, table, element in owners:
        for demand in demands:
            field = field_of(table, demand.name)
            for kind in _kinds(demand, field):
                yield f"metadata.{owner}.{demand.name}.{kind}", partial(_spoilt, field, kind, element)
        for slot in ("authorPerson", "authorInstitution", "authorSpecialty"):
            yield f"metadata.{owner}.{slot}.form", partial(_spoilt_slot, slot, element)


def _kinds(demand: Demand, field: Field) -> Iterator[str]:
    if demand.least:
        yield "required"
    if demand.most == 1 and not isinstance(field.carrier, AttributeCarrier):
        yield "once"
    if demand.form:
        yield "form"
    if demand.systems:
        yield "system"
    if demand.value_set:
        yield "code"


def _spoilt(field: Field, kind: str, element: str) -> Findings:
    root = etree.fromstring(rich_metadata())
    owner = next(root.iter(rim(element)))
    found = list(field.carrier.find(owner))
    assert found, field.name
    node, attribute = found[0].node, found[0].attribute
    if kind == "required":
        for one in found:
            _remove(field, owner, one.node, one.attribute)
    elif kind == "once":
        parent = node.getparent()
        assert parent is not None
        parent.append(etree.fromstring(etree.tostring(node)))
    elif kind == "form":
        if attribute:
            node.set(attribute, "?" if not isinstance(field.carrier, TextCarrier) else " ")
        else:
            node.text = "?" if field.name != "URI" else " "
    elif kind == "system":
        next(SlotCarrier("codingScheme").find(node)).node.text = "1.2.3.4"
    else:
        node.set("nodeRepresentation", "INCONNU")
    return list(checks.check_metadata(read_metadata(etree.tostring(root))))


def _remove(field: Field, owner: etree._Element, node: etree._Element, attribute: str | None) -> None:
    if isinstance(field.carrier, AttributeCarrier):
        del owner.attrib[attribute or ""]
        return
    for top in owner:
        if node is top or node in top.iterdescendants():
            owner.remove(top)


def _spoilt_slot(slot: str, element: str) -> Findings:
    root = etree.fromstring(rich_metadata())
    owner = next(root.iter(rim(element)))
    for one in owner.iter(rim("Slot")):
        if one.get("name") == slot:
            one[0][0].text = "?"
    return list(checks.check_metadata(read_metadata(etree.tostring(root))))

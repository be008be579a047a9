"""Checks of a message against the documents that its archives carry: patient, codes, subject, PDF twins, visibility.

Sources: Référentiel socle MSSanté #2 v1.0.1; ANS, volet Transmission d'un document CDA (management rules of MSSanté).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from conformance.core.findings import Finding, Severity, Trust
from conformance.core.language import Text
from conformance.exchange.cda_header import CdaHeader
from conformance.exchange.checks.crosscheck import BOOK, OpenedDocument
from conformance.exchange.checks.rules import found_words
from conformance.exchange.mail import CODE_HEADER, INS_HEADER, Message
from conformance.exchange.naming import (
    LONGEST_LABEL,
    PDF_NAME,
    SUBJECT_START,
    french_date,
    label_of,
    parse_subject,
    patient_of,
    pdf_name_of,
    plain,
)
from conformance.identity.traits import strict_name
from conformance.terminology.labels import label_key

_R2: Final = "Référentiel socle MSSanté #2 v1.0.1"
_HAND: Final = Trust.SECOND_HAND
_SOFT: Final = Severity.WARNING

_CODE: Final = BOOK.rule(
    "x-mss-codecda", f"{CODE_HEADER} donne le code de chaque CDA de l’archive", f"{CODE_HEADER} gives the code of each CDA of the archive",
    f"{_R2}, ECO.2.4.1", requirements=("SC.MSS/CONF.15",),
)  # fmt: skip
_INS: Final = BOOK.rule(
    "x-mss-ins", f"{INS_HEADER} vaut O quand l’INS des CDA est qualifiée (matricule, OID et quatre traits), N sinon",
    f"{INS_HEADER} is O when the INS in the CDA is qualified (matricule, OID and four traits), else N",
    f"{_R2}, ECO.2.4.2", requirements=("SC.MSS/CONF.14",),
)  # fmt: skip
_ONE_PATIENT: Final = BOOK.rule(
    "one-patient", "tous les CDA d’un message concernent le même patient", "all CDA of a message are about the same patient",
    f"{_R2}, ECO.2.1.1", trust=_HAND, requirements=("MSS/va1.01", "SC.MSS/CONF.23"),
)  # fmt: skip
_SUBJECT_NAMES: Final = BOOK.rule(
    "subject-patient", "l’objet porte le NOM et le prénom du patient, sans accents", "the subject carries the patient’s NAME and given name, without accents",
    f"{_R2}, ECO.2.1.3", trust=_HAND, requirements=("MSS/va1.01",),
)  # fmt: skip
_SUBJECT_DATE: Final = BOOK.rule(
    "subject-birth-date", "la date de naissance de l’objet, quand elle est là, est celle du patient en JJ/MM/AAAA",
    "the birth date in the subject, when there, is the patient’s in DD/MM/YYYY",
    f"{_R2}, ECO.2.1.3", trust=_HAND, requirements=("MSS/va1.01",),
)  # fmt: skip
_SUBJECT_LABEL: Final = BOOK.rule(
    "subject-label", "l’objet donne le libellé du document (quarante caractères au plus), ou « N documents » s’il y en a plusieurs",
    "the subject gives the label of the document (forty characters at most), or “N documents” for several",
    f"{_R2}, ECO.2.1.3", severity=_SOFT, trust=_HAND, requirements=("MSS/va1.01",),
)  # fmt: skip
_TWINS: Final = BOOK.rule(
    "pdf-twins", "à côté de l’archive, le message porte un PDF pour chaque CDA", "beside the archive, the message carries a PDF for each CDA",
    f"{_R2}, ECO.2.1.1", trust=_HAND, requirements=("MSS/va1.01", "SC.MSS/CONF.23"),
)  # fmt: skip
_TWIN_NAME: Final = BOOK.rule(
    "pdf-name", "le nom du PDF est formé de la date de l’acte, du type et des noms qui sont dans le CDA",
    "the name of the PDF is formed from the date of the act, the type and the names in the CDA",
    f"{_R2}, ECO.2.1.6", severity=_SOFT, trust=_HAND, requirements=("MSS/va1.01", "DOC/va1.01"),
)  # fmt: skip
_RECIPIENT: Final = BOOK.rule(
    "recipient-patient", "le patient destinataire est celui des documents", "the patient who receives is that of the documents",
    f"{_R2}, ECO.2.2.6", trust=_HAND, requirements=("MSS/va1.19", "SC.MSS/UX.32"),
)  # fmt: skip
_QUALIFIED: Final = BOOK.rule(
    "recipient-qualified", "un document n’est envoyé à un patient qu’avec une INS qualifiée", "a document is sent to a patient with a qualified INS only",
    f"{_R2}, ECO.2.2.6", trust=_HAND, requirements=("MSS/va1.01", "MSS/va1.19"),
)  # fmt: skip
_HIDDEN: Final = BOOK.rule(
    "hidden-from-patient", "un document non visible par le patient ne lui est pas envoyé", "a document not visible to the patient is not sent to the patient",
    "ANS, volet Transmission d'un document CDA, règles MSSanté", requirements=("MSS/va1.01",),
)  # fmt: skip
_MASKED: Final = BOOK.rule(
    "masked-to-professionals", "un document masqué aux professionnels ne leur est pas envoyé", "a document masked to professionals is not sent to them",
    "ANS, volet Transmission d'un document CDA, règles MSSanté", requirements=("MSS/va1.01",),
)  # fmt: skip
_REPLACEMENT: Final = BOOK.rule(
    "replacement-told", "le corps d’un message qui remplace un document le dit", "the body of a message that replaces a document says so",
    "ANS, volet Transmission d'un document CDA ; CI-SIS Structuration minimale §3.5.5.11", severity=_SOFT, trust=_HAND, requirements=("AMBU.MSS/va1.02",),
)  # fmt: skip
_DELETION: Final = BOOK.rule(
    "deletion-told", "le corps d’un message qui demande de supprimer un document le dit", "the body of a message that asks to delete a document says so",
    "ANS, volet Transmission d'un document CDA", severity=_SOFT, trust=_HAND, requirements=("MSS/va1.30",),
)  # fmt: skip


def check_contents(message: Message, documents: Sequence[OpenedDocument]) -> Iterator[Finding]:
    """A message against the CDA documents of its archives; nothing is said of a message without CDA."""
    headers = [document.header for document in documents if document.header is not None]
    if not headers:
        return
    yield from _check_headers(message, headers)
    yield from _check_subject(message, headers)
    yield from _check_twins(message, headers)
    yield from _check_recipients(message, documents, headers)
    yield from _check_actions(message, documents)


def _check_headers(message: Message, headers: Sequence[CdaHeader]) -> Iterator[Finding]:
    # How several codes are parted is not published; the comma that one vendor writes is one way.
    given = sorted(one for value in message.headers(CODE_HEADER) for one in re.split(r"[,;\s]+", value.strip()) if one)
    wanted = sorted(header.code.code for header in headers)
    # Whether two documents of one type repeat their code is not said: both are taken.
    if given != wanted and given != sorted(set(wanted)):
        words = Text(f"attendu {', '.join(wanted)}, trouvé {', '.join(given) or 'rien'}",
                     f"expected {', '.join(wanted)}, found {', '.join(given) or 'nothing'}")  # fmt: skip
        yield _CODE.finding(words, message.place(CODE_HEADER))
    qualified = "O" if all(header.patient.qualified for header in headers) else "N"
    said = message.header(INS_HEADER)
    if said != qualified and said in ("", "O", "N"):
        words = Text(
            f"attendu {qualified}, trouvé {said or 'rien'}", f"expected {qualified}, found {said or 'nothing'}"
        )
        yield _INS.finding(words, message.place(INS_HEADER))
    if len({_who(header) for header in headers}) > 1:
        yield _ONE_PATIENT.finding(Text("ils en nomment plusieurs", "they name several"), message.place())


def _who(header: CdaHeader) -> tuple[str, ...]:
    patient = header.patient
    return patient.ins or (strict_name(patient.birth_name), strict_name(patient.first_given), patient.birth_date)


def _check_subject(message: Message, headers: Sequence[CdaHeader]) -> Iterator[Finding]:
    subject = parse_subject(message.subject)
    if subject is None or not message.subject.startswith(SUBJECT_START):
        return
    patient = headers[0].patient
    names = f"{strict_name(patient.birth_name)} {plain(patient.first_given)}".strip()
    # A given name in capitals or not is the same name; with an accent it is not the one asked for.
    if names and f" {names.upper()} " not in f" {subject.words.upper()} ":
        yield _SUBJECT_NAMES.finding(
            Text("ils n’y sont pas ainsi", "they are not there in that form"), message.place("Subject")
        )
    if subject.birth_date and patient.birth_date and subject.birth_date != french_date(patient.birth_date):
        yield _SUBJECT_DATE.finding(Text("elle diffère", "it differs"), message.place("Subject"))
    label = label_of(headers[0]) if len(headers) == 1 else f"{len(headers)} documents"
    if label and not label_key(subject.words).startswith(label_key(label[:LONGEST_LABEL])):
        yield _SUBJECT_LABEL.finding(Text(f"attendu « {label} »", f"expected “{label}”"), message.place("Subject"))


def _check_twins(message: Message, headers: Sequence[CdaHeader]) -> Iterator[Finding]:
    pdfs = message.pdfs
    if len(pdfs) < len(headers):
        words = Text(f"{len(headers)} CDA, {len(pdfs)} PDF", f"{len(headers)} CDA, {len(pdfs)} PDF")
        yield _TWINS.finding(words, message.place())
    wanted = {_name_key(pdf_name_of(header)): pdf_name_of(header) for header in headers}
    for pdf in pdfs:
        parts = PDF_NAME.fullmatch(pdf.name)
        if parts is None:
            continue  # said by the checks of the message alone
        plain_name = "_".join((parts["date"], parts["label"], parts["family"], parts["given"])) + ".pdf"
        if _name_key(plain_name) not in wanted:
            expected = next(iter(wanted.values()))
            yield _TWIN_NAME.finding(Text(f"trouvé « {pdf.name} », attendu par exemple « {expected} »",
                                          f"found “{pdf.name}”, expected for example “{expected}”"), message.place_of(pdf))  # fmt: skip


def _name_key(name: str) -> str:
    return "_".join(label_key(part) for part in name.split("_"))


def _check_recipients(
    message: Message, documents: Sequence[OpenedDocument], headers: Sequence[CdaHeader]
) -> Iterator[Finding]:
    patients = [local for one in message.recipients if (local := patient_of(one.address)) is not None]
    professionals = [one for one in message.recipients if patient_of(one.address) is None]
    matricules = {header.patient.ins[1] for header in headers if header.patient.ins}
    if patients and matricules and not set(patients) <= matricules:
        yield _RECIPIENT.finding(Text("c’est un autre", "it is another one"), message.place("To"))
    if patients and not all(header.patient.qualified for header in headers):
        yield _QUALIFIED.finding(Text("elle ne l’est pas", "it is not"), message.place("To"))
    codes = {code.code for document in documents for code in document.entry.confidentiality}
    if patients and "INVISIBLE_PATIENT" in codes:
        yield _HIDDEN.finding(found_words("INVISIBLE_PATIENT"), message.place("To"))
    if professionals and "MASQUE_PS" in codes:
        yield _MASKED.finding(found_words("MASQUE_PS"), message.place("To"))


def _check_actions(message: Message, documents: Sequence[OpenedDocument]) -> Iterator[Finding]:
    body = plain(message.body).casefold()
    deletes = any(document.entry.action == "D" for document in documents)
    replaces = any(
        document.entry.action == "C" or (document.header and document.header.replaces) for document in documents
    )
    if deletes and not re.search(r"suppr|delet", body):
        yield _DELETION.finding(Text("il ne le dit pas", "it does not"), message.place())
    elif replaces and not deletes and not re.search(r"remplac|replac|corrig", body):
        yield _REPLACEMENT.finding(Text("il ne le dit pas", "it does not"), message.place())

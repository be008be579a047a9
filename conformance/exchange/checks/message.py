"""Checks of a message by itself: headers, subject, body, names of the files, PDF/A-1, addresses of patients.

``sent`` tells a message that the product under test wrote: what only a sender owes (``X-MSS-NIL``…) is not asked
of a patient's reply. Sources: Référentiel socle MSSanté #2 v1.0.1 (ECO.…), second hand but for ECO.2.2.8 and ECO.2.4.x;
ANS volet Transmission au LPS.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Final

from conformance.core.findings import Finding, Severity, Trust
from conformance.core.language import Text
from conformance.exchange.checks.rules import RuleBook, found_words
from conformance.exchange.mail import CLOSING_HEADER, CODE_HEADER, INS_HEADER, SOFTWARE_HEADER, Message
from conformance.exchange.naming import CLOSING_SUBJECT, PDF_NAME, PREFIX, SUBJECT_START, patient_of
from conformance.exchange.pdf import read_claim
from conformance.exchange.xdm import is_xdm_name
from conformance.identity.ins import matricule_problems

BOOK: Final = RuleBook("mail")

_R2: Final = "Référentiel socle MSSanté #2 v1.0.1"
_PATIENT_LIMIT: Final = 25 * 1024 * 1024
_ZIP_TYPES: Final = ("application/zip",)
_HAND: Final = Trust.SECOND_HAND
_SOFT: Final = Severity.WARNING

_SUBJECT: Final = BOOK.rule(
    "subject", f"l’objet d’un message qui porte une archive IHE_XDM commence par {SUBJECT_START}",
    f"the subject of a message that carries an IHE_XDM archive begins with {SUBJECT_START}",
    f"{_R2}, ECO.2.1.3 ; ANS, volet Transmission au LPS", requirements=("SC.MSS/CONF.25", "MSS/va1.01"),
)  # fmt: skip
_SUBJECT_ALONE: Final = BOOK.rule(
    "subject-without-archive", f"seul un message qui porte une archive IHE_XDM a un objet en {PREFIX}",
    f"only a message that carries an IHE_XDM archive has a subject in {PREFIX}",
    f"{_R2}, ECO.2.1.3", severity=_SOFT, trust=Trust.OWN, requirements=("SC.MSS/CONF.25",),
)  # fmt: skip
_ONE_ARCHIVE: Final = BOOK.rule(
    "one-archive", "un message porte une seule archive IHE_XDM", "a message carries one IHE_XDM archive",
    f"{_R2}, ECO.2.1.1", trust=_HAND, requirements=("MSS/va1.01", "SC.MSS/CONF.23"),
)  # fmt: skip
_ARCHIVE_NAME: Final = BOOK.rule(
    "archive-name", "l’archive s’appelle IHE_XDM.zip (la casse ne compte pas)",
    "the archive is called IHE_XDM.zip (case does not count)",
    "ANS, volet Transmission au LPS", requirements=("MSS/va1.01", "SC.MSS/CONF.23"),
)  # fmt: skip
_ARCHIVE_TYPE: Final = BOOK.rule(
    "archive-type", "l’archive est jointe en application/zip", "the archive is attached as application/zip",
    "ANS, volet Transmission au LPS", severity=_SOFT, trust=_HAND, requirements=("MSS/va1.01",),
)  # fmt: skip
_PDFA: Final = BOOK.rule(
    "pdf-a", "le PDF joint à côté de l’archive se déclare PDF/A-1", "the PDF beside the archive declares itself PDF/A-1",
    f"{_R2}, ECO.2.1.1, ECO.2.1.5 ; ISO 19005-1", trust=_HAND, requirements=("MSS/va1.01", "DOC/va1.01"),
)  # fmt: skip
_PDF_NAME: Final = BOOK.rule(
    "pdf-name", "le PDF s’appelle <AAAAMMJJ>_<type de document>_<NOM>_<prénom>[_<numéro de dossier>].pdf",
    "the PDF is called <YYYYMMDD>_<type of document>_<NAME>_<given name>[_<record number>].pdf",
    f"{_R2}, ECO.2.1.6", trust=_HAND, requirements=("MSS/va1.01", "DOC/va1.01"),
)  # fmt: skip
_MESSAGE_ID: Final = BOOK.rule(
    "message-id", "chaque message a un Message-ID, un seul, de la forme <gauche@droite>",
    "each message has one Message-ID, of the form <left@right>",
    f"{_R2}, ECO.2.2.1 ; RFC 5322 §3.6.4", trust=_HAND, requirements=("MSS/va1.12",),
)  # fmt: skip
_DATE: Final = BOOK.rule(
    "date", "chaque message a un en-tête Date, un seul, qui donne une date", "each message has one Date header, which gives a date",
    "RFC 5322 §3.6, §3.6.1", requirements=("SC.MSS/CONF.05",),
)  # fmt: skip
_THREAD: Final = BOOK.rule(
    "thread", "une réponse porte In-Reply-To et References, et References contient l’identifiant de In-Reply-To",
    "a reply carries In-Reply-To and References, and References holds the id of In-Reply-To",
    f"{_R2}, ECO.2.2.2 ; RFC 5322 §3.6.4", trust=_HAND, requirements=("MSS/va1.08",),
)  # fmt: skip
_REPLY: Final = BOOK.rule(
    "reply", "un message dont l’objet commence par « Re: » est rattaché à son fil par In-Reply-To",
    "a message whose subject begins with “Re:” is tied to its thread by In-Reply-To",
    f"{_R2}, ECO.2.2.2", severity=_SOFT, trust=_HAND, requirements=("MSS/va1.08",),
)  # fmt: skip
_CHARSET: Final = BOOK.rule(
    "charset", "les parties de texte sont en UTF-8", "text parts are in UTF-8",
    f"{_R2}, ECO.2.2.3", trust=_HAND, requirements=("MSS/va1.11",),
)  # fmt: skip
_DECODES: Final = BOOK.rule(
    "decodes", "une partie de texte se décode dans le jeu de caractères qu’elle déclare",
    "a text part decodes in the charset that it declares",
    "RFC 2046 §4.1.2", requirements=("MSS/va1.11",),
)  # fmt: skip
_BODY: Final = BOOK.rule(
    "body", "le corps du message est en text/plain ou multipart/alternative",
    "the body of the message is text/plain or multipart/alternative",
    f"{_R2}, ECO.2.2.4", severity=_SOFT, trust=_HAND, requirements=("MSS/va1.11",),
)  # fmt: skip
_LABEL: Final = BOOK.rule(
    "from-label", "l’adresse de l’expéditeur est accompagnée d’un libellé parlant",
    "the sender’s address has a telling label beside it",
    f"{_R2}, ECO.2.2.7", trust=_HAND, requirements=("MSS/va1.16",),
)  # fmt: skip
_LABEL_FORM: Final = BOOK.rule(
    "from-label-form", "le libellé d’un professionnel s’écrit <Titre>_<Prénom>_<NOM>_<Entité>",
    "the label of a professional is written <Title>_<Given name>_<NAME>_<Entity>",
    f"{_R2}, ECO.2.2.7", severity=_SOFT, trust=_HAND, requirements=("MSS/va1.16",),
)  # fmt: skip
_NIL: Final = BOOK.rule(
    "x-mss-nil", f"chaque message envoyé porte {SOFTWARE_HEADER}, la référence du produit, une seule fois",
    f"each message sent carries {SOFTWARE_HEADER}, the reference of the product, once",
    f"{_R2}, ECO.2.4.3", requirements=("SC.MSS/CONF.16",),
)  # fmt: skip
_INS_VALUE: Final = BOOK.rule(
    "x-mss-ins-value", f"{INS_HEADER} vaut O ou N", f"{INS_HEADER} is O or N",
    f"{_R2}, ECO.2.4.2", requirements=("SC.MSS/CONF.14",),
)  # fmt: skip
_INS_ALONE: Final = BOOK.rule(
    "x-mss-ins-without-cda", f"un message sans CDA dans une archive IHE_XDM ne porte pas {INS_HEADER}",
    f"a message without CDA in an IHE_XDM archive carries no {INS_HEADER}",
    f"{_R2}, ECO.2.4.2", requirements=("SC.MSS/CONF.14",),
)  # fmt: skip
_CODE_ALONE: Final = BOOK.rule(
    "x-mss-codecda-without-cda", f"un message sans CDA dans une archive IHE_XDM ne porte pas {CODE_HEADER}",
    f"a message without CDA in an IHE_XDM archive carries no {CODE_HEADER}",
    f"{_R2}, ECO.2.4.1", requirements=("SC.MSS/CONF.15",),
)  # fmt: skip
_MES: Final = BOOK.rule(
    "x-mss-mes", f"{CLOSING_HEADER}, quand il est là, vaut FIN en capitales",
    f"{CLOSING_HEADER}, when there, is FIN in capitals",
    f"{_R2}, ECO.2.2.8", requirements=("SC.MSS/CONF.21",),
)  # fmt: skip
_FIN: Final = BOOK.rule(
    "closing-subject", f"un message qui clôt l’échange par son objet s’intitule exactement {CLOSING_SUBJECT}",
    f"a message that closes the exchange by its subject is entitled exactly {CLOSING_SUBJECT}",
    "CNAM, Mon espace santé – Messagerie V1.3", severity=_SOFT, trust=_HAND, requirements=("SC.MSS/CONF.21",),
)  # fmt: skip
_ADDRESS: Final = BOOK.rule(
    "patient-address", "l’adresse d’un patient commence par un matricule INS dont la clé est juste",
    "the address of a patient begins with an INS matricule whose key is right",
    f"{_R2}, ECO.2.2.6, §3.4.2.2", trust=_HAND, requirements=("MSS/va1.19", "SC.MSS/UX.32"),
)  # fmt: skip
_TOO_LARGE: Final = BOOK.rule(
    "patient-size", "un message à un patient ne dépasse pas 25 Mo, encodage compris",
    "a message to a patient does not exceed 25 MB, encoding included",
    "CNAM, Mon espace santé – Messagerie V1.3", trust=_HAND, requirements=("MSS/va1.13",),
)  # fmt: skip
_READ_RECEIPT: Final = BOOK.rule(
    "read-receipt", "Disposition-Notification-To, quand il est là, donne une adresse",
    "Disposition-Notification-To, when there, gives an address",
    "RFC 8098 §2.1", requirements=("SC.MSS/UX.33",),
)  # fmt: skip
_MIME: Final = BOOK.rule(
    "mime", "le message est bien formé (MIME)", "the message is well-formed (MIME)",
    "RFC 2045, RFC 2046", severity=_SOFT, trust=Trust.OWN,
)  # fmt: skip


def check_message(message: Message, *, sent: bool, cdas: int | None) -> Iterator[Finding]:
    """Every check that needs nothing but the message.

    ``cdas``: how many CDA its archives hold; ``None`` when an archive could not be read, so that nobody knows.
    """
    yield from _check_identity(message)
    yield from _check_text(message)
    if sent and not from_patient(message):
        yield from _check_label(message)
    yield from _check_recipients(message)
    yield from _check_archives(message, cdas)
    yield from _check_headers(message, sent=sent, cdas=cdas)
    if message.archives:
        yield from _check_pdfs(message, cdas)
    if message.defects:
        yield _MIME.finding(found_words(", ".join(message.defects)), message.place())


def from_patient(message: Message) -> bool:
    """Whether a patient wrote it: the sender's address is one of Mon espace santé."""
    return message.sender is not None and patient_of(message.sender.address) is not None


def _check_identity(message: Message) -> Iterator[Finding]:
    ids = message.headers("Message-ID")
    if len(ids) != 1 or not re.fullmatch(r"<[^<>@\s]+@[^<>@\s]+>", ids[0].strip()):
        yield _MESSAGE_ID.finding(found_words(", ".join(ids)), message.place("Message-ID"))
    dates = message.headers("Date")
    if len(dates) != 1 or not _is_date(dates[0]):
        yield _DATE.finding(found_words(", ".join(dates)), message.place("Date"))
    parents = re.findall(r"<[^<>\s]+>", message.header("In-Reply-To"))
    references = re.findall(r"<[^<>\s]+>", message.header("References"))
    if bool(parents) != bool(references) or (parents and not set(parents) <= set(references)):
        words = Text(
            f"In-Reply-To : {' '.join(parents) or 'rien'} ; References : {' '.join(references) or 'rien'}",
            f"In-Reply-To: {' '.join(parents) or 'nothing'}; References: {' '.join(references) or 'nothing'}",
        )
        yield _THREAD.finding(words, message.place("In-Reply-To" if parents else "References"))
    elif not parents and re.match(r"(?i)re\s*:", message.subject):
        yield _REPLY.finding(Text("il n’y en a pas", "there is none"), message.place("Subject"))


def _is_date(written: str) -> bool:
    try:
        return bool(parsedate_to_datetime(written))
    except ValueError:
        return False


def _check_text(message: Message) -> Iterator[Finding]:
    for part in message.texts:
        if part.damaged:
            yield _DECODES.finding(found_words(part.charset or "us-ascii"), message.place("Content-Type"))
        elif part.charset not in ("", "utf-8", "utf8", "us-ascii", "ascii"):
            yield _CHARSET.finding(found_words(part.charset), message.place("Content-Type"))
    if message.body_type and message.body_type not in ("text/plain", "multipart/alternative"):
        yield _BODY.finding(found_words(message.body_type), message.place("Content-Type"))


def _check_label(message: Message) -> Iterator[Finding]:
    sender = message.sender
    label = sender.label.strip() if sender else ""
    if sender is None or not label or label == sender.address:
        yield _LABEL.finding(found_words(label), message.place("From"))
    elif not re.fullmatch(r"[^_]+(?:_[^_]+)+", label):
        yield _LABEL_FORM.finding(found_words(label), message.place("From"))


def _check_recipients(message: Message) -> Iterator[Finding]:
    patients = [local for one in message.recipients if (local := patient_of(one.address)) is not None]
    for local in patients:
        problems = matricule_problems(local)
        if problems:
            yield _ADDRESS.finding(Text("elle est fausse", "it is wrong"), message.place("To"), problems[0].message)
    if patients and len(message.data) > _PATIENT_LIMIT:
        words = Text(f"il fait {len(message.data)} octets", f"it has {len(message.data)} bytes")
        yield _TOO_LARGE.finding(words, message.place())


def _check_archives(message: Message, cdas: int | None) -> Iterator[Finding]:
    archives = message.archives
    if archives and not message.subject.startswith(SUBJECT_START):
        yield _SUBJECT.finding(found_words(message.subject), message.place("Subject"))
    if not archives and message.subject.startswith(PREFIX) and not message.report_type:
        yield _SUBJECT_ALONE.finding(Text("il n’y a pas d’archive", "there is no archive"), message.place("Subject"))
    if len(archives) > 1:
        counted = Text(f"trouvé {len(archives)}", f"found {len(archives)}")
        yield _ONE_ARCHIVE.finding(counted, message.place_of(archives[1]))
    for archive in archives:
        if not is_xdm_name(archive.name):
            yield _ARCHIVE_NAME.finding(found_words(archive.name), message.place_of(archive))
        if archive.media_type not in _ZIP_TYPES:
            yield _ARCHIVE_TYPE.finding(found_words(archive.media_type), message.place_of(archive))
    if cdas == 0:
        for name, rule in ((INS_HEADER, _INS_ALONE), (CODE_HEADER, _CODE_ALONE)):
            if message.has(name):
                yield rule.finding(found_words(message.header(name)), message.place(name))


def _check_headers(message: Message, *, sent: bool, cdas: int | None) -> Iterator[Finding]:
    references = message.headers(SOFTWARE_HEADER)
    # Whether receipts must carry it is not known: they are not asked.
    if sent and not message.report_type and (len(references) != 1 or not references[0]):
        yield _NIL.finding(found_words(", ".join(references)), message.place(SOFTWARE_HEADER))
    if cdas != 0 and message.has(INS_HEADER) and message.header(INS_HEADER) not in ("O", "N"):
        yield _INS_VALUE.finding(found_words(message.header(INS_HEADER)), message.place(INS_HEADER))
    if message.has(CLOSING_HEADER) and message.header(CLOSING_HEADER) != "FIN":
        yield _MES.finding(found_words(message.header(CLOSING_HEADER)), message.place(CLOSING_HEADER))
    subject = message.subject.strip()
    if subject.upper() == CLOSING_SUBJECT and subject != CLOSING_SUBJECT:
        yield _FIN.finding(found_words(subject), message.place("Subject"))
    asked = "Disposition-Notification-To"
    if message.has(asked) and not any("@" in one.address for one in message.addresses(asked)):
        yield _READ_RECEIPT.finding(found_words(message.header(asked)), message.place(asked))


def _check_pdfs(message: Message, cdas: int | None) -> Iterator[Finding]:
    named = [pdf for pdf in message.pdfs if PDF_NAME.fullmatch(pdf.name)]
    # Once each document has its PDF, the message may carry others: a notice, a form. Nothing is asked of them.
    for pdf in named if cdas and len(named) >= cdas else message.pdfs:
        claim = read_claim(pdf.data)
        if claim.problem:
            words = Text(
                f"« {pdf.name} » ne se lit pas ({claim.problem})", f"“{pdf.name}” cannot be read ({claim.problem})"
            )
            yield _PDFA.finding(words, message.place_of(pdf))
        elif not claim.pdfa_1:
            said = f"PDF/A-{claim.part}{claim.conformance}" if claim.part else "PDF"
            locked = Text(" chiffré", " encrypted") if claim.encrypted else Text("", "")
            words = Text(f"« {pdf.name} » est un {said}{locked.fr}", f"“{pdf.name}” is a{locked.en} {said}")
            yield _PDFA.finding(words, message.place_of(pdf))
        if not PDF_NAME.fullmatch(pdf.name):
            yield _PDF_NAME.finding(found_words(pdf.name), message.place_of(pdf))

"""Faults of secure mail: messages that the product writes."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import replace
from uuid import NAMESPACE_URL, uuid5

from conformance.exchange.cda_header import CdaHeader
from conformance.exchange.mail import Attachment
from conformance.exchange.metadata import RegistryObjects
from conformance.lgc.mail.courier import Courier
from conformance.lgc.mail.outbox import Leaving, Outbox
from conformance.lgc.mail.writing import Order, Writer
from conformance.lgc.practice import Practice
from conformance.lgc.refusals import Refused
from conformance.sut.contract import DocumentStatus, Endpoint, Identity, Oppositions, Settings


class ForgetsThePdf(Writer):
    """Sends the archive without the PDF beside it.

    Envoie l’archive sans le PDF à côté.
    """

    def twins(self, order: Order, headers: list[CdaHeader]) -> tuple[Attachment, ...]:
        return ()


class WritesWrongHashes(Writer):
    """Writes into METADATA.XML a hash that is not that of the file.

    Écrit dans METADATA.XML une empreinte qui n’est pas celle du fichier.
    """

    def metadata(self, order: Order, headers: list[CdaHeader]) -> RegistryObjects:
        objects = super().metadata(order, headers)
        return replace(objects, documents=tuple(replace(entry, hash="0" * 40) for entry in objects.documents))


class ForgetsThePatientOfTheSubmission(Writer):
    """Writes a METADATA.XML whose submission set names no patient.

    Écrit un METADATA.XML dont le lot de soumission ne nomme aucun patient.
    """

    def metadata(self, order: Order, headers: list[CdaHeader]) -> RegistryObjects:
        objects = super().metadata(order, headers)
        return replace(objects, submission_sets=tuple(replace(one, patient_id=None) for one in objects.submission_sets))


class ForgetsTheAction(Writer):
    """Sends a version that replaces without the action C in its metadata.

    Envoie une version qui remplace sans l’action C dans ses métadonnées.
    """

    def metadata(self, order: Order, headers: list[CdaHeader]) -> RegistryObjects:
        objects = super().metadata(order, headers)
        return replace(objects, documents=tuple(replace(entry, action=None) for entry in objects.documents))


class ReplacesWithoutSaying(Writer):
    """Sends a version that replaces without saying so in the message.

    Envoie une version qui remplace sans le dire dans le message.
    """

    def body(self, order: Order, headers: list[CdaHeader]) -> str:
        return "".join(line for line in super().body(order, headers).splitlines(True) if "remplace" not in line)


class AttachesOrdinaryPdfs(Writer):
    """Attaches a PDF that is no PDF/A-1.

    Joint un PDF qui n’est pas un PDF/A-1.
    """

    archival = False


class AttachesCoverPagesOnly(Writer):
    """Attaches a PDF with the data of the header only.

    Joint un PDF qui ne contient que les données de l’en-tête.
    """

    whole = False


class NamesThePdfDocument(Writer):
    """Calls every PDF document.pdf.

    Appelle document.pdf tous les PDF.
    """

    def pdf_name(self, header: CdaHeader) -> str:
        return "document.pdf"


class WritesAnOrdinarySubject(Writer):
    """Sends an archive under a subject without XDM/1.0/DDM+.

    Envoie une archive sous un objet sans XDM/1.0/DDM+.
    """

    def subject(self, order: Order, headers: list[CdaHeader]) -> str:
        return super().subject(order, headers).removeprefix("XDM/1.0/DDM+")


class ForgetsTheHeaderOfIns(Writer):
    """Sends no header X-MSS-INS.

    N’envoie pas d’en-tête X-MSS-INS.
    """

    def ins(self, headers: list[CdaHeader]) -> str | None:
        return None


class SaysEveryInsIsQualified(Writer):
    """Writes X-MSS-INS: O for every document.

    Écrit X-MSS-INS: O pour tous les documents.
    """

    def ins(self, headers: list[CdaHeader]) -> str | None:
        return "O" if headers else None


class ForgetsTheHeaderOfCodes(Writer):
    """Sends no header X-MSS-CODECDA.

    N’envoie pas d’en-tête X-MSS-CODECDA.
    """

    def codes(self, headers: list[CdaHeader]) -> str | None:
        return None


class SetsCdaHeadersWithoutCda(Writer):
    """Sets X-MSS-INS on messages without document.

    Pose X-MSS-INS sur des messages sans document.
    """

    def ins(self, headers: list[CdaHeader]) -> str | None:
        return super().ins(headers) or "N"


class ForgetsTheHeaderOfSoftware(Writer):
    """Sends no header X-MSS-NIL when a message has no document.

    N’envoie pas d’en-tête X-MSS-NIL quand un message est sans document.
    """

    def software(self, order: Order) -> str | None:
        return super().software(order) if order.documents else None


class ReusesMessageIds(Writer):
    """Gives two messages that say the same one Message-ID.

    Donne un seul Message-ID à deux messages qui disent la même chose.
    """

    def message_id(self, order: Order) -> str:
        said = f"{order.recipients}{order.subject}{order.text}{order.documents}"
        return f"<{uuid5(NAMESPACE_URL, said)}@{order.mailbox.rpartition('@')[2]}>"


class WritesTheBodyInHtmlOnly(Writer):
    """Writes the body in HTML without plain text.

    Écrit le corps en HTML, sans texte brut.
    """

    def finish(self, message: bytes) -> bytes:
        return message.replace(b"Content-Type: text/plain", b"Content-Type: text/html", 1)


class WritesTheBodyInLatin(Writer):
    """Declares the body in ISO-8859-1.

    Déclare le corps en ISO-8859-1.
    """

    def finish(self, message: bytes) -> bytes:
        return message.replace(b'charset="utf-8"', b'charset="iso-8859-1"', 1)


class SendsBareAddresses(Writer):
    """Sends without a label beside the sender's address.

    Envoie sans libellé à côté de l’adresse de l’expéditeur.
    """

    def label(self, order: Order) -> str:
        return ""


class BreaksThreads(Writer):
    """Answers without In-Reply-To nor References.

    Répond sans In-Reply-To ni References.
    """

    def in_reply_to(self, order: Order) -> str | None:
        return None

    def references(self, order: Order) -> tuple[str, ...]:
        return ()


class ClosesEveryExchange(Writer):
    """Sends every message with X-MSS-MES: FIN.

    Envoie tous les messages avec X-MSS-MES: FIN.
    """

    def closes(self, order: Order) -> bool:
        return True


class NeverCloses(Writer):
    """Leaves X-MSS-MES out even when the user closes the exchange.

    Omet X-MSS-MES même quand l’utilisateur clôt l’échange.
    """

    def closes(self, order: Order) -> bool:
        return False


class AsksForNoReadReceipt(Writer):
    """Asks for no read receipt even when the user wants one.

    Ne demande pas d’accusé de lecture même quand l’utilisateur en veut un.
    """

    def read_receipt_to(self, order: Order) -> str | None:
        return None


class CutsTheKeyOffTheAddress(Writer):
    """Forms the patient's address without the key of the matricule.

    Forme l’adresse du patient sans la clé du matricule.
    """

    def address_of(self, identity: Identity) -> str:
        matricule, at, domain = super().address_of(identity).partition("@")
        return f"{matricule[:13]}{at}{domain}"


class WritesToPatientsThatAreNotQualified(Writer):
    """Builds a patient's address from an INS that is not qualified.

    Forme l’adresse d’un patient à partir d’une INS non qualifiée.
    """

    def may_be_written_to(self, identity: Identity) -> bool:
        return True


class AsksForNoNotice(Courier):
    """Asks the operator for no notice of delivery.

    Ne demande pas d’avis de remise à l’opérateur.
    """

    def receipt_options(self, smtp: smtplib.SMTP) -> list[str]:
        return []


class TrustsAnyCertificate(Courier):
    """Accepts any certificate of the operator.

    Accepte n’importe quel certificat de l’opérateur.
    """

    def context(self, endpoint: Endpoint) -> ssl.SSLContext:
        context = super().context(endpoint)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context

    def check_peer(self, channel: object) -> None:
        if isinstance(channel, ssl.SSLSocket) and channel.getpeercert():
            super().check_peer(channel)


class TrustsAnyBranch(Courier):
    """Accepts a certificate of any branch of the authority.

    Accepte un certificat de n’importe quelle branche de l’autorité.
    """

    def check_peer(self, channel: object) -> None:
        return


class AcceptsAnySuite(Courier):
    """Accepts any cipher suite.

    Accepte n’importe quelle suite de chiffrement.
    """

    def context(self, endpoint: Endpoint) -> ssl.SSLContext:
        context = super().context(endpoint)
        context.set_ciphers("ALL:@SECLEVEL=0")
        return context


class NeverRenewsItsToken(Courier):
    """Goes on with a token that the operator refuses.

    Continue avec un jeton que l’opérateur refuse.
    """

    _first = ""

    def forget(self) -> None:
        self._first = ""
        super().forget()

    def token(self, settings: Settings) -> str:
        self._first = self._first or super().token(settings)
        return self._first


class KeepsNoCopy(Outbox):
    """Puts no copy among the sent messages.

    Ne range pas de copie parmi les messages envoyés.
    """

    def keep_copy(self, leaving: Leaving) -> None:
        self.save(replace(leaving, filed=True))


class SendsDrafts(Practice):
    """Sends documents that are not validated.

    Envoie des documents qui ne sont pas validés.
    """

    def may_leave(self, status: DocumentStatus) -> bool:
        return super().may_leave(status) or status is DocumentStatus.DRAFT


class MixesPatients(Practice):
    """Sends documents of several patients in one message.

    Envoie les documents de plusieurs patients dans un message.
    """

    def check_one_patient(self, about: set[str]) -> None:
        return


class SendsToAnotherPatient(Practice):
    """Sends a patient the documents of another.

    Envoie à un patient les documents d’un autre.
    """

    def check_same_patient(self, patient_id: str, about: set[str]) -> None:
        return


class IgnoresTheOppositionToPatients(Practice):
    """Writes to patients who refuse it.

    Écrit aux patients qui le refusent.
    """

    def check_patient(self, patient_id: str) -> None:
        return


class IgnoresTheOppositionToProfessionals(Practice):
    """Sends professionals the documents of patients who refuse it.

    Envoie aux professionnels les documents des patients qui le refusent.
    """

    def check_professionals(self, about: set[str]) -> None:
        return


class ConfusesOppositions(Practice):
    """Takes a refusal of messages to the patient for a refusal of sending to professionals.

    Prend le refus des messages au patient pour le refus des envois aux professionnels.
    """

    def check_professionals(self, about: set[str]) -> None:
        super().check_professionals(about)
        if any(self.oppositions.of(patient_id).mssante_to_patient for patient_id in about):
            raise Refused(409, "opposition", "Le patient s’oppose à l’envoi.")


class ForgetsOppositions(Practice):
    """Does not record what a patient refuses.

    Ne note pas ce qu’un patient refuse.
    """

    def set_oppositions(self, patient_id: str, oppositions: Oppositions) -> Oppositions:
        super().read_oppositions(patient_id)
        return oppositions

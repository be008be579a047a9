"""Faults of secure mail: messages that the product writes."""

from __future__ import annotations

from dataclasses import replace
from uuid import NAMESPACE_URL, uuid5

from conformance.exchange.cda_header import CdaHeader
from conformance.exchange.mail import Address, Attachment
from conformance.exchange.metadata import RegistryObjects
from conformance.lgc.mail.outbox import Leaving, Outbox
from conformance.lgc.mail.writing import Order, Writer
from conformance.lgc.practice import Practice
from conformance.lgc.refusals import Refused
from conformance.sut.contract import DocumentStatus, Identity, Oppositions, Patient


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


class AnnouncesDeletionsWithoutTheAction(Writer):
    """Tells that a document was deleted without the action D in its metadata.

    Annonce qu’un document est supprimé sans l’action D dans ses métadonnées.
    """

    def action(self, order: Order, action: str | None) -> str | None:
        return action


class GivesNoAnswerAddress(Writer):
    """Sends from an applicative mailbox without saying where answers go.

    Envoie depuis une boîte applicative sans dire où répondre.
    """

    def closing(self, order: Order) -> list[str]:
        return []

    def reply_to(self, order: Order) -> Address | None:
        return None


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


class LeavesTheAuthorOutOfPdfs(Writer):
    """Attaches a PDF that does not say who wrote the document.

    Joint un PDF qui ne dit pas qui a écrit le document.
    """

    signed = False


class SavesEmbeddedPdfsAnew(Writer):
    """Attaches to a level 1 document another PDF than the one inside it.

    Joint à un document de niveau 1 un autre PDF que celui qu’il contient.
    """

    def page(self, document: bytes) -> bytes:
        return super().page(document) + (b"% saved anew\n" if b"nonXMLBody" in document else b"")


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


class ForgetsTheSoftwareInAnswers(Writer):
    """Sends no header X-MSS-NIL in answers.

    N’envoie pas d’en-tête X-MSS-NIL dans les réponses.
    """

    def software(self, order: Order) -> str | None:
        return None if order.answered else super().software(order)


class SendsTheFirstDocumentOnly(Writer):
    """Sends the first document only when the user sends several.

    N’envoie que le premier document quand l’utilisateur en envoie plusieurs.
    """

    def write(self, order: Order) -> tuple[str, bytes]:
        return super().write(replace(order, documents=order.documents[:1]))


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


class SendsNothingUnasked(Practice):
    """Sends no validated document to its patient unless the user asks for it.

    N’envoie aucun document validé à son patient tant que l’utilisateur ne le demande pas.
    """

    def wants_messages(self, patient: Patient) -> bool:
        return False


class SendsToUnwillingPatientsUnasked(Practice):
    """Sends validated documents unasked to patients who refuse messages too.

    Envoie les documents validés, sans qu’on le demande, même aux patients qui refusent les messages.
    """

    def wants_messages(self, patient: Patient) -> bool:
        return self.desk.writer.may_be_written_to(patient.file.identity)


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

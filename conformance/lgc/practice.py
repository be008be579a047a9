"""The practice: what a user can do with the product, operation by operation of the contract."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from uuid import uuid4

from conformance import __version__
from conformance.core.errors import DocumentError
from conformance.lgc.biology.judging import LabJudging
from conformance.lgc.biology.keeping import LabKeeping
from conformance.lgc.biology.laboratory import Laboratory
from conformance.lgc.biology.reading import LabReading
from conformance.lgc.biology.showing import LabShowing
from conformance.lgc.display import Display
from conformance.lgc.dmp.client import DmpClient
from conformance.lgc.dmp.consultation import Consultation
from conformance.lgc.dmp.feeding import Feeding
from conformance.lgc.dmp.link import Link
from conformance.lgc.dmp.lots import Lots
from conformance.lgc.dmp.operations import DmpOperations
from conformance.lgc.dmp.user import DmpUser, Voucher
from conformance.lgc.identities import Identities
from conformance.lgc.mail.courier import Courier
from conformance.lgc.mail.desk import Desk
from conformance.lgc.mail.intake import MailParts
from conformance.lgc.mail.operations import MailOperations
from conformance.lgc.mail.outbox import Outbox
from conformance.lgc.mail.reading import Reader
from conformance.lgc.mail.receipts import Receipts
from conformance.lgc.mail.revocation import Revocations
from conformance.lgc.mail.vigilance import Vigilance
from conformance.lgc.mail.writing import Writer
from conformance.lgc.oppositions import OppositionRegister
from conformance.lgc.received import ReceivedDocuments
from conformance.lgc.records import check_record, check_words
from conformance.lgc.refusals import Refused
from conformance.lgc.store import Store, StoredDocument
from conformance.lgc.versions import Versions
from conformance.lgc.vsm import DEFAULT_VERSION, VERSIONS, Draft, Vsm
from conformance.sut.contract import (
    CONTRACT_VERSION,
    About,
    Alert,
    Coded,
    Deposit,
    DocumentEvent,
    DocumentOffer,
    DocumentRequest,
    DocumentStatus,
    DocumentView,
    Flag,
    IntegrationRequest,
    LabResult,
    Organization,
    Origin,
    Patient,
    PatientFile,
    Prefill,
    Professional,
    Rendering,
    Settings,
    Telecom,
    WorklistItem,
)
from conformance.terminology.code_systems import TRE_PROFESSIONS_AND_KNOW_HOW

Shown = TypeVar("Shown", DocumentView, WorklistItem)

ORGANIZATION = Organization(national_id="1759999907", name="Cabinet du logiciel témoin")
PRACTITIONER = Professional(
    national_id="899999000013",
    family="TÉMOIN",
    given="Camille",
    profession=Coded(
        code="G15_10/SM26",
        code_system=TRE_PROFESSIONS_AND_KNOW_HOW,
        label="Médecin - Qualifié en Médecine Générale (SM)",
    ),
    organization=ORGANIZATION,
    telecoms=(Telecom(value="tel:0100000000", use="WP"),),
)
"""The user of the product as long as ``configure`` names nobody else."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of the product that a seeded fault may replace."""

    practice: type[Practice]
    vsm: type[Vsm] = Vsm
    identities: type[Identities] = Identities
    display: type[Display] = Display
    laboratory: type[Laboratory] = Laboratory
    lab_reading: type[LabReading] = LabReading
    lab_judging: type[LabJudging] = LabJudging
    lab_showing: type[LabShowing] = LabShowing
    desk: type[Desk] = Desk
    courier: type[Courier] = Courier
    reader: type[Reader] = Reader
    vigilance: type[Vigilance] = Vigilance
    versions: type[Versions] = Versions
    writer: type[Writer] = Writer
    outbox: type[Outbox] = Outbox
    receipts: type[Receipts] = Receipts
    revocations: type[Revocations] = Revocations
    feeding: type[Feeding] = Feeding
    consultation: type[Consultation] = Consultation
    lots: type[Lots] = Lots
    link: type[Link] = Link
    dmp_client: type[DmpClient] = DmpClient
    voucher: type[Voucher] = Voucher


class Practice(MailOperations, DmpOperations):
    """The product behind its HTTP face; each public method is an operation of the contract."""

    def __init__(self, store: Store, parts: Parts) -> None:
        self.store = store
        self.vsm = parts.vsm()
        self.identities = parts.identities()
        self.display = parts.display()
        self.laboratory = parts.laboratory(
            LabKeeping(store), parts.lab_reading(), parts.lab_judging(), parts.lab_showing()
        )
        self.received = ReceivedDocuments(store)
        self.oppositions = OppositionRegister(store)
        mail = MailParts(
            parts.courier,
            parts.reader,
            parts.vigilance,
            parts.versions,
            parts.writer,
            parts.outbox,
            parts.receipts,
            parts.revocations,
        )
        self.desk = parts.desk(store, self.received, mail)
        self.desk.on_filed.append(self.laboratory.file)
        store.on_close.append(self.desk.ended)
        link = parts.link(parts.dmp_client(), parts.voucher())
        self.feeding = parts.feeding(store, link, parts.lots(), self.dmp_user)
        self.feeding.on_failed.append(self.desk.tell_feeding_failed)
        self.consultation = parts.consultation(store, link, self.feeding, self.desk)
        self.feeding.resume()

    def about(self) -> About:
        """Who the product is."""
        return About(
            name="Logiciel témoin",
            version=__version__,
            vendor="segur-conformance",
            contract_version=CONTRACT_VERSION,
            operations=OFFERED,
            documents=(DocumentOffer(type=Vsm.name, versions=tuple(VERSIONS)),),
        )

    def reset(self) -> None:
        """Forget patients, documents, mail and settings."""
        self.desk.courier.forget()
        self.store.clear()

    def configure(self, settings: Settings) -> None:
        """Keep the settings given, and those given before where nothing is said."""
        check_words(settings)
        before = self.store.settings
        given = {name: value for name, value in vars(settings).items() if value is not None}
        self.store.settings = replace(before, **given)
        if settings.tokens is not None:
            self.desk.courier.forget()

    def create_patient(self, file: PatientFile) -> Patient:
        """Record a patient."""
        self._check(file)
        self.identities.check(file.identity)
        return self.store.add_patient(file)

    def read_patient(self, patient_id: str) -> Patient:
        """Read a patient."""
        return self.store.patient(patient_id)

    def update_patient(self, patient_id: str, file: PatientFile) -> Patient:
        """Change a patient."""
        before = self.store.patient(patient_id)
        self._check(file)
        self.identities.check_change(before.file.identity, file.identity)
        after = Patient(patient_id=patient_id, file=file)
        self.store.save_patient(after)
        return after

    def prefill_document(self, patient_id: str, type: str, version: str | None = None) -> Prefill:
        """Propose the content of a document."""
        patient = self.patient_in_front(patient_id)
        model_version = self._model_version(type, version)
        return Prefill(type=type, version=model_version, content=self.vsm.prefill(patient.file.record))

    def generate_document(self, patient_id: str, request: DocumentRequest) -> DocumentView:
        """Make a draft."""
        patient = self.patient_in_front(patient_id)
        model_version = self._model_version(request.type, request.version)
        previous = self._replaceable(patient_id, request.replaces) if request.replaces else None
        if request.content is not None:
            check_words(request.content)
            check_record(request.content)
        content = self.vsm.content(self.vsm.prefill(patient.file.record), request.content)
        now = datetime.now().astimezone().replace(microsecond=0)
        draft = self._draft(
            patient,
            StoredDocument(
                id=f"doc-{uuid4().hex[:12]}",
                patient_id=patient_id,
                kind=request.type,
                model_version=model_version,
                status=DocumentStatus.DRAFT,
                numbering=self.vsm.number(previous.numbering if previous else None),
                created=now,
                author=_name(self.practitioner),
                content=content,
                body=b"",
                replaces=previous.id if previous else None,
            ),
            now,
        )
        self.store.save_document(draft)
        return self._view(draft)

    def list_documents(self, patient_id: str) -> tuple[DocumentView, ...]:
        """A patient's documents."""
        self.store.patient(patient_id)
        own = [self._view(document) for document in self.store.documents(patient_id)]
        return tuple(self._with_flags(view) for view in (*own, *self.received.of_patient(patient_id)))

    def worklist(self) -> tuple[WorklistItem, ...]:
        """What waits for a person, the newest first."""
        return tuple(self._with_flags(item) for item in super().worklist())

    def _with_flags(self, shown: Shown) -> Shown:
        """A line with what the laboratory has to say of its document."""
        told: tuple[Flag, ...] = self.laboratory.flags_of_document(shown.document_id) if shown.document_id else ()
        return replace(shown, flags=(*shown.flags, *told)) if told else shown

    def read_document(self, document_id: str) -> bytes:
        """The bytes of a document, as written or as received."""
        received = self.received.find(document_id)
        return received.body if received else self.store.document(document_id).body

    def render_document(self, document_id: str) -> Rendering:
        """A document as the user reads it."""
        received = self.received.find(document_id)
        style_sheet = received.style_sheet if received else None
        try:
            return self.display.show(self.read_document(document_id), style_sheet)
        except DocumentError as error:
            raise Refused(422, "unreadable", str(error.sentence)) from error

    def validate_document(self, document_id: str) -> DocumentView:
        """Take responsibility for a draft: its time is that of now, and it replaces the version before."""
        document = self.store.document(document_id)
        if document.status is not DocumentStatus.DRAFT:
            raise Refused(409, "not_a_draft", "Seul un brouillon se valide.")
        if document.replaces and self.store.document(document.replaces).status is not DocumentStatus.CURRENT:
            raise Refused(409, "not_current", "La version à remplacer n’est plus en vigueur.")
        now = datetime.now().astimezone().replace(microsecond=0)
        signed = self._draft(self.patient_in_front(document.patient_id), document, now)
        signed = replace(signed, status=DocumentStatus.CURRENT)
        self.store.save_document(signed)
        if document.replaces:
            self.store.save_document(replace(self.store.document(document.replaces), status=DocumentStatus.REPLACED))
        self.feeding.validated(signed)
        self.send_unasked(signed)
        return self._view(signed)

    def delete_document(self, document_id: str) -> DocumentView:
        """Delete a document: it stays listed, as deleted."""
        received = self.received.find(document_id)
        if received is not None:
            if received.view.status is DocumentStatus.DELETED:
                raise Refused(409, "already_deleted", "Ce document est déjà supprimé.")
            return self.received.set_status(received.view, DocumentStatus.DELETED)
        document = self.store.document(document_id)
        if document.status is DocumentStatus.DELETED:
            raise Refused(409, "already_deleted", "Ce document est déjà supprimé.")
        deleted = replace(document, status=DocumentStatus.DELETED)
        self.store.save_document(deleted)
        self.feeding.deleted(document)
        return self._view(deleted)

    def integrate(self, request: IntegrationRequest) -> DocumentView:
        """File an item of the worklist, or a document of the DMP."""
        if request.origin == "dmp":
            return self.consultation.integrate(self.store.patient(request.patient_id), request.reference)
        return super().integrate(request)

    def outgoing(self) -> tuple[Deposit, ...]:
        """What left, and what is to leave."""
        return (*super().outgoing(), *self.feeding.deposits())

    def list_results(self, patient_id: str, code: str | None = None, unit: str | None = None) -> tuple[LabResult, ...]:
        """A patient's laboratory results."""
        self.store.patient(patient_id)
        return self.laboratory.results(patient_id, code, unit, self._status)

    def alerts(self) -> tuple[Alert, ...]:
        """The warnings to be read at once."""
        return self.laboratory.alerts()

    def acknowledge_alert(self, alert_id: str) -> Alert:
        """Note that a warning was seen."""
        return self.laboratory.acknowledge(alert_id)

    def document_history(self, document_id: str) -> tuple[DocumentEvent, ...]:
        """What happened to a document."""
        self._status(document_id)
        return super().document_history(document_id)

    def _status(self, document_id: str) -> DocumentStatus:
        received = self.received.find(document_id)
        return received.view.status if received else self.store.document(document_id).status

    def patient_in_front(self, patient_id: str) -> Patient:
        """The patient whose file is open on the screen."""
        return self.store.patient(patient_id)

    @property
    def practitioner(self) -> Professional:
        """The user."""
        return self.store.settings.practitioner or PRACTITIONER

    @property
    def organization(self) -> Organization:
        """The structure that keeps the documents."""
        return self.store.settings.organization or self.practitioner.organization or ORGANIZATION

    def dmp_user(self) -> DmpUser | None:
        """Who speaks to the DMP; ``None`` as long as it is not set up."""
        endpoint = self.store.settings.dmp
        if endpoint is None:
            return None
        return DmpUser(self.practitioner, self.organization, endpoint, self.store.practice_root)

    def view_of(self, document_id: str) -> DocumentView:
        """A document of the product's own, as the user sees it."""
        return self._view(self.store.document(document_id))

    def _view(self, document: StoredDocument) -> DocumentView:
        return self.feeding.shown(_view(document))

    def _draft(self, patient: Patient, document: StoredDocument, validated: datetime) -> StoredDocument:
        """The same document with its bytes written, as validated at that moment."""
        body = self.vsm.write(
            Draft(
                model_version=document.model_version,
                numbering=document.numbering,
                created=document.created,
                validated=validated,
                practice_root=self.store.practice_root,
                patient_id=patient.patient_id,
                identity=patient.file.identity,
                content=document.content,
                practitioner=self.practitioner,
                organization=self.organization,
                attending_physician=patient.file.attending_physician,
            )
        )
        return replace(document, body=body)

    def _check(self, file: PatientFile) -> None:
        check_words(file)
        check_record(file.record)

    def _model_version(self, type: str, version: str | None) -> str:
        if type != Vsm.name:
            raise Refused(422, "unknown_document_type", f"Le logiciel ne produit pas de document « {type} ».")
        if version is not None and version not in VERSIONS:
            raise Refused(422, "unknown_version", f"La version « {version} » du VSM n’est pas prise en charge.")
        return version or DEFAULT_VERSION

    def _replaceable(self, patient_id: str, document_id: str) -> StoredDocument:
        previous = self.store.document(document_id)
        if previous.patient_id != patient_id:
            raise Refused(409, "other_patient", "Le document à remplacer est celui d’un autre patient.")
        if previous.status is not DocumentStatus.CURRENT:
            raise Refused(409, "not_current", "Seul un document validé, en vigueur, se remplace.")
        return previous


OFFERED = (
    "about",
    "reset",
    "configure",
    "create_patient",
    "read_patient",
    "update_patient",
    "prefill_document",
    "generate_document",
    "list_documents",
    "read_document",
    "render_document",
    "validate_document",
    "delete_document",
    "list_results",
    "alerts",
    "acknowledge_alert",
    *MailOperations.OFFERED,
    *DmpOperations.OFFERED,
)
"""The operations of the contract that the product offers."""

TALKATIVE = frozenset((*MailOperations.TALKATIVE, *DmpOperations.TALKATIVE))
"""Those that speak with a service, in a thread of their own: the rest of the product goes on meanwhile (ECO.1.2.3)."""


def _name(professional: Professional) -> str:
    return f"{professional.given} {professional.family}"


def _view(document: StoredDocument) -> DocumentView:
    numbering = document.numbering
    return DocumentView(
        document_id=document.id,
        patient_id=document.patient_id,
        title=Vsm.title,
        type=Vsm.concept,
        created=document.created,
        author=document.author,
        status=document.status,
        origin=Origin.PRODUCED,
        version_number=numbering.version_number,
        unique_id=numbering.unique_id,
        set_id=numbering.set_id,
    )

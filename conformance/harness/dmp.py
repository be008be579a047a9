"""The DMP on the bench: a product with a card, a simulated DMP that watches, patients of one test.

Every test has patients of its own, so that tests may run in any order on one product and one DMP. The wire and the
records judge; the product is asked only what its user sees.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from conformance.cda.reading import read_document
from conformance.core.errors import UsageError
from conformance.core.language import Text
from conformance.exchange.cda_header import entry_of, read_header
from conformance.exchange.metadata import DocumentEntry, names
from conformance.exchange.metadata.hl7 import Cx
from conformance.generation.people import Patient as MadePatient
from conformance.generation.people import make_doctor, make_patient
from conformance.harness.bench import Bench
from conformance.harness.dmp_colleague import Colleague
from conformance.harness.dmp_request import Request
from conformance.harness.judgement import ToReview, Unmet
from conformance.harness.records import DISEASES, file_for
from conformance.harness.vsm import protect
from conformance.identity.generate import Identity as MadeIdentity
from conformance.identity.traits import Traits
from conformance.simulators.dmp import DmpFault, DmpSimulator, FaultKind
from conformance.simulators.dmp.model import Entry
from conformance.sut.contract import (
    Channel,
    ClinicalRecord,
    Coded,
    DepositState,
    DocumentRequest,
    DocumentView,
    Endpoint,
    FeedingState,
    InsStatus,
    OperationNotOffered,
    Organization,
    Patient,
    PatientFile,
    Problem,
    ProductRefused,
    Professional,
    Settings,
)
from conformance.terminology.code_systems import TRE_PROFESSIONS_AND_KNOW_HOW

EVERY_STATUS: Final = (names.APPROVED, names.ARCHIVED, names.DEPRECATED, names.DELETED)
_RECORD: Final = ClinicalRecord(active_problems=(Problem(id="p1", label="Hypertension", code=DISEASES[0]),))
"""Small: what is in the documents is the matter of another profile."""


def doctor() -> Professional:
    """The user of the product: the holder of the card."""
    made = make_doctor(Random("the doctor of the DMP profiles"))
    return Professional(
        national_id=made.national_id,
        family=made.family,
        given=made.given,
        profession=Coded(code=made.profession[0], code_system=TRE_PROFESSIONS_AND_KNOW_HOW, label=made.profession[1]),
        organization=Organization(national_id=made.structure.national_id, name=made.structure.name),
    )


@dataclass(frozen=True, slots=True)
class Case:
    """A patient of the product; ``ins`` names his record at the DMP (a CX), whether there is one or not."""

    patient: Patient
    ins: str

    @property
    def id(self) -> str:
        """The product's own identifier."""
        return self.patient.patient_id


class DmpBench:
    """The practice of one test and its DMP: ``DmpBench(bench)``."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.random = Random(f"dmp {bench.seed} {bench.test}")
        self.dmp: DmpSimulator = bench.simulators.dmp()
        self.patience = float(bench.options["patience"])
        self.quiet = float(bench.options.get("quiet", 0.2))
        self.user = doctor()
        self._set_up()

    def _set_up(self) -> None:
        """Give the product its card and the address of the DMP: once, or for each test when other processes do so."""
        if "dmp" in self.bench.simulators.configured and not self.bench.simulators.shared_product:
            return
        user = self.user
        card, signing = self.dmp.card(user.national_id, user.family, user.given)
        endpoint = Endpoint(
            url=self.dmp.url,
            client_certificate=card.chain_file.read_text("ascii"),
            client_key=card.key_file.read_text("ascii"),
            signing_certificate=signing.chain_file.read_text("ascii"),
            signing_key=signing.key_file.read_text("ascii"),
            trusted_certificates=self.dmp.root_file.read_text("ascii"),
        )
        self.bench.product.configure(Settings(practitioner=user, organization=user.organization, dmp=endpoint))
        self.bench.simulators.configured.add("dmp")
        # Another user: the session of the mailbox is over, whoever needs it must log in again.
        self.bench.simulators.configured.discard("mssante")

    # Patients and documents ---------------------------------------------------------------------------

    def admit(
        self, status: InsStatus = InsStatus.QUALIFIEE, *, record: bool = True, long_term_condition: bool = False
    ) -> Case:
        """A new patient of the product, who has a DMP unless ``record`` is false."""
        file: PatientFile = file_for(self.random, _RECORD, status)
        file = replace(file, long_term_condition=long_term_condition)
        protect(self.bench, file)
        identity = file.identity
        ins = str(Cx(identity.ins.matricule, identity.ins.oid, "NH")) if identity.ins else ""
        if record:
            self.dmp.add_patient(
                ins,
                family=identity.birth_name,
                given=identity.first_birth_given_name,
                birth_date=f"{identity.birth_date:%Y%m%d}",
                sex=str(identity.sex),
            )
        return Case(self.bench.product.create_patient(file), ins)

    def draft(self, case: Case, replaces: DocumentView | None = None) -> DocumentView:
        """A draft of a document, of the first version or of the one after ``replaces``."""
        wanted = DocumentRequest(
            type=str(self.bench.options["document"]), replaces=replaces.document_id if replaces else None
        )
        return self.bench.product.generate_document(case.id, wanted)

    def validate(self, case: Case, replaces: DocumentView | None = None) -> DocumentView:
        """A document made and validated."""
        return self.bench.product.validate_document(self.draft(case, replaces).document_id)

    def fed(self, case: Case, replaces: DocumentView | None = None) -> DocumentView:
        """A document validated, once it is in the DMP and the product knows it."""
        view = self.validate(case, replaces)
        self.arrived(case, view)
        self.told(case, view, FeedingState.SENT)
        return view

    def view(self, case: Case, view: DocumentView) -> DocumentView:
        """The line of a document now."""
        listed = {one.document_id: one for one in self.bench.product.list_documents(case.id)}
        if view.document_id not in listed:
            raise Unmet(Text("Le document n'est plus dans la liste.", "The document is not in the list any more."))
        return listed[view.document_id]

    # The DMP of others --------------------------------------------------------------------------------

    def colleague(self) -> Colleague:
        """Another doctor, who feeds the DMPs of the same patients."""
        return Colleague(self.dmp)

    def made(self, case: Case) -> MadePatient:
        """The patient as documents of others describe him."""
        identity = case.patient.file.identity
        ins = identity.ins
        made = make_patient(Random(case.ins))
        traits = Traits(
            identity.birth_name, identity.birth_given_names, identity.first_birth_given_name, str(identity.sex),
            f"{identity.birth_date:%Y%m%d}", identity.birth_place,
        )  # fmt: skip
        return replace(
            made, identity=MadeIdentity(ins.matricule if ins else "", ins.oid if ins else "", traits),
            used_name=None, used_given=None,
        )  # fmt: skip

    def refused(self, call: Callable[[], object]) -> None:
        """The product may refuse, or answer with nothing: what it asked of the DMP is what counts."""
        with suppress(ProductRefused):
            call()

    def authorise(self, case: Case) -> None:
        """The patient has agreed that the user consults his DMP."""
        self.dmp.authorise(case.ins, self.user.national_id)

    # Waiting ------------------------------------------------------------------------------------------

    def eventually(self, holds: Callable[[], bool], fr: str, en: str) -> None:
        """Wait until it holds; fail the test with this sentence when it does not within the patience of the profile."""
        if not self.comes(holds):
            self.bench.demand(
                False, f"{fr} (attendu pendant {self.patience:g} s)", f"{en} (waited {self.patience:g} s)"
            )

    def comes(self, holds: Callable[[], bool], seconds: float | None = None) -> bool:
        """Whether it holds before the patience, or ``seconds``, are over.

        Looked at again when the DMP notes something, or after a while that grows: to look costs the product and the
        DMP the time that they need to answer.
        """
        end = time.monotonic() + (self.patience if seconds is None else seconds)
        pause = 0.01
        while not holds():
            if time.monotonic() > end:
                return False
            self.dmp.journal.wait(pause)
            pause = min(2 * pause, 0.1)
        return True

    def settle(self, holds: Callable[[], bool]) -> None:
        """Wait until it holds, or until the product says that it sends nothing more: whatever comes of it."""

        def over() -> bool:
            try:
                return holds() or self.idle()
            except OperationNotOffered:
                return False

        self.comes(over)
        self.calm()

    def told(self, case: Case, view: DocumentView, *states: FeedingState) -> None:
        """Wait until the user is told that the document stands so."""
        last: list[FeedingState] = []

        def holds() -> bool:
            last[:] = [self.view(case, view).feeding]
            return last[0] in states

        if not self.comes(holds):
            wanted = ", ".join(states)
            raise Unmet(
                Text(f"L'utilisateur voit l'état « {last[0]} » ; attendu : {wanted}.",
                     f"The user sees the state “{last[0]}”; expected: {wanted}.")
            )  # fmt: skip

    def arrived(self, case: Case, view: DocumentView) -> Entry:
        """Wait for a document to be in force in the patient's DMP."""
        self.eventually(
            lambda: self.status(case, view) == names.APPROVED,
            f"Le document validé n'est pas dans le DMP du patient ; {self.last_answer(case)}",
            f"The validated document is not in the patient's DMP; {self.last_answer(case)}",
        )
        return next(one for one in self.entries(case) if one.unique_id == view.unique_id)

    def becomes(self, case: Case, view: DocumentView, status: str) -> None:
        """Wait for a document of the DMP to have this status."""
        wanted = status.rpartition(":")[2]
        self.eventually(
            lambda: self.status(case, view) == status,
            f"Dans le DMP, le document devait passer à l'état {wanted}",
            f"In the DMP the document should have come to the state {wanted}",
        )

    def absent(self, case: Case, view: DocumentView) -> None:
        """Demand that a document is not sent: another one, validated later, arrives, and this one does not."""
        self.witness()
        found = self.status(case, view)
        self.bench.demand(
            found is None,
            "Le document est dans le DMP, et ne devait pas y aller.",
            "The document is in the DMP, and should not have gone there.",
        )

    def witness(self) -> None:
        """Let as much time pass as the product needs to feed: a document of somebody else arrives."""
        case = self.admit()
        self.arrived(case, self.validate(case))
        self.calm()
        time.sleep(self.quiet)

    # What the DMP saw ---------------------------------------------------------------------------------

    def entries(self, case: Case, *statuses: str) -> list[Entry]:
        """The documents that the DMP holds, or held, for a patient."""
        return self.dmp.documents_of(case.ins, *(statuses or EVERY_STATUS))

    def status(self, case: Case, view: DocumentView) -> str | None:
        """The status of a document in the DMP; ``None`` when it never came."""
        return next((one.status for one in self.entries(case) if one.unique_id == view.unique_id), None)

    def requests(self, case: Case, transaction: str = "") -> list[Request]:
        """The requests about a patient, oldest first."""
        found = self.dmp.exchanges(transaction, bodies=True, patient=case.ins)
        return [Request(one, self.dmp.request_of(one)) for one in found]

    def events(self, case: Case) -> list[str]:
        """The transactions about a patient, oldest first (``dmp.td2.1``…)."""
        return [one.event for one in self.dmp.exchanges(patient=case.ins)]

    def deposit(self, case: Case, view: DocumentView) -> Request:
        """The request that fed a document; its bytes are kept as evidence."""
        self.arrived(case, view)
        found: list[Request] = []

        def written() -> bool:  # the journal is written a moment after the record
            found[:] = [one for one in self.requests(case, "td2.1") if view.unique_id in one.entry.facts["unique_ids"]]
            return bool(found)

        self.comes(written, 2.0)
        if not found:
            raise Unmet(Text("Aucun dépôt ne porte ce document.", "No deposit carries this document."))
        self.bench.story.attach("td2.1.http", found[-1].captured.to_bytes(), "message/http")
        return found[-1]

    def header(self, request: Request) -> DocumentEntry:
        """The metadata that the header of a deposited document implies."""
        clinical = read_document(request.content).clinical
        if clinical is None:
            raise Unmet(Text("Ce qui est déposé n'est pas un document CDA.", "What is deposited is no CDA document."))
        return entry_of(read_header(clinical), request.document.id)

    def last_answer(self, case: Case) -> str:
        """What the DMP said last about a patient, for a sentence."""
        found = self.dmp.exchanges(patient=case.ins)
        return f"{found[-1].event}: {found[-1].facts.get('outcome', '')}" if found else "-"

    # Trouble ------------------------------------------------------------------------------------------

    @contextmanager
    def outage(self) -> Iterator[None]:
        """The DMP answers nothing meanwhile."""
        with self.bench.simulators.alone():
            self.calm()
            self.dmp.outage()
            try:
                yield
            finally:
                self.dmp.outage(False)

    @contextmanager
    def fault(self, kind: FaultKind, transaction: str = "td2.1", *, times: int = 1, code: str = "", seconds: float = 2.0) -> Iterator[None]:  # fmt: skip
        """The next requests meet this fault; what is left of it is lifted at the end."""
        with self.bench.simulators.alone():
            self.calm()
            self.dmp.inject(DmpFault(kind, times=times, transaction=transaction, code=code, seconds=seconds))
            try:
                yield
            finally:
                self.dmp.lift_faults()

    def calm(self) -> None:
        """Let what the product still has to send from before go, so that the trouble is for this test alone."""
        try:
            self.comes(self.idle, 3.0)
        except OperationNotOffered:
            time.sleep(self.quiet)

    def idle(self) -> bool:
        """Whether the product has nothing more to send to the DMP, as far as it says so."""
        waiting = (one for one in self.bench.product.outgoing() if one.channel is Channel.DMP)
        return not any(one.state is DepositState.PENDING for one in waiting)

    def failed_tries(self, after: int, number: int, event: str = "dmp.unavailable") -> None:
        """Wait until the product met the trouble ``number`` times since entry ``after`` of the journal."""
        self.comes(lambda: len(self.dmp.journal.entries(event, after=after)) >= number, 2.0)

    @property
    def can_restart(self) -> bool:
        """Whether the profile says how to restart the product."""
        return bool(self.bench.options["restart"])

    def restart(self) -> None:
        """Start the product again with the command of the profile. Without one, a person must look."""
        command = [str(part) for part in self.bench.options["restart"]]
        if not command:
            raise ToReview(
                Text("Valider un document pendant une panne du DMP, redémarrer le logiciel, rétablir le DMP : le document "
                     "y arrive-t-il ? (ou donner la commande dans l'option restart du profil)",
                     "Validate a document while the DMP is down, restart the product, bring the DMP back: does the "
                     "document arrive? (or give the command in the option restart of the profile)")
            )  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, timeout=120, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _no_restart(str(error)) from error
        if done.returncode != 0:
            raise _no_restart(done.stderr.decode("utf-8", "replace")[-200:])
        # Tokens live in memory (ECO.1.2.5): whoever needs the mailbox must log in again.
        self.bench.simulators.configured.discard("mssante")


def _no_restart(why: str) -> UsageError:
    return UsageError(
        "profile.restart",
        Text(f"La commande de redémarrage a échoué ({why}).", f"The restart command failed ({why})."),
        Text(
            "Corrigez l'option restart du profil : elle rend la main quand le logiciel répond de nouveau.",
            "Correct the option restart of the profile: it ends when the product answers again.",
        ),
    )

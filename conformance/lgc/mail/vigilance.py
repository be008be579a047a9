"""Identity vigilance: whose document is it? Filed alone only when a qualified INS and all traits agree.

Sources: ECO.2.1.2 (patientId of METADATA.XML); RNIV; MSS/va1.27, MSS/va1.28; integration errors 902 to 905.
"""

from __future__ import annotations

from dataclasses import dataclass

from conformance.exchange.cda_header import Patient as ToldPatient
from conformance.exchange.metadata.hl7 import Cx
from conformance.identity.ins import INS_ROOTS, matricule_problems
from conformance.identity.traits import strict_name
from conformance.lgc.store import Store
from conformance.sut.contract import Identity, InsStatus, Patient, WorklistReason


@dataclass(frozen=True, slots=True)
class Told:
    """What a message says of its patient: ``patientId`` of the metadata, the header of the document, the subject."""

    patient_id: Cx
    header: ToldPatient
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """Whose document it is: ``patient`` when it is sure; else why not, and whom to ``propose``."""

    patient: Patient | None = None
    reason: WorklistReason | None = None
    words: str = ""
    proposed: Patient | None = None


class Vigilance:
    """Compares what a message says with the patients of the practice."""

    def find(self, store: Store, told: Told) -> Match:
        """Whose document it is."""
        ins = self.matricule(told)
        if ins is None:
            return self._doubt(store, told, WorklistReason.UNQUALIFIED_IDENTITY, "Le document ne porte pas d’INS.")
        if not self.right_key(ins):
            return self._doubt(store, told, WorklistReason.DIVERGENT_IDENTITY, "La clé du matricule INS est fausse.")
        if not self.same_in_the_document(ins, told):
            return self._doubt(
                store, told, WorklistReason.DIVERGENT_IDENTITY, "METADATA.XML et le document nomment deux patients."
            )
        holders = self.holders(store, ins)
        qualified = [each for each in holders if self.qualified(each.file.identity)]
        if not qualified:
            reason = WorklistReason.UNQUALIFIED_IDENTITY if holders else WorklistReason.UNKNOWN_PATIENT
            words = "L’identité n’est pas qualifiée ici." if holders else "Cette INS n’est celle d’aucun patient."
            return self._doubt(store, told, reason, words, holders)
        if len(qualified) > 1:
            return Match(reason=WorklistReason.AMBIGUOUS_PATIENT, words="Deux dossiers portent cette INS.")
        if not self.traits_agree(qualified[0].file.identity, told.header):
            words = "Les traits du document ne sont pas ceux du patient qui porte cette INS."
            return Match(reason=WorklistReason.DIVERGENT_IDENTITY, words=words, proposed=qualified[0])
        return Match(qualified[0])

    def matricule(self, told: Told) -> Cx | None:
        """The INS that the metadata give; ``None`` without one."""
        given = told.patient_id
        return given if given.type == "NH" and given.authority in INS_ROOTS else None

    def right_key(self, ins: Cx) -> bool:
        """Whether the matricule can be one at all."""
        return not matricule_problems(ins.id)

    def same_in_the_document(self, ins: Cx, told: Told) -> bool:
        """Whether the header of the document gives the same INS as the metadata."""
        return told.header.ins == (ins.authority, ins.id)

    def holders(self, store: Store, ins: Cx) -> list[Patient]:
        """The patients with this matricule, under the same root."""
        found = store.patients_with(matricule=ins.id)
        return [each for each in found if each.file.identity.ins and each.file.identity.ins.oid == ins.authority]

    def qualified(self, identity: Identity) -> bool:
        """Whether an identity may be trusted to name its patient."""
        return identity.ins_status is InsStatus.QUALIFIEE

    def traits_agree(self, known: Identity, told: ToldPatient) -> bool:
        """Whether the traits of the document are those of the patient with this INS."""
        return self.same_traits(known, told)

    def same_traits(self, known: Identity, told: ToldPatient) -> bool:
        """Whether birth name, first given name, birth date and sex agree."""
        return (
            strict_name(known.birth_name) == strict_name(told.birth_name)
            and strict_name(known.first_birth_given_name) == strict_name(told.first_given)
            and f"{known.birth_date:%Y%m%d}" == told.birth_date
            and known.sex.value == told.sex
        )

    def _doubt(
        self, store: Store, told: Told, reason: WorklistReason, words: str, holders: list[Patient] | None = None
    ) -> Match:
        """A person must compare: propose the one patient who resembles."""
        alike = holders or [
            each
            for each in store.patients_with(birth_name=strict_name(told.header.birth_name))
            if self.same_traits(each.file.identity, told.header)
        ]
        return Match(reason=reason, words=words, proposed=alike[0] if len(alike) == 1 else None)

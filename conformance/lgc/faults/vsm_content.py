"""Faults of the VSM: what it says of the record."""

from __future__ import annotations

from dataclasses import replace

from conformance.lgc.faults.editing import all_of, remove
from conformance.lgc.practice import Practice
from conformance.lgc.vsm import Draft, Vsm
from conformance.lgc.xml import Node
from conformance.sut.contract import (
    AllergyStatus,
    Category,
    ClinicalRecord,
    Coded,
    Patient,
    Prefill,
    Problem,
    ProblemStatus,
)
from conformance.terminology.code_systems import CIM_10, HL7_ROLE_CODE, SNOMED_CT


class ForgetsAllergies(Vsm):
    """Leaves the allergies out.

    Omet les allergies.
    """

    def content(self, prefilled: ClinicalRecord, edited: ClinicalRecord | None) -> ClinicalRecord:
        return replace(super().content(prefilled, edited), allergies=())


class ForgetsLastTreatment(Vsm):
    """Leaves the last treatment of the list out.

    Omet le dernier traitement de la liste.
    """

    def content(self, prefilled: ClinicalRecord, edited: ClinicalRecord | None) -> ClinicalRecord:
        content = super().content(prefilled, edited)
        return replace(content, treatments=content.treatments[:-1])


class MissingTreatmentPlan(Vsm):
    """Leaves the whole mandatory section « Plan de traitement » out.

    Omet toute la section obligatoire « Plan de traitement ».
    """

    def compose(self, draft: Draft) -> Node:
        document = super().compose(draft)
        remove(document, "//h:structuredBody/h:component[h:section/h:templateId/@root='1.2.250.1.213.1.1.2.32']")
        return document


class InventsProblem(Vsm):
    """Adds a problem that is not in the record.

    Ajoute un problème qui n’est pas dans le dossier.
    """

    def content(self, prefilled: ClinicalRecord, edited: ClinicalRecord | None) -> ClinicalRecord:
        content = super().content(prefilled, edited)
        invented = Problem(
            id="invented",
            label="Asthme",
            code=Coded(code="J45.9", code_system=CIM_10, label="Asthme, sans précision"),
        )
        return replace(
            content,
            active_problems=(*content.active_problems, invented),
            none_known=tuple(c for c in content.none_known if c is not Category.ACTIVE_PROBLEMS),
        )


class TreatmentOfAnotherPatient(Practice):
    """Adds a treatment of the patient created last to the treatments of the others.

    Ajoute un traitement du dernier patient créé à ceux des autres.
    """

    def patient_in_front(self, patient_id: str) -> Patient:
        patient = super().patient_in_front(patient_id)
        last = self.store.patients()[-1]
        strayed = tuple(replace(treatment, id="strayed") for treatment in last.file.record.treatments[:1])
        if last.patient_id == patient_id or not strayed:
            return patient
        record = patient.file.record
        said = tuple(category for category in record.none_known if category is not Category.TREATMENTS)
        mixed = replace(record, treatments=(*record.treatments, *strayed), none_known=said)
        return replace(patient, file=replace(patient.file, record=mixed))


class NotesOfAnotherPatient(Practice):
    """Adds the points of attention of the patient created last to those of the others.

    Ajoute les points de vigilance du dernier patient créé à ceux des autres.
    """

    def patient_in_front(self, patient_id: str) -> Patient:
        patient = super().patient_in_front(patient_id)
        last = self.store.patients()[-1]
        strayed = tuple(replace(note, id=f"strayed-{note.id}") for note in last.file.record.points_of_attention)
        if last.patient_id == patient_id or not strayed:
            return patient
        record = patient.file.record
        said = tuple(category for category in record.none_known if category is not Category.POINTS_OF_ATTENTION)
        mixed = replace(record, points_of_attention=(*record.points_of_attention, *strayed), none_known=said)
        return replace(patient, file=replace(patient.file, record=mixed))


class DropsEndDates(Vsm):
    """Forgets when problems and treatments ended.

    Oublie quand les problèmes et les traitements ont pris fin.
    """

    def content(self, prefilled: ClinicalRecord, edited: ClinicalRecord | None) -> ClinicalRecord:
        content = super().content(prefilled, edited)
        return replace(
            content,
            active_problems=tuple(replace(problem, end=None) for problem in content.active_problems),
            past_problems=tuple(replace(problem, end=None) for problem in content.past_problems),
            treatments=tuple(replace(treatment, end=None) for treatment in content.treatments),
        )


class DropsStartDates(Vsm):
    """Forgets when problems began.

    Oublie quand les problèmes ont commencé.
    """

    def content(self, prefilled: ClinicalRecord, edited: ClinicalRecord | None) -> ClinicalRecord:
        content = super().content(prefilled, edited)
        return replace(
            content,
            active_problems=tuple(replace(problem, start=None) for problem in content.active_problems),
            past_problems=tuple(replace(problem, start=None) for problem in content.past_problems),
        )


class DropsDosages(Vsm):
    """Forgets how treatments are taken.

    Oublie la posologie des traitements.
    """

    def content(self, prefilled: ClinicalRecord, edited: ClinicalRecord | None) -> ClinicalRecord:
        content = super().content(prefilled, edited)
        return replace(content, treatments=tuple(replace(treatment, dosage=None) for treatment in content.treatments))


class ShiftsDosages(Vsm):
    """Gives each treatment the dosage of the next one.

    Donne à chaque traitement la posologie du suivant.
    """

    def content(self, prefilled: ClinicalRecord, edited: ClinicalRecord | None) -> ClinicalRecord:
        content = super().content(prefilled, edited)
        dosages = [treatment.dosage for treatment in content.treatments]
        shifted = zip(content.treatments, dosages[1:] + dosages[:1], strict=True)
        return replace(content, treatments=tuple(replace(treatment, dosage=dosage) for treatment, dosage in shifted))


class ShiftsComments(Vsm):
    """Gives each active problem the comment of the next one.

    Donne à chaque problème actif le commentaire du suivant.
    """

    def content(self, prefilled: ClinicalRecord, edited: ClinicalRecord | None) -> ClinicalRecord:
        content = super().content(prefilled, edited)
        comments = [problem.comment for problem in content.active_problems]
        shifted = zip(content.active_problems, comments[1:] + comments[:1], strict=True)
        return replace(content, active_problems=tuple(replace(problem, comment=said) for problem, said in shifted))


class DropsReactions(Vsm):
    """Leaves the reactions of allergies out.

    Omet les réactions des allergies.
    """

    def content(self, prefilled: ClinicalRecord, edited: ClinicalRecord | None) -> ClinicalRecord:
        content = super().content(prefilled, edited)
        return replace(content, allergies=tuple(replace(allergy, reactions=()) for allergy in content.allergies))


class WrongAllergyType(Vsm):
    """Says of every allergy that it is one to a medicine.

    Dit de chaque allergie qu’elle est médicamenteuse.
    """

    def content(self, prefilled: ClinicalRecord, edited: ClinicalRecord | None) -> ClinicalRecord:
        content = super().content(prefilled, edited)
        kind = Coded(code="416098002", code_system=SNOMED_CT, label="allergie médicamenteuse")
        return replace(content, allergies=tuple(replace(allergy, type=kind) for allergy in content.allergies))


class WrongRelative(Vsm):
    """Says of every family history that it is the mother's.

    Dit de chaque antécédent familial qu’il est celui de la mère.
    """

    def content(self, prefilled: ClinicalRecord, edited: ClinicalRecord | None) -> ClinicalRecord:
        content = super().content(prefilled, edited)
        mother = Coded(code="MTH", code_system=HL7_ROLE_CODE, label="Mère")
        history = tuple(replace(history, relationship=mother) for history in content.family_history)
        return replace(content, family_history=history)


class WrongStatus(Vsm):
    """Says of every problem and allergy that it is active.

    Dit de chaque problème et de chaque allergie qu’ils sont actifs.
    """

    def content(self, prefilled: ClinicalRecord, edited: ClinicalRecord | None) -> ClinicalRecord:
        content = super().content(prefilled, edited)
        active = ProblemStatus.ACTIVE
        return replace(
            content,
            active_problems=tuple(replace(problem, status=active) for problem in content.active_problems),
            past_problems=tuple(replace(problem, status=active) for problem in content.past_problems),
            allergies=tuple(replace(allergy, status=AllergyStatus.ACTIVE) for allergy in content.allergies),
        )


class WrongProblemCode(Vsm):
    """Codes every problem as « Hypertension », whatever the words beside it.

    Code chaque problème « Hypertension », quels que soient les mots à côté.
    """

    def compose(self, draft: Draft) -> Node:
        document = super().compose(draft)
        for value in all_of(document, "//h:observation[h:templateId/@root='1.2.250.1.213.1.1.3.37']/h:value"):
            if value.get("codeSystem") == CIM_10:
                value.set("code", "I10")
                value.set("displayName", "Hypertension essentielle (primitive)")
        return document


class CodeOutsideValueSet(Vsm):
    """Gives problems a kind that is not in the value set of the kinds of problems.

    Donne aux problèmes une nature qui n’est pas dans son jeu de valeurs.
    """

    def compose(self, draft: Draft) -> Node:
        document = super().compose(draft)
        for code in all_of(document, "//h:observation[h:templateId/@root='1.2.250.1.213.1.1.3.37']/h:code"):
            code.set("code", "22298006")
            code.set("displayName", "infarctus du myocarde")
            code.set("codeSystem", SNOMED_CT)
        return document


class NarrativeDiffers(Vsm):
    """Tells in the narrative another disease than in the entry.

    Raconte dans le texte une autre maladie que dans l’entrée.
    """

    def compose(self, draft: Draft) -> Node:
        document = super().compose(draft)
        for words in all_of(document, "//h:content[starts-with(@ID, 'pathologie-')]"):
            if words.get("ID", "").count("-") == 1:
                words.text = "Migraine avec aura"
        return document


class NarrativeForgetsItems(Vsm):
    """Shows only the first line of the allergies, while the entries hold them all.

    Ne montre que la première ligne des allergies, quand les entrées les ont toutes.
    """

    def compose(self, draft: Draft) -> Node:
        document = super().compose(draft)
        remove(document, "//h:tr[position() > 1][.//h:content[starts-with(@ID, 'allergie-')]]")
        return document


class IgnoresRemovals(Vsm):
    """Puts back what the user removed from the prefill.

    Remet ce que l’utilisateur a retiré de la proposition.
    """

    def content(self, prefilled: ClinicalRecord, edited: ClinicalRecord | None) -> ClinicalRecord:
        content = super().content(prefilled, edited)
        put_back = {}
        for category in Category:
            kept = {item.id for item in getattr(content, category.value)}
            missing = tuple(item for item in getattr(prefilled, category.value) if item.id not in kept)
            put_back[category.value] = (*getattr(content, category.value), *missing)
        said = tuple(category for category in content.none_known if not put_back[category.value])
        return replace(content, **put_back, none_known=said)


class EditedItemReappears(Vsm):
    """Writes items as they are in the record, not as the user edited them.

    Écrit les éléments tels qu’ils sont au dossier, et non tels que l’utilisateur les a modifiés.
    """

    def content(self, prefilled: ClinicalRecord, edited: ClinicalRecord | None) -> ClinicalRecord:
        content = super().content(prefilled, edited)
        before = {item.id: item for category in Category for item in getattr(prefilled, category.value)}
        restored = {
            category.value: tuple(before.get(item.id, item) for item in getattr(content, category.value))
            for category in Category
        }
        return replace(content, **restored)


class PrefillsNothing(Practice):
    """Proposes an empty document to the user, instead of what the record holds.

    Propose à l’utilisateur un document vide, au lieu de ce que contient le dossier.
    """

    def prefill_document(self, patient_id: str, type: str, version: str | None = None) -> Prefill:
        return replace(super().prefill_document(patient_id, type, version), content=ClinicalRecord())

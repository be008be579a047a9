"""Faults of the VSM: how it says that there is nothing to say."""

from __future__ import annotations

from dataclasses import replace

from conformance.lgc.faults.editing import all_of
from conformance.lgc.sections import HEADINGS, NO_KNOWN, Body
from conformance.lgc.vsm import Draft, Vsm
from conformance.lgc.xml import Node
from conformance.sut.contract import Category, ClinicalRecord, Coded
from conformance.terminology.code_systems import IPS_ABSENT_OR_UNKNOWN


class TakesSilenceForAbsence(Vsm):
    """Says « none known » of every list that is merely empty.

    Dit « aucun connu » de chaque liste qui n’est que vide.
    """

    def content(self, prefilled: ClinicalRecord, edited: ClinicalRecord | None) -> ClinicalRecord:
        content = super().content(prefilled, edited)
        empty = tuple(category for category in Category if not getattr(content, category.value))
        return replace(content, none_known=empty)


class ForgetsStatedAbsence(Vsm):
    """Says nothing of the lists of which the physician stated that there is nothing to tell.

    Ne dit rien des listes dont le médecin a déclaré qu’il n’y a rien à dire.
    """

    def content(self, prefilled: ClinicalRecord, edited: ClinicalRecord | None) -> ClinicalRecord:
        return replace(super().content(prefilled, edited), none_known=())


class TurnsAbsenceIntoIgnorance(Vsm):
    """Codes “no information” where the physician stated that there is nothing to tell.

    Code « pas d’information » là où le médecin a déclaré qu’il n’y a rien à dire.
    """

    def compose(self, draft: Draft) -> Node:
        document = super().compose(draft)
        unknown = {
            "problems": "problem",
            "allergies": "allergy",
            "procedures": "procedure",
            "medications": "medication",
        }
        for absence in all_of(document, f"//h:structuredBody//h:*[@codeSystem='{IPS_ABSENT_OR_UNKNOWN}']"):
            absence.set("code", f"no-{unknown[absence.get('code', '').removeprefix('no-known-')]}-info")
            absence.set("displayName", "Pas d'information")
        return document


class _AbsenceBesideItems(Body):
    """A body that says “no known allergy” beside the allergies."""

    def category(self, category: Category) -> Node | None:
        written = super().category(category)
        if written is not None and category is Category.ALLERGIES and self._content.allergies:
            value, label = NO_KNOWN[category]
            absence = Coded(code=value, code_system=IPS_ABSENT_OR_UNKNOWN, label=label)
            written.append(self._entries.no_allergy("allergie-1", absence))
        return written


class DeniesAllergiesBesideThem(Vsm):
    """Codes “no known allergy” beside the allergies that it lists.

    Code « pas d’allergie connue » à côté des allergies qu’il énumère.
    """

    body = _AbsenceBesideItems


class _EmptySections(Body):
    """A body that writes a section for every category, also when there is nothing in it."""

    def category(self, category: Category) -> Node | None:
        written = super().category(category)
        return self.section(HEADINGS[category], None, [], []) if written is None else written


class LeavesEmptySections(Vsm):
    """Writes a section without text nor entry for a list that is empty.

    Écrit une section sans texte ni entrée pour une liste vide.
    """

    body = _EmptySections

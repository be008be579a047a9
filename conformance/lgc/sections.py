"""The sections of the VSM: what is told, in which order, and how "nothing to say" is said.

An empty list of the record is left out, and named in the text of the section around it; a list of which the
physician stated that there is nothing to tell is written with a coded absence, or in words where no code
exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid5

from conformance.lgc.entries import ALLERGY_STATUS_LABELS, CCD, PCC, PROBLEM_STATUS_LABELS, Entries
from conformance.lgc.narrative import Cell, Row, paragraph, shown_date, table
from conformance.lgc.xml import Node, code, identifier, node, templates
from conformance.sut.contract import (
    Allergy,
    Category,
    ClinicalRecord,
    Coded,
    FamilyHistory,
    Lifestyle,
    Note,
    Problem,
    Procedure,
    Treatment,
)
from conformance.terminology.code_systems import IPS_ABSENT_OR_UNKNOWN, LOINC

FR = "1.2.250.1.213.1.1.2."


@dataclass(frozen=True, slots=True)
class Heading:
    """The fixed parts of a section: templates, LOINC code and label, title."""

    templates: tuple[str, ...]
    code: str
    label: str
    title: str


HEADINGS = {
    Category.ACTIVE_PROBLEMS: Heading(
        (CCD + "11", PCC + "3.6", FR + "132"), "11450-4", "Liste des problèmes actifs", "Pathologies en cours"
    ),
    Category.PAST_PROBLEMS: Heading(
        (PCC + "3.8", FR + "134"), "11348-0", "Antécédents médicaux", "Antécédents médicaux"
    ),
    Category.PROCEDURES: Heading(
        (CCD + "12", PCC + "3.11", PCC + "3.12", FR + "136"),
        "47519-4",
        "Historique des actes",
        "Antécédents chirurgicaux",
    ),
    Category.ALLERGIES: Heading(
        (CCD + "2", PCC + "3.13", FR + "137"),
        "48765-2",
        "Allergies et hypersensibilités",
        "Allergies et hypersensibilités",
    ),
    Category.LIFESTYLE: Heading(
        (CCD + "15", PCC + "3.16", PCC + "3.16.1", FR + "141"), "29762-2", "Habitus, Mode de vie", "Mode de vie"
    ),
    Category.PROFESSIONAL_RISKS: Heading(
        (PCC + "1.5.3.1", FR + "74"),
        "10161-8",
        "Facteurs de risques professionnels",
        "Facteurs de risques professionnels",
    ),
    Category.FAMILY_HISTORY: Heading(
        (CCD + "4", PCC + "3.14", PCC + "3.15", FR + "139"),
        "10157-6",
        "Historique des pathologies familiales",
        "Antécédents familiaux",
    ),
    Category.POINTS_OF_ATTENTION: Heading(
        (PCC + "3.27", FR + "150"), "30954-2", "Résultats d'examens", "Points de vigilance"
    ),
    Category.TREATMENTS: Heading((CCD + "8", PCC + "3.19", FR + "143"), "10160-0", "Traitements", "Traitements"),
}

SUMMARY = Heading(
    (FR + "29",),
    "46612-8",
    "Conclusions de synthèse",
    "Pathologies en cours, antécédents, allergies et facteurs de risques",
)
HISTORY = Heading((FR + "30",), "34117-2", "Historique et physique", "Pathologies en cours, antécédents et allergies")
RISKS = Heading(
    (FR + "31",),
    "57207-3",
    "Facteurs de risque présents ou passés affectant l'état de santé et/ou une circonstance",
    "Facteurs de risques",
)
PLAN = Heading((FR + "32",), "18776-5", "Plan de traitement", "Traitement au long cours")

NO_KNOWN = {
    Category.ACTIVE_PROBLEMS: ("no-known-problems", "Pas de problème connu"),
    Category.PAST_PROBLEMS: ("no-known-problems", "Pas de problème connu"),
    Category.PROCEDURES: ("no-known-procedures", "Pas d'acte ou intervention connu"),
    Category.ALLERGIES: ("no-known-allergies", "Pas d'allergie/hypersensibilité connue"),
    Category.FAMILY_HISTORY: ("no-known-problems", "Pas de problème connu"),
    Category.TREATMENTS: ("no-known-medications", "Pas de traitement médicamenteux connu"),
}
"""Codes of « Absent and Unknown Data - IPS » for the lists that have a coded absence."""


class Body:
    """Writes the ``structuredBody`` for one content."""

    def __init__(self, document: UUID, content: ClinicalRecord) -> None:
        self._document = document
        self._content = content
        self._entries = Entries(document)

    def write(self) -> Node:
        """The body: the three sections that every VSM holds."""
        history = self._container(
            HISTORY,
            (Category.ACTIVE_PROBLEMS, Category.PAST_PROBLEMS, Category.PROCEDURES, Category.ALLERGIES),
        )
        risks = self._container(RISKS, (Category.LIFESTYLE, Category.PROFESSIONAL_RISKS, Category.FAMILY_HISTORY))
        return node(
            "structuredBody",
            None,
            _component(self.section(SUMMARY, None, [], [history, risks])),
            _component(self._points_of_attention()),
            _component(self._container(PLAN, (Category.TREATMENTS,))),
        )

    def _container(self, heading: Heading, categories: tuple[Category, ...]) -> Node:
        """A section around those of its categories that have something to say; the others are named in its text."""
        sections = [(category, self.category(category)) for category in categories]
        present = [section for _, section in sections if section is not None]
        silent = [self._silence(category) for category, section in sections if section is None]
        return self.section(heading, paragraph(" ".join(silent)) if silent else None, [], present)

    def _silence(self, category: Category) -> str:
        """The sentence for a category that has no section of its own."""
        title = HEADINGS[category].title
        if category in self._content.none_known:
            return f"{title} : rien à signaler."
        return f"{title} : aucune information renseignée."

    def category(self, category: Category) -> Node | None:
        """The section of one category, or nothing."""
        items = getattr(self._content, category.value)
        if items:
            text, entries = self._told(category, items)
            return self.section(HEADINGS[category], text, entries, [])
        if category not in self._content.none_known:
            return None
        if category is Category.PROFESSIONAL_RISKS:
            return self.section(HEADINGS[category], paragraph("Aucun facteur de risque professionnel."), [], [])
        if category not in NO_KNOWN:
            return None
        return self._absence(category)

    def _absence(self, category: Category) -> Node:
        """A section that says, in a code and in words, that there is nothing known."""
        value, label = NO_KNOWN[category]
        anchor = f"{_PREFIXES[category]}-aucun"
        concept = Coded(code=value, code_system=IPS_ABSENT_OR_UNKNOWN, label=label)
        write = {
            Category.ACTIVE_PROBLEMS: self._entries.no_problem,
            Category.PAST_PROBLEMS: self._entries.no_problem,
            Category.PROCEDURES: self._entries.no_procedure,
            Category.ALLERGIES: self._entries.no_allergy,
            Category.FAMILY_HISTORY: self._entries.no_family_history,
            Category.TREATMENTS: self._entries.no_treatment,
        }[category]
        return self.section(HEADINGS[category], paragraph(label, anchor), [write(anchor, concept)], [])

    def _told(self, category: Category, items: tuple[object, ...]) -> tuple[Node, list[Node]]:
        """The narrative of a category and its entries, item by item."""
        columns = _COLUMNS[category]
        rows: list[Row] = []
        entries: list[Node] = []
        for rank, item in enumerate(items, start=1):
            anchor = f"{_PREFIXES[category]}-{rank}"
            rows.append(_row(item, anchor))
            entry = self._entry(category, item, anchor)
            if entry is not None:
                entries.append(entry)
        return table(columns, rows), entries

    def _entry(self, category: Category, item: object, anchor: str) -> Node | None:
        match item:
            case Problem():
                return self._entries.problem(item, anchor, past=category is Category.PAST_PROBLEMS)
            case Procedure():
                return self._entries.procedure(item, anchor)
            case Allergy():
                return self._entries.allergy(item, anchor)
            case Lifestyle():
                return self._entries.lifestyle(item, anchor)
            case FamilyHistory():
                return self._entries.family_history(item, anchor)
            case Treatment():
                return self._entries.treatment(item, anchor)
        return None

    def _points_of_attention(self) -> Node:
        """A section that is always there, and holds words only."""
        heading = HEADINGS[Category.POINTS_OF_ATTENTION]
        notes = self._content.points_of_attention
        if notes:
            text, _ = self._told(Category.POINTS_OF_ATTENTION, notes)
        elif Category.POINTS_OF_ATTENTION in self._content.none_known:
            text = paragraph("Aucun point de vigilance.")
        else:
            text = paragraph("Aucune information renseignée.")
        return self.section(heading, text, [], [])

    def section(self, heading: Heading, text: Node | None, entries: list[Node], inner: list[Node]) -> Node:
        """A section with its text, its entries and its sub-sections."""
        return node(
            "section",
            None,
            templates(*heading.templates),
            identifier(str(uuid5(self._document, heading.templates[-1])).upper()),
            code("code", Coded(code=heading.code, code_system=LOINC, label=heading.label)),
            node("title", None, heading.title),
            text,
            entries,
            [_component(section) for section in inner],
        )


def _component(section: Node) -> Node:
    return node("component", None, section)


_PREFIXES = {
    Category.ACTIVE_PROBLEMS: "pathologie",
    Category.PAST_PROBLEMS: "antecedent",
    Category.PROCEDURES: "acte",
    Category.ALLERGIES: "allergie",
    Category.LIFESTYLE: "habitude",
    Category.PROFESSIONAL_RISKS: "risque-professionnel",
    Category.FAMILY_HISTORY: "antecedent-familial",
    Category.POINTS_OF_ATTENTION: "vigilance",
    Category.TREATMENTS: "traitement",
}

_COLUMNS = {
    Category.ACTIVE_PROBLEMS: ("Début", "Fin", "Pathologie", "Code", "Statut", "Commentaire"),
    Category.PAST_PROBLEMS: ("Début", "Fin", "Antécédent", "Code", "Statut", "Commentaire"),
    Category.PROCEDURES: ("Date", "Acte", "Code"),
    Category.ALLERGIES: ("Début", "Fin", "Allergie", "Type", "Agent", "Réactions", "Statut"),
    Category.LIFESTYLE: ("Habitude", "Observation", "Début", "Fin"),
    Category.PROFESSIONAL_RISKS: ("Facteur de risque",),
    Category.FAMILY_HISTORY: ("Lien de parenté", "Antécédent", "Code", "Date"),
    Category.POINTS_OF_ATTENTION: ("Point de vigilance",),
    Category.TREATMENTS: ("Début", "Fin", "Médicament", "Code", "Posologie"),
}


def _row(item: object, anchor: str) -> Row:
    """What the narrative tells of one item, with the ids that its entry points to."""
    match item:
        case Problem():
            return (
                Cell(shown_date(item.start)),
                Cell(shown_date(item.end)),
                Cell(item.label, anchor),
                Cell(_code(item.code)),
                Cell(PROBLEM_STATUS_LABELS[item.status], f"{anchor}-statut"),
                Cell(item.comment or "", f"{anchor}-commentaire" if item.comment else None),
            )
        case Procedure():
            return Cell(shown_date(item.date)), Cell(item.label, anchor), Cell(_code(item.code))
        case Allergy():
            return (
                Cell(shown_date(item.start)),
                Cell(shown_date(item.end)),
                Cell(item.label, anchor),
                Cell(item.type.label),
                Cell(item.agent.label if item.agent else "", f"{anchor}-agent"),
                tuple(
                    Cell(reaction.label, f"{anchor}-reaction-{rank}")
                    for rank, reaction in enumerate(item.reactions, start=1)
                ),
                Cell(ALLERGY_STATUS_LABELS[item.status], f"{anchor}-statut"),
            )
        case Lifestyle():
            return (
                Cell(item.code.label),
                Cell(item.value, anchor),
                Cell(shown_date(item.start)),
                Cell(shown_date(item.end)),
            )
        case FamilyHistory():
            return (
                Cell(item.relationship.label, f"{anchor}-lien"),
                Cell(item.label, anchor),
                Cell(_code(item.code)),
                Cell(shown_date(item.date)),
            )
        case Treatment():
            return (
                Cell(shown_date(item.start)),
                Cell(shown_date(item.end)),
                Cell(item.label, anchor),
                Cell(_code(item.product) if item.product else ""),
                Cell(item.dosage or "", f"{anchor}-posologie"),
            )
        case Note():
            return (Cell(item.text, anchor),)
    raise TypeError(type(item).__name__)


def _code(concept: Coded) -> str:
    """A code as the narrative shows it: ``I10 (Hypertension essentielle)``."""
    return f"{concept.code} ({concept.label})"

"""Producing a VSM on the bench, and comparing what it says with the record that it was made from.

The comparison gives sentences, one a difference, so that a test can fail with the first and a property test can
look for any. Text is compared in Unicode normal form C, with runs of spaces as one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from conformance.cda.namespaces import h
from conformance.cda.vsm_reading import Entry, VsmFacts, read_vsm
from conformance.core.language import Text
from conformance.harness.bench import Bench
from conformance.harness.judgement import Unmet
from conformance.sut.contract import (
    Category,
    ClinicalRecord,
    Coded,
    DocumentRequest,
    DocumentView,
    Patient,
    PatientFile,
)
from conformance.validation.outcome import DocumentOutcome

ALL_LAYERS: Final = ("decoding", "structure", "header", "content", "identity", "coherence")

SECTION_TITLES: Final = {
    Category.ACTIVE_PROBLEMS: Text("problèmes actifs", "active problems"),
    Category.PAST_PROBLEMS: Text("antécédents médicaux", "past problems"),
    Category.PROCEDURES: Text("actes et antécédents chirurgicaux", "procedures"),
    Category.ALLERGIES: Text("allergies et hypersensibilités", "allergies"),
    Category.LIFESTYLE: Text("habitus et mode de vie", "lifestyle"),
    Category.PROFESSIONAL_RISKS: Text("facteurs de risque professionnels", "professional risks"),
    Category.FAMILY_HISTORY: Text("antécédents familiaux", "family history"),
    Category.POINTS_OF_ATTENTION: Text("points de vigilance", "points of attention"),
    Category.TREATMENTS: Text("traitements au long cours", "long-term treatments"),
}


@dataclass(frozen=True, slots=True)
class Vsm:
    """A VSM made by the product: for whom, how the product shows it, its bytes, and what it says."""

    patient: Patient
    view: DocumentView
    data: bytes
    facts: VsmFacts
    outcome: DocumentOutcome


def produce(
    bench: Bench,
    file: PatientFile,
    *,
    version: str | None = None,
    content: ClinicalRecord | None = None,
    patient: Patient | None = None,
    replaces: str | None = None,
) -> Vsm:
    """Have the product create the patient (unless given), make a VSM and validate it; then read the document."""
    protect(bench, file)
    patient = patient or bench.product.create_patient(file)
    wanted = version or str(bench.options["version"])
    request = DocumentRequest(type="vsm", version=wanted, content=content, replaces=replaces)
    draft = bench.product.generate_document(patient.patient_id, request)
    view = bench.product.validate_document(draft.document_id)
    return read_back(bench, patient, view, wanted)


def read_back(bench: Bench, patient: Patient, view: DocumentView, version: str) -> Vsm:
    """Read a document from the product and judge it; a document that is not XML fails the test with the reason."""
    data = bench.product.read_document(view.document_id)
    outcome = bench.judge_document(data, "vsm.xml", version)
    if outcome.error is not None:
        raise Unmet(outcome.error.sentence)
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    clinical = root if root.tag == h("ClinicalDocument") else root.find(f".//{h('ClinicalDocument')}")
    if clinical is None:
        raise Unmet(
            Text("Le document produit n'est pas un ClinicalDocument.", "The document made is not a ClinicalDocument.")
        )
    return Vsm(patient, view, data, read_vsm(clinical), outcome)


def protect(bench: Bench, file: PatientFile) -> None:
    """Name to the report what it must mask of this patient."""
    identity = file.identity
    words = [identity.birth_name, identity.birth_given_names, identity.used_name or "", identity.used_given_name or ""]
    bench.story.protect(*words, identity.ins.matricule if identity.ins else "")


def normal(text: str) -> str:
    """Text as it is compared: normal form C, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def without_accents(text: str) -> str:
    """Lower case, without accents: how a reader recognises a word."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def stamp(clinical_date: str | None) -> str | None:
    """A date of the record as HL7 writes it: ``2015-03-02`` is ``20150302``, a year stays a year."""
    return None if clinical_date is None else clinical_date.replace("-", "")[:8]


# Comparing --------------------------------------------------------------------------------------------------


def _code_of(category: Category, item: Any) -> Coded | None:
    if category is Category.ALLERGIES:
        return item.agent  # type: ignore[no-any-return]  # the category says the type
    if category is Category.TREATMENTS:
        return item.product  # type: ignore[no-any-return]  # the category says the type
    return item.code  # type: ignore[no-any-return]  # the category says the type


def _bounds(category: Category, item: Any) -> tuple[str | None, str | None]:
    if category in (Category.PROCEDURES, Category.FAMILY_HISTORY):
        return stamp(item.date), None
    return stamp(item.start), stamp(item.end)


CODED: Final = tuple(c for c in Category if c not in (Category.PROFESSIONAL_RISKS, Category.POINTS_OF_ATTENTION))
"""The lists whose items are entries of their own; the two others are narrative only."""


def label_of(category: Category, item: Any) -> str:
    """The words of the physician for an item."""
    if category in (Category.PROFESSIONAL_RISKS, Category.POINTS_OF_ATTENTION):
        return str(item.text)
    return str(item.value if category is Category.LIFESTYLE else item.label)


def _fits(category: Category, item: Any, entry: Entry) -> bool:
    """Whether an entry may be the one of this item: same code, or same words where there is no code."""
    code = _code_of(category, item)
    if code is None or category is Category.LIFESTYLE:
        same_words = normal(label_of(category, item)) in normal(f"{entry.text} {entry.quantity}")
        same_code = code is None or (entry.about is not None and entry.about.code == code.code)
        return same_words and same_code
    return entry.about is not None and (entry.about.code, entry.about.code_system) == (code.code, code.code_system)


def pair(
    category: Category, items: Sequence[Any], entries: Sequence[Entry]
) -> tuple[list[tuple[Any, Entry]], list[Any], list[Entry]]:
    """Pair the items of a list with the entries of its section: pairs, items without entry, entries without item.

    Among entries that fit, the one with the same words and dates is taken first.
    """
    left = list(entries)
    pairs: list[tuple[Any, Entry]] = []
    missing: list[Any] = []
    for item in items:
        fitting = [entry for entry in left if _fits(category, item, entry)]
        if not fitting:
            missing.append(item)
            continue

        def distance(entry: Entry, item: Any = item) -> tuple[bool, bool]:
            return normal(label_of(category, item)) not in normal(entry.text), _bounds(category, item) != (
                entry.start,
                entry.end,
            )

        best = min(fitting, key=distance)
        left.remove(best)
        pairs.append((item, best))
    return pairs, missing, left


def missing_items(record: ClinicalRecord, facts: VsmFacts, category: Category) -> Iterator[Text]:
    """What the record holds and the document does not say."""
    title = SECTION_TITLES[category]
    items = getattr(record, category.value)
    if category not in CODED:
        text = normal(facts.sections.get(category.value, ""))
        lost = [item for item in items if normal(label_of(category, item)) not in text]
    else:
        _, lost, _ = pair(category, items, facts.of(category.value))
    for item in lost:
        yield Text(
            f"{title.fr} : « {label_of(category, item)} » est dans le dossier et n'est pas dans le VSM.",
            f"{title.en}: “{label_of(category, item)}” is in the record and is not in the VSM.",
        )


def invented_entries(record: ClinicalRecord, facts: VsmFacts, category: Category) -> Iterator[Text]:
    """What the document says and the record does not hold."""
    title = SECTION_TITLES[category]
    _, _, left = pair(category, getattr(record, category.value), facts.of(category.value))
    for entry in left:
        said = entry.text or (entry.about.label if entry.about else None) or (entry.about.code if entry.about else "?")
        yield Text(
            f"{title.fr} : le VSM dit « {said} », qui n'est pas dans le dossier.",
            f"{title.en}: the VSM says “{said}”, which is not in the record.",
        )


def wrong_dates(record: ClinicalRecord, facts: VsmFacts, category: Category) -> Iterator[Text]:
    """Entries whose start or end is not that of the record."""
    title = SECTION_TITLES[category]
    pairs, _, _ = pair(category, getattr(record, category.value), facts.of(category.value))
    for item, entry in pairs:
        expected = _bounds(category, item)
        for bound_fr, bound_en, wanted, found in (
            ("début", "start", expected[0], entry.start),
            ("fin", "end", expected[1], entry.end),
        ):
            if (found or "")[:8] != (wanted or ""):
                yield Text(
                    f"{title.fr} : « {label_of(category, item)} », {bound_fr} {found or 'absente'} dans le VSM, {wanted or 'absente'} dans le dossier.",
                    f"{title.en}: “{label_of(category, item)}”, {bound_en} {found or 'absent'} in the VSM, {wanted or 'absent'} in the record.",
                )


def wrong_statuses(record: ClinicalRecord, facts: VsmFacts, category: Category) -> Iterator[Text]:
    """Entries whose clinical status is not that of the record (an active item may leave it unsaid)."""
    title = SECTION_TITLES[category]
    pairs, _, _ = pair(category, getattr(record, category.value), facts.of(category.value))
    for item, entry in pairs:
        expected = str(item.status)
        if entry.status != expected and not (entry.status is None and expected == "active"):
            yield Text(
                f"{title.fr} : « {label_of(category, item)} » a le statut {entry.status or 'absent'} dans le VSM, {expected} dans le dossier.",
                f"{title.en}: “{label_of(category, item)}” has the status {entry.status or 'absent'} in the VSM, {expected} in the record.",
            )


def wrong_narrative(record: ClinicalRecord, facts: VsmFacts, category: Category) -> Iterator[Text]:
    """Entries that point to a narrative which does not tell the same, or to none."""
    title = SECTION_TITLES[category]
    pairs, _, _ = pair(category, getattr(record, category.value), facts.of(category.value))
    for item, entry in pairs:
        if normal(label_of(category, item)) not in normal(entry.text):
            yield Text(
                f"{title.fr} : l'entrée de « {label_of(category, item)} » renvoie au texte « {entry.text or '(aucun)'} ».",
                f"{title.en}: the entry of “{label_of(category, item)}” points to the text “{entry.text or '(none)'}”.",
            )


def differences(record: ClinicalRecord, facts: VsmFacts) -> Iterator[Text]:
    """Everything that the document does not say as the record does."""
    for category in Category:
        yield from missing_items(record, facts, category)
        if category in CODED:
            yield from invented_entries(record, facts, category)
            yield from wrong_dates(record, facts, category)
            yield from wrong_narrative(record, facts, category)
        if category in (Category.ACTIVE_PROBLEMS, Category.PAST_PROBLEMS, Category.ALLERGIES):
            yield from wrong_statuses(record, facts, category)


def demand_none(found: Iterator[Text]) -> None:
    """Fail the test with the first difference, and say how many more there are."""
    said = list(found)
    if said:
        more = len(said) - 1
        raise Unmet(
            Text(
                said[0].fr + (f" (et {more} autre(s))" if more else ""),
                said[0].en + (f" (and {more} more)" if more else ""),
            )
        )

"""Comparing what a VSM says with the identity and the record that it was made from.

The comparison gives sentences, one a difference, so that a test can fail with the first and a property test can
look for any. Text is compared in Unicode normal form C, with runs of spaces as one. A VSM may be right in more than
one way: order, layout of the narrative and identifiers are the product's own, and what they leave open is not judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from conformance.cda.vsm_reading import Concept, Entry, VsmFacts
from conformance.core.language import Text
from conformance.harness.judgement import Unmet
from conformance.harness.pairing import least_cost
from conformance.harness.vsm import SECTION_TITLES, normal
from conformance.identity.ins import INS_ROOTS
from conformance.sut.contract import (
    AllergyStatus,
    Category,
    ClinicalRecord,
    Coded,
    Identity,
    InsStatus,
    ProblemStatus,
)

CODED: Final = tuple(c for c in Category if c not in (Category.PROFESSIONAL_RISKS, Category.POINTS_OF_ATTENTION))
"""The lists whose items are entries of their own; the two others are narrative only."""

PLAIN_STATUS: Final = {
    Category.ACTIVE_PROBLEMS: ProblemStatus.ACTIVE,
    Category.PAST_PROBLEMS: ProblemStatus.RESOLVED,
    Category.ALLERGIES: AllergyStatus.ACTIVE,
}
"""The lists whose items have a status → the one that goes without saying there (FR-Statut-du-probleme is optional)."""

KINDS: Final = (Category.ALLERGIES, Category.FAMILY_HISTORY)
"""The lists whose items say of what kind they are: the type of allergy, the relative."""

ONE_DATE: Final = (Category.PROCEDURES, Category.FAMILY_HISTORY)
"""The lists whose items have one date, which may be written as a period that ends as it begins."""


def stamp(clinical_date: str | None) -> str | None:
    """A date of the record as HL7 writes it: ``2015-03-02`` is ``20150302``, a year stays a year."""
    return None if clinical_date is None else clinical_date.replace("-", "")[:8]


def label_of(category: Category, item: Any) -> str:
    """The words of the physician for an item."""
    if category in (Category.PROFESSIONAL_RISKS, Category.POINTS_OF_ATTENTION):
        return str(item.text)
    return str(item.value if category is Category.LIFESTYLE else item.label)


def code_of(category: Category, item: Any) -> Coded | None:
    """The code by which an item is known: a disease, an act, the agent of an allergy, a product."""
    if category is Category.ALLERGIES:
        return item.agent  # type: ignore[no-any-return]  # the category says the type
    if category is Category.TREATMENTS:
        return item.product  # type: ignore[no-any-return]  # the category says the type
    return item.code  # type: ignore[no-any-return]  # the category says the type


def kind_of(category: Category, item: Any) -> Coded:
    """Of what kind an item is: the type of an allergy, the relative of a family history."""
    return item.type if category is Category.ALLERGIES else item.relationship  # type: ignore[no-any-return]


def _bounds(category: Category, item: Any) -> tuple[str | None, str | None]:
    if category in ONE_DATE:
        return stamp(item.date), None
    return stamp(item.start), stamp(item.end)


def _said_bounds(category: Category, entry: Entry) -> tuple[str, str]:
    start, end = (entry.start or "")[:8], (entry.end or "")[:8]
    return start, "" if category in ONE_DATE and end == start else end


def _says(concept: Concept | None, code: Coded) -> bool:
    return concept is not None and concept.means(code.code, code.code_system)


def _fits(category: Category, item: Any, entry: Entry) -> bool:
    """Whether an entry may be the one of this item: same code, and same words where the code is not enough."""
    code = code_of(category, item)
    if code is not None and not _says(entry.about, code):
        return False
    if code is not None and category is not Category.LIFESTYLE:
        return True
    return normal(label_of(category, item)) in normal(f"{entry.text} {entry.line} {entry.quantity}")


def _distance(category: Category, item: Any, entry: Entry) -> int | None:
    """How far an entry is from an item; ``None`` when it is about something else."""
    if not _fits(category, item, entry):
        return None
    label, text = normal(label_of(category, item)), normal(entry.text)
    words = (label == text, label in text, label in normal(entry.line), True).index(True)
    expected, said = _bounds(category, item), _said_bounds(category, entry)
    return 2 * words + 3 * sum((want or "") != found for want, found in zip(expected, said, strict=True))


def pair(
    category: Category, items: Sequence[Any], entries: Sequence[Entry]
) -> tuple[list[tuple[Any, Entry]], list[Any], list[Entry]]:
    """Pair the items of a list with the entries of its section: pairs, items without entry, entries without item.

    All pairs together are the nearest that can be, in whatever order the entries stand.
    """
    found = least_cost([[_distance(category, item, entry) for entry in entries] for item in items])
    pairs = [(item, entries[rank]) for item, rank in zip(items, found, strict=True) if rank is not None]
    missing = [item for item, rank in zip(items, found, strict=True) if rank is None]
    return pairs, missing, [entry for rank, entry in enumerate(entries) if rank not in found]


def pairs_of(record: ClinicalRecord, facts: VsmFacts, category: Category) -> list[tuple[Any, Entry]]:
    """The items of a list of the record, each with its entry in the VSM."""
    return pair(category, getattr(record, category.value), facts.of(category.value))[0]


def compared(record: ClinicalRecord, facts: VsmFacts, category: Category) -> list[tuple[Any, Entry]]:
    """The pairs of a list, for a test that compares them: it fails when the VSM holds no item of the list."""
    pairs = pairs_of(record, facts, category)
    if getattr(record, category.value) and not pairs:
        title = SECTION_TITLES[category]
        raise Unmet(
            Text(
                f"« {title.fr} » : le VSM ne contient aucun élément du dossier, il n'y a rien à comparer.",
                f"“{title.en}”: the VSM holds no item of the record, there is nothing to compare.",
            )
        )
    return pairs


Pairs = list[tuple[Any, Entry]]


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


def wrong_absences(record: ClinicalRecord, facts: VsmFacts, category: Category) -> Iterator[Text]:
    """Absences that the document states in a code, and the record does not; and the other way round.

    “No information” is no absence: it may be said of a list that is merely empty, and of no other.
    """
    title = SECTION_TITLES[category]
    said = [str(entry.about.code) for entry in facts.absences(category.value) if entry.about]
    stated = category in record.none_known
    for code in said:
        if getattr(record, category.value):
            yield Text(
                f"{title.fr} : le VSM dit « {code} », et le dossier contient des éléments.",
                f"{title.en}: the VSM says “{code}”, and the record holds items.",
            )
        elif code.startswith("no-known") is not stated:
            yield Text(
                f"{title.fr} : le VSM dit « {code} » ; le médecin {'affirme' if stated else 'n’a pas affirmé'} qu'il n'y en a pas.",
                f"{title.en}: the VSM says “{code}”; the doctor {'states' if stated else 'did not state'} that there are none.",
            )


def wrong_dates(category: Category, pairs: Pairs) -> Iterator[Text]:
    """Entries whose start or end is not that of the record."""
    title = SECTION_TITLES[category]
    for item, entry in pairs:
        expected, said = _bounds(category, item), _said_bounds(category, entry)
        for bound_fr, bound_en, wanted, found in (
            ("début", "start", expected[0], said[0]),
            ("fin", "end", expected[1], said[1]),
        ):
            if found != (wanted or ""):
                yield Text(
                    f"{title.fr} : « {label_of(category, item)} », {bound_fr} {found or 'absente'} dans le VSM, {wanted or 'absente'} dans le dossier.",
                    f"{title.en}: “{label_of(category, item)}”, {bound_en} {found or 'absent'} in the VSM, {wanted or 'absent'} in the record.",
                )


def wrong_statuses(category: Category, pairs: Pairs) -> Iterator[Text]:
    """Entries whose clinical status is not that of the record (the plain one of the list may be left unsaid)."""
    title = SECTION_TITLES[category]
    for item, entry in pairs:
        expected = str(item.status)
        if entry.status != expected and not (entry.status is None and item.status is PLAIN_STATUS[category]):
            yield Text(
                f"{title.fr} : « {label_of(category, item)} » a le statut {entry.status or 'absent'} dans le VSM, {expected} dans le dossier.",
                f"{title.en}: “{label_of(category, item)}” has the status {entry.status or 'absent'} in the VSM, {expected} in the record.",
            )


def wrong_kinds(category: Category, pairs: Pairs) -> Iterator[Text]:
    """Allergies of another type, family histories of another relative."""
    title = SECTION_TITLES[category]
    for item, entry in pairs:
        kind, said = kind_of(category, item), entry.kind
        if not _says(said, kind):
            found = (said.label or said.code if said else None) or "?"
            yield Text(
                f"{title.fr} : « {label_of(category, item)} » : « {found} » dans le VSM, « {kind.label} » dans le dossier.",
                f"{title.en}: “{label_of(category, item)}”: “{found}” in the VSM, “{kind.label}” in the record.",
            )


def wrong_reactions(pairs: Pairs) -> Iterator[Text]:
    """Allergies whose reactions are not those of the record; one may be told in words, beside its allergy."""
    title = SECTION_TITLES[Category.ALLERGIES]
    for item, entry in pairs:
        told = normal(entry.line)
        lost = [
            one.label
            for one in item.reactions
            if not any(_says(said, one) for said in entry.extra) and normal(one.label) not in told
        ]
        more = [said.label or said.code for said in entry.extra if not any(_says(said, one) for one in item.reactions)]
        for words, fr, en in ((lost, "manque", "is missing"), (more, "est en trop", "is not in the record")):
            for word in words:
                yield Text(
                    f"{title.fr} : « {item.label} » : la réaction « {word} » {fr}.",
                    f"{title.en}: “{item.label}”: the reaction “{word}” {en}.",
                )


def wrong_narrative(category: Category, pairs: Pairs) -> Iterator[Text]:
    """Entries that point to a narrative which does not tell the same, or to none.

    The words may stand anywhere in the lines that the entry and its parts point to.
    """
    title = SECTION_TITLES[category]
    for item, entry in pairs:
        if normal(label_of(category, item)) not in normal(f"{entry.text} {entry.line}"):
            yield Text(
                f"{title.fr} : l'entrée de « {label_of(category, item)} » renvoie au texte « {entry.line or '(aucun)'} ».",
                f"{title.en}: the entry of “{label_of(category, item)}” points to the text “{entry.line or '(none)'}”.",
            )


def wrong_dosages(pairs: Pairs) -> Iterator[Text]:
    """Treatments whose own lines do not say how they are taken."""
    title = SECTION_TITLES[Category.TREATMENTS]
    for item, entry in pairs:
        if item.dosage and normal(item.dosage) not in normal(entry.line):
            yield Text(
                f"{title.fr} : la posologie « {item.dosage} » de « {item.label} » n'est pas dans ce que le texte en dit : « {entry.line or '(rien)'} ».",
                f"{title.en}: the dosage “{item.dosage}” of “{item.label}” is not in what the text says of it: “{entry.line or '(nothing)'}”.",
            )


def misplaced_comments(category: Category, pairs: Pairs) -> Iterator[Text]:
    """Comments that stand beside another problem than their own. (No rule asks that a VSM tell them at all.)"""
    title = SECTION_TITLES[category]
    for item, _ in pairs:
        comment = normal(item.comment or "")
        beside = [other for other, line in pairs if comment and comment in normal(line.line)]
        if beside and not any(other is item for other in beside):
            yield Text(
                f"{title.fr} : le commentaire de « {item.label} » se lit à côté de « {beside[0].label} ».",
                f"{title.en}: the comment of “{item.label}” is read beside “{beside[0].label}”.",
            )


def differences(record: ClinicalRecord, facts: VsmFacts) -> Iterator[Text]:
    """Everything that the document does not say as the record does."""
    for category in Category:
        yield from missing_items(record, facts, category)
        if category not in CODED:
            continue
        pairs = pairs_of(record, facts, category)
        yield from invented_entries(record, facts, category)
        yield from wrong_absences(record, facts, category)
        yield from wrong_dates(category, pairs)
        yield from wrong_narrative(category, pairs)
        if category in PLAIN_STATUS:
            yield from wrong_statuses(category, pairs)
        if category in KINDS:
            yield from wrong_kinds(category, pairs)
        if category is Category.ALLERGIES:
            yield from wrong_reactions(pairs)
        if category is Category.TREATMENTS:
            yield from wrong_dosages(pairs)


def wrong_identity(identity: Identity, facts: VsmFacts) -> Iterator[Text]:
    """Traits and identifiers of the patient that are not those of the identity.

    Without a qualified identity the first given name and the place of birth may be left out; the matricule must be
    (INS/va1.53).
    """
    qualified = identity.ins_status is InsStatus.QUALIFIEE
    names = {kind: normal(" ".join(said)) for kind, said in facts.names.items()}
    used = (("family-CL", identity.used_name), ("given-CL", identity.used_given_name))
    strict = (("given-BR", identity.first_birth_given_name, names.get("given-BR")),
              ("birthplace", identity.birth_place, facts.birth_place))  # fmt: skip
    compared = [
        ("family-BR", identity.birth_name, names.get("family-BR")),
        ("given", identity.birth_given_names, names.get("given")),
        ("administrativeGenderCode", str(identity.sex), facts.sex),
        ("birthTime", f"{identity.birth_date:%Y%m%d}", facts.birth_time),
        *((kind, name, names.get(kind)) for kind, name in used if name is not None),
        *((kind, trait, said) for kind, trait, said in strict if qualified or said is not None),
    ]
    for kind, wanted, said in compared:
        if said != normal(wanted):
            yield Text(
                f"{kind} : « {said or 'absent'} » dans le VSM, « {wanted} » dans l'identité.",
                f"{kind}: “{said or 'absent'}” in the VSM, “{wanted}” in the identity.",
            )
    expected = [(identity.ins.oid, identity.ins.matricule)] if identity.ins and qualified else []
    sent = [one for one in facts.patient_ids if one[0] in INS_ROOTS]
    if sent != expected:
        yield Text(
            f"L'identité est « {identity.ins_status} » : INS attendue {expected or 'aucune'}, trouvée {sent or 'aucune'}.",
            f"The identity is “{identity.ins_status}”: INS expected {expected or 'none'}, found {sent or 'none'}.",
        )


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

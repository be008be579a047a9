"""What a value set answered, in a sentence: what is wrong, what was expected, what to do.

A code that does not exist, a code in the wrong system, a withdrawn code and a label that differs are four
different mistakes with four different repairs, so they never share a sentence.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from functools import lru_cache

from conformance.core.language import Text
from conformance.terminology.code_systems import named
from conformance.terminology.concepts import Answer, Concept, Status, ValueSet
from conformance.terminology.labels import label_key

_SHORT_SET = 12
"""Up to so many codes, the sentence lists them all."""


def explain(answer: Answer) -> Text:
    """The sentence for ``answer``, with the nearest codes or labels of the set where there are any."""
    match answer.status:
        case Status.UNKNOWN_CODE:
            return _unknown(answer)
        case Status.OTHER_SYSTEM:
            return _other_system(answer)
        case Status.WITHDRAWN:
            return _withdrawn(answer)
        case Status.LABEL_DIFFERS:
            return _label_differs(answer)
        case Status.LISTED:
            return Text(
                "Le code « {code} » fait partie du jeu de valeurs {set}.",
                "The code “{code}” belongs to the value set {set}.",
            ).format(code=answer.code, set=_name(answer.value_set))


def suggestions(value_set: ValueSet, code: str, label: str | None) -> tuple[Concept, ...]:
    """Up to three concepts that were perhaps meant: first the one with this very label, then the likeliest."""
    return _suggestions(value_set, code, label or "")


@lru_cache(maxsize=1024)
def _suggestions(value_set: ValueSet, code: str, label: str) -> tuple[Concept, ...]:
    found: dict[str, Concept] = {}
    key = label_key(label)
    if key in value_set.by_label:
        concept = value_set.by_label[key]
        return (concept,)
    same_letters = {known.lower(): known for known in value_set.by_code}
    if code.lower() in same_letters:
        return value_set.by_code[same_letters[code.lower()]]
    for close in get_close_matches(code, value_set.by_code, n=2, cutoff=0.8):
        found[close] = value_set.by_code[close][0]
    if key:
        for close in get_close_matches(key, value_set.by_label, n=2, cutoff=0.75):
            found.setdefault(value_set.by_label[close].code, value_set.by_label[close])
    return tuple(found.values())[:3]


def _unknown(answer: Answer) -> Text:
    return _joined(
        Text(
            "Le code « {code} » n’existe pas dans le jeu de valeurs {set}.",
            "The code “{code}” does not exist in the value set {set}.",
        ).format(code=answer.code, set=_name(answer.value_set)),
        _help(answer.value_set, suggestions(answer.value_set, answer.code, answer.label)),
    )


def _other_system(answer: Answer) -> Text:
    expected = " / ".join(named(system) for system in answer.expected_systems)
    return Text(
        "Le code « {code} » existe dans le jeu de valeurs {set}, mais pas dans le système de codage {found} : "
        "le système attendu est {expected}. Corriger le système (codeSystem), ou le code s’il s’agit d’une "
        "autre notion.",
        "The code “{code}” exists in the value set {set}, but not in the code system {found}: the expected "
        "system is {expected}. Correct the system (codeSystem), or the code if another notion was meant.",
    ).format(
        code=answer.code,
        set=_name(answer.value_set),
        found=named(answer.system) if answer.system else Text("vide", "(empty)"),
        expected=expected,
    )


def _withdrawn(answer: Answer) -> Text:
    concept = answer.concept
    end = answer.value_set.end_of(concept) if concept else None
    since = _date(end) if end else Text("une date inconnue", "an unknown date")
    sentence = Text(
        "Le code « {code} » ({label}) a été retiré du jeu de valeurs {set} : sa validité s’est terminée le {end}. "
        "Prendre un code encore valide à la date du document.",
        "The code “{code}” ({label}) was withdrawn from the value set {set}: its validity ended on {end}. "
        "Take a code that is still valid at the date of the document.",
    )
    label = concept.label if concept and concept.label else "—"
    said = sentence.format(code=answer.code, label=label, set=_name(answer.value_set), end=since)
    successor = answer.value_set.by_label.get(label_key(label))
    if successor is None or successor.code == answer.code:
        return said
    return _joined(said, Text("Peut-être : {codes}.", "Perhaps: {codes}.").format(codes=_listed([successor])))


def _label_differs(answer: Answer) -> Text:
    expected = answer.concept.label if answer.concept else ""
    sentence = Text(
        "Le libellé « {label} » n’est pas celui du code « {code} » dans le jeu de valeurs {set} : "
        "le libellé attendu est « {expected} ».",
        "The label “{label}” is not that of the code “{code}” in the value set {set}: "
        "the expected label is “{expected}”.",
    ).format(label=answer.label, code=answer.code, set=_name(answer.value_set), expected=expected)
    owner = answer.value_set.by_label.get(label_key(answer.label or ""))
    if owner is None:
        return _joined(sentence, Text("Reprendre le libellé du jeu.", "Use the label of the set."))
    warning = Text(
        "Ce libellé est celui du code « {owner} » : vérifier lequel des deux est le bon, le code ou le libellé.",
        "That label belongs to the code “{owner}”: check which of the two is right, the code or the label.",
    )
    return _joined(sentence, warning.format(owner=owner.code))


def _help(value_set: ValueSet, near: tuple[Concept, ...]) -> Text:
    if near:
        return Text("Peut-être : {codes}.", "Perhaps: {codes}.").format(codes=_listed(near))
    if len(value_set) <= _SHORT_SET:
        codes = _listed(value_set.concepts.values())
        return Text("Codes admis : {codes}.", "Allowed codes: {codes}.").format(codes=codes)
    return Text(
        "Choisir l’un des {count} codes de ce jeu.",
        "Choose one of the {count} codes of that set.",
    ).format(count=len(value_set))


def _listed(concepts: Iterable[Concept]) -> Text:
    shown = tuple(concepts)
    return Text(
        ", ".join(f"« {c.code} » ({c.label})" if c.label else f"« {c.code} »" for c in shown),
        ", ".join(f"“{c.code}” ({c.label})" if c.label else f"“{c.code}”" for c in shown),
    )


def _name(value_set: ValueSet) -> Text:
    if value_set.version is None:
        return Text(f"{value_set.name} ({value_set.oid})", f"{value_set.name} ({value_set.oid})")
    version = _date(value_set.version)
    return Text(
        f"{value_set.name} ({value_set.oid}, version du {version.fr})",
        f"{value_set.name} ({value_set.oid}, version of {version.en})",
    )


def _date(day: date) -> Text:
    return Text(f"{day:%d/%m/%Y}", f"{day:%Y-%m-%d}")


def _joined(first: Text, second: Text) -> Text:
    return Text(f"{first.fr} {second.fr}", f"{first.en} {second.en}")

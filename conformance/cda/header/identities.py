"""The identifiers of people and structures: INS matricule, RPPS, FINESS; the patient's traits against the INS.

What is wrong with one is said by ``conformance.identity``; here each finding gets its rule and its place. The
published examples hold made-up RPPS and FINESS numbers, so that their form and keys are remarks; the key of a
matricule is an error.
Source: CI-SIS Structuration minimale v1.16.8 §3.5.5.12.1, §3.5.5.13.3; composition of the NIR (INSEE).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from lxml import etree

from conformance.cda.constraints import Rule
from conformance.cda.header.dates import instant
from conformance.cda.header.example import EXAMPLE
from conformance.cda.header.kinds import WARN
from conformance.cda.header.places import document_in
from conformance.cda.namespaces import h
from conformance.cda.paths import path
from conformance.cda.rules import Constraint, Context, Template, Violation
from conformance.core.findings import Trust
from conformance.core.language import Text
from conformance.identity.ins import (
    INS_NIR,
    INS_ROOTS,
    birth_problems,
    key_of,
    matricule_problems,
    parse_matricule,
    root_problems,
)
from conformance.identity.organisation import STRUCTURE_ROOT, structure_id_problems
from conformance.identity.problems import Problem
from conformance.identity.professional import PS_ROOT, professional_id_problems
from conformance.identity.traits import given_name_problems, name_problems, place_problems

_BEYOND: Final = Text(
    "Aucune règle officielle ne regarde la forme ni la clé d'un identifiant.",
    "No official rule looks at the form or the key of an identifier.",
)
_TEXT: Final = "CI-SIS Structuration minimale v1.16.8 §3.5.5"
_ROLE: Final = "recordTarget/patientRole"

Judged = Iterator[tuple[etree._Element, str | None, list[Problem]]]
Judge = Callable[[etree._Element], list[tuple[etree._Element, str | None, list[Problem]]]]


def _once(judge: Callable[[etree._Element], Judged]) -> Judge:
    """``judge`` on the document, its answer kept for all the rules that read it: only those with a problem."""

    def judged(root: etree._Element) -> list[tuple[etree._Element, str | None, list[Problem]]]:
        document = document_in(root)
        return [] if document is None else [answer for answer in judge(document) if answer[2]]

    return judged


def _clean(text: Text) -> Text:
    """The sentence of a problem as the end of a longer one."""

    def low(words: str) -> str:
        return words[:1].lower() + words[1:] if words[:1] not in "«“" else words

    return Text(low(text.fr), low(text.en))


def _rule(
    key: str, asks: Text, judge: Judge, codes: str, spoil: Callable[[etree._Element], None],
    **options: Any,
) -> Constraint:  # fmt: skip
    wanted = frozenset(codes.split())

    def test(node: etree._Element, context: Context) -> Iterator[Violation]:
        for element, attribute, problems in context.remember(judge):
            for problem in problems:
                if problem.code in wanted:
                    yield Violation(element, _clean(problem.message), attribute)

    return Rule(asks, test, spoil, key=key, beyond=options.pop("beyond", _BEYOND), **options)


@_once
def _matricules(node: etree._Element) -> Judged:
    for identifier in path(f"{_ROLE}/id").elements(node):
        root, extension = identifier.get("root", ""), identifier.get("extension")
        if root in INS_ROOTS and extension:
            yield identifier, "extension", matricule_problems(extension, root)


@_once
def _roots(node: etree._Element) -> Judged:
    for identifier in path(f"{_ROLE}/id").elements(node):
        root = identifier.get("root", "")
        if root.startswith("1.2.250.1.213.1.4.") and root not in INS_ROOTS:
            yield identifier, "root", root_problems(root)


@_once
def _traits(node: etree._Element) -> Judged:
    for role in path(_ROLE).elements(node):
        for identifier in role.iterchildren(h("id")):
            matricule = parse_matricule(identifier.get("extension", ""))
            if identifier.get("root") not in INS_ROOTS or matricule is None:
                continue
            sex, birth, county = (
                next(iter(path(f"patient/{where}").elements(role)), None)
                for where in ("administrativeGenderCode", "birthTime", "birthplace/place/addr/county")
            )
            problems = birth_problems(
                matricule,
                None if sex is None else sex.get("code"),
                None if birth is None or instant(birth.get("value", "")) is None else birth.get("value"),
                None if county is None else (county.text or "").strip() or None,
            )
            places = {"ins.sex": sex, "ins.year": birth, "ins.birth-month": birth, "ins.place": county}
            for problem in problems:
                where = places[problem.code]
                yield (identifier if where is None else where), None, [problem]


@_once
def _names(node: etree._Element) -> Judged:
    if not _has_ins(node):
        return
    for name in path(f"{_ROLE}/patient/name").elements(node):
        for part in name.iterchildren(h("family"), h("given")):
            if part.get("qualifier") in (None, "BR") and (part.text or "").strip():
                trait = "birth_name" if part.tag == h("family") else "given_names"
                yield part, None, name_problems((part.text or "").strip(), trait)


def _has_ins(node: etree._Element) -> bool:
    return any(identifier.get("root") in INS_ROOTS for identifier in path(f"{_ROLE}/id").elements(node))


@_once
def _first_names(node: etree._Element) -> Judged:
    for name in path(f"{_ROLE}/patient/name").elements(node):
        every = next((g for g in name.iterchildren(h("given")) if g.get("qualifier") is None), None)
        first = next((g for g in name.iterchildren(h("given")) if g.get("qualifier") == "BR"), None)
        if every is not None and first is not None and (every.text or "").strip() and (first.text or "").strip():
            yield first, None, given_name_problems(every.text or "", first.text or "")


@_once
def _counties(node: etree._Element) -> Judged:
    for county in path(f"{_ROLE}/patient/birthplace/place/addr/county").elements(node):
        if (county.text or "").strip():
            yield county, None, place_problems((county.text or "").strip())


_NATIONAL: Final = {PS_ROOT: professional_id_problems, STRUCTURE_ROOT: structure_id_problems}


@_once
def _national_ids(node: etree._Element) -> Judged:
    """The identifiers of professionals and of structures, of the header and of the body."""
    for identifier in node.iter(h("id")):
        judge = _NATIONAL.get(identifier.get("root", ""))
        extension = identifier.get("extension")
        if judge is not None and extension:
            yield identifier, "extension", judge(extension)


def _set(where: str, attribute: str, value: str) -> Callable[[etree._Element], None]:
    def spoil(node: etree._Element) -> None:
        path(where).elements(node)[0].set(attribute, value)

    return spoil


def _other_sex(node: etree._Element) -> None:
    for sex in path(f"{_PATIENT}/administrativeGenderCode").elements(node):
        sex.set("code", "M")
        sex.set("displayName", "Masculin")


def _write(where: str, text: str) -> Callable[[etree._Element], None]:
    def spoil(node: etree._Element) -> None:
        path(where).elements(node)[0].text = text

    return spoil


def _first_id(node: etree._Element, context: Context) -> Iterator[Violation]:
    for role in path(_ROLE).elements(node):
        for rank, identifier in enumerate(role.iterchildren(h("id"))):
            if identifier.get("root") in INS_ROOTS:
                if not rank:
                    break
                yield Violation(
                    identifier, Text(f"il vient en position {rank + 1}", f"it comes at position {rank + 1}")
                )


def _ins_last(node: etree._Element) -> None:
    role = path(_ROLE).elements(node)[0]
    first, second = role.findall(h("id"))[:2]
    second.addnext(first)


def _null_county(node: etree._Element, context: Context) -> Iterator[Violation]:
    if _has_ins(node):
        for county in path(f"{_ROLE}/patient/birthplace/place/addr/county").elements(node):
            if not (county.text or "").strip():
                yield Violation(county, Text("il est vide", "it is empty"))


def _empty_county(node: etree._Element) -> None:
    county = path(f"{_ROLE}/patient/birthplace/place/addr/county").elements(node)[0]
    county.text = None
    county.set("nullFlavor", "UNK")


def _waiting_number(node: etree._Element) -> None:
    """A NIA under the root of the NIR; the other mentions of the matricule follow."""
    identifier = path(f"{_ROLE}/id").elements(node)[0]
    identifier.set("root", INS_NIR)
    body = "8" + identifier.get("extension", "")[1:13]
    identifier.set("extension", body + key_of(body))
    path(f"{_ROLE}/telecom[2]").elements(node)[0].set("value", f"mailto:{body}{key_of(body)}@patient.mssante.fr")


def _bad_county(node: etree._Element) -> None:
    """Without matricule, so that the place is compared with nothing."""
    role = path(_ROLE).elements(node)[0]
    role.remove(role.findall(h("id"))[0])
    role.remove(role.findall(h("telecom"))[1])
    path("patient/birthplace/place/addr/county").elements(role)[0].text = "Rennes"


def _other_body(key: str) -> Callable[[etree._Element], None]:
    def spoil(node: etree._Element) -> None:
        path(f"{_ROLE}/id").elements(node)[0].set("extension", key)
        path(f"{_ROLE}/telecom[2]").elements(node)[0].set("value", f"mailto:{key}@patient.mssante.fr")

    return spoil


_OWN: Final = Trust.OWN
_QUALIFIED: Final = ("INS/va1.56",)
_PATIENT: Final = f"{_ROLE}/patient"

INS: Final = Template(
    key="identity.ins",
    name=Text("INS du patient", "Patient's INS"),
    element="ClinicalDocument",
    layer="identity",
    source=f"{_TEXT}.12.1",
    trust=_OWN,
    example=EXAMPLE,
    constraints=(
        _rule("matricule", Text("le matricule doit avoir 15 caractères, dans la forme d'un NIR ou d'un NIA",
                                "the matricule must have 15 characters, in the form of a NIR or NIA"),
              _matricules, "ins.length ins.form ins.month ins.order", _other_body("2850735")),
        _rule("key", Text("la clé du matricule doit être juste", "the key of the matricule must be right"),
              _matricules, "ins.wrong-key", _other_body("285073523804240")),
        _rule("nir", Text("un NIR doit commencer par 1 ou 2", "a NIR must start with 1 or 2"), _matricules, "ins.not-a-nir",
              _waiting_number, severity=WARN),
        _rule("root", Text("la racine doit être l'une des quatre de l'INS", "the root must be one of the four of the INS"),
              _roots, "ins.obsolete-root ins.unknown-root", _set(f"{_ROLE}/id[2]", "root", "1.2.250.1.213.1.4.2"),
              severity=WARN),
        Rule(Text("le matricule INS doit être le premier identifiant du patient", "the INS matricule must be the patient's first identifier"),
             _first_id, _ins_last, key="first", source=f"{_TEXT}.12.1.1",
             beyond=Text("Le texte donne l'ordre, les règles officielles l'ignorent.", "The text gives the order, the official rules ignore it.")),
        Rule(Text("avec un matricule INS, le code COG du lieu de naissance doit être donné", "with an INS matricule, the COG code of the birth place must be given"),
             _null_county, _empty_county, key="county", source=f"{_TEXT}.12.1.4.9.3",
             beyond=Text("La règle officielle se contente de l'élément, même vide.", "The official rule is content with the element, even empty.")),
    ),
)  # fmt: skip

_TRAIT_BEYOND: Final = Text(
    "Aucune règle officielle ne compare les traits au matricule.",
    "No official rule compares the traits with the matricule.",
)

TRAITS: Final = Template(
    key="coherence.ins",
    name=Text("Traits du patient et matricule INS", "Patient's traits and INS matricule"),
    element="ClinicalDocument",
    layer="coherence",
    source=f"{_TEXT}.12",
    trust=_OWN,
    example=EXAMPLE,
    constraints=(
        _rule("sex", Text("le sexe doit s'accorder avec le matricule", "the sex must agree with the matricule"), _traits, "ins.sex",
              _other_sex, beyond=_TRAIT_BEYOND),
        _rule("birth", Text("la date de naissance doit s'accorder avec le matricule", "the birth date must agree with the matricule"),
              _traits, "ins.year ins.birth-month", _set(f"{_PATIENT}/birthTime", "value", "19850814"), beyond=_TRAIT_BEYOND),
        _rule("place", Text("le lieu de naissance doit s'accorder avec le matricule", "the birth place must agree with the matricule"),
              _traits, "ins.place", _write(f"{_PATIENT}/birthplace/place/addr/county", "35288"),
              severity=WARN, beyond=_TRAIT_BEYOND),
        _rule("first-name", Text("le premier prénom doit être le premier de la liste des prénoms", "the first given name must be the first of the list"),
              _first_names, "traits.first-given-name", _write(f"{_PATIENT}/name/given[@qualifier='BR']", "ANNE"),
              severity=WARN, beyond=_TRAIT_BEYOND, requirements=_QUALIFIED),
        _rule("characters", Text("les traits stricts doivent s'écrire en capitales sans accent", "the strict traits must be written in capitals without accents"),
              _names, "traits.characters", _write(f"{_PATIENT}/name/family", "Prigent"),
              severity=WARN, beyond=_TRAIT_BEYOND, requirements=_QUALIFIED),
        _rule("county", Text("le code COG du lieu de naissance doit avoir la forme d'un code COG", "the COG code of the birth place must have the form of a COG code"),
              _counties, "traits.place-form", _bad_county, severity=WARN, beyond=_TRAIT_BEYOND),
    ),
)  # fmt: skip

PROFESSIONALS: Final = Template(
    key="identity.professional",
    name=Text("Identifiant national de professionnel (PS_IdNat)", "National identifier of a professional (PS_IdNat)"),
    element="ClinicalDocument",
    layer="identity",
    source=f"{_TEXT}.13.3.1",
    trust=Trust.SECOND_HAND,
    example=EXAMPLE,
    constraints=(
        _rule("form", Text("il doit avoir la forme d'un PS_IdNat", "it must have the form of a PS_IdNat"),
              _national_ids, "professional.prefix professional.form",
              _set("authenticator/assignedEntity/id", "extension", "9123"), severity=WARN),
        _rule("key", Text("sa clé doit être juste", "its key must be right"),
              _national_ids, "professional.wrong-key",
              _set("authenticator/assignedEntity/id", "extension", "899900000007"), severity=WARN),
    ),
)  # fmt: skip

STRUCTURES: Final = Template(
    key="identity.structure",
    name=Text("Identifiant national de structure (Struct_idNat)", "National identifier of an organization (Struct_idNat)"),
    element="ClinicalDocument",
    layer="identity",
    source=f"{_TEXT}.13.3.7.1",
    trust=Trust.SECOND_HAND,
    example=EXAMPLE,
    constraints=(
        _rule("form", Text("il doit avoir la forme d'un Struct_idNat", "it must have the form of a Struct_idNat"),
              _national_ids, "structure.prefix structure.form",
              _set("custodian//id", "extension", "9123"), severity=WARN),
        _rule("key", Text("sa clé doit être juste", "its key must be right"),
              _national_ids, "structure.wrong-key",
              _set("custodian//id", "extension", "1350000015"), severity=WARN),
    ),
)  # fmt: skip

IDENTITIES: Final = (INS, TRAITS, PROFESSIONALS, STRUCTURES)

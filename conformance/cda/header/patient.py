"""The patient (recordTarget): identity, traits that go with the INS, guardian, place of birth.

Source: CI-SIS Structuration minimale v1.16.8 §3.5.5.12.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from conformance.cda.constraints import Rule
from conformance.cda.header.choices import choice
from conformance.cda.header.coded import coded_in
from conformance.cda.header.example import EXAMPLE
from conformance.cda.header.kinds import at_most, found, once, once_filled, some_filled, valued, with_attributes
from conformance.cda.header.persons import INS_ROOTS, STRUCTURE_ROOT, id_of_structure, labelled
from conformance.cda.namespaces import h, short
from conformance.cda.paths import path
from conformance.cda.rules import Context, Template, Violation
from conformance.core.language import Text
from conformance.terminology import value_sets

_SECTION: Final = "CI-SIS Structuration minimale v1.16.8 §3.5.5.12"

_TRAITS: Final = (
    ("patient/name/family[@qualifier='BR']", ("patient", "patientRole"),
     Text("le nom de naissance (family qualifier BR)", "the birth name (family qualifier BR)")),
    ("patient/name/given[not(@qualifier)]", ("patient", "patientRole"),
     Text("la liste des prénoms de naissance (given sans qualifier)",
          "the list of birth given names (given without qualifier)")),
    ("patient/name/given[@qualifier='BR']", ("patient", "patientRole"),
     Text("le premier prénom de naissance (given qualifier BR)", "the first birth given name (given qualifier BR)")),
    ("patient/birthplace/place/addr/county", ("birthplace", "patientRole"),
     Text("le code COG du lieu de naissance (birthplace/place/addr/county)",
          "the COG code of the birth place (birthplace/place/addr/county)")),
)  # fmt: skip
"""The traits that an INS asks for beyond those that are always asked; the holders for which another rule speaks."""


def has_ins(role: etree._Element) -> bool:
    """Whether a patientRole carries a matricule (one of the four roots of the INS)."""
    return any(child.get("root") in INS_ROOTS for child in role.iterchildren(h("id")))


def _ins_traits(node: etree._Element, context: Context) -> Iterator[Violation]:
    for role in node.iterchildren(h("patientRole")):
        if not has_ins(role):
            continue
        for where, speaks_for, trait in _TRAITS:
            if path(where).elements(role):
                continue
            holder = _deepest(role, where)
            last = where.rpartition("/")[2].partition("[")[0]
            wholly_missing = short(str(holder.tag)) == "name" and holder.find(h(last)) is None
            if wholly_missing or short(str(holder.tag)) in speaks_for:  # another rule says so
                continue
            yield Violation(holder, Text(f"il manque {trait.fr}", f"{trait.en} is missing"))


def _deepest(role: etree._Element, where: str) -> etree._Element:
    """The last element of the path ``where`` that is there."""
    node = role
    for step in where.split("/"):
        child = node.find(h(step.partition("[")[0]))
        if child is None or "[" in step:
            return node
        node = child
    return node


def _drop_county(node: etree._Element) -> None:
    for county in list(node.iter(h("county"))):
        parent = county.getparent()
        if parent is not None:
            parent.remove(county)


def _some_extension(node: etree._Element, context: Context) -> Iterator[Violation]:
    for role in node.iterchildren(h("patientRole")):
        for identifier in role.iterchildren(h("id")):
            if "nullFlavor" not in identifier.attrib and "extension" not in identifier.attrib:
                yield Violation(identifier, Text("il manque extension", "extension is missing"))


def _drop_extension(node: etree._Element) -> None:
    identifiers = node.findall(f"{h('patientRole')}/{h('id')}")
    del identifiers[-1].attrib["extension"]


def _given_qualifier(node: etree._Element, context: Context) -> Iterator[Violation]:
    for given in path("patientRole/patient/name/given").elements(node):
        qualifier = given.get("qualifier")
        if qualifier not in (None, "BR", "CL"):
            yield Violation(given, found(qualifier), "qualifier")


def _spoil_given(node: etree._Element) -> None:
    next(node.iter(h("given"))).getnext().set("qualifier", "BR")  # type: ignore[union-attr]  # of the example
    for given in node.iter(h("given")):
        if given.get("qualifier") == "CL":
            given.set("qualifier", "SP")
            return


_NAMES_HINT: Final = Text("BR : nom de naissance ; CL : nom utilisé.", "BR: birth name; CL: name in use.")

PATIENT: Final = Template(
    key="header.patient",
    name=Text("Patient (recordTarget)", "Patient (recordTarget)"),
    element="recordTarget",
    layer="header",
    source=_SECTION,
    example=EXAMPLE,
    constraints=(
        once("patientRole", official="StrucMin"),
        some_filled("patientRole/id", source=f"{_SECTION}.1.1", official="StrucMin"),
        Rule(
            Text("chaque identifiant du patient doit porter extension", "each identifier of the patient must have an extension"),
            _some_extension,
            _drop_extension,
            key="patientRole-id.extension",
            source=f"{_SECTION}.1.1",
            official="StrucMin",
        ),
        Rule(
            Text(
                "avec un matricule INS, tous les traits de l'identité doivent figurer",
                "with an INS matricule, all the traits of the identity must be there",
            ),
            _ins_traits,
            _drop_county,
            key="ins.traits",
            official="StrucMin",
            requirements=("INS/va1.53",),
            hint=Text(
                "Reprenez les traits de l'INSi ; si l'identité n'est pas qualifiée, retirez le matricule.",
                "Take the traits of INSi; if the identity is not qualified, remove the matricule.",
            ),
        ),
        once_filled("patientRole/patient", official="StrucMin"),
        once_filled("patientRole/patient/name", source=f"{_SECTION}.1.4.1", official="StrucMin"),
        some_filled("patientRole/patient/name/family", source=f"{_SECTION}.1.4.1.1", official="StrucMin"),
        some_filled("patientRole/patient/name/given", source=f"{_SECTION}.1.4.1.2", official="StrucMin"),
        valued("patientRole/patient/name/family/@qualifier", "BR", "CL", wrong="SP",
               source=f"{_SECTION}.1.4.1.1", official="StrucMin", hint=_NAMES_HINT),
        Rule(
            Text("le qualifier d'un prénom, s'il figure, doit valoir BR ou CL",
                 "the qualifier of a given name, if present, must be BR or CL"),
            _given_qualifier,
            _spoil_given,
            key="given-qualifier",
            source=f"{_SECTION}.1.4.1.2",
            official="StrucMin",
            hint=Text("Sans qualifier : tous les prénoms ; BR : le premier ; CL : le prénom utilisé.",
                      "Without qualifier: all given names; BR: the first one; CL: the one in use."),
        ),
        at_most(1, "patientRole/patient/name/prefix", official="StrucMin"),
        at_most(1, "patientRole/patient/name/suffix", official="StrucMin"),
        once("patientRole/patient/administrativeGenderCode", source=f"{_SECTION}.1.4.2", official="StrucMin"),
        *coded_in("patientRole/patient/administrativeGenderCode", value_sets.ADMINISTRATIVE_GENDER.name,
                  label=False, oid=False, source=f"{_SECTION}.1.4.2", official="StrucMin"),
        labelled("patientRole/patient/administrativeGenderCode"),
        once("patientRole/patient/birthTime", source=f"{_SECTION}.1.4.3", official="StrucMin"),
        at_most(1, "patientRole/patient/sdtc:deceasedInd", official="StrucMin"),
        at_most(1, "patientRole/patient/sdtc:multipleBirthInd", official="StrucMin"),
        at_most(1, "patientRole/patient/sdtc:multipleBirthOrderNumber", official="StrucMin"),
        *(
            at_most(0, f"patientRole/patient/{name}", source=f"{_SECTION}.1.4",
                    beyond=Text("Interdit en France ; la règle officielle n'en fait qu'un avertissement.",
                                "Forbidden in France; the official rule only warns."))
            for name in ("religiousAffiliationCode", "raceCode", "ethnicGroupCode")
        ),
        at_most(1, "patientRole/patient/birthplace", official="StrucMin"),
        once("patientRole/patient/birthplace/place", source=f"{_SECTION}.1.4.9", official="StrucMin"),
        at_most(1, "patientRole/patient/birthplace/place/addr", official="StrucMin"),
        at_most(1, "patientRole/patient/birthplace/place/name", official="StrucMin"),
    ),
)  # fmt: skip


GUARDIAN: Final = Template(
    key="header.guardian",
    name=Text("Représentant du patient (guardian)", "Patient's guardian (guardian)"),
    element="guardian",
    layer="header",
    source=f"{_SECTION}.1.4.8",
    example=EXAMPLE,
    constraints=(
        choice(
            ".",
            ("guardianPerson", "guardianOrganization"),
            Text(
                "il doit y avoir une personne (guardianPerson) ou une structure (guardianOrganization), et une seule",
                "there must be a person (guardianPerson) or an organization (guardianOrganization), and only one",
            ),
            official="StrucMin",
        ),
        at_most(1, "guardianOrganization/id", official="StrucMin"),
        with_attributes(
            f"guardianOrganization/id[@root='{STRUCTURE_ROOT}']",
            "extension",
            key="guardianOrganization-id-extension.required",
            official="StrucMin",
        ),
        at_most(1, "guardianOrganization/name", official="StrucMin"),
        id_of_structure("guardianOrganization/id"),
    ),
)

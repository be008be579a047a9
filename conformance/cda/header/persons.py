"""People and structures of the header: names, titles, represented organization, wherever they stand.

Source: CI-SIS Structuration minimale v1.16.8 §3.5.6.3 (assignedEntity), §3.5.5.12.1.4.8 (guardian),
§3.5.5.13.3 (author).
"""

from __future__ import annotations

from typing import Any, Final

from lxml import etree

from conformance.cda.constraints import at_most_one, formed, one_of
from conformance.cda.header.coded import CodedIn, coded_in
from conformance.cda.header.example import EXAMPLE
from conformance.cda.header.kinds import WARN, at_most, is_oid, once, some, with_attributes
from conformance.cda.header.places import in_header
from conformance.cda.namespaces import h
from conformance.cda.paths import path
from conformance.cda.rules import Condition, Constraint, Template
from conformance.core.language import Text
from conformance.terminology import value_sets

_SOURCE: Final = "CI-SIS Structuration minimale v1.16.8 §3.5.6.3"

PS_ROOT: Final = "1.2.250.1.71.4.2.1"
STRUCTURE_ROOT: Final = "1.2.250.1.71.4.2.2"
SIRENE_ROOT: Final = "1.3.2"
HEALTH_INSURANCE_ROOT: Final = "1.2.250.1.215.300.5"
INS_ROOTS: Final = tuple(f"1.2.250.1.213.1.4.{last}" for last in (8, 9, 10, 11))

UNTESTED: Final = Text(
    "Le texte le demande, aucune règle officielle ne le vérifie.", "The text asks it, no official rule checks it."
)


def id_of_structure(where: str, **options: Any) -> Constraint:
    """The identifier of a structure has one of the known roots (beyond the official rules, which look away)."""
    return one_of(
        f"{where}/@root",
        STRUCTURE_ROOT,
        SIRENE_ROOT,
        optional=True,
        severity=WARN,
        beyond=Text(
            "Les règles officielles ignorent un identifiant de structure qui a une autre racine.",
            "The official rules ignore an identifier of an organization that has another root.",
        ),
        **options,
    )


def labelled(where: str, **options: Any) -> Constraint:
    """A coded element has its label (§3.5.7.3), where no official rule asks it."""
    return with_attributes(
        where, "displayName", beside="code", key=f"{where.replace('/', '-')}.label", beyond=UNTESTED,
        source="CI-SIS Structuration minimale v1.16.8 §3.5.7.3", **options,
    )  # fmt: skip


def system_is_oid(where: str) -> Constraint:
    """The system of a code is told by its OID."""
    return formed(
        f"{where}/@codeSystem", is_oid, Text("un OID", "an OID"), "RPPS",
        key=f"{where.replace('/', '-')}.system-oid", official="StrucMin",
    )  # fmt: skip


def _of(*participations: str) -> Condition:
    """Condition: the grandparent (the participation of an entity) is one of these, in the header."""
    tags = {h(name) for name in participations}

    def holds(node: etree._Element) -> bool:
        parent = node.getparent()
        grandparent = parent.getparent() if parent is not None else None
        return grandparent is not None and grandparent.tag in tags

    return holds


def _header_but(*participations: str) -> Condition:
    excluded = _of(*participations)
    return lambda node: not excluded(node) and in_header(node)


def _listed(value_set: value_sets.ValueSet) -> Text:
    codes = ", ".join(code for code, _system in value_set.concepts)
    return Text(f"l'un des codes {codes}", f"one of the codes {codes}")


def _titles() -> tuple[Constraint, ...]:
    civility, title = value_sets.CIVILITY, value_sets.PROFESSIONAL_TITLE
    hint = Text("L'élément contient le code seul, en capitales.", "The element holds the bare code, in capitals.")
    return (
        formed(
            "name/prefix", civility.by_code.__contains__, _listed(civility), "Monsieur", official="StrucMin", hint=hint
        ),
        formed("name/suffix", title.by_code.__contains__, _listed(title), "Docteur", official="StrucMin", hint=hint),
    )


_UNNAMED: Final = Text(
    "Les règles officielles oublient cette personne ; le texte veut son nom.",
    "The official rules forget this person; the text wants the name.",
)

ASSIGNED_PERSON: Final = Template(
    key="header.assigned-person",
    name=Text("Personne (assignedPerson)", "Person (assignedPerson)"),
    element="assignedPerson",
    where=_header_but("dataEnterer"),
    layer="header",
    source=f"{_SOURCE}.5",
    example=EXAMPLE,
    constraints=(
        once("name", when=lambda node: not _of("performer")(node), official="StrucMin"),
        once("name", key="name.performer", when=_of("performer"), beyond=_UNNAMED),
        once("name/family", when=lambda node: not _of("performer")(node), official="StrucMin"),
        some("name/family", key="name-family.performer", when=_of("performer"), beyond=_UNNAMED),
        at_most(1, "name/family", key="name-family.one-performer", when=_of("performer"), official="StrucMin"),
        at_most(1, "name/given", official="StrucMin"),
        at_most(1, "name/prefix", official="StrucMin"),
        at_most(1, "name/suffix", official="StrucMin"),
        *_titles(),
    ),
)

ASSOCIATED_PERSON: Final = Template(
    key="header.associated-person",
    name=Text("Personne associée (associatedPerson)", "Associated person (associatedPerson)"),
    element="associatedPerson",
    where=in_header,
    layer="header",
    source="CI-SIS Structuration minimale v1.16.8 §3.5.5.20.1.3.5",
    example=EXAMPLE,
    constraints=(
        some("name", beyond=_UNNAMED),
        at_most(1, "name", key="name.most", official="StrucMin"),
        once("name/family", official="StrucMin"),
        at_most(1, "name/given", official="StrucMin"),
        at_most(1, "name/prefix", official="StrucMin"),
        at_most(1, "name/suffix", official="StrucMin"),
        *_titles(),
    ),
)

RELATED_PERSON: Final = Template(
    key="header.related-person",
    name=Text("Proche du patient (relatedPerson)", "Person close to the patient (relatedPerson)"),
    element="relatedPerson",
    where=in_header,
    layer="header",
    source="CI-SIS Structuration minimale v1.16.8 §3.5.5.15.2.4",
    example=EXAMPLE,
    constraints=(
        once("name", official="StrucMin"),
        once("name/family", official="StrucMin"),
        at_most(1, "name/given", official="StrucMin"),
        at_most(1, "name/prefix", official="StrucMin"),
        *_titles(),
    ),
)

GUARDIAN_PERSON: Final = Template(
    key="header.guardian-person",
    name=Text("Représentant du patient (guardianPerson)", "Patient's guardian (guardianPerson)"),
    element="guardianPerson",
    where=in_header,
    layer="header",
    source="CI-SIS Structuration minimale v1.16.8 §3.5.5.12.1.4.8.3",
    example=EXAMPLE,
    constraints=(
        once("name", official="StrucMin"),
        some("name/family", official="StrucMin"),
        at_most(3, "name/family", key="name-family.most", official="StrucMin"),
        at_most(1, "name/prefix", official="StrucMin"),
        formed(
            "name/family/@qualifier",
            lambda value: len(value.split()) == 1,
            Text("un seul code", "a single code"),
            "BR CL",
            key="name-family-qualifier.one",
            official="StrucMin",
        ),
        formed(
            "name/family/@qualifier",
            lambda value: value in ("BR", "SP", "CL") or len(value.split()) > 1,
            Text("BR, SP ou CL", "BR, SP or CL"),
            "VV",
            key="name-family-qualifier.value",
            severity=WARN,
            beyond=Text(
                "Le texte demande le qualifier ; la règle officielle lit celui du patient à sa place.",
                "The text asks for the qualifier; the official rule reads the patient's instead.",
            ),
        ),
    ),
)

RECIPIENT_PERSON: Final = Template(
    key="header.recipient-person",
    name=Text("Destinataire, personne (informationRecipient)", "Recipient, person (informationRecipient)"),
    element="informationRecipient",
    where=lambda node: node.getparent().tag == h("intendedRecipient"),  # type: ignore[union-attr]  # never the root
    layer="header",
    source="CI-SIS Structuration minimale v1.16.8 §3.5.5.17.1.5",
    example=EXAMPLE,
    constraints=(
        some(
            "name/family",
            beyond=Text(
                "Les règles officielles ne regardent que les noms qui ont un nom de famille.",
                "The official rules only look at the names that have a family name.",
            ),
        ),
        at_most(1, "name/family", key="name-family.most", official="StrucMin"),
        at_most(1, "name/given", official="StrucMin"),
        at_most(1, "name/prefix", official="StrucMin"),
        at_most(1, "name/suffix", official="StrucMin"),
        *_titles(),
    ),
)

_SETTING: Final = value_sets.PRACTICE_SETTING.name
_STRICT: Final = _of("informant", "performer")
_LOOSE: Final = _of("author", "authenticator", "responsibleParty", "encounterParticipant")

ORGANIZATION: Final = Template(
    key="header.organization",
    name=Text("Structure (representedOrganization)", "Organization (representedOrganization)"),
    element="representedOrganization",
    where=_header_but("dataEnterer"),
    layer="header",
    source=f"{_SOURCE}.6",
    example=EXAMPLE,
    constraints=(
        with_attributes(
            f"id[@root='{STRUCTURE_ROOT}']",
            "extension",
            key="id.extension",
            official="StrucMin",
            hint=Text(
                "La racine est commune à toutes les structures : extension donne le préfixe, puis le FINESS ou le SIRET.",
                "The root is common to all organizations: extension gives the prefix, then the FINESS or SIRET.",
            ),
        ),
        at_most_one(f"id[@root='{STRUCTURE_ROOT}']", key="id.one", when=_of("author"), official="StrucMin"),
        at_most(1, "name", official="StrucMin"),
        at_most(1, "standardIndustryClassCode", when=lambda node: not _of("performer")(node), official="StrucMin"),
        *coded_in("standardIndustryClassCode", _SETTING, when=_STRICT, official="StrucMin"),
        *coded_in(
            "standardIndustryClassCode",
            _SETTING,
            key="practice-setting",
            when=_of("legalAuthenticator"),
            label=False,
            oid=False,
            optional=True,
            official="StrucMin",
        ),
        labelled("standardIndustryClassCode", when=_of("legalAuthenticator")),
        CodedIn(
            path("standardIndustryClassCode"),
            _SETTING,
            key="practice-setting.remark",
            label=False,
            when=_LOOSE,
            severity=WARN,
            official="StrucMin (warning)",
        ),
        with_attributes(
            "standardIndustryClassCode",
            "displayName",
            key="practice-setting.label",
            when=_LOOSE,
            beside="code",
            official="StrucMin",
        ),
        id_of_structure("id"),
    ),
)

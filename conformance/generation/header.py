"""The header of a generated document (CI-SIS Structuration minimale), up to ``componentOf``, in the schema's order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from conformance.generation.nodes import Child, Node, coded, el, null, templates, to_minute, to_second
from conformance.generation.people import Address, Concept, Patient, Professional, Structure
from conformance.identity.organisation import STRUCTURE_ROOT
from conformance.identity.professional import PS_ROOT
from conformance.terminology.code_systems import (
    HL7_ADMINISTRATIVE_GENDER,
    HL7_CONFIDENTIALITY,
    HL7_PARTICIPATION_FUNCTION,
    TRE_HEALTHCARE_FACILITY_TYPE,
    TRE_PRACTICE_SETTING,
    TRE_PROFESSIONS_AND_KNOW_HOW,
)

_SEXES = {"F": "Féminin", "M": "Masculin", "UN": "Inconnu"}


@dataclass(frozen=True, slots=True)
class Numbering:
    """The identifiers of one version of a document, OIDs under ``root``; ``replaces`` is the id before."""

    document_id: str
    set_id: str
    version: int = 1
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """What a header says. The lists of nodes are the parts proper to a kind of document.

    ``models`` are the template ids after the first two; ``type`` is the code, its system and its label.
    """

    models: tuple[tuple[str, str | None], ...]
    type: tuple[str, str, str]
    title: str
    numbering: Numbering
    created: datetime
    patient: Patient
    author: Professional
    custodian: Structure
    signer: Professional
    facility: Concept
    events: tuple[Node, ...]
    encounter: tuple[Child, ...] = ()
    author_function: Concept | None = None
    device: tuple[str, str] | None = None
    informants: tuple[Node, ...] = ()
    recipients: tuple[Node, ...] = ()
    authenticators: tuple[Node, ...] = ()
    participants: tuple[Node, ...] = ()
    orders: tuple[Node, ...] = field(default=())


def header(facts: Header) -> list[Node]:
    """The elements of the header."""
    code, system, label = facts.type
    numbering = facts.numbering
    return [
        el("realmCode", code="FR"),
        el("typeId", root="2.16.840.1.113883.1.3", extension="POCD_HD000040"),
        *templates("2.16.840.1.113883.2.8.2.1", "1.2.250.1.213.1.1.1.1"),
        *(el("templateId", root=root, extension=extension) for root, extension in facts.models),
        el("id", root=numbering.document_id),
        coded("code", code, system, label),
        el("title", facts.title),
        el("effectiveTime", value=to_second(facts.created)),
        coded("confidentialityCode", "N", HL7_CONFIDENTIALITY, "Normal"),
        el("languageCode", code="fr-FR"),
        el("setId", root=numbering.set_id),
        el("versionNumber", value=str(numbering.version)),
        _record_target(facts.patient),
        *_authors(facts),
        *facts.informants,
        _custodian(facts.custodian),
        *facts.recipients,
        _legal_authenticator(facts),
        *facts.authenticators,
        *facts.participants,
        *facts.orders,
        *facts.events,
        *_replaced(numbering),
        _encounter(facts),
    ]


def _record_target(patient: Patient) -> Node:
    identity = patient.identity
    local_root, local_number = patient.local_id
    telecoms = [telecom(patient.telephone, "H")] if patient.telephone else []
    if patient.mailbox:
        telecoms.append(el("telecom", value=f"mailto:{identity.matricule}@patient.mssante.fr"))
    role = el(
        "patientRole",
        el("id", root=identity.root, extension=identity.matricule),
        el("id", root=local_root, extension=local_number),
        [address(one) for one in patient.addresses] or null("addr"),
        telecoms or null("telecom"),
        _patient(patient),
    )
    return el("recordTarget", role)


def _patient(patient: Patient) -> Node:
    traits = patient.identity.traits
    name = el(
        "name",
        el("family", traits.birth_name, qualifier="BR"),
        el("given", traits.given_names),
        el("given", traits.first_given_name, qualifier="BR"),
        el("family", patient.used_name, qualifier="CL") if patient.used_name else None,
        el("given", patient.used_given, qualifier="CL") if patient.used_given else None,
    )
    place = el("addr", el("county", traits.birth_place), el("city", patient.birth_city) if patient.birth_city else None)
    return el(
        "patient",
        name,
        coded("administrativeGenderCode", patient.sex, HL7_ADMINISTRATIVE_GENDER, _SEXES[patient.sex]),
        el("birthTime", value=traits.birth_date),
        el("birthplace", el("place", place)),
        classCode="PSN",
    )


def _authors(facts: Header) -> list[Node]:
    time = el("time", value=to_second(facts.created))
    function = None
    if facts.author_function:
        code, label = facts.author_function
        function = coded("functionCode", code, HL7_PARTICIPATION_FUNCTION, label)
    assigned = el("assignedAuthor", professional(facts.author, "assignedPerson", "representedOrganization"))
    authors = [el("author", function, time, assigned)]
    if facts.device:
        model, software = facts.device
        structure = facts.author.structure
        device = el(
            "assignedAuthor",
            el("id", root=PS_ROOT, extension=f"{structure.national_id}/1"),
            coded("code", "LOGICIEL_DUI", "1.2.250.1.213.1.1.4.6", "Logiciel de Dossier Usager Informatisé"),
            null("addr", "NAV"),
            null("telecom", "NAV"),
            el("assignedAuthoringDevice", el("manufacturerModelName", model), el("softwareName", software)),
            el("representedOrganization", _named(structure)),
        )
        authors.append(el("author", el("time", value=to_second(facts.created)), device))
    return authors


def _custodian(structure: Structure) -> Node:
    kept = el(
        "representedCustodianOrganization",
        _named(structure),
        telecom(structure.telephone, "WP"),
        address(structure.address),
    )
    return el("custodian", el("assignedCustodian", kept))


def _legal_authenticator(facts: Header) -> Node:
    return el(
        "legalAuthenticator",
        el("time", value=to_second(facts.created)),
        el("signatureCode", code="S"),
        entity(facts.signer),
    )


def _replaced(numbering: Numbering) -> list[Node]:
    if numbering.replaces is None:
        return []
    return [el("relatedDocument", el("parentDocument", el("id", root=numbering.replaces)), typeCode="RPLC")]


def _encounter(facts: Header) -> Node:
    code, label = facts.facility
    place = el("healthCareFacility", coded("code", code, TRE_HEALTHCARE_FACILITY_TYPE, label), _where(facts.custodian))
    before = facts.encounter or (el("effectiveTime", el("low", value=to_minute(facts.created))),)
    return el("componentOf", el("encompassingEncounter", before, el("location", place)))


def _where(structure: Structure) -> Node:
    return el("location", el("name", structure.name), address(structure.address))


# Parts that every kind of document is made of --------------------------------------------------------------


def address(one: Address) -> Node:
    """An ``addr``, by its parts or as lines."""
    if one.as_lines:
        lines = [f"{one.number} {one.street}", f"{one.postal_code} {one.city}", *([one.country] if one.country else [])]
        return el("addr", [el("streetAddressLine", line) for line in lines], use=one.use)
    parts = (("houseNumber", one.number), ("streetName", one.street), ("postalCode", one.postal_code), ("city", one.city),
             ("country", one.country))  # fmt: skip
    return el("addr", [el(name, value) for name, value in parts if value], use=one.use)


def telecom(telephone: str, use: str | None = None) -> Node:
    """A telephone."""
    return el("telecom", value=f"tel:{telephone}", use=use)


def person_name(one: Professional) -> Node:
    """The ``name`` of a professional."""
    return el(
        "name",
        el("prefix", one.civility),
        el("given", one.given),
        el("family", one.family),
        el("suffix", one.title) if one.title else None,
    )


def _named(structure: Structure) -> list[Node]:
    return [el("id", root=STRUCTURE_ROOT, extension=structure.national_id), el("name", structure.name)]


def organization(name: str, structure: Structure, *, setting: bool = True) -> Node:
    """A structure with telecom and address, under the element ``name``; ``setting``: with its practice setting."""
    code, label = structure.setting
    return el(
        name,
        _named(structure),
        telecom(structure.telephone, "WP"),
        address(structure.address),
        coded("standardIndustryClassCode", code, TRE_PRACTICE_SETTING, label) if setting else None,
    )


def professional(one: Professional, person: str, structure: str) -> list[Node]:
    """What an ``assignedEntity`` (or its like) holds: id, code, address, telecom, person, structure."""
    code, label = one.profession
    return [
        el("id", root=PS_ROOT, extension=one.national_id),
        coded("code", code, TRE_PROFESSIONS_AND_KNOW_HOW, label),
        address(one.structure.address),
        telecom(one.structure.telephone, "WP"),
        el(person, person_name(one)),
        organization(structure, one.structure),
    ]


def entity(one: Professional, name: str = "assignedEntity") -> Node:
    """A professional as ``assignedEntity``."""
    return el(name, professional(one, "assignedPerson", "representedOrganization"))


def treating_doctor(one: Professional) -> Node:
    """The participant that names the treating doctor."""
    inside = professional(one, "associatedPerson", "scopingOrganization")
    return el(
        "participant",
        coded("functionCode", "PCP", HL7_PARTICIPATION_FUNCTION, "Médecin traitant"),
        null("time"),
        el("associatedEntity", inside, classCode="PROV"),
        typeCode="INF",
    )


def recipient(one: Professional, *templates_: str) -> Node:
    """An intended recipient."""
    inside = el(
        "intendedRecipient",
        el("id", root=PS_ROOT, extension=one.national_id),
        address(one.structure.address),
        telecom(one.structure.telephone, "WP"),
        el("informationRecipient", person_name(one)),
        organization("receivedOrganization", one.structure, setting=False),
    )
    return el("informationRecipient", templates(*templates_), inside)


def document(facts: Header, body: Node) -> bytes:
    """The whole document, in UTF-8 with its prologue."""
    from lxml import etree

    root = el("ClinicalDocument", header(facts), body, classCode="DOCCLIN", moodCode="EVN")
    etree.cleanup_namespaces(root, keep_ns_prefixes=["xsi"])
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)

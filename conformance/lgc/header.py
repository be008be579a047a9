"""The header of a document (CI-SIS Structuration minimale): who it is about, who made it, when, in which version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from conformance.lgc.xml import Node, code, identifier, instant, node, one_line, templates, unknown
from conformance.sut.contract import Address, Coded, Identity, Organization, Professional, Sex, Telecom
from conformance.terminology.code_systems import (
    HL7_ADMINISTRATIVE_GENDER,
    HL7_CONFIDENTIALITY,
    HL7_PARTICIPATION_FUNCTION,
    LOINC,
    TRE_HEALTHCARE_FACILITY_TYPE,
    TRE_PRACTICE_SETTING,
)

PROFESSIONALS = "1.2.250.1.71.4.2.1"
STRUCTURES = "1.2.250.1.71.4.2.2"

SEX_LABELS = {Sex.F: "Féminin", Sex.M: "Masculin", Sex.UN: "Inconnu"}
PRACTICE = Coded(code="AMBULATOIRE", code_system=TRE_PRACTICE_SETTING, label="Ambulatoire")
FACILITY = Coded(code="SA07", code_system=TRE_HEALTHCARE_FACILITY_TYPE, label="Cabinet individuel")
MEDECIN_TRAITANT = Coded(code="PCP", code_system=HL7_PARTICIPATION_FUNCTION, label="Médecin traitant")
HISTORY_AND_EXAMINATION = Coded(code="34117-2", code_system=LOINC, label="Historique et clinique")


@dataclass(frozen=True, slots=True)
class Numbering:
    """The identifiers of one version of a document (OIDs); ``replaced_id`` is the id of the version before."""

    unique_id: str
    set_id: str
    version_number: int
    replaced_id: str | None = None


@dataclass(frozen=True, slots=True)
class HeaderFacts:
    """All that the header says."""

    template: tuple[str, str]
    type: Coded
    title: str
    numbering: Numbering
    created: datetime
    validated: datetime
    patient_root: str
    patient_id: str
    identity: Identity
    practitioner: Professional
    organization: Organization
    attending_physician: Professional


def header(facts: HeaderFacts) -> list[Node]:
    """The elements of the header, in the order of the schema, up to ``componentOf``."""
    root, extension = facts.template
    created = instant(facts.created)
    numbering = facts.numbering
    return [
        node("realmCode", {"code": "FR"}),
        identifier("2.16.840.1.113883.1.3", "POCD_HD000040", tag="typeId"),
        *templates("2.16.840.1.113883.2.8.2.1", "1.2.250.1.213.1.1.1.1"),
        identifier(root, extension, tag="templateId"),
        identifier(numbering.unique_id),
        code("code", facts.type),
        node("title", None, facts.title),
        node("effectiveTime", {"value": created}),
        code("confidentialityCode", Coded(code="N", code_system=HL7_CONFIDENTIALITY, label="Normal")),
        node("languageCode", {"code": "fr-FR"}),
        identifier(numbering.set_id, tag="setId"),
        node("versionNumber", {"value": str(numbering.version_number)}),
        _record_target(facts),
        _author(facts),
        _custodian(facts.organization),
        _legal_authenticator(facts),
        _attending_physician(facts.attending_physician),
        _documentation_of(facts),
        *([_replaces(numbering.replaced_id)] if numbering.replaced_id else []),
        _component_of(facts),
    ]


def _record_target(facts: HeaderFacts) -> Node:
    identity = facts.identity
    ins = identifier(identity.ins.oid, identity.ins.matricule) if identity.ins else None
    role = node(
        "patientRole",
        None,
        ins,
        identifier(facts.patient_root, facts.patient_id),
        [_address(address) for address in identity.addresses],
        [_telecom(telecom) for telecom in _different(identity.telecoms)],
        _patient(identity),
    )
    return node("recordTarget", None, role)


def _patient(identity: Identity) -> Node:
    name = node(
        "name",
        None,
        node("family", {"qualifier": "BR"}, identity.birth_name),
        node("given", None, identity.birth_given_names),
        node("given", {"qualifier": "BR"}, identity.first_birth_given_name),
        node("family", {"qualifier": "CL"}, identity.used_name) if identity.used_name else None,
        node("given", {"qualifier": "CL"}, identity.used_given_name) if identity.used_given_name else None,
    )
    sex = Coded(code=identity.sex.value, code_system=HL7_ADMINISTRATIVE_GENDER, label=SEX_LABELS[identity.sex])
    city = node("city", None, identity.birth_place_name) if identity.birth_place_name else None
    birthplace = node("addr", None, node("county", None, identity.birth_place), city)
    return node(
        "patient",
        {"classCode": "PSN"},
        name,
        code("administrativeGenderCode", sex),
        node("birthTime", {"value": identity.birth_date.strftime("%Y%m%d")}),
        node("birthplace", None, node("place", None, birthplace)),
    )


def _author(facts: HeaderFacts) -> Node:
    practitioner = facts.practitioner
    is_attending = practitioner.national_id == facts.attending_physician.national_id
    assigned = node(
        "assignedAuthor",
        None,
        _professional(practitioner, "assignedPerson"),
        _structure("representedOrganization", practitioner.organization or facts.organization),
    )
    return node(
        "author",
        None,
        code("functionCode", MEDECIN_TRAITANT) if is_attending else None,
        node("time", {"value": instant(facts.created)}),
        assigned,
    )


def _custodian(organization: Organization) -> Node:
    structure = node(
        "representedCustodianOrganization",
        None,
        identifier(STRUCTURES, organization.national_id),
        node("name", None, organization.name),
    )
    return node("custodian", None, node("assignedCustodian", None, structure))


def _legal_authenticator(facts: HeaderFacts) -> Node:
    return node(
        "legalAuthenticator",
        None,
        node("time", {"value": instant(facts.validated)}),
        node("signatureCode", {"code": "S"}),
        _assigned_entity(facts),
    )


def _assigned_entity(facts: HeaderFacts) -> Node:
    practitioner = facts.practitioner
    structure = _structure("representedOrganization", practitioner.organization or facts.organization)
    structure.append(code("standardIndustryClassCode", PRACTICE))
    return node("assignedEntity", None, _professional(practitioner, "assignedPerson"), structure)


def _attending_physician(physician: Professional) -> Node:
    entity = node(
        "associatedEntity",
        {"classCode": "PROV"},
        _professional(physician, "associatedPerson"),
        _structure("scopingOrganization", physician.organization) if physician.organization else None,
    )
    return node("participant", {"typeCode": "INF"}, code("functionCode", MEDECIN_TRAITANT), unknown("time"), entity)


def _documentation_of(facts: HeaderFacts) -> Node:
    event = node(
        "serviceEvent",
        None,
        code("code", HISTORY_AND_EXAMINATION),
        node("effectiveTime", None, node("low", {"value": instant(facts.created)})),
        node("performer", {"typeCode": "PRF"}, _assigned_entity(facts)),
    )
    return node("documentationOf", None, event)


def _replaces(replaced_id: str) -> Node:
    return node("relatedDocument", {"typeCode": "RPLC"}, node("parentDocument", None, identifier(replaced_id)))


def _component_of(facts: HeaderFacts) -> Node:
    """A synthesis is made without an encounter: date and sector of activity only."""
    encounter = node(
        "encompassingEncounter",
        None,
        node("effectiveTime", None, node("low", {"value": instant(facts.created)})),
        node("location", None, node("healthCareFacility", None, code("code", FACILITY))),
    )
    return node("componentOf", None, encounter)


def _professional(professional: Professional, person: str) -> list[Node]:
    """The parts by which a professional is named: id, profession, address, telecoms, person."""
    name = node("name", None, node("family", None, professional.family), node("given", None, professional.given))
    telecoms = [_telecom(telecom) for telecom in _different(professional.telecoms)]
    return [
        identifier(PROFESSIONALS, professional.national_id),
        code("code", professional.profession),
        unknown("addr", "NASK"),
        *(telecoms or [unknown("telecom", "NASK")]),
        node(person, None, name),
    ]


def _structure(tag: str, organization: Organization) -> Node:
    return node(tag, None, identifier(STRUCTURES, organization.national_id), node("name", None, organization.name))


def _address(address: Address) -> Node | None:
    last = " ".join(part for part in (address.postal_code, address.city) if part)
    lines = [*address.lines, *([last] if last else []), *([address.country] if address.country else [])]
    if not lines:
        return None
    return node("addr", None, [node("streetAddressLine", None, one_line(line)) for line in lines])


def _telecom(telecom: Telecom) -> Node:
    return node("telecom", {"value": quote(telecom.value, safe="!#$%&'()*+,/:;=?@[]~"), "use": telecom.use})


def _different(telecoms: tuple[Telecom, ...]) -> list[Telecom]:
    """Each telecom once: a repeated one is refused by the receivers."""
    return list(dict.fromkeys(telecoms))

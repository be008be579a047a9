"""What the header of a CDA document says that metadata and messages repeat: patient, codes, dates, versions.

Reads what is there and judges nothing. ``entry_of`` gives the document entry that the header implies.
Sources: CI-SIS Structuration minimale (places in the CDA); the mapping CDA → XDS of the CI-SIS.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from lxml import etree

from conformance.cda.embedded import decoded
from conformance.cda.paths import path
from conformance.core.numbers import whole_number
from conformance.exchange.metadata import Author, Coded, DocumentEntry
from conformance.exchange.metadata.hl7 import Cx, Xcn, Xon, Xpn
from conformance.identity.ins import INS_ROOTS
from conformance.identity.organisation import STRUCTURE_ROOT
from conformance.identity.professional import PS_ROOT
from conformance.terminology.document_classes import dmp_class_of

IHE_FORMATS: Final = "1.3.6.1.4.1.19376.1.2.3"
FRENCH_FORMATS: Final = "1.2.250.1.213.1.1.4.2.282"
CLASSES: Final = "1.2.250.1.213.1.1.4.1"

Identifier = tuple[str, str]
"""``root`` and ``extension`` of an ``II``; the extension may be empty."""


@dataclass(frozen=True, slots=True)
class Patient:
    """The patient of a document: matricule with its root when there is one, local numbers, strict traits."""

    ins: Identifier | None
    local_ids: tuple[Identifier, ...]
    birth_name: str
    used_name: str
    first_given: str
    given_names: str
    birth_date: str
    sex: str

    @property
    def qualified(self) -> bool:
        """Whether the header carries what a qualified INS is told by: matricule, OID, and the four traits."""
        return bool(self.ins and self.birth_name and self.first_given and self.birth_date and self.sex)


@dataclass(frozen=True, slots=True)
class CdaHeader:
    """The facts of a header. Times are as written in the CDA; ``body_type`` is the media type of a level 1 body."""

    id: Identifier
    set_id: Identifier | None
    version: int | None
    code: Coded
    title: str
    effective_time: str
    confidentiality: Coded
    language: str
    patient: Patient
    authors: tuple[Author, ...]
    legal_authenticator: str
    custodian: str
    service_start: str
    service_stop: str
    healthcare_facility: Coded | None
    practice_setting: Coded | None
    replaces: tuple[Identifier, ...]
    template_ids: tuple[Identifier, ...]
    body_type: str
    body: bytes | None
    """The file of a level 1 body; ``None`` when structured, or when it does not decode."""

    @property
    def unique_id(self) -> str:
        """The id as metadata write it: ``root``, or ``root^extension``."""
        return "^".join(part for part in self.id if part)


def read_header(clinical: etree._Element) -> CdaHeader:
    """The facts of the header of a ``ClinicalDocument``."""
    text = _first(clinical, "component/nonXMLBody/text")
    time = "documentationOf/serviceEvent/effectiveTime"
    facility = "componentOf/encompassingEncounter/location/healthCareFacility/code"
    setting = "documentationOf/serviceEvent/performer/assignedEntity/representedOrganization/standardIndustryClassCode"
    signer = _first(clinical, "legalAuthenticator/assignedEntity")
    custodian = _first(clinical, "custodian/assignedCustodian/representedCustodianOrganization/id")
    return CdaHeader(
        id=_identifier(_first(clinical, "id")) or ("", ""),
        set_id=_identifier(_first(clinical, "setId")),
        version=whole_number(_value(clinical, "versionNumber")),
        code=_coded(_first(clinical, "code")) or Coded(""),
        title=_words(_first(clinical, "title")),
        effective_time=_value(clinical, "effectiveTime"),
        confidentiality=_coded(_first(clinical, "confidentialityCode")) or Coded(""),
        language=getattr(_coded(_first(clinical, "languageCode")), "code", ""),
        patient=read_patient(clinical),
        authors=tuple(_author(node) for node in path("author").elements(clinical)),
        legal_authenticator=_person(signer) if signer is not None else "",
        custodian="^".join(part for part in _identifier(custodian) or () if part),
        service_start=_value(clinical, f"{time}/low") or _value(clinical, time),
        service_stop=_value(clinical, f"{time}/high"),
        healthcare_facility=_coded(_first(clinical, facility)),
        practice_setting=_coded(_first(clinical, setting)),
        replaces=tuple(
            identifier
            for node in path("relatedDocument[@typeCode='RPLC']/parentDocument/id").elements(clinical)
            if (identifier := _identifier(node))
        ),
        template_ids=tuple(identifier for node in path("templateId").elements(clinical) if (identifier := _identifier(node))),
        body_type=text.get("mediaType", "") if text is not None else "",
        body=decoded(text) if text is not None else None,
    )  # fmt: skip


def read_patient(clinical: etree._Element) -> Patient:
    """The patient that ``recordTarget`` tells."""
    role = _first(clinical, "recordTarget/patientRole")
    if role is None:
        return Patient(None, (), "", "", "", "", "", "")
    ids = [identifier for node in path("id").elements(role) if (identifier := _identifier(node))]
    names = path("patient/name").elements(role)

    def part(kind: str, qualifier: str | None) -> str:
        for name in names:
            for node in path(kind).elements(name):
                if node.get("qualifier") == qualifier:
                    return _words(node)
        return ""

    gender = _first(role, "patient/administrativeGenderCode")
    # Without qualifier: the name as some documents without INS write it, and the list of given names.
    return Patient(
        ins=next((one for one in ids if one[0] in INS_ROOTS), None),
        local_ids=tuple(one for one in ids if one[0] not in INS_ROOTS),
        birth_name=part("family", "BR") or part("family", None),
        used_name=part("family", "CL"),
        first_given=part("given", "BR") or part("given", None).split(" ")[0],
        given_names=part("given", None),
        birth_date=_value(role, "patient/birthTime")[:8],
        sex=gender.get("code", "") if gender is not None else "",
    )


def patient_cx(patient: Patient) -> str:
    """``patientId`` as metadata write it: the INS with its root, else the first local number."""
    if patient.ins:
        return str(Cx(patient.ins[1], patient.ins[0], "NH"))
    return local_cx(patient)


def local_cx(patient: Patient) -> str:
    """``sourcePatientId``: the first local number, the INS when there is none, else nothing."""
    if patient.local_ids:
        return str(Cx(patient.local_ids[0][1], patient.local_ids[0][0], "PI"))
    return str(Cx(patient.ins[1], patient.ins[0], "NH")) if patient.ins else ""


def patient_info(patient: Patient) -> tuple[str, ...]:
    """``sourcePatientInfo``: birth name (L), name used (D), birth date, sex."""
    names = [f"PID-5|{Xpn(patient.birth_name, patient.first_given, patient.given_names, 'L')}"]
    if patient.used_name:
        names.append(f"PID-5|{Xpn(patient.used_name, patient.first_given, '', 'D')}")
    rest = [f"PID-7|{patient.birth_date}"] if patient.birth_date else []
    return (*names, *rest, *([f"PID-8|{patient.sex}"] if patient.sex else []))


def entry_of(header: CdaHeader, entry_id: str) -> DocumentEntry:
    """The document entry that a header implies, without what belongs to the file (URI, hash, size)."""
    document_class = dmp_class_of(header.code.code)
    return DocumentEntry(
        id=entry_id,
        unique_id=header.unique_id,
        patient_id=patient_cx(header.patient),
        mime_type="text/xml",
        title=header.title or None,
        class_code=Coded(document_class, CLASSES) if document_class else None,
        type_code=header.code,
        format_code=format_of(header),
        healthcare_facility_type=header.healthcare_facility,
        practice_setting=header.practice_setting,
        confidentiality=(header.confidentiality,),
        authors=header.authors,
        legal_authenticator=header.legal_authenticator or None,
        creation_time=utc(header.effective_time) or None,
        service_start_time=utc(header.service_start) or None,
        service_stop_time=utc(header.service_stop) or None,
        language_code=header.language or None,
        source_patient_id=local_cx(header.patient) or None,
        source_patient_info=patient_info(header.patient),
        action="C" if header.version and header.version > 1 else None,
    )


_BODY_FORMATS: Final = {
    "application/pdf": "urn:ihe:iti:xds-sd:pdf:2008",
    "text/plain": "urn:ihe:iti:xds-sd:text:2008",
    "text/rtf": "urn:ihe:iti-fr:xds-sd:rtf:2010",
    "image/jpeg": "urn:ihe:iti-fr:xds-sd:jpeg:2010",
    "image/tiff": "urn:ihe:iti-fr:xds-sd:tiff:2010",
}
_TEMPLATE_FORMATS: Final = {
    "1.2.250.1.213.1.1.1.55": Coded("urn:ihe:lab:xd-lab:2008", IHE_FORMATS),
    "1.2.250.1.213.1.1.1.13": Coded("urn:asip:ci-sis:vsm:2012", FRENCH_FORMATS),
}


def format_of(header: CdaHeader) -> Coded | None:
    """The format of a document whose kind the kit knows: the body of level 1, VSM, CR-BIO; else ``None``."""
    if header.body_type:
        code = _BODY_FORMATS.get(header.body_type)
        return Coded(code, IHE_FORMATS) if code else None
    known = (_TEMPLATE_FORMATS.get(root) for root, _ in header.template_ids)
    return next((one for one in known if one), None)


# Times ------------------------------------------------------------------------------------------------------

_TIME: Final = re.compile(r"([0-9]{4,14})(?:\.[0-9]+)?([+-][0-9]{4})?")
_PARIS: Final = ZoneInfo("Europe/Paris")


def utc(time: str) -> str:
    """A CDA time in UTC with the precision that it has; a day stays a day; what is no time gives nothing.

    A time without zone is taken as one of Paris.
    """
    found = _TIME.fullmatch(time)
    if not found:
        return ""
    digits, zone = found.groups()
    if len(digits) < 10:
        return digits
    form = "%Y%m%d%H%M%S"
    try:
        moment = datetime.strptime(digits + "0" * (14 - len(digits)) + (zone or ""), form + ("%z" if zone else ""))
        moment = (moment if zone else moment.replace(tzinfo=_PARIS)).astimezone(UTC)
    except (ValueError, OverflowError):  # no date, or one whose zone leads before the year 1 or after 9999
        return ""
    # Years before 1000 are no times of documents, and strftime would not pad them.
    return f"{moment:%Y%m%d%H%M%S}"[: len(digits)]


# Small readers ----------------------------------------------------------------------------------------------


def _first(node: etree._Element, where: str) -> etree._Element | None:
    return next(iter(path(where).elements(node)), None)


def _value(node: etree._Element, where: str) -> str:
    found = _first(node, where)
    return found.get("value", "") if found is not None else ""


def _words(node: etree._Element | None) -> str:
    return " ".join(str(node.xpath("string()")).split()) if node is not None else ""


def _identifier(node: etree._Element | None) -> Identifier | None:
    if node is None or not node.get("root"):
        return None
    return node.get("root", ""), node.get("extension", "")


def _coded(node: etree._Element | None) -> Coded | None:
    if node is None or not node.get("code"):
        return None
    return Coded(node.get("code", ""), node.get("codeSystem", ""), node.get("displayName", ""))


def _author(author: etree._Element) -> Author:
    role = _first(author, "assignedAuthor")
    if role is None:
        return Author()
    profession = _coded(_first(role, "code"))
    function = _coded(_first(author, "functionCode"))
    organisation = _first(role, "representedOrganization")
    return Author(
        person=_person(role),
        institutions=(_institution(organisation),) if organisation is not None else (),
        roles=(function.label,) if function and function.label else (),
        specialties=(f"{profession.code}^{profession.label}^{profession.system}",) if profession else (),
    )


def _person(role: etree._Element) -> str:
    """The XCN of an assigned person or device."""
    root, extension = _identifier(_first(role, "id")) or ("", "")
    device = _first(role, "assignedAuthoringDevice")
    if device is not None:
        software = _words(_first(device, "softwareName"))
        return str(Xcn(extension, software, _words(_first(device, "manufacturerModelName")), root, "U", "RI"))
    name = next(
        (n for where in ("assignedPerson/name", "assignedEntity/name") for n in path(where).elements(role)), None
    )
    family = _words(_first(name, "family")) if name is not None else ""
    given = _words(_first(name, "given")) if name is not None else ""
    return str(Xcn(extension, family, given, root, "D", "IDNPS" if root == PS_ROOT else "NH" if root in INS_ROOTS else "PI"))  # fmt: skip


def _institution(organisation: etree._Element) -> str:
    root, extension = _identifier(_first(organisation, "id")) or ("", "")
    kind = "IDNST" if root == STRUCTURE_ROOT else ""
    return str(Xon(_words(_first(organisation, "name")), extension, root, kind))

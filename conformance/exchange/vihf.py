"""The VIHF: the SAML 2.0 assertion by which a user is told and authorised at the DMP. Read and written.

Reading takes what is there, whatever its number and its form; the checks judge. Signing and verifying are in
``vihf_signature``.
Sources: CI-SIS, Transport synchrone client lourd (VIHF 2.0 to 4.0) through the mapping of the ANS volet
« Transmission d’un document CDA-R2 en HL7v2 »; PGSSI-S; the test book of the CNDA (DMP, 2.10).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from lxml import etree

from conformance.exchange.metadata import Coded

SAML: Final = "urn:oasis:names:tc:SAML:2.0:assertion"
HL7: Final = "urn:hl7-org:v3"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
X509_NAME_FORMAT: Final = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"

SMART_CARD: Final = "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI"
PASSWORD: Final = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"

VERSION: Final = "VIHF_Version"
MODES: Final = ("Authentification_mode", "Authentification_Mode")
"""Two writings of one attribute: published material has both, and both are accepted."""
STRUCTURE: Final = "Identifiant_Structure"
SECTOR: Final = "Secteur_Activite"
SUBJECT_ID: Final = "urn:oasis:names:tc:xspa:1.0:subject:subject-id"
ROLE: Final = "urn:oasis:names:tc:xacml:2.0:subject:role"
RESOURCE: Final = "urn:oasis:names:tc:xacml:2.0:resource:resource-id"
RESOURCE_URN: Final = "Ressource_URN"
PURPOSE: Final = "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse"
CONFIDENTIALITY: Final = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"
LPS_ID: Final = "LPS_ID"
LPS_NAME: Final = "LPS_Nom"
LPS_VERSION: Final = "LPS_Version"
APPROVAL: Final = "LPS_ID_HOMOLOGATION_DMP"

DMP_RESOURCE: Final = "urn:dmp"
PURPOSES: Final = "1.2.250.1.213.1.1.4.248"
SECRET_CONNECTION: Final = Coded("INVISIBLE_REPRESENTANTS_LEGAUX", "1.2.250.1.213.1.1.4.13")

PROFESSIONS: Final = "1.2.250.1.71.1.2.7"
STUDENTS: Final = "1.2.250.1.71.1.2.8"
SPECIALTIES: Final = "1.2.250.1.71.4.2.5"
PHARMACY_SECTIONS: Final = "1.2.250.1.71.4.2.6"
OTHER_ROLES: Final = "1.2.250.1.213.1.1.4.6"
SECTORS: Final = "1.2.250.1.71.4.2.4"


class AuthenticationMode(StrEnum):
    """How the user has proved who they are to the DMP."""

    DIRECT = "DIRECTE"
    INDIRECT = "INDIRECTE"
    REINFORCED = "INDIRECTE_RENFORCEE"


class AccessMode(StrEnum):
    """The codes of the purpose of use (TRE_R248)."""

    NORMAL = "normal"
    BREAK_GLASS = "bris_de_glace"
    REGULATION = "centre_15"


_PURPOSE_LABELS: Final = {
    AccessMode.NORMAL: "Accès normal",
    AccessMode.BREAK_GLASS: "Accès en bris de glace",
    AccessMode.REGULATION: "Accès par un centre de régulation médicale",
}


@dataclass(frozen=True, kw_only=True)
class Vihf:
    """What an assertion says. Instants are as written; an absent value is empty.

    ``attributes`` gives every attribute by its name, with the texts of its values; ``mode_name`` the writing of
    the mode attribute; ``element`` the assertion that was read.
    """

    id: str = ""
    saml_version: str = "2.0"
    issue_instant: str = ""
    issuer: str = ""
    issuer_format: str = X509_NAME_FORMAT
    name_id: str = ""
    authn_instant: str = ""
    authn_context: str = SMART_CARD
    authn_declaration: str = ""
    not_before: str = ""
    not_on_or_after: str = ""
    version: str = "4.0"
    mode: str = AuthenticationMode.DIRECT
    mode_name: str = MODES[0]
    structure: str = ""
    sector: str = ""
    subject: str = ""
    roles: tuple[Coded, ...] = ()
    patient: str = ""
    resource_urn: str = DMP_RESOURCE
    purpose: Coded | None = None
    confidentiality: tuple[Coded, ...] = ()
    lps_id: str = ""
    lps_name: str = ""
    lps_version: str = ""
    approval: str = ""
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict, compare=False)
    element: etree._Element | None = field(default=None, compare=False, repr=False)

    @property
    def access(self) -> AccessMode | None:
        """The access mode, when the purpose is one that exists."""
        code = self.purpose.code if self.purpose else ""
        return AccessMode(code) if code in set(AccessMode) else None

    @property
    def secret(self) -> bool:
        """Whether this is the secret connection of a minor."""
        return any(one.code == SECRET_CONNECTION.code for one in self.confidentiality)

    def role(self, system: str) -> str:
        """The code of the first role of this system, or nothing."""
        return next((role.code for role in self.roles if role.system == system), "")

    @property
    def issued(self) -> datetime | None:
        """The issue instant, when it is one."""
        return instant_of(self.issue_instant)


def purpose_of(mode: AccessMode) -> Coded:
    """The purpose of use of an access mode."""
    return Coded(mode, PURPOSES, _PURPOSE_LABELS[mode])


def new_id() -> str:
    """An assertion id that no other has."""
    return f"_{uuid.uuid4()}"


def instant(moment: datetime) -> str:
    """A moment as SAML writes it: UTC, to the millisecond."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def instant_of(text: str) -> datetime | None:
    """The moment that a SAML instant tells; ``None`` when it tells none, or none in UTC."""
    if not text.endswith("Z") and not text.endswith("+00:00"):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


# Reading ----------------------------------------------------------------------------------------------------


def saml(name: str) -> str:
    """The Clark name of a SAML element."""
    return f"{{{SAML}}}{name}"


def attribute_nodes(assertion: etree._Element) -> Iterator[etree._Element]:
    """Every ``Attribute`` of an assertion."""
    for statement in assertion.iterchildren(saml("AttributeStatement")):
        yield from statement.iterchildren(saml("Attribute"))


def read_vihf(assertion: etree._Element) -> Vihf:
    """What ``assertion`` says."""
    texts: dict[str, tuple[str, ...]] = {}
    codes: dict[str, tuple[Coded, ...]] = {}
    for node in attribute_nodes(assertion):
        name = node.get("Name", "")
        values = list(node.iterchildren(saml("AttributeValue")))
        texts[name] = texts.get(name, ()) + tuple(_words(value) for value in values)
        codes[name] = codes.get(name, ()) + tuple(
            _coded(child) for value in values for child in value.iterchildren("*")
        )

    def text(name: str) -> str:
        return next(iter(texts.get(name, ())), "")

    mode_name = next((name for name in MODES if name in texts), MODES[0])
    issuer = assertion.find(saml("Issuer"))
    statement = assertion.find(saml("AuthnStatement"))
    context = statement.find(saml("AuthnContext")) if statement is not None else None
    conditions = assertion.find(saml("Conditions"))
    return Vihf(
        id=assertion.get("ID", ""),
        saml_version=assertion.get("Version", ""),
        issue_instant=assertion.get("IssueInstant", ""),
        issuer=_words(issuer) if issuer is not None else "",
        issuer_format=issuer.get("Format", "") if issuer is not None else "",
        name_id=(assertion.findtext(f"{saml('Subject')}/{saml('NameID')}") or "").strip(),
        authn_instant=statement.get("AuthnInstant", "") if statement is not None else "",
        authn_context=(context.findtext(saml("AuthnContextClassRef")) or "").strip() if context is not None else "",
        authn_declaration=_declaration(context),
        not_before=conditions.get("NotBefore", "") if conditions is not None else "",
        not_on_or_after=conditions.get("NotOnOrAfter", "") if conditions is not None else "",
        version=text(VERSION),
        mode=text(mode_name),
        mode_name=mode_name,
        structure=text(STRUCTURE),
        sector=text(SECTOR),
        subject=text(SUBJECT_ID),
        roles=codes.get(ROLE, ()),
        patient=text(RESOURCE),
        resource_urn=text(RESOURCE_URN),
        purpose=next(iter(codes.get(PURPOSE, ())), None),
        confidentiality=codes.get(CONFIDENTIALITY, ()) or tuple(Coded(one) for one in texts.get(CONFIDENTIALITY, ())),
        lps_id=text(LPS_ID),
        lps_name=text(LPS_NAME),
        lps_version=text(LPS_VERSION),
        approval=text(APPROVAL),
        attributes=texts,
        element=assertion,
    )


def _declaration(context: etree._Element | None) -> str:
    found = context.find(saml("AuthnContextDecl")) if context is not None else None
    return _words(found) if found is not None else ""


def _words(node: etree._Element) -> str:
    return " ".join("".join(str(part) for part in node.itertext()).split())


def _coded(node: etree._Element) -> Coded:
    return Coded(node.get("code", ""), node.get("codeSystem", ""), node.get("displayName", ""))


# Writing ----------------------------------------------------------------------------------------------------


def vihf_element(vihf: Vihf) -> etree._Element:
    """The assertion that says what ``vihf`` says, without signature. Empty values are left out."""
    root = etree.Element(
        saml("Assertion"),
        {"ID": vihf.id or new_id(), "IssueInstant": vihf.issue_instant, "Version": vihf.saml_version},
        nsmap={"saml": SAML, "xsi": XSI},
    )
    etree.SubElement(root, saml("Issuer"), {"Format": vihf.issuer_format}).text = vihf.issuer
    subject = etree.SubElement(root, saml("Subject"))
    etree.SubElement(subject, saml("NameID")).text = vihf.name_id
    limits = {"NotBefore": vihf.not_before, "NotOnOrAfter": vihf.not_on_or_after}
    if any(limits.values()):
        etree.SubElement(root, saml("Conditions"), {key: value for key, value in limits.items() if value})
    statement = etree.SubElement(root, saml("AuthnStatement"), AuthnInstant=vihf.authn_instant or vihf.issue_instant)
    context = etree.SubElement(statement, saml("AuthnContext"))
    etree.SubElement(context, saml("AuthnContextClassRef")).text = vihf.authn_context
    if vihf.authn_declaration:
        etree.SubElement(context, saml("AuthnContextDecl")).text = vihf.authn_declaration
    attributes = etree.SubElement(root, saml("AttributeStatement"))
    for name, text in _texts(vihf):
        if text:
            etree.SubElement(_attribute(attributes, name), saml("AttributeValue")).text = text
    for name, tag, values in (
        (ROLE, "Role", vihf.roles),
        (PURPOSE, "PurposeOfUse", (vihf.purpose,) if vihf.purpose else ()),
        (CONFIDENTIALITY, "ConfidentialityCode", vihf.confidentiality),
    ):
        if values:
            owner = _attribute(attributes, name)
            for value in values:
                etree.SubElement(owner, saml("AttributeValue")).append(_code_element(tag, value))
    return root


def _texts(vihf: Vihf) -> tuple[tuple[str, str], ...]:
    return (
        (VERSION, vihf.version),
        (vihf.mode_name, str(vihf.mode)),
        (STRUCTURE, vihf.structure),
        (SECTOR, vihf.sector),
        (SUBJECT_ID, vihf.subject),
        (RESOURCE, vihf.patient),
        (RESOURCE_URN, vihf.resource_urn),
        (LPS_ID, vihf.lps_id),
        (LPS_NAME, vihf.lps_name),
        (LPS_VERSION, vihf.lps_version),
        (APPROVAL, vihf.approval),
    )


def _attribute(owner: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(owner, saml("Attribute"), Name=name)


_HL7_FIRST: Final[dict[Any, str]] = {None: HL7, "xsi": XSI}
"""HL7 without prefix, so that ``xsi:type="CE"`` names its type."""


def _code_element(tag: str, value: Coded) -> etree._Element:
    node = etree.Element(f"{{{HL7}}}{tag}", nsmap=_HL7_FIRST)
    node.set(f"{{{XSI}}}type", "CE")
    for name, text in (("code", value.code), ("codeSystem", value.system), ("displayName", value.label)):
        if text:
            node.set(name, str(text))
    return node

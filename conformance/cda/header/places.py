"""Where the header holds which data type, and the one walk that sorts its elements by type.

``_PLACES`` is an outline: element, data type, ``*`` when the element may repeat there (its occurrences must
then differ). The types are those of CDA R2, with finer names:

- ``II-``  an identifier whose extension no official rule looks at;
- ``TS!``  a date whose ``value`` is required (a nullFlavor does not do);
- ``ANY``  a part whose whole content obeys the rules on nullFlavor, and that has no other type here;
- ``II?``  an identifier that the official rules only know with the root of its family: an ``II`` with it,
  nothing without;
- ``DATE`` a bound of an interval, of which only the form of the date is looked at;
- ``PN?``  a name that they only know with a family name;
- ``CS?``  the signature that they only know when it is S;
- ``CE?``  a code that they only know when it is listed.

Source: CI-SIS Structuration minimale v1.16.8 §3.5.5, §3.5.6 (elements and types).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from conformance.cda.namespaces import h
from conformance.terminology import value_sets

CLINICAL_DOCUMENT: Final = h("ClinicalDocument")

_PLACES: Final = """
realmCode CS
typeId II
templateId II-*
id II
code CE
title ST
effectiveTime TS
confidentialityCode CE
languageCode CS
setId II
versionNumber INT
recordTarget
  patientRole ANY
    id II*
    addr AD*
    telecom TEL*
    patient
      name PN
      administrativeGenderCode CE
      birthTime TS!
      sdtc:deceasedInd BL
      sdtc:deceasedTime TS
      sdtc:multipleBirthInd BL
      sdtc:multipleBirthOrderNumber INT
      guardian ANY
        id II*
        addr AD*
        telecom TEL*
        guardianPerson
          name PN
        guardianOrganization
          id II?
          name ON
      birthplace
        place
          addr AD
          name EN
author
  functionCode CE
    originalText ED
  time TS!
  assignedAuthor
    id II*
    code CE
    addr AD*
    telecom TEL*
    assignedPerson
      name PN
    assignedAuthoringDevice
      manufacturerModelName SC
      softwareName SC
    representedOrganization
      id II?
      addr AD*
      telecom TEL*
      standardIndustryClassCode CE?
dataEnterer ANY
  time TS
informant
  assignedEntity ANY
    id II
    code CD
    addr AD*
    telecom TEL*
    assignedPerson
      name PN
    representedOrganization
      id II?*
      name ON
      addr AD*
      telecom TEL*
      standardIndustryClassCode CE
  relatedEntity ANY
    code CE
      originalText ED
    addr AD*
    telecom TEL*
    relatedPerson
      name PN
custodian
  assignedCustodian
    representedCustodianOrganization
      id II
      telecom TEL
      addr AD
informationRecipient
  intendedRecipient
    templateId II-*
    id II?*
    addr AD*
    telecom TEL*
    informationRecipient
      name PN*
    receivedOrganization
      id II?*
      name ON*
      telecom TEL*
      addr AD*
legalAuthenticator
  time TS!
  signatureCode CS
  assignedEntity
    id II
    code CD
    addr AD*
    telecom TEL*
    assignedPerson
      name PN
    representedOrganization
      id II?*
      telecom TEL*
      addr AD*
      standardIndustryClassCode CE
authenticator
  templateId II-*
  time TS!
  signatureCode CS?
  assignedEntity
    id II?*
    code CD
    addr AD*
    telecom TEL*
    assignedPerson
      name PN
    representedOrganization
      id II?*
      name ON
      telecom TEL*
      addr AD*
      standardIndustryClassCode CE?
participant
  templateId II
  functionCode CE
    originalText ED
    translation CD*
  time IVL_TS
    low TS!
    high TS!
  associatedEntity
    id II
    code CE
    addr AD*
    telecom TEL*
    associatedPerson
    scopingOrganization ANY
      id II
      addr AD*
      telecom TEL*
      standardIndustryClassCode CD
inFulfillmentOf
  order
    id II
    code CE
      originalText ED
    ps3-20:accessionNumber II
documentationOf
  serviceEvent
    id II-*
    code CE
      translation CD*
        qualifier
          name CV
      originalText ED
    lab:statusCode CS
    effectiveTime
      low TS!
      high TS
    performer
      templateId II*
      functionCode CE
      time IVL_TS
        low DATE
        high DATE
      assignedEntity
        id II-
        code CD
        telecom TEL*
        addr AD*
        assignedPerson
          name PN?
        representedOrganization
          id II*
          name ON
          telecom TEL*
          addr AD*
          standardIndustryClassCode CE
          asOrganizationPartOf ANY
            templateId II-*
            id II-*
            code CD
            statusCode CS
relatedDocument
  parentDocument
    id II
    versionNumber INT
authorization
  consent
    id II-*
    code CE
    statusCode CS
componentOf
  encompassingEncounter
    id II*
    code CE
    effectiveTime IVL_TS
      low TS
      high TS
    dischargeDispositionCode CE
    responsibleParty
      assignedEntity
        id II?*
        code CD
        addr AD*
        telecom TEL*
        assignedPerson
          name PN
        representedOrganization
          id II*
          name ON
          addr AD*
          telecom TEL*
          standardIndustryClassCode CE?
          asOrganizationPartOf ANY
            templateId II-*
            id II-*
            code CD
            statusCode CS
    encounterParticipant
      time IVL_TS
        low TS!
        high TS!
      assignedEntity
        id II?*
        code CD
        addr AD*
        telecom TEL*
        assignedPerson
          name PN
        representedOrganization
          id II?*
          name ON
          addr AD*
          telecom TEL*
          standardIndustryClassCode CE?
    location
      healthCareFacility
        id II-*
        code CE
          translation CD*
        location
          name EN
          addr AD
"""

ADDRESS_PARTS: Final = (
    "country", "state", "city", "postalCode", "county", "houseNumber", "houseNumberNumeric", "streetName",
    "streetNameType", "additionalLocator", "unitID", "postBox", "precinct",
)  # fmt: skip
"""The parts of the structured form of an address (§3.5.6.1.1), each at most once."""


@dataclass(slots=True)
class _Place:
    type: str = ""
    repeats: bool = False
    inside: dict[str, _Place] = field(default_factory=dict)


def _outline(text: str) -> dict[str, _Place]:
    top = _Place()
    path = [top]
    for line in text.strip("\n").splitlines():
        name, _, kind = line.strip().partition(" ")
        depth = (len(line) - len(line.lstrip())) // 2
        place = _Place(kind.removesuffix("*"), kind.endswith("*"))
        if place.type == "AD":
            place.inside = {h(part): _Place("ST") for part in (*ADDRESS_PARTS, "streetAddressLine")}
        del path[depth + 1 :]
        path[-1].inside[h(name)] = place
        path.append(place)
    return top.inside


_FAMILIES: Final = frozenset({"1.2.250.1.71.4.2.1", "1.2.250.1.71.4.2.2"})
"""The roots of the identifiers of professionals and of structures."""

_FAMILY: Final = h("family")
_SETTINGS: Final = frozenset(value_sets.PRACTICE_SETTING.concepts)
_HEADER: Final = _outline(_PLACES)
_UNKNOWN: Final = _Place()


@dataclass(slots=True)
class HeaderParts:
    """The typed elements of one header: by type, those that may repeat, and those with a nullFlavor.

    ``null_here`` are those under the rules of a data type, ``null_elsewhere`` the others.
    """

    by_type: dict[str, list[etree._Element]] = field(default_factory=dict)
    repeating: dict[str, list[etree._Element]] = field(default_factory=dict)
    null_here: list[etree._Element] = field(default_factory=list)
    null_elsewhere: list[etree._Element] = field(default_factory=list)

    def of(self, *types: str) -> list[etree._Element]:
        """The elements of these types."""
        return [element for kind in types for element in self.by_type.get(kind, ())]


def document_in(root: etree._Element) -> etree._Element | None:
    """The ``ClinicalDocument`` that is ``root`` or that it wraps."""
    return root if root.tag == CLINICAL_DOCUMENT else next(root.iter(CLINICAL_DOCUMENT), None)


def header_parts(root: etree._Element) -> HeaderParts:
    """Sort the header of the document in ``root`` (which may be a wrapper of it) in one walk."""
    document = document_in(root)
    parts = HeaderParts()
    if document is not None:
        _walk(document, _HEADER, False, parts)
    return parts


def _walk(parent: etree._Element, places: dict[str, _Place], typed: bool, parts: HeaderParts) -> None:
    for child in parent:
        tag = child.tag
        place = places.get(tag)
        if place is None:
            if not isinstance(tag, str) or (not places and not typed):
                continue
            if parent.tag == CLINICAL_DOCUMENT:  # the body, or what is not of the header
                continue
            place = _UNKNOWN
        kind = place.type
        if kind == "II?":
            kind = "II" if child.get("root") in _FAMILIES else ""
        elif kind == "CS?":
            kind = "CS" if child.get("code") == "S" else ""
        elif kind == "CE?":
            kind = "CE" if (child.get("code", ""), child.get("codeSystem", "")) in _SETTINGS else kind
        elif kind == "PN?":
            kind = "PN" if child.find(_FAMILY) is not None else ""
        if kind:
            parts.by_type.setdefault(kind, []).append(child)
            if place.repeats:
                parts.repeating.setdefault(kind, []).append(child)
        inside_type = typed or kind not in ("", "CE?")
        if "nullFlavor" in child.attrib:
            (parts.null_here if inside_type else parts.null_elsewhere).append(child)
        if not len(child):
            continue
        if place.inside:
            _walk(child, place.inside, inside_type, parts)
        elif inside_type:  # no recursion where the outline ends: a document may be deep
            parts.null_here += [inner for inner in child.iterdescendants("*") if "nullFlavor" in inner.attrib]


def clinical_document(node: etree._Element) -> bool:
    """Condition: the node is a child of ``ClinicalDocument`` (authors and participants also occur in bodies)."""
    parent = node.getparent()
    return parent is not None and parent.tag == CLINICAL_DOCUMENT


def in_header(node: etree._Element) -> bool:
    """Condition: the node is in the header of the document, not in its body."""
    child, parent = node, node.getparent()
    while parent is not None:
        if parent.tag == CLINICAL_DOCUMENT:
            return child.tag != _BODY
        child, parent = parent, parent.getparent()
    return False


_BODY: Final = h("component")
_UNTESTED: Final = (h("dataEnterer"), h("asOrganizationPartOf"))


def officially_tested(node: etree._Element) -> bool:
    """Condition: the node is in a part of the header that the official rules look into."""
    return in_header(node) and next(node.iterancestors(*_UNTESTED), None) is None

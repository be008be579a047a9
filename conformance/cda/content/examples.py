"""Valid fragments, of our own writing, from which the counterexamples of the rules are made.

Each function returns XML text without namespace declarations (the proof's envelope declares them). An entry
comes with the words of its narrative under the same name, so that a section made of entries is coherent.
"""

from __future__ import annotations

from conformance.cda.content.oids import (
    ALLERGY,
    ALLERGY_LIST,
    CERTAINTY,
    CIS,
    COMMENT,
    CONCERN,
    FR_INTERNAL_REFERENCE,
    HEALTH_STATUS,
    INTERNAL_REFERENCE,
    LOINC,
    PROBLEM,
    PROBLEM_LIST,
    PROBLEM_STATUS,
    PROCEDURE,
    ROLE_CODE,
    SEVERITY,
    SIMPLE_OBSERVATION,
    SNOMED_CT,
    ccd,
    fr_entry,
    pcc,
)

_ID = "0f1c2d3e-4b5a-4c6d-8e7f-{:012d}"


def ident(number: int = 1) -> str:
    """An ``id``; ``number`` makes it another one."""
    return f'<id root="{_ID.format(number)}"/>'


def templates(*oids: str) -> str:
    """``templateId`` elements."""
    return "".join(f'<templateId root="{oid}"/>' for oid in oids)


def coded(tag: str, code: str, system: str, label: str, inside: str = "", **more: str) -> str:
    """A coded element; ``type="CD"`` gives the ``xsi:type``."""
    kind = f'xsi:type="{more["type"]}" ' if "type" in more else ""
    start = f'<{tag} {kind}code="{code}" codeSystem="{system}" displayName="{label}"'
    return f"{start}>{inside}</{tag}>" if inside else f"{start}/>"


def text(ref: str) -> str:
    """The link to the narrative."""
    return f'<text><reference value="#{ref}"/></text>'


def original(ref: str) -> str:
    """The words of a coded element in the narrative."""
    return f'<originalText><reference value="#{ref}"/></originalText>'


DONE = '<statusCode code="completed"/>'

AUTHOR = (
    '<author><time value="20240105"/><assignedAuthor><id root="1.2.250.1.71.4.2.1" extension="899700000001"/>'
    '<addr nullFlavor="NAV"/><telecom nullFlavor="NAV"/>'
    "<assignedPerson><name><given>Camille</given><family>EXEMPLE</family></name></assignedPerson>"
    "<representedOrganization><name>Cabinet de l'exemple</name></representedOrganization></assignedAuthor></author>"
)


def section(
    oids: tuple[str, ...], code: str, label: str, body: str = "", narrative: str | None = "", number: int = 1
) -> str:
    """A section; ``narrative=None`` leaves its ``text`` out."""
    words = "" if narrative is None else f"<text>{narrative or 'Rien de particulier.'}</text>"
    return f"<section>{templates(*oids)}{ident(number)}{coded('code', code, LOINC, label)}<title>{label}</title>{words}{body}</section>"


def words(*refs: str) -> str:
    """A narrative that holds these names."""
    return "".join(f'<content ID="{ref}">Texte.</content>' for ref in refs)


def entry(content: str) -> str:
    """An ``entry`` around ``content``."""
    return f"<entry>{content}</entry>"


def relation(content: str, type_code: str, inversion: str = "false") -> str:
    """An ``entryRelationship`` around ``content``."""
    return f'<entryRelationship typeCode="{type_code}" inversionInd="{inversion}">{content}</entryRelationship>'


def problem(
    ref: str, inside: str = "", oids: tuple[str, ...] = (), value: str = "", extra: str = "", code: str = ""
) -> str:
    """A problem."""
    return (
        f'<observation classCode="OBS" moodCode="EVN" negationInd="false">'
        f"{templates(ccd('28'), PROBLEM, *(oids or (fr_entry('37'),)))}{ident(2)}"
        f"{code or coded('code', '64572001', SNOMED_CT, 'maladie')}{text(ref)}{DONE}"
        f'<effectiveTime><low value="20230214"/></effectiveTime>'
        f"{value or coded('value', 'J45.9', '2.16.840.1.113883.6.3', 'Asthme, sans précision', original(ref), type='CD')}"
        f"{extra}{inside}</observation>"
    )


def _concern(oids: tuple[str, ...], inside: str, status: str, period: str, extra: str = "") -> str:
    return (
        f'<act classCode="ACT" moodCode="EVN">{templates(ccd("27"), CONCERN, *oids)}{ident(3)}<code nullFlavor="NA"/>'
        f'<statusCode code="{status}"/><effectiveTime>{period}</effectiveTime>{extra}{inside}</act>'
    )


def problem_list(ref: str, status: str = "active", period: str = '<low value="20230214"/>', extra: str = "") -> str:
    """A list of problems."""
    return _concern((PROBLEM_LIST, fr_entry("39")), relation(problem(ref), "SUBJ"), status, period, extra)


def concern(ref: str) -> str:
    """A bare concern."""
    return _concern((), relation(problem(ref), "SUBJ"), "active", '<low value="20230214"/>', AUTHOR)


AGENT = (
    '<participant typeCode="CSM"><participantRole classCode="MANU"><playingEntity classCode="MMAT">'
    f'<code code="60234100" codeSystem="{CIS}" displayName="PARACETAMOL">{{}}</code><name>PARACETAMOL</name>'
    "</playingEntity></participantRole></participant>"
)


def allergy(ref: str, inside: str = "", value: str = "") -> str:
    """An allergy."""
    return problem(
        ref,
        inside=inside,
        oids=(ccd("18"), ALLERGY, fr_entry("41")),
        value=value or f'<value xsi:type="CD">{original(ref)}</value>',
        extra=AGENT.format(original(ref)),
        code=coded("code", "416098002", SNOMED_CT, "allergie médicamenteuse"),
    )


def allergy_list(ref: str, inside: str = "", status: str = "active", period: str = '<low nullFlavor="UNK"/>') -> str:
    """A list of allergies."""
    return _concern((ALLERGY_LIST, fr_entry("40")), relation(inside or allergy(ref), "SUBJ"), status, period)


def problem_status(ref: str, code: str = "active", system: str = "2.16.840.1.113883.4.642.1.1074") -> str:
    """The clinical status of a problem (or of an allergy, in the other code system)."""
    return (
        f'<observation classCode="OBS" moodCode="EVN">{templates(ccd("50"), ccd("57"), PROBLEM_STATUS, fr_entry("30"))}'
        f"{coded('code', '33999-4', LOINC, 'Statut')}{text(ref)}{DONE}{coded('value', code, system, 'Actif', type='CE')}</observation>"
    )


def health_status(ref: str) -> str:
    """The health status of the patient with regard to a problem."""
    return (
        f'<observation classCode="OBS" moodCode="EVN">{templates(ccd("51"), HEALTH_STATUS)}'
        f"{coded('code', '11323-3', LOINC, 'Statut clinique')}{text(ref)}{DONE}"
        f"{coded('value', '271593001', SNOMED_CT, 'moribond', type='CE')}</observation>"
    )


def severity(ref: str, french: bool = True) -> str:
    """The severity of a problem."""
    oids = (ccd("55"), SEVERITY, *([fr_entry("29")] if french else []))
    return (
        f'<observation classCode="OBS" moodCode="EVN">{templates(*oids)}'
        f"{coded('code', 'SEV', '2.16.840.1.113883.5.4', 'Sévérité')}{text(ref)}{DONE}"
        f"{coded('value', '6736007', SNOMED_CT, 'modéré', type='CD')}</observation>"
    )


def certainty() -> str:
    """The certainty of a problem."""
    return (
        f'<observation classCode="OBS" moodCode="EVN">{templates(CERTAINTY)}{ident(4)}'
        f"{coded('code', '66455-7', LOINC, 'Certitude')}{DONE}<effectiveTime value='20230214'/>"
        f"{coded('value', 'confirmed', '2.16.840.1.113883.4.642.1.1075', 'Confirmé', type='CD')}</observation>"
    )


def criticality() -> str:
    """The criticality of an allergy."""
    return (
        f'<observation classCode="OBS" moodCode="EVN">{templates(fr_entry("172"))}{ident(5)}'
        f"{coded('code', '82606-5', LOINC, 'Criticité')}{DONE}"
        f'<effectiveTime value="20230214"/>{coded("value", "low", "2.16.840.1.113883.4.642.4.130", "Bas", type="CD")}</observation>'
    )


def comment(ref: str) -> str:
    """A comment."""
    return (
        f'<act classCode="ACT" moodCode="EVN">{templates(ccd("40"), COMMENT, fr_entry("32"))}'
        f"{coded('code', '48767-8', LOINC, 'Commentaire')}{text(ref)}{DONE}{AUTHOR}</act>"
    )


def external_references(ref: str) -> str:
    """References to other documents."""
    return (
        f'<act classCode="ACT" moodCode="EVN">{templates(pcc("4.4"), fr_entry("35"))}{ident(9)}<code nullFlavor="NA"/>{text(ref)}'
        f'<reference typeCode="REFR"><externalDocument classCode="DOC" moodCode="EVN">{ident(10)}</externalDocument></reference></act>'
    )


def internal_reference(number: int = 2, code: str = "", french: bool = True) -> str:
    """A reference to another entry of the document."""
    oids = (INTERNAL_REFERENCE, *([FR_INTERNAL_REFERENCE] if french else []))
    inside = code or coded("code", "J45.9", "2.16.840.1.113883.6.3", "Asthme, sans précision")
    return f'<act classCode="ACT" moodCode="EVN">{templates(*oids)}{ident(number)}{inside}</act>'


def procedure(ref: str, inside: str = "", mood: str = "EVN") -> str:
    """An act, done or planned."""
    parent = ccd("29") if mood == "EVN" else ccd("25")
    return (
        f'<procedure classCode="PROC" moodCode="{mood}">{templates(PROCEDURE, parent, fr_entry("62"))}{ident(6)}'
        f"{coded('code', 'HHFA001', '1.2.250.1.213.2.5', 'Appendicectomie')}{text(ref)}{DONE}"
        f'<effectiveTime value="20180114"/>{inside}</procedure>'
    )


def simple_observation(ref: str, oids: tuple[str, ...] = (), code: str = "", value: str = "", number: int = 7) -> str:
    """A simple observation, or one of those that inherit from it."""
    return (
        f'<observation classCode="OBS" moodCode="EVN">{templates(SIMPLE_OBSERVATION, *oids)}{ident(number)}'
        f"{code or coded('code', '48767-8', LOINC, 'Commentaire')}{text(ref)}{DONE}"
        f'<effectiveTime value="20240105"/>{value or "<value xsi:type=" + chr(34) + "ST" + chr(34) + ">Texte.</value>"}</observation>'
    )


def social_history(ref: str) -> str:
    """A habit or way of life."""
    return simple_observation(
        ref,
        (ccd("33"), pcc("4.13.4"), fr_entry("52")),
        coded("code", "74011-8", LOINC, "Consommation tabagique"),
        '<value xsi:type="PQ" value="25" unit="{pack}/a"/>',
    )


def subject(oids: tuple[str, ...] = (pcc("4.15.2"), fr_entry("60")), code: str = "MTH", label: str = "Mère") -> str:
    """The relative that a family history speaks of."""
    return (
        f'<subject typeCode="SBJ">{templates(*oids)}<relatedSubject classCode="PRS">{coded("code", code, ROLE_CODE, label)}'
        f'<subject><administrativeGenderCode code="F" displayName="Féminin" codeSystem="2.16.840.1.113883.5.1"/></subject></relatedSubject></subject>'
    )


OTHER_RELATIVE = (
    '<participant typeCode="IND"><participantRole classCode="PRS">'
    f'<code code="FTH" codeSystem="{ROLE_CODE}" displayName="Père"/><playingEntity classCode="PSN"><name>Jean</name></playingEntity>'
    "</participantRole></participant>"
)


def family_observation(ref: str) -> str:
    """One problem of a relative."""
    return simple_observation(
        ref,
        (ccd("22"), pcc("4.13.3"), fr_entry("51")),
        coded("code", "64572001", SNOMED_CT, "maladie"),
        coded("value", "I10", "2.16.840.1.113883.6.3", "Hypertension essentielle", original(ref), type="CD"),
    )


def family_history(ref: str, who: str = "", extra: str = "") -> str:
    """The history of a relative."""
    return (
        f'<organizer classCode="CLUSTER" moodCode="EVN">{templates(ccd("23"), pcc("4.15"), fr_entry("59"))}{DONE}{who or subject()}'
        f'{extra}<component typeCode="COMP">{family_observation(ref)}</component></organizer>'
    )

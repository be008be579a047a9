"""Valid fragments of laboratory reports, of our own writing, from which the counterexamples are made.

XML text without namespace declarations (the envelope of the proof declares them); invented people and ids.
"""

from __future__ import annotations

from conformance.cda.biology import oids
from conformance.cda.content.examples import coded, comment, ident, original, templates, text, words
from conformance.cda.content.oids import LOINC, SIMPLE_OBSERVATION, SNOMED_CT

DONE = '<statusCode code="completed"/>'
WHEN = '<effectiveTime value="20240104131933+0100"/>'
ADDRESS = "<addr><streetAddressLine>3 quai du Port</streetAddressLine></addr>"
TELECOM = '<telecom value="tel:0299000045"/>'
PERSON = "<assignedPerson><name><given>Solène</given><family>TREGUER</family></name></assignedPerson>"
PDF = "JVBERi0xLjQKMSAwIG9iago8PC9UeXBlL0NhdGFsb2c+PgplbmRvYmoKdHJhaWxlcgo8PC9Sb290IDEgMCBSPj4KJSVFT0YK"
"""The smallest file that says that it is a PDF and ends as one."""


def organisation(tag: str = "representedOrganization") -> str:
    """A laboratory, complete."""
    return (
        f'<{tag}><id root="1.2.250.1.71.4.2.2" extension="1350000022"/><name>Laboratoire du Port</name>{TELECOM}{ADDRESS}'
        '<standardIndustryClassCode code="AMBULATOIRE" codeSystem="1.2.250.1.213.1.1.4.9" displayName="Ambulatoire"/>'
        f"</{tag}>"
    )


ENTITY = (
    '<assignedEntity><id root="1.2.250.1.71.4.2.1" extension="899900000014"/>'
    '<code code="G15_21/SM03" codeSystem="1.2.250.1.213.1.1.4.5" displayName="Médecin - Biologie médicale (SM)"/>'
    f"{ADDRESS}{TELECOM}{PERSON}{organisation()}</assignedEntity>"
)


def performer(*ids: str) -> str:
    """The executing laboratory; ``ids`` are its templates."""
    return f'<performer typeCode="PRF">{templates(*ids)}<time><high value="20240104120000+0100"/></time>{ENTITY}</performer>'


def result_code(ref: str, code: str = "2823-3", label: str = "Potassium") -> str:
    """The LOINC code of a result."""
    return coded("code", code, LOINC, label, original(ref))


def local_code(ref: str) -> str:
    """A result without LOINC code: bare, with the code of the laboratory in a translation."""
    return (
        f"<code>{original(ref)}"
        '<translation code="K-77" codeSystem="1.2.250.1.213.1.1.5.130" codeSystemName="Codes en attente" displayName="Potassium"/>'
        "</code>"
    )


def interpretation(code: str, label: str) -> str:
    """An interpretation code."""
    return coded("interpretationCode", code, oids.INTERPRETATION, label)


RANGE = (
    '<referenceRange typeCode="REFV"><observationRange classCode="OBS" moodCode="EVN.CRT">'
    '<value xsi:type="IVL_PQ"><low value="3.5" unit="mmol/L"/><high value="5.1" unit="mmol/L"/></value>'
    f"{interpretation('N', 'Normal')}</observationRange></referenceRange>"
)

PREVIOUS = (
    '<entryRelationship typeCode="REFR"><observation classCode="OBS" moodCode="EVN">'
    f"{coded('code', '2823-3', LOINC, 'Potassium')}{DONE}"
    '<effectiveTime value="20231004131933+0200"/><value xsi:type="PQ" value="4.9" unit="mmol/L"/></observation></entryRelationship>'
)


def result(ref: str, code: str = "", ids: tuple[str, ...] = (oids.RESULT, oids.FR_RESULT), more: str = "",
           value: str = '<value xsi:type="PQ" value="6.8" unit="mmol/L"/>') -> str:  # fmt: skip
    """A result: potassium too high, with its range and its previous value."""
    return (
        f'<observation classCode="OBS" moodCode="EVN">{templates(*ids)}{code or result_code(ref)}{DONE}{WHEN}{value}'
        f"{interpretation('H', 'Anormalement haut')}{more or PREVIOUS}{RANGE}</observation>"
    )


def battery(*components: str) -> str:
    """A battery of results."""
    inside = "".join(f"<component>{one}</component>" for one in components)
    return (
        f'<organizer classCode="BATTERY" moodCode="EVN">{templates(oids.BATTERY, oids.FR_BATTERY)}{ident(31)}'
        f"{coded('code', '24326-1', LOINC, 'Ionogramme')}{DONE}{inside}</organizer>"
    )


def germ(code: str = "") -> str:
    """The germ of an isolate."""
    inside = code or (
        f'<code code="112283007" codeSystem="{SNOMED_CT}" displayName="Escherichia coli">'
        f'<translation code="562" codeSystem="{oids.NCBI}" displayName="Escherichia coli"/></code>'
    )
    return (
        f'<specimen typeCode="SPC"><specimenRole classCode="SPEC">{ident(32)}'
        f'<specimenPlayingEntity classCode="MIC">{inside}</specimenPlayingEntity></specimenRole></specimen>'
    )


def isolate(*components: str, specimen: str = "") -> str:
    """A germ, its count and its antibiogram."""
    inside = "".join(f"<component>{one}</component>" for one in components)
    return (
        f'<organizer classCode="CLUSTER" moodCode="EVN">{templates(oids.ISOLATE, oids.FR_ISOLATE)}{DONE}{WHEN}'
        f"{specimen or germ()}{performer()}{inside}</organizer>"
    )


def reception() -> str:
    """The act that says when the specimen reached the laboratory."""
    return (
        f'<act classCode="ACT" moodCode="EVN">{templates(oids.RECEPTION, oids.FR_RECEPTION)}'
        f'<code code="SPRECEIVE" codeSystem="{oids.RECEPTION_SYSTEM}" displayName="Date et heure de réception"/>{WHEN}</act>'
    )


def collection() -> str:
    """The collection of a specimen."""
    return (
        f'<procedure classCode="PROC" moodCode="EVN">{templates(oids.COLLECTION, oids.FR_COLLECTION)}'
        '<code code="9105" codeSystem="1.2.250.1.213.2.7" displayName="Prélèvement de sang veineux"/>'
        '<effectiveTime><high value="20240104073500+0100"/></effectiveTime>'
        f"{coded('targetSiteCode', '66480008', SNOMED_CT, 'avant-bras gauche')}{performer()}"
        f'<participant typeCode="PRD"><participantRole classCode="SPEC">{ident(33)}<playingEntity>'
        f'<code code="BLD" codeSystem="2.16.840.1.113883.18.311" displayName="Sang"/></playingEntity></participantRole></participant>'
        f'<entryRelationship typeCode="COMP">{reception()}</entryRelationship></procedure>'
    )


def subject(*ids: str) -> str:
    """A subject that is not the patient: the water of a well."""
    return (
        f'<subject typeCode="SBJ">{templates(*ids)}<relatedSubject>'
        f"{coded('code', '105590001', SNOMED_CT, 'substance')}{ADDRESS}</relatedSubject></subject>"
    )


def related(content: str, type_code: str = "COMP") -> str:
    """What an act of laboratory holds."""
    return f'<entryRelationship typeCode="{type_code}">{content}</entryRelationship>'


def processing(*content: str) -> str:
    """The entry of a chapter or sub-chapter."""
    return (
        f'<entry typeCode="DRIV">{templates(oids.PROCESSING, oids.FR_PROCESSING)}<act classCode="ACT" moodCode="EVN">'
        f"{coded('code', '18719-5', LOINC, 'Biochimie')}{DONE}"
        '<effectiveTime><low value="20240104080000+0100"/><high value="20240104131933+0100"/></effectiveTime>'
        f"{''.join(content)}</act></entry>"
    )


def section(ids: tuple[str, ...], code: str, title: str, body: str = "", narrative: str | None = "Voir les résultats.",
            number: int = 40) -> str:  # fmt: skip
    """A section; ``narrative=None`` leaves its ``text`` out."""
    told = "" if narrative is None else f"<text>{narrative}</text>"
    return f"<section>{templates(*ids)}{ident(number)}{coded('code', code, LOINC, title)}<title>{title}</title>{told}{body}</section>"


CHAPTER_IDS = (oids.CHAPTER, oids.FR_CHAPTER)


def chapter(body: str = "", narrative: str | None = "") -> str:
    """A chapter with its own results."""
    told = words("k") if narrative == "" else narrative
    return section(CHAPTER_IDS, "18719-5", "Biochimie", body or processing(related(result("k"))), told)


def sub_chapter(ref: str = "k2") -> str:
    """A sub-chapter."""
    return section((oids.SUB_CHAPTER, oids.FR_SUB_CHAPTER), "18719-5", "Ionogramme",
                   processing(related(battery(result(ref)))), words(ref), 41)  # fmt: skip


def document_type(*ids: str) -> str:
    """What an attached document is."""
    return (
        f'<observation classCode="OBS" moodCode="EVN">{templates(SIMPLE_OBSERVATION, oids.FR_SIMPLE_OBSERVATION, *ids)}{ident(42)}'
        f"{coded('code', '69764-9', LOINC, 'Type de document')}{text('copie')}{DONE}"
        '<effectiveTime nullFlavor="NA"/>'
        f"{coded('value', '55108-5', LOINC, 'Copie du document', type='CD')}</observation>"
    )


def attached(*ids: str, content: str = PDF, media: str = "application/pdf") -> str:
    """An attached document."""
    return (
        f'<organizer classCode="CLUSTER" moodCode="EVN">{templates(oids.ATTACHED)}{ident(43)}'
        f"{coded('code', '55107-7', LOINC, 'Document attaché')}{DONE}<component>{document_type(*ids)}</component>"
        '<component><observationMedia classCode="OBS" moodCode="EVN" ID="copie">'
        f'<value mediaType="{media}" representation="B64">{content}</value></observationMedia></component></organizer>'
    )


def pdf_copy() -> str:
    """The copy of the report in PDF."""
    return section(
        (oids.PDF_COPY,), "55108-5", "Copie du document", f"<entry>{attached(oids.DOCUMENT_TYPE)}</entry>", number=44
    )


def second_intention(body: str = "") -> str:
    """The results of a laboratory that the first one turned to."""
    return section((oids.SECOND_INTENTION,), "101792-0", "Examens de seconde intention", body, number=45)


def comment_section() -> str:
    """A comment on the whole report."""
    return section((oids.COMMENT_SECTION, oids.FR_COMMENT_SECTION, oids.COMMENT_SECTION_PARENT), "55112-7", "Commentaire",
                   narrative="Résultats à contrôler dans un mois.", number=46)  # fmt: skip


def body(*sections: str) -> str:
    """A structured body."""
    inside = "".join(f"<component>{one}</component>" for one in sections)
    return f"<structuredBody>{inside}</structuredBody>"


def remark(ref: str) -> str:
    """A comment on results."""
    return related(comment(ref), "SUBJ")

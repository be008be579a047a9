"""Valid fragments of our own writing, continued: treatments, devices, vital signs, adverse effects, results."""

from __future__ import annotations

from conformance.cda.content.examples import (
    AUTHOR,
    DONE,
    coded,
    entry,
    ident,
    internal_reference,
    original,
    problem,
    relation,
    section,
    simple_observation,
    templates,
    text,
    words,
)
from conformance.cda.content.oids import (
    CIS,
    EDQM,
    HL7_SUBSTITUTION,
    IHE_INSTRUCTION,
    IHE_PHARMACY_ITEM,
    LOINC,
    PRODUCT,
    SNOMED_CT,
    TA_ASIP,
    TREATMENT,
    ccd,
    fr_entry,
    pcc,
    pharm,
)


def product(ref: str, written: str = "") -> str:
    """A medicine; ``written``: attributes of the product."""
    return (
        f"<manufacturedProduct{written}>{templates(ccd('53'), PRODUCT, fr_entry('43'))}<manufacturedMaterial>"
        f"{coded('code', '63564053', CIS, 'PLAVIX 75 mg, comprimé pelliculé', original(ref))}<name>PLAVIX 75 mg</name>"
        "</manufacturedMaterial></manufacturedProduct>"
    )


NO_PRODUCT = (
    f"<manufacturedProduct>{templates(ccd('53'), PRODUCT, fr_entry('43'))}"
    '<manufacturedMaterial nullFlavor="NA"><code nullFlavor="NA"/><name nullFlavor="NA"/></manufacturedMaterial></manufacturedProduct>'
)


def treatment(
    ref: str, inside: str = "", dosing: str = pcc("4.7.1"), rate: str = '<rateQuantity nullFlavor="NAV"/>'
) -> str:
    """A treatment."""
    return (
        f'<substanceAdministration classCode="SBADM" moodCode="EVN">{templates(ccd("24"), TREATMENT, fr_entry("42"), dosing)}{ident(8)}'
        f'<code code="DRUG" codeSystem="2.16.840.1.113883.5.4" displayName="Médicament"/>{text(ref)}{DONE}'
        '<effectiveTime xsi:type="IVL_TS"><low value="20190811"/><high nullFlavor="UNK"/></effectiveTime>'
        '<effectiveTime xsi:type="PIVL_TS" operator="A"><period value="1" unit="d"/></effectiveTime>'
        f"{coded('routeCode', '20053000', EDQM, 'Voie orale')}"
        f"{coded('approachSiteCode', '66480008', SNOMED_CT, 'avant-bras gauche')}"
        '<doseQuantity><low value="1" unit="{tablet}"/><high value="1" unit="{tablet}"/></doseQuantity>'
        f"{rate}<maxDoseQuantity><numerator/><denominator/></maxDoseQuantity>"
        f"<consumable>{product(ref)}</consumable>{inside}</substanceAdministration>"
    )


def instruction(ref: str, code: str, oids: tuple[str, ...], inside: str = "") -> str:
    """An instruction to the patient or to the dispenser."""
    return (
        f'<act classCode="ACT" moodCode="INT">{templates(*oids)}{coded("code", code, IHE_INSTRUCTION, "Instructions")}'
        f"{text(ref)}{DONE}{inside}</act>"
    )


def prescription(ref: str) -> str:
    """A prescription to be dispensed."""
    told = instruction(ref, "FINSTRUCT", (ccd("43"), pcc("4.3.1"), fr_entry("34")))
    return (
        f'<supply classCode="SPLY" moodCode="INT">{templates(ccd("34"), pcc("4.7.3"), fr_entry("44"))}{ident(11)}'
        '<effectiveTime value="20240105"/><quantity value="2" unit="{boite}"/>'
        '<performer typeCode="PRF"><time value="20240106"/><assignedEntity><id nullFlavor="UNK"/>'
        "<assignedPerson><name><given>Alex</given><family>EXEMPLE</family></name></assignedPerson></assignedEntity></performer>"
        f"{AUTHOR}{relation(told, 'SUBJ', 'true')}</supply>"
    )


def flag(number: str, code: str, label: str) -> str:
    """A yes-or-no observation."""
    return simple_observation(
        f"indicateur-{number}",
        (fr_entry("48"), fr_entry(f"48.{number}")),
        coded("code", code, TA_ASIP, label),
        '<value xsi:type="BL" value="true"/>',
    )


QUANTITY = (
    f'<supply classCode="SPLY" moodCode="RQO">{templates(pharm("8"), fr_entry("86"))}'
    '<independentInd value="false"/><quantity value="3" unit="{boite}"/></supply>'
)
RENEWAL = (
    f'<supply classCode="SPLY" moodCode="RQO">{templates(pharm("15"), fr_entry("88"))}'
    '<effectiveTime xsi:type="IVL_TS"><width value="3" unit="mo"/></effectiveTime></supply>'
)
SUBSTITUTION = (
    f'<act classCode="ACT" moodCode="DEF">{templates(pharm("9.1"), fr_entry("87"))}'
    f"{coded('code', 'G', HL7_SUBSTITUTION, 'Substitution par un générique')}{DONE}</act>"
)
SUBORDINATE = entry(
    f'<substanceAdministration classCode="SBADM" moodCode="INT"><entryRelationship typeCode="COMP">'
    f'<substanceAdministration classCode="SBADM" moodCode="INT">{templates(fr_entry("83.1"))}{ident(12)}{text("dose-1")}{DONE}'
    '<doseQuantity><low value="1"/><high value="1"/></doseQuantity><rateQuantity><low value="1"/><high value="1"/></rateQuantity>'
    f'<consumable typeCode="CSM">{NO_PRODUCT}</consumable></substanceAdministration></entryRelationship>'
    f"<consumable>{NO_PRODUCT}</consumable></substanceAdministration>"
)


def planned_item(ref: str) -> str:
    """An item of a treatment plan."""
    return (
        '<substanceAdministration classCode="SBADM" moodCode="INT">'
        f"{templates(pharm('7'), fr_entry('96'), ccd('24'), TREATMENT, pcc('4.7.1'))}{ident(13)}"
        f'<code code="DRUG" codeSystem="2.16.840.1.113883.5.4" displayName="Médicament"/>{text(ref)}{DONE}'
        f"<consumable>{product(ref, ' classCode=' + chr(34) + 'MANU' + chr(34))}</consumable></substanceAdministration>"
    )


def plan_item(ref: str) -> str:
    """A reference to an item of a treatment plan."""
    return (
        f'<substanceAdministration classCode="SBADM" moodCode="INT">{templates(pharm("10"), fr_entry("85"))}{ident(14)}'
        f"{coded('code', 'MTPItem', IHE_PHARMACY_ITEM, 'Élément du plan de traitement')}"
        f"<consumable>{NO_PRODUCT}</consumable>{relation(planned_item(ref), 'REFR')}</substanceAdministration>"
    )


def treatment_details(ref: str) -> str:
    """What a treatment may hold, all together."""
    return "".join(
        (
            relation(internal_reference(), "RSON"),
            relation(prescription(ref), "REFR"),
            relation(instruction(ref, "PINSTRUCT", (ccd("49"), pcc("4.3"), fr_entry("33"))), "SUBJ", "true"),
            relation(flag("12", "GEN-179", "Hors AMM"), "COMP"),
            relation(plan_item(ref), "REFR"),
            relation(QUANTITY, "COMP"),
            relation(RENEWAL, "COMP"),
            relation(SUBSTITUTION, "COMP"),
        )
    )


def device(ref: str) -> str:
    """A medical device."""
    prevention = simple_observation(
        "indicateur-34",
        (fr_entry("48"), fr_entry("48.34")),
        coded("code", "GEN-295", TA_ASIP, "En rapport avec la prévention"),
        '<value xsi:type="BL" value="true"/>',
    )
    flags = flag("13", "MED-574", "En rapport avec une Affection Longue Durée (ALD)")
    return (
        f'<supply classCode="SPLY" moodCode="EVN">{templates(ccd("34"), fr_entry("20"))}{ident(15)}{text(ref)}'
        '<effectiveTime value="20240105"/><participant typeCode="DEV"><participantRole classCode="MANU">'
        '<playingDevice classCode="DEV" determinerCode="INSTANCE">'
        f"{coded('code', 'J010101', '1.2.250.1.213.2.68', 'Dispositif de l’exemple')}</playingDevice></participantRole></participant>"
        f"{relation(flags, 'COMP')}{relation(prevention, 'COMP')}</supply>"
    )


def implant() -> str:
    """An implanted device, in the former form."""
    return (
        f'<organizer classCode="CLUSTER" moodCode="EVN">{templates(fr_entry("2"))}{ident(16)}'
        f"{coded('code', '46264-8', LOINC, 'Dispositifs médicaux')}{DONE}</organizer>"
    )


def device_section(oids: tuple[str, ...], number: int = 1) -> str:
    """A section of devices, with so many devices."""
    refs = [f"dispositif-{rank}" for rank in range(1, number + 1)]
    return section(oids, "46264-8", "Dispositifs médicaux", "".join(entry(device(ref)) for ref in refs), words(*refs))


def vital_sign(ref: str, code: str = "8302-2", label: str = "Taille", value: str = "172", unit: str = "cm") -> str:
    """A vital sign."""
    return simple_observation(
        ref,
        (ccd("31"), pcc("4.13.2")),
        coded("code", code, LOINC, label),
        f'<value xsi:type="PQ" value="{value}" unit="{unit}"/>',
    )


def vital_signs(ref: str) -> str:
    """A group of vital signs."""
    return (
        f'<organizer classCode="CLUSTER" moodCode="EVN">{templates(ccd("32"), ccd("35"), pcc("4.13.1"), fr_entry("49"))}{ident(17)}'
        f"{coded('code', '85353-1', LOINC, 'Signes vitaux')}{DONE}"
        f'<effectiveTime value="20240105"/><component typeCode="COMP">{vital_sign(ref)}</component></organizer>'
    )


def adverse_part(number: str, code: str, label: str, value: str, value_label: str, system: str = TA_ASIP) -> str:
    """The imputability, the seriousness or the evolution of an adverse effect."""
    return (
        f'<observation classCode="OBS" moodCode="EVN">{templates(fr_entry(number))}{coded("code", code, system, label)}'
        f"{text('effet-1')}{DONE}{coded('value', value, SNOMED_CT, value_label, type='CD')}</observation>"
    )


IMPUTABILITY = adverse_part("211", "GEN-318", "Imputabilité", "64957009", "incertain(e)")
SERIOUSNESS = adverse_part("212", "94030-4", "Gravité", "2655002", "invalidité", LOINC)
EVOLUTION = adverse_part("213", "GEN-319", "Évolution", "1352007006", "guérison sans séquelle")


def adverse_effect(ref: str) -> str:
    """An adverse effect of a medicine."""
    return problem(
        ref,
        "".join(
            (
                relation(problem(ref, oids=(ccd("54"), fr_entry("37"))), "MFST", "true"),
                relation(treatment(ref), "COMP"),
                *(relation(part, "SUBJ", "true") for part in (IMPUTABILITY, SERIOUSNESS, EVOLUTION)),
            )
        ),
        oids=(ccd("18"), fr_entry("210")),
        code=coded("code", "79899007", SNOMED_CT, "interaction médicamenteuse"),
    )


def results() -> str:
    """A group of results, in the French form."""
    return (
        f'<organizer classCode="CLUSTER" moodCode="EVN">{templates(fr_entry("208"))}{ident(18)}'
        f"{coded('code', '26436-6', LOINC, 'Examens de biologie médicale')}{DONE}<component>"
        f'<observation classCode="OBS" moodCode="EVN">{templates(fr_entry("209"))}{ident(19)}'
        f"{coded('code', '4548-4', LOINC, 'Hémoglobine A1c')}{DONE}</observation></component></organizer>"
    )


def observation_request(ref: str) -> str:
    """An examination asked for in a care plan."""
    return (
        f'<observation classCode="OBS" moodCode="INT">{templates(ccd("25"), pcc("1.20.3.1"))}{ident(20)}'
        f'{coded("code", "4548-4", LOINC, "Hémoglobine A1c")}{text(ref)}<statusCode code="active"/>'
        '<effectiveTime value="20240605"/></observation>'
    )

"""Medical devices and vital signs: their sections and entries.

Source: IHE PCC TF-2 §6.3.3.3, §6.3.4.21-6.3.4.22; CI-SIS, Modèles de contenus CDA, FR-Dispositifs-medicaux,
FR-Dispositif-medical, FR-Dispositif-medical-implante, FR-Signes-vitaux, FR-Signe-vital-observe.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from conformance.cda.coding import code, coded
from conformance.cda.constraints import (
    Rule,
    at_most_one,
    declares,
    exactly_one,
    one_of,
    required,
)
from conformance.cda.content import examples as ex
from conformance.cda.content import more_examples as more
from conformance.cda.content.entries import entry
from conformance.cda.content.kinds import WEAKER_THAN_MEANT, act_class, filled, match, named
from conformance.cda.content.oids import ANY_NULL, LOINC, SIMPLE_OBSERVATION, ccd, fr_entry, fr_section, pcc
from conformance.cda.content.relations import below, only
from conformance.cda.content.sections import section, section_code
from conformance.cda.namespaces import h
from conformance.cda.paths import path
from conformance.cda.rules import CannotSpoil, Condition, Constraint, Context, Template, Violation, carries
from conformance.core.findings import Severity
from conformance.core.language import Text

_DEVICES, _FR_DEVICES = pcc("1.5.3.5"), fr_section("1")
_DEVICE, _IMPLANT, _COMPLEMENT = fr_entry("20"), fr_entry("2"), fr_entry("1")
_SIGN, _SIGNS = pcc("4.13.2"), pcc("4.13.1")


def _device_section(ihe: bool) -> tuple[Constraint, ...]:
    """What the IHE and the French section of devices ask alike."""
    file = "ihe:S_medicalDevices" if ihe else "ans:S_dispositifs_medicaux_ANS"
    other = " · ans:S_dispositifs_medicaux_ANS #{n}" if ihe else ""

    def cited(number: str) -> str:
        return f"{file} #{number}" + other.format(n=number)

    return (
        named("section", official=cited("1")),
        exactly_one("id", official=cited("2")),
        required("text", official=cited("3")),
        section_code("46264-8", "Dispositifs médicaux", cited("4-5")),
    )


def _held(where: str, *oids: str) -> Condition:
    compiled = path(where)
    return lambda node: any(carries(one, *oids) for one in compiled.elements(node))


def _no_device(node: etree._Element, context: Context) -> Iterator[Violation]:
    if not (_held("entry/organizer", _IMPLANT)(node) or _held("entry/supply", _DEVICE)(node)):
        yield Violation(node, Text("il n'y en a pas", "there is none"))


def _forget_devices(node: etree._Element) -> None:
    for one in path("entry").elements(node):
        for held in list(one):
            one.remove(held)


def _both_forms(node: etree._Element, context: Context) -> Iterator[Violation]:
    if path("entry/supply").elements(node):
        for organizer in path("entry/organizer").elements(node):
            if path("templateId").elements(organizer):
                yield Violation(organizer, Text("il y a aussi un supply", "there is a supply too"))


def _add_other_form(node: etree._Element) -> None:
    organizers = path("entry/organizer").elements(node)
    if not organizers:
        raise CannotSpoil("the example has no organizer")
    etree.SubElement(etree.SubElement(node, h("entry")), h("supply"))


def _each_supply_is_a_device(node: etree._Element, context: Context) -> Iterator[Violation]:
    for supply in path("entry/supply").elements(node):
        if path("templateId").elements(supply) and not carries(supply, _DEVICE):
            yield Violation(supply, Text(f"il manque {_DEVICE}", f"{_DEVICE} is missing"))


def _one_foreign_supply(node: etree._Element) -> None:
    supplies = path("entry/supply").elements(node)
    if len(supplies) < 2:
        raise CannotSpoil("the example needs two devices")
    for declared in list(path("templateId").elements(supplies[0])):
        if declared.get("root") == _DEVICE:
            supplies[0].remove(declared)


def _flag_code(number: str, value: str, rank: int) -> Rule:
    """A flag on a device has its code: the flag's own rules see the rest."""
    oid = fr_entry(f"48.{number}")

    def flags(node: etree._Element) -> list[etree._Element]:
        found = path("entryRelationship[@typeCode='COMP']/observation").elements(node)
        return [flag for flag in found if carries(flag, oid)]

    def test(node: etree._Element, context: Context) -> Iterator[Violation]:
        found = [one for flag in flags(node) for one in path("code").elements(flag)]
        if flags(node) and not any(one.get("code") == value for one in found):
            said = found[0].get("code") if found else None
            yield Violation(
                found[0] if found else flags(node)[0],
                (Text(f"trouvé « {said} »", f"found “{said}”") if said else Text("il manque", "it is missing")),
            )

    def break_it(node: etree._Element) -> None:
        if not flags(node):
            raise CannotSpoil("the example has no such flag")
        for flag in flags(node):
            for one in path("code").elements(flag):
                one.set("code", "x-wrong")

    return Rule(
        asks=Text(f"l'indicateur {oid} doit porter le code {value}", f"the flag {oid} must have the code {value}"),
        test=test, break_it=break_it, key=f"flag-{number}.code", official=f"ans:E_dispositifMedical-2_ANS #{rank}",
    )  # fmt: skip


DEVICES: tuple[Template, ...] = (
    section("section-devices", Text("Section Dispositifs médicaux", "Section Medical devices"), _DEVICES,
            *_device_section(ihe=True), example=more.device_section((_DEVICES, _FR_DEVICES))),
    section("section-devices-fr", Text("Section Dispositifs médicaux", "Section Medical devices"), _FR_DEVICES,
            *_device_section(ihe=False), unless=(_DEVICES,), example=more.device_section((_FR_DEVICES,))),
    section(
        "section-devices-entries", Text("Section Dispositifs médicaux", "Section Medical devices"), _FR_DEVICES,
        Rule(
            asks=Text(f"au moins un dispositif ({_DEVICE}, ou {_IMPLANT} pour la forme ancienne) doit figurer",
                      f"at least one device ({_DEVICE}, or {_IMPLANT} for the former form) must occur"),
            test=_no_device, break_it=_forget_devices, key="holds.device",
            when=lambda node: bool(path("entry").elements(node)), official="ans:S_dispositifs_medicaux_ANS #6",
        ),
        Rule(
            asks=Text("les deux formes de dispositif (organizer et supply) ne doivent pas se mêler",
                      "the two forms of device (organizer and supply) must not mix"),
            test=_both_forms, break_it=_add_other_form, key="one-form", official="ans:S_dispositifs_medicaux_ANS #7",
        ),
        only("entry/organizer", _IMPLANT, official="ans:S_dispositifs_medicaux_ANS #8"),
        only("entry/supply", _DEVICE, ccd("34"), "2.16.840.1.113883.10.22.4.26",
             official="ans:S_dispositifs_medicaux_ANS #9"),
        Rule(
            asks=Text(f"chaque supply doit déclarer le templateId {_DEVICE}", f"each supply must declare the templateId {_DEVICE}"),
            test=_each_supply_is_a_device, break_it=_one_foreign_supply, key="supply.templates",
            official="ans:S_dispositifs_medicaux_ANS #10",
        ),
        example=more.device_section((_DEVICES, _FR_DEVICES), 2)
        + ex.section((_DEVICES, _FR_DEVICES), "46264-8", "Dispositifs médicaux", ex.entry(more.implant())),
    ),
    entry(
        "device", Text("Dispositif médical", "Medical device"), _DEVICE,
        named("supply", official="ans:E_dispositifMedical-2_ANS #1"),
        one_of("@classCode", "SPLY", official="ans:E_dispositifMedical-2_ANS #1", severity=Severity.WARNING,
               beyond=WEAKER_THAN_MEANT),
        one_of("@moodCode", "EVN", "INT", official="ans:E_dispositifMedical-2_ANS #1", severity=Severity.WARNING,
               beyond=WEAKER_THAN_MEANT),
        at_most_one(f"templateId[@root='{_DEVICE}']", key="templateId.once", official="ans:E_dispositifMedical-2_ANS #2"),
        exactly_one(f"templateId[@root='{ccd('34')}']", key="templateId.ccd", official="ans:E_dispositifMedical-2_ANS #3"),
        exactly_one("effectiveTime", official="ans:E_dispositifMedical-2_ANS #4",
                    hint=Text("Date inconnue : nullFlavor « UNK ».", "Unknown date: nullFlavor “UNK”.")),
        match("participant", typeCode="DEV", official="ans:E_dispositifMedical-2_ANS #5"),
        match("participant/participantRole", most=1, classCode="MANU", official="ans:E_dispositifMedical-2_ANS #6"),
        match("participant/participantRole/playingDevice", most=1, classCode="DEV", determinerCode="INSTANCE",
              official="ans:E_dispositifMedical-2_ANS #7"),
        _flag_code("34", "GEN-295", 10),
        example=more.device("dispositif-1"),
    ),
    entry(
        "implant", Text("Dispositif médical implanté (forme ancienne)", "Implanted device (former form)"), _IMPLANT,
        *act_class("CLUSTER", "EVN", official="ans:E_dispositifMedicalImplante_ANS #1"),
        at_most_one(f"templateId[@root='{_IMPLANT}']", key="templateId.once",
                    official="ans:E_dispositifMedicalImplante_ANS #2"),
        exactly_one("id", official="ans:E_dispositifMedicalImplante_ANS #3"),
        exactly_one("code", official="ans:E_dispositifMedicalImplante_ANS #4"),
        exactly_one("statusCode", official="ans:E_dispositifMedicalImplante_ANS #5"),
        example=more.implant(),
    ),
    entry(
        "device-complement", Text("Complément sur un dispositif médical", "Complement on a medical device"), _COMPLEMENT,
        at_most_one(f"templateId[@root='{_COMPLEMENT}']", key="templateId.once",
                    official="ans:E_dispositifMedicalComplement_ANS #2"),
        exactly_one(f"templateId[@root='{SIMPLE_OBSERVATION}']", key="templateId.parent",
                    official="ans:E_dispositifMedicalComplement_ANS #3"),
        at_most_one("id", official="ans:E_dispositifMedicalComplement_ANS #4"),
        at_most_one("code", official="ans:E_dispositifMedicalComplement_ANS #5"),
        at_most_one("text/reference", official="ans:E_dispositifMedicalComplement_ANS #6"),
        at_most_one("effectiveTime", official="ans:E_dispositifMedicalComplement_ANS #7"),
        at_most_one("statusCode", official="ans:E_dispositifMedicalComplement_ANS #8"),
        exactly_one("value", official="ans:E_dispositifMedicalComplement_ANS #9"),
        example=ex.simple_observation("complement-1", (_COMPLEMENT,)),
    ),
)  # fmt: skip

UNITS: dict[str, tuple[tuple[str, ...], str]] = {
    "9279-1": (("/min",), "5"),
    "8867-4": (("/min",), "6"),
    "2708-6": (("%",), "7"),
    "8480-6": (("mm[Hg]",), "8"),
    "8462-4": (("mm[Hg]",), "9"),
    "8310-5": (("Cel", "[degF]"), "10"),
    "8302-2": (("m", "cm", "[in_us]", "[in_uk]"), "11"),
    "8287-5": (("m", "cm", "[in_us]", "[in_uk]"), "12"),
    "29463-7": (("kg", "g", "[lb_av]", "[oz_av]"), "13"),
    "39156-5": (("kg/m2",), "14"),
}
"""LOINC code of a vital sign → the units that it may have, and the rank of the official rule."""


_SATURATION = "20564-1"
"""Oxygen saturation, in the value set of vital signs."""


def _sign(node: etree._Element) -> str:
    codes = path("code").elements(node)
    return codes[0].get("code", "") if codes else ""


def _unit(node: etree._Element, context: Context) -> Iterator[Violation]:
    units, _ = UNITS.get(_sign(node), ((), ""))
    values = path("value").elements(node)
    if not units or any(v.get("nullFlavor") is not None or v.get("unit") in units for v in values):
        return
    listed = " | ".join(units)
    if not values:
        yield Violation(
            node, Text(f"il manque value (unité attendue : {listed})", f"value is missing (unit expected: {listed})")
        )
    elif values[0].get("unit") is None:
        yield Violation(
            values[0], Text(f"il manque unit (attendu : {listed})", f"unit is missing (expected: {listed})")
        )
    else:
        unit = values[0].get("unit")
        said = Text(f"trouvé « {unit} » (attendu : {listed})", f"found “{unit}” (expected: {listed})")
        yield Violation(values[0], said, "unit")


def _wrong_unit(node: etree._Element) -> None:
    for value in path("value").elements(node):
        value.set("unit", "x-wrong")


def _no_sign(node: etree._Element, context: Context) -> Iterator[Violation]:
    for component in path("component").elements(node):
        for one in path("observation").elements(component):
            written = (component.get("typeCode"), one.get("classCode"), one.get("moodCode"))
            if written == ("COMP", "OBS", "EVN") and carries(one, _SIGN):
                return
    yield Violation(node, Text("il n'y en a pas", "there is none"))


def _forget_signs(node: etree._Element) -> None:
    for component in path("component").elements(node):
        component.set("typeCode", "x-wrong")


_SECTION_CODE = "8716-3", "Signes vitaux"

VITAL_SIGNS: tuple[Template, ...] = (
    section(
        "section-vital-signs", Text("Section Signes vitaux", "Section Vital signs"), pcc("3.25"),
        named("section", official="ihe:S_vitalSigns #1 · ihe:S_codedVitalSigns #1"),
        declares(ccd("16"), official="ihe:S_vitalSigns #2,5 · ihe:S_codedVitalSigns #2"),
        section_code(*_SECTION_CODE, "ihe:S_vitalSigns #3-4 · ihe:S_codedVitalSigns #3-4"),
        example=ex.section((ccd("16"), pcc("3.25")), *_SECTION_CODE),
    ),
    section(
        "section-vital-signs-coded", Text("Section Signes vitaux, codée", "Section Vital signs, coded"), pcc("1.5.3.2"),
        declares(pcc("3.25"), official="ihe:S_codedVitalSigns #5"),
        below(_SIGNS, Text("un groupe de signes vitaux", "one group of vital signs"),
              official="ihe:S_codedVitalSigns #6"),
        example=ex.section((ccd("16"), pcc("3.25"), pcc("1.5.3.2")), *_SECTION_CODE,
                           ex.entry(more.vital_signs("signe-1")), ex.words("signe-1")),
    ),
    entry(
        "vital-signs", Text("Groupe de signes vitaux", "Group of vital signs"), _SIGNS,
        named("organizer", official="ihe:E_vitalSignsOrganizer_int #1"),
        *act_class("CLUSTER", "EVN", official="ihe:E_vitalSignsOrganizer_int #1"),
        declares(ccd("32"), official="ihe:E_vitalSignsOrganizer_int #2,4-5"),
        declares(ccd("35"), official="ihe:E_vitalSignsOrganizer_int #3,5"),
        exactly_one("id", official="ihe:E_vitalSignsOrganizer_int #6 · content:E_vitalSignsOrganizer_fr #1"),
        code("code", "85353-1", LOINC, "Signes vitaux", official="content:E_vitalSignsOrganizer_fr #2"),
        filled("effectiveTime", official="ihe:E_vitalSignsOrganizer_int #7"),
        Rule(
            asks=Text(f"au moins un signe vital ({_SIGN}, OBS/EVN) doit figurer dans un component de typeCode COMP",
                      f"at least one vital sign ({_SIGN}, OBS/EVN) must occur in a component with the typeCode COMP"),
            test=_no_sign, break_it=_forget_signs, key="holds.sign", official="ihe:E_vitalSignsOrganizer_int #8",
        ),
        example=more.vital_signs("signe-1"),
    ),
    entry(
        "vital-sign", Text("Signe vital observé", "Vital sign observed"), _SIGN,
        declares(ccd("31"), official="ihe:E_vitalSignsObservation_int #1,3"),
        declares(SIMPLE_OBSERVATION, official="ihe:E_vitalSignsObservation_int #2-3"),
        at_most_one("id", official="content:E_vitalSignsObservation_fr #1"),
        coded("code", "JDV_SignesVitaux_CISIS", official="content:JDV_vitalSignCode #1-3"),
        Rule(
            asks=Text("la valeur doit porter l'unité de ce signe vital", "the value must have the unit of this vital sign"),
            test=_unit, break_it=_wrong_unit, key="value.unit", official="ihe:E_vitalSignsObservation_int #5-14",
        ),
        one_of("value/@unit", "%", key="saturation.unit", null_flavors=ANY_NULL, when=lambda node: _sign(node) == _SATURATION,
               severity=Severity.WARNING, beyond=Text(
                   "La règle officielle regarde l'unité sous le code 2708-6, que le jeu de valeurs n'admet pas.",
                   "The official rule looks at the unit under the code 2708-6, which the value set does not allow.")),
        example=more.vital_sign("signe-1") + more.vital_sign("signe-2", _SATURATION, "Saturation en O2", "98", "%"),
    ),
)  # fmt: skip

"""The structure layer: whatever is broken is found, at its place, with what was expected there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from conformance.cda.locate import xpath_of
from conformance.cda.reading import Document, read_document
from conformance.core.findings import Finding, Severity
from conformance.validation.content_model import compare, slots_of, type_of
from conformance.validation.structure import CAP, check_structure

TOUR = (Path(__file__).parent.parent / "cda" / "documents" / "tour.xml").read_bytes()
V3 = "{urn:hl7-org:v3}"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"

Alteration = Callable[[etree._Element], None]


def tour() -> etree._Element:
    return etree.fromstring(TOUR)


def reread(root: etree._Element) -> Document:
    return read_document(etree.tostring(root.getroottree(), encoding="utf-8"))


def check(root: etree._Element) -> list[Finding]:
    return check_structure(reread(root))


def one(root: etree._Element, steps: str) -> etree._Element:
    """The first element at the end of ``steps`` (names of CDA, from anywhere)."""
    found = root.find(".//" + "/".join(V3 + step for step in steps.split("/")))
    assert found is not None, steps
    return found


def places(findings: list[Finding]) -> set[str]:
    return {finding.place.xpath.split("/@")[0] for finding in findings}


ELEMENTS = list(tour().iter("*"))
RANKS = range(1, len(ELEMENTS))


def nth(root: etree._Element, rank: int) -> etree._Element:
    return list(root.iter("*"))[rank]


def is_mandatory(element: etree._Element) -> bool:
    """Whether the model demands this element, and nothing else stands in for it."""
    parent = element.getparent()
    assert parent is not None
    slots = slots_of(type_of(parent, parent.getroottree().getroot()))  # type: ignore[arg-type]  # the tour is typed
    if slots is None:
        return False
    slot = next(slot for slot in slots if slot.takes(str(element.tag)))
    return sum(slot.takes(str(child.tag)) for child in parent.iterchildren("*")) <= slot.least


MANDATORY = [rank for rank in RANKS if is_mandatory(ELEMENTS[rank])]


# -- properties ------------------------------------------------------------------------------------


def test_a_valid_document_has_no_finding() -> None:
    assert check(tour()) == []


@given(rank=st.sampled_from(RANKS))
def test_a_renamed_element_is_found_where_it_stands(rank: int) -> None:
    root = tour()
    element = nth(root, rank)
    element.tag = f"{element.tag}X"
    findings = check(root)
    assert xpath_of(element) in places(findings)
    assert len(findings) == 1, [finding.message.en for finding in findings]


@given(rank=st.sampled_from(MANDATORY))
def test_a_missing_mandatory_element_is_found_at_its_parent(rank: int) -> None:
    root = tour()
    element = nth(root, rank)
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)
    findings = check(root)
    assert [finding.rule for finding in findings] == ["structure.missing-element"]
    assert places(findings) == {xpath_of(parent)}
    assert etree.QName(element).localname in findings[0].message.en


def swappable(rank: int) -> bool:
    """An element whose next sibling belongs to a later place of the model."""
    element, following = ELEMENTS[rank], ELEMENTS[rank].getnext()
    parent = element.getparent()
    if following is None or parent is None:
        return False
    slots = slots_of(type_of(parent, parent.getroottree().getroot()))  # type: ignore[arg-type]  # the tour is typed
    return slots is not None and bool(compare([str(following.tag), str(element.tag)], slots).misplaced)


@given(rank=st.sampled_from([rank for rank in RANKS if swappable(rank)]))
def test_an_element_put_after_its_follower_is_found_where_it_stands(rank: int) -> None:
    root = tour()
    element = nth(root, rank)
    following = element.getnext()
    assert following is not None
    following.addnext(element)
    findings = check(root)
    assert "structure.misplaced-element" in {finding.rule for finding in findings}
    assert places(findings) & {xpath_of(element), xpath_of(following)}
    assert len(findings) == 1


@given(rank=st.sampled_from(RANKS))
def test_an_attribute_that_does_not_exist_is_found(rank: int) -> None:
    root = tour()
    element = nth(root, rank)
    element.set("surprise", "1")
    findings = check(root)
    assert [finding.rule for finding in findings] == ["structure.unexpected-attribute"]
    assert findings[0].place.xpath == xpath_of(element) + "/@surprise"


@given(ranks=st.lists(st.sampled_from(RANKS), min_size=2, max_size=5, unique=True))
def test_no_fault_hides_another(ranks: list[int]) -> None:
    root = tour()
    elements = [nth(root, rank) for rank in ranks]
    inner = {id(below) for element in elements for below in element.iterdescendants("*")}
    for element in elements:
        element.tag = f"{element.tag}X"
    found = places(check(root))
    for element in elements:
        if id(element) not in inner:  # inside an element that does not exist, nothing can be judged
            assert xpath_of(element) in found


def test_faults_of_the_header_do_not_hide_those_of_the_body() -> None:
    root = tour()
    custodian = one(root, "custodian")
    root.remove(custodian)
    root.insert(0, one(root, "recordTarget"))
    one(root, "substanceAdministration").set("moodCode", "ZZZ")
    del one(root, "organizer/component/observation").attrib["classCode"]
    rules = sorted(finding.rule for finding in check(root))
    assert rules == [
        "structure.bad-value",
        "structure.misplaced-element",
        "structure.missing-attribute",
        "structure.missing-element",
    ]


# -- one fault of each kind, and its sentences ----------------------------------------------------------


def rename(steps: str, name: str) -> Alteration:
    def alter(root: etree._Element) -> None:
        one(root, steps).tag = name

    return alter


def put(steps: str, attribute: str, value: str) -> Alteration:
    return lambda root: one(root, steps).set(attribute, value)


def drop(steps: str, attribute: str) -> Alteration:
    return lambda root: one(root, steps).attrib.pop(attribute) and None


def append(steps: str, name: str) -> Alteration:
    def alter(root: etree._Element) -> None:
        one(root, steps).append(root.makeelement(V3 + name, {}, None))

    return alter


def remove(steps: str) -> Alteration:
    def alter(root: etree._Element) -> None:
        element = one(root, steps)
        element.getparent().remove(element)  # type: ignore[union-attr]  # never the top

    return alter


def move_first(steps: str) -> Alteration:
    def alter(root: etree._Element) -> None:
        element = one(root, steps)
        element.getparent().insert(0, element)  # type: ignore[union-attr]  # never the top

    return alter


def duplicate(steps: str) -> Alteration:
    def alter(root: etree._Element) -> None:
        element = one(root, steps)
        element.addnext(deepcopy(element))

    return alter


def write(steps: str, words: str) -> Alteration:
    def alter(root: etree._Element) -> None:
        one(root, steps).text = words

    return alter


SENTENCES: dict[str, tuple[Alteration, str, str, str]] = {
    "misspelt": (
        rename("custodian", V3 + "custodien"),
        "structure.unexpected-element",
        "L'élément « custodien » n'existe pas dans « ClinicalDocument ». Écrivez « custodian » si c'est lui que vous "
        "visiez, sinon retirez-le.",
        "The element “custodien” does not exist in “ClinicalDocument”. Write “custodian” if that is what you mean, "
        "else remove it.",
    ),
    "unknown": (
        append("consent", "zone"),
        "structure.unexpected-element",
        "L'élément « zone » n'existe pas dans « consent ». Éléments possibles : realmCode, typeId, templateId, id, code, "
        "statusCode. Retirez-le ou corrigez son nom.",
        "The element “zone” does not exist in “consent”. Possible elements: realmCode, typeId, templateId, id, code, "
        "statusCode. Remove it or mend its name.",
    ),
    "other namespace": (
        rename("custodian", "{urn:hl7-org:sdtc}custodian"),
        "structure.unexpected-element",
        "L'élément « custodian » est écrit dans l'espace de noms « urn:hl7-org:sdtc » ; il appartient à « urn:hl7-org:v3 ». "
        "Corrigez sa déclaration xmlns ou son préfixe.",
        "The element “custodian” is written in the namespace “urn:hl7-org:sdtc”; it belongs to “urn:hl7-org:v3”. Mend its "
        "xmlns declaration or its prefix.",
    ),
    "in an empty element": (
        append("text/br", "sub"),
        "structure.unexpected-element",
        "L'élément « sub » n'existe pas dans « br ». Cet élément n'en contient aucun. Retirez-le ou corrigez son nom.",
        "The element “sub” does not exist in “br”. That element holds none. Remove it or mend its name.",
    ),
    "missing": (
        remove("assignedAuthor/id"),
        "structure.missing-element",
        "Il manque dans « assignedAuthor » : « id ». C'est obligatoire : ajoutez-le.",
        "Missing in “assignedAuthor”: “id”. It is mandatory: add it.",
    ),
    "missing after": (
        remove("custodian"),
        "structure.missing-element",
        "Il manque dans « ClinicalDocument » : « custodian », après « informant ». C'est obligatoire : ajoutez-le.",
        "Missing in “ClinicalDocument”: “custodian”, after “informant”. It is mandatory: add it.",
    ),
    "missing alternative": (
        remove("guardianPerson"),
        "structure.missing-element",
        "Il manque dans « guardian » : un élément parmi : guardianPerson, guardianOrganization, après « telecom ». "
        "C'est obligatoire : ajoutez-le.",
        "Missing in “guardian”: one element of: guardianPerson, guardianOrganization, after “telecom”. It is mandatory: "
        "add it.",
    ),
    "misplaced": (
        move_first("recordTarget"),
        "structure.misplaced-element",
        "L'élément « recordTarget » n'est pas à sa place dans « ClinicalDocument » : l'ordre des éléments est fixe. "
        "Placez-le après « versionNumber ».",
        "The element “recordTarget” is out of place in “ClinicalDocument”: the order of elements is fixed. Put it after "
        "“versionNumber”.",
    ),
    "repeated": (
        append("encompassingEncounter/location", "healthCareFacility"),
        "structure.repeated-element",
        "L'élément « healthCareFacility » apparaît 2 fois dans « location » (ligne 108) ; au plus 1 est permis. Retirez "
        "ce qui est de trop, ou répétez « location » si le modèle le permet.",
        "The element “healthCareFacility” appears 2 times in “location” (line 108); at most 1 is allowed. Remove what is "
        "too many, or repeat “location” if the model allows it.",
    ),
    "two alternatives": (
        append("guardian", "guardianOrganization"),
        "structure.repeated-element",
        "« guardian » contient guardianPerson et guardianOrganization (lignes 28, 29) ; il n'accepte qu'un seul "
        "élément parmi : guardianPerson, guardianOrganization. N'en gardez qu'un.",
        "“guardian” holds guardianPerson and guardianOrganization (lines 28, 29); it takes only one element of: "
        "guardianPerson, guardianOrganization. Keep only one.",
    ),
    "interval upside down": (
        move_first("doseQuantity/high"),
        "structure.misplaced-element",
        "L'élément « low » ne peut pas venir après « high » dans « doseQuantity ». Changez leur ordre, ou gardez un seul "
        "des deux.",
        "The element “low” cannot come after “high” in “doseQuantity”. Change their order, or keep only one of them.",
    ),
    "interval with two starts": (
        lambda root: one(root, "doseQuantity/high").addprevious(root.makeelement(V3 + "low", {}, None)),
        "structure.repeated-element",
        "L'élément « low » apparaît 2 fois dans « doseQuantity » (ligne 237) ; au plus 1 est permis. Retirez ce qui est "
        "de trop, ou répétez « doseQuantity » si le modèle le permet.",
        "The element “low” appears 2 times in “doseQuantity” (line 237); at most 1 is allowed. Remove what is too many, "
        "or repeat “doseQuantity” if the model allows it.",
    ),
    "attribute not allowed": (
        put("signatureCode", "displayName", "signé"),
        "structure.unexpected-attribute",
        "L'attribut « displayName » n'est pas permis sur « signatureCode ». Attributs possibles : nullFlavor, code, "
        "sdtc:valueSet, sdtc:valueSetVersion. Retirez-le.",
        "The attribute “displayName” is not allowed on “signatureCode”. Possible attributes: nullFlavor, code, "
        "sdtc:valueSet, sdtc:valueSetVersion. Remove it.",
    ),
    "no attribute at all": (
        put("text/br", "ID", "x"),
        "structure.unexpected-attribute",
        "L'attribut « ID » n'est pas permis sur « br ». Cet élément n'a aucun attribut. Retirez-le.",
        "The attribute “ID” is not allowed on “br”. This element has no attribute. Remove it.",
    ),
    "attribute missing": (
        drop("organizer", "classCode"),
        "structure.missing-attribute",
        "L'attribut obligatoire « classCode » manque sur « organizer ». Ajoutez-le ; valeur attendue : une valeur parmi "
        "BATTERY, CLUSTER.",
        "The mandatory attribute “classCode” is missing on “organizer”. Add it; expected value: one of BATTERY, CLUSTER.",
    ),
    "code outside its list": (
        put("act/entryRelationship", "typeCode", "ZZZ"),
        "structure.bad-value",
        "La valeur « ZZZ » ne convient pas à l'attribut « typeCode » de « entryRelationship ». Attendu : une valeur parmi "
        "CAUS, COMP, GEVL, MFST, REFR, RSON, SAS, SPRT, SUBJ, XCRPT. Corrigez la valeur, ou retirez l'attribut s'il est "
        "facultatif.",
        "The value “ZZZ” does not suit the attribute “typeCode” of “entryRelationship”. Expected: one of CAUS, COMP, GEVL, "
        "MFST, REFR, RSON, SAS, SPRT, SUBJ, XCRPT. Mend the value, or remove the attribute if it is optional.",
    ),
    "fixed value": (
        put("patientRole", "classCode", "PSN"),
        "structure.bad-value",
        "La valeur « PSN » ne convient pas à l'attribut « classCode » de « patientRole ». Attendu : PAT. Corrigez la "
        "valeur, ou retirez l'attribut s'il est facultatif.",
        "The value “PSN” does not suit the attribute “classCode” of “patientRole”. Expected: PAT. Mend the value, or "
        "remove the attribute if it is optional.",
    ),
    "empty value": (
        put("setId", "extension", ""),
        "structure.bad-value",
        "La valeur vide ne convient pas à l'attribut « extension » de « setId ». Attendu : un texte non vide. Corrigez la "
        "valeur, ou retirez l'attribut s'il est facultatif.",
        "The value (empty) does not suit the attribute “extension” of “setId”. Expected: a text that is not empty. Mend "
        "the value, or remove the attribute if it is optional.",
    ),
    "date": (
        put("birthTime", "value", "01/03/1979"),
        "structure.bad-value",
        "La valeur « 01/03/1979 » ne convient pas à l'attribut « value » de « birthTime ». Attendu : une date AAAAMMJJ, ou "
        "AAAAMMJJhhmmss suivie du décalage (+0100). Corrigez la valeur, ou retirez l'attribut s'il est facultatif.",
        "The value “01/03/1979” does not suit the attribute “value” of “birthTime”. Expected: a date YYYYMMDD, or "
        "YYYYMMDDhhmmss followed by the offset (+0100). Mend the value, or remove the attribute if it is optional.",
    ),
    "OID": (
        put("setId", "root", "9.9.9"),
        "structure.bad-value",
        "La valeur « 9.9.9 » ne convient pas à l'attribut « root » de « setId ». Attendu : un OID (1.2.250.1…), un UUID ou "
        "un identifiant qui commence par une lettre. Corrigez la valeur, ou retirez l'attribut s'il est facultatif.",
        "The value “9.9.9” does not suit the attribute “root” of “setId”. Expected: an OID (1.2.250.1…), a UUID or an "
        "identifier that begins with a letter. Mend the value, or remove the attribute if it is optional.",
    ),
    "list of uses": (
        put("patientRole/telecom", "use", "H ZZ"),
        "structure.bad-value",
        "La valeur « H ZZ » ne convient pas à l'attribut « use » de « telecom ». Attendu : une valeur parmi AS, BAD, CONF, "
        "DIR, EC, H, HP, HV, MC, PG, PUB, TMP, WP. Corrigez la valeur, ou retirez l'attribut s'il est facultatif.",
        "The value “H ZZ” does not suit the attribute “use” of “telecom”. Expected: one of AS, BAD, CONF, DIR, EC, H, HP, "
        "HV, MC, PG, PUB, TMP, WP. Mend the value, or remove the attribute if it is optional.",
    ),
    "duplicate ID": (
        put("text/footnote", "ID", "mots"),
        "structure.duplicate-id",
        "L'ID « mots » de « content » est porté par 2 éléments (lignes 119, 120) : une référence ne peut pas savoir "
        "lequel elle désigne. Donnez à chacun un ID différent, et reprenez les références.",
        "The ID “mots” of “content” is carried by 2 elements (lines 119, 120): a reference cannot know which one it "
        "points to. Give each a different ID, and revise the references.",
    ),
    "copied part": (
        duplicate("section/entry"),
        "structure.duplicate-id",
        "L'élément « entry » figure deux fois à l'identique (lignes 135, 140), avec les mêmes ID : image. Retirez la copie, "
        "ou donnez-lui des ID différents.",
        "The element “entry” stands there twice, alike (lines 135, 140), with the same IDs: image. Remove the copy, or "
        "give it different IDs.",
    ),
    "nil": (
        put("custodian", "{http://www.w3.org/2001/XMLSchema-instance}nil", "true"),
        "structure.not-nillable",
        "L'attribut xsi:nil n'est pas permis sur « custodian » : en CDA, une valeur absente se dit avec nullFlavor. Retirez "
        "xsi:nil.",
        "The attribute xsi:nil is not allowed on “custodian”: in CDA, an absent value is said with nullFlavor. Remove "
        "xsi:nil.",
    ),
    "type not said": (
        drop("organizer/component/observation/value", XSI_TYPE),
        "structure.missing-type",
        "L'élément « value » ne dit pas son type de donnée. Ajoutez l'attribut xsi:type, par exemple xsi:type=\"CD\", "
        '"PQ", "ST" ou "IVL_TS".',
        'The element “value” does not say its data type. Add the attribute xsi:type, for example xsi:type="CD", '
        '"PQ", "ST" or "IVL_TS".',
    ),
    "type unknown": (
        put("organizer/component/observation/value", XSI_TYPE, "PQX"),
        "structure.unknown-type",
        "Le type « PQX » (xsi:type) de « value » n'existe pas. Écrivez un type de donnée HL7 V3, par exemple CD, CE, PQ, "
        "ST, TS ou IVL_TS, sans préfixe ou avec un préfixe déclaré.",
        "The type “PQX” (xsi:type) of “value” does not exist. Write an HL7 V3 data type, for example CD, CE, PQ, ST, TS "
        "or IVL_TS, without a prefix or with one that is declared.",
    ),
    "type that does not suit": (
        put("substanceAdministration/effectiveTime", XSI_TYPE, "CD"),
        "structure.wrong-type",
        "Le type « CD » (xsi:type) ne convient pas à « effectiveTime » ; il faut SXCM_TS ou un type qui en dérive. "
        "Corrigez xsi:type.",
        "The type “CD” (xsi:type) does not suit “effectiveTime”; it must be SXCM_TS or a type derived from it. "
        "Mend xsi:type.",
    ),
    "text between elements": (
        write("custodian", "le conservateur"),
        "structure.unexpected-text",
        "L'élément « custodian » contient du texte ; il ne peut contenir que des éléments ou rien. Retirez le texte, ou "
        "mettez-le dans l'élément prévu.",
        "The element “custodian” contains text; it may hold only elements or nothing. Remove the text, or put it into "
        "the element meant for it.",
    ),
}


@pytest.mark.parametrize("name", sorted(SENTENCES))
def test_one_fault_gives_one_finding_with_its_sentences(name: str) -> None:
    alter, rule, french, english = SENTENCES[name]
    root = tour()
    alter(root)
    findings = check(root)
    assert [finding.rule for finding in findings] == [rule]
    assert findings[0].message.fr == french
    assert findings[0].message.en == english
    assert findings[0].severity is Severity.ERROR
    assert findings[0].layer == "structure"
    assert not findings[0].beyond_official


# -- around the findings ---------------------------------------------------------------------------------


def test_an_element_without_namespace_is_named_as_such() -> None:
    findings = check_structure(read_document(TOUR.replace(b"<consent>", b'<consent xmlns="">', 1)))
    assert [finding.rule for finding in findings] == ["structure.unexpected-element"]
    assert "sans espace de noms" in findings[0].message.fr
    assert "without a namespace" in findings[0].message.en


def test_the_place_is_that_of_the_attribute() -> None:
    data = TOUR.replace(b'<birthTime value="19790301"/>', b'<birthTime value="x"/>')
    (finding,) = check_structure(read_document(data))
    line = next(number for number, text in enumerate(data.splitlines(), 1) if b"birthTime" in text)
    assert (finding.place.line, finding.place.column) == (line, 20)
    assert finding.place.xpath == "/ClinicalDocument/recordTarget/patientRole/patient/birthTime/@value"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'<Signature xmlns="urn:signature"><Object>', b"</Object></Signature>"),
        (
            b'<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><d>',
            b"</d></xsl:stylesheet>",
        ),
    ],
)
def test_a_wrapped_document_is_judged_without_its_wrapping(before: bytes, after: bytes) -> None:
    inside = TOUR.partition(b"?>")[2]
    assert check_structure(read_document(before + inside + after)) == []
    broken = inside.replace(b'moodCode="INT"', b'moodCode="ZZZ"')
    (finding,) = check_structure(read_document(before + broken + after))
    assert finding.rule == "structure.bad-value"
    assert "/ClinicalDocument/component/structuredBody/" in finding.place.xpath
    assert not finding.place.xpath.startswith("/ClinicalDocument")


def test_a_document_without_clinical_document_is_not_judged() -> None:
    assert check_structure(read_document(b"<other/>")) == []


def test_more_errors_than_the_cap_are_cut_and_said_to_be() -> None:
    root = tour()
    text = one(root, "section/text")
    for _ in range(CAP + 30):
        text.append(text.makeelement(V3 + "marquee", {}, None))
    findings = check(root)
    assert len(findings) == CAP + 1
    assert findings[-1].rule == "structure.too-many"
    assert findings[-1].severity is Severity.INFO
    assert str(CAP) in findings[-1].message.fr


def test_findings_come_in_the_order_of_the_document() -> None:
    root = tour()
    for steps, attribute in (("supply", "moodCode"), ("organizer", "classCode"), ("patientRole", "classCode")):
        one(root, steps).set(attribute, "ZZZ")
    lines = [finding.place.line or 0 for finding in check(root)]
    assert lines == sorted(lines)
    assert len(lines) == 3


def test_the_elements_of_cda_inside_an_extension_are_judged_too() -> None:
    root = tour()
    ingredient = root.find(".//{urn:ihe:pharm:medication}ingredient")
    assert ingredient is not None
    ingredient.insert(0, ingredient.makeelement(V3 + "typeId", {"root": "1.2.3"}, None))
    rules = sorted(finding.rule for finding in check(root))
    assert rules == ["structure.bad-value", "structure.missing-attribute"]


def test_several_threads_do_not_mix_their_errors() -> None:
    good = read_document(TOUR)
    bad = read_document(TOUR.replace(b'moodCode="INT"', b'moodCode="ZZZ"'))
    found: list[tuple[bool, int]] = []

    def work(document: Document, expected: int) -> None:
        for _ in range(30):
            found.append((len(check_structure(document)) == expected, expected))

    threads = [threading.Thread(target=work, args=pair) for pair in ((good, 0), (bad, 1), (good, 0), (bad, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 120
    assert all(right for right, _ in found)

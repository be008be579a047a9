"""The structure layer: one fault of each kind, and its sentences."""

from __future__ import annotations

from copy import deepcopy

import pytest
from lxml import etree

from conformance.core.findings import Severity
from tests.validation.tour import V3, XSI_TYPE, Alteration, check, one, tour


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

"""Our CDA schema: a schema, of CDA, that judges as the official one does."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xmlschema
from lxml import etree

from conformance.validation.content_model import ENTRY_POINT
from conformance.validation.structure import schema

TOUR = Path(__file__).parent / "documents" / "tour.xml"
V3 = "{urn:hl7-org:v3}"
PARSER = etree.XMLParser(huge_tree=True)
VALUE = f".//{V3}component/{V3}observation/{V3}value"

VERDICTS = ("vsm", "cr-bio-tsh", "cr-bio-electrophorese")

DISAGREEMENTS: dict[tuple[str, int], str] = {}
"""Altered documents of the corpus on which we differ from the official schema: (file, seed) → why. None today."""


def tour() -> etree._Element:
    return etree.parse(str(TOUR), PARSER).getroot()


def complaints(root: etree._Element) -> list[str]:
    return [] if schema().validate(root) else [entry.message for entry in schema().error_log]


def parse(fragment: str) -> etree._Element:
    names = (
        'xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:sdtc="urn:hl7-org:sdtc" '
        'xmlns:lab="urn:oid:1.3.6.1.4.1.19376.1.3.2" xmlns:pharm="urn:ihe:pharm:medication" xmlns:x="urn:x"'
    )
    return etree.fromstring(f"<wrap {names}>{fragment}</wrap>")[0]


def with_value(fragment: str) -> etree._Element:
    """The tour with ``fragment`` as the only value of its laboratory observation."""
    root = tour()
    values = root.findall(VALUE)
    parent = values[0].getparent()
    assert parent is not None
    for value in values:
        parent.remove(value)
    parent.append(parse(fragment))
    return root


def test_is_a_schema_without_fault_for_a_second_library() -> None:
    assert not xmlschema.XMLSchema10(ENTRY_POINT, validation="lax").all_errors


def test_the_tour_is_valid() -> None:
    assert complaints(tour()) == []


def test_every_published_document_is_valid(shared: Path) -> None:
    documents = sorted((shared / "corpus" / "documents").glob("*.xml"))
    assert len(documents) >= 24
    invalid = {path.name for path in documents if complaints(etree.parse(str(path), PARSER).getroot())}
    assert invalid == set()


@pytest.mark.parametrize("name", VERDICTS)
def test_agrees_with_the_official_schema_on_altered_documents(shared: Path, name: str) -> None:
    corpus = shared / "corpus"
    mutate = _mutate(corpus)
    lines = [json.loads(line) for line in (corpus / "verdicts" / f"{name}.jsonl").read_text("utf-8").splitlines()]
    sources: dict[str, bytes] = {}
    differ = set()
    for line in lines:
        data = sources.setdefault(line["doc"], (corpus / "documents" / line["doc"]).read_bytes())
        root = etree.fromstring(data, PARSER)
        mutate(root, line["seed"])
        altered = etree.fromstring(etree.tostring(root.getroottree()), PARSER)
        if bool(complaints(altered)) != bool(line["layers"].get("xsd")):
            differ.add((name, line["seed"]))
    assert len(lines) >= 200
    assert differ == {key for key in DISAGREEMENTS if key[0] == name}


def _mutate(corpus: Path) -> Callable[[etree._Element, int], dict[str, Any]]:
    spec = importlib.util.spec_from_file_location("corpus_mutate", corpus / "mutate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Callable[[etree._Element, int], dict[str, Any]] = module.mutate
    return found


@pytest.mark.parametrize(
    "fragment",
    [
        '<value xsi:type="CD" code="A" codeSystem="1.2"><qualifier/><translation code="B"/></value>',
        '<value xsi:type="CE" code="A"><originalText>a</originalText><translation code="B"/></value>',
        '<value xsi:type="CV" code="A"><originalText>a</originalText></value>',
        '<value xsi:type="CS" code="A"/>',
        '<value xsi:type="CO" code="A"/>',
        '<value xsi:type="PQ" value="1.5e3" unit="g"/>',
        '<value xsi:type="PQ" value="INF"/>',
        '<value xsi:type="PQ" nullFlavor="UNK"/>',
        '<value xsi:type="IVL_PQ"><high value="3"/></value>',
        '<value xsi:type="IVL_PQ"><width value="3"/><high value="4"/></value>',
        '<value xsi:type="IVL_TS"><center value="2024"/><width value="3" unit="d"/></value>',
        '<value xsi:type="IVL_REAL"><low value="1"/><high value="2"/></value>',
        '<value xsi:type="IVL_MO"><low value="1" currency="EUR"/></value>',
        '<value xsi:type="MO" value="1" currency="EUR"/>',
        '<value xsi:type="REAL" value="-1.25"/>',
        '<value xsi:type="RTO_PQ_PQ"><numerator value="1"/><denominator value="2"/></value>',
        '<value xsi:type="II" root="A1234567-1234-1234-1234-123456789abc"/>',
        '<value xsi:type="II" root="MaRacine" extension="x" displayable="true"/>',
        '<value xsi:type="TEL" value="tel:+33300000000" use="WP MC"/>',
        '<value xsi:type="PN"><family qualifier="BR SP">A</family><given>B</given></value>',
        '<value xsi:type="ON">Nom</value>',
        '<value xsi:type="AD"><city>A</city><postalCode>B</postalCode><city>C</city></value>',
        '<value xsi:type="SC" code="a">texte</value>',
        '<value xsi:type="GLIST_PQ" period="2"><head value="1"/><increment value="2"/></value>',
        '<value xsi:type="SLIST_PQ"><origin value="1"/><scale value="2"/><digits>1 2 3</digits></value>',
        '<value xsi:type="ED"><reference value="#a"/><x:anything><x:inside/></x:anything></value>',
        '<value xsi:type="PPD_PQ" value="1" distributionType="N"><standardDeviation value="0.1"/></value>',
        '<value xsi:type="UVP_TS" value="2024" probability="0.5"/>',
    ],
)
def test_accepts(fragment: str) -> None:
    assert complaints(with_value(fragment)) == []


@pytest.mark.parametrize(
    "fragment",
    [
        '<value code="A"/>',  # the type must be said
        '<value xsi:type="ANY"/>',  # abstract
        '<value xsi:type="QTY"/>',
        '<value xsi:type="NOPE"/>',
        '<value xsi:type="CD" nullFlavor="ZZZ"/>',
        '<value xsi:type="CD" code="a b"/>',
        '<value xsi:type="CD" displayName=""/>',
        '<value xsi:type="CD" codeSystem="9.1"/>',
        '<value xsi:type="CD" codeSystem="1.02"/>',
        '<value xsi:type="CD" unit="g"/>',
        '<value xsi:type="CD">texte</value>',
        '<value xsi:type="CE"><qualifier/></value>',
        '<value xsi:type="CV"><translation/></value>',
        '<value xsi:type="CS" codeSystem="1.2"/>',
        '<value xsi:type="PQ" value="1,5"/>',
        '<value xsi:type="PQ" value=""/>',
        '<value xsi:type="PQ" unit="a b"/>',
        '<value xsi:type="INT" value="1.5"/>',
        '<value xsi:type="BL" value="1"/>',
        '<value xsi:type="TS" value="2024-03-12"/>',
        '<value xsi:type="TS" value="20240312+0100"/>',
        '<value xsi:type="IVL_PQ"><high value="3"/><low value="1"/></value>',
        '<value xsi:type="IVL_PQ"><low value="1"/><low value="1"/></value>',
        '<value xsi:type="RTO"><numerator xsi:type="INT" value="1"/></value>',
        '<value xsi:type="RTO"><numerator value="1"/><denominator value="1"/></value>',
        '<value xsi:type="TEL" use="WP ZZ"/>',
        '<value xsi:type="II" extension=""/>',
        '<value xsi:type="PN"><city>A</city></value>',
        '<value xsi:type="ON"><given>A</given></value>',
        '<value xsi:type="ST" representation="B64">A</value>',
        '<value xsi:type="ST"><reference value="#a"/></value>',
        '<value xsi:type="ED"><x:one/><x:two/></value>',
        '<value xsi:type="SLIST_PQ"><origin value="1"/><scale value="2"/><digits>1 a</digits></value>',
        '<value xsi:type="UVP_TS" probability="2"/>',
        '<value xsi:type="BN" nullFlavor="NI"/>',
    ],
)
def test_refuses(fragment: str) -> None:
    assert complaints(with_value(fragment)) != []


@pytest.mark.parametrize(
    ("path", "attribute", "good", "bad"),
    [
        ("section/entry", "typeCode", "COMP", "SUBJ"),
        ("entryRelationship", "typeCode", "COMP", "DRIV"),
        ("entryRelationship/observation", "moodCode", "GOL", "SLOT"),
        ("entryRelationship/observation", "classCode", "CLNTRL", "ACT"),
        ("entry/act", "classCode", "INFRM", "OBS"),
        ("entry/encounter", "moodCode", "APT", "GOL"),
        ("substanceAdministration", "moodCode", "PRP", "APT"),
        ("entry/supply", "classCode", "SPLY", "DIET"),
        ("organizer", "classCode", "CLUSTER", "ACT"),
        ("relatedDocument", "typeCode", "APND", "COMP"),
        ("associatedEntity", "classCode", "PROV", "ROL"),
        ("relatedEntity", "classCode", "PRS", "ACCESS"),
        ("participantRole", "classCode", "ROL", "BAD"),
        ("serviceEvent/performer", "typeCode", "SPRF", "DIST"),
        ("encounterParticipant", "typeCode", "CON", "AUT"),
        ("informationRecipient", "typeCode", "TRC", "IRCP"),
        ("patientRole", "classCode", "PAT", "PSN"),
        ("patient/name/family", "qualifier", "SP", "WP"),
        ("patientRole/addr", "use", "HP TMP", "MC"),
        ("patient/name", "use", "L", "H"),
        ("list", "listType", "unordered", "bullets"),
        ("table", "rules", "all", "none all"),
        ("section", "ID", "autre", "1er"),
    ],
)
def test_structural_codes_are_closed_lists(path: str, attribute: str, good: str, bad: str) -> None:
    steps = "/".join(V3 + step for step in path.split("/"))
    for value, expected in ((good, True), (bad, False)):
        root = tour()
        element = root.find(f".//{steps}")
        assert element is not None
        element.set(attribute, value)
        assert (complaints(root) == []) is expected, value

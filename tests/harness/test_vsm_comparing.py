"""A VSM may be right in more than one way: the comparison judges what it says, not its layout; and misses nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from lxml import etree

from conformance.cda.vsm_reading import VsmFacts, read_vsm
from conformance.harness.records import detailed_record, file_for, rich_record
from conformance.harness.vsm_comparing import differences, pair, wrong_identity
from conformance.sut.contract import Category, ClinicalRecord, PatientFile, Problem
from tests.lgc.conftest import practice_with
from tests.lgc.reading import produce

NAMES = {"h": "urn:hl7-org:v3"}
PCC = "1.3.6.1.4.1.19376.1.5.3.1."
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


def written(file: PatientFile) -> etree._Element:
    return etree.fromstring(produce(practice_with(), file).content)


def every(root: etree._Element, xpath: str) -> list[etree._Element]:
    found: Any = root.xpath(xpath, namespaces=NAMES)
    return list(found)


def turned_round(root: etree._Element) -> None:
    """Entries and lines in the other order."""
    for holder in every(root, "//h:section[h:entry] | //h:section/h:text//h:tbody"):
        moved = every(holder, "h:entry | h:tr")
        for one in moved:
            holder.remove(one)
        holder.extend(reversed(moved))


def as_published(root: etree._Element) -> None:
    """Allergies point to their type, habits to their name, as in the published example."""
    for template, cell in ((PCC + "4.6", 3), (PCC + "4.13.4", 0)):
        for entry in every(root, f"//h:observation[h:templateId/@root='{template}']"):
            anchor = every(entry, "h:text/h:reference")[0].get("value", "")[1:]
            line = every(root, f"//h:content[@ID='{anchor}']/ancestor::h:tr")[0]
            line[cell].set("ID", f"{anchor}-cell")
            for reference in every(entry, "h:text/h:reference | h:value/h:originalText/h:reference"):
                reference.set("value", f"#{anchor}-cell")
    for value in every(root, f"//h:observation[h:templateId/@root='{PCC}4.13.4']/h:value"):
        value.text = None
        value.set(XSI_TYPE, "CD")


def as_lists(root: etree._Element) -> None:
    """Tables made into lists, a line an item."""
    for part in every(root, "//h:section/h:text//*"):
        name = etree.QName(part).localname
        if name in ("tr", "table"):
            part.tag = part.tag.replace(name, {"tr": "item", "table": "list"}[name])


def plain_statuses_unsaid(root: etree._Element) -> None:
    """The status that goes without saying in its section is not said."""
    for status in every(root, f"//h:entryRelationship[h:observation/h:templateId/@root='{PCC}4.1.1']"):
        code = every(status, "h:observation/h:value")[0].get("code")
        past = every(status, f"ancestor::h:section[h:templateId/@root='{PCC}3.8']")
        if code == ("resolved" if past else "active"):
            status.getparent().remove(status)


def coded_twice(root: etree._Element) -> None:
    """Problems coded in another system, with their own code as translation."""
    for value in every(root, f"//h:observation[h:templateId/@root='{PCC}4.5']/h:value[@codeSystem]"):
        translation = etree.SubElement(value, "{urn:hl7-org:v3}translation")
        for name in ("code", "codeSystem", "displayName"):
            translation.set(name, value.get(name, ""))
        value.set("codeSystem", "2.999")


@pytest.mark.parametrize("change", [turned_round, as_published, as_lists, plain_statuses_unsaid, coded_twice])
@pytest.mark.parametrize("record", [rich_record(), detailed_record()], ids=["rich", "detailed"])
def test_another_layout_says_the_same(change: Callable[[etree._Element], None], record: ClinicalRecord) -> None:
    file = file_for(Random(1), record)
    root = written(file)
    before = etree.tostring(root)
    change(root)
    assert etree.tostring(root) != before
    facts = read_vsm(root)
    assert [*differences(record, facts), *wrong_identity(file.identity, facts)] == []


def test_problems_alike_are_paired_with_their_own_entries() -> None:
    code = rich_record().active_problems[0].code
    labels = ("gêne", "gêne le soir", "grande gêne le soir")
    record = ClinicalRecord(
        active_problems=tuple(Problem(id=f"p{n}", label=t, code=code) for n, t in enumerate(labels))
    )
    root = written(file_for(Random(1), record))
    turned_round(root)
    pairs, missing, left = pair(Category.ACTIVE_PROBLEMS, record.active_problems, read_vsm(root).of("active_problems"))
    assert not missing
    assert not left
    assert [(item.label, entry.text) for item, entry in pairs] == [(label, label) for label in labels]


def said_of(record: ClinicalRecord, other: ClinicalRecord) -> list[str]:
    """What is found in a VSM made from one record and compared with another."""
    facts: VsmFacts = read_vsm(written(file_for(Random(1), record)))
    return [difference.en for difference in differences(other, facts)]


def test_each_change_of_the_record_is_found() -> None:
    record = detailed_record()
    for category in Category:
        items = getattr(record, category.value)
        for item in items:
            for name, value in vars(item).items():
                other = next((getattr(one, name) for one in items if getattr(one, name) != value), None)
                if name in ("id", "category", "comment") or other is None:
                    continue
                changed = tuple(replace(one, **{name: other}) if one is item else one for one in items)
                assert said_of(record, replace(record, **{category.value: changed})), (category, name, value, other)

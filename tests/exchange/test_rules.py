"""Every rule on envelopes fires on its fault and is silent on what is good; its ids, words and sources are in order."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from conformance.cda.reading import read_document
from conformance.core.findings import Severity, Trust
from conformance.exchange.cda_header import read_header
from conformance.exchange.checks import all_rules, check_metadata
from conformance.exchange.mail import Attachment
from conformance.exchange.mail_writing import write_message
from conformance.exchange.metadata import read_metadata
from conformance.exchange.xdm import read_archive
from conformance.harness.catalogue import catalogue
from tests.exchange.faults import FAULTS, POST, of_message, receipt, rich_metadata, value_faults, with_entry
from tests.validation.rule_findings import FILE, said

RULES = {rule.key: rule for rule in all_rules()}
SAID = json.loads(FILE.read_text("utf-8"))
EVERY_FAULT = {**FAULTS, **dict(value_faults())}


def test_every_rule_has_its_fault() -> None:
    assert sorted(EVERY_FAULT) == sorted(RULES)


@pytest.mark.parametrize("key", EVERY_FAULT)
def test_a_rule_fires_on_its_fault(key: str) -> None:
    findings = EVERY_FAULT[key]()
    assert key in {finding.rule for finding in findings}
    assert said(key, findings) == SAID[key], "run python tests/validation/rule_findings.py"


def test_every_rule_is_silent_on_good_messages() -> None:
    for documents in ([POST.level_3], [POST.level_1], [POST.level_3, POST.level_1]):
        assert of_message(POST.send(documents)) == []
    assert receipt() == []
    assert list(check_metadata(read_metadata(rich_metadata()))) == []


def test_findings_carry_a_place_and_both_languages() -> None:
    for key in ("crosscheck.hash", "mail.x-mss-nil", "metadata.document.hash.form", "crosscheck.subject-patient"):
        (finding,) = (finding for finding in EVERY_FAULT[key]() if finding.rule == key)
        assert finding.place.line
        assert finding.message.fr != finding.message.en
        assert finding.source


def test_requirements_stand_in_the_catalogue() -> None:
    known = {one.id for one in catalogue()}
    used = {requirement for rule in RULES.values() for requirement in rule.requirements}
    assert used <= known


def test_what_nobody_published_is_a_warning_at_most() -> None:
    assert [rule.key for rule in RULES.values() if rule.trust is Trust.OWN and rule.severity is Severity.ERROR] == []


def test_no_sentence_shows_a_matricule() -> None:
    matricule = POST.metadata([POST.level_3]).documents[0].patient_id or ""
    for key in ("metadata.one-patient", "crosscheck.patientId", "metadata.document.patientId.form", "crosscheck.recipient-patient"):  # fmt: skip
        for finding in EVERY_FAULT[key]():
            assert matricule[:15] not in finding.message.fr + finding.message.en


@pytest.mark.parametrize(
    ("names", "silent"),
    [("PRIGENT MAELLE", True), ("PRIGENT Maelle", True), ("PRIGENT MAËLLE", False), ("PRIGENT", False), ("LE GOFF MAELLE", False)],
)  # fmt: skip
def test_the_names_in_a_subject_are_those_of_the_birth_certificate_without_accents(names: str, silent: bool) -> None:
    subject = f"XDM/1.0/DDM+CR ou fiche de consultation ou de visité {names} 14/07/1985"
    fired = {finding.rule for finding in of_message(POST.send([POST.level_3], subject=subject))}
    assert ("crosscheck.subject-patient" not in fired) is silent


def test_what_real_archives_write_is_accepted() -> None:
    """Upper-case hash, status, a date after the INS, both forms of id: seen in published archives."""
    text = rich_metadata()
    matricule = b"&amp;ISO^NH"
    for old, new in (
        (matricule + b'"', matricule + b'^^20100907"'),
        (
            b"<rim:ExtrinsicObject ",
            b'<rim:ExtrinsicObject status="urn:oasis:names:tc:ebxml-regrep:StatusType:Approved" ',
        ),
        (b'charset="UTF8"', b'charset="UTF-8"'),
    ):
        assert old in text
        text = text.replace(old, new)
    assert list(check_metadata(read_metadata(text))) == []


def test_a_pdf_beyond_those_of_the_documents_may_have_any_name_and_form() -> None:
    draft = POST.draft([POST.level_3])
    notice = Attachment("notice.pdf", "application/pdf", b"%PDF-1.7")
    more = (*draft.attachments, notice)
    assert of_message(write_message(replace(draft, attachments=more))) == []
    alone = (draft.attachments[0], notice)
    fired = {finding.rule for finding in of_message(write_message(replace(draft, attachments=alone)))}
    assert {"mail.pdf-name", "mail.pdf-a"} <= fired


@pytest.mark.parametrize("separator", [",", ", ", ";", " "])
def test_several_codes_may_be_parted_in_any_way(separator: str) -> None:
    documents = [POST.level_3, POST.level_1]
    codes = (POST.draft(documents).code_cda or "").replace(",", separator)
    assert of_message(POST.send(documents, code_cda=codes)) == []


@pytest.mark.parametrize(("date", "silent"), [("Tue, 11 Jun 2024 08:30:00 +0000", True), ("11 Jun 2024 08:30 GMT", True), ("hier", False), ("", False)])  # fmt: skip
def test_a_date_may_be_written_in_any_form_of_mail(date: str, silent: bool) -> None:
    message = POST.send([POST.level_3]).replace(b"Date: Tue, 11 Jun 2024 08:30:00 +0000", b"Date: " + date.encode())
    assert ("mail.date" not in {finding.rule for finding in of_message(message)}) is silent


def test_a_monstrous_number_is_no_number() -> None:
    digits = "9" * 5000
    sized = read_archive(POST.archive([POST.level_3])).members[2].data.decode()
    size = str(len(POST.level_3))
    assert f">{size}<" in sized
    fired = [
        finding.rule for finding in check_metadata(read_metadata(sized.replace(f">{size}<", f">{digits}<").encode()))
    ]
    assert fired == ["metadata.document.size.form"]
    versioned = POST.level_3.replace(b'<versionNumber value="1"', b'<versionNumber value="' + digits.encode() + b'"')
    assert versioned != POST.level_3
    assert read_header(read_document(versioned).root).version is None


@pytest.mark.parametrize("change", [str.upper, str.lower])
def test_a_hash_is_compared_whatever_its_case(change: Callable[[str], str]) -> None:
    entry = POST.metadata([POST.level_3]).documents[0]
    assert entry.hash
    assert with_entry(hash=change(entry.hash)) == []

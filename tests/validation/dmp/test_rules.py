"""Every rule on requests to the DMP fires on its fault and is silent on what is good; ids, words and sources are in order."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest

from conformance.core.findings import Severity, Trust
from conformance.core.verdicts import Verdict
from conformance.exchange.dmp.captured import read_captured
from conformance.exchange.registry_messages import Queries, ReturnType, StoredQuery, quoted
from conformance.harness.catalogue import catalogue
from conformance.validation.dmp import all_rules
from conformance.validation.dmp_requests import check_request
from conformance.validation.envelopes import validate_any
from tests.validation.dmp import requests as r
from tests.validation.dmp.faults import FAULTS, value_faults

RULES = {rule.key: rule for rule in all_rules()}
EVERY_FAULT = {**FAULTS, **dict(value_faults())}


def test_every_rule_has_its_fault() -> None:
    assert sorted(EVERY_FAULT) == sorted(RULES)


@pytest.mark.parametrize("key", EVERY_FAULT)
def test_a_rule_fires_on_its_fault(key: str) -> None:
    assert key in EVERY_FAULT[key]()


@pytest.mark.parametrize(
    "transaction", ["td0.2", "td0.3", "td0.4", "td0.5", "td1.3b", "td1.4", "td1.6", "td3.1", "td3.2", "td3.3"]
)
def test_every_rule_is_silent_on_a_good_request(transaction: str) -> None:
    assert r.findings(r.of(transaction)) == []


def test_every_rule_is_silent_on_good_feedings_and_changes() -> None:
    assert r.findings(r.feeding()) == []
    assert r.findings(r.feeding(r.good_lot((r.note(2),), replaces=[r.TARGET]))) == []
    assert r.findings(r.feeding(r.good_lot(visibility=["MASQUE_PS"]))) == []
    assert r.findings(r.of("td3.3", r.visibility())) == []
    assert r.session_rules(r.of("td3.1"), r.of("td3.2"), r.feeding()) == set()


@pytest.mark.parametrize(
    ("mode", "transaction", "fits"),
    [("INDIRECTE", "td3.1", False), ("INDIRECTE", "td3.2", False), ("INDIRECTE", "td3.3", True),
     ("INDIRECTE_RENFORCEE", "td3.1", True), ("DIRECTE", "td3.1", True)],
)  # fmt: skip
def test_each_mode_has_its_transactions(mode: str, transaction: str, fits: bool) -> None:
    assert ("dmp-vihf.mode-use" not in r.rules(r.of(transaction, vihf={"mode": mode}))) is fits


def test_a_lookup_is_open_to_the_indirect_mode() -> None:
    asked = {"$XDSDocumentEntryUniqueId": (quoted("1.2.3"),)}
    look_up = StoredQuery(Queries.GET_DOCUMENTS, asked, ReturnType.OBJECT_REF)
    assert "dmp-vihf.mode-use" not in r.rules(r.of("td3.1", query=look_up, vihf={"mode": "INDIRECTE"}))


@pytest.mark.parametrize(
    "parameters",
    [{"AuthorPerson": ("'899%'",)}, {"ServiceStopTimeTo": ("2026",)}, {"Type": (quoted("urn:uuid:x"),)}],
)
def test_no_parameter_of_a_search_is_unknown(parameters: dict[str, tuple[str, ...]]) -> None:
    assert r.findings(r.of("td3.1", query=r.good_query(**parameters))) == []


def test_other_writings_of_the_same_are_as_good() -> None:
    """What standards leave free: the case of media types, the names of a patient with more parts, a longer OID."""
    media = r.feeding()
    kind = media.content_type.replace('type="application/xop+xml"', 'type="Application/XOP+XML"')
    assert r.rules(replace(media, headers={"content-type": kind})) == set()
    (first, *_) = [one for one in r.entry().source_patient_info if one.startswith("PID-5")]
    more = tuple(f"{one}^^" if one == first else one for one in r.entry().source_patient_info)
    assert "dmp-lot.birth-name" not in r.rules(r.feeding(r.with_entry(source_patient_info=more)))
    longer = b"1.2.250.1.999.8." + b"123456789." * 8 + b"1<"
    request = r.of("td3.2", body=lambda data: data.replace(b"1.2.250.1.999.8.1<", longer))
    assert r.rules(request) == set()


def test_a_good_feeding_passes_with_its_document() -> None:
    outcomes = check_request(r.feeding())
    assert [outcome.verdict for outcome in outcomes] == [Verdict.PASS, Verdict.PASS]


def test_a_file_says_as_much_as_the_request() -> None:
    request = r.feeding(tls={"server_name": ""})
    again = read_captured(request.to_bytes())
    assert (again.body, again.tls, again.received) == (request.body, request.tls, request.received)
    first, document = validate_any(request.to_bytes(), "feeding.http")
    assert {finding.rule for finding in first.findings} == {"dmp-transport.sni"}
    assert document.path == "feeding.http!document1"


def _wire(coding: str) -> bytes:
    """A good feeding as a capture of the wire has it."""
    head, _, body = r.feeding().to_bytes().partition(b"\r\n\r\n")
    if "gzip" in coding:
        head, body = head + b"\r\ncontent-encoding: gzip", gzip.compress(body)
    if "chunked" in coding:
        head += b"\r\ntransfer-encoding: chunked"
        sizes = range(0, len(body), 4096)
        chunks = [b"%X;x=y\r\n%s\r\n" % (len(part), part) for at in sizes if (part := body[at : at + 4096])]
        body = b"".join(chunks) + b"0\r\n\r\n"
    return head + b"\r\n\r\n" + body


@pytest.mark.parametrize("coding", ["", "chunked", "gzip", "gzip, chunked"])
def test_a_capture_of_the_wire_is_read_through_its_coding(coding: str) -> None:
    outcomes = validate_any(_wire(coding), "feeding.http")
    assert [outcome.verdict for outcome in outcomes] == [Verdict.PASS, Verdict.PASS]


@pytest.mark.parametrize("coding", ["chunked", "gzip"])
def test_a_capture_that_was_cut_is_told(coding: str) -> None:
    (outcome,) = validate_any(_wire(coding)[:-3000], "feeding.http")
    assert [finding.rule for finding in outcome.findings] == ["dmp-transport.captured.coding"]


@pytest.mark.parametrize("data", [b"", b"hello", b"GET\r\n\r\n", b"POST / HTTP/1.1\r\n\r\n", b"\x00\xff" * 50])
def test_a_file_that_is_no_request_fails_with_a_sentence(data: bytes) -> None:
    (outcome,) = validate_any(data, "wrong.http")
    assert outcome.verdict is Verdict.FAIL
    assert outcome.findings[0].message.fr


def test_requirements_stand_in_the_catalogue() -> None:
    known = {one.id for one in catalogue()}
    assert {requirement for rule in RULES.values() for requirement in rule.requirements} <= known


def test_what_nobody_published_is_a_warning_at_most() -> None:
    assert [rule.key for rule in RULES.values() if rule.trust is Trust.OWN and rule.severity is Severity.ERROR] == []


def test_every_rule_says_its_source_in_both_languages() -> None:
    assert [key for key, rule in RULES.items() if not rule.source or rule.demand.fr == "" or rule.demand.en == ""] == []


def test_no_sentence_shows_a_matricule() -> None:
    request = r.feeding(r.with_entry(patient_id="207058575627097^^^&1.2.250.1.213.1.4.10&ISO^NH"))
    said = [text for finding in r.findings(request) for text in (finding.message.fr, finding.message.en)]
    assert said
    assert not any(r.INS[:15] in text or "207058575627097" in text for text in said)

"""Receipts: both grammars are written and read back; the published forms are understood, odd spacing included."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.exchange.mail import read_message
from conformance.exchange.mdn import (
    Disposition,
    IntegrationError,
    Mdn,
    ko_subject,
    parse_disposition,
    read_mdn,
    subject_error,
    write_mdn,
)

ORIGINAL = b"From: a@b.fr\r\nTo: c@d.fr\r\nSubject: XDM/1.0/DDM+CR VIAL Paul\r\nMessage-ID: <1@b.fr>\r\n\r\nBonjour\r\n"
AUTOMATIC = "automatic-action/MDN-sent-automatically"

LABELS = st.lists(st.text(st.characters(categories=("L",), max_codepoint=0x17F), min_size=1, max_size=10), min_size=1, max_size=4).map(" ".join)  # fmt: skip
ERRORS = st.builds(
    IntegrationError,
    st.sampled_from(["900", "902", "904", "906"]),
    LABELS,
    st.just("applicationErrorCondition"),
    st.just("E"),
)
DISPOSITIONS = st.builds(
    Disposition,
    st.sampled_from([AUTOMATIC, "manual-action/MDN-sent-manually"]),
    st.sampled_from(["processed", "displayed"]),
    st.just(()),
) | st.builds(Disposition, st.just(AUTOMATIC), st.just("processed"), st.just(("error",)), ERRORS, st.sampled_from(["1.1.3", "1.1.2"]))  # fmt: skip


@given(DISPOSITIONS)
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_back(disposition: Disposition) -> None:
    mdn = Mdn("c@d.fr", "<1@b.fr>", disposition, reporting_ua="segur-conformance", original_recipient="e@f.fr")
    written = write_mdn(
        mdn, sender="c@d.fr", recipient="a@b.fr", text="Résultat", original=ORIGINAL,
        message_id="<2@d.fr>", date="Tue, 11 Jun 2024 09:00:00 +0000",
    )  # fmt: skip
    message = read_message(written)
    read = read_mdn(message)
    assert read is not None
    assert read.disposition == disposition
    assert (read.final_recipient, read.original_message_id, read.original_recipient) == ("c@d.fr", "<1@b.fr>", "e@f.fr")
    assert read.has_original
    assert message.body.strip() == "Résultat"
    if disposition.error:
        assert subject_error(message.subject) == (disposition.error.code, "XDM/1.0/DDM+CR VIAL Paul")
    else:
        assert message.subject == "XDM/1.0/DDM+CR VIAL Paul"


NEW = "902^Identifiant de patient inconnu^applicationErrorCondition| E^Error^errorSeverity"
OLD = f"{AUTOMATIC}; processed/Error: 902^Identifiant de patient inconnu^messageErrorCondition| E^Error^errorSeverity"


@pytest.mark.parametrize(
    ("written", "error", "code", "grammar"),
    [
        (f"{AUTOMATIC}; processed", "", None, "1.1.3"),
        (f"{AUTOMATIC}; processed/error", NEW, "902", "1.1.3"),
        (OLD, "", "902", "1.1.2"),
        (OLD.replace("; ", " ;   ").replace("/Error: ", " / ERROR :  "), "", "902", "1.1.2"),
        ("Manual-Action/MDN-Sent-Manually;Displayed", "", None, "1.1.3"),
        (f"{AUTOMATIC};\r\n processed/error,warning", NEW, "902", "1.1.3"),
    ],
    ids=["success", "new", "old", "old-with-spaces", "other-case", "folded"],
)
def test_published_forms_and_their_variants_are_understood(
    written: str, error: str, code: str | None, grammar: str
) -> None:
    disposition = parse_disposition(written, error)
    assert disposition is not None
    assert disposition.known_mode
    assert (disposition.error.code if disposition.error else None) == code
    assert disposition.failed is (code is not None)
    assert disposition.grammar == grammar


@pytest.mark.parametrize("written", ["", "processed", "automatic-action; processed", ";", "a/b;"])
def test_what_is_no_disposition_is_none(written: str) -> None:
    assert parse_disposition(written) is None


@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_text_is_a_disposition_or_none(written: str, error: str) -> None:
    found = parse_disposition(written, error)
    assert found is None or found.type == found.type.lower()


def test_an_ordinary_message_is_no_receipt() -> None:
    assert read_mdn(read_message(ORIGINAL)) is None


def test_a_receipt_without_its_machine_readable_part_is_none() -> None:
    data = (
        b"From: c@d.fr\r\nContent-Type: multipart/report; report-type=disposition-notification; boundary=x\r\n\r\n"
        b"--x\r\nContent-Type: text/plain\r\n\r\nlu\r\n--x--\r\n"
    )
    assert read_mdn(read_message(data)) is None


def test_the_subject_of_a_failure_is_taken_apart() -> None:
    error = IntegrationError("902")
    assert ko_subject(error, "XDM/1.0/DDM+CR") == "[KO Intégration système !][902] XDM/1.0/DDM+CR"
    assert subject_error("[KO Intégration système !][902] XDM/1.0/DDM+CR") == ("902", "XDM/1.0/DDM+CR")
    assert subject_error("XDM/1.0/DDM+CR") is None


def test_a_receipt_that_says_nothing_is_not_written() -> None:
    with pytest.raises(ValueError, match="disposition"):
        write_mdn(
            Mdn("c@d.fr", "<1@b.fr>", None), sender="c@d.fr", recipient="a@b.fr", text="", original=ORIGINAL,
            message_id="<2@d.fr>", date="",
        )  # fmt: skip

"""The named incoming messages: each is what it says, the hostile ones are refused with their own sentence, in bounds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.core.findings import Severity
from conformance.exchange.mail import read_message
from conformance.exchange.xdm import read_archive
from conformance.generation.messages import Case, Outcome, Post, all_cases, case
from conformance.generation.messages.index import index_page
from conformance.generation.messages.post import header_of
from conformance.generation.messages.variants import KNOWN, Changes, level_3, vary
from conformance.validation.envelopes import validate_message

CASES = pytest.mark.parametrize("one", all_cases(), ids=lambda one: one.name)
ENVELOPE = ("archive", "metadata", "mail", "crosscheck")
ASKED = {
    "level_3", "level_1_with_pdf", "several_documents", "with_style_sheet", "unknown_patient", "without_ins", "wrong_key",
    "traits_that_differ", "duplicate_document", "duplicate_message", "higher_version", "lower_version_late",
    "without_set_id", "replacement", "deletion_notice", "patient_reply", "pdf_only", "html_only", "octet_stream",
    "lower_case_names", "split_subject", "hash_mismatch", "corrupt_zip", "zip_bomb", "zip_slip", "xxe_in_metadata",
    "oversize", "two_patients", "legacy_hprim",
}  # fmt: skip


def test_every_kind_of_message_asked_for_has_its_case() -> None:
    assert {one.name for one in all_cases()} >= ASKED


@CASES
def test_validation_says_of_a_case_what_the_case_says_of_itself(one: Case) -> None:
    outcomes = validate_message(one.messages()[-1], f"{one.name}.eml")
    errors = {f.rule for o in outcomes for f in o.findings if f.severity is Severity.ERROR and f.layer in ENVELOPE}
    refusals = {o.error.code for o in outcomes if o.error}
    told = {finding.rule for o in outcomes for finding in o.findings}
    assert errors - refusals == set(one.rules)
    if one.refused:
        assert one.refused in told
    else:
        assert refusals == set()


@CASES
def test_a_case_builds_the_same_messages_each_time(one: Case) -> None:
    assert one.messages() == one.messages()


@CASES
def test_a_case_is_told_in_both_languages(one: Case) -> None:
    assert one.title.fr.endswith(".")
    assert one.title.en.endswith(".")
    assert one.title.fr != one.title.en


def test_each_refusal_has_its_own_sentence() -> None:
    sentences: dict[str, set[str]] = {}
    for one in all_cases():
        if one.refused and one.refused.startswith("archive."):
            (archive,) = read_message(one.messages()[-1]).archives or (None,)
            if archive is None:
                continue
            outcome = next(o for o in validate_message(one.messages()[-1], "m") if o.error)
            assert outcome.error is not None
            sentences.setdefault(outcome.error.code, set()).add(outcome.error.sentence.fr.split("«")[0])
    heads = [head for found in sentences.values() for head in found]
    assert len(heads) >= 12
    assert {type(head) for head in heads} == {str}
    assert len(sentences) >= 12


@pytest.mark.parametrize("name", [one.name for one in all_cases() if one.outcome is Outcome.REFUSED])
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc to measure the memory of a process")
def test_hostile_messages_stay_within_200_megabytes_and_10_seconds(name: str, tmp_path: Path) -> None:
    """In a process and an empty folder of its own: memory, time, and what lies around afterwards."""
    file = tmp_path / "m.eml"
    file.write_bytes(case(name).messages()[-1])
    folder = tmp_path / "empty"
    folder.mkdir()
    code = (
        "import re, sys, time\n"
        "from conformance.validation.envelopes import validate_message\n"
        "data = open(sys.argv[1], 'rb').read()\n"
        "start = time.process_time()\n"
        "validate_message(data, 'm.eml')\n"
        "peak = re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())\n"  # of this process alone
        "print(time.process_time() - start, peak[1])\n"
    )
    root = Path(__file__).resolve().parents[3]
    run = subprocess.run(
        [sys.executable, "-c", code, str(file)], cwd=folder, env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    seconds, kilobytes = run.stdout.split()
    assert float(seconds) < 10
    assert int(kilobytes) < 200 * 1024
    assert list(folder.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "m.eml"]


def test_the_index_of_the_fixtures_is_that_of_the_cases(root: Path) -> None:
    assert (root / "fixtures" / "messages" / "index.tsv").read_text(encoding="utf-8") == index_page()


def test_other_documents_may_be_given() -> None:
    document = vary(level_3(), Changes(title="Autre titre", id=("1.2.3.9", "X")))
    (message,) = case("level_3").messages(Post(level_3=document))
    (archive,) = read_message(message).archives
    ((_, entry, file),) = read_archive(archive.data).documents()
    assert file is not None
    assert file.data == document
    assert (entry.title, entry.unique_id) == ("Autre titre", "1.2.3.9^X")


def test_the_subject_and_the_names_are_those_expected() -> None:
    message = read_message(case("level_3").messages()[-1])
    assert message.subject == "XDM/1.0/DDM+CR ou fiche de consultation ou de visite PRIGENT MAELLE 14/07/1985"
    assert [one.name for one in message.attachments] == [
        "IHE_XDM.zip",
        "20240611_CR ou fiche de consultation ou de visite_PRIGENT_MAELLE.pdf",
    ]
    assert (message.header("X-MSS-CODECDA"), message.header("X-MSS-INS")) == ("11488-4", "O")


def test_versions_follow_one_another() -> None:
    first, second = (_document(message) for message in case("higher_version").messages())
    assert (first.version, second.version) == (1, 2)
    assert first.set_id == second.set_id
    assert second.replaces == (first.id,)
    late = [_document(message).version for message in case("lower_version_late").messages()]
    assert late == [2, 1]


def test_a_document_about_someone_else_names_nobody_else() -> None:
    (message,) = case("other_patient").messages()
    (archive,) = read_message(message).archives
    assert all(KNOWN.matricule.encode() not in member.data for member in read_archive(archive.data).members)


def _document(message: bytes):  # type: ignore[no-untyped-def]  # the header, whose type says nothing here
    (archive,) = read_message(message).archives
    ((_, _, file),) = read_archive(archive.data).documents()
    assert file is not None
    return header_of(file.data)

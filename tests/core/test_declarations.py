"""What people declare: read strictly, said in a sentence when wrong, kept with its evidence."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest

from conformance.core.declarations import read_declarations
from conformance.core.deviations import DeviationState, Scope, covers, state_of
from conformance.core.errors import UsageError
from conformance.core.events import DeviationFacts
from conformance.core.evidence import EvidenceStore
from conformance.core.verdicts import Verdict

ATTESTATION = 'requirement = "A.1"\nanswer = "yes"\nby = "Camille Test"\non = 2026-09-15\n'


def read(folder: Path, **files: str) -> object:
    for name, content in files.items():
        (folder / f"{name}.toml").write_text(content, encoding="utf-8")
    return read_declarations(folder, {"A.1", "A.2"}, EvidenceStore(folder / "run"))


def attestations(folder: Path, *tables: str) -> list[Verdict]:
    for table in ["".join(f"[[attestation]]\n{one}" for one in tables)]:
        (folder / "attestations.toml").write_text(table, encoding="utf-8")
    return read_declarations(folder, {"A.1", "A.2"}, EvidenceStore(folder / "run")).verdicts(["A.1", "A.2"])


def test_no_file_declares_nothing(tmp_path: Path) -> None:
    declared = read_declarations(tmp_path, set(), EvidenceStore(tmp_path))
    assert (declared.attestations, declared.opinions, declared.deviations) == ([], [], [])
    assert declared.verdicts(["A.1"]) == [Verdict.NOT_CHECKED]


def test_yes_passes_and_the_unanswered_is_not_checked(tmp_path: Path) -> None:
    assert attestations(tmp_path, ATTESTATION) == [Verdict.PASS, Verdict.NOT_CHECKED]


def test_no_fails(tmp_path: Path) -> None:
    assert attestations(tmp_path, ATTESTATION.replace("yes", "no"))[0] is Verdict.FAIL


def test_not_applicable_has_a_reason_of_the_list(tmp_path: Path) -> None:
    table = ATTESTATION.replace('"yes"', '"not_applicable"\nreason = "condition_not_met"')
    assert attestations(tmp_path, table)[0] is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("yes", "maybe"), "maybe"),
        (("A.1", "Z.9"), "Z.9"),
        (("by =", "buy ="), "by"),
        (("on = 2026-09-15", 'on = "hier"'), "on"),
        (("on = 2026-09-15", 'on = 2026-09-15\nwhy = "x"'), "why"),
        (('"yes"', '"not_applicable"'), "reason"),
        (('"yes"', '"not_applicable"\nreason = "we forgot"'), "we forgot"),
        (("on = 2026-09-15", 'on = 2026-09-15\nevidence = [{ path = "no.pdf", sha256 = "" }]'), "no.pdf"),
        (("on = 2026-09-15", 'on = 2026-09-15\nevidence = ["no.pdf"]'), "evidence"),
    ],
)
def test_wrong_attestation_is_said(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        attestations(tmp_path, ATTESTATION.replace(*change))


def test_requirement_answered_twice_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"A\.1"):
        attestations(tmp_path, ATTESTATION, ATTESTATION)


@pytest.mark.parametrize("content", ["[[attestation]", "attestation = 3", "[other]\nx = 1", "\xff"])
def test_file_that_is_no_list_of_attestations_is_said(tmp_path: Path, content: str) -> None:
    with pytest.raises(UsageError, match=r"attestations\.toml"):
        read(tmp_path, attestations=content)


def test_evidence_is_kept_when_its_digest_is_right(tmp_path: Path) -> None:
    (tmp_path / "proof.pdf").write_bytes(b"%PDF-1.7 proof")
    digest = hashlib.sha256(b"%PDF-1.7 proof").hexdigest()
    table = f'{ATTESTATION}evidence = [{{ path = "proof.pdf", sha256 = "{digest}" }}]\n'
    attestations(tmp_path, table)
    declared = read_declarations(tmp_path, {"A.1"}, EvidenceStore(tmp_path / "run"))
    (kept,) = declared.attestations[0]["evidence"]
    assert (tmp_path / "run" / kept["path"]).read_bytes() == b"%PDF-1.7 proof"


def test_evidence_that_was_changed_is_said_with_its_digest(tmp_path: Path) -> None:
    (tmp_path / "proof.pdf").write_bytes(b"changed")
    table = f'{ATTESTATION}evidence = [{{ path = "proof.pdf", sha256 = "{"0" * 64}" }}]\n'
    with pytest.raises(UsageError, match=hashlib.sha256(b"changed").hexdigest()):
        attestations(tmp_path, table)


def deviation(test: str = "p::a", expires: str = "2027-01-31") -> DeviationFacts:
    return {"test": test, "reason": "known", "owner": "C. Test", "link": "", "expires": expires}


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (Verdict.FAIL, DeviationState.HOLDS),
        (Verdict.PASS, DeviationState.STALE),
        (Verdict.TO_REVIEW, DeviationState.STALE),
        (Verdict.NOT_CHECKED, DeviationState.NOT_PLAYED),
        (Verdict.BENCH_ERROR, DeviationState.NOT_PLAYED),
    ],
)
def test_deviation_is_checked_both_ways(verdict: Verdict, expected: DeviationState) -> None:
    assert state_of(deviation(), {"p::a": verdict}, scope()) is expected


def test_deviation_past_its_date_has_expired() -> None:
    late, in_time = scope(today=date(2027, 2, 1)), scope(today=date(2027, 1, 31))
    assert state_of(deviation(), {"p::a": Verdict.FAIL}, late) is DeviationState.EXPIRED
    assert state_of(deviation(), {"p::a": Verdict.FAIL}, in_time) is DeviationState.HOLDS


@pytest.mark.parametrize(
    ("test", "partial", "expected"),
    [
        ("p::a", False, DeviationState.UNKNOWN),
        ("p::a", True, DeviationState.NOT_PLAYED),
        ("profiles/vsm/test_x.py::test_y", False, DeviationState.UNKNOWN),
        ("profiles/dmp/test_x.py::test_y", False, DeviationState.NOT_PLAYED),
        ("profiles/*::test_y", False, DeviationState.UNKNOWN),
    ],
)
def test_deviation_of_no_test_is_unknown_unless_the_run_left_it_out(
    test: str, partial: bool, expected: DeviationState
) -> None:
    assert state_of(deviation(test), {"p::b": Verdict.FAIL}, scope(partial=partial)) is expected


def scope(today: date = date(2026, 9, 15), *, partial: bool = False) -> Scope:
    return Scope(today, frozenset({"vsm"}), partial)


def test_only_the_star_is_special_in_the_name_of_a_test() -> None:
    assert covers(deviation("p::a[*]"), "p::a[one-two]")
    assert covers(deviation("p::a[x]"), "p::a[x]")
    assert not covers(deviation("p::a[x]"), "p::ax")
    assert not covers(deviation("p::a"), "p::ab")

"""A second process packs every other batch: the page is the same as when one does all."""

from pathlib import Path

import pytest

from conformance.reporting import packing
from conformance.reporting.html_page import read_first
from conformance.reporting.merge import merge_run
from conformance.reporting.model import RunReport
from conformance.reporting.packing import pack_proofs
from tests.reporting.sample_run import write_sample_run


@pytest.fixture
def report(tmp_path: Path) -> RunReport:
    write_sample_run(tmp_path)
    return merge_run(tmp_path)


@pytest.fixture
def alone(report: RunReport) -> dict[str, dict[str, str]]:
    """What one process packs."""
    packed = pack_proofs(report, read_first(report).values())
    assert len(packed["texts"]) > 3
    assert packed["readable"]
    return packed


@pytest.fixture
def by_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "_BATCH", 1)
    monkeypatch.setattr(packing, "_WORTH_A_PROCESS", 2)
    monkeypatch.setattr(packing.os, "cpu_count", lambda: 2)


def test_two_processes_pack_what_one_packs(
    report: RunReport, alone: dict[str, dict[str, str]], by_two: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    own: list[str] = []
    packed_here = packing._Packer._packed

    def noted(packer: packing._Packer, proof: packing.EvidenceReport) -> packing.Packed | None:
        own.append(proof["sha256"])
        return packed_here(packer, proof)

    monkeypatch.setattr(packing._Packer, "_packed", noted)
    proofs = read_first(report)
    assert pack_proofs(report, proofs.values()) == alone
    assert own == list(proofs)[::2], "the other half is the second process's"


@pytest.mark.parametrize("program", ["/bin/false", "/bin/cat"])
def test_a_second_process_that_fails_is_done_without(
    report: RunReport, alone: dict[str, dict[str, str]], by_two: None, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr(packing.sys, "executable", program)
    assert pack_proofs(report, read_first(report).values()) == alone


def test_what_is_no_longer_what_the_run_kept_is_said_by_both(report: RunReport, by_two: None) -> None:
    assert report.folder is not None
    proofs = read_first(report)
    for proof in proofs.values():
        (report.folder / proof["path"]).write_bytes(b"altered")
    packed = pack_proofs(report, proofs.values())
    assert packed["changed"] == {sha256: proof["path"] for sha256, proof in proofs.items()}


def test_a_full_page_links_the_rest(report: RunReport, by_two: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "_LARGEST_PAGE", 0)
    assert len(pack_proofs(report, read_first(report).values())["texts"]) <= 1

"""Scenarios and proofs: the catalogue says them once, and every view and the bundle find them there."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from conformance.core.events import RequirementFacts
from conformance.harness.catalogue import ProofKind, catalogue
from conformance.harness.run_header import _facts
from conformance.reporting import words
from conformance.reporting.bundle import MANIFEST, make_bundle
from conformance.reporting.merge import merge_run
from conformance.reporting.model import ReportOfTest, RunReport
from conformance.reporting.proofs import answers, name_scenarios, proof_of, scenario_of
from conformance.reporting.views import write_views
from tests.reporting.sample_run import facts, write_sample_run


def known(identifier: str) -> RequirementFacts:
    """A requirement as the header of a real run holds it."""
    return _facts(catalogue().requirement(identifier))


def played(*requirements: str, scenarios: tuple[str, ...] = (), proofs: tuple[str, ...] = ()) -> ReportOfTest:
    test: Any = {
        **facts("test", "x", "x", *requirements),
        "requirements": list(requirements),
        "scenarios": list(scenarios),
        "proofs": list(proofs),
    }
    return test  # type: ignore[no-any-return]  # what the story adds is not looked at here


def file(role: str = "produced", media_type: str = "message/rfc822", **more: str) -> Any:
    return {"role": role, "media_type": media_type, "proof": None, **more}


def named(test: ReportOfTest) -> list[str]:
    name_scenarios([test], {one: known(one) for one in test["requirements"]})
    return test["scenarios"]


def test_the_one_scenario_of_a_requirement_is_that_of_its_tests() -> None:
    assert named(played("MSS/va1.01")) == ["MSS/va1.01.01"]


def test_a_former_number_serves_where_there_is_no_other() -> None:
    assert named(played("SC.DMP/ALI/PROG.06", "SC.DMP/ALI/PROG.07")) == ["PROG.01.03"]


def test_of_several_scenarios_none_is_guessed() -> None:
    assert named(played("INS/va1.56")) == []


def test_what_a_test_marks_comes_first() -> None:
    assert named(played("SC.DMP/ALI/PROG.02", scenarios=("PROG.01.04",))) == ["PROG.01.04"]
    marked = played("SC.DMP/ALI/PROG.02", scenarios=("PROG.01.04",))
    assert scenario_of("SC.DMP/ALI/PROG.02", known("SC.DMP/ALI/PROG.02"), marked) == "PROG.01.04"


def test_the_scenario_of_one_requirement_is_not_lent_to_another() -> None:
    test = played("MSS/va1.01", "MSS/va1.08")
    named(test)
    assert scenario_of("MSS/va1.01", known("MSS/va1.01"), test) == "MSS/va1.01.01"
    assert scenario_of("MSS/va1.08", known("MSS/va1.08"), test) is None


def test_the_test_of_a_tool_is_the_scenario_where_there_is_no_number() -> None:
    assert named(played("SC.MSS/CONF.01", "DOC/va1.14")) == ["MSS-LPS-SEGUR-GEN", "CI-SIS-VSM-Create_doc-Sc1"]


def test_a_numbered_proof_goes_to_its_requirement_only() -> None:
    test = played("MSS/va1.01", "MSS/va1.17", proofs=("MSS/va1.01.01.03",))
    assert proof_of("MSS/va1.01", known("MSS/va1.01"), test, file()) == "MSS/va1.01.01.03"
    assert proof_of("MSS/va1.17", known("MSS/va1.17"), test, file()) == "smtp"


def test_a_document_is_filed_under_its_test_of_gazelle() -> None:
    document = file(media_type="application/xml", document_type="VSM_2022.01")
    assert proof_of("DOC/va1.14", known("DOC/va1.14"), played("DOC/va1.14"), document) == "gazelle CI-SIS-VSM-Create_doc-Sc1"  # fmt: skip


@pytest.mark.parametrize("kind", [str(one) for one in ProofKind])
def test_what_the_bench_sent_proves_nothing(kind: str) -> None:
    for media_type in ("message/rfc822", "application/pdf", "application/xml", "video/mp4"):
        assert not answers({"kind": kind, "test_case": ""}, file("sent", media_type, document_type="VSM_2022.01"))


@pytest.mark.parametrize("kind", ["video", "execution", "cnda", "log", "attestation", "passi", "document"])
def test_what_the_vendor_must_file_is_never_taken_for_there(kind: str) -> None:
    for media_type in ("message/rfc822", "application/pdf", "application/xml"):
        assert not answers({"kind": kind, "test_case": ""}, file("produced", media_type, document_type="VSM_2022.01"))


def test_every_kind_of_the_catalogue_has_its_words() -> None:
    assert set(words.PROOF_KINDS) == {str(one) for one in ProofKind}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> RunReport:
    return merge_run(write_sample_run(tmp_path_factory.mktemp("proofs") / "run"))


def test_the_bundle_says_what_is_there_and_what_is_still_to_file(report: RunReport) -> None:
    with zipfile.ZipFile(io.BytesIO(make_bundle(report, ("json",)))) as archive:
        manifest = json.loads(archive.read(MANIFEST))
        names = set(archive.namelist())
    gazelle, video = manifest["proofs_asked"]["DOC.01"]
    assert (gazelle["kind"], video["kind"]) == ("gazelle", "video")
    assert gazelle["files"]
    assert set(gazelle["files"]) <= names
    assert video["files"] == []


def test_views_show_scenarios_and_proofs_asked_for(report: RunReport, tmp_path: Path) -> None:
    views = write_views(report, tmp_path, ["html", "csv"])
    page = html.fromstring(views["html"].read_text("utf-8"))
    (row,) = page.xpath("//tr[@id='requirement/DOC.01']")
    assert "CI-SIS-VSM-Create_doc-Sc1" in row.text_content()
    assert words.PROOF_KINDS["video"].fr in row.text_content()
    lines = {one["requirement"]: one for one in csv.DictReader(io.StringIO(views["csv"].read_text("utf-8-sig")))}
    assert lines["DOC.01"]["proofs_asked"] == "gazelle CI-SIS-VSM-Create_doc-Sc1, video"
    assert lines["INS/va1.54"]["scenarios"] == "INS/va1.54.01"

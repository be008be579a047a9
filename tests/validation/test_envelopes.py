"""Archives and messages through ``segur validate``: one outcome per file, paths that tell where it lies, honest verdicts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.cli.main import main
from conformance.core.verdicts import ExitCode, Verdict
from conformance.exchange import checks
from conformance.exchange.dsn import Action, Delivery, Dsn, write_dsn
from conformance.exchange.mail import read_message
from conformance.generation.messages import Post, case
from conformance.validation.envelopes import validate_any, validate_archive, validate_message
from conformance.validation.outcome import LayerStatus

POST = Post()


def segur(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["validate", *arguments])
    return int(str(ended.value.code))


INSIDE = "!IHE_XDM.zip!IHE_XDM/SUBSET01/"


def test_each_file_has_its_outcome_and_its_path() -> None:
    outcomes = validate_message(POST.send([POST.level_1, POST.level_3]), "m.eml")
    assert [outcome.path for outcome in outcomes] == [
        "m.eml", "m.eml!IHE_XDM.zip", f"m.eml{INSIDE}METADATA.XML", f"m.eml{INSIDE}DOC0001.XML", f"m.eml{INSIDE}DOC0002.XML",
    ]  # fmt: skip
    assert [outcome.document_type.key for outcome in outcomes if outcome.document_type] == [
        "mss-message", "xdm-archive", "xdm-metadata", "cda-n1", "cda-n3",
    ]  # fmt: skip


def test_a_good_message_passes_whole() -> None:
    outcomes = validate_message(POST.send([POST.level_1]), "m.eml")
    assert [outcome.verdict for outcome in outcomes] == [Verdict.PASS] * 4


def test_an_archive_alone_is_validated() -> None:
    outcomes = validate_archive(POST.archive([POST.level_1]), "a.zip")
    assert [outcome.verdict for outcome in outcomes] == [Verdict.PASS] * 3


def test_a_patient_reply_passes_without_what_only_products_owe() -> None:
    (outcome,) = validate_message(case("patient_reply").messages()[-1], "m.eml")
    assert outcome.verdict is Verdict.PASS
    (outcome,) = validate_message(case("patient_reply").messages()[-1], "m.eml", sent=True)
    assert [finding.rule for finding in outcome.findings] == ["mail.x-mss-nil"]


def test_a_notice_of_an_operator_is_not_asked_what_products_owe() -> None:
    dsn = Dsn(
        "mx.fr", (Delivery("a@quai.mssante.fr", Action.FAILED, "5.1.1"),), original_message_id="<1@port.mssante.fr>"
    )
    written = write_dsn(
        dsn, sender="mx@mx.fr", recipient="a@port.mssante.fr", subject="Non remis", text="Non remis",
        original_headers=b"", message_id="<2@mx.fr>", date="Tue, 11 Jun 2024 09:00:00 +0000",
    )  # fmt: skip
    (outcome,) = validate_message(written, "m.eml")
    assert outcome.verdict is Verdict.PASS
    assert outcome.findings == ()


def test_an_archive_that_cannot_be_read_leaves_the_message_unchecked_and_never_passed() -> None:
    message, archive = validate_message(case("zip_bomb").messages()[-1], "m.eml")
    assert message.verdict is Verdict.NOT_CHECKED
    assert archive.verdict is Verdict.FAIL
    assert archive.error is not None


def test_a_message_that_cannot_be_read_fails_with_a_sentence() -> None:
    (outcome,) = validate_message(b"\x00\x01", "m.eml")
    assert outcome.verdict is Verdict.FAIL
    assert [finding.rule for finding in outcome.findings] == ["mail.not-a-message"]


def test_a_check_that_breaks_is_our_fault_and_never_a_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> list[object]:
        raise RuntimeError("panne")

    monkeypatch.setattr(checks, "check_archive", broken)
    (archive, *others) = validate_archive(POST.archive([POST.level_1]), "a.zip")
    assert archive.verdict is Verdict.BENCH_ERROR
    assert archive.layers[0].status is LayerStatus.FAILED
    assert [outcome.verdict for outcome in others] == [Verdict.PASS] * 2


def test_the_ending_tells_the_kind_and_the_content_where_there_is_none() -> None:
    archive, message = POST.archive([POST.level_1]), POST.send([POST.level_1])
    assert validate_any(archive, "-")[0].document_type == validate_any(archive, "A.ZIP")[0].document_type
    assert validate_any(message, "-")[0].document_type == validate_any(message, "M.EML")[0].document_type
    assert [outcome.path for outcome in validate_any(POST.level_1, "-")] == ["-"]
    (wrong,) = validate_any(b"pas une archive", "a.zip")
    assert [finding.rule for finding in wrong.findings] == ["archive.not-a-zip"]


def test_the_command_takes_archives_and_messages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bon.eml").write_bytes(POST.send([POST.level_1]))
    (tmp_path / "bon.zip").write_bytes(POST.archive([POST.level_1]))
    assert segur(str(tmp_path), "--format", "json") == ExitCode.PASS
    told = json.loads(capsys.readouterr().out)
    assert [Path(one["path"].split("!")[0]).name for one in told["documents"]] == ["bon.eml"] * 4 + ["bon.zip"] * 3
    (tmp_path / "faux.eml").write_bytes(case("hash_mismatch").messages()[-1])
    assert segur(str(tmp_path / "faux.eml")) == ExitCode.FAIL
    assert "[crosscheck.hash]" in capsys.readouterr().out


@pytest.mark.parametrize("form", ["text", "ndjson", "sarif"])
def test_every_format_tells_the_files_inside(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "faux.eml"
    file.write_bytes(case("hash_mismatch").messages()[-1])
    assert segur(str(file), "--format", form) == ExitCode.FAIL
    out = capsys.readouterr().out
    assert "METADATA.XML" in out
    assert "crosscheck.hash" in out


def test_the_kit_reads_what_it_wrote_without_a_remark() -> None:
    assert read_message(POST.send([POST.level_3])).defects == ()

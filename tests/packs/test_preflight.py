"""The pre-flight of the small pack: each planted defect is told once, with file and line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.core.findings import Severity
from conformance.validation.packs.pack import Pack, open_folder
from conformance.validation.packs.preflight import Preflight, preflight
from conformance.validation.packs.problems import ProblemKind

pytest.importorskip("saxonche", reason="the official rules need the extra packs")


@pytest.fixture(scope="module")
def report(small_pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Preflight:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGUR_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        return preflight(small_pack)


def line_of(pack: Path, file: str, words: str, after: str = "") -> int:
    """The line of ``file`` on which ``words`` stand (the first after the line with ``after``)."""
    lines = (pack / file).read_text("utf-8").splitlines()
    start = next((i for i, line in enumerate(lines) if after in line), 0) if after else 0
    return next(i for i, line in enumerate(lines) if i >= start + bool(after) and words in line) + 1


PLANTED = [
    (ProblemKind.INCLUDE_CASE, "schematrons/profils/IHE.sch", "E_Leaf.sch", "", Severity.WARNING),
    (ProblemKind.INCLUDE_MISSING, "schematrons/CI-SIS_BIO-CR-BIO_2023.01.sch", "Entete.sch", "", Severity.ERROR),
    (ProblemKind.VALUE_SET_CASE, "schematrons/CI-SIS_VSM_1.4_2022.01.sch", 'name="shapes"', "", Severity.WARNING),
    (
        ProblemKind.VALUE_SET_MISSING,
        "schematrons/profils/structurationMinimale/ASIP-STRUCT-MIN-Small.sch",
        "voc-1.2.3.4.5.77",
        "",
        Severity.WARNING,
    ),
    (ProblemKind.VALUE_SET_MISSING, "schematrons/CI-SIS_VSM_2023.01.sch", 'name="nowhere"', "", Severity.ERROR),
    (
        ProblemKind.DEAD_RULE,
        "schematrons/CI-SIS_VSM_1.4_2022.01.sch",
        '<rule context="cda:ClinicalDocument">',
        '<rule context="cda:ClinicalDocument">',
        Severity.WARNING,
    ),
    (ProblemKind.DEAD_RULE, "schematrons/include/entrees/E_leaf.sch", "cda:entry/", "", Severity.WARNING),
    (ProblemKind.DEAD_PATTERN, "schematrons/CI-SIS_VSM_1.4_2022.01.sch", 'id="forgotten"', "", Severity.WARNING),
    (ProblemKind.DOES_NOT_COMPILE, "schematrons/CI-SIS_LDL-EES_2022.01.sch", "count(cda:title", "", Severity.ERROR),
]


@pytest.mark.parametrize(("kind", "file", "words", "after", "severity"), PLANTED)
def test_a_planted_defect_is_told_at_its_line(
    report: Preflight, small: Path, kind: ProblemKind, file: str, words: str, after: str, severity: Severity
) -> None:
    line = line_of(small, file, words, after)
    found = [problem for problem in report.of(kind) if (problem.file, problem.line) == (file, line)]
    assert [problem.severity for problem in found] == [severity]


def test_nothing_else_is_told(report: Preflight) -> None:
    planted = sorted((kind, file) for kind, file, *_ in PLANTED)
    planted += [
        (ProblemKind.EMPTY_FILE, "schematrons/include/BIO-CR-BIO_2023.01"),
        (ProblemKind.DOES_NOT_COMPILE, "schematrons/CI-SIS_BIO-CR-BIO_2023.01.sch"),  # for the missing include
    ]
    told = [(p.kind, p.file) for p in report.problems if p.kind is not ProblemKind.NO_ID]
    assert sorted(told) == sorted(planted)


def test_a_missing_value_set_names_the_file_that_holds_its_oid(report: Preflight) -> None:
    mended = [problem for problem in report.of(ProblemKind.VALUE_SET_MISSING) if problem.mended]
    assert [problem.details["found"] for problem in mended] == ["jeuxDeValeurs/JDV_Kinds_CISIS.xml"]


def test_every_assertion_without_an_id_is_counted(report: Preflight, small: Path) -> None:
    written = sum(
        text.count("<assert ") + text.count("<report ") - text.count(' id="kind"')
        for file in small.rglob("*.sch")
        for text in [file.read_text("utf-8")]
    )
    # The unfinished letter is counted too: its model can be read.
    assert sum(problem.details["count"] for problem in report.of(ProblemKind.NO_ID)) == written


def test_the_schematrons_that_load_are_counted(report: Preflight) -> None:
    assert (report.loading, report.schematrons) == (4, 6)
    assert report.worst is Severity.ERROR


def test_the_machine_format_says_the_same(report: Preflight) -> None:
    told = report.to_json("en")["problems"]
    assert len(told) == len(report.problems)
    assert all(isinstance(problem["line"], int) and problem["file"] and problem["message"] for problem in told)
    assert {problem["kind"] for problem in told} == {str(problem.kind) for problem in report.problems}


def test_a_phase_that_does_not_exist_is_told(write_pack: Callable[..., Path]) -> None:
    folder = write_pack(
        {"a.sch": '<pattern id="p"><rule context="c:a"><assert test="1">x</assert></rule></pattern>'},
        'defaultPhase="no"',
    )
    assert len(preflight(open_folder(folder)).of(ProblemKind.PHASE_UNKNOWN)) == 1


def test_a_rule_that_extends_nothing_is_told(write_pack: Callable[..., Path]) -> None:
    folder = write_pack(
        {
            "a.sch": '<pattern id="p"><rule context="c:a"><extends rule="gone"/><assert test="1">x</assert></rule></pattern>'
        }
    )
    (problem,) = preflight(open_folder(folder)).of(ProblemKind.EXTENDS_UNKNOWN)
    assert problem.details["rule"] == "gone"


def test_the_left_overs_of_the_publishers_engine_are_no_rules(write_pack: Callable[..., Path]) -> None:
    rule = '<pattern id="p"><rule context="c:a"><assert test="1">x</assert></rule></pattern>'
    folder = write_pack(
        {"a.sch": rule, "engine/iso_svrl.xsl": "<x/>", "engine/left.sch": rule, "engine/left/out.txt": ""}
    )
    report = preflight(open_folder(folder))
    assert report.schematrons == 1
    assert not report.of(ProblemKind.EMPTY_FILE)


def test_a_context_of_attributes_or_texts_is_told_as_never_visited(write_pack: Callable[..., Path]) -> None:
    rules = "".join(
        f'<rule context="{context}"><assert test="1">x</assert></rule>' for context in ("@x", "c:a/text()", "c:a | @y")
    )
    report = preflight(open_folder(write_pack({"a.sch": f'<pattern id="p">{rules}</pattern>'})))
    assert [problem.details["context"] for problem in report.of(ProblemKind.NOT_VISITED)] == ["@x", "c:a/text()"]


def test_an_element_that_means_nothing_is_told_with_its_line(write_pack: Callable[..., Path]) -> None:
    body = (
        '<pattern id="p">\n<rule context="c:a">\n<asert test="0">x</asert><assert test="1">x</assert></rule>\n'
        '<group><rule context="c:b"><assert test="0">lost</assert></rule></group><note xmlns="urn:own">read by people</note></pattern>'
    )
    report = preflight(open_folder(write_pack({"a.sch": body})))
    found = [(problem.details["element"], problem.line) for problem in report.of(ProblemKind.ELEMENT_IGNORED)]
    lines = (write_pack({}) / "a.sch").read_text("utf-8").splitlines()
    assert sorted((name, lines[line - 1].startswith(f"<{name}")) for name, line in found) == [
        ("asert", True),
        ("group", True),
    ]
    assert report.worst is Severity.ERROR


def test_a_rule_whose_nodes_several_earlier_ones_share_is_dead(write_pack: Callable[..., Path]) -> None:
    rules = "\n".join(
        f'<rule context="{c}"><assert test="1">x</assert></rule>' for c in ("c:a", "c:b[@x]", "c:b[@x = '1'] | c:a")
    )
    (problem,) = preflight(open_folder(write_pack({"a.sch": f'<pattern id="p">{rules}</pattern>'}))).of(
        ProblemKind.DEAD_RULE
    )
    assert problem.details["context"].startswith("c:b[@x = '1']")
    assert problem.details["earlier"].count("a.sch:") == 2


@pytest.mark.parametrize(
    "asked",
    [
        "concat('sets/', 'Gone.xml')",
        "concat($folder, 'Gone.xml')",
        "$folder || $file || '.xml'",
        "$whole",
        "'sets/Gone.xml'",
    ],
)
def test_a_missing_value_set_is_told_however_its_name_is_put_together(
    write_pack: Callable[..., Path], asked: str
) -> None:
    body = (
        '<pattern id="p"><let name="folder" value="\'sets/\'"/><let name="file" value="\'Gone\'"/>'
        f'<let name="whole" value="concat($folder, $file, \'.xml\')"/><rule context="c:a"><assert test="doc({asked})//c:b">x</assert></rule></pattern>'
    )
    (problem,) = preflight(open_folder(write_pack({"a.sch": body}))).of(ProblemKind.VALUE_SET_MISSING)
    assert (problem.file, problem.details["href"]) == ("a.sch", "sets/Gone.xml")

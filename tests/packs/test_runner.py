"""The official rules on documents: places, mends, honesty about what did not run, limits."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.cda.reading import read_document
from conformance.core.errors import UsageError
from conformance.core.verdicts import Verdict
from conformance.validation.packs.engine import Limits
from conformance.validation.packs.pack import Pack, open_folder
from conformance.validation.packs.results import LayerState, OfficialLayer, OfficialResult
from conformance.validation.packs.runner import OfficialRules
from tests.packs.conftest import SCHEMA, document
from tests.packs.documents import VALID


def judged(rules: OfficialRules, text: str, volet: str | None = None) -> OfficialResult:
    return rules.check(read_document(text.encode(), "test.xml"), volet)


def layer(result: OfficialResult, name: str) -> OfficialLayer:
    return next(layer for layer in result.layers if layer.name == name)


def test_a_right_document_passes_and_every_layer_ran(small_rules: OfficialRules) -> None:
    result = judged(small_rules, VALID)
    assert result.verdict is Verdict.PASS
    assert [(found.name, found.state) for found in result.layers] == [
        (name, LayerState.RAN) for name in ("xsd", "minimal", "ihe", "volet")
    ]
    assert not result.findings
    assert all(found.fired for found in result.layers)


def test_a_finding_has_the_place_of_the_node_and_of_the_rule(small_rules: OfficialRules, small: Path) -> None:
    text = VALID.replace('code="RED"', 'code="GREY"')
    (found,) = judged(small_rules, text).findings
    line = text[: text.index('<value code="GREY"')].count("\n") + 1
    column = len(text[: text.index('<value code="GREY"')].rpartition("\n")[2]) + 1
    assert (found.finding.place.line, found.finding.place.column) == (line, column)
    assert found.finding.place.xpath.endswith("/section/entry/observation/value")
    assert "[GREY] is not in ../jeuxDeValeurs/JDV_Colours_CISIS.xml" in str(found.finding.message)
    assert (found.pattern, found.file) == ("colour", "schematrons/abstract/inValueSet.sch")
    assert "document($path)" in (small / found.file).read_text("utf-8").splitlines()[found.line - 1]
    assert found.finding.layer == "official.volet"


def test_the_id_of_a_rule_does_not_change_with_its_line(
    small_rules: OfficialRules, small: Path, tmp_path: Path
) -> None:
    import shutil

    moved = tmp_path / "moved"
    shutil.copytree(small, moved)
    file = moved / "schematrons/abstract/inValueSet.sch"
    file.write_text(file.read_text("utf-8").replace("<rule ", "\n\n<rule "), "utf-8")
    text = VALID.replace('code="RED"', 'code="GREY"')
    (before,) = judged(small_rules, text).findings
    with OfficialRules(open_folder(moved)) as rules:
        (after,) = judged(rules, text).findings
    assert after.line == before.line + 2
    assert after.finding.rule == before.finding.rule
    assert after.finding.fingerprint == before.finding.fingerprint


def test_an_id_that_the_pack_gives_is_kept(small_rules: OfficialRules) -> None:
    (found,) = judged(small_rules, VALID.replace('code="LEAF"', 'code="ROCK"')).findings
    assert found.finding.rule == "official.minimal.header.kind"


def test_what_was_mended_is_listed(small_rules: OfficialRules) -> None:
    mends = {mend.file: mend.sentence.en for mend in judged(small_rules, VALID).mends}
    assert "letter case" in mends["schematrons/profils/IHE.sch"]
    assert "JDV_Kinds_CISIS.xml" in mends["schematrons/profils/structurationMinimale/ASIP-STRUCT-MIN-Small.sch"]
    assert "JDV_Shapes_CISIS.xml" in mends["schematrons/CI-SIS_VSM_1.4_2022.01.sch"]


def test_a_structure_that_the_schema_refuses_is_located(small_rules: OfficialRules) -> None:
    text = VALID.replace('<id root="1.2.3" extension="A1"/>', '<id extension="A1"/>')
    errors = [found for found in judged(small_rules, text).findings if found.finding.layer == "official.xsd"]
    assert [found.finding.place.xpath for found in errors] == ["/ClinicalDocument/id"]
    assert errors[0].finding.place.column == 3


def test_a_volet_whose_schematron_does_not_load_is_not_checked(small_rules: OfficialRules) -> None:
    text = VALID.replace("1.2.250.1.213.1.1.1.13", "1.2.250.1.213.1.1.1.55").replace("2022.01", "2023.01")
    result = judged(small_rules, text)
    assert layer(result, "volet").state is LayerState.NOT_CHECKED
    assert "Entete.sch" in layer(result, "volet").reason.en
    assert layer(result, "minimal").state is LayerState.RAN
    assert result.verdict is Verdict.NOT_CHECKED


def test_a_schematron_that_does_not_compile_is_not_checked(small_rules: OfficialRules) -> None:
    result = judged(small_rules, VALID, volet="LDL-EES_2022.01")
    assert layer(result, "volet").state is LayerState.NOT_CHECKED
    assert "XPST0003" in layer(result, "volet").reason.en
    assert result.verdict is Verdict.NOT_CHECKED


def test_a_slip_in_a_rule_for_other_documents_keeps_the_schematron_from_passing(
    write_pack: Callable[..., Path],
) -> None:
    slip = (
        '<pattern id="p"><rule context="c:a"><assert test="@x">x</assert></rule></pattern>'
        '<pattern id="q"><rule context="c:never"><assert test="count(">x</assert></rule></pattern>'
    )
    for _ in range(2):  # with the cache as well
        with OfficialRules(open_folder(write_pack({"rules.sch": slip}))) as rules:
            result = rules.check(document("<a x='1'/>"))
            assert result.verdict is Verdict.NOT_CHECKED
            assert "rules.sch:" in result.layers[0].reason.en
            assert rules.check(document("<a/>")).verdict is Verdict.NOT_CHECKED


def test_a_version_that_the_pack_does_not_hold_is_told(small_rules: OfficialRules) -> None:
    result = judged(small_rules, VALID.replace("2022.01", "2031.01"))
    assert layer(result, "volet").state is LayerState.NOT_CHECKED
    assert "2031.01" in layer(result, "volet").reason.en
    assert result.verdict is Verdict.NOT_CHECKED


def test_an_unknown_document_is_not_a_pass(small_rules: OfficialRules) -> None:
    result = judged(small_rules, VALID.replace("1.2.250.1.213.1.1.1.13", "1.2.3.4"))
    assert layer(result, "volet").state is LayerState.NOT_CHECKED
    assert "--volet" in layer(result, "volet").reason.en


def test_a_level_1_document_lacks_nothing(small_rules: OfficialRules) -> None:
    result = judged(small_rules, VALID.replace("1.2.250.1.213.1.1.1.13", "1.3.6.1.4.1.19376.1.2.20"))
    assert layer(result, "volet").state is LayerState.NOT_CONCERNED
    assert result.verdict is Verdict.PASS


def test_the_volet_can_be_forced(small_rules: OfficialRules) -> None:
    assert (
        judged(
            small_rules, VALID.replace("1.2.250.1.213.1.1.1.13", "1.2.3.4"), volet="CI-SIS_VSM_1.4_2022.01.sch"
        ).verdict
        is Verdict.PASS
    )


def test_an_unknown_volet_is_a_usage_error_that_names_the_known_ones(small_rules: OfficialRules) -> None:
    with pytest.raises(UsageError) as caught:
        judged(small_rules, VALID, volet="VSM_9")
    assert "VSM_1.4_2022.01" in caught.value.hint.en


def test_a_volet_of_which_no_rule_fires_is_not_a_pass(small_rules: OfficialRules) -> None:
    result = judged(small_rules, '<Other xmlns="urn:x"/>', volet="VSM_1.4_2022.01")
    assert layer(result, "volet").state is LayerState.NOT_CHECKED


def test_a_value_set_that_the_pack_lacks_makes_the_layer_incomplete(small_rules: OfficialRules) -> None:
    result = judged(small_rules, VALID, volet="VSM_2023.01")
    (found,) = result.findings
    assert not found.evaluated
    assert "JDV_Nowhere_CISIS.xml" in found.finding.message.en
    assert layer(result, "volet").state is LayerState.NOT_CHECKED
    assert result.verdict is Verdict.NOT_CHECKED


def test_a_document_in_another_encoding_is_judged_alike(small_rules: OfficialRules) -> None:
    text = VALID.replace("UTF-8", "ISO-8859-1").replace("Jardin", "Forêt")
    assert small_rules.check(read_document(text.encode("latin-1"), "test.xml")).verdict is Verdict.PASS


def test_a_wrapped_document_is_judged_where_it_stands(small_rules: OfficialRules) -> None:
    inner = re.sub(r"<\?xml.*?\?>\s*", "", VALID).replace('code="RED"', 'code="GREY"')
    result = judged(small_rules, f'<wrap xmlns="urn:w"><p/>{inner}</wrap>')
    (found,) = [f for f in result.findings if f.finding.layer == "official.volet"]
    assert found.finding.place.xpath.endswith("ClinicalDocument/component/section/entry/observation/value")


def test_later_documents_get_the_same_verdicts_as_first_ones(small_pack: Pack) -> None:
    texts = [
        VALID,
        VALID.replace('code="RED"', 'code="GREY"'),
        VALID.replace("<shape", "<form"),
        re.sub(r"<component>.*</component>", "", VALID, flags=re.DOTALL),
        VALID.replace('value="2024"', 'value="24"'),
        VALID.replace("1.2.3.4.2.1", "1.2.3.4.2.2"),
        VALID.replace("<entry>", "<entry/><entry>").replace(
            "<section>", '<act><templateId root="1.2.3.4.2.1"/></act><section>'
        ),
    ]

    def told(result: OfficialResult) -> list[tuple[str, str, str]]:
        return [(f.finding.rule, f.finding.place.xpath, str(f.finding.message)) for f in result.findings]

    with OfficialRules(small_pack) as warm:
        together = [told(judged(warm, text)) for text in [*texts[::-1], *texts]][len(texts) :]
    alone = []
    for text in texts:
        with OfficialRules(small_pack) as fresh:
            alone.append(told(judged(fresh, text)))
    assert together == alone
    assert sum(map(len, alone)) >= 5


def test_a_second_run_reads_what_the_first_compiled(small_pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    with OfficialRules(small_pack) as rules:
        before = judged(rules, VALID.replace('code="RED"', 'code="GREY"'))

    def never(*_: object) -> None:
        raise AssertionError("compiled again")

    monkeypatch.setattr("conformance.validation.packs.cache.compile_schematron", never)
    with OfficialRules(small_pack) as rules:
        after = judged(rules, VALID.replace('code="RED"', 'code="GREY"'))
    assert after.findings == before.findings
    assert after.mends == before.mends


def test_an_engine_that_cannot_start_is_told_and_is_no_pass(small_pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.validation.packs.engine._WORKER", Path("nowhere.py"))
    with OfficialRules(small_pack) as rules:
        result = judged(rules, VALID)
    assert result.verdict is Verdict.BENCH_ERROR
    assert "could not start" in result.layers[0].reason.en


def test_a_change_in_the_pack_is_seen_at_once(write_pack: Callable[..., Path]) -> None:
    rule = '<pattern id="p"><rule context="c:a"><assert test="@x">{}</assert></rule></pattern>'
    for words in ("before", "after it"):
        folder = write_pack({"rules.sch": rule.format(words)})
        with OfficialRules(open_folder(folder)) as rules:
            assert [str(f.finding.message) for f in rules.check(document("<a/>")).findings] == [words]


def test_rules_without_end_are_stopped_and_are_no_pass(write_pack: Callable[..., Path]) -> None:
    endless = "count(for $i in 1 to 100000, $j in 1 to 100000 return $i * $j) = 1"
    other = '<rule context="c:b"><assert test="true()">x</assert></rule>'
    body = f'<pattern id="p"><rule context="c:a"><assert test="{endless}">x</assert></rule>{other}</pattern>'
    folder = write_pack({"rules.sch": body})
    with OfficialRules(open_folder(folder), Limits(seconds=1.5)) as rules:
        result = rules.check(document("<a/>"))
        assert result.layers[0].state is LayerState.FAILED
        assert "time limit" in result.layers[0].reason.en
        assert result.verdict is Verdict.BENCH_ERROR
        assert rules.check(document("<b/>")).layers[0].state is LayerState.RAN  # a new worker took over


def test_the_time_limit_is_that_of_the_whole_document(write_pack: Callable[..., Path]) -> None:
    slow = "count(for $i in 1 to 1500, $j in 1 to 1000 return string($i * $j)) = 1500000"
    rule = f'<pattern id="p"><rule context="c:a"><assert test="{slow}">x</assert></rule></pattern>'
    folder = write_pack({f"rules{n}.sch": rule for n in range(12)})
    with OfficialRules(open_folder(folder), Limits(seconds=60)) as rules:
        layers = rules.check(document("<a/>")).layers
        one = max(layer.seconds for layer in layers)
    with OfficialRules(open_folder(folder), Limits(seconds=one)) as rules:
        states = [layer.state for layer in rules.check(document("<a/>")).layers]
    assert [layer.state for layer in layers] == [LayerState.RAN] * 12
    assert states[-1] is LayerState.FAILED


def test_rules_that_eat_memory_are_stopped(write_pack: Callable[..., Path]) -> None:
    pytest.importorskip("resource", reason="this system cannot limit the memory of a process")
    greedy = (
        "count((1 to 60000000) ! string(.)[. ne '']) + string-length(string-join((1 to 60000000) ! string(.), '')) = 1"
    )
    folder = write_pack(
        {"rules.sch": f'<pattern id="p"><rule context="c:a"><assert test="{greedy}">x</assert></rule></pattern>'}
    )
    with OfficialRules(open_folder(folder), Limits(seconds=120, memory=700)) as rules:
        result = rules.check(document("<a/>"))
    assert result.layers[0].state is not LayerState.RAN
    assert result.verdict in (Verdict.BENCH_ERROR, Verdict.NOT_CHECKED)


def test_a_pack_of_which_no_rule_looks_at_the_document_lets_nothing_pass(write_pack: Callable[..., Path]) -> None:
    rule = '<pattern id="p"><rule context="c:a"><assert test="@x">x</assert></rule></pattern>'
    with OfficialRules(open_folder(write_pack({"one.sch": rule, "two.sch": rule}))) as rules:
        result = rules.check(document("<b/>"))
    assert [found.state for found in result.layers] == [LayerState.NOT_CHECKED] * 2
    assert result.verdict is Verdict.NOT_CHECKED


def test_a_schematron_without_rules_is_no_pass(write_pack: Callable[..., Path]) -> None:
    rule = '<pattern id="p"><rule context="c:a"><assert test="@x">x</assert></rule></pattern>'
    with OfficialRules(open_folder(write_pack({"full.sch": rule, "none.sch": '<pattern id="q"/>'}))) as rules:
        result = rules.check(document("<a x='1'/>"))
    assert [found.state for found in result.layers] == [LayerState.RAN, LayerState.NOT_CHECKED]
    assert "no active rule" in result.layers[1].reason.en


@pytest.mark.parametrize("spoilt", [b"", b"null", b"{}", b"[1]", b"\xff\xfe", b"0" * 64 + b"\n{}"])
def test_a_spoilt_cache_is_made_anew(small_pack: Pack, spoilt: bytes) -> None:
    from conformance.validation.packs.cache import cache_folder, program_of

    before = program_of(small_pack.source, "schematrons/profils/IHE.sch")
    (entry,) = cache_folder().glob("*.json")
    entry.write_bytes(spoilt)
    assert program_of(small_pack.source, "schematrons/profils/IHE.sch").to_json() == before.to_json()


def test_one_altered_byte_in_the_cache_is_seen(small_pack: Pack) -> None:
    from conformance.validation.packs.cache import cache_folder, program_of

    program_of(small_pack.source, "schematrons/profils/IHE.sch")
    (entry,) = cache_folder().glob("*.json")
    entry.write_bytes(entry.read_bytes().replace(b"leaf", b"reef"))
    assert "reef" not in str(program_of(small_pack.source, "schematrons/profils/IHE.sch").to_json())


def test_what_is_known_in_one_engine_is_not_believed_in_another(
    small_pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    from conformance.validation.packs.cache import confirm, program_of

    confirm(small_pack.source, program_of(small_pack.source, "schematrons/profils/IHE.sch"))
    assert program_of(small_pack.source, "schematrons/profils/IHE.sch").loads
    monkeypatch.setattr("conformance.validation.packs.cache.engine_version", lambda: "99")
    assert not program_of(small_pack.source, "schematrons/profils/IHE.sch").loads


def test_a_cache_that_cannot_be_written_changes_nothing(
    small_pack: Pack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("SEGUR_CACHE_DIR", str(tmp_path / "file"))
    with OfficialRules(small_pack) as rules:
        assert judged(rules, VALID).verdict is Verdict.PASS


def test_a_value_set_found_while_running_is_listed_as_a_mend(write_pack: Callable[..., Path]) -> None:
    body = (
        '<pattern id="p"><rule context="c:a"><assert test="doc(concat(@set, \'.XML\'))//v">x</assert></rule></pattern>'
    )
    with OfficialRules(open_folder(write_pack({"rules.sch": body, "v.xml": "<w><v/></w>"}))) as rules:
        result = rules.check(document("<a set='V'/>"))
    assert result.verdict is Verdict.PASS
    assert ["V.XML" in mend.sentence.en for mend in result.mends] == [True]


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "windows-1252"])
def test_a_schematron_in_another_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>' + SCHEMA.format(
        attributes="", body='<pattern id="p"><rule context="c:a"><assert test="@x">forêt</assert></rule></pattern>'
    )
    (tmp_path / "RULES.SCH").write_bytes(text.encode(encoding))
    with OfficialRules(open_folder(tmp_path)) as rules:
        assert [str(found.finding.message) for found in rules.check(document("<a/>")).findings] == ["forêt"]


def test_a_schematron_of_another_standard_is_named(write_pack: Callable[..., Path]) -> None:
    other = '<schema xmlns="http://www.ascc.net/xml/schematron"><pattern name="p"/></schema>'
    rule = '<pattern id="p"><rule context="c:a"><assert test="@x">x</assert></rule></pattern>'
    with OfficialRules(open_folder(write_pack({"old.sch": other, "rules.sch": rule}))) as rules:
        result = rules.check(document("<a x='1'/>"))
    assert layer(result, "old").state is LayerState.NOT_CHECKED
    assert "not an ISO schematron" in layer(result, "old").reason.en


def test_the_line_of_a_rule_is_that_where_its_tag_begins(write_pack: Callable[..., Path]) -> None:
    body = '<pattern id="p">\n<rule context="c:a">\n<assert\n  role="error"\n  test="@x"\n>x</assert></rule></pattern>'
    folder = write_pack({"rules.sch": body})
    with OfficialRules(open_folder(folder)) as rules:
        (found,) = rules.check(document("<a/>")).findings
    assert (folder / "rules.sch").read_text("utf-8").splitlines()[found.line - 1] == "<assert"


def test_without_the_engine_a_sentence_says_what_to_install(small_pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    from conformance.validation.packs.errors import MissingExtra

    monkeypatch.setattr("conformance.validation.packs.engine.importlib.util.find_spec", lambda _name: None)
    with pytest.raises(MissingExtra) as caught:
        OfficialRules(small_pack)
    assert "segur-conformance[packs]" in caught.value.hint.en

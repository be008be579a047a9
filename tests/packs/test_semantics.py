"""ISO Schematron to the letter: each test is one thing that decides a verdict."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.core.findings import Severity
from conformance.core.verdicts import Verdict
from conformance.validation.packs.pack import open_folder
from conformance.validation.packs.results import LayerState, OfficialResult
from conformance.validation.packs.runner import OfficialRules
from tests.packs.conftest import Judge, document

DEAD = '<rule context="c:never"><assert test="true()">x</assert></rule>'


def said(result: OfficialResult) -> list[str]:
    """The messages, in the order in which the rules spoke."""
    return [str(found.finding.message) for layer in result.layers for found in layer.findings]


def test_an_assert_speaks_when_it_is_false(judge: Judge) -> None:
    result = judge(
        '<pattern id="p"><rule context="c:id"><assert test="@root">no root</assert></rule></pattern>',
        "<id/><id root='1'/>",
    )
    assert said(result) == ["no root"]
    assert result.verdict is Verdict.FAIL


def test_a_report_speaks_when_it_is_true(judge: Judge) -> None:
    result = judge(
        '<pattern id="p"><rule context="c:id"><report test="@root">a root</report></rule></pattern>',
        "<id/><id root='1'/>",
    )
    assert said(result) == ["a root"]


def test_only_the_first_rule_of_a_pattern_that_matches_speaks(judge: Judge) -> None:
    rules = (
        '<rule context="c:id[@root]"><assert test="false()">first</assert></rule>'
        '<rule context="*"><assert test="not(self::c:id)">second</assert></rule>'
    )
    assert said(judge(f'<pattern id="p">{rules}</pattern>', "<id root='1'/><id/>")) == ["first", "second"]


def test_every_pattern_has_its_say(judge: Judge) -> None:
    body = "".join(
        f'<pattern id="p{n}"><rule context="c:id"><assert test="false()">{n}</assert></rule></pattern>' for n in (1, 2)
    )
    assert sorted(said(judge(body, "<id/>"))) == ["1", "2"]


def test_attributes_and_text_are_not_visited(judge: Judge) -> None:
    rules = '<rule context="@root | text()"><assert test="false()">never</assert></rule><rule context="c:id"><assert test="true()">x</assert></rule>'
    result = judge(f'<pattern id="p">{rules}</pattern>', "<id root='1'>words</id>")
    assert said(result) == []
    assert result.layers[0].fired == 1


def test_the_document_itself_can_be_a_context(judge: Judge) -> None:
    result = judge(
        '<pattern id="p"><rule context="/"><assert test="c:ClinicalDocument/c:title">no title</assert></rule></pattern>',
        "<id/>",
    )
    assert said(result) == ["no title"]
    assert result.findings[0].finding.place.xpath == "/ClinicalDocument"


def test_an_abstract_rule_brings_its_lets_and_assertions(judge: Judge) -> None:
    body = (
        '<pattern id="p"><rule abstract="true" id="R"><let name="n" value="count(c:b)"/><assert test="$n = 1">one b</assert></rule>'
        '<rule context="c:a"><extends rule="R"/><assert test="@x">an x</assert></rule></pattern>'
    )
    assert said(judge(body, "<a><b/><b/></a>")) == ["one b", "an x"]


def test_a_let_of_an_abstract_rule_reaches_the_rule_that_extends_it(judge: Judge) -> None:
    body = (
        '<pattern id="p"><rule abstract="true" id="R"><let name="n" value="count(c:b)"/></rule>'
        '<rule context="c:a"><let name="n" value="99"/><extends rule="R"/><assert test="$n = 99">n is <value-of select="$n"/></assert></rule></pattern>'
    )
    assert said(judge(body, "<a><b/><b/></a>")) == ["n is 2"]


def test_an_abstract_rule_of_the_same_pattern_comes_first(judge: Judge) -> None:
    body = (
        '<pattern id="far"><rule abstract="true" id="R"><assert test="false()">far</assert></rule></pattern>'
        '<pattern id="near"><rule abstract="true" id="R"><assert test="false()">near</assert></rule>'
        '<rule context="c:a"><extends rule="R"/></rule></pattern>'
    )
    assert said(judge(body, "<a/>")) == ["near"]


def test_a_rule_extended_twice_speaks_twice(judge: Judge) -> None:
    body = (
        '<pattern id="p"><rule abstract="true" id="R"><assert test="false()">again</assert></rule>'
        '<rule context="c:a"><extends rule="R"/><extends rule="R"/></rule></pattern>'
    )
    assert said(judge(body, "<a/>")) == ["again", "again"]


def test_an_abstract_pattern_takes_its_parameters_in_order(judge: Judge) -> None:
    body = (
        '<pattern id="A" abstract="true"><rule context="$where"><assert test="$what">at $where: <value-of select="$shown"/></assert></rule></pattern>'
        '<pattern id="p" is-a="A"><param name="where" value="c:a"/><param name="what" value="@x = $limit"/>'
        '<param name="shown" value="\'text\'"/><param name="limit" value="2"/></pattern>'
    )
    assert said(judge(body, "<a x='1'/><a x='2'/>")) == ["at c:a: text"]


def test_a_phase_runs_its_patterns_alone(judge: Judge) -> None:
    body = (
        '<phase id="ph"><active pattern="in"/></phase>'
        '<pattern id="in"><rule context="c:a"><assert test="false()">in</assert></rule></pattern>'
        '<pattern id="out"><rule context="c:a"><assert test="false()">out</assert></rule></pattern>'
    )
    assert said(judge(body, "<a/>", 'defaultPhase="ph"')) == ["in"]


def test_a_default_phase_that_does_not_exist_is_never_a_pass(judge: Judge) -> None:
    body = '<pattern id="p"><rule context="c:a"><assert test="true()">x</assert></rule></pattern>'
    result = judge(body, "<a/>", 'defaultPhase="nowhere"')
    assert result.layers[0].state is LayerState.NOT_CHECKED
    assert result.verdict is Verdict.NOT_CHECKED
    assert "nowhere" in result.layers[0].reason.en


def test_lets_of_schema_and_pattern_are_seen_everywhere(judge: Judge) -> None:
    body = (
        '<let name="top" value="count(//c:a)"/>'
        '<pattern id="one"><let name="limit" value="$top + 1"/><rule context="c:never"><assert test="true()">x</assert></rule></pattern>'
        '<pattern id="two"><rule context="c:a"><assert test="$limit = 5">limit <value-of select="$limit"/> of <value-of select="$top"/></assert></rule></pattern>'
    )
    assert said(judge(body, "<a/>")) == ["limit 2 of 1"]


def test_a_let_of_a_rule_sees_the_lets_before_it(judge: Judge) -> None:
    body = (
        '<pattern id="p"><rule context="c:a"><let name="one" value="@x"/><let name="two" value="concat($one, \'!\')"/>'
        '<assert test="$two = \'no\'">got <value-of select="$two"/></assert></rule></pattern>'
    )
    assert said(judge(body, "<a x='1'/>")) == ["got 1!"]


def test_a_key_looks_nodes_up(judge: Judge) -> None:
    body = (
        '<xsl:key xmlns:xsl="http://www.w3.org/1999/XSL/Transform" name="by-x" match="c:b" use="@x"/>'
        '<pattern id="p"><rule context="c:a"><assert test="key(\'by-x\', @x)">no b with <value-of select="@x"/></assert></rule></pattern>'
    )
    assert said(judge(body, "<a x='1'/><a x='2'/><b x='1'/>")) == ["no b with 2"]


def test_diagnostics_follow_the_message(judge: Judge) -> None:
    body = (
        '<pattern id="p"><rule context="c:a"><assert test="@x" diagnostics="d1 d2">no x.</assert></rule></pattern>'
        '<diagnostics><diagnostic id="d1"> Give <value-of select="name()"/> one.</diagnostic><diagnostic id="d2"> Or two.</diagnostic></diagnostics>'
    )
    assert said(judge(body, "<a/>")) == ["no x. Give a one. Or two."]


def test_name_and_emphasis_are_part_of_the_message(judge: Judge) -> None:
    body = '<pattern id="p"><rule context="c:a/c:b"><assert test="@x"><name/> in <name path=".."/> <emph>needs</emph> x</assert></rule></pattern>'
    assert said(judge(body, "<a><b/></a>")) == ["b in a needs x"]


@pytest.mark.parametrize(
    ("role", "severity", "verdict"),
    [("", Severity.ERROR, Verdict.FAIL), ("error", Severity.ERROR, Verdict.FAIL), ("warning", Severity.WARNING, Verdict.PASS), ("info", Severity.INFO, Verdict.PASS)],
)  # fmt: skip
def test_the_role_decides_the_severity(judge: Judge, role: str, severity: Severity, verdict: Verdict) -> None:
    result = judge(
        f'<pattern id="p"><rule context="c:a"><assert role="{role}" test="@x">x</assert></rule></pattern>', "<a/>"
    )
    assert [found.finding.severity for found in result.findings] == [severity]
    assert result.verdict is verdict


def test_an_expression_that_fails_is_a_finding_and_the_others_go_on(judge: Judge) -> None:
    body = (
        '<pattern id="p"><rule context="c:a"><let name="year" value="xs:integer(@x)"/><assert test="$year > 2">early</assert>'
        '<assert test="@y">no y</assert></rule><rule context="c:b"><assert test="@y">no y either</assert></rule></pattern>'
    )
    result = judge(body, "<a x='word'/><b/>")
    broken, *others = result.layers[0].findings
    assert not broken.evaluated
    assert "cannot be evaluated" in broken.finding.message.en
    assert "word" in broken.finding.message.en
    assert [str(found.finding.message) for found in others] == ["no y", "no y either"]


def test_a_global_value_that_fails_leaves_the_other_rules_alone(judge: Judge) -> None:
    body = (
        '<let name="year" value="xs:integer(//c:a/@x)"/><let name="next" value="$year + 1"/><pattern id="p"><rule context="c:a">'
        '<assert test="$next > 2">early</assert><assert test="@y">no y</assert></rule><rule context="c:b"><assert test="@y">nor here</assert></rule></pattern>'
    )
    result = judge(body, "<a x='word'/><b/>")
    assert [found.evaluated for found in result.layers[0].findings] == [False, True, True]
    assert said(result)[1:] == ["no y", "nor here"]


@pytest.mark.parametrize(
    ("context", "reason"),
    [
        ("c:a[xs:integer(@x) > 1]", "word"), ("c:a[@x > 1]", "word"), ("c:a[1 idiv string-length(@y) = 1]", "zero"),
        ("c:a[string(c:b) = '1']", "more than one item"), ("c:a[$limit = 1]", "word"), ("(c:a | c:b)[xs:date(@x)]", "word"),
    ],
)  # fmt: skip
def test_a_context_that_cannot_be_evaluated_is_told_and_the_others_go_on(
    judge: Judge, context: str, reason: str
) -> None:
    body = (
        f'<let name="limit" value="xs:integer(//c:a/@x)"/><pattern id="p"><rule context="{context.replace("<", "&lt;")}"><assert test="@z">z</assert></rule>'
        '<rule context="*"><assert test="not(self::c:b)">b</assert></rule></pattern>'
    )
    result = judge(body, "<a x='word'><b/><b/></a>")
    broken, *others = sorted(result.layers[0].findings, key=lambda found: found.evaluated)
    assert not broken.evaluated
    assert "its context cannot be computed" in broken.finding.message.en
    assert reason in broken.finding.message.en
    assert [str(found.finding.message) for found in others] == ["b", "b"]
    assert result.verdict is Verdict.FAIL


def test_a_global_value_that_fails_is_never_a_pass(judge: Judge) -> None:
    body = (
        '<let name="year" value="xs:integer(//c:a/@x)"/><pattern id="p"><rule context="c:a"><assert test="$year > 2">early</assert>'
        '<assert test="@y">no y</assert></rule></pattern>'
    )
    result = judge(body, "<a x='word'/>")
    assert result.verdict is not Verdict.PASS
    assert "word" in " ".join([*said(result), *(layer.reason.en for layer in result.layers if layer.reason)])


def test_a_value_that_cannot_be_shown_does_not_lose_the_message(judge: Judge) -> None:
    body = '<pattern id="p"><rule context="c:a"><assert test="@y">got <value-of select="xs:integer(@x)"/>!</assert></rule></pattern>'
    assert said(judge(body, "<a x='word'/>")) == ["got …!"]


def test_markup_in_a_message_stays_text(judge: Judge) -> None:
    body = '<pattern id="p"><rule context="c:a"><assert test="@y">&lt;b&gt; &amp; {curly} <value-of select="\'&lt;c&gt;\'"/></assert></rule></pattern>'
    assert said(judge(body, "<a/>")) == ["<b> & {curly} <c>"]


def test_white_space_alone_between_values_is_no_part_of_a_message(judge: Judge) -> None:
    values = '&lt;<value-of select="name()"/>\n  <value-of select="@x"/>&gt;<!-- a --> <!-- b -->end'
    body = f'<pattern id="p"><rule context="c:a"><assert test="@y">{values}</assert></rule></pattern>'
    assert said(judge(body, "<a x='-'/>")) == ["<a-> end"]


def test_a_duplicate_global_value_does_not_load(judge: Judge) -> None:
    result = judge(f'<let name="n" value="1"/><let name="n" value="2"/><pattern id="p">{DEAD}</pattern>', "<a/>")
    assert result.verdict is Verdict.NOT_CHECKED
    assert "“n”" in result.layers[0].reason.en


def test_each_pattern_has_its_own_value_of_a_name(judge: Judge) -> None:
    rule = '<rule context="c:a[$n &gt; 0]"><assert test="$n = 0">n is <value-of select="$n"/></assert><let name="n" value="$n + 10"/><assert test="$n = 0">then <value-of select="$n"/></assert></rule>'
    body = "".join(
        f'<pattern id="p{n}"><let name="n" value="{n}"/><let name="m" value="$n"/>{rule}</pattern>' for n in (1, 2)
    )
    body = f'<let name="n" value="5"/>{body}<pattern id="q"><rule context="c:b"><assert test="$n = 0">still <value-of select="$n"/></assert></rule></pattern>'
    assert said(judge(body, "<a/><b/>")) == ["n is 1", "then 11", "n is 2", "then 12", "still 5"]


def test_patterns_made_from_one_abstract_pattern_keep_their_values_apart(judge: Judge) -> None:
    body = (
        '<pattern id="A" abstract="true"><let name="all" value="count(//$what)"/><rule context="$what"><assert test="$all = 0"><value-of select="$all"/></assert></rule></pattern>'
        '<pattern id="p" is-a="A"><param name="what" value="c:a"/></pattern><pattern id="q" is-a="A"><param name="what" value="c:b"/></pattern>'
    )
    assert said(judge(body, "<a/><b/><b/>")) == ["1", "2", "2"]


VALUE_SET = '<v xmlns="urn:v"><Concept code="A" codeSystem="1"/><Concept code="A" codeSystem="2"/><Concept code="B" codeSystem="2"/></v>'


@pytest.mark.parametrize(
    "test",
    [
        "document($path)//v:Concept[@code=$code and @codeSystem=$system]",
        "document('../sets/v.xml')//v:Concept[@code = $code and @codeSystem = $system]",
        "exists(doc($path)/*/v:Concept[@code = $code][@codeSystem = $system])",
        "concat(@code, @codeSystem) = doc('../sets/v.xml')//v:Concept/concat(@code, @codeSystem)",
        "some $c in document($path)//v:Concept satisfies $c/@code = $code and $c/@codeSystem = $system",
    ],
)
def test_a_code_is_looked_up_in_a_document_of_the_pack(write_pack: Callable[..., Path], test: str) -> None:
    pytest.importorskip("saxonche")
    rules = (
        '<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2"><ns prefix="c" uri="urn:hl7-org:v3"/><ns prefix="v" uri="urn:v"/>'
        '<let name="path" value="\'../sets/v.xml\'"/><pattern id="p"><rule context="c:a"><let name="code" value="@code"/>'
        f'<let name="system" value="@codeSystem"/><assert test="{test}"><value-of select="@code"/><value-of select="@codeSystem"/> from <value-of select="$path"/></assert></rule></pattern></schema>'
    )
    folder = write_pack({"rules/rules.sch": rules, "sets/v.xml": VALUE_SET})
    content = "".join(f"<a code='{code}' codeSystem='{system}'/>" for code in "AB" for system in (1, 2)) + "<a/>"
    with OfficialRules(open_folder(folder)) as engine:
        assert said(engine.check(document(content))) == ["B1 from ../sets/v.xml", "from ../sets/v.xml"]


def test_a_document_named_by_the_document_is_found_in_the_pack(write_pack: Callable[..., Path]) -> None:
    pytest.importorskip("saxonche")
    rules = (
        '<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2"><ns prefix="c" uri="urn:hl7-org:v3"/><ns prefix="v" uri="urn:v"/>'
        "<pattern id=\"p\"><rule context=\"c:a\"><assert test=\"not(doc-available(concat('sets/', @set, '.xml'))) or doc(concat('sets/', @set, '.xml'))//v:Concept[@code = current()/@code]\">"
        '<value-of select="@set"/>: <value-of select="@code"/></assert></rule></pattern></schema>'
    )
    folder = write_pack({"rules.sch": rules, "sets/v.xml": VALUE_SET})
    with OfficialRules(open_folder(folder)) as engine:
        found = engine.check(document("<a set='v' code='A'/><a set='v' code='Z'/><a set='other' code='Z'/>"))
        assert said(found) == ["v: Z"]
        assert engine.check(document("<a set='v' code='A'/>")).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("context", "count"),
    [
        ("c:a[if (@x = '1') then @x else (c:b) and c:zz]", 1), ("c:a[every $i in c:zz satisfies $i/@x and c:yy]", 2),
        ("*[.//c:i/@r = '1']", 2), ("document-node()", 1), ("node() | /", 6), ("comment()", 1), ("(c:a | c:b)[@x]", 2),
    ],
)  # fmt: skip
def test_no_context_is_lost(judge: Judge, context: str, count: int) -> None:
    body = f'<pattern id="p"><rule context="{context}"><assert test="false()">found</assert></rule></pattern>'
    text = "<a x='1'/><a x='2'/><b><i r='1'/></b>"
    assert said(judge(body, text)).count("found") == count - (context == "comment()")


def test_a_document_that_the_first_rule_does_not_match_is_not_looked_through_twice(judge: Judge) -> None:
    body = (
        '<pattern id="p"><rule context="/[c:none]"><assert test="false()">no</assert></rule>'
        '<rule context="*"><assert test="not(self::c:a)">once</assert></rule></pattern>'
    )
    assert said(judge(body.replace("/[c:none]", "document-node()[c:none]"), "<a/>")) == ["once"]


@pytest.mark.parametrize("binding", ["", 'queryBinding="xslt"'])
def test_a_schema_of_the_first_binding_is_read_by_the_rules_of_xslt_1(
    write_pack: Callable[..., Path], binding: str
) -> None:
    pytest.importorskip("saxonche")
    rules = (
        f'<schema xmlns="http://purl.oclc.org/dsdl/schematron" {binding}><ns prefix="c" uri="urn:hl7-org:v3"/><let name="g" value="//c:b"/>'
        '<pattern id="p"><rule context="c:a"><assert test="string(c:b) = 2 and $g = \'1\'">first <value-of select="c:b"/></assert></rule></pattern></schema>'
    )
    with OfficialRules(open_folder(write_pack({"rules.sch": rules}))) as engine:
        assert said(engine.check(document("<a><b>1</b><b>2</b></a>"))) == ["first 1"]


FUNCTION = (
    '<xsl:function xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:c="urn:hl7-org:v3" name="c:size"><xsl:param name="node"/>'
    '<xsl:choose><xsl:when test="count($node/*) gt $limit">many</xsl:when><xsl:otherwise><xsl:sequence select="count($node/*)"/>'
    "</xsl:otherwise></xsl:choose></xsl:function>"
)


def test_a_function_of_the_schematron_computes(judge: Judge) -> None:
    body = (
        f'<let name="limit" value="1"/>{FUNCTION}<pattern id="p"><rule context="c:a[c:size(.) = \'many\']">'
        '<assert test="c:size(.) = ()">it holds <value-of select="c:size(.)"/></assert></rule></pattern>'
    )
    assert said(judge(body.replace("many<", "<xsl:sequence select=\"'many'\"/><"), "<a><b/><b/></a>")) == [
        "it holds many"
    ]


def test_a_let_can_hold_a_tree(judge: Judge) -> None:
    body = (
        '<let name="table"><row xmlns="" code="1">one &amp; only</row><row xmlns="" code="2">two</row></let>'
        '<pattern id="p"><rule context="c:a"><assert test="@x = $table/row[2]/@code">not <value-of select="$table/row[1]"/></assert></rule></pattern>'
    )
    assert said(judge(body, "<a x='1'/><a x='2'/>")) == ["not one & only"]


def test_every_abstract_rule_of_the_id_is_taken_when_none_is_near(judge: Judge) -> None:
    body = "".join(
        f'<pattern id="p{n}"><rule abstract="true" id="R"><assert test="false()">{n}</assert></rule></pattern>'
        for n in (1, 2)
    )
    body += '<pattern id="q"><rule context="c:a"><extends rule="R"/></rule></pattern>'
    assert said(judge(body, "<a/>")) == ["1", "2"]


def test_a_constant_of_the_schema_refuses_nothing_before_it_is_used(judge: Judge) -> None:
    body = (
        '<let name="text" value="\'1\'"/><pattern id="p"><rule context="c:never"><assert test="$text = 1">never</assert></rule>'
        '<rule context="c:a"><assert test="@x">no x</assert></rule></pattern>'
    )
    assert said(judge(body, "<a/>")) == ["no x"]


def test_a_value_that_depends_on_itself_does_not_load(judge: Judge) -> None:
    body = f'<let name="one" value="$two"/><let name="two" value="$one"/><let name="fine" value="for $fine in 1 return $fine"/><pattern id="p">{DEAD}</pattern>'
    result = judge(body, "<a/>")
    assert result.layers[0].state is LayerState.NOT_CHECKED
    assert "“one” depends on itself" in result.layers[0].reason.en


@pytest.mark.parametrize("role", ['severity="warning"', 'role="warn"', 'flag="warning"'])
def test_a_severity_is_known_by_each_of_its_names(judge: Judge, role: str) -> None:
    result = judge(f'<pattern id="p"><rule context="c:a"><assert {role} test="@x">x</assert></rule></pattern>', "<a/>")
    assert [found.finding.severity for found in result.findings] == [Severity.WARNING]


@pytest.mark.parametrize(
    "extends", ['<extends href="parts/rules.xml#R"/>', '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="parts/one.xml"/>']
)  # fmt: skip
def test_parts_of_other_files_are_followed_by_every_road(write_pack: Callable[..., Path], extends: str) -> None:
    pytest.importorskip("saxonche")
    namespace = 'xmlns="http://purl.oclc.org/dsdl/schematron"'
    body = f'<pattern id="p"><rule context="c:a">{extends}<assert test="@y">no y</assert></rule></pattern>'
    parts = {
        "parts/rules.xml": f'<rules {namespace}><rule abstract="true" id="R"><assert test="@x">no x</assert></rule></rules>',
        "parts/one.xml": f'<assert {namespace} test="@x">no x</assert>',
    }
    with OfficialRules(open_folder(write_pack({"rules.sch": body, **parts}))) as engine:
        assert said(engine.check(document("<a/>"))) == ["no x", "no y"]


def test_the_position_of_a_node_is_that_among_its_siblings(judge: Judge) -> None:
    body = (
        '<pattern id="p"><rule abstract="true" id="R"><let name="place" value="position()"/><assert test="$place = 1">not first</assert></rule>'
        '<rule context="c:b"><extends rule="R"/><assert test="position() != last()">last</assert></rule></pattern>'
    )
    found = [(f.finding.place.xpath, str(f.finding.message)) for f in judge(body, "<a/><b/><a><b/><b/></a>").findings]
    assert sorted(found) == [
        ("/ClinicalDocument/a[2]/b[2]", "last"),
        ("/ClinicalDocument/a[2]/b[2]", "not first"),
        ("/ClinicalDocument/b", "not first"),
    ]

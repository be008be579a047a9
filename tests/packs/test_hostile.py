"""A pack that tries what a rule pack may not is refused with a sentence, before anything of it runs."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.core.verdicts import Verdict
from conformance.validation.packs.compiler import compile_schematron
from conformance.validation.packs.engine import Limits
from conformance.validation.packs.errors import HostilePack
from conformance.validation.packs.pack import open_folder
from conformance.validation.packs.preflight import preflight
from conformance.validation.packs.problems import ProblemKind
from conformance.validation.packs.results import LayerState
from conformance.validation.packs.runner import OfficialRules
from conformance.validation.packs.schemas import check_schema_files
from conformance.validation.packs.source import PackSource
from tests.packs.conftest import document

RULE = '<pattern id="p"><rule context="c:a"><assert test="{}">x</assert></rule></pattern>'
SECRET = "un secret qui ne doit pas sortir"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file beside the pack."""
    file = tmp_path / "secret.xml"
    file.write_text(f"<secret>{SECRET}</secret>", "utf-8")
    return file


def compiled(folder: Path, path: str = "rules.sch") -> None:
    compile_schematron(PackSource(folder), path)


HOSTILE_RULES = {
    "reads a file above": "document('../secret.xml')",
    "reads an absolute path": "doc('/etc/hostname')",
    "reads an address": "doc('http://127.0.0.1:9/x.xml')",
    "reads a file address": "document('file:///etc/hostname')",
    "reads a path in disguise": "doc('sub/%2E%2E/..%2Fsecret.xml')",
    "reads a text": "unparsed-text('../secret.xml')",
    "reads the environment": "environment-variable('HOME')",
    "lists a folder": "collection('.')",
    "hides the call behind a name": "function-lookup(QName('http://www.w3.org/2005/xpath-functions','doc'), 1)('x')",
    "transforms": "transform(map{'stylesheet-location': 'x.xsl'})",
    "names the function alone": "for-each('/etc/hostname', doc#1)",
    "sends the path on": "'../secret.xml' => doc()",
    "gives the whole name": "Q{http://www.w3.org/2005/xpath-functions}unparsed-text('../secret.xml')",
}


@pytest.mark.parametrize("expression", HOSTILE_RULES.values(), ids=HOSTILE_RULES)
def test_a_rule_that_reaches_outside_is_refused(write_pack: Callable[..., Path], secret: Path, expression: str) -> None:
    with pytest.raises(HostilePack) as caught:
        compiled(write_pack({"rules.sch": RULE.format(expression)}))
    assert caught.value.sentence.fr
    assert caught.value.sentence.en


@pytest.mark.parametrize("place", ["context", "let", "message", "global"])
def test_it_is_refused_wherever_it_stands(write_pack: Callable[..., Path], place: str) -> None:
    call = "unparsed-text('/etc/hostname')"
    body = {
        "context": f'<pattern id="p"><rule context="c:a[{call}]"><assert test="1">x</assert></rule></pattern>',
        "let": f'<pattern id="p"><rule context="c:a"><let name="n" value="{call}"/><assert test="$n">x</assert></rule></pattern>',
        "message": f'<pattern id="p"><rule context="c:a"><assert test="0"><value-of select="{call}"/></assert></rule></pattern>',
        "global": f'<pattern id="p"><let name="n" value="{call}"/><rule context="c:a"><assert test="$n">x</assert></rule></pattern>',
    }[place]
    with pytest.raises(HostilePack):
        compiled(write_pack({"rules.sch": body}))


@pytest.mark.parametrize("href", ["../secret.xml", "http://127.0.0.1:9/x.sch", "file:///etc/hostname", "/etc/hostname"])
def test_an_include_that_leaves_the_pack_is_refused(write_pack: Callable[..., Path], secret: Path, href: str) -> None:
    body = f'<pattern id="p"><include href="{href}"/><rule context="c:a"><assert test="1">x</assert></rule></pattern>'
    with pytest.raises(HostilePack) as caught:
        compiled(write_pack({"rules.sch": body}))
    assert caught.value.code == "pack.refused.outside"


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="this system has no symbolic links")
def test_a_link_that_leaves_the_pack_is_refused(write_pack: Callable[..., Path], secret: Path) -> None:
    folder = write_pack({"rules.sch": RULE.format("doc('link.xml')")})
    (folder / "link.xml").symlink_to(secret)
    with pytest.raises(HostilePack):
        compiled(folder)


@pytest.mark.parametrize(
    "prologue",
    [
        '<!DOCTYPE schema [<!ENTITY x SYSTEM "../secret.xml">]>',
        '<!-- <a> --><!DOCTYPE schema [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE schema SYSTEM "http://127.0.0.1:9/x.dtd">',
    ],
)
def test_entities_are_refused(write_pack: Callable[..., Path], secret: Path, prologue: str) -> None:
    text = '<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2"><title>x</title></schema>'
    with pytest.raises(HostilePack) as caught:
        compiled(write_pack({"rules.sch": prologue + text}))
    assert caught.value.code == "pack.refused.declaration"


def test_entities_in_a_value_set_do_not_come_out(write_pack: Callable[..., Path], secret: Path) -> None:
    pytest.importorskip("saxonche")
    value_set = f'<!DOCTYPE v [<!ENTITY x SYSTEM "{secret.as_uri()}">]><v>&x;</v>'
    body = '<pattern id="p"><rule context="c:a"><assert test="0">got <value-of select="doc(\'v.xml\')"/></assert></rule></pattern>'
    with OfficialRules(open_folder(write_pack({"rules.sch": body, "v.xml": value_set}))) as rules:
        result = rules.check(document("<a/>"))
    assert SECRET not in str(result.to_json())


def test_a_schema_that_reaches_outside_is_refused(write_pack: Callable[..., Path], secret: Path) -> None:
    schema = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:include schemaLocation="{}"/></xs:schema>'
    for location in ("../secret.xml", "http://127.0.0.1:9/x.xsd"):
        folder = write_pack({"CDA.xsd": schema.format(location)})
        with pytest.raises(HostilePack):
            check_schema_files(PackSource(folder), "CDA.xsd")


def test_a_schema_with_outer_entities_is_refused(write_pack: Callable[..., Path]) -> None:
    folder = write_pack({"CDA.xsd": '<!DOCTYPE s [<!ENTITY % x SYSTEM "x.dtd">]><s/>'})
    with pytest.raises(HostilePack):
        check_schema_files(PackSource(folder), "CDA.xsd")


INJECTED = (
    "v' select='1'/&gt;&lt;xsl:value-of select='unparsed-text(&quot;/etc/hostname&quot;)'/&gt;&lt;xsl:variable name='w"
)


@pytest.mark.parametrize(
    "body",
    [
        '<pattern id="p"><rule context="c:a"><let name="{}" value="1"/><assert test="1">x</assert></rule></pattern>',
        '<let name="{}" value="1"/><pattern id="p"><rule context="c:a"><assert test="1">x</assert></rule></pattern>',
        '<xsl:key xmlns:xsl="http://www.w3.org/1999/XSL/Transform" name="{}" match="*" use="1"/><pattern id="p"><rule context="c:a"><assert test="1">x</assert></rule></pattern>',
        '<ns prefix="{}" uri="u"/><pattern id="p"><rule context="c:a"><assert test="1">x</assert></rule></pattern>',
    ],
)
def test_a_name_is_never_more_than_a_name(write_pack: Callable[..., Path], body: str) -> None:
    from tests.packs.conftest import SCHEMA

    written = body.replace("{}", INJECTED.replace("&quot;", "&amp;quot;"))
    program = compile_schematron(
        PackSource(write_pack({"rules.sch": SCHEMA.format(attributes="", body=written)})), "rules.sch"
    )
    assert program.refusal is not None
    assert "is not a name" in program.refusal[1]


@pytest.mark.parametrize(
    "inside",
    [
        '<xsl:result-document href="file:///tmp/x">1</xsl:result-document>',
        "<xsl:sequence _select=\"unparsed-text('/etc/hostname')\"/>",
        '<xsl:sequence select="1" use-when="doc-available(\'/etc/hostname\')"/>',
        '<xsl:source-document href="x.xml"/>',
        "<xsl:evaluate xpath=\"'1'\"/>",
        "<made/>",
    ],
)
def test_a_function_that_could_do_more_than_compute_does_not_load(write_pack: Callable[..., Path], inside: str) -> None:
    from tests.packs.conftest import SCHEMA

    body = (
        f'<xsl:function xmlns:xsl="http://www.w3.org/1999/XSL/Transform" name="c:f">{inside}</xsl:function>'
        + RULE.format("c:f()")
    )
    program = compile_schematron(
        PackSource(write_pack({"rules.sch": SCHEMA.format(attributes="", body=body)})), "rules.sch"
    )
    assert program.refusal is not None
    assert "xsl:function" in program.refusal[1]


@pytest.mark.parametrize("attribute", ["select", "separator"])
def test_a_function_that_reaches_outside_is_refused(write_pack: Callable[..., Path], attribute: str) -> None:
    from tests.packs.conftest import SCHEMA

    call = "unparsed-text('/etc/hostname')"
    code = call if attribute == "select" else f"{{{call}}}"
    inside = f'<xsl:value-of select="1"/><xsl:value-of {attribute}="{code}"/>'
    body = (
        f'<xsl:function xmlns:xsl="http://www.w3.org/1999/XSL/Transform" name="c:f">{inside}</xsl:function>'
        + RULE.format("c:f()")
    )
    with pytest.raises(HostilePack):
        compiled(write_pack({"rules.sch": SCHEMA.format(attributes="", body=body)}))


def test_entities_that_swell_in_attributes_are_never_read(write_pack: Callable[..., Path]) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 20 if n else "x"}">' for n in range(10))
    text = '<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2"><title id="&e9;"/></schema>'
    with pytest.raises(HostilePack) as caught:
        compiled(write_pack({"rules.sch": f"<!DOCTYPE schema [{entities}]>{text}"}))
    assert caught.value.code == "pack.refused.declaration"


def test_a_value_set_with_entities_is_named_and_is_no_pass(write_pack: Callable[..., Path]) -> None:
    pytest.importorskip("saxonche")
    value_set = '<!DOCTYPE v [<!ENTITY a "x">]><v a="&a;"/>'
    with OfficialRules(
        open_folder(write_pack({"rules.sch": RULE.format("doc('v.xml')//v"), "v.xml": value_set}))
    ) as rules:
        result = rules.check(document("<a/>"))
    assert result.verdict is Verdict.NOT_CHECKED
    assert "v.xml: a DOCTYPE declaration is not allowed" in str(result.layers[0].reason.en)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_is_no_file_is_not_opened(write_pack: Callable[..., Path]) -> None:
    folder = write_pack({"rules.sch": RULE.format("@x")})
    os.mkfifo(folder / "pipe.sch")
    (folder / "circle.xml").symlink_to("circle.xml")
    (folder / "nowhere.sch").symlink_to("/nowhere/at/all.sch")
    assert [info.path for info in open_folder(folder).manifest.schematrons] == ["rules.sch"]


def test_an_expression_out_of_all_measure_is_refused(write_pack: Callable[..., Path]) -> None:
    with pytest.raises(HostilePack) as caught:
        compiled(write_pack({"rules.sch": RULE.format("true() and " * 30_000 + "true()")}))
    assert caught.value.code == "pack.refused.swelling"


@pytest.mark.parametrize(
    "context", ["c:a[" + "(" * 40_000 + "@x" + ")" * 40_000 + "]", "c:a" + "[c:b" * 3000 + "]" * 3000]
)
def test_a_context_nested_without_measure_does_not_break_the_kit(write_pack: Callable[..., Path], context: str) -> None:
    body = f'<pattern id="p"><rule context="{context}"><assert test="1">x</assert></rule></pattern>'
    compiled(write_pack({"rules.sch": body}))


def test_includes_without_end_are_refused(write_pack: Callable[..., Path]) -> None:
    inner = '<include xmlns="http://purl.oclc.org/dsdl/schematron" href="{}.sch"/>'
    body = '<pattern id="p"><include href="one.sch"/></pattern>'
    with pytest.raises(HostilePack) as caught:
        compiled(write_pack({"rules.sch": body, "one.sch": inner.format("two"), "two.sch": inner.format("one")}))
    assert caught.value.code == "pack.refused.endless-include"


def test_abstract_rules_without_end_are_refused(write_pack: Callable[..., Path]) -> None:
    body = (
        '<pattern id="p"><rule abstract="true" id="A"><extends rule="B"/></rule><rule abstract="true" id="B"><extends rule="A"/></rule>'
        '<rule context="c:a"><extends rule="A"/></rule></pattern>'
    )
    with pytest.raises(HostilePack) as caught:
        compiled(write_pack({"rules.sch": body}))
    assert caught.value.code == "pack.refused.endless-extends"


def test_abstract_patterns_that_swell_are_refused(write_pack: Callable[..., Path]) -> None:
    parameters = "".join(
        f'<param name="p{n}" value="{"$p" + str(n + 1) + " " + "$p" + str(n + 1)}"/>' for n in range(40)
    )
    body = (
        '<pattern id="A" abstract="true"><rule context="c:a"><assert test="$p0">x</assert></rule></pattern>'
        f'<pattern id="p" is-a="A">{parameters}</pattern>'
    )
    with pytest.raises(HostilePack) as caught:
        compiled(write_pack({"rules.sch": body}))
    assert caught.value.code == "pack.refused.swelling"


def test_abstract_rules_that_swell_are_refused(write_pack: Callable[..., Path]) -> None:
    rules = "".join(
        f'<rule abstract="true" id="R{n}"><extends rule="R{n + 1}"/><extends rule="R{n + 1}"/></rule>'
        for n in range(40)
    )
    last = '<rule abstract="true" id="R40"><let name="n" value="1"/></rule>'
    body = f'<pattern id="p">{rules}{last}<rule context="c:a"><extends rule="R0"/><assert test="$n">x</assert></rule></pattern>'
    with pytest.raises(HostilePack) as caught:
        compiled(write_pack({"rules.sch": body}))
    assert caught.value.code == "pack.refused.swelling"


def test_includes_that_swell_are_refused(write_pack: Callable[..., Path]) -> None:
    rule = '<rule xmlns="http://purl.oclc.org/dsdl/schematron" context="c:a"><assert test="1">x</assert></rule>'
    body = '<pattern id="p">' + '<include href="rule.sch"/>' * 21_000 + "</pattern>"
    with pytest.raises(HostilePack) as caught:
        compiled(write_pack({"rules.sch": body, "rule.sch": rule}))
    assert caught.value.code == "pack.refused.swelling"


def test_xslt_of_the_pack_is_not_run(write_pack: Callable[..., Path], tmp_path: Path) -> None:
    pytest.importorskip("saxonche")
    target = tmp_path / "written.txt"
    body = (
        f'<xsl:function xmlns:xsl="http://www.w3.org/1999/XSL/Transform" name="c:write"><xsl:result-document href="{target.as_uri()}">x</xsl:result-document></xsl:function>'
        + RULE.format("c:write()")
    )
    from tests.packs.conftest import SCHEMA

    folder = write_pack({"rules.sch": SCHEMA.format(attributes="", body=body)})
    with OfficialRules(open_folder(folder)) as rules:
        assert rules.check(document("<a/>")).verdict is Verdict.NOT_CHECKED
    assert not target.exists()


def test_a_function_that_calls_itself_without_end_is_stopped(write_pack: Callable[..., Path]) -> None:
    pytest.importorskip("saxonche")
    endless = "let $f := function($g, $n) { 1 + $g($g, $n + 1) } return $f($f, 0) = 1"
    with OfficialRules(open_folder(write_pack({"rules.sch": RULE.format(endless)})), Limits(seconds=20)) as rules:
        result = rules.check(document("<a/>"))
    assert result.verdict is not Verdict.PASS
    assert result.layers[0].state is not LayerState.NOT_CONCERNED


def test_a_document_named_at_run_time_stays_in_the_pack(write_pack: Callable[..., Path], secret: Path) -> None:
    pytest.importorskip("saxonche")
    with OfficialRules(open_folder(write_pack({"rules.sch": RULE.format("doc(string(@href))//x")}))) as rules:
        for href in ("../secret.xml", secret.as_uri(), "/etc/hostname"):
            with pytest.raises(HostilePack):
                rules.check(document(f"<a href='{href}'/>"))


def test_the_worker_cannot_write_files(write_pack: Callable[..., Path]) -> None:
    pytest.importorskip("resource", reason="this system cannot limit what a process writes")
    import subprocess
    import sys

    from conformance.validation.packs import worker

    code = f"import runpy; m = runpy.run_path({worker.__file__!r}); m['_limit'](512)\nwith open('x', 'w') as f: f.write('x')"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, cwd=write_pack({"a.sch": "x"}), check=False
    )
    assert done.returncode != 0


def test_the_pre_flight_names_a_hostile_schematron_and_goes_on(write_pack: Callable[..., Path]) -> None:
    pytest.importorskip("saxonche")
    folder = write_pack({"bad.sch": RULE.format("unparsed-text('/etc/hostname')"), "good.sch": RULE.format("@x")})
    report = preflight(open_folder(folder))
    assert [problem.file for problem in report.of(ProblemKind.HOSTILE)] == ["bad.sch"]
    assert (report.loading, report.schematrons) == (1, 2)

"""Contexts: what is read of them never loses a node, whatever the document."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from conformance.validation.packs.contexts import routes
from conformance.validation.packs.coverage import covers, never_visited, shapes
from conformance.validation.packs.program import Program, RuleCode
from conformance.validation.packs.selection import chosen_rules, facts_of

NAMES = st.sampled_from(["a", "b", "t"])
VALUES = st.sampled_from(["1", "2"])


@st.composite
def elements(draw: st.DrawFn, depth: int = 3) -> etree._Element:
    element = etree.Element(
        draw(NAMES), {k: draw(VALUES) for k in draw(st.sets(st.sampled_from(["r", "s"]), max_size=2))}
    )
    if depth:
        element.extend(draw(st.lists(elements(depth=depth - 1), max_size=3)))
    return element


conditions = st.one_of(
    st.builds("@{}='{}'".format, st.sampled_from(["r", "s"]), VALUES),
    st.builds("{}/@r='{}'".format, NAMES, VALUES),
    st.builds("{}[@r='{}']".format, NAMES, VALUES),
    st.builds("not({})".format, NAMES),
    st.builds("count({})=1".format, NAMES),
    NAMES,
    st.builds("({} or {})".format, NAMES, NAMES),
    st.builds("./{}".format, NAMES),
    st.builds(".//{}/@r='{}'".format, NAMES, VALUES),
    st.builds("{}[.//{}/@r='{}']".format, NAMES, NAMES, VALUES),
    st.builds("@{}".format, st.sampled_from(["r", "s"])),
    st.builds("@{}='1' or @r='2'".format, st.sampled_from(["r", "s"])).map("({})".format),
    st.just("1"),
)
predicates = st.lists(conditions, min_size=1, max_size=2).map(lambda parts: f"[{' and '.join(parts)}]")
steps = st.builds(
    lambda name, found: name + "".join(found), st.sampled_from(["a", "b", "t", "*"]), st.lists(predicates, max_size=2)
)
paths = st.builds(
    lambda start, first, rest: start + first + "".join(sep + step for sep, step in rest),
    st.sampled_from(["", "//", "/"]),
    steps,
    st.lists(st.tuples(st.sampled_from(["/", "//"]), steps), max_size=2),
)
contexts = st.lists(paths, min_size=1, max_size=2).map(" | ".join)


def matched(context: str, root: etree._Element) -> set[etree._Element]:
    """The nodes that a context matches, by the definition: those that it selects from some ancestor or the top."""
    tree = etree.ElementTree(root)
    found: set[etree._Element] = set()
    for part in context.split(" | "):
        found |= set(tree.xpath(part if part.startswith("/") else f"//{part}"))
    return found


@settings(deadline=None, max_examples=150)
@given(contexts, elements())
def test_the_selection_holds_every_node_that_the_context_matches(context: str, root: etree._Element) -> None:
    tree = etree.ElementTree(root)
    selected: set[etree._Element] = set()
    for route in routes(context, {}):
        if route.lookup:
            use, value = route.lookup
            selected |= set(tree.xpath(f"//*[{use}='{value}']"))
        else:
            selected |= set(tree.xpath(route.select))
    assert matched(context, root) <= selected


@settings(deadline=None, max_examples=150)
@given(contexts, elements())
def test_a_rule_that_matches_something_is_never_left_out(context: str, root: etree._Element) -> None:
    rule = RuleCode(0, 0, 1, context, context, routes(context, {}), [], [])
    program = Program("p", "", "p", {}, "s", [("", "")], [], [], rules=[rule], groups=[[0]])
    if matched(context, root):
        assert chosen_rules(program, facts_of(root)) == {0: (0,)}


@settings(deadline=None, max_examples=150)
@given(contexts, contexts, elements())
def test_a_context_that_covers_another_matches_all_that_it_matches(
    wide: str, narrow: str, root: etree._Element
) -> None:
    if covers(shapes(wide, {}), shapes(narrow, {})):
        assert matched(narrow, root) <= matched(wide, root)


def test_the_same_words_in_another_dress_are_the_same_context() -> None:
    one, other = shapes('c:a[@b="1" and c:d]', {"c": "u"}), shapes("c:a [ c:d ] [ (@b = '1') ]", {"c": "u"})
    assert covers(one, other)
    assert covers(other, one)


def test_a_rule_of_a_volet_that_the_document_does_not_hold_is_left_out() -> None:
    context = "*[c:templateId/@root='1.2.3']"
    rule = RuleCode(0, 0, 1, context, context, routes(context, {"c": "u"}), [], [])
    program = Program("p", "", "p", {}, "s", [("", "")], [], [], rules=[rule], groups=[[0]])
    other = etree.fromstring('<a xmlns="u"><templateId root="1.2.4"/></a>')
    assert chosen_rules(program, facts_of(other)) == {}


@pytest.mark.parametrize(
    "condition",
    ["if (@r) then @s else (b) and b", "every $i in b satisfies $i/@r and b", "for $i in @r return a and b"],
)
def test_what_an_inner_expression_asks_for_is_not_asked_of_the_document(condition: str) -> None:
    (route,) = routes(f"a[{condition}]", {})
    assert route.needs == []


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ("c:a[@x]", "c:a[@x = '1']"), ("c:a[@x]", "c:a['1' = @x]"), ("c:a[c:b]", "c:a[c:b/c:d]"), ("*:a", "c:a"),
        ("c:*", "c:a"), ("c:a[@x = '1' or @x = '2']", "c:a[@x = '2']"), ("c:a[@x]", "c:a[@x = '1' or @x = '2']"),
    ],
)  # fmt: skip
def test_a_weaker_condition_is_wider(wide: str, narrow: str) -> None:
    assert covers(shapes(wide, {"c": "u"}), shapes(narrow, {"c": "u"}))
    assert not covers(shapes(narrow, {"c": "u"}), shapes(wide, {"c": "u"}))


@pytest.mark.parametrize("narrow", ["comment()", "text()", "/", "c:a/@x"])
def test_a_rule_for_elements_takes_no_other_node(narrow: str) -> None:
    assert not covers(shapes("*", {"c": "u"}), shapes(narrow, {"c": "u"}))


@pytest.mark.parametrize("condition", ["c:b | c:d", "c:b/c:d or c:e", "not(c:b = '1')", "c:b union c:d"])
def test_a_condition_that_can_hold_without_the_node_is_not_narrower(condition: str) -> None:
    assert not covers(shapes("c:a[c:b]", {"c": "u"}), shapes(f"c:a[{condition}]", {"c": "u"}))


def test_contexts_of_attributes_and_texts_alone_are_never_visited() -> None:
    assert all(never_visited(context) for context in ("@x", "c:a/@x", "c:a/text()", "attribute::x | text()"))
    assert not any(never_visited(context) for context in ("c:a[@x]", "@x | c:a", "c:a[text()]", "text"))

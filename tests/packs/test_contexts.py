"""Contexts: what is read of them never loses a node, whatever the document."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from conformance.validation.packs.contexts import covers, routes, shapes
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

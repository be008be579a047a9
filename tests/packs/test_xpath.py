"""Expressions: read token by token, refused when they reach outside."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.validation.packs.xpath import FUNCTIONS, XML_SCHEMA, RefusedExpression, guard, tokens, variables

NAMESPACES = {"fn": FUNCTIONS, "xs": XML_SCHEMA, "c": "urn:hl7-org:v3"}


def guarded(expression: str) -> str:
    return guard(expression, NAMESPACES, lambda name: f"ours:{name}")


@given(st.text(alphabet="ab1$@/()[]{}'\":=.,-* \n€é|#?<>", max_size=40))
def test_tokens_give_back_the_expression(expression: str) -> None:
    assert "".join(token.text for token in tokens(expression)) == expression


def test_a_name_in_a_string_or_a_comment_is_no_call() -> None:
    expression = "'doc(1)' = \"document(2)\" (: doc('x') :)"
    assert guarded(expression) == expression


def test_documents_are_asked_for_through_ours() -> None:
    assert (
        guarded("count(document($p)//c:x) and doc-available ('y')")
        == "count(ours:document($p)//c:x) and ours:doc-available ('y')"
    )


@pytest.mark.parametrize(
    "expression",
    [
        "if (@a) then xs:date(@b) else c:d/text()",
        "for $x in (1 to 3) return $x",
        "some $x in c:y satisfies $x/@a",
        "child::c:x/ancestor::node()",
        "matches(@a, '^x') and fn:not(@b)",
        "c:a[last()]/processing-instruction()",
    ],
)
def test_what_is_harmless_is_left_as_it_is(expression: str) -> None:
    assert guarded(expression) == expression


@pytest.mark.parametrize(
    "expression",
    [
        "unparsed-text('secret')",
        "fn:unparsed-text('secret')",
        "Q{http://www.w3.org/2005/xpath-functions}unparsed-text('secret')",
        "environment-variable('HOME')",
        "collection('.')",
        "doc#1('x')",
        "function-lookup(xs:QName('fn:doc'), 1)",
        "saxon:evaluate('1')",
        "document('a', /)",
        "'x' => doc()",
        "transform(map{})",
        "unparsed-text (: hidden :) ('secret')",
    ],
)
def test_a_call_that_reaches_outside_is_refused(expression: str) -> None:
    with pytest.raises(RefusedExpression):
        guarded(expression)


def test_variables_are_found_outside_strings() -> None:
    assert variables("$a + '$b' + $ c:d (: $e :)") == {"a", "c:d"}

"""Whatever is done to the nodes of a document, each layer judges it: no rule breaks, no finding is without words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from conformance.generation import KINDS, generate
from conformance.validation.outcome import LayerStatus
from conformance.validation.pipeline import validate
from tests.fuzz.altering import WAYS, Alteration

RANKS = st.integers(0, 1 << 20)
ALTERATIONS = st.lists(st.builds(Alteration, st.sampled_from(WAYS), RANKS, RANKS, RANKS), min_size=1, max_size=4)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_alteration_breaks_a_layer(kind: str) -> None:
    whole = generate(kind, 1)

    @given(ALTERATIONS)
    def holds(alterations: list[Alteration]) -> None:
        root = etree.fromstring(whole)
        for alteration in alterations:
            alteration.apply(root)
        outcome = validate(etree.tostring(root), "altered.xml")
        assert [layer.reason for layer in outcome.layers if layer.status is LayerStatus.FAILED] == []
        for finding in outcome.findings:
            assert finding.message.fr
            assert finding.message.en

    holds()

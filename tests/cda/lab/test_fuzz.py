"""Altered reports give typed errors or a judgement, never another exception; the JSON always holds what is promised."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import validate
from lxml import etree

from conformance.cda.lab import as_json, as_text, judge_report, read_report
from conformance.cda.reading import read_document
from conformance.core.errors import SegurError
from tests.cda.lab.reports import between, comment, component, document, interpretation, observation, quantity
from tests.cda.lab.test_explain_command import PROMISED

WHOLE = document(
    component(observation(quantity("6.8", "mmol/L", '<translation value="1.2" code="g/L"/>'), component(comment("Hémolyse"), "SUBJ"),
                          interpretation("HH"), between("3.5", "5.1")))
    + component(observation('<value xsi:type="IVL_PQ"><high value="1.0" unit="mg/L" inclusive="false"/></value>', between(None, "5.0", "mg/L")))
    + component(observation('<value xsi:type="RTO_PQ_PQ"><numerator value="1"/><denominator value="80"/></value>'))
)  # fmt: skip
ODD = st.sampled_from(
    [
        "",
        " ",
        "x",
        "-1",
        "1e999",
        "0",
        "²",
        "1.2.3",
        "NaN",
        "IVL_PQ",
        "PQ",
        "RTO",
        "ED",
        "CD",
        "false",
        "UNK",
        "10*99",
        "%",
        "[IU]",
    ]
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_an_altered_report_is_judged_or_refused_with_a_typed_error(data: st.DataObject) -> None:
    root = etree.fromstring(WHOLE)
    elements = list(root.iter("*"))
    for _ in range(data.draw(st.integers(1, 4))):
        element = data.draw(st.sampled_from(elements))
        match data.draw(st.sampled_from(["attribute", "drop attribute", "remove", "duplicate", "rename", "text"])):
            case "attribute" if element.attrib:
                element.set(data.draw(st.sampled_from(sorted(element.attrib))), data.draw(ODD))
            case "drop attribute" if element.attrib:
                del element.attrib[data.draw(st.sampled_from(sorted(element.attrib)))]
            case "remove" if element.getparent() is not None:
                element.getparent().remove(element)
            case "duplicate" if element.getparent() is not None:
                element.addnext(etree.fromstring(etree.tostring(element, with_tail=False)))
            case "rename":
                element.tag = data.draw(st.sampled_from([str(other.tag) for other in elements]))
            case "text":
                element.text = data.draw(ODD)
    try:
        judged = judge_report(read_report(read_document(etree.tostring(root))))
    except SegurError:
        return
    validate(json.loads(json.dumps(as_json(judged))), PROMISED)
    assert as_text(judged)

"""The form of OIDs and UUIDs."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.core.findings import Severity
from conformance.identity.oid import Form, form_of, is_oid, oid_of_uuid, oid_problems
from conformance.identity.problems import codes

oids = st.builds(
    lambda first, second, rest: ".".join(map(str, (first, second, *rest))),
    st.integers(0, 2),
    st.integers(0, 39),
    st.lists(st.integers(0, 10**6), max_size=6),
)


@given(oids)
def test_a_well_formed_oid_passes(oid: str) -> None:
    assert form_of(oid) is Form.OID
    assert is_oid(oid)
    assert oid_problems(oid) == []


@given(oids, st.data())
def test_a_leading_zero_is_found(oid: str, data: st.DataObject) -> None:
    arcs = oid.split(".")
    at = data.draw(st.integers(0, len(arcs) - 1))
    arcs[at] = "0" + arcs[at]
    assert codes(oid_problems(".".join(arcs))) == {"oid.form"}


@pytest.mark.parametrize(
    "text", ["", "1", "3.1", "1.40", "0.40.1", "1..2", ".1.2", "1.2.", "1.2.a", "1,2", " 1.2", "1.2\n", "١.٢"]
)
def test_what_is_no_oid_is_found(text: str) -> None:
    assert codes(oid_problems(text)) == {"oid.form"}
    assert form_of(text) is Form.OTHER


@pytest.mark.parametrize(("length", "good"), [(64, True), (65, False)])
def test_an_oid_has_64_characters_at_most(length: int, good: bool) -> None:
    oid = "2." + "1" * (length - 2)
    assert is_oid(oid) is good
    assert codes(oid_problems(oid)) == (set() if good else {"oid.too-long"})


@given(st.uuids())
def test_a_uuid_is_a_warning_and_has_an_oid_form(uuid: UUID) -> None:
    for text in (str(uuid), str(uuid).upper()):
        (problem,) = oid_problems(text)
        assert (problem.code, problem.severity) == ("oid.uuid", Severity.WARNING)
        assert oid_of_uuid(text) == f"2.25.{uuid.int}"
        assert is_oid(oid_of_uuid(text))


def test_what_is_no_uuid_has_no_oid_form() -> None:
    with pytest.raises(ValueError, match=r"not a UUID"):
        oid_of_uuid("1.2.3")

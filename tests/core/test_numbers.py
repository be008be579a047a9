"""Whole numbers written by others: plain digits, of a sensible count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.core.numbers import whole_number


@given(st.integers(0, 10**18 - 1))
def test_a_number_in_plain_digits_is_read(number: int) -> None:
    assert whole_number(str(number)) == number


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.0", " 1", "1e3", "٣", "²", "9" * 19, "9" * 5000])
def test_anything_else_is_no_number(text: str) -> None:
    assert whole_number(text) is None

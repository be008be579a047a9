"""Codes of the header: what XML leaves out of their value does not count."""

from __future__ import annotations

from random import Random

import pytest

from conformance.generation.vsm import draw_vsm, make_vsm_setting
from conformance.validation.pipeline import validate


def errors(written: str) -> list[str]:
    """The rules of the header that speak when the confidentiality code is written like this."""
    random = Random(1)
    document = draw_vsm(random, make_vsm_setting(random))
    assert b'<confidentialityCode code="N"' in document
    altered = document.replace(b'<confidentialityCode code="N"', f'<confidentialityCode code="{written}"'.encode())
    return [one.rule for one in validate(altered).findings if one.layer == "header"]


@pytest.mark.parametrize("written", ["N", "N ", " N", " N "])
def test_spaces_around_a_code_are_no_part_of_it(written: str) -> None:
    assert errors(written) == errors("N")


def test_another_code_is_still_refused() -> None:
    assert "header.document.confidentialityCode.value-set" in errors("N N")

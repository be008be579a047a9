"""The units known without the parser are units for the parser too."""

from __future__ import annotations

import pytest

from conformance.cda.biology.coherence import COMMON_UNITS, is_unit
from conformance.terminology.units import is_ucum


@pytest.mark.parametrize("unit", sorted(COMMON_UNITS))
def test_a_usual_unit_is_a_ucum_unit(unit: str) -> None:
    assert is_ucum(unit)


@pytest.mark.parametrize("unit", ["UI/L", "zz", "mmol par litre", "g/l ", ""])
def test_what_is_no_unit_is_refused(unit: str) -> None:
    assert not is_unit(unit)

"""The tool that writes the value sets."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.terminology.build import extract

SVS = """<RetrieveValueSetResponse xmlns="urn:ihe:iti:svs:2008">
<ValueSet id="2.999.1" displayName="JDV_Essai.tabs" effectiveDate="2020-01-02T00:00:00+01:00"
          revisionDate="2024-03-04T12:00:00+01:00" dateFin="{end}"><ConceptList>{concepts}</ConceptList></ValueSet>
</RetrieveValueSetResponse>"""


def svs(tmp_path: Path, concepts: str, end: str = "") -> Path:
    path = tmp_path / "set.xml"
    path.write_text(SVS.format(concepts=concepts, end=end), encoding="utf-8")
    return path


def test_heading_and_dates_are_taken(tmp_path: Path) -> None:
    found = extract(svs(tmp_path, "", end="20250131120000"))
    assert found.heading == ("2.999.1", "JDV_Essai", "20240304", "20200102", "20250131")


def test_blanks_around_codes_and_labels_are_dropped(tmp_path: Path) -> None:
    found = extract(svs(tmp_path, '<Concept code="&#9;LA1\u00a0" codeSystem="2.999" displayName=" Un  deux\u00a0"/>'))
    assert found.concepts == (("LA1", "2.999", "Un deux", "", ""),)


def test_the_validity_of_a_code_is_taken(tmp_path: Path) -> None:
    line = '<Concept code="A" codeSystem="2.999" displayName="a" dateValid="20210419000000" dateFin="20241213120000"/>'
    assert extract(svs(tmp_path, line)).concepts == (("A", "2.999", "a", "20210419", "20241213"),)


def test_placeholders_and_repeated_codes_are_left_out(tmp_path: Path) -> None:
    twice = '<Concept code="A" codeSystem="2.999" displayName="a"/>' * 2
    found = extract(svs(tmp_path, twice + '<Concept code="code à fournir" codeSystem="2.999" displayName="b"/>'))
    assert [line[0] for line in found.concepts] == ["A"]


def test_a_file_that_is_no_value_set_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.xml"
    path.write_text("<other/>", encoding="utf-8")
    with pytest.raises(ValueError, match=r"no ValueSet"):
        extract(path)

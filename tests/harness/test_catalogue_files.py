"""Coverage and listing on a small catalogue; files that break the rules are refused with file and id."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.core.errors import UsageError
from conformance.core.verdicts import ExitCode
from conformance.harness.catalogue import CatalogueError, GapReason, Obligation, State, coverage, listing, load

MINIMAL = {
    "fr": '"Faire ceci."',
    "en": '"Do this."',
    "wave": "2",
    "obligation": '"mandatory"',
    "trust": '"published"',
    "source": '["SQ1"]',
    "proof": '["video"]',
    "scenarios": '"unknown"',
    "verification": '"machine"',
}
HEAD = '[domain]\nfr = "Essai"\nen = "Trial"\n'


def entry(identifier: str, **changes: str | None) -> str:
    values = {"id": f'"{identifier}"', **MINIMAL, **changes}
    return "[[requirement]]\n" + "".join(f"{key} = {value}\n" for key, value in values.items() if value is not None)


def written(folder: Path, *entries: str, former: str = "") -> Path:
    (folder / "essai.toml").write_text(HEAD + "".join(entries), "utf-8")
    (folder / "v1_ids.toml").write_text("[v1]\n" + former, "utf-8")
    return folder


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return written(
        tmp_path,
        entry("A.01"),
        entry("A.02"),
        entry("A.03", gap='"needs_person"', verification='"person"'),
        entry("A.04", gap='"planned:messagerie"', aliases='["B.04"]'),
        entry("A.05", gap='"needs_third_party:cnda"', verification='"third_party"'),
        former='"OLD.01" = ["A.04", "A.05"]\n',
    )


def test_coverage_tells_covered_person_gap_and_unexplained(small: Path) -> None:
    told = coverage({"A.01": ["profiles/vsm/test_b.py::b", "profiles/vsm/test_a.py::a"]}, load(small))
    assert {line.requirement.id: line.state for line in told.lines} == {
        "A.01": State.COVERED,
        "A.02": State.UNEXPLAINED,
        "A.03": State.PERSON_ONLY,
        "A.04": State.GAP,
        "A.05": State.GAP,
    }
    assert told.lines[0].tests == ("profiles/vsm/test_a.py::a", "profiles/vsm/test_b.py::b")
    assert not told.sound


def test_a_covered_requirement_whose_gap_remains_is_stale(small: Path) -> None:
    told = coverage({"A.01": ["t"], "A.02": ["t"], "B.04": ["t"]}, load(small))
    assert [line.requirement.id for line in told.stale] == ["A.04"]
    assert not told.sound


def test_a_requirement_without_any_test_is_not_covered(small: Path) -> None:
    assert coverage({"A.01": []}, load(small)).lines[0].state is State.UNEXPLAINED


def test_coverage_lists_the_ids_that_the_catalogue_does_not_know(small: Path) -> None:
    told = coverage({"A.01": ["t"], "A.02": ["t"], "X.99": ["u"], "OLD.01": ["v"]}, load(small))
    assert told.unknown == {"X.99": ("u",), "OLD.01": ("v",)}
    assert not told.sound


def test_coverage_is_sound_when_every_gap_is_explained(small: Path) -> None:
    assert coverage({"A.01": ["t"], "A.02": ["t"]}, load(small)).sound


def shown(small: Path, **selection: object) -> list[str]:
    tests = {"A.01": ["profiles/vsm/test_a.py::a"]}
    groups = listing(tests, known=load(small), **selection)  # type: ignore[arg-type] # the tests below name the keys
    return [line.requirement.id for group in groups for line in group.lines]


def test_listing_shows_everything_by_default(small: Path) -> None:
    assert shown(small) == ["A.01", "A.02", "A.03", "A.04", "A.05"]


def test_listing_of_a_profile_shows_what_it_covers(small: Path) -> None:
    assert shown(small, profile="vsm") == ["A.01"]


def test_listing_of_a_profile_shows_what_it_is_to_cover(small: Path) -> None:
    assert shown(small, profile="messagerie") == ["A.04"]


def test_listing_of_a_former_id_shows_all_that_bore_it(small: Path) -> None:
    assert shown(small, requirements=["OLD.01"]) == ["A.04", "A.05"]


def test_listing_refuses_an_unknown_id(small: Path) -> None:
    with pytest.raises(UsageError):
        shown(small, requirements=["A.99"])


@pytest.mark.parametrize("reason", GapReason)
def test_every_reason_of_a_gap_has_its_sentence(tmp_path: Path, reason: GapReason) -> None:
    subject = {GapReason.PLANNED: ":vsm", GapReason.NEEDS_THIRD_PARTY: ":cnda"}.get(reason, "")
    gap = load(written(tmp_path, entry("A.01", gap=f'"{reason}{subject}"'))).requirement("A.01").gap
    assert gap is not None
    assert gap.sentence.fr != gap.sentence.en
    assert "{" not in gap.sentence.fr + gap.sentence.en


# Files that break the rules.


def test_an_entry_takes_over_the_defaults_of_its_file(tmp_path: Path) -> None:
    bare = entry("A.01", wave=None, gap='""')
    (tmp_path / "essai.toml").write_text(f'{HEAD}[defaults]\nwave = 1\ngap = "obsolete"\n{bare}', "utf-8")
    (tmp_path / "v1_ids.toml").write_text("", "utf-8")
    found = load(tmp_path).requirement("A.01")
    assert (found.wave, found.gap, found.obligation) == (1, None, Obligation.MANDATORY)


BROKEN: dict[str, tuple[dict[str, str | None], str]] = {
    "an unknown key": ({"vawe": "1"}, "catalogue.unknown-key"),
    "an unknown trust": ({"trust": '"official"'}, "catalogue.value"),
    "an unknown obligation": ({"obligation": '"O"'}, "catalogue.value"),
    "an unknown verification": ({"verification": '"robot"'}, "catalogue.value"),
    "an unknown kind of proof": ({"proof": '["fax"]'}, "catalogue.value"),
    "an unknown reason of gap": ({"gap": '"too_hard"'}, "catalogue.value"),
    "a plan without profile": ({"gap": '"planned"'}, "catalogue.value"),
    "a plan for an unknown profile": ({"gap": '"planned:radio"'}, "catalogue.value"),
    "an unknown third party": ({"gap": '"needs_third_party:bank"'}, "catalogue.value"),
    "a subject where none is due": ({"gap": '"obsolete:vsm"'}, "catalogue.value"),
    "a wave 3": ({"wave": "3"}, "catalogue.value"),
    "an unknown claim": ({"claim": '"dentiste"'}, "catalogue.value"),
    "no French words": ({"fr": None}, "catalogue.missing"),
    "blank English words": ({"en": '" "'}, "catalogue.missing"),
    "no scenarios": ({"scenarios": None}, "catalogue.missing"),
    "no id": ({"id": None}, "catalogue.missing"),
    "a condition left out": ({"obligation": '"conditional"'}, "catalogue.missing"),
    "a note in one language": ({"note": '{ fr = "Oui." }'}, "catalogue.missing"),
    "a note that is no table": ({"note": '"Oui."'}, "catalogue.type"),
    "an id that is a number": ({"id": "7"}, "catalogue.type"),
    "a source that is no list": ({"source": '"SQ1"'}, "catalogue.type"),
    "scenarios that are words": ({"scenarios": '"four"'}, "catalogue.type"),
    "an alias that is an id already": ({"aliases": '["A.00"]'}, "catalogue.duplicate"),
    "text that is not TOML": ({"fr": "Faire"}, "catalogue.unreadable"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_entry_is_refused_with_file_and_id(tmp_path: Path, fault: str) -> None:
    changes, code = BROKEN[fault]
    with pytest.raises(CatalogueError) as caught:
        load(written(tmp_path, entry("A.00"), entry("A.01", **changes)))
    assert caught.value.code == code
    assert caught.value.exit_code is ExitCode.BENCH_ERROR
    assert "essai.toml" in caught.value.sentence.fr
    if code not in ("catalogue.unreadable", "catalogue.duplicate") and changes.get("id", "") == "":
        assert "A.01" in caught.value.sentence.en


def test_an_id_in_two_files_is_refused_with_both_names(tmp_path: Path) -> None:
    written(tmp_path, entry("A.01"))
    (tmp_path / "autre.toml").write_text(HEAD + entry("A.01"), "utf-8")
    with pytest.raises(CatalogueError, match=r"autre\.toml") as caught:
        load(tmp_path)
    assert "essai.toml" in caught.value.sentence.en
    assert "A.01" in caught.value.sentence.en


def test_a_wave_1_id_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"A\.99"):
        load(written(tmp_path, entry("A.01"), former='"OLD.01" = ["A.99"]\n'))


def test_a_domain_without_title_is_refused(tmp_path: Path) -> None:
    (tmp_path / "essai.toml").write_text(entry("A.01"), "utf-8")
    with pytest.raises(CatalogueError, match=r"essai\.toml"):
        load(tmp_path)

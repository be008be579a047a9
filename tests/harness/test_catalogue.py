"""The catalogue agrees with the reference, speaks in its own words, and refuses files that break its rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.core.errors import UsageError
from conformance.core.findings import Trust
from conformance.core.verdicts import ExitCode
from conformance.harness.catalogue import (
    GapReason,
    Proof,
    ProofKind,
    Requirement,
    Verification,
    catalogue,
    requirement,
)

TRUST = {"★": Trust.PUBLISHED, "◇": Trust.REGISTER_2023, "◌": Trust.OBSOLETE, "": Trust.SECOND_HAND}

# Reading the ids out of the reference: an id in full, a shortened one (.57, UX.51, .14.BIS), a range, a mark.
STEM = r"(?:(?:SC|LGC|SGL|AMBU)\.)?[A-Z][A-Za-z]*(?:/[A-Za-z]+\d?){0,2}"
FULL = rf"{STEM}\.(?:\d\d|XX)(?:\.(?:\d\d|BIS|TER))?(?![\d.]\d)"
TOKEN = re.compile(
    rf"(?P<full>{FULL})|(?P<range>-\.(?P<last>\d\d))|(?P<short>\.\d\d(?:\.(?:BIS|TER))?)|(?P<mark>\(?[★◇◌]\)?)"
)
CHAPTER = re.compile(r"(?:UX|DD)\.\d\d")
BARE = {"1.4": "SC.DMP/"}
"""What an id that its line gives by its chapter alone belongs to: the draft (UX.41) of the DMP."""


def rows(reference: str, *sections: str) -> Iterator[tuple[str, str]]:
    """(section, first cell) of each line of the tables of these sections."""
    section = ""
    for line in reference.splitlines():
        if line.startswith("#"):
            found = re.match(r"### (1\.\d+) ", line)
            section = found[1] if found else ""
        elif section in sections and line.startswith("| ") and not line.startswith(("| id", "|--")):
            yield section, line.split("|")[1]


def ids_of(cell: str, section: str = "") -> dict[str, str]:
    """Each id of a first cell with its mark: the next one behind it, alone when between brackets."""
    cell = cell.replace("**", "").replace("`", "").replace("scenario .01", "").replace("(also ", "")
    cell = re.sub(r"\((?!◌|\+|PROG|UX)[^)]*\)", "", cell)
    pair = re.search(r"([★◇◌])/([★◇◌])", cell)
    ids: dict[str, str] = {}
    waiting: list[str] = []
    previous = ""
    for token in TOKEN.finditer(cell):
        if mark := token["mark"]:
            taken = waiting[-1:] if mark.startswith("(") else list(waiting)
            ids.update(dict.fromkeys(taken, mark.strip("()")))
            waiting = [each for each in waiting if each not in taken]
            continue
        if last := token["last"]:
            stem, number = previous.rsplit(".", 1)
            new = [f"{stem}.{n:02d}" for n in range(int(number) + 1, int(last) + 1)]
        elif short := token["short"]:
            new = [re.sub(r"\.\d\d(\.BIS|\.TER)?$", "", previous) + short]
        elif CHAPTER.fullmatch(token["full"]):
            new = [(previous.rsplit("/", 1)[0] + "/" if previous else BARE[section]) + token["full"]]
        else:
            new = [token["full"]]
        for each in new:
            ids[each] = ""
            waiting.append(each)
            previous = each
    return dict(zip(ids, pair.groups(), strict=True)) if pair else ids


def marks(reference: str, *sections: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for section, cell in rows(reference, *sections):
        for identifier, mark in ids_of(cell, section).items():
            found[identifier] = found.get(identifier) or mark
    return found


def annex_a(reference: str) -> dict[str, list[str]]:
    """Wave 1 id → the ids that took its place."""
    found: dict[str, list[str]] = {}
    text = reference.split("## Annex A.")[1].split("\n", 1)[1].split("## Annex B.")[0].strip().rstrip(".")

    def spread(numbers: str) -> list[str]:
        first, _, last = numbers.partition("-")
        return [f"{n:02d}" for n in range(int(first), int(last or first) + 1)]

    for group in text.split(" · "):
        domain = group[: re.match(r"[A-Z]+", group).end()]  # type: ignore[union-attr] # each group begins with letters
        family = "ApCV" if domain == "APCV" else domain
        for pair in group.split(", "):
            old, _, new = pair.partition("=")
            olds = spread(re.search(r"\d\d(-\d\d)?", old)[0])  # type: ignore[index] # each pair has a number
            news = re.findall(r"(?:va1\.|[./]|^)(\d\d(?:-\d\d)?)", new.strip()) or [olds[0]]
            if "-" in news[0]:
                for one, other in zip(olds, spread(news[0]), strict=True):
                    found[f"{domain}.{one}"] = [f"{family}/va1.{other}"]
            else:
                found.update({f"{domain}.{one}": [f"{family}/va1.{other}" for other in news] for one in olds})
    return found


SECTIONS = tuple(f"1.{n}" for n in range(1, 9))


@pytest.fixture(scope="module")
def reference(shared: Path) -> str:
    return (shared / "reference" / "requirements.md").read_text("utf-8")


def own_ids() -> set[str]:
    """The ids and aliases of the catalogue, those of wave 1 aside."""
    return {name for each in catalogue() for name in (each.id, *each.aliases)}


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (" INS/va1.02, .25, .41(◌) ◇ ", {"INS/va1.02": "◇", "INS/va1.25": "◇", "INS/va1.41": "◌"}),
        (" SC.DMP/UX.06, .08, .50 ◇ ", {"SC.DMP/UX.06": "◇", "SC.DMP/UX.08": "◇", "SC.DMP/UX.50": "◇"}),
        (" DOC.01 / DOC/va1.12 (V1 DOC.02) ◇/◌ ", {"DOC.01": "◇", "DOC/va1.12": "◌"}),
        (" **BIO/va1.05 ★** (BIO.01) ", {"BIO/va1.05": "★"}),
        (" SC.CDA/VISU.03 ★, DD.15 ★ ", {"SC.CDA/VISU.03": "★", "SC.CDA/DD.15": "★"}),
        (" SC.DMP/CONF.09 ◇ (+ .09.BIS in 11/2024) ", {"SC.DMP/CONF.09": "◇", "SC.DMP/CONF.09.BIS": ""}),
        (" MSS/va1.08 ★ (ECO.2.2.2), .12 ★ ", {"MSS/va1.08": "★", "MSS/va1.12": "★"}),
        (" HOP/va1.10-.12 ", {"HOP/va1.10": "", "HOP/va1.11": "", "HOP/va1.12": ""}),
    ],
)
def test_shorthand_of_the_reference_is_understood(cell: str, expected: dict[str, str]) -> None:
    assert ids_of(cell) == expected


def test_every_id_of_the_reference_is_in_the_catalogue(reference: str) -> None:
    found = marks(reference, *SECTIONS)
    assert len(found) > 200
    assert sorted(set(found) - own_ids()) == []


def test_every_id_in_the_running_text_of_the_reference_is_in_the_catalogue(reference: str) -> None:
    text = reference.split("### 1.1 ")[1].split("### 1.9 ")[0]
    found = set(re.findall(rf"(?<![\w./])(?:SC|LGC|AMBU)\.{STEM}\.\d\d|[A-Z]+/va1\.\d\d", text))
    assert len(found) > 130
    assert sorted(found - own_ids()) == []


def test_the_ins_domain_has_the_52_ids_of_wave_1_that_the_reference_counts() -> None:
    ins = [each for each in catalogue() if each.id.startswith("INS/va1.")]
    assert len(ins) == 52
    assert sum(each.trust is Trust.OBSOLETE for each in ins) == 2


def test_no_id_that_the_reference_does_not_know(reference: str) -> None:
    known = set(marks(reference, *SECTIONS, "1.10", "1.12"))
    known.update(new for news in annex_a(reference).values() for new in news)
    known.update(re.findall(FULL, reference))
    known.update(each for span in re.findall(rf"{FULL}-\.\d\d", reference) for each in ids_of(span))
    assert sorted(own_ids() - known) == []


def test_trust_marks_agree_with_the_reference(reference: str) -> None:
    found = marks(reference, *SECTIONS, "1.10", "1.12")
    compared = {each.id: (each.trust, TRUST[found[each.id]]) for each in catalogue() if each.id in found}
    assert len(compared) > 230
    assert {each: pair for each, pair in compared.items() if pair[0] is not pair[1]} == {}


def test_an_id_that_the_tables_do_not_mark_is_second_hand(reference: str) -> None:
    found = marks(reference, *SECTIONS, "1.10", "1.12")
    unlisted = [each for each in catalogue() if each.id not in found]
    assert unlisted
    assert {each.trust for each in unlisted} == {Trust.SECOND_HAND}


def test_wave_1_ids_agree_with_annex_a(reference: str) -> None:
    told = annex_a(reference)
    del told["APCV.01"]  # the ApCV is outside the domains of the kit
    assert len(told) > 100
    ours: dict[str, set[str]] = {}
    for each in catalogue():
        for old in each.v1_ids:
            ours.setdefault(old, set()).update(name for name in (each.id, *each.aliases) if "/va1." in name)
    expected = {old: {catalogue().named(new)[0].id for new in news} for old, news in told.items()}
    assert {old: {catalogue().named(new)[0].id for new in news} for old, news in ours.items()} == expected


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def sentences(each: Requirement) -> list[str]:
    texts = [text for text in (each.demand, each.condition, each.note) if text]
    return [sentence for text in texts for sentence in (text.fr, text.en)]


def test_no_run_of_nine_words_is_copied_from_the_reference(reference: str) -> None:
    told = words(reference)
    runs = {tuple(told[n : n + 9]) for n in range(len(told) - 8)}
    copied = [
        (each.id, " ".join(said[n : n + 9]))
        for each in catalogue()
        for said in map(words, sentences(each))
        for n in range(len(said) - 8)
        if tuple(said[n : n + 9]) in runs
    ]
    assert copied == []


def test_each_demand_exists_in_both_languages() -> None:
    assert [each.id for each in catalogue() if each.demand.fr == each.demand.en] == []
    assert [each.id for each in catalogue() if min(len(words(text)) for text in sentences(each)) < 2] == []


def test_french_is_set_properly() -> None:
    french = [(each.id, text.fr) for each in catalogue() for text in (each.demand, each.condition, each.note) if text]
    assert [each for each, text in french if re.search(r"'| [:;?!»]|« ", text)] == []


def test_every_text_ends_with_a_full_stop() -> None:
    assert [each.id for each in catalogue() for text in sentences(each) if not text.endswith(".")] == []


def test_the_gap_agrees_with_who_can_judge() -> None:
    judges = {GapReason.NEEDS_PERSON: Verification.PERSON, GapReason.NEEDS_THIRD_PARTY: Verification.THIRD_PARTY}
    judges |= {GapReason.PLANNED: Verification.MACHINE}
    wrong = [
        each.id
        for each in catalogue()
        if each.gap and each.verification is not judges.get(each.gap.reason, each.verification)
    ]
    assert wrong == []


def test_an_obsolete_requirement_is_never_planned() -> None:
    obsolete = [each for each in catalogue() if each.trust is Trust.OBSOLETE]
    assert obsolete
    assert {each.gap and each.gap.reason for each in obsolete} == {GapReason.OBSOLETE}


def test_ids_shared_in_one_line_know_one_another() -> None:
    known = {each.id: each for each in catalogue()}
    groups = [each for each in known.values() if each.together]
    assert groups
    assert all(each.id in known[other].together for each in groups for other in each.together)


def test_scenarios_and_proofs_are_those_of_the_reference() -> None:
    assert requirement("INS/va1.56").scenarios == tuple(f"INS/va1.56.0{n}" for n in (1, 2, 3, 4))
    assert requirement("INS/va1.45").scenarios == ()
    assert requirement("DOC/va1.14").scenarios is None
    assert requirement("DOC/va1.14").proofs == (Proof(ProofKind.GAZELLE, "CI-SIS-VSM-Create_doc-Sc1"),)
    assert requirement("LGC.DMP/UX.10").scenarios == ("LGC.DMP/UX.10.01",)
    assert requirement("MSS/va1.01").proof_ids == ("MSS/va1.01.01.03",)
    assert requirement("LGC.MDV.06").proofs is None
    assert requirement("SC.DB/LGC.01").proofs == ()


def test_only_what_an_official_page_cites_goes_without_the_words_to_confirm() -> None:
    published = [each for each in catalogue() if each.trust is Trust.PUBLISHED]
    confirmed = {each.id for each in published if "confirm" not in each.standing.en}
    assert confirmed == {"INS/va1.53", "LGC.DMP/UX.10"}


# Finding one.


def test_an_alias_leads_to_its_requirement() -> None:
    assert requirement("SC.MSS/UX.05").id == "LGC.MSS/UX.05"
    assert requirement("MSS/va1.02").id == "AMBU.MSS/va1.02"
    assert requirement(" DOC.07 ").id == "DOC/va1.14"


def test_an_id_used_again_means_the_later_requirement_and_tells_the_former() -> None:
    assert requirement("DOC.03").id == "DOC.03"
    assert [each.id for each in catalogue().named("DOC.03")] == ["DOC.03", "DOC/va1.02", "DOC/va1.04"]


def test_a_former_id_of_several_requirements_is_refused_with_their_ids() -> None:
    with pytest.raises(UsageError, match=r"INS/va1\.13, INS/va1\.57") as caught:
        requirement("INS.38")
    assert caught.value.code == "catalogue.ambiguous-id"


def test_an_unknown_id_is_a_sentence_with_the_nearest_ones() -> None:
    with pytest.raises(UsageError) as caught:
        requirement("INS/va1.530")
    assert "INS/va1.530" in caught.value.sentence.fr
    assert "INS/va1.530" in caught.value.sentence.en
    assert "INS/va1.53" in caught.value.hint.fr
    assert caught.value.exit_code is ExitCode.USAGE


def test_an_id_like_no_other_points_to_the_list() -> None:
    with pytest.raises(UsageError) as caught:
        requirement("zzz")
    assert "segur list" in caught.value.hint.en

"""The INS matricule: form, key, root, agreement with the traits."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from conformance.core.findings import Severity
from conformance.identity.generate import make_matricule
from conformance.identity.ins import (
    INS_C,
    INS_NIA,
    INS_NIR,
    INS_NIR_TEST,
    INS_ROOTS,
    InsStatus,
    birth_problems,
    key_of,
    matricule_problems,
    parse_matricule,
    root_problems,
)
from conformance.identity.problems import codes

randoms = st.randoms(use_true_random=False)
matricules = randoms.map(make_matricule)
PUBLISHED = "279035121518989"
"""The patient of the published examples: a woman born in March 1979 at 51215."""


@given(matricules, st.sampled_from([*INS_ROOTS, None]))
def test_a_computed_key_is_accepted(matricule: str, root: str | None) -> None:
    assert matricule_problems(matricule, root) == []


@given(matricules, st.integers(0, 14), st.sampled_from("0123456789"))
def test_any_single_digit_changed_is_found(matricule: str, place: int, digit: str) -> None:
    assume(matricule[place] != digit)
    assert matricule_problems(matricule[:place] + digit + matricule[place + 1 :]) != []


@given(matricules, st.integers(0, 13))
def test_two_neighbours_swapped_are_found(matricule: str, place: int) -> None:
    swapped = matricule[:place] + matricule[place + 1] + matricule[place] + matricule[place + 2 :]
    assume(swapped != matricule)
    assert matricule_problems(swapped) != []


@pytest.mark.parametrize(
    "matricule",
    ["279035121518989", "207058575627097", "277076322082910", "295109912611193", "253072B07300470", "253072A07300443"],
)
def test_a_published_number_with_a_right_key_passes(matricule: str) -> None:
    assert codes(matricule_problems(matricule)) <= {"ins.month"}
    assert key_of(matricule[:13]) == matricule[13:]


@given(st.text(max_size=20))
def test_no_text_makes_the_reader_stumble(text: str) -> None:
    problems = matricule_problems(text)
    assert (parse_matricule(text) is None) == bool(codes(problems) & {"ins.length", "ins.form"})


def test_a_wrong_key_says_the_right_one() -> None:
    (problem,) = matricule_problems(PUBLISHED[:13] + "16")
    assert problem.code == "ins.wrong-key"
    assert problem.severity is Severity.ERROR
    assert "16 au lieu de 89" in problem.message.fr
    assert "16 instead of 89" in problem.message.en


@given(matricules, st.integers(0, 14), st.sampled_from("0123456789"))
def test_no_sentence_quotes_the_matricule(matricule: str, place: int, digit: str) -> None:
    wrong = matricule[:place] + digit + matricule[place + 1 :]
    for problem in matricule_problems(wrong, "2.999"):
        assert wrong not in problem.message.fr + problem.message.en


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("12", "ins.length"),
        ("2790351215189", "ins.length"),
        ("2790351215189890", "ins.length"),
        ("079035121518989", "ins.form"),
        ("979035121518989", "ins.form"),
        ("279032C21518989", "ins.form"),
        ("27903512151898A", "ins.form"),
        ("２79035121518989", "ins.form"),
    ],
)
def test_a_text_that_is_no_matricule_is_told_why(text: str, code: str) -> None:
    assert codes(matricule_problems(text)) == {code}


@pytest.mark.parametrize("month", ["01", "12", "20", "42", "50", "99"])
def test_the_months_of_incomplete_registers_are_possible(month: str) -> None:
    body = f"279{month}51215189"
    assert matricule_problems(body + key_of(body)) == []


@pytest.mark.parametrize("month", ["00", "13", "19", "43", "49"])
def test_a_month_that_no_register_gives_is_refused(month: str) -> None:
    body = f"279{month}51215189"
    assert codes(matricule_problems(body + key_of(body))) == {"ins.month"}


def test_an_order_of_zeros_is_refused() -> None:
    body = "2790351215000"
    assert codes(matricule_problems(body + key_of(body))) == {"ins.order"}


def test_a_waiting_number_declared_as_nir_is_a_warning() -> None:
    body = "7790351215189"
    (problem,) = matricule_problems(body + key_of(body), INS_NIR)
    assert (problem.code, problem.severity) == ("ins.not-a-nir", Severity.WARNING)
    assert matricule_problems(body + key_of(body), INS_NIA) == []


def test_the_key_of_what_is_no_matricule_is_refused() -> None:
    with pytest.raises(ValueError, match=r"13 characters"):
        key_of("279")


def test_the_roots_are_told_apart() -> None:
    assert root_problems(INS_NIR_TEST) == []
    assert codes(root_problems(INS_C)) == {"ins.obsolete-root"}
    assert codes(root_problems("1.2.250.1.213.1.4.12")) == {"ins.unknown-root"}


@given(randoms, st.sampled_from("FM"), st.dates(date(1925, 1, 1), date(2024, 12, 31)))
def test_traits_that_made_the_matricule_agree_with_it(random: object, sex: str, born: date) -> None:
    matricule = parse_matricule(make_matricule(random, sex=sex, born=born, place="75056"))  # type: ignore[arg-type]
    assert matricule is not None
    assert birth_problems(matricule, sex, f"{born:%Y%m%d}", "75056") == []


@pytest.mark.parametrize(
    ("sex", "birth_date", "place", "code", "severity"),
    [
        ("M", "19790328", "51215", "ins.sex", Severity.ERROR),
        ("F", "19780328", "51215", "ins.year", Severity.ERROR),
        ("F", "19790428", "51215", "ins.birth-month", Severity.ERROR),
        ("F", "19790328", "63220", "ins.place", Severity.WARNING),
    ],
)
def test_a_trait_that_disagrees_is_named(sex: str, birth_date: str, place: str, code: str, severity: Severity) -> None:
    matricule = parse_matricule(PUBLISHED)
    assert matricule is not None
    (problem,) = birth_problems(matricule, sex, birth_date, place)
    assert (problem.code, problem.severity) == (code, severity)


@pytest.mark.parametrize(
    ("sex", "birth_date", "place"),
    [("UN", "19790328", "51215"), ("F", "1979", "51215"), ("F", "197903", None), (None, None, None)],
)
def test_a_trait_that_is_not_known_is_not_compared(sex: str | None, birth_date: str | None, place: str | None) -> None:
    matricule = parse_matricule(PUBLISHED)
    assert matricule is not None
    assert birth_problems(matricule, sex, birth_date, place) == []


def test_a_pseudo_month_agrees_with_any_month() -> None:
    matricule = parse_matricule("279625121518900")
    assert matricule is not None
    assert birth_problems(matricule, "F", "19790328", "51215") == []


@pytest.mark.parametrize(("one", "other", "same"), [("20004", "2A004", True), ("2A004", "2B004", False)])
def test_a_birth_in_corsica_before_its_division_agrees(one: str, other: str, same: bool) -> None:
    matricule = parse_matricule(f"27501{one}18900")
    assert matricule is not None
    assert (birth_problems(matricule, "F", "19750128", other) == []) is same


def test_only_a_qualified_identity_sends_its_matricule() -> None:
    assert [status for status in InsStatus if status.sends_matricule] == [InsStatus.QUALIFIED]

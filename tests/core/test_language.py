"""Every sentence exists in both languages, and one place chooses."""

from __future__ import annotations

import pytest

from conformance.core.language import Text, choose_language, counted, current_language, language_of_locale


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, None),
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "C"}, None),
        ({"LANG": "de_DE.UTF-8"}, None),
        ({"LC_ALL": "en_US", "LANG": "fr_FR"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "fr_CH", "LANG": "en_US"}, "fr"),
    ],
)
def test_the_locale_is_asked_in_its_own_order(variables: dict[str, str], language: str | None) -> None:
    assert language_of_locale(variables) == language


def test_what_is_chosen_comes_before_the_locale() -> None:
    try:
        choose_language("en")
        assert current_language() == "en"
        assert str(Text("oui", "yes")) == "yes"
        choose_language("fr")
        assert str(Text("oui", "yes")) == "oui"
    finally:
        choose_language(None)


def test_a_text_inside_a_text_follows_the_language() -> None:
    said = Text("le {what}", "the {what}").format(what=Text("chat", "cat"))
    assert (said.fr, said.en) == ("le chat", "the cat")


def test_braces_in_values_are_left_alone() -> None:
    assert Text("{x}", "{x}").format(x="{pack}/a").fr == "{pack}/a"


def test_a_count_agrees_with_its_noun_in_each_language() -> None:
    one, several = Text("exigence", "requirement"), Text("exigences", "requirements")
    said = [counted(count, one, several) for count in (0, 1, 2)]
    assert [text.fr for text in said] == ["0 exigence", "1 exigence", "2 exigences"]
    assert [text.en for text in said] == ["0 requirements", "1 requirement", "2 requirements"]

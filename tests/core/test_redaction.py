"""Masking: what must not be shown is not, and the rest stays readable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.core.redaction import MASK, Redactor, names_in, redact


@pytest.mark.parametrize(
    "secret",
    [
        "279035121518989",
        "2790351215189",
        "2 79 03 51 215 189 89",
        "27903" + "2A" + "12151898",
        "Bearer abcdefghijklmnop",
        "Basic dXNlcjpwYXNzd29yZA==",
        "eyJhbGciOiJub25l.eyJzdWIiOiJ4In0.c2ln",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        "<ds:X509Certificate>TUlJQ</ds:X509Certificate>",
        '"client_secret": "correct-horse"',
    ],
)
def test_secret_is_masked(secret: str) -> None:
    shown = redact(f"before {secret} after")
    assert secret not in shown
    assert MASK in shown
    assert shown.startswith("before ")
    assert shown.endswith(" after")


@pytest.mark.parametrize("harmless", ["1.2.250.1.213.1.4.10", "20260915093000+0200", "60591-5", "810002673899"])
def test_what_is_no_secret_stays(harmless: str) -> None:
    assert redact(harmless) == harmless


@pytest.mark.parametrize("spelling", ["Élodie", "ÉLODIE", "elodie", "E\u0301lodie", "ELODIE"])
def test_name_is_masked_in_any_spelling(spelling: str) -> None:
    assert redact(f"pour {spelling}, née", ("Élodie",)) == f"pour {MASK}, née"


def test_parts_of_a_compound_name_are_masked() -> None:
    assert redact("JEAN D'ARC-MARTIN", ("d’Arc-Martin",)) == f"JEAN D'{MASK}-{MASK}"


def test_name_inside_a_longer_word_stays() -> None:
    assert redact("Martinique", ("Martin",)) == "Martinique"


def test_word_of_the_reports_is_not_masked_as_a_name() -> None:
    assert redact("le test du patient", ("PATIENT-TEST",)) == "le test du patient"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('<name><family qualifier="BR">Durand</family><given>Zoé</given></name>', {"Durand", "Zoé"}),
        ("<v3:family>Durand</v3:family>", {"Durand"}),
        ('{"family": "Durand", "given": ["Zoé", "Anne"]}', {"Durand", "Zoé", "Anne"}),
        ('{"birth_name": "Durand", "value": "autre"}', {"Durand"}),
        (
            '{"birth_given_names": "Zoé Anne", "birth_place_name": "Lyon", "first_birth_given_name": "Zoé"}',
            {"Zoé Anne", "Zoé"},
        ),
        ('{"givenName": "Zoé", "name": "Agenda", "names": 3}', {"Zoé"}),
        ("<Value>PID-5|Durand^Zoé^^^</Value>", {"Durand", "Zoé"}),
        ("<title>Rien</title>", set()),
    ],
)
def test_names_are_found_in_what_is_exchanged(text: str, names: set[str]) -> None:
    assert names_in(text) == names


@given(st.text(alphabet=st.characters(categories=("L",)), min_size=3, max_size=20), st.text(max_size=30))
def test_named_word_never_shows(name: str, around: str) -> None:
    redactor = Redactor((name,))
    if redactor.words:
        assert redactor.text(f"{around} {name} .").endswith(f"{MASK} .")


def test_clear_masks_nothing() -> None:
    assert Redactor(("Durand",), clear=True).text("Durand 279035121518989") == "Durand 279035121518989"


def test_tree_keeps_the_keys_that_it_is_told_to() -> None:
    tree = {"id": "Durand", "said": ["Durand", {"fr": "de Durand"}], "n": 3}
    assert Redactor(("Durand",)).tree(tree, frozenset({"id"})) == {
        "id": "Durand",
        "said": [MASK, {"fr": f"de {MASK}"}],
        "n": 3,
    }

"""A name in disguise is a name: base 64, percent signs, escapes, encoded words are seen through."""

from __future__ import annotations

import base64
import json
import quopri
import re
from collections.abc import Callable
from email.header import Header
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from conformance.core.redaction import MASK, Redactor, names_in

NAME = "Philoména"
INS = "269035912345690"
REDACTOR = Redactor([NAME])

DISGUISES: dict[str, Callable[[str], str]] = {
    "base 64": lambda words: base64.b64encode(words.encode()).decode(),
    "base 64 of an address": lambda words: base64.urlsafe_b64encode(words.encode()).decode().rstrip("="),
    "percent signs": lambda words: quote(words, safe=""),
    "escapes of JSON": lambda words: "".join(f"\\u{ord(sign):04x}" for sign in words),
    "escapes of JSON, where needed": lambda words: json.dumps(words)[1:-1],
    "character references": lambda words: "".join(f"&#{ord(sign)};" for sign in words),
    "quoted-printable": lambda words: quopri.encodestring(words.encode()).decode(),
    "encoded word": lambda words: Header(words, "utf-8").encode(),
    "encoded word, in Q": lambda words: f"=?utf-8?q?{quopri.encodestring(words.encode(), header=True).decode()}?=",
}


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("words", [NAME, f"Mme {NAME} {INS}", NAME.upper()])
def test_name_is_masked_in_disguise(disguise: str, words: str) -> None:
    hidden = DISGUISES[disguise](words)
    masked = REDACTOR.text(f"avant {hidden} après")
    assert MASK in masked
    assert "na " not in masked.removesuffix(" après").casefold()
    assert hidden not in masked
    assert masked.startswith("avant ")
    assert masked.endswith(" après")


@pytest.mark.parametrize("disguise", DISGUISES)
def test_other_words_in_disguise_stay(disguise: str) -> None:
    hidden = DISGUISES[disguise]("Hypertension artérielle")
    assert REDACTOR.text(f"avant {hidden} après") == f"avant {hidden} après"


@given(
    st.lists(
        st.sampled_from(
            [
                "ClinicalDocument",
                "structuredBody",
                "a%20b",
                "x=3D",
                "&amp;",
                "\\u00e9",
                "é",
                "/",
                "=?",
                " ",
                "\n",
                "2026-11-29",
                "1.2.250.1.213",
                "deadbeef" * 5,
            ]
        )
    )
)
def test_text_that_names_nobody_is_left_alone(parts: list[str]) -> None:  # fmt: skip
    text = "".join(parts)
    assume(not re.search("[A-Za-z0-9+/]{56,}", text))  # so long a run is taken for a file, masked whole
    assert REDACTOR.text(text) == text


def test_file_in_base_64_is_masked_whole() -> None:
    body = base64.encodebytes(bytes(range(256)) * 3).decode()
    masked = REDACTOR.text(f"Content-Type: application/zip\n\n{body}\n--end--")
    assert masked.split() == ["Content-Type:", "application/zip", MASK, "--end--"]


def test_name_cut_by_a_soft_break_is_masked() -> None:
    text = "Content-Transfer-Encoding: quoted-printable\n\nBonjour Philo=\nm=C3=A9na !"
    assert REDACTOR.text(text).endswith(f"Bonjour {MASK} !")


def test_name_is_known_from_the_escapes_of_json() -> None:
    assert names_in(json.dumps({"first_name": NAME, "given": [NAME]})) == {NAME}

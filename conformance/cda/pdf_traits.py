"""Rules on the traits of the patient in the words of an embedded PDF: is it the file of the patient of the header?

No official rule opens the file; a PDF of another patient under the right header is a danger. A PDF that holds
no words (a scan) says nothing, and nothing is said of it.
Source: CI-SIS Structuration minimale §2.2.1; Référentiel INS (traits that a document shows).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Final

from lxml import etree

from conformance.cda.constraints import Rule
from conformance.cda.embedded import decoded
from conformance.cda.namespaces import h
from conformance.cda.pdf_text import is_scan, letters, words_of_pdf
from conformance.cda.rules import Context, Violation
from conformance.core.findings import Severity
from conformance.core.language import Text

_PATIENT: Final = f"{h('recordTarget')}/{h('patientRole')}/{h('patient')}"
BIRTH_NAME: Final = f"{_PATIENT}/{h('name')}/{h('family')}[@qualifier='BR']"
_GIVEN: Final = f"{_PATIENT}/{h('name')}/{h('given')}"
_BORN: Final = f"{_PATIENT}/{h('birthTime')}"
_MONTHS: Final = (
    "JANVIER", "FEVRIER", "MARS", "AVRIL", "MAI", "JUIN",
    "JUILLET", "AOUT", "SEPTEMBRE", "OCTOBRE", "NOVEMBRE", "DECEMBRE",
)  # fmt: skip

TraitTest = Callable[[etree._Element, Context], Iterator[Violation]]

_UNSEEN: Final = Text(
    "Aucune règle officielle n'ouvre le fichier : le PDF d'un autre patient passerait.",
    "No official rule opens the file: the PDF of another patient would pass.",
)
_HINT: Final = Text("Vérifiez que c'est le fichier de ce patient.", "Check that it is the file of this patient.")


def _names(document: etree._Element, path: str) -> list[str]:
    return [found for name in document.iterfind(path) if (found := letters(name.text or ""))]


def _has_birth_name(document: etree._Element, words: str) -> bool:
    return any(name in letters(words) for name in _names(document, BIRTH_NAME))


def _has_given_name(document: etree._Element, words: str) -> bool:
    return any(name in letters(words) for name in _names(document, _GIVEN))


def _has_birth_date(document: etree._Element, words: str) -> bool:
    born = _birth_date(document)
    year, month, day = born[:4], born[4:6], born[6:]
    digits = re.sub(r"\D", "", words)
    named = re.sub(r"[^A-Z0-9]", "", unicodedata.normalize("NFD", words.upper()))
    in_words = f"{int(day)}{'ER' if day == '01' else ''}{_MONTHS[int(month) - 1]}{year}"
    return any(form in digits for form in (day + month + year, born, day + month + year[2:])) or in_words in named


def _birth_date(document: etree._Element) -> str:
    """The day of birth of the header (AAAAMMJJ); empty when it gives none."""
    element = document.find(_BORN)
    value = "" if element is None else (element.get("value") or "")[:8]
    return value if re.fullmatch(r"\d{4}(0[1-9]|1[0-2])\d{2}", value, re.ASCII) else ""


Files = Callable[[etree._Element, Context], Iterator[tuple[etree._Element, etree._Element, str]]]
"""The PDF files that a rule looks at from a node: the document, the element that holds the file, its words."""


def trait_rules(files: Files) -> tuple[Rule, ...]:
    """Rules on the traits of the patient in the words of these files: birth name, a given name, birth date.

    A file without the birth name is somebody else's, and only that is said of it.
    Source: CI-SIS Structuration minimale §2.2.1; Référentiel INS (traits that a document shows).
    """

    def lacks(
        says: Callable[[etree._Element, str], bool], given: Callable[[etree._Element], object], first: bool
    ) -> TraitTest:
        def test(node: etree._Element, context: Context) -> Iterator[Violation]:
            for document, holder, words in files(node, context):
                if is_scan(words) or not _names(document, BIRTH_NAME) or not given(document):
                    continue
                if (first or _has_birth_name(document, words)) and not says(document, words):
                    yield Violation(holder, Text("il n'y figure pas", "it does not occur there"))

        return test

    def rule(key: str, asks: Text, test: TraitTest, break_it: Callable[[etree._Element], None]) -> Rule:
        return Rule(asks, test, break_it, key=key, severity=Severity.WARNING, beyond=_UNSEEN, hint=_HINT)

    return (
        rule("birth-name", Text("le texte du PDF doit porter le nom de naissance du patient de l'en-tête",
                                "the text of the PDF must hold the birth name of the patient of the header"),
             lacks(_has_birth_name, lambda document: True, True), _renamed(BIRTH_NAME, "MARTIN")),
        rule("given-name", Text("le texte du PDF doit porter un prénom du patient de l'en-tête",
                                "the text of the PDF must hold a given name of the patient of the header"),
             lacks(_has_given_name, lambda document: _names(document, _GIVEN), False), _renamed(_GIVEN, "ZOE")),
        rule("birth-date", Text("le texte du PDF doit porter la date de naissance du patient de l'en-tête",
                                "the text of the PDF must hold the birth date of the patient of the header"),
             lacks(_has_birth_date, _birth_date, False), _born_again),
    )  # fmt: skip


def _renamed(path: str, name: str) -> Callable[[etree._Element], None]:
    def break_it(node: etree._Element) -> None:
        for element in node.getroottree().getroot().iterfind(path):
            element.text = name

    return break_it


def _born_again(node: etree._Element) -> None:
    for element in node.getroottree().getroot().iterfind(_BORN):
        element.set("value", "19010203")


def files_of_the_body(
    document: etree._Element, context: Context
) -> Iterator[tuple[etree._Element, etree._Element, str]]:
    """The PDF that is the body of a document, with its words."""
    for holder in document.iterfind(f"{h('component')}/{h('nonXMLBody')}/{h('text')}"):
        content = decoded(holder) if holder.get("mediaType") == "application/pdf" else None
        if content is not None:
            yield document, holder, words_of_pdf(content)

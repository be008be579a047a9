"""How precise the dates of the header are: to the second or the minute, with the offset from UTC.

Source: CI-SIS Structuration minimale v1.16.8 §3.5.7.1 and the paragraph of each element. No official rule
looks at precision or offset.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

from conformance.cda.constraints import Rule
from conformance.cda.header.dates import instant
from conformance.cda.header.example import EXAMPLE
from conformance.cda.header.kinds import WARN, found, named
from conformance.cda.header.persons import UNTESTED
from conformance.cda.paths import path
from conformance.cda.rules import Constraint, Context, Template, Violation
from conformance.core.findings import Severity
from conformance.core.language import Text

_OFFSET: Final = r"[+-]\d{4}"
_MINUTE: Final = re.compile(rf"\d{{12}}{_OFFSET}")
_TO_THE_MINUTE: Final = re.compile(rf"\d{{12}}(\d\d)?(\.\d+)?{_OFFSET}")
_DAY_OR_MINUTE: Final = re.compile(r"\d{4}|\d{6}|\d{8}|\d{12}(\d\d)?(\.\d+)?[+-]\d{1,4}")  # four: see dates.py
_BIRTH: Final = re.compile(rf"\d{{4}}|\d{{6}}|\d{{8}}|\d{{12}}{_OFFSET}")


_HINT: Final = Text(
    "Écrivez par exemple 20240611101500+0200 : heure locale, puis décalage par rapport à UTC.",
    "Write for example 20240611101500+0200: local time, then offset from UTC.",
)


def _formed(
    key: str,
    where: tuple[str, ...],
    form: re.Pattern[str],
    asks: Text,
    wrong: str,
    severity: Severity,
    example: str,
    hint: Text | None = _HINT,
) -> Constraint:
    paths = [path(one) for one in where]

    def test(node: etree._Element, context: Context) -> Iterator[Violation]:
        for one in paths:
            for element in one.elements(node):
                value = element.get("value")
                if value is not None and instant(value) is not None and not form.fullmatch(value):
                    said, place = found(value), named(element)
                    yield Violation(element, Text(f"{place} : {said.fr}", f"{place}: {said.en}"), "value")

    def spoil(node: etree._Element) -> None:
        path(example).elements(node)[0].set("value", wrong)

    return Rule(
        asks,
        test,
        spoil,
        key=key,
        severity=severity,
        beyond=UNTESTED,
        hint=hint,
    )


_ACTS: Final = (
    "effectiveTime",
    "author/time",
    "dataEnterer/time",
    "legalAuthenticator/time",
    "authenticator/time",
)
_EVENT: Final = tuple(f"documentationOf/serviceEvent/effectiveTime/{bound}" for bound in ("low", "high"))
_PERIODS: Final = tuple(
    f"{where}/{bound}"
    for where in ("participant/time", "componentOf/encompassingEncounter/effectiveTime")
    for bound in ("low", "high")
)
_LIFE: Final = tuple(f"recordTarget/patientRole/patient/{name}" for name in ("birthTime", "sdtc:deceasedTime"))


def _no_second(node: etree._Element, context: Context) -> Iterator[Violation]:
    for where in _ACTS:
        for element in path(where).elements(node):
            if _MINUTE.fullmatch(element.get("value", "")):
                yield Violation(element, found(element.get("value")), "value")


def _drop_second(node: etree._Element) -> None:
    path("dataEnterer/time").elements(node)[0].set("value", "202406111010+0200")


def _fraction(node: etree._Element, context: Context) -> Iterator[Violation]:
    for where in (*_ACTS, *_EVENT, *_PERIODS):
        for element in path(where).elements(node):
            if "." in element.get("value", ""):
                yield Violation(element, found(element.get("value")), "value")


def _add_fraction(node: etree._Element) -> None:
    path("author/time").elements(node)[0].set("value", "20240611101500.827+0200")


PRECISION: Final = Template(
    key="header.precision",
    name=Text("Précision des dates de l'en-tête", "Precision of the dates of the header"),
    element="ClinicalDocument",
    layer="header",
    source="CI-SIS Structuration minimale v1.16.8 §3.5.7.1",
    example=EXAMPLE,
    constraints=(
        _formed(
            "offset",
            _ACTS,
            _TO_THE_MINUTE,
            Text(
                "les dates de création et de validation doivent être données à la seconde, avec le décalage horaire",
                "the dates of creation and validation must be given to the second, with the offset",
            ),
            "20240611",
            Severity.ERROR,
            "dataEnterer/time",
        ),
        Rule(
            Text(
                "les dates de création et de validation doivent être données à la seconde",
                "the dates of creation and validation must be given to the second",
            ),
            _no_second,
            _drop_second,
            key="second",
            severity=WARN,  # several published examples stop at the minute
            beyond=UNTESTED,
        ),
        _formed(
            "event",
            _EVENT,
            _TO_THE_MINUTE,
            Text(
                "les dates de l'acte documenté doivent être données à la minute, avec le décalage horaire",
                "the dates of the documented event must be given to the minute, with the offset",
            ),
            "20240611",
            Severity.ERROR,
            "documentationOf/serviceEvent/effectiveTime/low",
        ),
        _formed(
            "period",
            _PERIODS,
            _DAY_OR_MINUTE,
            Text(
                "une date doit être donnée au jour, ou à la minute avec le décalage horaire",
                "a date must be given to the day, or to the minute with the offset",
            ),
            "202406110700",
            Severity.WARNING,  # a published example has an hour without offset
            "componentOf/encompassingEncounter/effectiveTime/low",
        ),
        _formed(
            "life",
            _LIFE,
            _BIRTH,
            Text(
                "les dates de naissance et de décès doivent s'écrire AAAA, AAAAMM, AAAAMMJJ ou AAAAMMJJhhmm±ZZzz",
                "the dates of birth and death must be written YYYY, YYYYMM, YYYYMMDD or YYYYMMDDhhmm±ZZzz",
            ),
            "1985071410",
            Severity.ERROR,
            "recordTarget/patientRole/patient/birthTime",
            hint=None,
        ),
        Rule(
            Text("une date ne doit pas avoir de fraction de seconde", "a date must have no fraction of a second"),
            _fraction,
            _add_fraction,
            key="fraction",
            severity=WARN,
            beyond=Text(
                "Les formats du texte n'en ont pas, son exemple en montre une.",
                "The formats of the text have none, its example shows one.",
            ),
        ),
    ),
)

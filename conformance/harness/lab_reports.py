"""Laboratory reports for the tests of a profile: results chosen one by one, for an invented patient.

They are valid CR-BIO 2024.01 (``conformance.generation.lab``), with the PDF copy of ``fixtures/biology``.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import Final

from conformance.cda.kinds import XDS_SD
from conformance.cda.lab.model import (
    Bound,
    Code,
    Comment,
    CommentLevel,
    Criterion,
    CriterionKind,
    Interval,
    LabReport,
    Quantity,
    ReferenceRange,
    Result,
    Subject,
    Value,
    ValueKind,
)
from conformance.cda.lab.values import decimal, written_interval
from conformance.generation.header import Numbering, document
from conformance.generation.lab import LabSetting, make_setting, write_lab_report
from conformance.generation.lab.analyses import NUMERIC, Analysis
from conformance.generation.lab.header import lab_header
from conformance.generation.lab.measuring import interpretation
from conformance.generation.nodes import PARIS, el, to_second
from conformance.generation.people import BIOLOGY, Professional, make_patient, make_professional, make_structure
from conformance.generation.people import Patient as MadePatient
from conformance.identity.generate import make_identity
from conformance.resources import data_folder
from conformance.sut.contract import Identity, Ins, InsStatus, PatientFile, Sex

BY_NAME: Final[dict[str, Analysis]] = {one.name.partition(" (")[0]: one for one in NUMERIC}
"""The analyses of generated reports, by the short name that a physician uses: « Potassium »."""


@cache
def pdf_copy() -> bytes:
    """The PDF that stands for the copy of a report."""
    return (data_folder("fixtures") / "biology" / "copie.pdf").read_bytes()


@cache
def results_in_pdf() -> bytes:
    """A PDF that holds results, one of them out of its interval, as a laboratory without CDA sends it."""
    return (data_folder("fixtures") / "biology" / "resultats.pdf").read_bytes()


@cache
def biologist() -> Professional:
    """Who signs the reports of the profile, for an invented laboratory."""
    random = Random("the laboratory of the profile")
    return make_professional(random, BIOLOGY, make_structure(random, "Laboratoire du Grand Essai"))


def made_patient(random: Random, sex: str | None = None, born: date | None = None) -> MadePatient:
    """An invented adult, of that sex and birth where it matters."""
    identity = make_identity(random, sex=sex, born=born or date(1950, 1, 1) + timedelta(days=random.randint(0, 18000)))
    return replace(make_patient(random), identity=identity, used_name=None, used_given=None)


def patient_file(patient: MadePatient) -> PatientFile:
    """The same patient as the product is told of him: a qualified identity."""
    traits = patient.identity.traits
    return PatientFile(
        identity=Identity(
            birth_name=traits.birth_name or "TEST",
            birth_given_names=traits.given_names or "DOMINIQUE",
            first_birth_given_name=traits.first_given_name or "DOMINIQUE",
            birth_date=patient.born,
            sex=Sex(patient.sex),
            birth_place=traits.birth_place or "99999",
            ins_status=InsStatus.QUALIFIEE,
            ins=Ins(matricule=patient.identity.matricule, oid=patient.identity.root),
        )
    )


# Results ----------------------------------------------------------------------------------------------------


def number(written: str, unit: str | None, *others: tuple[str, str]) -> Value:
    """A number with its unit, and the same in other units (value, unit)."""
    kind = ValueKind.QUANTITY if unit is not None else ValueKind.NUMBER
    return Value(kind, written, quantity=_quantity(written, unit, *others))


def limit(written: str, unit: str | None) -> Value:
    """A limit of measure: ``<0.5``, ``>=100``."""
    digits = written.lstrip("<>=")
    bound = Bound(_quantity(digits, unit), inclusive="=" in written)
    interval = Interval(high=bound) if written.startswith("<") else Interval(low=bound)
    return Value(ValueKind.INTERVAL, written_interval(interval), interval=interval)


def in_text(words: str) -> Value:
    """A value that is words."""
    return Value(ValueKind.TEXT, words)


def normal(
    low: str | None,
    high: str | None,
    unit: str | None,
    *,
    open_low: bool = False,
    open_high: bool = False,
    sex: str | None = None,
    age: tuple[str | None, str | None] | None = None,
    condition: str = "",
    code: str | None = "N",
    others: tuple[str | None, str | None, str] | None = None,
) -> ReferenceRange:
    """A reference range in ``unit``; ``open_…``: that bound is not inside; ``sex``, ``age`` (years), ``condition``
    (in words): for whom it is.

    ``others`` gives the same bounds in another unit (low, high, unit).
    """
    criteria = [Criterion(CriterionKind.SEX, sex=sex)] if sex else []
    if age:
        years = Interval(*(Bound(_quantity(year, "a")) if year else None for year in age))
        criteria.append(Criterion(CriterionKind.AGE, age=years))
    if condition:
        criteria.append(Criterion(CriterionKind.OTHER, words=condition))
    seconds = others or (None, None, "")
    ends = [
        Bound(_quantity(digits, unit, *([(second, seconds[2])] if second else [])), inclusive=not is_open)
        if digits is not None
        else None
        for digits, second, is_open in ((low, seconds[0], open_low), (high, seconds[1], open_high))
    ]
    return ReferenceRange(
        interval=Interval(*ends),
        code=interpretation(code) if code else None,
        criteria=tuple(criteria),
        value_type="IVL_PQ",
    )


def result(
    name: str,
    value: Value | str,
    *ranges: ReferenceRange,
    codes: Sequence[str] = (),
    comment: str = "",
    code: Code | None = None,
) -> Result:
    """A result of the analysis of that name; a value in words alone is a number in the analysis's unit."""
    analysis = BY_NAME[name]
    return Result(
        code=code or analysis.coded(),
        values=(number(value, analysis.unit or None) if isinstance(value, str) else value,),
        interpretations=tuple(interpretation(one) for one in codes),
        ranges=ranges,
        comments=(Comment(CommentLevel.RESULT, comment),) if comment else (),
        status="completed",
        chapter=analysis.chapter,
        group=analysis.group,
    )


def _quantity(written: str, unit: str | None, *others: tuple[str, str]) -> Quantity:
    translations = tuple(Quantity(digits, decimal(digits), other) for digits, other in others)
    return Quantity(written, decimal(written), unit, translations)


# Reports ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of a report: its identifiers and when it was released."""

    numbering: Numbering
    created: datetime

    def next(self) -> Edition:
        """The version after, which replaces this one, a day later."""
        before = self.numbering
        root = before.document_id.rpartition(".")[0]
        following = Numbering(f"{root}.{before.version + 1}", before.set_id, before.version + 1, before.document_id)
        return Edition(following, self.created + timedelta(days=1))


def first_edition(random: Random, created: datetime | None = None) -> Edition:
    """A first version, with identifiers of its own."""
    root = f"2.25.{random.getrandbits(100)}"
    return Edition(Numbering(f"{root}.1", f"{root}.0"), created or datetime(2025, 3, 4, 10, 15, tzinfo=PARIS))


def write_report(
    patient: MadePatient,
    edition: Edition,
    results: Sequence[Result],
    *,
    comments: Sequence[str] = (),
    final: bool = True,
) -> bytes:
    """A report with these results, ordered as a laboratory does: chapter by chapter, battery by battery."""
    setting = setting_of(patient, edition)
    time = to_second(edition.created - timedelta(minutes=30))
    ordered = sorted(results, key=lambda one: (one.chapter, one.group))
    report = LabReport(
        results=tuple(replace(one, time=one.time or time) for one in ordered),
        comments=tuple(Comment(CommentLevel.REPORT, words) for words in comments),
        subject=Subject(patient.sex, patient.born),
        title="Compte rendu d'examens biologiques",
        document_id=edition.numbering.document_id,
        set_id=edition.numbering.set_id,
        version=str(edition.numbering.version),
        final=final,
        time=to_second(edition.created),
        laboratory=setting.laboratory.name,
    )
    return write_lab_report(report, setting)


def setting_of(patient: MadePatient, edition: Edition) -> LabSetting:
    """What surrounds the results: the laboratory of the profile; the rest is the same for the same report."""
    made = make_setting(Random(edition.numbering.set_id), patient)
    return replace(
        made,
        laboratory=biologist().structure,
        biologist=biologist(),
        numbering=edition.numbering,
        created=edition.created,
        collected=edition.created - timedelta(hours=3),
        ordered=(edition.created - timedelta(days=2)).date(),
        copy=pdf_copy(),
    )


def step_up(written: str, steps: int = 1) -> str:
    """The next number that can be written with the same digits after the point (``5.1`` → ``5.2``)."""
    given = Decimal(written)
    exponent = given.as_tuple().exponent
    assert isinstance(exponent, int)
    return format(given + Decimal(steps).scaleb(exponent), "f")


def as_level_1(patient: MadePatient | None, edition: Edition) -> bytes:
    """A laboratory report of level 1: the same header, and for all body a PDF that holds results."""
    assert patient is not None
    setting = setting_of(patient, edition)
    report = LabReport(results=(), comments=(), time=to_second(edition.created), laboratory=setting.laboratory.name)
    header = replace(lab_header(report, setting), models=((XDS_SD, None),))
    text = el("text", base64.b64encode(results_in_pdf()).decode(), mediaType="application/pdf", representation="B64")
    return document(header, el("component", el("nonXMLBody", text)))

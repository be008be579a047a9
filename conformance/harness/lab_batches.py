"""Generated reports by the batch: drawn, sent at once, compared with the oracle result by result, kept as a document.

A batch that fails is cut down: to one report, then to one result. What the sources leave open is never counted
against a product: a result that the oracle does not flag, but about which it has a doubt, may be flagged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from random import Random
from typing import Final

from hypothesis import strategies as st

from conformance.cda.lab import Judgement, ReportJudgement, Signal
from conformance.cda.lab.model import Subject
from conformance.core.language import Text
from conformance.generation.chance import drawn_by
from conformance.generation.lab import Oddities, write_lab_report
from conformance.generation.messages.post import header_of
from conformance.generation.strategies import LabDocument, lab_report
from conformance.harness.bench import Keeping
from conformance.harness.biology import Admitted, LabDesk, Sent, kinds, told
from conformance.harness.judgement import Unmet
from conformance.harness.lab_reports import biologist, made_patient, pdf_copy
from conformance.sut.contract import (
    DocumentView,
    FlagKind,
    Identity,
    Ins,
    InsStatus,
    LabResult,
    PatientFile,
    Sex,
)

ODDITIES: Final = Oddities(disagreements=True)
"""Reports that are valid, and now and then contradict themselves as published ones do."""
MOST: Final = 20
"""Reports of a batch."""


@dataclass(frozen=True)
class Batch:
    """Reports of one patient. ``recorded`` stands for them when a kept document is played again."""

    sex: str
    born: date
    reports: tuple[LabDocument, ...] = ()
    recorded: bytes = b""


def batches(reports: int) -> st.SearchStrategy[Batch]:
    """Batches of that many reports, ``MOST`` at most, of a patient: ``smaller`` cuts a batch down.

    One number decides everything: of several, hypothesis would change one and play the rest of the batch again.
    """
    return st.integers(0, 2**32 - 1).map(partial(_batch, min(reports, MOST)))


def _batch(size: int, number: int) -> Batch:
    random = Random(number)
    patient = made_patient(random)
    numbers = [number, *(random.getrandbits(32) for _ in range(1, size))]
    reports = (lab_report(drawn_by(one), Random(one), patient, ODDITIES, pdf_copy()) for one in numbers)
    return Batch(patient.sex, patient.born, tuple(map(_without_files, reports)))


def _without_files(drawn: LabDocument) -> LabDocument:
    """Without examinations in a file, whose PDF takes longer to set than the rest."""
    return replace(drawn, report=replace(drawn.report, attachments=()))


def smaller(batch: Batch) -> Iterator[Batch]:
    """Each report of several alone; each result of a report alone."""
    if len(batch.reports) > 1:
        for one in batch.reports:
            yield replace(batch, reports=(one,))
        return
    for document in batch.reports:
        if len(document.report.results) > 1:
            for result in document.report.results:
                alone = replace(document.report, results=(result,), comments=(), subcontractors=())
                yield replace(batch, reports=(replace(document, report=alone),))


AS_DOCUMENT: Final[Keeping[Batch]] = Keeping(
    "xml",
    "application/xml",
    lambda batch: batch.recorded or batch.reports[0].data,
    lambda data: Batch("", date(1970, 1, 1), recorded=data),
)
"""A batch that fails is kept as its (first, mostly only) report."""


def send_batch(desk: LabDesk, batch: Batch) -> list[Sent]:
    """Send the reports of a batch in one message, for a new patient, each a first version with identifiers of its own."""
    if batch.recorded:
        patient = Admitted(None, desk.bench.product.create_patient(_file_of(batch.recorded)))
        sent = [Sent(patient, batch.recorded)]
    else:
        patient = desk.admit(batch.sex, batch.born)
        assert patient.made is not None
        sent = []
        for document in batch.reports:
            edition = desk.edition()
            setting = replace(
                document.setting,
                patient=patient.made,
                numbering=edition.numbering,
                laboratory=biologist().structure,  # who feeds the DMP answers for the document
                biologist=biologist(),
            )
            report = replace(document.report, subject=Subject(batch.sex, batch.born))
            sent.append(Sent(patient, write_lab_report(report, setting), edition))
    desk.send_all(sent)
    return sent


def _file_of(document: bytes) -> PatientFile:
    """The patient of a document, as the product must know him."""
    told_of = header_of(document).patient
    root, matricule = told_of.ins or ("", "")
    born = told_of.birth_date
    return PatientFile(
        identity=Identity(
            birth_name=told_of.birth_name,
            birth_given_names=told_of.given_names or told_of.first_given,
            first_birth_given_name=told_of.first_given,
            birth_date=date(int(born[:4]), int(born[4:6]), int(born[6:8])),
            sex=Sex(told_of.sex),
            birth_place="99999",
            ins_status=InsStatus.QUALIFIEE,
            ins=Ins(matricule=matricule, oid=root),
        )
    )


# Comparing --------------------------------------------------------------------------------------------------


def must_be_flagged(said: Judgement) -> bool:
    """Whether a result must be flagged: by its code, or by a range about which there is no doubt.

    A comment must show, beside the result or as a flag: it is compared for the report.
    """
    return Signal.INTERPRETATION in said.signals or (Signal.INTERVAL in said.signals and not said.doubts)


def may_be_flagged(said: Judgement) -> bool:
    """Whether a result that need not be flagged may be: the sources leave it open, or nothing could be decided."""
    result = said.result
    undecided = bool(result.ranges) and said.position is None
    other_codes = any(code.code not in (None, "N") for code in result.interpretations)
    around = bool(result.group_comments or result.chapter_comments)
    doubtful = bool(said.doubts) or undecided or other_codes or around or result.status != "completed"
    return said.flagged or doubtful


def demand_as_the_oracle(desk: LabDesk, batch: list[Sent]) -> None:
    """Fail unless the flagged results of each report, and the reports flagged, are those of the oracle."""
    patient = batch[0].patient
    lines = {line.unique_id: line for line in desk.bench.product.list_documents(patient.id)}
    shown: dict[str, list[LabResult]] = defaultdict(list)
    for one in desk.results(patient):
        shown[one.document_id].append(one)
    for sent in batch:
        line = lines.get(sent.unique_id)
        if line is None:
            raise Unmet(
                Text(
                    f"Le compte rendu {sent.unique_id} n'est pas dans la liste des documents du patient.",
                    f"The report {sent.unique_id} is not in the patient's list of documents.",
                )
            )
        _compare(sent.judged.results, shown[line.document_id])
        _compare_line(sent.judged, line)


def _compare_line(due: ReportJudgement, line: DocumentView) -> None:
    flagged = told(kinds(line))
    least = any(map(must_be_flagged, due.results)) or any(comment.words for comment in due.report.comments)
    most = least or any(map(may_be_flagged, due.results))
    if due.critical and FlagKind.URGENT not in kinds(line):
        raise Unmet(
            Text(
                "Un résultat codé AA, HH ou LL : le compte rendu n'est pas montré comme urgent.",
                "A result coded AA, HH or LL: the report is not shown as urgent.",
            )
        )
    if not least <= flagged <= most:
        said = (
            Text("doit être signalé", "must be flagged")
            if least
            else Text("est signalé à tort", "is flagged without reason")
        )
        why = "; ".join(sorted(due.signals)) or "—"
        raise Unmet(
            Text(
                f"Le compte rendu {said.fr} dans la liste du patient ({why}).",
                f"The report {said.en} in the patient's list ({why}).",
            )
        )


def _compare(due: tuple[Judgement, ...], shown: list[LabResult]) -> None:
    """By LOINC code: several results of one code (one antibiotic, two germs) are compared by number."""
    codes = dict.fromkeys(one.result.loinc for one in due)
    for code in codes:
        said = [one for one in due if one.result.loinc == code]
        seen = [one for one in shown if (one.code.code if one.code else None) == code]
        name = said[0].result.code.name
        if len(said) != len(seen):
            raise Unmet(
                Text(
                    f"{name} ({code}) : {len(said)} résultat(s) dans le compte rendu, {len(seen)} montré(s).",
                    f"{name} ({code}): {len(said)} result(s) in the report, {len(seen)} shown.",
                )
            )
        flagged = sum(told(kinds(one)) for one in seen)
        least = sum(map(must_be_flagged, said))
        most = sum(must_be_flagged(one) or may_be_flagged(one) for one in said)
        if not least <= flagged <= most:
            raise Unmet(_difference(said, flagged, missing=flagged < least))


def _difference(said: list[Judgement], flagged: int, *, missing: bool) -> Text:
    fr, en = [], []
    for one in said:
        value, unit = one.result.value, one.result.value.unit if one.result.value else None
        written = f"{one.result.code.name} {value.written if value else ''} {unit or ''}".strip()
        reasons = one.reasons or ()
        fr.append(f"{written} ({' ; '.join(reason.text.fr for reason in reasons) or 'rien à signaler'})")
        en.append(f"{written} ({'; '.join(reason.text.en for reason in reasons) or 'nothing to tell'})")
    number = f"{flagged}/{len(said)}"
    if missing:
        return Text(f"Non signalé : {', '.join(fr)} [{number}].", f"Not flagged: {', '.join(en)} [{number}].")
    return Text(f"Signalé à tort : {', '.join(fr)} [{number}].", f"Flagged without reason: {', '.join(en)} [{number}].")

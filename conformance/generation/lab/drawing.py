"""Draws the results of a report: every form of value, range, code, unit and comment that a CR-BIO can take.

Draws come from a ``random.Random``; the one of hypothesis shrinks them. Optional things come after a « one more? »
so that a failure shrinks to one result.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

from conformance.cda.lab.model import (
    LOINC,
    Attachment,
    Code,
    Comment,
    CommentLevel,
    LabReport,
    PreviousResult,
    Result,
    Subject,
    Value,
    ValueKind,
)
from conformance.generation.chance import chance, several
from conformance.generation.lab import analyses as known
from conformance.generation.lab.measuring import (
    CLEAN,
    Measured,
    Oddities,
    concentration,
    draw_measured,
    in_words,
    interpretation,
    titre,
)
from conformance.generation.lab.setting import LabSetting
from conformance.generation.nodes import to_second
from conformance.terminology.code_systems import ANSM_REAGENTS

_REMARKS = (
    "Résultat contrôlé.", "À contrôler dans un mois.", "Sérum légèrement hémolysé.", "Prélèvement reçu tardivement.",
    "Résultat à confronter à la clinique.", "Attention : seuil d'alerte dépassé, prescripteur prévenu.",
)  # fmt: skip


def draw_report(random: Random, setting: LabSetting, oddities: Oddities = CLEAN) -> LabReport:
    """The results of a report for the patient of ``setting``.

    ``oddities``: what a clean report does not hold, and a consumer must cope with.
    """
    draw = _Drawing(random, setting, oddities)
    results = draw.results()
    comments = [Comment(CommentLevel.REPORT, words) for words in draw.remarks(2, 0.3)]
    told = tuple(setting.subcontractor.structure.name for one in results[:1] if any(r.laboratory for r in results))
    attachments = (
        (Attachment("subcontracted", "application/pdf", None, "Résultats transmis"),) if chance(random, 0.15) else ()
    )
    return LabReport(
        results=tuple(results),
        comments=tuple(comments),
        attachments=attachments,
        subject=Subject(setting.patient.sex, setting.patient.born),
        title="Compte rendu d'examens biologiques",
        document_id=setting.numbering.document_id,
        set_id=setting.numbering.set_id,
        version=str(setting.numbering.version),
        replaces=(setting.numbering.replaces,) if setting.numbering.replaces else (),
        final=not chance(random, 0.1),
        time=to_second(setting.created),
        laboratory=setting.laboratory.name,
        subcontractors=told,
    )


class _Drawing:
    def __init__(self, random: Random, setting: LabSetting, oddities: Oddities) -> None:
        self._random = random
        self._setting = setting
        self._oddities = oddities

    def remarks(self, most: int, more: float) -> list[str]:
        """Distinct comments, perhaps none."""
        return list(dict.fromkeys(several(self._random, lambda: self._random.choice(_REMARKS), 0, most, more)))

    def results(self) -> list[Result]:
        random = self._random
        chapters: list[list[Result]] = [self._numeric()]
        for draw, probability in ((self._qualitative, 0.4), (self._microbiology, 0.35), (self._sent_away, 0.2)):
            if chance(random, probability):
                chapters.append(draw())
        return [one for results in chapters for one in self._with_chapter_comment(results)]

    def _time(self) -> str:
        minutes = self._random.randint(0, 100)
        return to_second(self._setting.created - timedelta(minutes=minutes + 5))

    def _result(self, code: Code, value: Value, chapter: str, **more: object) -> Result:
        comments = tuple(Comment(CommentLevel.RESULT, words) for words in self.remarks(1, 0.1))
        made = Result(code, (value,), status="completed", time=self._time(), chapter=chapter, comments=comments)
        return replace(made, **more)  # type: ignore[arg-type]  # the fields of Result, by name

    # Chapters -----------------------------------------------------------------------------------------

    def _numeric(self) -> list[Result]:
        """Results with numbers; those of a battery stand together, with a comment on it perhaps."""
        random = self._random
        drawn = several(random, lambda: random.choice((*known.NUMERIC, known.INR)), 1, 10, 0.8)
        ordered = sorted(dict.fromkeys(drawn), key=lambda a: (a.chapter, a.group, a.code))
        results = [self._measured(one) for one in ordered]
        groups = dict.fromkeys((r.chapter, r.group) for r in results if r.group)
        told = {group: tuple(Comment(CommentLevel.GROUP, w) for w in self.remarks(1, 0.15)) for group in groups}
        return [replace(r, group_comments=told[r.chapter, r.group]) if r.group else r for r in results]

    def _measured(self, analysis: known.Analysis) -> Result:
        measured = draw_measured(self._random, analysis, self._setting.patient.sex, self._oddities)
        return self._result(
            self._code(analysis),
            measured.value,
            analysis.chapter,
            group=analysis.group,
            interpretations=measured.interpretations,
            ranges=measured.ranges,
            methods=known.method_of(analysis),
            previous=self._previous(analysis, measured),
        )

    def _code(self, analysis: known.Analysis) -> Code:
        """LOINC, sometimes with the code of the laboratory beside; rarely that of the laboratory alone."""
        draw = self._random.random()
        if draw < 0.85:
            return analysis.coded()
        local, label = self._random.choice(known.LOCAL)
        mine = Code(local, known.LOCAL_SYSTEM, label)
        if draw < 0.95:
            return replace(analysis.coded(), translations=(mine,))
        return Code(None, words=label, translations=(mine,))

    def _previous(self, analysis: known.Analysis, measured: Measured) -> tuple[PreviousResult, ...]:
        if measured.value.kind is not ValueKind.QUANTITY or not chance(self._random, 0.25):
            return ()
        days = self._random.randint(20, 400)
        time = to_second(self._setting.created - timedelta(days=days))
        return (PreviousResult(Code(analysis.code, LOINC, analysis.label), (measured.before,), time),)

    def _qualitative(self) -> list[Result]:
        """Results told by words, codes, titres; a result that could not be given."""
        return several(self._random, self._one_qualitative, 1, 4)

    def _one_qualitative(self) -> Result:
        random = self._random
        kind = random.choice(("words", "detection", "titre", "missing"))
        if kind == "words":
            code, choices = random.choice(known.QUALITATIVE)
            return self._result(code, in_words(random.choice(choices)), "Immunologie")
        if kind == "detection":
            value, said = random.choice(known.DETECTION)
            codes = (interpretation(said),) if chance(random, 0.5) else ()
            coded = Value(ValueKind.CODE, value.name, code=value)
            return self._result(random.choice(known.DETECTED), coded, "Immunologie", interpretations=codes)
        if kind == "titre":
            return self._result(known.TITRE, titre(random.choice((40, 80, 160, 320, 1280))), "Immunologie")
        flavor = random.choice(("NAV", "NASK", "UNK"))
        code = random.choice(known.DETECTED)
        return self._result(
            code,
            Value(ValueKind.NULL, "", code=Code(None, null_flavor=flavor), null_flavor=flavor),
            "Immunologie",
            status="aborted",
        )

    def _microbiology(self) -> list[Result]:
        """A urine culture: cells, germs with their count and their antibiogram."""
        random = self._random
        results = [self._measured(one) for one in known.URINE_CELLS]
        count = 2 if chance(random, 0.3) else 1
        for germ in random.sample(known.GERMS, count):
            results.extend(self._isolate(known.germ(*germ)))
        return results

    def _isolate(self, germ: Code) -> list[Result]:
        random = self._random
        remarks = tuple(Comment(CommentLevel.GROUP, w) for w in self.remarks(1, 0.15))
        counted = draw_measured(random, known.BACTERIA, None)
        count = self._result(
            known.BACTERIA.coded(), counted.plain, "Microbiologie", germ=germ, comments=(), group_comments=remarks
        )
        tested = [random.choice(known.ANTIBIOTICS), *several(random, lambda: random.choice(known.ANTIBIOTICS), 0, 3)]
        return [count, *(self._susceptibility(germ, one, remarks) for one in dict.fromkeys(tested))]

    def _susceptibility(self, germ: Code, antibiotic: tuple[str, str, str], remarks: tuple[Comment, ...]) -> Result:
        random = self._random
        code, label, name = antibiotic
        said = random.choice(("S", "S", "S", "I", "R", "NS", "SDD"))
        return self._result(
            Code(code, LOINC, label, name),
            concentration(random, resistant=said in ("R", "NS")),
            "Microbiologie",
            group="Antibiogramme",
            germ=germ,
            interpretations=(interpretation(said),),
            methods=(Code("BDB", ANSM_REAGENTS, "sensibilité à une molécule-bandelettes gradient sur gélose (CMI)"),),
            group_comments=remarks,
            comments=(),
        )  # fmt: skip

    def _sent_away(self) -> list[Result]:
        """Results of a laboratory that the first one turned to."""
        name = self._setting.subcontractor.structure.name
        drawn = several(self._random, lambda: self._random.choice(known.NUMERIC), 1, 2)
        results = [self._measured(one) for one in dict.fromkeys(drawn)]
        return [replace(one, chapter="Examens transmis", group="", laboratory=name) for one in results]

    def _with_chapter_comment(self, results: list[Result]) -> list[Result]:
        remarks = tuple(Comment(CommentLevel.CHAPTER, w) for w in self.remarks(1, 0.1))
        if not remarks:
            return results
        first = results[0].chapter
        return [replace(one, chapter_comments=remarks) if one.chapter == first else one for one in results]

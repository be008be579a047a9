"""Writes a laboratory report: the model of its results, in its setting, as a CR-BIO 2024.01.

Reading the document back gives the same model (a test holds it): nothing is said that the model does not say.
Source: CI-SIS, volet CR d'examens de biologie médicale 2024.01; reference « CR-BIO », §1.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from random import Random

from conformance.cda.biology import oids
from conformance.cda.lab.model import Comment, LabReport, Result
from conformance.generation.header import document
from conformance.generation.lab import entries, narrative
from conformance.generation.lab.analyses import CHAPTERS, OTHER_CHAPTER
from conformance.generation.lab.header import lab_header
from conformance.generation.lab.people import authentication, collection, executing_laboratory
from conformance.generation.lab.setting import LabSetting
from conformance.generation.nodes import Ids, Node, coded, el, status, templates, words
from conformance.generation.pdf import Sheet, pdf, told
from conformance.terminology.code_systems import LOINC

TITLE = "Compte rendu d'examens biologiques"


def write_lab_report(report: LabReport, setting: LabSetting) -> bytes:
    """The document."""
    return document(lab_header(report, setting), _Body(report, setting).written())


class _Body:
    """One writing of one body: names and identifiers follow each other, the same for the same report."""

    def __init__(self, report: LabReport, setting: LabSetting) -> None:
        self._report = report
        self._setting = setting
        self._ids = Ids(Random(f"{setting.numbering.document_id}"))

    def written(self) -> Node:
        sections = [self._comment_section(comment) for comment in self._report.comments if comment.level == "report"]
        chapters = groupby(self._report.results, key=lambda one: (one.chapter, one.laboratory))
        sections += [self._chapter(chapter, list(results)) for (chapter, _), results in chapters]
        for attachment in self._report.attachments:
            if attachment.role == "subcontracted":
                sections.append(self._second_intention(attachment.title))
        sections.append(self._copy())
        return el("component", el("structuredBody", [el("component", section) for section in sections]))

    # Sections -----------------------------------------------------------------------------------------

    def _section(self, ids: tuple[str, ...], code: str, label: str, *inside: Node) -> Node:
        return el(
            "section", templates(*ids), self._ids.id(), coded("code", code, LOINC, label), el("title", label), *inside
        )

    def _comment_section(self, comment: Comment) -> Node:
        models = (oids.COMMENT_SECTION_PARENT, oids.COMMENT_SECTION, oids.FR_COMMENT_SECTION)
        return self._section(models, "55112-7", "Commentaire", el("text", comment.words))

    def _chapter(self, chapter: str, results: list[Result]) -> Node:
        code = CHAPTERS.get(chapter, OTHER_CHAPTER)
        rows: list[Node] = []
        inside = [el("entryRelationship", one, typeCode="COMP") for one in self._groups(results, rows)]
        comments = results[0].chapter_comments
        remarks = [self._remark(comment) for comment in comments]
        text = el("text", narrative.table(rows), [el("paragraph", shown) for _, shown in remarks])
        related = [el("entryRelationship", entry, typeCode="SUBJ") for entry, _ in remarks]
        entry = self._processing(code, chapter, results, [*inside, *related])
        return self._section((oids.CHAPTER, oids.FR_CHAPTER), code, chapter, text, entry)

    def _processing(self, code: str, chapter: str, results: list[Result], inside: list[Node]) -> Node:
        setting = self._setting
        act = el(
            "act",
            coded("code", code, LOINC, chapter),
            status(),
            executing_laboratory(setting.subcontractor, setting.created, body=True) if results[0].laboratory else None,
            authentication(setting.biologist, setting.created) if setting.validation else None,
            el("entryRelationship", collection(setting, self._ids, chapter), typeCode="COMP")
            if setting.collection
            else None,
            inside,
            classCode="ACT",
            moodCode="EVN",
        )
        return el("entry", templates(oids.PROCESSING, oids.FR_PROCESSING), act, typeCode="DRIV")

    def _second_intention(self, title: str) -> Node:
        name, target = self._ids.name("fichier"), self._ids.name("piece")
        sheet = self._sheet("Résultats de seconde intention", self._setting.subcontractor.structure.name)
        text = el("text", el("paragraph", words(title, target)), _show(name))
        file = entries.attached(self._ids, "Document attaché", "11502-2", title, target, pdf(sheet), name)
        return self._section(
            (oids.SECOND_INTENTION,), "101792-0", "Examens de seconde intention", text, el("entry", file)
        )

    def _copy(self) -> Node:
        setting = self._setting
        name, target = self._ids.name("fichier"), self._ids.name("copie")
        content = setting.copy if setting.copy is not None else pdf(self._sheet(TITLE, setting.laboratory.name))
        text = el("text", el("paragraph", words("Copie du document", target)), _show(name))
        file = entries.attached(self._ids, "Document attaché", "55108-5", "Copie du document", target, content, name)
        return self._section((oids.PDF_COPY,), "55108-5", "Copie du document", text, el("entry", file))

    def _sheet(self, title: str, sender: str) -> Sheet:
        rows = [("Analyse", "Résultat", "Valeurs de référence")]
        for one in self._report.results:
            shown = narrative.said_value(one.value) if one.value is not None else ""
            ranges = "; ".join(narrative.said_range(made) for made in one.ranges)
            rows.append((narrative.said_code(one.code), shown, ranges))
        return Sheet(title, (sender,), told(self._setting.patient), table=tuple(rows),
                     signature=self._setting.biologist.full_name, moment=self._setting.created)  # fmt: skip

    # Results ------------------------------------------------------------------------------------------

    def _groups(self, results: list[Result], rows: list[Node]) -> Iterable[Node]:
        """What stands under the act: results, batteries, isolates, in the order of the results."""
        for germ, of_germ in groupby(results, key=lambda one: one.germ):
            if germ is None:
                yield from self._batteries(list(of_germ), rows)
                continue
            target = self._ids.name("germe")
            rows.append(narrative.title_row(words(germ.words or germ.name, target)))
            held = list(of_germ)
            remarks = [self._remark(comment) for comment in held[0].group_comments]
            inside = [*self._batteries(held, rows, remarked=True), *(entry for entry, _ in remarks)]
            rows.extend(narrative.title_row(shown) for _, shown in remarks)
            yield entries.isolate(germ, self._ids, target, held[0].time, inside)

    def _batteries(self, results: list[Result], rows: list[Node], *, remarked: bool = False) -> Iterable[Node]:
        """Results and batteries; ``remarked``: what holds them gives their comments already."""
        for group, of_group in groupby(results, key=lambda one: one.group):
            held = list(of_group)
            if not group:
                yield from (self._result(one, rows) for one in held)
                continue
            target = self._ids.name("groupe")
            rows.append(narrative.title_row(words(group, target)))
            inside = [self._result(one, rows) for one in held]
            remarks = [self._remark(comment) for comment in held[0].group_comments if not remarked]
            rows.extend(narrative.title_row(shown) for _, shown in remarks)
            yield entries.battery(group, target, [*inside, *(entry for entry, _ in remarks)])

    def _result(self, one: Result, rows: list[Node]) -> Node:
        names = {stem: self._ids.name(stem) for stem in ("code", "value", "range")}
        remarks = [self._remark(comment) for comment in one.comments]
        rows.append(narrative.result_row(one, names, [shown for _, shown in remarks]))
        related = [el("entryRelationship", entry, typeCode="SUBJ") for entry, _ in remarks]
        return entries.result(one, names["code"], names["value"], names["range"], related)

    def _remark(self, comment: Comment) -> tuple[Node, Node]:
        """The entry of a comment and its words in the narrative."""
        target = self._ids.name("commentaire")
        return entries.comment(target), words(comment.words, target)


def _show(name: str) -> Node:
    return el("paragraph", el("renderMultiMedia", referencedObject=name))

"""Reads a laboratory report into the model, at whatever depth its results stand, and loses nothing.

Results are the observations of the data-processing acts (in batteries, isolates, antibiograms or directly under
the act), with or without their templates; previous results and the types of attached documents are not results.
Source: CI-SIS, volet CR d'examens de biologie médicale; IHE PaLM; reference « CR-BIO », §1 and §3.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from lxml import etree

from conformance.cda.biology import oids
from conformance.cda.embedded import decoded
from conformance.cda.lab.model import (
    Attachment,
    Comment,
    CommentLevel,
    LabReport,
    PreviousResult,
    ReferenceRange,
    Result,
    Subject,
)
from conformance.cda.lab.values import Narrative, read_code, read_range, read_value
from conformance.cda.locate import Locator
from conformance.cda.namespaces import h
from conformance.cda.reading import Document
from conformance.cda.rules import carries
from conformance.core.errors import DocumentError
from conformance.core.findings import Place
from conformance.core.language import Text

_ACT: Final = h("act")
_OBSERVATION: Final = h("observation")
_ORGANIZER: Final = h("organizer")
_COMMENT: Final = "1.3.6.1.4.1.19376.1.5.3.1.4.2"
_COMMENT_CODE: Final = "48767-8"


@dataclass(frozen=True)
class _Around:
    """What stands around an observation: its section, battery, germ, laboratory."""

    chapter: str = ""
    group: str = ""
    germ: etree._Element | None = None
    laboratory: str = ""


def read_report(document: Document) -> LabReport:
    """The model of a laboratory report.

    Raises ``DocumentError``: ``lab.not-a-document`` when the document holds no ``ClinicalDocument``,
    ``lab.not-a-report`` when it neither says that it is a laboratory report nor holds any result.
    """
    clinical = document.clinical
    if clinical is None:
        raise DocumentError(
            "lab.not-a-document",
            Text("Le fichier ne contient pas de document CDA.", "The file holds no CDA document."),
            Text("Donnez un compte rendu de biologie (CDA R2).", "Give a laboratory report (CDA R2)."),
        )
    report = _Reader(clinical, document.locator).report()
    if not report.results and not _is_a_report(clinical):
        kind = _attribute(clinical.find(h("code")), "displayName") or report.title or "?"
        raise DocumentError(
            "lab.not-a-report",
            Text(
                f"Ce document n'est pas un compte rendu de biologie (type : {kind}) et ne contient aucun résultat.",
                f"This document is not a laboratory report (type: {kind}) and holds no result.",
            ),
            Text("Donnez un document de type 11502-2 (LOINC).", "Give a document of type 11502-2 (LOINC)."),
        )
    return report


def _is_a_report(clinical: etree._Element) -> bool:
    """Whether the document says that it is a laboratory report, by its type or by its templates."""
    return _attribute(clinical.find(h("code")), "code") == "11502-2" or carries(
        clinical, oids.ROOT_REPORT, oids.FR_REPORT
    )


class _Reader:
    """One reading of one document; keeps what it finds in document order."""

    def __init__(self, clinical: etree._Element, locator: Locator) -> None:
        self._clinical = clinical
        self._locator = locator
        self._narrative = Narrative(clinical)
        self._results: list[Result] = []
        self._comments: list[Comment] = []
        self._attachments: list[Attachment] = []
        self._subcontractors: list[str] = []
        self._read: list[etree._Element] = []
        """The comments read so far, as elements."""

    def report(self) -> LabReport:
        clinical = self._clinical
        body = clinical.find(f"{h('component')}/{h('structuredBody')}")
        if body is not None:
            for section in _sections(body):
                self._section(section)
            self._other_comments(body)
        else:
            self._level_1()
        return LabReport(
            results=tuple(self._results),
            comments=tuple(self._comments),
            attachments=tuple(self._attachments),
            subject=_subject(clinical),
            structured=body is not None,
            title=_text(clinical.find(h("title"))),
            document_id=_identifier(clinical.find(h("id"))),
            set_id=_identifier(clinical.find(h("setId"))),
            version=_attribute(clinical.find(h("versionNumber")), "value") or "",
            replaces=_replaced(clinical),
            final=_final(clinical),
            time=_attribute(clinical.find(h("effectiveTime")), "value"),
            laboratory=_laboratory(clinical.find(f"{h('documentationOf')}/{h('serviceEvent')}")),
            subcontractors=tuple(dict.fromkeys(self._subcontractors)),
        )

    def _place(self, element: etree._Element) -> Place:
        return self._locator.place(element)

    # Sections -----------------------------------------------------------------------------------------

    def _section(self, section: etree._Element) -> None:
        title = _text(section.find(h("title"))) or _attribute(section.find(h("code")), "displayName") or ""
        if carries(section, oids.COMMENT_SECTION) or _attribute(section.find(h("code")), "code") == "55112-7":
            words = _text(section.find(h("text")))
            self._comments.append(Comment(CommentLevel.REPORT, words, self._place(section)))
        role = "copy" if carries(section, oids.PDF_COPY) else "subcontracted"
        for entry in section.iterchildren(h("entry")):
            act = entry.find(_ACT)
            if act is not None and (_of_a_laboratory(entry) or _of_a_laboratory(section) or _holds_results(act)):
                self._act(act, title)
            for organizer in entry.iterchildren(_ORGANIZER):
                if carries(organizer, oids.BATTERY, oids.ISOLATE):
                    self._organizer(organizer, _Around(chapter=title))
                else:
                    self._files(organizer, role)
            for observation in entry.iterchildren(_OBSERVATION):
                if carries(observation, oids.RESULT, oids.FR_RESULT):
                    self._observation(observation, _Around(chapter=title))
        for part in section.iterchildren(h("component")):
            for below in part.iterchildren(h("section")):
                self._section(below)

    def _act(self, act: etree._Element, chapter: str) -> None:
        """The act of a data-processing entry."""
        if _is_comment(act):
            self._comments.append(self._comment(act, CommentLevel.CHAPTER))
            return
        laboratory = _laboratory(act)
        if laboratory:
            self._subcontractors.append(laboratory)
        first = len(self._results)
        told = self._children(act, _Around(chapter=chapter, laboratory=laboratory), CommentLevel.CHAPTER)
        if told:
            self._results[first:] = [replace(one, chapter_comments=told) for one in self._results[first:]]

    def _children(self, node: etree._Element, around: _Around, level: CommentLevel) -> tuple[Comment, ...]:
        """Reads what stands under an act or an organizer; gives the comments on it, not those on what is nested."""
        own: list[Comment] = []
        for link in node.iterchildren(h("entryRelationship"), h("component")):
            for child in link.iterchildren("*"):
                if child.tag == _OBSERVATION:
                    self._observation(child, around)
                elif child.tag == _ORGANIZER:
                    self._organizer(child, around)
                elif child.tag == h("observationMedia"):
                    self._file(child, "image")
                elif child.tag == _ACT:
                    if _is_comment(child):
                        own.append(self._comment(child, level))
                        self._comments.append(own[-1])
                    else:
                        own.extend(self._children(child, around, level))
        return tuple(own)

    def _organizer(self, organizer: etree._Element, around: _Around) -> None:
        code = organizer.find(h("code"))
        name = read_code(code, self._narrative).name if code is not None else ""
        germ = organizer.find(f"{h('specimen')}/{h('specimenRole')}/{h('specimenPlayingEntity')}/{h('code')}")
        inside = replace(around, group=name or around.group, germ=germ if germ is not None else around.germ)
        first = len(self._results)
        told = self._children(organizer, inside, CommentLevel.GROUP)
        if told:
            self._results[first:] = [
                replace(one, group_comments=(*told, *one.group_comments)) for one in self._results[first:]
            ]

    def _other_comments(self, body: etree._Element) -> None:
        """The comments on what is no result: a file, a former result, another section."""
        seen = set(self._read)
        for act in body.iter(_ACT):
            if act not in seen and _is_comment(act):
                self._comments.append(self._comment(act, CommentLevel.CHAPTER))

    # Results ------------------------------------------------------------------------------------------

    def _observation(self, node: etree._Element, around: _Around) -> None:
        narrative = self._narrative
        code = node.find(h("code"))
        comments: list[Comment] = []
        previous: list[PreviousResult] = []
        below: list[etree._Element] = []
        for link in node.iterchildren(h("entryRelationship")):
            for child in link.iterchildren("*"):
                if child.tag == _ACT and _is_comment(child):
                    comments.append(self._comment(child, CommentLevel.RESULT))
                elif child.tag == _OBSERVATION and link.get("typeCode") == "REFR":
                    previous.append(self._previous(child))
                elif child.tag == _OBSERVATION:
                    below.append(child)
                elif child.tag == h("observationMedia"):
                    self._file(child, "image")
        self._comments.extend(comments)
        self._results.append(
            Result(
                code=read_code(code, narrative),
                values=tuple(read_value(value, narrative) for value in node.iterchildren(h("value"))),
                interpretations=tuple(read_code(one, narrative) for one in node.iterchildren(h("interpretationCode"))),
                ranges=tuple(_ranges(node, narrative)),
                comments=tuple(comments),
                methods=tuple(read_code(one, narrative) for one in node.iterchildren(h("methodCode"))),
                previous=tuple(previous),
                status=_attribute(node.find(h("statusCode")), "code"),
                time=_time(node),
                chapter=around.chapter,
                group=around.group,
                germ=read_code(around.germ, narrative) if around.germ is not None else None,
                laboratory=around.laboratory,
                told=narrative.line(code),
                place=self._place(node),
            )
        )
        for child in below:
            self._observation(child, around)

    def _previous(self, node: etree._Element) -> PreviousResult:
        values = tuple(read_value(value, self._narrative) for value in node.iterchildren(h("value")))
        return PreviousResult(read_code(node.find(h("code")), self._narrative), values, _time(node))

    def _comment(self, act: etree._Element, level: CommentLevel) -> Comment:
        self._read.append(act)
        return Comment(level, self._narrative.words(act.find(h("text"))), self._place(act))

    # Files --------------------------------------------------------------------------------------------

    def _files(self, organizer: etree._Element, role: str) -> None:
        for media in organizer.iter(h("observationMedia")):
            title = organizer.find(f"{h('component')}/{_OBSERVATION}/{h('value')}")
            self._file(media, role, read_code(title, self._narrative).name if title is not None else "")

    def _file(self, media: etree._Element, role: str, title: str = "") -> None:
        for value in media.iterchildren(h("value")):
            self._attach(value, role, title)

    def _level_1(self) -> None:
        for text in self._clinical.iterfind(f"{h('component')}/{h('nonXMLBody')}/{h('text')}"):
            self._attach(text, "body", _text(self._clinical.find(h("title"))))

    def _attach(self, value: etree._Element, role: str, title: str) -> None:
        content = decoded(value) if value.get("representation") == "B64" else (value.text or "").encode()
        size = None if content is None else len(content)
        self._attachments.append(Attachment(role, value.get("mediaType", ""), size, title, self._place(value)))


def _sections(body: etree._Element) -> list[etree._Element]:
    return [section for part in body.iterchildren(h("component")) for section in part.iterchildren(h("section"))]


_LABORATORY: Final = (
    oids.PROCESSING, oids.FR_PROCESSING, oids.CHAPTER, oids.FR_CHAPTER, oids.SUB_CHAPTER, oids.FR_SUB_CHAPTER,
)  # fmt: skip


def _of_a_laboratory(node: etree._Element) -> bool:
    """Whether an entry or a section is one of a laboratory report: other acts (problems…) hold no results."""
    return carries(node, *_LABORATORY)


def _holds_results(act: etree._Element) -> bool:
    return any(carries(one, oids.RESULT, oids.FR_RESULT) for one in act.iter(_OBSERVATION))


def _ranges(node: etree._Element, narrative: Narrative) -> list[ReferenceRange]:
    return [read_range(one, narrative) for one in node.iterchildren(h("referenceRange"))]


def _is_comment(act: etree._Element) -> bool:
    return carries(act, _COMMENT, "2.16.840.1.113883.10.20.1.40", "1.2.250.1.213.1.1.3.32") or (
        _attribute(act.find(h("code")), "code") == _COMMENT_CODE
    )


def _attribute(element: etree._Element | None, name: str) -> str | None:
    return element.get(name) if element is not None else None


def _text(element: etree._Element | None) -> str:
    return " ".join("".join(map(str, element.itertext())).split()) if element is not None else ""


def _time(node: etree._Element) -> str | None:
    time = node.find(h("effectiveTime"))
    if time is None:
        return None
    ends = (time, time.find(h("low")), time.find(h("high")), time.find(h("center")))
    return next((value for end in ends if (value := _attribute(end, "value"))), None)


def _identifier(element: etree._Element | None) -> str:
    if element is None:
        return ""
    return "^".join(part for part in (element.get("root"), element.get("extension")) if part)


def _replaced(clinical: etree._Element) -> tuple[str, ...]:
    found: list[str] = []
    for related in clinical.iterchildren(h("relatedDocument")):
        if related.get("typeCode") == "RPLC":
            found.extend(_identifier(one) for one in related.iterfind(f"{h('parentDocument')}/{h('id')}"))
    return tuple(found)


def _final(clinical: etree._Element) -> bool | None:
    status = clinical.find(f"{h('documentationOf')}/{h('serviceEvent')}/{h('lab:statusCode')}")
    return {"completed": True, "active": False}.get(_attribute(status, "code") or "")


def _laboratory(act: etree._Element | None) -> str:
    """The name of the organisation that performs an act."""
    if act is None:
        return ""
    where = f"{h('performer')}/{h('assignedEntity')}/{h('representedOrganization')}/{h('name')}"
    return _text(act.find(where))


def _subject(clinical: etree._Element) -> Subject:
    patient = clinical.find(f"{h('recordTarget')}/{h('patientRole')}/{h('patient')}")
    if patient is None:
        return Subject()
    sex = _attribute(patient.find(h("administrativeGenderCode")), "code")
    return Subject(sex, as_date(_attribute(patient.find(h("birthTime")), "value")))


def as_date(stamp: str | None) -> date | None:
    """The day of an HL7 time stamp precise to the day; ``None`` when it is not, or is no date."""
    if stamp is None or len(stamp) < 8 or not stamp[:8].isdigit():
        return None
    try:
        return date(int(stamp[:4]), int(stamp[4:6]), int(stamp[6:8]))
    except ValueError:
        return None

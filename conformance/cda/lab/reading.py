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
from conformance.cda.lab.parts import (
    holds_files,
    holds_results,
    is_comment,
    is_said_of,
    of_a_laboratory,
    of_another_kind,
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


@dataclass(frozen=True)
class _Around:
    """What stands around an observation: its section, battery, germ, laboratory."""

    chapter: str = ""
    group: str = ""
    germ: etree._Element | None = None
    laboratory: str = ""
    subject: Subject | None = None

    def at(self, node: etree._Element, narrative: Narrative) -> _Around:
        """The same for what stands under ``node``, which may name another subject."""
        subject = node.find(h("subject"))
        return self if subject is None else replace(self, subject=_other_subject(subject, narrative))


def read_report(document: Document, *, places: bool = True) -> LabReport:
    """The model of a laboratory report; without ``places`` nobody needs to know where in the file things stand.

    Raises ``DocumentError``: ``lab.not-a-document`` when the document holds no ``ClinicalDocument``,
    ``lab.not-a-report`` when it says that it is of another kind, or says nothing and holds no result.
    """
    clinical = document.clinical
    if clinical is None:
        raise DocumentError(
            "lab.not-a-document",
            Text("Le fichier ne contient pas de document CDA.", "The file holds no CDA document."),
            Text("Donnez un compte rendu de biologie (CDA R2).", "Give a laboratory report (CDA R2)."),
        )
    kind = clinical.find(h("code"))
    said = _is_a_report(clinical)
    report = _Reader(clinical, document.locator if places else None, said).report()
    if not said and (_attribute(kind, "code") is not None or not report.results):
        title = _attribute(kind, "displayName") or report.title or _attribute(kind, "code") or "?"
        raise DocumentError(
            "lab.not-a-report",
            Text(
                f"Ce document n'est pas un compte rendu de biologie (type : {title}).",
                f"This document is not a laboratory report (type: {title}).",
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

    def __init__(self, clinical: etree._Element, locator: Locator | None, is_a_report: bool) -> None:
        self._clinical = clinical
        self._locator = locator
        self._is_a_report = is_a_report
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
        return self._locator.place(element) if self._locator else Place()

    # Sections -----------------------------------------------------------------------------------------

    def _section(self, section: etree._Element) -> None:
        title = _text(section.find(h("title"))) or _attribute(section.find(h("code")), "displayName") or ""
        if carries(section, oids.COMMENT_SECTION) or _attribute(section.find(h("code")), "code") == "55112-7":
            words = _text(section.find(h("text")))
            self._comments.append(Comment(CommentLevel.REPORT, words, self._place(section)))
        role = "copy" if carries(section, oids.PDF_COPY) else "subcontracted"
        around = _Around(chapter=title).at(section, self._narrative)
        # A report may have forgotten the templates of its parts; a section that bears other ones is something else.
        ours = of_a_laboratory(section) or (self._is_a_report and not of_another_kind(section))
        for entry in section.iterchildren(h("entry")):
            for act in entry.iterchildren(_ACT):
                if ours or of_a_laboratory(entry) or holds_results(act):
                    self._act(act, around)
            for organizer in entry.iterchildren(_ORGANIZER):
                if carries(organizer, oids.BATTERY, oids.ISOLATE) or (ours and not holds_files(organizer)):
                    self._organizer(organizer, around)
                else:
                    self._files(organizer, role)
            for observation in entry.iterchildren(_OBSERVATION):
                if ours or carries(observation, oids.RESULT, oids.FR_RESULT):
                    self._observation(observation, around)
        for part in section.iterchildren(h("component")):
            for below in part.iterchildren(h("section")):
                self._section(below)

    def _act(self, act: etree._Element, around: _Around) -> None:
        """The act of a data-processing entry."""
        if is_comment(act):
            self._comments.append(self._comment(act, CommentLevel.CHAPTER))
            return
        laboratory = _laboratory(act)
        if laboratory:
            self._subcontractors.append(laboratory)
        first = len(self._results)
        told = self._children(act, replace(around, laboratory=laboratory), CommentLevel.CHAPTER)
        if told:
            self._results[first:] = [replace(one, chapter_comments=told) for one in self._results[first:]]

    def _children(self, node: etree._Element, around: _Around, level: CommentLevel) -> tuple[Comment, ...]:
        """Reads what stands under an act or an organizer; gives the comments on it, not those on what is nested."""
        own: list[Comment] = []
        around = around.at(node, self._narrative)
        for link in node.iterchildren(h("entryRelationship"), h("component")):
            for child in link.iterchildren("*"):
                if child.tag == _OBSERVATION:
                    self._observation(child, around)
                elif child.tag == _ORGANIZER:
                    self._organizer(child, around)
                elif child.tag == h("observationMedia"):
                    self._file(child, "image")
                elif child.tag == _ACT:
                    if is_comment(child) or is_said_of(link, child):
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
            if act not in seen and is_comment(act):
                self._comments.append(self._comment(act, CommentLevel.CHAPTER))

    # Results ------------------------------------------------------------------------------------------

    def _observation(self, node: etree._Element, around: _Around) -> None:
        narrative = self._narrative
        around = around.at(node, narrative)
        code = node.find(h("code"))
        comments: list[Comment] = []
        previous: list[PreviousResult] = []
        below: list[etree._Element] = []
        for link in node.iterchildren(h("entryRelationship")):
            for child in link.iterchildren("*"):
                if child.tag == _ACT and (is_comment(child) or is_said_of(link, child)):
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
                subject=around.subject,
                mood=node.get("moodCode", "EVN"),
                negated=node.get("negationInd") in ("true", "1"),
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
        text = act.find(h("text"))
        words = self._narrative.words(text)
        lost = not words and text is not None and text.find(h("reference")) is not None
        return Comment(level, words, self._place(act), lost)

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


def _ranges(node: etree._Element, narrative: Narrative) -> list[ReferenceRange]:
    return [read_range(one, narrative) for one in node.iterchildren(h("referenceRange"))]


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


def _other_subject(subject: etree._Element, narrative: Narrative) -> Subject:
    """Whom a part of the report is about, when it is not the patient of the header."""
    related = subject.find(h("relatedSubject"))
    person = related.find(h("subject")) if related is not None else None
    kind = read_code(related.find(h("code")) if related is not None else None, narrative).name
    name = _text(person.find(h("name"))) if person is not None else ""
    words = " ".join(part for part in (kind, name) if part) or "?"
    if person is None:
        return Subject(words=words)
    sex = _attribute(person.find(h("administrativeGenderCode")), "code")
    return Subject(sex, as_date(_attribute(person.find(h("birthTime")), "value")), words)


def as_date(stamp: str | None) -> date | None:
    """The day of an HL7 time stamp precise to the day; ``None`` when it is not, or is no date."""
    if stamp is None or len(stamp) < 8 or not stamp[:8].isdigit():
        return None
    try:
        return date(int(stamp[:4]), int(stamp[4:6]), int(stamp[6:8]))
    except ValueError:
        return None

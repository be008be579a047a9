"""The PDF/A-1 that goes beside a document: the file of a level 1 body that is one, else pages made from the CDA.

Source: ECO.2.1.5 (the data of the header, then the narrative as it is).
"""

from __future__ import annotations

from datetime import UTC, datetime

from lxml import etree

from conformance.cda.namespaces import h
from conformance.cda.paths import path
from conformance.cda.reading import read_document
from conformance.exchange.cda_header import CdaHeader, read_header
from conformance.lgc.mail.reading import author_of, moment_of, title_of


def pages(document: bytes, *, archival: bool = True, whole: bool = True, signed: bool = True) -> bytes:
    """The PDF of a clinical document; not ``whole``: the data of its header only; not ``archival``: no PDF/A; not
    ``signed``: without author and organisation.
    """
    clinical = read_document(document).clinical
    if clinical is None:
        raise ValueError("not a clinical document")
    header = read_header(clinical)
    if header.body is not None and header.body_type == "application/pdf":
        return header.body
    import typst  # takes a moment to load, and is only needed to send

    made = typst.compile(
        "\n\n".join([*_head(header, signed), *(_body(clinical) if whole else [])]).encode(),
        format="pdf",
        pdf_standards=["a-1b"] if archival else ["1.7"],
        timestamp=int((moment_of(header.effective_time) or datetime.now(UTC)).timestamp()),
        ignore_system_fonts=True,
    )
    return bytes(made)


def _head(header: CdaHeader, signed: bool) -> list[str]:
    moment = moment_of(header.effective_time)
    author, organisation = author_of(header)
    patient = header.patient
    born = f"{patient.birth_date[6:8]}/{patient.birth_date[4:6]}/{patient.birth_date[:4]}"
    lines = [
        f"Patient : {patient.birth_name} {patient.first_given}, {patient.sex}, {born}",
        f"Type : {header.code.label}",
        f"Date : {moment:%d/%m/%Y %H:%M}" if moment else "",
        *((f"Auteur : {author}", f"Organisation : {organisation}") if signed else ()),
    ]
    return [
        f"#set document(title: {_quoted(title_of(header))})",
        '#set page(paper: "a4", margin: 2cm)\n#set text(lang: "fr", size: 10pt)',
        f'#text(size: 14pt, weight: "bold", {_quoted(title_of(header))})',
        *(f"#text({_quoted(line)})" for line in lines if line),
    ]


def _body(clinical: etree._Element) -> list[str]:
    lines = []
    for section in clinical.iter(h("section")):
        title = path("title").elements(section)
        if title:
            lines.append(f'#text(weight: "bold", {_quoted(_words(title[0]))})')
        for text in path("text").elements(section):
            lines += [f"#text({_quoted(line)})" for line in _lines(text)]
    for text in path("component/nonXMLBody/text").elements(clinical):
        if text.get("mediaType", "text/plain") == "text/plain":
            lines.append(f"#text({_quoted(_words(text))})")
    return lines


def _lines(text: etree._Element) -> list[str]:
    """The narrative line by line: rows of tables with their cells, else paragraphs, else all of it."""
    rows = [" | ".join(_words(cell) for cell in row) for row in text.iter(h("tr"))]
    others = [_words(each) for tag in ("paragraph", "item") for each in text.iter(h(tag))]
    return [line for line in (*rows, *others) if line] or [line for line in [_words(text)] if line]


def _words(node: etree._Element) -> str:
    return " ".join(str(node.xpath("string()")).split())


def _quoted(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'

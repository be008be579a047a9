"""Real PDF files with text in them: letters, prescriptions, copies of reports. Set by typst, as PDF/A-1b.

typst brings its own fonts: the same page on every machine.
Source: CI-SIS Structuration minimale §3.1 (a PDF in a document is a PDF/A-1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from conformance.generation.people import Patient


@dataclass(frozen=True, slots=True)
class Sheet:
    """One document to print: title, sender, patient, paragraphs, a table (its first row is the heading)."""

    title: str
    sender: tuple[str, ...]
    patient: tuple[str, ...]
    paragraphs: tuple[str, ...] = ()
    table: tuple[tuple[str, ...], ...] = ()
    signature: str = ""
    moment: datetime = datetime(2025, 1, 1)


def told(patient: Patient) -> tuple[str, ...]:
    """The lines that name a patient on paper: names, birth, sex, matricule."""
    traits = patient.identity.traits
    born = "né" if patient.sex == "M" else "née"
    return (
        patient.full_name,
        f"Nom de naissance : {traits.birth_name}",
        f"Prénoms : {traits.given_names}",
        f"{born} le {patient.born:%d/%m/%Y}, sexe {patient.sex}",
        f"INS : {patient.identity.matricule}",
    )


@lru_cache(maxsize=256)
def pdf(sheet: Sheet) -> bytes:
    """The file, PDF/A-1b."""
    import typst  # 30 MB: takes a moment to load, and most documents hold no PDF

    made = typst.compile(
        _source(sheet).encode(),
        format="pdf",
        pdf_standards=["a-1b"],
        timestamp=int(sheet.moment.timestamp()),
        ignore_system_fonts=True,
    )
    return bytes(made)


def _source(sheet: Sheet) -> str:
    lines = [
        f"#set document(title: {_quoted(sheet.title)})",
        '#set page(paper: "a4", margin: 2.2cm)',
        '#set text(lang: "fr", size: 10pt)',
        _block(sheet.sender),
        f"#align(right)[{_block(sheet.patient)}]",
        f'#v(6mm)\n#text(size: 14pt, weight: "bold", {_quoted(sheet.title)})\n#v(4mm)',
        *(f"#par(text({_quoted(words)}))" for words in sheet.paragraphs),
    ]
    if sheet.table:
        width = max(map(len, sheet.table))
        cells = ", ".join(f"[{_shown(cell)}]" for row in sheet.table for cell in (*row, *[""] * (width - len(row))))
        lines.append(f"#table(columns: {width}, {cells})")
    if sheet.signature:
        lines.append(f"#v(8mm)\n#align(right)[{_shown(sheet.signature)}]")
    return "\n\n".join(lines)


def _block(lines: Sequence[str]) -> str:
    return " #linebreak() ".join(map(_shown, lines))


def _shown(words: str) -> str:
    """Words as typst shows them, whatever their characters."""
    return f"#text({_quoted(words)})"


def _quoted(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'

"""A check of PDF/A-2b (ISO 19005-2): what a machine can see without drawing the pages.

Each complaint names the clause. Written by hand: the one complete checker is a Java program that no Python,
Debian or npm package carries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject, StreamObject

_PDFAID = "http://www.aiim.org/pdfa/ns/id/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_FORBIDDEN_ACTIONS = {"/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/JavaScript", "/SetOCGState"}


def complaints(path: Path) -> list[str]:
    """What keeps the file from being PDF/A-2b; nothing when all is well."""
    data = path.read_bytes()
    reader = PdfReader(path)
    found: list[str] = []
    if not re.match(rb"%PDF-1\.[0-7]\r?\n%[\x80-\xff]{4}", data):
        found.append("6.1.2 header, then a comment of four octets above 127")
    if "/ID" not in reader.trailer:
        found.append("6.1.3 trailer without ID")
    if "/Encrypt" in reader.trailer:
        found.append("6.1.3 encrypted")
    root = reader.trailer["/Root"]
    assert isinstance(root, DictionaryObject)
    found += _metadata(root)
    found += _output_intent(root)
    for forbidden in ("/AA", "/NeedsRendering"):
        if forbidden in root:
            found.append(f"6.6 {forbidden} in the catalogue")
    fonts = 0
    for thing in _everything(root, set()):
        if isinstance(thing, StreamObject) and thing.get("/Filter") in ("/LZWDecode", "/Crypt"):
            found.append(f"6.1.7 filter {thing['/Filter']}")
        if isinstance(thing, StreamObject) and "/F" in thing:
            found.append("6.1.7 stream outside the file")
        if thing.get("/S") in _FORBIDDEN_ACTIONS and thing.get("/Type") in (None, "/Action"):
            found.append(f"6.5.1 action {thing['/S']}")
        if thing.get("/Type") == "/Annot" and thing.get("/Subtype") != "/Popup" and not int(thing.get("/F", 0)) & 4:
            found.append("6.3.2 annotation that does not print")
        if thing.get("/Type") == "/Font":
            fonts += 1
            found += _font(thing)
        if thing.get("/Type") == "/ExtGState" and ("/TR" in thing or thing.get("/TR2", "/Default") != "/Default"):
            found.append("6.2.5 transfer function")
        if thing.get("/Subtype") == "/Image" and (
            thing.get("/Interpolate") or "/Alternates" in thing or "/OPI" in thing
        ):
            found.append("6.2.8 image")
        if thing.get("/Subtype") == "/PS":
            found.append("6.2.9 PostScript")
    if not fonts:
        found.append("no font seen: the check saw nothing")
    return found


def _metadata(root: DictionaryObject) -> list[str]:
    if "/Metadata" not in root:
        return ["6.6.2 no XMP metadata"]
    stream = root["/Metadata"].get_object()
    assert isinstance(stream, StreamObject)
    if "/Filter" in stream:
        return ["6.6.2 XMP metadata that is filtered"]
    xmp = etree.fromstring(stream.get_data())
    said: dict[str, str] = {}
    for description in xmp.iter(f"{{{_RDF}}}Description"):
        for name in ("part", "conformance"):
            value = description.get(f"{{{_PDFAID}}}{name}") or description.findtext(f"{{{_PDFAID}}}{name}")
            if value:
                said[name] = value
    return [] if said == {"part": "2", "conformance": "B"} else [f"6.6.4 identification: {said}"]


def _output_intent(root: DictionaryObject) -> list[str]:
    intents = root.get("/OutputIntents")
    for intent in intents.get_object() if intents is not None else ():
        if intent.get_object().get("/S") == "/GTS_PDFA1":
            profile = intent.get_object()["/DestOutputProfile"].get_object()
            # An ICC profile carries its signature at octet 36.
            return [] if profile.get_data()[36:40] == b"acsp" else ["6.2.3 output profile is not ICC"]
    return ["6.2.3 no output intent"]


def _font(font: DictionaryObject) -> list[str]:
    if font.get("/Subtype") == "/Type3":
        return []
    if font.get("/Subtype") == "/Type0":
        found = [] if "/ToUnicode" in font else ["6.2.11.7 font without ToUnicode"]
        if font.get("/Encoding") not in ("/Identity-H", "/Identity-V"):
            found.append("6.2.11.3 encoding of a composite font")
        return found
    descriptor = font.get("/FontDescriptor")
    known = descriptor.get_object() if descriptor is not None else {}
    embedded = any(name in known for name in ("/FontFile", "/FontFile2", "/FontFile3"))
    found = [] if embedded else [f"6.2.11.4 font {font.get('/BaseFont')} is not embedded"]
    if font.get("/Subtype") == "/CIDFontType2" and "/CIDToGIDMap" not in font:
        found.append("6.2.11.3.2 CIDToGIDMap")
    return found


def _everything(value: PdfObject, seen: set[int]) -> Iterator[DictionaryObject]:
    """Every dictionary and stream that the catalogue leads to, once."""
    waiting: list[PdfObject] = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, IndirectObject):
            if one.idnum in seen:
                continue
            seen.add(one.idnum)
            one = one.get_object()  # type: ignore[assignment]  # what the reference leads to
        if isinstance(one, DictionaryObject):
            yield one
            waiting.extend(one.values())
        elif isinstance(one, ArrayObject):
            waiting.extend(one)

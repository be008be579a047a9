"""The small pack, an engine that stays warm, and a way to judge a document by rules written in the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from conformance.cda.reading import Document, read_document
from conformance.validation.packs.engine import Limits
from conformance.validation.packs.pack import Pack, open_folder
from conformance.validation.packs.results import OfficialResult
from conformance.validation.packs.runner import OfficialRules

SMALL = Path(__file__).with_name("small")

SCHEMA = """<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2" {attributes}>
<ns prefix="c" uri="urn:hl7-org:v3"/><ns prefix="xsi" uri="http://www.w3.org/2001/XMLSchema-instance"/>
{body}</schema>"""


class Judge(Protocol):
    """Judges the content of a ``ClinicalDocument`` by the content of a schematron."""

    def __call__(self, body: str, content: str, attributes: str = "") -> OfficialResult: ...


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes what the user keeps."""
    base = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("SEGUR_CACHE_DIR", str(base / "cache"))
    monkeypatch.setenv("SEGUR_DATA_DIR", str(base / "data"))
    monkeypatch.delenv("SEGUR_PACK_DIR", raising=False)


@pytest.fixture(scope="session")
def small() -> Path:
    """The folder of the small pack."""
    return SMALL


@pytest.fixture(scope="session")
def small_pack() -> Pack:
    return open_folder(SMALL)


@pytest.fixture(scope="module")
def small_rules(small_pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfficialRules]:
    pytest.importorskip("saxonche", reason="the official rules need the extra packs")
    with OfficialRules(small_pack, Limits(seconds=120)) as rules:
        yield rules


@pytest.fixture
def write_pack(tmp_path: Path) -> Callable[..., Path]:
    """Writes a pack: its files by path; the text of a ``.sch`` without ``<schema`` is the content of one."""

    def write(files: dict[str, str], attributes: str = "") -> Path:
        for path, text in files.items():
            file = tmp_path / "pack" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            if path.endswith(".sch") and "<schema" not in text and text.lstrip().startswith("<pattern"):
                text = SCHEMA.format(attributes=attributes, body=text)
            file.write_text(text, "utf-8")
        return tmp_path / "pack"

    return write


@pytest.fixture
def judge(write_pack: Callable[..., Path]) -> Judge:
    """Judge a document by one schematron of a pack made for the occasion."""
    pytest.importorskip("saxonche", reason="the official rules need the extra packs")

    def run(body: str, content: str, attributes: str = "") -> OfficialResult:
        folder = write_pack({"rules.sch": SCHEMA.format(attributes=attributes, body=body)})
        with OfficialRules(open_folder(folder), Limits(seconds=120)) as rules:
            return rules.check(document(content))

    return run


def document(content: str) -> Document:
    """A ``ClinicalDocument`` that holds ``content``."""
    text = f'<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{content}</ClinicalDocument>'
    return read_document(text.encode(), "test.xml")

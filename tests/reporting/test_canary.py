"""A canary patient flies through the run: no view may show the name, the INS, the token or the key."""

from __future__ import annotations

import base64
import contextlib
import html
import io
import json
import quopri
import re
import zipfile
import zlib
from collections.abc import Iterator
from email.header import Header
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from pypdf import PdfReader

from conformance.core.findings import Finding, Place, Severity
from conformance.core.language import Text
from conformance.core.recorder import Recorder
from conformance.core.verdicts import Verdict
from conformance.reporting.bundle import make_bundle
from conformance.reporting.merge import merge_run
from conformance.reporting.model import RunReport
from conformance.reporting.reading import read_report
from conformance.reporting.views import VIEWS, write_views
from tests.reporting.sample_run import (
    CANARY_FAMILY,
    CANARY_GIVEN,
    CANARY_INS,
    CANARY_TOKEN,
    VSM,
    facts,
    header,
    write_sample_run,
)

SONGS = (*CANARY_FAMILY.split("-"), CANARY_GIVEN, CANARY_INS, CANARY_TOKEN[:30], "Q0FOQVJZS0VZ", "TUlJQ2FuYXJ5")


def texts_of(path: Path) -> Iterator[str]:
    """Everything that a reader of this view could read, packed or not."""
    for file in [path] if path.is_file() else path.rglob("*"):
        if not file.is_file():
            continue
        if file.suffix == ".pdf":
            reader = PdfReader(file)
            yield "\n".join(page.extract_text() for page in reader.pages)
            yield str(reader.metadata)
            continue
        text = file.read_bytes().decode("utf-8", "replace")
        yield file.name
        yield text
        for packed in re.findall(r'"([A-Za-z0-9+/=]{60,})"', text):
            try:
                yield zlib.decompress(base64.b64decode(packed)).decode()
            except (ValueError, zlib.error):
                continue


def sung_in(path: Path) -> set[str]:
    shown = "\n".join(texts_of(path)).casefold()
    return {song for song in SONGS if song.casefold() in shown}


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_canary_is_not_heard(tmp_path: Path, view: str) -> None:
    report = merge_run(write_sample_run(tmp_path))
    assert not sung_in(write_views(report, tmp_path, [view])[view])


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_canary_is_not_heard_from_a_report_read_back(tmp_path: Path, view: str) -> None:
    merge_run(write_sample_run(tmp_path)).write(tmp_path / "report.json")
    assert not sung_in(write_views(read_report(tmp_path), tmp_path / "again", [view])[view])


def test_clear_shows_the_canary(tmp_path: Path) -> None:
    report = merge_run(write_sample_run(tmp_path), clear=True)
    views = write_views(report, tmp_path)
    assert json.loads(views["json"].read_text(encoding="utf-8"))["header"]["redacted"] is False
    assert {CANARY_GIVEN, CANARY_INS} <= sung_in(views["json"])
    assert set(SONGS) <= sung_in(views["html"])


FAMILY, GIVEN, INS = "OISELLERIE", "Philoména", "269035912345690"
LETTER = VSM.replace(CANARY_FAMILY, FAMILY).replace(CANARY_GIVEN, GIVEN).replace(CANARY_INS, INS)


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(f"IHE_XDM/SUBSET01/{FAMILY}.XML", LETTER)
    return out.getvalue()


def disguised() -> dict[str, tuple[str | bytes, str]]:
    """Name of a file → what it holds, and its type: the same patient, written in every way that messages know."""
    letter = base64.encodebytes(LETTER.encode()).decode()
    mail = (
        f"From: a@b\r\nTo: {INS}@patient.mssante.fr\r\nSubject: {Header(f'Synthèse {FAMILY} {GIVEN}', 'utf-8').encode()}\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/xml; name={FAMILY}.xml\r\nContent-Transfer-Encoding: base64\r\n\r\n{letter}\r\n"
        f"--b\r\nContent-Type: application/zip; name={FAMILY}.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        f"{base64.encodebytes(archive()).decode()}\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Transfer-Encoding: quoted-printable\r\n\r\n{quopri.encodestring(f'{GIVEN} {FAMILY}'.encode()).decode()}\r\n--b--\r\n"
    )
    escaped = "".join(f"\\u{ord(sign):04x}" for sign in FAMILY)
    basic = base64.b64encode(f"{FAMILY}:secret".encode()).decode()
    return {
        "mail.eml": (mail, "message/rfc822"),
        "vsm.xml": (LETTER, "application/xml"),
        "patient.json": (json.dumps({"birth_name": FAMILY, "first_given_name": GIVEN}), "application/json"),
        "escaped.json": (f'{{"said": "{escaped}"}}', "application/json"),
        "soap.xml": (f"<Document>{letter}</Document>", "application/soap+xml"),
        f"20261129_{FAMILY}_{GIVEN}.pdf": (f"%PDF-1.4 {FAMILY}".encode(), "application/pdf"),
        "archive.zip": (archive(), f"application/zip; name={FAMILY}.zip"),
        "request.http": (
            f"GET /p?given={quote(GIVEN)}&ins={INS} HTTP/1.1\r\nAuthorization: Basic {basic}\r\n\r\n",
            "message/http",
        ),
        "references.xml": (f"<a>{''.join(f'&#{ord(sign)};' for sign in FAMILY)}</a>", "application/xml"),
        "latin.xml": (f"<?xml version='1.0' encoding='ISO-8859-1'?><a>{GIVEN}</a>".encode("latin-1"), "text/xml"),
    }


@pytest.fixture(scope="module")
def in_disguise(tmp_path_factory: pytest.TempPathFactory) -> RunReport:
    """A run whose patient stands in every kind of message, in a finding, a figure, a failure, an identifier."""
    folder = tmp_path_factory.mktemp("disguised")
    recorder = Recorder(folder)
    recorder.start_run(header())
    recorder.start_test(facts(f"test_x[{FAMILY}]", f"Dossier de {GIVEN}", f"Record of {GIVEN}", "DOC.01"))
    for name, (content, media_type) in disguised().items():
        recorder.attach(name, content, media_type, role="produced")
    said = Text(
        f"{FAMILY} {GIVEN} ({INS})", f"{quote(GIVEN)} {base64.b64encode(f'{GIVEN} {FAMILY}'.encode()).decode()}"
    )
    recorder.finding(Finding("r", Severity.ERROR, "content", said, Place(1, 1, f"/a[.='{FAMILY}']")))
    recorder.figure("rate", 3, title=said, total=4, label=GIVEN)
    replay = f"segur run --test 'test_x[{FAMILY}]'"
    recorder.finish_test(Verdict.FAIL, message=said, replay=replay, failure=f"AssertionError: {GIVEN!a} {said.en}")
    recorder.finish_run()
    recorder.close()
    return merge_run(folder)


def decoded(text: str) -> Iterator[str]:
    """A text, and what can be read in it by undoing base 64, compression, percent signs and escapes."""
    yield text
    yield unquote(text)
    yield html.unescape(text)
    yield re.sub(r"\\+u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)
    for run in re.findall(r"[A-Za-z0-9+/]{8,}(?:(?:\\r\\n|\\n|\s)+[A-Za-z0-9+/]{20,})*", text):
        bare = re.sub(r"\\r\\n|\\n|\s", "", run)
        try:
            octets = base64.b64decode(bare + "=" * (-len(bare) % 4))
        except ValueError:
            continue
        with contextlib.suppress(zlib.error):
            octets = zlib.decompress(octets)
        yield octets.decode("utf-8", "replace")


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_canary_in_disguise_is_not_heard(in_disguise: RunReport, tmp_path: Path, view: str) -> None:
    path = write_views(in_disguise, tmp_path, [view])[view]
    for text in texts_of(path):
        for said in decoded(text):
            for song in (FAMILY, GIVEN, INS, "Philomena"):
                assert song.casefold() not in said.casefold(), said[max(0, said.find(song) - 60) :][:120]


def test_names_in_the_bundle_do_not_sing(in_disguise: RunReport) -> None:
    with zipfile.ZipFile(io.BytesIO(make_bundle(in_disguise))) as bundle:
        told = " ".join(bundle.namelist()) + bundle.read("manifest.json").decode()
    assert not [song for song in (FAMILY, GIVEN, INS) if song.casefold() in told.casefold()]

"""Messages and documents as a person reads them: everything is told, nothing of it is markup."""

from __future__ import annotations

import base64
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from conformance.core.recorder import Recorder
from conformance.core.redaction import Redactor
from conformance.core.verdicts import Verdict
from conformance.reporting.journal import read_events
from conformance.reporting.masking import redactor_for
from conformance.reporting.readable import readable
from tests.reporting.sample_run import CANARY_FAMILY, CANARY_GIVEN, CANARY_INS, MAIL, SOAP, TESTS, VSM, header

CLEAR = Redactor(clear=True)
ALLOWED = {
    "h1", "h2", "h3", "h4", "h5", "h6", "p", "span", "table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption",
    "col", "colgroup", "section", "ul", "ol", "li", "strong", "em", "u", "sub", "sup", "br", "small", "code", "pre",
    "b", "details", "summary", "html", "body", "div",
}  # fmt: skip
ATTRIBUTES = {"class", "lang", "scope", "open", "colspan", "rowspan"}


def shown(data: bytes | str, media_type: str = "application/xml") -> str:
    fragment = readable(data.encode() if isinstance(data, str) else data, media_type, CLEAR)
    assert fragment is not None
    return fragment


def words(fragment: str) -> str:
    return " ".join(html.fromstring(f"<div>{fragment}</div>").text_content().split())


def assert_harmless(fragment: str) -> None:
    for element in html.fromstring(f"<div>{fragment}</div>").iter():
        assert element.tag in ALLOWED
        assert set(element.attrib) <= ATTRIBUTES


def archive(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as written:
        for name, content in files.items():
            written.writestr(name.replace("__", "."), content)
    return out.getvalue()


def test_document_tells_its_header_and_its_sections() -> None:
    told = words(shown(VSM))
    for part in (
        "Volet de synthèse médicale",
        CANARY_FAMILY,
        CANARY_INS,
        "1979-03-17",
        "Pénicilline",
        "Diabète de type 2",
    ):
        assert part in told


def test_lists_and_tables_keep_their_form() -> None:
    fragment = shown(VSM)
    assert "<li>Diabète de type 2</li>" in fragment
    assert "<td>Pénicilline</td>" in fragment


def test_unstructured_document_says_what_it_holds() -> None:
    start, end = VSM.index("<structuredBody>"), VSM.index("</structuredBody>") + len("</structuredBody>")
    body = '<nonXMLBody><text mediaType="application/pdf" representation="B64">JVBERi0=</text></nonXMLBody>'
    assert "application/pdf" in words(shown(VSM[:start] + body + VSM[end:]))


def test_mail_is_opened_down_to_the_document_in_its_archive() -> None:
    packed = base64.encodebytes(archive(DOC__XML=VSM)).decode()
    told = words(shown(MAIL.replace("UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==", packed), "message/rfc822"))
    assert "XDM/1.0/DDM Synthèse" in told
    assert "DOC.XML" in told
    assert "Pénicilline" in told


def test_texts_of_an_archive_are_shown() -> None:
    assert "Lisez-moi d'abord" in words(
        shown(archive(README__TXT="Lisez-moi d'abord", INDEX__HTM="<p>x</p>"), "application/zip")
    )


def test_soap_tells_its_addressing_and_its_body() -> None:
    told = words(shown(SOAP, "application/soap+xml"))
    assert "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b" in told
    assert "sourcePatientInfo" in told


def test_soap_fault_stands_out() -> None:
    fault = '<soap:Body><soap:Fault><soap:Reason><soap:Text xml:lang="fr">Refusé</soap:Text></soap:Reason></soap:Fault></soap:Body>'
    message = SOAP[: SOAP.index("<soap:Body>")] + fault + "</soap:Envelope>"
    assert "<p class=fault>" in shown(message)
    assert "Refusé" in words(shown(message))


def test_multipart_of_the_transport_is_opened() -> None:
    body = f"--b\r\nContent-Type: application/xop+xml\r\n\r\n{SOAP}\r\n--b--\r\n"
    assert "sourcePatientInfo" in words(shown(body, 'multipart/related; boundary="b"'))


def test_request_of_http_is_opened_down_to_its_parts() -> None:
    data, media_type = WRAPPED["http"]
    told = words(shown(data, media_type))
    for part in ("POST /registry HTTP/1.1", "ProvideAndRegisterDocumentSet-b", "Pénicilline", "multipart/related"):
        assert part in told


def test_document_in_base64_inside_a_message_is_opened() -> None:
    inside = base64.b64encode(VSM.encode()).decode()
    message = SOAP.replace("<Submit>", f"<Submit><Document>{inside}</Document>")
    assert "Pénicilline" in words(shown(message))


def test_everything_is_masked() -> None:
    redactor = Redactor((CANARY_FAMILY, CANARY_GIVEN))
    for data, media_type in ((VSM, "text/xml"), (MAIL, "message/rfc822"), (SOAP, "text/xml")):
        fragment = readable(data.encode(), media_type, redactor)
        assert fragment is not None
        for song in ("CANARINI", "OISEAU", CANARY_GIVEN, CANARY_INS, "TUlJQ2FuYXJ5"):
            assert song not in fragment


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (b"<a><b></a>", "application/xml"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "application/xml"),
        (b"{", "application/json"),
        (b"PK\x03\x04 but no archive", "application/zip"),
        (b"%PDF-1.7", "application/pdf"),
        (b"", "application/xml"),
    ],
)
def test_what_cannot_be_unfolded_is_left_to_its_source(data: bytes, media_type: str) -> None:
    assert readable(data, media_type, CLEAR) is None


def test_wrapping_without_end_is_not_followed() -> None:
    data = archive(a__xml="<a/>")
    for _ in range(30):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as written:
            written.writestr("in.zip", data)
        data = out.getvalue()
    assert shown(data, "application/zip").count("in.zip") <= 6


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(alphabet="<>&\"'/ abc=onclick:", max_size=60))
def test_no_words_become_markup(free: str, nasty: str) -> None:
    for data, media_type in (
        (f"From: {nasty}\nSubject: {free}\n\n{nasty}", "message/rfc822"),
        (VSM.replace("Pénicilline", "").replace("Urticaire", _escaped(nasty)), "application/xml"),
        (f'<a b="{_escaped(nasty)}">{_escaped(nasty)}</a>', "application/xml"),
        (archive(**{"x": free, "y__xml": f"<a>{_escaped(nasty)}</a>"}), "application/zip"),
    ):
        fragment = readable(data if isinstance(data, bytes) else data.encode("utf-8", "replace"), media_type, CLEAR)
        if fragment:
            assert_harmless(fragment)


def _escaped(words_: str) -> str:
    return words_.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["script", "iframe", "object", "img", "a", "style", "form", "svg", "content", "td", "list", "new"]),
    st.sampled_from(["onclick", "onload", "href", "src", "style", "id", "styleCode", "colspan", "class"]),
    st.sampled_from(["javascript:alert(1)", "url(x)", "Bold", "3", "http://x.example"]),
)
def test_narrative_keeps_known_elements_alone(tag: str, attribute: str, value: str) -> None:
    inside = f'<{tag} {attribute}="{value}">mots</{tag}>'
    fragment = shown(VSM.replace("<list>", f"{inside}<list>"))
    assert_harmless(fragment)
    assert "mots" in fragment


def test_depth_of_a_narrative_is_bounded() -> None:
    deep = "<content>" * 100 + "x" + "</content>" * 100
    assert "…" in shown(VSM.replace("<list>", f"{deep}<list>"))


WRAPPED = {
    "archive": (archive(DOC__XML=VSM), "application/zip"),
    "mail": (
        MAIL.replace("UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==", base64.encodebytes(archive(DOC__XML=VSM)).decode())
        .replace(CANARY_FAMILY, "X")
        .encode(),
        "message/rfc822",
    ),
    "transport": (
        f"--b\r\nContent-Type: text/xml\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        f"{base64.encodebytes(VSM.encode()).decode()}\r\n--b--\r\n".encode(),
        'multipart/related; boundary="b"',
    ),
    "http": (
        "POST /registry HTTP/1.1\r\ncontent-type: multipart/related; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: application/xop+xml\r\n\r\n{SOAP.replace(CANARY_FAMILY, 'X')}\r\n"
        f"--b\r\nContent-Type: text/xml\r\n\r\n{VSM}\r\n--b--\r\n".encode(),
        "message/http",
    ),
    "base64": (
        SOAP.replace(CANARY_FAMILY, "X").replace("<Submit>", f"<Submit><D>{base64.b64encode(VSM.encode()).decode()}</D>").encode(),
        "application/soap+xml",
    ),
}  # fmt: skip


@pytest.mark.parametrize("wrapping", sorted(WRAPPED))
def test_names_are_found_inside_any_wrapping(tmp_path: Path, wrapping: str) -> None:
    data, media_type = WRAPPED[wrapping]
    recorder = Recorder(tmp_path)
    recorder.start_run(header())
    recorder.start_test(TESTS[0])
    recorder.attach("wrapped", data, media_type, role="received")
    recorder.finish_test(Verdict.PASS)
    recorder.finish_run()
    recorder.close()
    fragment = readable(data, media_type, redactor_for(tmp_path, read_events(tmp_path)))
    assert fragment is not None
    assert "Pénicilline" in fragment
    assert "CANARINI" not in fragment
    assert CANARY_GIVEN not in fragment

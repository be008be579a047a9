"""Wrong and hostile requests: a SOAP fault or a registry error in its place, never a stack trace, and nothing kept."""

from __future__ import annotations

import base64
import gzip
import quopri
import socket
import ssl
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.exchange.dmp import requests as messages
from conformance.exchange.dmp.captured import CapturedRequest, TlsFacts
from conformance.exchange.dmp.requests import OutgoingRequest
from conformance.exchange.mtom import read_package
from conformance.generation.people import Patient
from conformance.simulators.dmp import DmpOptions, DmpSimulator
from conformance.simulators.dmp.service import DmpService
from tests.simulators.dmp.practice import Doctor, cx


def feeding(doctor: Doctor, patient: Patient) -> OutgoingRequest:
    lot = doctor.lot([doctor.note(patient)])
    return messages.feed(doctor.url, doctor.assertion(cx(patient)), lot.objects, lot.documents)


def post(doctor: Doctor, content_type: str, body: bytes, path: str = "/repository") -> requests.Response:
    return doctor.session.post(
        doctor.url + path, data=body, headers={"Content-Type": content_type}, verify=str(doctor.root_file),
        cert=(str(doctor.card.chain_file), str(doctor.card.key_file)), timeout=60,
    )  # fmt: skip


def assert_fault(response: requests.Response, status: int = 400) -> str:
    """The reason of the fault that ``response`` must be."""
    assert response.status_code == status
    answer = messages.read_answer(response.headers["Content-Type"], response.content)
    assert answer.fault is not None
    assert "Traceback" not in response.text
    return answer.fault.reason


SIMPLE = "application/soap+xml; charset=UTF-8"
XXE = b"""<?xml version="1.0"?><!DOCTYPE e [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>&x;</s:Body></s:Envelope>"""
LAUGHS = (
    b"""<!DOCTYPE z [<!ENTITY a "aaaaaaaaaa">"""
    + b"".join(b'<!ENTITY %c "&%c;&%c;&%c;">' % (c, c - 1, c - 1, c - 1) for c in range(98, 120))
    + b"]><z>&w;</z>"
)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (SIMPLE, XXE),
        (SIMPLE, LAUGHS),
        (SIMPLE, b""),
        (SIMPLE, b"{}"),
        (SIMPLE, b"<html/>"),
        (SIMPLE, b"<a>" * 5000),
        (SIMPLE, b"\xff\xfe\x00garbage"),
        ("multipart/related", b"--x\r\n\r\nhello\r\n--x--"),
        ('multipart/related; boundary="never"', b"--x\r\n\r\nhello\r\n--x--"),
        ('multipart/related; boundary="x"', b"--x--"),
        ('multipart/related; boundary="x"; start="<nobody>"', b"--x\r\nContent-ID: <a>\r\n\r\nhello\r\n--x--"),
        ('multipart/related; boundary="x"', b"--x\r\nContent-Type: text/xml\r\n" + b"A" * 20000 + b"\r\n--x--"),
        ('multipart/related; boundary="x"', b"\r\n--x" * 5000),
        ("", b"<a/>"),
        ("nonsense; ;;=", b"<a/>"),
    ],
)  # fmt: skip
def test_what_is_no_message_gets_a_fault(doctor: Doctor, content_type: str, body: bytes) -> None:
    assert assert_fault(post(doctor, content_type, body))


def test_soap_1_1_gets_a_fault_that_names_it(doctor: Doctor, patient: Patient) -> None:
    request = feeding(doctor, patient)
    old = request.body.replace(b"http://www.w3.org/2003/05/soap-envelope", b"http://schemas.xmlsoap.org/soap/envelope/")
    assert "1.1" in assert_fault(post(doctor, request.content_type, old))


def test_a_truncated_message_gets_a_fault_and_keeps_nothing(
    dmp: DmpSimulator, doctor: Doctor, patient: Patient
) -> None:
    request = feeding(doctor, patient)
    assert "tronqué" in assert_fault(post(doctor, request.content_type, request.body[: len(request.body) // 2]))
    assert dmp.documents_of(cx(patient)) == []


def test_a_missing_part_is_a_registry_error(dmp: DmpSimulator, doctor: Doctor, patient: Patient) -> None:
    request = feeding(doctor, patient)
    body = request.body.replace(b'href="cid:', b'href="cid:nobody-', 1)
    response = post(doctor, request.content_type, body)
    answer = messages.read_answer(response.headers["Content-Type"], response.content)
    assert answer.registry is not None
    assert answer.registry.codes == ("XDSMissingDocument",)
    assert dmp.documents_of(cx(patient)) == []


def test_a_gigabyte_announced_is_refused_unread(dmp: DmpSimulator, doctor: Doctor) -> None:
    context = ssl.create_default_context(cafile=str(dmp.root_file))
    context.load_cert_chain(doctor.card.chain_file, doctor.card.key_file)
    port = int(dmp.url.split(":")[2].split("/")[0])
    with (
        socket.create_connection(("127.0.0.1", port)) as raw,
        context.wrap_socket(raw, server_hostname="localhost") as tls,
    ):
        tls.sendall(
            b"POST /si-dmp-server/v2/services/repository HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/soap+xml\r\nContent-Length: 1073741824\r\n\r\n<soap"
        )
        tls.settimeout(20)
        answer = tls.recv(65536)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"Fault" in answer + b""


def test_more_than_the_limit_without_length_is_refused(doctor: Doctor, patient: Patient, dmp: DmpSimulator) -> None:
    with DmpSimulator(pki=dmp.pki, options=DmpOptions(largest_message=50_000)) as small:
        there = Doctor.at(small)
        body = (b"x" * 10_000 for _ in range(10))
        response = there.session.post(
            there.url + "/repository", data=body, headers={"Content-Type": SIMPLE}, verify=str(there.root_file),
            cert=(str(there.card.chain_file), str(there.card.key_file)), timeout=60,
        )  # fmt: skip
        assert_fault(response, 413)


def spoken(dmp: DmpSimulator, doctor: Doctor, data: bytes) -> bytes:
    """What the server answers to these bytes, on a connection of their own, until it has said all or hung up."""
    context = ssl.create_default_context(cafile=str(dmp.root_file))
    context.load_cert_chain(doctor.card.chain_file, doctor.card.key_file)
    port = int(dmp.url.split(":")[2].split("/")[0])
    with (
        socket.create_connection(("127.0.0.1", port)) as raw,
        context.wrap_socket(raw, server_hostname="localhost") as tls,
    ):
        tls.settimeout(20)
        tls.sendall(data)
        return tls.recv(65536)


LINE = b"POST /si-dmp-server/v2/services/repository HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03 no HTTP at all\r\n\r\n",
        LINE + b"X-A: " + b"a" * 12_000 + b"\r\n\r\n",
        LINE + b"".join(b"X-%d: b\r\n" % rank for rank in range(1_000)) + b"\r\n",
        LINE + b"Content-Length: -5\r\n\r\nabc",
        LINE + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        LINE + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nabc\r\n0\r\n\r\n",
    ],
)
def test_what_is_no_http_is_told_so_and_leaves_no_trace_of_a_stack(
    dmp: DmpSimulator, doctor: Doctor, patient: Patient, capfd: pytest.CaptureFixture[str], data: bytes
) -> None:
    assert spoken(dmp, doctor, data).split(b" ", 2)[1] == b"400"
    assert "Traceback" not in capfd.readouterr().err
    assert post(doctor, *_parts(feeding(doctor, patient))).status_code == 200


def _parts(request: OutgoingRequest) -> tuple[str, bytes]:
    return request.content_type, request.body


def test_a_coded_body_is_refused_by_its_name(doctor: Doctor, patient: Patient) -> None:
    request = feeding(doctor, patient)
    response = doctor.session.post(
        request.url, data=gzip.compress(request.body), headers={**request.headers, "Content-Encoding": "gzip"},
        verify=str(doctor.root_file), cert=(str(doctor.card.chain_file), str(doctor.card.key_file)), timeout=60,
    )  # fmt: skip
    assert "gzip" in assert_fault(response, 415)


def test_clients_that_do_not_finish_keep_nobody_waiting(dmp: DmpSimulator, doctor: Doctor, patient: Patient) -> None:
    """Connections that never speak, headers that never end, bodies that do not come: the next client is served."""
    context = ssl.create_default_context(cafile=str(dmp.root_file))
    context.load_cert_chain(doctor.card.chain_file, doctor.card.key_file)
    address = ("127.0.0.1", int(dmp.url.split(":")[2].split("/")[0]))
    with ExitStack() as opened:
        for said in (b"", b"POST /x HTTP/1.1\r\nX-", LINE + b"Content-Length: 100\r\n\r\nab"):
            for _ in range(12):
                raw = opened.enter_context(socket.create_connection(address))
                if said:
                    opened.enter_context(context.wrap_socket(raw, server_hostname="localhost")).sendall(said)
        assert post(doctor, *_parts(feeding(doctor, patient))).status_code == 200


def test_a_header_that_must_be_understood_and_is_not_is_named(doctor: Doctor, patient: Patient) -> None:
    request = feeding(doctor, patient)
    more = b'<n:Lock xmlns:n="urn:n" soap:mustUnderstand="true"/></soap:Header>'
    response = post(doctor, request.content_type, request.body.replace(b"</soap:Header>", more))
    answer = messages.read_answer(response.headers["Content-Type"], response.content)
    assert answer.fault is not None
    assert (answer.fault.code, "Lock" in answer.fault.reason) == ("MustUnderstand", True)


# Packaging that others write


def packaged(
    request: OutgoingRequest, *, line: bytes = b"\r\n", encoding: str = "binary", last: bool = False, start: bool = True,
    boundary: str = "frontier", quoted: bool = True, padding: bytes = b"", name: str = "Content-ID: <%s>",
) -> tuple[str, bytes]:  # fmt: skip
    """The same message, its parts written otherwise."""
    package = read_package(request.content_type, request.body)
    coded = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring}.get(encoding, bytes)
    parts = [("root@x", 'application/xop+xml; type="application/soap+xml"', "binary", package.envelope)]
    parts += [(one.content_id, one.content_type, encoding, coded(one.data)) for one in package.parts.values()]
    if last:
        parts = [*parts[1:], parts[0]]
    body = b"The parts follow." + line
    for content_id, kind, written, data in parts:
        heads = (f"Content-Type: {kind}", f"Content-Transfer-Encoding: {written}", name % content_id)
        body += (
            b"--"
            + boundary.encode()
            + padding
            + line
            + "".join(f"{one}\n" for one in heads).encode().replace(b"\n", line)
        )
        body += line + data + line
    body += b"--" + boundary.encode() + b"--" + line + b"Nothing more."
    mark = f'"{boundary}"' if quoted else boundary
    root = '; start="<root@x>"' if start else ""
    return (
        f'multipart/related; type="application/xop+xml"; start-info="application/soap+xml"; boundary={mark}{root}',
        body,
    )


@pytest.mark.parametrize(
    "options",
    [
        {}, {"line": b"\n"}, {"encoding": "base64"}, {"encoding": "quoted-printable"}, {"encoding": "8bit"}, {"last": True},
        {"start": False}, {"boundary": "uuid:1=_?:/,.+'() x"}, {"quoted": False}, {"padding": b" \t"},
        {"name": "content-id: %s"}, {"name": "Content-Id:\n <%s>"},
    ],
    ids=str,
)  # fmt: skip
def test_the_same_message_packaged_otherwise_is_kept_to_the_byte(
    dmp: DmpSimulator, doctor: Doctor, patient: Patient, options: dict[str, Any]
) -> None:
    lot = doctor.lot([doctor.note(patient)])
    request = messages.feed(doctor.url, doctor.assertion(cx(patient)), lot.objects, lot.documents)
    assert post(doctor, *packaged(request, **options)).status_code == 200
    assert dmp.content(lot.unique_ids[0]) == lot.documents["document1"]


def test_a_part_coded_in_an_unknown_way_gets_a_fault(doctor: Doctor, patient: Patient) -> None:
    assert "x-zork" in assert_fault(post(doctor, *packaged(feeding(doctor, patient), encoding="x-zork")))


def test_parts_that_the_content_type_does_not_announce_get_a_fault_that_says_so(
    doctor: Doctor, patient: Patient
) -> None:
    request = feeding(doctor, patient)
    assert "plusieurs parties" in assert_fault(post(doctor, "text/xml", request.body))


def _replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda body: body.replace(old, new)


@pytest.mark.parametrize(
    "spoil",
    [
        _replaced(b"urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b", b"urn:nothing"),
        _replaced(b"wsa:MessageID", b"wsa:Nobody"),
        _replaced(b"saml:Assertion", b"saml:Nothing"),
        _replaced(b"DIRECTE", b"TELEPATHIE"),
        _replaced(b">SA07^", b">^"),
        _replaced(b"code=\"SM26\"", b"code=\"SM27\""),
        _replaced(b"ProvideAndRegisterDocumentSetRequest", b"Nonsense"),
    ],
)  # fmt: skip
def test_an_envelope_or_a_vihf_that_is_wrong_gets_a_fault(
    dmp: DmpSimulator, doctor: Doctor, patient: Patient, spoil: Callable[[bytes], bytes]
) -> None:
    request = feeding(doctor, patient)
    assert assert_fault(post(doctor, request.content_type, spoil(request.body)))
    assert dmp.documents_of(cx(patient)) == []


def test_the_wrong_path_and_the_wrong_method_are_told(doctor: Doctor, patient: Patient) -> None:
    request = feeding(doctor, patient)
    assert "/repository" in assert_fault(post(doctor, request.content_type, request.body, "/registry"))
    response = doctor.session.get(doctor.url + "/registry", verify=str(doctor.root_file),
                                  cert=(str(doctor.card.chain_file), str(doctor.card.key_file)), timeout=30)  # fmt: skip
    assert_fault(response, 405)


def test_a_certificate_for_authentication_does_not_sign(doctor: Doctor, patient: Patient) -> None:
    doctor.signing = doctor.card
    fault = doctor.send(cx(patient), doctor.lot([doctor.note(patient)])).fault
    assert fault is not None
    assert (fault.code, fault.subcode) == ("Sender", "DMPInvalidCertificate")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_change_of_bytes_breaks_the_server(
    dmp: DmpSimulator, doctor: Doctor, patient: Patient, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Whatever the bytes, the service answers a SOAP message."""
    service: DmpService = dmp._server.service
    request = feeding(doctor, patient)
    body = bytearray(request.body)
    for _ in range(data.draw(st.integers(1, 6))):
        # A share of the length: signatures, and so lengths, differ from run to run.
        at = data.draw(st.integers(0, 9_999)) * len(body) // 10_000
        body[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=12))
    tls = TlsFacts("TLSv1.2", "", "localhost", doctor.card.certificate)
    captured = CapturedRequest("POST", "/repository", {"content-type": request.content_type}, bytes(body), tls)
    reply = service.answer(captured)
    answer = messages.read_answer(reply.content_type, reply.body)
    assert answer.fault is not None or answer.registry is not None

"""What goes wrong on request goes wrong as asked, where asked, and as often as asked."""

from __future__ import annotations

import socket
import ssl
import time
from typing import Any

import pytest
import requests

from conformance.core.errors import UsageError
from conformance.exchange.dmp import requests as messages
from conformance.exchange.metadata import Coded
from conformance.exchange.registry_messages import PARTIAL
from conformance.exchange.vihf import OTHER_ROLES
from conformance.generation.people import Patient
from conformance.simulators.dmp import DmpFault, DmpSimulator, FaultKind
from conformance.simulators.dmp.refusals import ERROR_CODES, FAULT_CODES
from conformance.simulators.pki import Pki
from tests.simulators.dmp.practice import Doctor, cx, open_record
from tests.simulators.dmp.test_lifecycle import code


def fresh(doctor: Doctor) -> Doctor:
    """The same doctor on a new connection."""
    doctor.session.close()
    doctor.session = requests.Session()
    return doctor


def test_unavailable_answers_503_keeps_nothing_and_lifts_itself(
    dmp: DmpSimulator, doctor: Doctor, patient: Patient
) -> None:
    dmp.inject(DmpFault(FaultKind.UNAVAILABLE, times=2))
    lot = doctor.lot([doctor.note(patient)])
    for status in (503, 503, 200):
        request = messages.feed(doctor.url, doctor.assertion(cx(patient)), lot.objects, lot.documents)
        assert doctor.post(request).status_code == status
    assert len(dmp.documents_of(cx(patient))) == 1


def test_an_outage_lasts_until_it_ends(dmp: DmpSimulator, doctor: Doctor, patient: Patient) -> None:
    dmp.outage()
    request = messages.feed(
        doctor.url, doctor.assertion(cx(patient)), (lot := doctor.lot([doctor.note(patient)])).objects, lot.documents
    )
    assert doctor.post(request).status_code == 503
    dmp.outage(down=False)
    assert doctor.post(request).status_code == 200


def test_a_cut_before_keeps_nothing_and_a_cut_after_keeps_the_lot(
    dmp: DmpSimulator, doctor: Doctor, patient: Patient
) -> None:
    for kind, kept in ((FaultKind.CUT, 0), (FaultKind.CUT_AFTER, 1)):
        dmp.inject(DmpFault(kind))
        lot = doctor.lot([doctor.note(patient)])
        with pytest.raises(requests.exceptions.ConnectionError):
            doctor.send(cx(patient), lot)
        fresh(doctor)
        assert len(dmp.documents_of(cx(patient))) == kept
    assert code(doctor.send(cx(patient), lot)) == "XDSDuplicateUniqueIdInRegistry"
    assert len(dmp.documents_of(cx(patient))) == 1


def test_slow_answers_late(dmp: DmpSimulator, doctor: Doctor, patient: Patient) -> None:
    dmp.inject(DmpFault(FaultKind.SLOW, seconds=0.5))
    start = time.monotonic()
    doctor.find(cx(patient))
    assert time.monotonic() - start >= 0.5


@pytest.mark.parametrize("wanted", ERROR_CODES)
def test_each_error_code_comes_in_its_place(
    pki: Pki, wanted: str, dmp: DmpSimulator, doctor: Doctor, patient: Patient
) -> None:
    dmp.inject(DmpFault(FaultKind.ERROR, code=wanted))
    answer = doctor.find(cx(patient))
    if wanted in FAULT_CODES:
        assert answer.fault is not None
        assert answer.fault.subcode == wanted
    else:
        assert code(answer) == wanted


def test_partial_success_serves_and_warns(dmp: DmpSimulator, doctor: Doctor, patient: Patient) -> None:
    dmp.inject(DmpFault(FaultKind.PARTIAL_SUCCESS, transaction="td2.1"))
    answer = doctor.send(cx(patient), doctor.lot([doctor.note(patient)])).registry
    assert answer is not None
    assert (answer.status, answer.succeeded) == (PARTIAL, False)
    assert len(dmp.documents_of(cx(patient))) == 1


def test_a_duplicate_acknowledgement_keeps_the_lot(dmp: DmpSimulator, doctor: Doctor, patient: Patient) -> None:
    dmp.inject(DmpFault(FaultKind.DUPLICATE, transaction="td2.1"))
    assert code(doctor.send(cx(patient), doctor.lot([doctor.note(patient)]))) == "XDSDuplicateUniqueIdInRegistry"
    assert len(dmp.documents_of(cx(patient))) == 1


@pytest.mark.parametrize("kind", [FaultKind.EXPIRED_CERTIFICATE, FaultKind.WRONG_HOST, FaultKind.UNKNOWN_AUTHORITY])
def test_a_careful_client_refuses_a_wrong_certificate(
    dmp: DmpSimulator, doctor: Doctor, patient: Patient, kind: FaultKind
) -> None:
    dmp.inject(DmpFault(kind))
    with pytest.raises(requests.exceptions.SSLError):
        doctor.find(cx(patient))
    assert code(fresh(doctor).find(cx(patient))) == "Success"


def test_a_kept_connection_meets_the_wrong_certificate_too(dmp: DmpSimulator, doctor: Doctor, patient: Patient) -> None:
    assert code(doctor.find(cx(patient))) == "Success"
    dmp.inject(DmpFault(FaultKind.EXPIRED_CERTIFICATE, times=0))
    with pytest.raises(requests.exceptions.ConnectionError):
        doctor.find(cx(patient))
    with pytest.raises(requests.exceptions.SSLError):
        doctor.find(cx(patient))
    dmp.lift_faults()
    assert code(doctor.find(cx(patient))) == "Success"


def test_a_client_that_resumes_its_sessions_meets_the_wrong_certificate_too(dmp: DmpSimulator, doctor: Doctor) -> None:
    context = ssl.create_default_context(cafile=str(dmp.root_file))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(doctor.card.chain_file, doctor.card.key_file)
    address = ("127.0.0.1", int(dmp.url.split(":")[2].split("/")[0]))

    def session(former: ssl.SSLSession | None = None) -> ssl.SSLSession | None:
        with (
            socket.create_connection(address) as raw,
            context.wrap_socket(raw, server_hostname="localhost", session=former) as tls,
        ):
            tls.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            tls.recv(100)
            return tls.session

    first = session()
    dmp.inject(DmpFault(FaultKind.EXPIRED_CERTIFICATE))
    with pytest.raises(ssl.SSLCertVerificationError):
        session(first)


def test_a_fault_of_td22_is_for_those_who_hold_a_cpe(dmp: DmpSimulator, doctor: Doctor, patient: Patient) -> None:
    dmp.inject(DmpFault(FaultKind.ERROR, code="XDSRegistryBusy", transaction="td2.2", times=0))
    assert code(doctor.send(cx(patient), doctor.lot([doctor.note(patient)]))) == "Success"
    number = f"{doctor.professional.structure.national_id}/7"
    doctor.card, doctor.signing = dmp.card(number, "CABINET", "SECRETARIAT")
    staff = {"roles": (Coded("SECRETARIAT_MEDICAL", OTHER_ROLES),), "name_id": number}
    lot = doctor.lot([doctor.note(patient)])
    assert code(fresh(doctor).send(cx(patient), lot, **staff)) == "XDSRegistryBusy"


@pytest.mark.parametrize(
    "wrong",
    [
        {"transaction": "td9.9"},
        {"kind": FaultKind.REDIRECT, "transaction": "td2.1"},
        {"kind": FaultKind.REDIRECT, "code": "200"},
    ],
)
def test_a_fault_that_no_request_would_meet_is_refused(dmp: DmpSimulator, wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        dmp.inject(DmpFault(**{"kind": FaultKind.SLOW, **wrong}))


@pytest.mark.parametrize("status", ["", "307", "308"])
def test_a_redirect_leads_to_the_service(dmp: DmpSimulator, doctor: Doctor, patient: Patient, status: str) -> None:
    dmp.inject(DmpFault(FaultKind.REDIRECT, code=status))
    assert code(doctor.find(cx(patient))) == "Success"
    assert dmp.journal.entries("dmp.redirected")


def test_a_fault_of_one_transaction_leaves_the_others_alone(
    dmp: DmpSimulator, doctor: Doctor, patient: Patient
) -> None:
    dmp.inject(DmpFault(FaultKind.ERROR, code="XDSRegistryBusy", transaction="td2.1", times=0))
    assert code(doctor.find(cx(patient))) == "Success"
    assert code(doctor.send(cx(patient), doctor.lot([doctor.note(patient)]))) == "XDSRegistryBusy"
    assert code(doctor.send(cx(patient), doctor.lot([doctor.note(patient)]))) == "XDSRegistryBusy"
    dmp.lift_faults()
    assert code(doctor.send(cx(patient), doctor.lot([doctor.note(patient)]))) == "Success"


def test_a_fault_that_does_not_exist_is_refused(dmp: DmpSimulator) -> None:
    with pytest.raises(UsageError):
        dmp.inject(DmpFault(FaultKind.ERROR, code="DMPNoSuchCode"))
    with pytest.raises(UsageError):
        DmpFault.from_json({"kind": "explode"})


def test_traps_are_refused_by_a_careful_client_and_tell_on_a_careless_one(pki: Pki) -> None:
    with DmpSimulator(pki=pki, traps=True) as dmp:
        patient, doctor = open_record(dmp), Doctor.at(dmp)
        for name, url in dmp.traps.items():
            doctor.url = url
            with pytest.raises(requests.exceptions.SSLError):
                doctor.find(cx(patient))
            assert dmp.journal.entries("dmp.trapped", trap=name) == []
        request = messages.search(doctor.url, doctor.assertion(cx(patient)), _any_query())
        with pytest.warns(Warning, match="Unverified"):
            careless(doctor, request)
        assert len(dmp.journal.entries("dmp.trapped")) == 1


def careless(doctor: Doctor, request: messages.OutgoingRequest) -> None:
    """Post without looking at the certificate of the server."""
    requests.post(
        request.url, data=request.body, headers=request.headers, verify=False, timeout=30,
        cert=(str(doctor.card.chain_file), str(doctor.card.key_file)),
    )  # fmt: skip


def _any_query() -> messages.StoredQuery:
    return messages.StoredQuery("urn:uuid:0", {})


def test_no_client_certificate_no_handshake(dmp: DmpSimulator, doctor: Doctor) -> None:
    with pytest.raises(requests.exceptions.RequestException):
        requests.post(f"{doctor.url}/registry", data=b"", verify=str(dmp.root_file), timeout=30)

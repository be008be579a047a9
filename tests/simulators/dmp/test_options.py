"""Where the sources disagree, each option changes what it says, and its default is the one proposed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from conformance.core.errors import UsageError
from conformance.exchange.dmp import requests as messages
from conformance.exchange.dmp.requests import Answer
from conformance.exchange.metadata import Association, Coded, names
from conformance.exchange.registry_messages import Queries, StoredQuery, quoted
from conformance.exchange.vihf import OTHER_ROLES, instant, vihf_element
from conformance.generation.dmp import vihf_for
from conformance.generation.people import Patient
from conformance.simulators.dmp import DmpOptions, DmpSimulator
from conformance.simulators.pki import Pki
from tests.simulators.dmp.practice import Doctor, cx, open_record
from tests.simulators.dmp.test_lifecycle import code, uid


@contextmanager
def practice(pki: Pki, **options: Any) -> Iterator[tuple[DmpSimulator, Doctor, Patient]]:
    with DmpSimulator(pki=pki, options=DmpOptions(**options)) as dmp:
        patient, doctor = open_record(dmp), Doctor.at(dmp)
        dmp.authorise(cx(patient), doctor.professional.national_id)
        yield dmp, doctor, patient


def said(answer: Answer) -> str:
    """``Success``, an error code, or the subcode of a fault."""
    return answer.fault.subcode if answer.fault else code(answer)


def unsigned(doctor: Doctor, patient: Patient) -> Answer:
    vihf = vihf_element(vihf_for(doctor.sender, cx(patient)))
    query = StoredQuery(Queries.FIND_DOCUMENTS, {"$XDSDocumentEntryStatus": (quoted(names.APPROVED),)})
    return doctor.ask(messages.search(doctor.url, vihf, query))


@pytest.mark.parametrize(("required", "expected"), [(False, "Success"), (True, "DMPInvalidVihf")])
def test_a_direct_vihf_without_signature(pki: Pki, required: bool, expected: str) -> None:
    with practice(pki, require_signature_in_direct_mode=required) as (_, doctor, patient):
        assert said(unsigned(doctor, patient)) == expected


@pytest.mark.parametrize(("required", "expected"), [(False, "Success"), (True, "XDSRegistryMetadataError")])
def test_a_lot_without_signature(pki: Pki, required: bool, expected: str) -> None:
    with practice(pki, require_lot_signature=required) as (_, doctor, patient):
        assert said(doctor.send(cx(patient), doctor.lot([doctor.note(patient)], signer=None))) == expected


@pytest.mark.parametrize(("refused", "expected"), [(False, "Success"), (True, "XDSRegistryMetadataError")])
def test_the_replacement_association_of_2010(pki: Pki, refused: bool, expected: str) -> None:
    with practice(pki, refuse_rplc_2010=refused) as (_, doctor, patient):
        note = doctor.note(patient)
        old = doctor.look_up(cx(patient), doctor.feed(patient, note).unique_ids[0])
        lot = doctor.lot([doctor.next_version(note)])
        link = Association(id="r", type=names.REPLACES_2010, source="document1", target=old)
        changed = replace(lot, objects=replace(lot.objects, associations=(*lot.objects.associations, link)))
        assert said(doctor.send(cx(patient), changed)) == expected


@pytest.mark.parametrize(("allowed", "expected"), [(False, "DMPAccessForbidden"), (True, "Success")])
def test_any_doctor_archives(pki: Pki, allowed: bool, expected: str) -> None:
    with practice(pki, any_doctor_archives=allowed) as (dmp, doctor, patient):
        one = uid(doctor, patient)
        other = Doctor.at(dmp, 2)
        dmp.authorise(cx(patient), other.professional.national_id)
        assert said(other.move(cx(patient), one, names.APPROVED, names.ARCHIVED)) == expected


@pytest.mark.parametrize(("allowed", "expected"), [(False, "XDSRegistryMetadataError"), (True, "Success")])
def test_masked_and_hidden_at_once(pki: Pki, allowed: bool, expected: str) -> None:
    with practice(pki, masked_and_hidden_together=allowed) as (_, doctor, patient):
        lot = doctor.lot([doctor.note(patient)], visibility=["MASQUE_PS", "INVISIBLE_PATIENT"])
        assert said(doctor.send(cx(patient), lot)) == expected


def test_a_query_by_identifiers_has_a_limit(pki: Pki) -> None:
    with practice(pki) as (_, doctor, patient):
        for count, expected in ((20, "Success"), (21, "XDSTooManyResults")):
            ids = quoted(*(f"1.2.{rank}" for rank in range(count)))
            query = StoredQuery(Queries.GET_DOCUMENTS, {"$XDSDocumentEntryUniqueId": (ids,)})
            assert said(doctor.query(cx(patient), query)) == expected


@pytest.mark.parametrize(("matched", "expected"), [(True, "DMPInvalidVihf"), (False, "DMPAccessForbidden")])
def test_a_user_who_does_not_hold_the_card(pki: Pki, matched: bool, expected: str) -> None:
    with practice(pki, match_card=matched) as (_, doctor, patient):
        assert said(doctor.find(cx(patient), vihf={"name_id": "899900000017"})) == expected


@pytest.mark.parametrize(("lifetime", "expected"), [(0, "Success"), (600, "DMPInvalidVihf")])
def test_an_old_vihf(pki: Pki, lifetime: int, expected: str) -> None:
    with practice(pki, vihf_lifetime=lifetime) as (_, doctor, patient):
        old = instant(datetime.now(UTC) - timedelta(hours=1))
        assert said(doctor.find(cx(patient), vihf={"issue_instant": old})) == expected


def test_a_vihf_of_the_future_is_refused(pki: Pki) -> None:
    with practice(pki) as (_, doctor, patient):
        later = instant(datetime.now(UTC) + timedelta(hours=1))
        assert said(doctor.find(cx(patient), vihf={"issue_instant": later})) == "DMPInvalidVihf"


def test_a_nia_is_refused(pki: Pki) -> None:
    with practice(pki) as (_, doctor, patient):
        assert said(doctor.find(cx(patient).replace("1.4.10", "1.4.9"))) == "DMPInvalidVihf"


def test_without_client_certificate_a_fault_says_so_when_the_handshake_does_not(pki: Pki) -> None:
    with practice(pki, require_client_certificate=False) as (_, doctor, patient):
        request = messages.search(doctor.url, doctor.assertion(cx(patient)), StoredQuery("urn:uuid:0", {}))
        response = requests.post(request.url, data=request.body, headers=request.headers, verify=str(doctor.root_file), timeout=30)  # fmt: skip
        answer = messages.read_answer(response.headers["Content-Type"], response.content)
        assert (response.status_code, said(answer)) == (403, "DMPInvalidCertificate")


def test_staff_feeding_is_td22(pki: Pki) -> None:
    with practice(pki, match_card=False) as (dmp, doctor, patient):
        staff = {"roles": (Coded("SECRETARIAT_MEDICAL", OTHER_ROLES),)}
        assert said(doctor.send(cx(patient), doctor.lot([doctor.note(patient)]), **staff)) == "Success"
        assert [entry.event for entry in dmp.exchanges()] == ["dmp.td2.2"]


def test_an_option_that_does_not_exist_is_refused() -> None:
    assert DmpOptions.from_json({"retrieve_deleted": True, "search_window": 60}).search_window == 60
    for wrong in ({"nonsense": True}, {"retrieve_deleted": 1}, {"search_window": True}):
        with pytest.raises(UsageError):
            DmpOptions.from_json(wrong)

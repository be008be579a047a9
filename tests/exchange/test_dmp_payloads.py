from __future__ import annotations

import pytest

from conformance.exchange.dmp import authorisations as words
from conformance.exchange.dmp import demographics as traits
from conformance.exchange.dmp import existence as hl7
from conformance.exchange.dmp import registration
from conformance.exchange.dmp.transactions import TRANSACTIONS, transaction_of
from conformance.exchange.metadata.hl7 import Cx

PATIENT = Cx("207058575627097", "1.2.250.1.213.1.4.10", "NH")


def test_an_existence_request_is_read_as_it_was_written() -> None:
    request = hl7.ExistenceRequest(PATIENT, "1.2.3", hl7.READ_DATA, "1.2.4", "1.2.5")
    assert hl7.read_existence_request(hl7.existence_request(request)) == request


@pytest.mark.parametrize(
    "answer",
    [
        hl7.ExistenceAnswer(exists=False),
        hl7.ExistenceAnswer(exists=False, error="DMPClosed", context="fermé"),
        hl7.ExistenceAnswer(
            exists=True, open=True, authorisation="VALIDE", attending=True, identifiers=(PATIENT,), family="ZORBECQ",
            given="CLAIRE", birth_date="19700101", sex="F", flags={"RATTACHEMENT_ENS": True, "COMPTE_INTERNET_OUVERT": False},
        ),
    ],
)  # fmt: skip
def test_an_existence_answer_is_read_as_it_was_written(answer: hl7.ExistenceAnswer) -> None:
    request = hl7.ExistenceRequest(PATIENT, "1.2.3")
    assert hl7.read_existence_answer(hl7.existence_answer(request, answer)) == answer


def test_lists_are_read_as_they_were_written() -> None:
    line = words.ListedAuthorisation("899900000017", "MARTIN", "Paul", "ACTIVE", "20260101000000", "20260102000000", ("MEDECIN_TRAITANT",))  # fmt: skip
    payload = words.authorisations_answer([line], words.StatusAnswer(words.OK, "bien"))
    assert words.read_authorisations(payload) == [line]
    assert words.read_status(payload) == words.StatusAnswer(words.OK, "bien")
    patient = words.ListedPatient(PATIENT, "ZORBECQ", "CLAIRE", "19700101", True, "20260101000000")
    assert words.read_patients(words.patients_answer([patient], words.StatusAnswer(words.OK))) == [patient]
    asked = words.PatientListRequest("20260101000000", words.DateType.LAST_DOCUMENT, "899900000017")
    assert words.read_patient_list_request(words.patient_list_request(asked)) == asked


def test_a_search_by_traits_is_read_as_it_was_written() -> None:
    request = traits.TraitsRequest("1.2.3", "ZORBECQ", "CLAIRE", "1970", "F", True, message="1.2.4", query="1.2.5")
    assert traits.read_traits_request(traits.traits_request(request)) == request
    found = traits.Candidate(PATIENT, "ZORBECQ", "CLAIRE", "19700101", "F", 87)
    for answer in (
        traits.TraitsAnswer(),
        traits.TraitsAnswer((found, found)),
        traits.TraitsAnswer(error="DMPTooManyResult", context="trop"),
    ):
        assert traits.read_traits_answer(traits.traits_answer(request, answer)) == answer


def test_a_change_of_a_record_is_read_as_it_was_written() -> None:
    change = registration.RegistrationRequest(
        PATIENT, "1.2.3", family="ZORBECQ", sex="F", flags={"OPPOSITION_BRIS_DE_GLACE": True}, message="1.2.4"
    )
    close = registration.RegistrationRequest(
        PATIENT, "1.2.3", registration.CLOSE, status=registration.TERMINATED,
        motive=registration.ASKED_BY_THE_PATIENT, message="1.2.4",
    )  # fmt: skip
    for request in (change, close):
        assert registration.read_registration_request(registration.registration_request(request)) == request
    for error in ("", "DMPClosed"):
        assert registration.read_registration_answer(registration.registration_answer(change, error)) == error


def test_every_transaction_is_known_by_its_payload() -> None:
    for one in TRANSACTIONS:
        reason = {"td1.3a": hl7.READ_DATA, "td1.4": registration.CLOSE}.get(one.key, "")
        assert transaction_of(one.payload, reason) is one
    assert transaction_of("Nonsense") is None

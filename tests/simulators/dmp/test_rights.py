"""Who may do what: authorisations, oppositions, masked documents, the matrix."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from requests import Session
from sqlalchemy import update

from conformance.exchange.dmp import requests as messages
from conformance.exchange.dmp.authorisations import (
    Action,
    DateType,
    ListMode,
    PatientListRequest,
    read_authorisations,
    read_patients,
    read_status,
)
from conformance.exchange.dmp.existence import (
    READ_DATA,
    Authorisation,
    ExistenceAnswer,
    ExistenceRequest,
    read_existence_answer,
)
from conformance.exchange.metadata import Author, Coded, names
from conformance.exchange.metadata.hl7 import Cx
from conformance.exchange.vihf import OTHER_ROLES, PROFESSIONS, SPECIALTIES, AccessMode, AuthenticationMode, purpose_of
from conformance.generation.dmp import status_change
from conformance.generation.people import Patient
from conformance.simulators.dmp import DmpOptions, DmpSimulator
from conformance.simulators.dmp.rights import Function, Right, UserKind, right_of
from conformance.simulators.dmp.tables import ENTRIES
from conformance.simulators.pki import Pki
from tests.simulators.dmp.practice import Doctor, changed, cx, open_record
from tests.simulators.dmp.test_lifecycle import code, uid

BREAK_GLASS = {"purpose": purpose_of(AccessMode.BREAK_GLASS)}
REGULATION = {"purpose": purpose_of(AccessMode.REGULATION)}


def existence(doctor: Doctor, patient: str, **options: str) -> ExistenceAnswer:
    request = ExistenceRequest(Cx.parse(patient), doctor.sender.source_id, **options)
    answer = read_existence_answer(
        doctor.ask(messages.ask_existence(doctor.url, doctor.assertion(patient), request)).payload
    )
    assert answer is not None
    return answer


def set_authorisation(doctor: Doctor, patient: str, action: Action, role: str = "") -> str:
    answer = doctor.ask(messages.set_authorisation(doctor.url, doctor.assertion(patient), action, role))
    return read_status(answer.payload).status


def test_existence_tells_the_record_the_authorisation_and_the_attending_doctor(
    dmp: DmpSimulator, patient: Patient
) -> None:
    doctor = Doctor.at(dmp)
    answer = existence(doctor, cx(patient))
    assert (answer.exists, answer.open, answer.authorisation, answer.attending) == (
        True,
        True,
        Authorisation.NONE,
        False,
    )
    dmp.authorise(cx(patient), doctor.professional.national_id, attending=True)
    answer = existence(doctor, cx(patient))
    assert (answer.authorisation, answer.attending) == (Authorisation.VALID, True)


def test_a_patient_without_record_is_not_found(dmp: DmpSimulator) -> None:
    answer = existence(Doctor.at(dmp), str(Cx("207058575627097", "1.2.250.1.213.1.4.10", "NH")))
    assert (answer.exists, answer.error) == (False, "")


def test_a_closed_record_says_so_and_is_not_fed(dmp: DmpSimulator, doctor: Doctor, patient: Patient) -> None:
    dmp.close_record(cx(patient))
    assert existence(doctor, cx(patient)).open is False
    assert code(doctor.send(cx(patient), doctor.lot([doctor.note(patient)]))) == "DMPClosed"


def test_administrative_data_tell_the_oppositions(dmp: DmpSimulator, doctor: Doctor, patient: Patient) -> None:
    dmp.add_patient(cx(patient), opposes_break_glass=True)
    flags = existence(doctor, cx(patient), reason=READ_DATA).flags
    assert (flags["OPPOSITION_BRIS_DE_GLACE"], flags["OPPOSITION_ACCES_URGENCE"]) == (True, False)


def test_without_authorisation_one_feeds_and_deletes_but_does_not_consult(dmp: DmpSimulator, patient: Patient) -> None:
    doctor = Doctor.at(dmp)
    one = uid(doctor, patient)
    assert code(doctor.find(cx(patient))) == "DMPAccessForbidden"
    assert code(doctor.retrieve(cx(patient), one)) == "DMPAccessForbidden"
    assert code(doctor.delete(cx(patient), one)) == "Success"


def test_an_authorisation_opens_the_record_and_its_withdrawal_closes_it(dmp: DmpSimulator, patient: Patient) -> None:
    doctor = Doctor.at(dmp)
    assert set_authorisation(doctor, cx(patient), Action.ADD) == "DMPOk"
    assert [one.holder for one in dmp.authorisations_of(cx(patient))] == [doctor.professional.national_id]
    assert code(doctor.find(cx(patient))) == "Success"
    assert set_authorisation(doctor, cx(patient), Action.REMOVE) == "DMPOk"
    assert code(doctor.find(cx(patient))) == "DMPAccessForbidden"


def test_nobody_declares_an_attending_doctor(dmp: DmpSimulator, patient: Patient) -> None:
    assert set_authorisation(Doctor.at(dmp), cx(patient), Action.ADD, "MEDECIN_TRAITANT") == "DMPAccessForbidden"


def test_an_authorisation_that_is_over_no_longer_opens_the_record(dmp: DmpSimulator, patient: Patient) -> None:
    doctor = Doctor.at(dmp)
    dmp.authorise(cx(patient), doctor.professional.national_id, expires="2020-01-01T00:00:00+00:00")
    assert existence(doctor, cx(patient)).authorisation == Authorisation.EXPIRED
    assert code(doctor.find(cx(patient))) == "DMPAccessForbidden"


def test_a_blocked_professional_gets_nothing(dmp: DmpSimulator, patient: Patient) -> None:
    doctor = Doctor.at(dmp)
    dmp.authorise(cx(patient), doctor.professional.national_id, state="INTERDITE")
    assert existence(doctor, cx(patient)).authorisation == Authorisation.FORBIDDEN
    assert code(doctor.find(cx(patient))) == "DMPAccessForbidden"
    assert code(doctor.send(cx(patient), doctor.lot([doctor.note(patient)]))) == "DMPAccessForbidden"


def test_the_list_of_authorisations_tells_active_and_blocked_ones(
    dmp: DmpSimulator, doctor: Doctor, patient: Patient
) -> None:
    dmp.authorise(cx(patient), "899900000017", state="INTERDITE")

    def listed(mode: ListMode) -> set[str]:
        answer = doctor.ask(messages.list_authorisations(doctor.url, doctor.assertion(cx(patient)), mode))
        return {line.national_id for line in read_authorisations(answer.payload)}

    assert listed(ListMode.ACTIVE) == {doctor.professional.national_id}
    assert listed(ListMode.FORBIDDEN) == {"899900000017"}
    assert listed(ListMode.ALL) == {doctor.professional.national_id, "899900000017"}


def test_the_list_of_records_is_narrowed_by_the_date_of_the_last_document(
    dmp: DmpSimulator, doctor: Doctor, patient: Patient
) -> None:
    other = open_record(dmp, 2)
    dmp.authorise(cx(other), doctor.professional.national_id)
    doctor.feed(other)
    request = PatientListRequest("20200101000000", DateType.LAST_DOCUMENT)
    answer = doctor.ask(messages.list_patients(doctor.url, doctor.assertion(""), request))
    assert [str(line.identifier) for line in read_patients(answer.payload)] == [cx(other)]
    request = PatientListRequest("20200101000000", DateType.LAST_AUTHORISATION)
    answer = doctor.ask(messages.list_patients(doctor.url, doctor.assertion(""), request))
    assert {str(line.identifier) for line in read_patients(answer.payload)} == {cx(other), cx(patient)}


def test_a_user_lists_their_own_records_and_a_structure_its_new_authorisations(
    dmp: DmpSimulator, doctor: Doctor, patient: Patient
) -> None:
    def listed(user: Doctor, kind: DateType, owner: str = "", **vihf: object) -> str | int:
        request = PatientListRequest("20200101000000", kind, owner)
        payload = user.ask(messages.list_patients(user.url, user.assertion("", **vihf), request)).payload
        status = read_status(payload).status
        return len(read_patients(payload)) if status == "DMPOk" else status

    own, number = doctor.professional.national_id, f"{doctor.professional.structure.national_id}/7"
    secretary = replace(doctor, session=Session())
    secretary.card, secretary.signing = dmp.card(number, "CABINET", "SECRETARIAT")
    staff = {"roles": (Coded("SECRETARIAT_MEDICAL", OTHER_ROLES),), "name_id": number}
    assert listed(doctor, DateType.LAST_AUTHORISATION) == 1
    assert listed(secretary, DateType.LAST_AUTHORISATION, own, **staff) == 1
    assert listed(Doctor.at(dmp, 2), DateType.LAST_AUTHORISATION, own) == "DMPAccessForbidden"
    structure, indirect = Doctor.of_structure(dmp), {"mode": AuthenticationMode.INDIRECT}
    dmp.authorise(cx(patient), structure.professional.structure.national_id)
    assert listed(structure, DateType.LAST_AUTHORISATION, **indirect) == 1
    assert listed(structure, DateType.LAST_DOCUMENT, **indirect) == "DMPAccessForbidden"


def test_break_glass_needs_no_authorisation_unless_the_patient_opposes(dmp: DmpSimulator, patient: Patient) -> None:
    doctor = Doctor.at(dmp)
    assert code(doctor.find(cx(patient), vihf=BREAK_GLASS)) == "Success"
    dmp.add_patient(cx(patient), opposes_break_glass=True)
    assert code(doctor.find(cx(patient), vihf=BREAK_GLASS)) == "DMPAccessForbidden"
    assert code(doctor.find(cx(patient), vihf=REGULATION)) == "Success"


def test_a_masked_document_shows_itself_to_its_author_the_attending_doctor_and_in_break_glass(
    dmp: DmpSimulator, doctor: Doctor, patient: Patient
) -> None:
    one = uid(doctor, patient, visibility=["MASQUE_PS"])
    other = Doctor.at(dmp, 2)
    dmp.authorise(cx(patient), other.professional.national_id)

    def found(reader: Doctor, **vihf: object) -> int:
        registry = reader.find(cx(patient), vihf=vihf).registry
        assert registry is not None
        return len(registry.objects.documents)

    assert (found(doctor), found(other), found(other, **BREAK_GLASS)) == (1, 0, 1)
    assert code(other.retrieve(cx(patient), one)) == "DMPAccessForbidden"
    dmp.authorise(cx(patient), other.professional.national_id, attending=True)
    assert found(other) == 1
    assert code(other.retrieve(cx(patient), one)) == "Success"


def test_another_doctor_neither_deletes_nor_unmasks(dmp: DmpSimulator, doctor: Doctor, patient: Patient) -> None:
    one = uid(doctor, patient)
    other = Doctor.at(dmp, 2)
    dmp.authorise(cx(patient), other.professional.national_id)
    assert code(other.delete(cx(patient), one)) == "DMPAccessForbidden"
    assert code(other.show(cx(patient), one, "MASQUE_PS")) == "Success"


def test_who_is_no_author_does_not_feed(dmp: DmpSimulator, doctor: Doctor, patient: Patient) -> None:
    lot = doctor.lot([doctor.note(patient)])
    assert code(Doctor.at(dmp, 2).send(cx(patient), lot)) == "XDSRegistryMetadataError"


def test_staff_feed_in_the_name_of_their_structure(dmp: DmpSimulator, doctor: Doctor, patient: Patient) -> None:
    staff = {
        "roles": (Coded("SECRETARIAT_MEDICAL", OTHER_ROLES),),
        "name_id": f"{doctor.professional.structure.national_id}/7",
    }
    with DmpSimulator(pki=dmp.pki, options=DmpOptions(match_card=False)) as loose:
        loose.add_patient(cx(patient))
        at = Doctor.at(loose)
        assert code(at.send(cx(patient), at.lot([at.note(patient)]), **staff)) == "Success"
        assert code(at.find(cx(patient), vihf=staff)) == "DMPAccessForbidden"


def test_an_occupational_doctor_searches_and_does_not_read(dmp: DmpSimulator, doctor: Doctor, patient: Patient) -> None:
    one = uid(doctor, patient)
    other = Doctor.at(dmp, 2)
    occupational = {"roles": (Coded("10", PROFESSIONS), Coded("SM25", SPECIALTIES))}
    assert code(other.find(cx(patient), vihf=occupational)) == "Success"
    assert code(other.retrieve(cx(patient), one, **occupational)) == "DMPAccessForbidden"


def test_reinforced_mode_does_not_feed_and_takes_a_vihf_once(dmp: DmpSimulator, patient: Patient) -> None:
    doctor = Doctor.of_structure(dmp)
    dmp.authorise(cx(patient), doctor.professional.national_id)
    air = {"mode": AuthenticationMode.REINFORCED}
    assert code(doctor.send(cx(patient), doctor.lot([doctor.note(patient)]), **air)) == "DMPAccessForbidden"
    assert code(doctor.find(cx(patient), vihf=air)) == "Success"
    same = {**air, "id": "_same"}
    assert code(doctor.find(cx(patient), vihf=same)) == "Success"
    fault = doctor.find(cx(patient), vihf=same).fault
    assert fault is not None
    assert fault.subcode == "DMPInvalidVihf"


def test_over_use_stops_searches_and_not_feeding(pki: Pki) -> None:
    with DmpSimulator(pki=pki, options=DmpOptions(searches_allowed=2)) as dmp:
        patient, doctor = open_record(dmp), Doctor.at(dmp)
        dmp.authorise(cx(patient), doctor.professional.national_id)
        codes = [code(doctor.find(cx(patient))) for _ in range(3)]
        assert codes == ["Success", "Success", "DMPAccessDeniedByExcededThreshold"]
        doctor.feed(patient)


def test_what_is_done_is_traced_and_told_to_the_patient(dmp: DmpSimulator, doctor: Doctor, patient: Patient) -> None:
    one = uid(doctor, patient)
    uid(doctor, patient, visibility=["INVISIBLE_PATIENT"])
    doctor.find(cx(patient))
    told = [(note.kind, note.unique_id) for note in dmp.notifications_of(cx(patient))]
    assert told == [("document_added", one), ("record_searched", "")]
    traced = [(line.transaction, line.user, line.outcome) for line in dmp.traces_of(cx(patient))]
    assert traced == [(key, doctor.professional.national_id, "Success") for key in ("td2.1", "td2.1", "td3.1a")]


def test_the_patient_is_told_of_emergency_access_and_never_of_what_is_hidden(
    dmp: DmpSimulator, doctor: Doctor, patient: Patient
) -> None:
    hidden = uid(doctor, patient, visibility=["INVISIBLE_PATIENT"])
    assert code(doctor.delete(cx(patient), hidden)) == "Success"
    assert dmp.notifications_of(cx(patient)) == []
    assert code(doctor.find(cx(patient), vihf=BREAK_GLASS)) == "Success"
    assert [note.kind for note in dmp.notifications_of(cx(patient))] == ["record_searched", "bris_de_glace"]


@pytest.mark.parametrize(
    ("function", "kind", "access", "right"),
    [
        (Function.RETRIEVE, UserKind.OCCUPATIONAL, AccessMode.NORMAL, Right.NO),
        (Function.SEARCH, UserKind.OCCUPATIONAL, AccessMode.NORMAL, Right.YES),
        (Function.ARCHIVE, UserKind.DOCTOR, AccessMode.NORMAL, Right.OWN),
        (Function.ARCHIVE, UserKind.DOCTOR, AccessMode.BREAK_GLASS, Right.YES),
        (Function.UNMASK, UserKind.ATTENDING, AccessMode.NORMAL, Right.YES),
        (Function.SEARCH, UserKind.ESTABLISHMENT, AccessMode.NORMAL, Right.NO),
        (Function.DELETE, UserKind.STAFF, AccessMode.NORMAL, Right.OWN),
        (Function.FEED, UserKind.STAFF, AccessMode.NORMAL, Right.YES),
        (Function.DECLARE, UserKind.DOCTOR, AccessMode.BREAK_GLASS, Right.NO),
        (Function.FEED, UserKind.STAFF, AccessMode.REGULATION, Right.NO),
    ],
)
def test_the_matrix_says(function: Function, kind: UserKind, access: AccessMode, right: Right) -> None:
    assert right_of(function, kind, access) is right


# Whose documents they are


def test_an_author_without_identifier_makes_nobody_an_author(
    dmp: DmpSimulator, doctor: Doctor, patient: Patient
) -> None:
    nameless = Author(person="^INCONNU^Paul", institutions=("CABINET SANS NUMERO",))
    lot = changed(doctor, patient, lambda entry: replace(entry, authors=(*entry.authors, nameless)))
    assert code(doctor.send(cx(patient), lot)) == "Success"
    other = Doctor.at(dmp, 2)
    assert code(other.delete(cx(patient), lot.unique_ids[0])) == "DMPAccessForbidden"


def test_a_document_is_replaced_by_its_authors_alone(dmp: DmpSimulator, doctor: Doctor, patient: Patient) -> None:
    note = doctor.note(patient)
    target = doctor.look_up(cx(patient), doctor.feed(patient, note).unique_ids[0])
    other = Doctor.at(dmp, 2)
    theirs = other.lot([replace(doctor.next_version(note), author=other.professional)], replaces=[target])
    assert code(other.send(cx(patient), theirs)) == "DMPAccessForbidden"
    assert code(doctor.send(cx(patient), doctor.lot([doctor.next_version(note)], replaces=[target]))) == "Success"


def test_the_attending_doctor_deletes_what_the_patient_put_there_and_nobody_else_does(
    dmp: DmpSimulator, doctor: Doctor, patient: Patient
) -> None:
    one = uid(doctor, patient)
    with dmp._server.store.writing() as records:  # products deposit none: EX_2.1-1010
        values = {"class_code": "90^^1.2.250.1.213.1.1.4.1", "persons": [], "institutions": []}
        records.connection.execute(update(ENTRIES).where(ENTRIES.c.unique_id == one).values(values))
    attending = Doctor.at(dmp, 2)
    dmp.authorise(cx(patient), attending.professional.national_id, attending=True)
    assert code(doctor.delete(cx(patient), one)) == "DMPAccessForbidden"
    assert code(attending.delete(cx(patient), one)) == "Success"


def test_any_doctor_archives_in_reinforced_mode(dmp: DmpSimulator, doctor: Doctor, patient: Patient) -> None:
    one = uid(doctor, patient)
    other = Doctor.of_structure(dmp, 2)
    air = {"mode": AuthenticationMode.REINFORCED}
    entry = dmp.document(one)
    assert entry is not None
    objects = status_change(other.sender, cx(patient), entry.id, names.APPROVED, names.ARCHIVED)
    answer = other.ask(messages.update(other.url, other.assertion(cx(patient), **air), objects))
    assert code(answer) == "Success"


# Whose certificates they are


def refusal(doctor: Doctor, patient: Patient, **vihf: object) -> str:
    """The subcode of the fault that a search meets, or its code."""
    answer = doctor.find(cx(patient), vihf=vihf)
    return answer.fault.subcode if answer.fault else code(answer)


def test_the_card_of_the_channel_and_of_the_signature_is_the_users(
    dmp: DmpSimulator, doctor: Doctor, patient: Patient
) -> None:
    other, structure = Doctor.at(dmp, 2), Doctor.of_structure(dmp)
    assert refusal(doctor, patient) == "Success"
    assert refusal(replace(doctor, signing=other.signing, session=Session()), patient) == "DMPInvalidVihf"
    assert refusal(replace(doctor, card=other.card, session=Session()), patient) == "DMPInvalidVihf"
    assert refusal(replace(doctor, card=structure.card, session=Session()), patient) == "DMPInvalidVihf"


@pytest.mark.parametrize("mode", [AuthenticationMode.INDIRECT, AuthenticationMode.REINFORCED])
def test_outside_the_direct_mode_the_certificates_are_those_of_the_structure(
    dmp: DmpSimulator, patient: Patient, mode: AuthenticationMode
) -> None:
    own, other, card = Doctor.of_structure(dmp), Doctor.of_structure(dmp, 2), Doctor.at(dmp)
    dmp.authorise(cx(patient), own.professional.national_id)
    served = "Success" if mode is AuthenticationMode.REINFORCED else "DMPAccessForbidden"  # indirect: no consultation
    assert refusal(own, patient, mode=mode) == served
    for wrong in (
        replace(own, card=other.card, session=Session()),
        replace(own, signing=other.signing, session=Session()),
        replace(own, card=card.card, session=Session()),
    ):
        assert refusal(wrong, patient, mode=mode) == "DMPInvalidVihf"


def test_a_revoked_card_opens_nothing(tmp_path: Path, patient: Patient) -> None:
    with Pki(tmp_path) as own, DmpSimulator(pki=own) as dmp:
        dmp.add_patient(cx(patient))
        doctor = Doctor.at(dmp)
        dmp.authorise(cx(patient), doctor.professional.national_id)
        assert refusal(doctor, patient) == "Success"
        own.revoke(doctor.card)
        assert refusal(doctor, patient) == "DMPInvalidCertificate"


def test_a_secretary_feeds_with_a_card_of_the_structure(dmp: DmpSimulator, doctor: Doctor, patient: Patient) -> None:
    secretary = replace(doctor, session=Session())
    number = f"{doctor.professional.structure.national_id}/7"
    secretary.card, secretary.signing = dmp.card(number, "CABINET", "SECRETARIAT")
    staff = {"roles": (Coded("SECRETARIAT_MEDICAL", OTHER_ROLES),), "name_id": number}
    assert code(secretary.send(cx(patient), secretary.lot([secretary.note(patient)]), **staff)) == "Success"
    assert [entry.event for entry in dmp.exchanges()] == ["dmp.td2.2"]

"""Profession × type of document × access mode: the table decides what is found, given, taken and deleted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.core.errors import UsageError
from conformance.exchange.metadata import Coded
from conformance.exchange.vihf import PHARMACY_SECTIONS, PROFESSIONS, SPECIALTIES, AccessMode, purpose_of
from conformance.generation.people import Patient
from conformance.simulators.dmp import DmpOptions, DmpSimulator
from conformance.simulators.dmp.document_rights import DocumentRights, Line, Use, document_rights
from conformance.simulators.pki import Pki
from tests.simulators.dmp.practice import Doctor, cx, open_record
from tests.simulators.dmp.test_lifecycle import code, uid

LOINC = "2.16.840.1.113883.6.1"
TRE_A05 = "1.2.250.1.213.1.1.4.12"
KINDS = {
    "11488-4": ("11488-4", LOINC, "Consultation"),
    "96349-6": ("96349-6", LOINC, "Lettre d’adressage"),
    "57833-6": ("57833-6", LOINC, "Prescription de produits de santé"),
}
ROLES = {
    "10": (Coded("10", PROFESSIONS), Coded("SM26", SPECIALTIES)),
    "21": (Coded("21", PROFESSIONS), Coded("A", PHARMACY_SECTIONS)),
    "60": (Coded("60", PROFESSIONS),),
}
HEADER = "who\tdocument\taccess\tread\tdeposit\tmanage\n"


def table(folder: Path, *rows: str) -> str:
    path = folder / "rights.tsv"
    path.write_text(HEADER + "".join("\t".join(row.split()) + "\n" for row in rows), "utf-8")
    return str(path)


# The table alone

cells = st.dictionaries(st.sampled_from(Use), st.booleans(), max_size=3)
who, types, classes = st.sampled_from(["10", "21", "*"]), st.sampled_from(["A1", "A2", "B1"]), st.sampled_from("12")
documents = st.one_of(types, st.sampled_from(["A*", "B*", "*"]), classes.map(lambda one: f"class:{one}"))
modes = st.sampled_from([*AccessMode])
lines = st.builds(Line, who, documents, st.one_of(modes.map(str), st.just("*")), cells)


@given(st.lists(lines, max_size=6).map(tuple), st.sampled_from(Use), st.sampled_from(["10", "21"]), types, classes, modes)  # fmt: skip
def test_the_first_line_that_speaks_decides(
    drawn: tuple[Line, ...], use: Use, profession: str, kind: str, group: str, access: AccessMode
) -> None:
    about = {kind, f"{kind[0]}*", "*", f"class:{group}"}
    speaking = [
        line.says[use]
        for line in drawn
        if line.document in about and line.who in (profession, "*") and line.access in (str(access), "*")
        if use in line.says
    ]
    allowed = DocumentRights(drawn).allows(use, [profession], kind, group, str(access))
    assert allowed is (speaking[0] if speaking else True)


@pytest.mark.parametrize(("kind", "group"), [("EXPPAT_1", "90"), ("DOCPAT01", "11"), ("REMB", "60"), ("11369-6", "52")])
def test_no_product_deposits_what_is_of_the_patient_or_the_insurance(kind: str, group: str) -> None:
    for name in ("10", "21", "attending_doctor", "SECRETARIAT_MEDICAL"):
        assert not document_rights().allows(Use.DEPOSIT, [name], kind, group, "normal")
        assert document_rights().allows(Use.READ, [name], kind, group, "normal")


@pytest.mark.parametrize("text", ["", "who\tdocument\n", HEADER + "10\t*\t*\tyes\t\t\n", HEADER + "\t*\t*\ty\t\t\n"])
def test_a_file_that_is_no_table_is_told_at_the_start(tmp_path: Path, pki: Pki, text: str) -> None:
    path = tmp_path / "wrong.tsv"
    path.write_text(text, "utf-8")
    with pytest.raises(UsageError, match=r"rights|droits"):
        DmpSimulator(pki=pki, options=DmpOptions(document_rights=str(path)))


# On the wire


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A table of every combination, each cell drawn."""
    draw = Random("rights").choice
    rows = [
        f"{who} {kind} {mode} {draw('y-')} {draw('y-')} y" for who in ROLES for kind in KINDS for mode in AccessMode
    ]
    return table(tmp_path_factory.mktemp("rights"), *rows)


@pytest.fixture(scope="module")
def record(grid: str, pki: Pki) -> Iterator[tuple[Doctor, Patient, dict[str, str]]]:
    """A reader, and one document of each type that a dentist fed."""
    with DmpSimulator(pki=pki, options=DmpOptions(document_rights=grid, searches_allowed=0)) as dmp:
        patient, reader, author = open_record(dmp), Doctor.at(dmp, 2), Doctor.at(dmp)
        dmp.authorise(cx(patient), reader.professional.national_id)
        lots = {name: author.lot([author.note(patient, kind=kind)]) for name, kind in KINDS.items()}
        for lot in lots.values():
            assert code(author.send(cx(patient), lot, roles=(Coded("40", PROFESSIONS),))) == "Success"
        yield reader, patient, {name: lot.unique_ids[0] for name, lot in lots.items()}


@settings(max_examples=27, deadline=None)
@given(st.sampled_from([*ROLES]), st.sampled_from([*KINDS]), modes)
def test_what_is_found_given_and_taken_is_what_the_table_says(
    grid: str, record: tuple[Doctor, Patient, dict[str, str]], who: str, kind: str, access: AccessMode
) -> None:
    reader, patient, fed = record
    rights = document_rights(grid)
    vihf = {"roles": ROLES[who], "purpose": purpose_of(access)}
    readable = rights.allows(Use.READ, [who], kind, "", str(access))
    found = reader.find(cx(patient), vihf=vihf).registry
    assert found is not None
    assert (fed[kind] in {one.unique_id for one in found.objects.documents}) is readable
    assert code(reader.retrieve(cx(patient), fed[kind], **vihf)) == ("Success" if readable else "DMPAccessForbidden")
    taken = reader.send(cx(patient), reader.lot([reader.note(patient, kind=KINDS[kind])]), **vihf)
    deposits = rights.allows(Use.DEPOSIT, [who], kind, "", str(access))
    assert code(taken) == ("Success" if deposits else "DMPAccessForbidden")


def test_an_author_reads_what_they_wrote_whatever_the_table_says(pki: Pki, tmp_path: Path) -> None:
    options = DmpOptions(document_rights=table(tmp_path, "10 * * - y -"))
    with DmpSimulator(pki=pki, options=options) as dmp:
        patient, author, other = open_record(dmp), Doctor.at(dmp), Doctor.at(dmp, 2)
        for one in (author, other):
            dmp.authorise(cx(patient), one.professional.national_id)
        document = uid(author, patient)
        assert code(author.retrieve(cx(patient), document)) == "Success"
        assert code(other.retrieve(cx(patient), document)) == "DMPAccessForbidden"
        assert code(author.delete(cx(patient), document)) == "DMPAccessForbidden"


def test_a_lot_with_one_forbidden_document_is_refused_whole(
    dmp: DmpSimulator, doctor: Doctor, patient: Patient
) -> None:
    notes = [doctor.note(patient), doctor.note(patient, kind=("REMB", TRE_A05, "Remboursements"))]
    assert code(doctor.send(cx(patient), doctor.lot(notes))) == "DMPAccessForbidden"
    assert dmp.documents_of(cx(patient)) == []

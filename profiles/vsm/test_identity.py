"""Who the VSM is about: strict traits, matricule INS only when qualified, used names, place of birth."""

from dataclasses import replace
from random import Random

import pytest

from conformance.cda.vsm_reading import VsmFacts
from conformance.harness.bench import Bench
from conformance.harness.marks import check
from conformance.harness.records import file_for
from conformance.harness.vsm import normal, produce
from conformance.identity.generate import make_finess, make_professional_id
from conformance.identity.ins import INS_ROOTS
from conformance.sut.contract import Coded, InsStatus, Organization, PatientFile, Professional, Telecom
from conformance.terminology.code_systems import TRE_PROFESSIONS_AND_KNOW_HOW

_OF_EACH_SEX = {"F": 32, "M": 34}
"""The sex of a patient → the seed that draws one."""


def _said(facts: VsmFacts, kind: str) -> str:
    return normal(" ".join(facts.names.get(kind, ())))


def _with_used_names(file: PatientFile) -> PatientFile:
    identity = replace(file.identity, used_name="De l'Épée-Besançon", used_given_name="Zoé-Noëlle")
    return replace(file, identity=identity)


@check(
    "Le nom, les prénoms et le premier prénom de naissance sont ceux de l'identité",
    "Birth name, birth given names and first given name are those of the identity",
    requirements=("INS/va1.56", "DOC/va1.14"),
    catches=(
        "swaps_birth_and_used_names",
        "writes_in_latin1",
    ),
)
def test_birth_names_are_those_of_the_identity(bench: Bench) -> None:
    file = _with_used_names(file_for(Random(30)))
    facts, identity = produce(bench, file).facts, file.identity
    for kind, expected in (
        ("family-BR", identity.birth_name),
        ("given", identity.birth_given_names),
        ("given-BR", identity.first_birth_given_name),
    ):
        bench.demand(
            _said(facts, kind) == normal(expected),
            f"{kind} : « {_said(facts, kind)} » dans le VSM, « {expected} » dans l'identité.",
            f"{kind}: “{_said(facts, kind)}” in the VSM, “{expected}” in the identity.",
        )


@check(
    "Le nom et le prénom utilisés sont écrits comme ils ont été saisis",
    "The used names are written as they were typed",
    requirements=("INS/va1.56", "DOC/va1.14"),
    catches=(
        "escapes_names_twice",
        "loses_accents",
        "swaps_birth_and_used_names",
        "uppercases_used_names",
        "writes_in_latin1",
    ),
)
def test_used_names_are_kept_as_typed(bench: Bench) -> None:
    file = _with_used_names(file_for(Random(31)))
    facts, identity = produce(bench, file).facts, file.identity
    for kind, expected in (("family-CL", identity.used_name), ("given-CL", identity.used_given_name)):
        bench.demand(
            _said(facts, kind) == normal(expected or ""),
            f"{kind} : « {_said(facts, kind)} » dans le VSM, « {expected} » dans l'identité.",
            f"{kind}: “{_said(facts, kind)}” in the VSM, “{expected}” in the identity.",
        )


@pytest.mark.parametrize("seed", _OF_EACH_SEX.values(), ids=_OF_EACH_SEX)
@check(
    "Le sexe et la date de naissance sont ceux de l'identité",
    "Sex and birth date are those of the identity",
    requirements=("INS/va1.56", "DOC/va1.14"),
    catches=(
        "writes_in_latin1",
        "wrong_birth_date",
        "wrong_sex",
    ),
)
def test_sex_and_birth_date_are_those_of_the_identity(bench: Bench, seed: int) -> None:
    file = file_for(Random(seed))
    facts = produce(bench, file).facts
    expected = (str(file.identity.sex), f"{file.identity.birth_date:%Y%m%d}")
    bench.demand(
        (facts.sex, facts.birth_time) == expected,
        f"Le VSM dit {facts.sex}, {facts.birth_time} ; l'identité dit {expected[0]}, {expected[1]}.",
        f"The VSM says {facts.sex}, {facts.birth_time}; the identity says {expected[0]}, {expected[1]}.",
    )


@check(
    "Le lieu de naissance porte le code COG de l'identité",
    "The place of birth carries the COG code of the identity",
    requirements=("INS/va1.56", "DOC/va1.14"),
    catches=(
        "forgets_birth_place",
        "writes_in_latin1",
    ),
)
def test_the_birth_place_carries_its_cog_code(bench: Bench) -> None:
    file = file_for(Random(33))
    found = produce(bench, file).facts.birth_place
    bench.demand(
        found == file.identity.birth_place,
        f"Le lieu de naissance est « {found or 'absent'} », attendu « {file.identity.birth_place} ».",
        f"The place of birth is “{found or 'absent'}”, expected “{file.identity.birth_place}”.",
    )


@check(
    "Une identité qualifiée envoie son matricule et son OID, d'abord",
    "A qualified identity sends its matricule and OID, first",
    requirements=("INS/va1.53",),
    catches=(
        "withholds_qualified_ins",
        "writes_in_latin1",
        "wrong_ins_key",
        "wrong_ins_oid",
    ),
)
def test_a_qualified_identity_sends_its_matricule(bench: Bench) -> None:
    file = file_for(Random(34), status=InsStatus.QUALIFIEE)
    ins = file.identity.ins
    assert ins is not None
    sent = [pair for pair in produce(bench, file).facts.patient_ids if pair[0] in INS_ROOTS]
    bench.demand(
        sent == [(ins.oid, ins.matricule)],
        f"L'INS qualifiée attendue est {ins.matricule} sous {ins.oid} ; trouvé {sent or 'aucune'}.",
        f"The qualified INS expected is {ins.matricule} under {ins.oid}; found {sent or 'none'}.",
    )


@pytest.mark.parametrize("status", [InsStatus.PROVISOIRE, InsStatus.RECUPEREE, InsStatus.VALIDEE], ids=str)
@check(
    "Sans identité qualifiée, ni matricule ni OID ne sortent",
    "Without a qualified identity neither matricule nor OID leaves",
    requirements=("INS/va1.53",),
    catches=(
        "sends_unqualified_ins",
        "writes_in_latin1",
    ),
)
def test_an_identity_that_is_not_qualified_keeps_its_matricule(bench: Bench, status: InsStatus) -> None:
    file = file_for(Random(35), status=status)
    ins = file.identity.ins
    assert ins is not None
    mailbox = Telecom(value=f"mailto:{ins.matricule}@patient.mssante.fr")
    file = replace(file, identity=replace(file.identity, telecoms=(mailbox,)))
    vsm = produce(bench, file)
    bench.demand(
        not any(root in INS_ROOTS for root, _ in vsm.facts.patient_ids) and ins.matricule.encode() not in vsm.data,
        f"L'identité est « {status} » et le VSM contient pourtant le matricule ou son OID.",
        f"The identity is “{status}”, and yet the VSM holds the matricule or its OID.",
    )


@check(
    "Le médecin traitant du dossier est celui que nomme le VSM",
    "The médecin traitant of the record is the one that the VSM names",
    requirements=("DOC/va1.14",),
    catches=(
        "forgets_attending_physician",
        "writes_in_latin1",
        "wrong_attending_physician",
    ),
)
def test_the_attending_physician_is_that_of_the_record(bench: Bench) -> None:
    physician = Professional(
        national_id=make_professional_id(Random(38)),
        family="QUILVARNE",
        given="Anaïs",
        profession=Coded(code="G15_10/SM26", code_system=TRE_PROFESSIONS_AND_KNOW_HOW,
                         label="Médecin - Qualifié en Médecine Générale (SM)"),
        organization=Organization(national_id="1" + make_finess(Random(38)), name="Cabinet Quilvarne"),
    )  # fmt: skip
    file = replace(file_for(Random(37)), attending_physician=physician)
    named = [extension for _, extension in produce(bench, file).facts.physicians]
    bench.demand(
        named == [physician.national_id],
        f"Le médecin traitant attendu est {physician.national_id} ; le VSM nomme {named or 'personne'}.",
        f"The médecin traitant expected is {physician.national_id}; the VSM names {named or 'nobody'}.",
    )

"""Any record, any patient: hypothesis draws them, and each must give a valid and faithful VSM.

A failure is shrunk to the smallest record, saved beside the report, and replayed with ``--record``.
"""

from conformance.harness.bench import Bench
from conformance.harness.marks import check
from conformance.harness.records import patient_files
from conformance.harness.vsm import ALL_LAYERS, produce
from conformance.harness.vsm_comparing import demand_none, differences, wrong_identity
from conformance.sut.contract import PatientFile


@check(
    "Tout dossier donne un VSM valide et fidèle",
    "Any record gives a valid and faithful VSM",
    requirements=("DOC/va1.14",),
    catches=(
        "breaks_references",
        "code_outside_value_set",
        "dates_in_wrong_form",
        "denies_allergies_beside_them",
        "drops_dosages",
        "drops_end_dates",
        "drops_reactions",
        "drops_start_dates",
        "escapes_names_twice",
        "forgets_allergies",
        "forgets_attending_physician",
        "forgets_birth_place",
        "forgets_last_treatment",
        "invents_problem",
        "leaves_empty_sections",
        "loses_accents",
        "missing_treatment_plan",
        "narrative_differs",
        "narrative_forgets_items",
        "sends_unqualified_ins",
        "shifts_dosages",
        "swaps_birth_and_used_names",
        "takes_silence_for_absence",
        "time_without_offset",
        "turns_absence_into_ignorance",
        "uppercases_used_names",
        "withholds_qualified_ins",
        "writes_in_latin1",
        "wrong_allergy_type",
        "wrong_birth_date",
        "wrong_documented_act",
        "wrong_ins_key",
        "wrong_ins_oid",
        "wrong_problem_code",
        "wrong_relative",
        "wrong_sex",
        "wrong_status",
        "wrong_type_code",
    ),
    long=True,
)
def test_any_record_gives_a_valid_and_faithful_vsm(bench: Bench) -> None:
    def holds(file: PatientFile) -> None:
        vsm = produce(bench, file)
        bench.demand_no_error(vsm.outcome, ALL_LAYERS)
        demand_none(wrong_identity(file.identity, vsm.facts))
        demand_none(differences(file.record, vsm.facts))

    bench.for_any(patient_files(), PatientFile, holds)

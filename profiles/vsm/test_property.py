"""Any record, any patient: hypothesis draws them, and each must give a valid and faithful VSM.

A failure is shrunk to the smallest record, saved beside the report, and replayed with ``--record``.
"""

from hypothesis import given
from hypothesis import strategies as st

from conformance.harness.bench import Bench
from conformance.harness.marks import check
from conformance.harness.records import patient_files
from conformance.harness.vsm import ALL_LAYERS, demand_none, differences, produce
from conformance.sut.contract import PatientFile


@check(
    "Tout dossier donne un VSM valide et fidèle",
    "Any record gives a valid and faithful VSM",
    requirements=("DOC/va1.14",),
)
def test_any_record_gives_a_valid_and_faithful_vsm(bench: Bench) -> None:
    @bench.property_settings()
    @given(data=st.data())
    def holds(data: st.DataObject) -> None:
        file = bench.drawn(data, patient_files(), PatientFile)
        with bench.example(file):
            vsm = produce(bench, file)
            bench.demand_no_error(vsm.outcome, ALL_LAYERS)
            demand_none(differences(file.record, vsm.facts))

    holds()

"""Any report: hypothesis draws them, and the results flagged must be those that the oracle flags.

Reports go in batches of twenty, for one patient, in one message; the last tenth by the DMP, in one lot. One
that fails is cut down to the one result that fails, saved beside the report of the run as a CR-BIO, and played again
with ``--record``.
"""

from conformance.harness.bench import Bench
from conformance.harness.biology import LabDesk
from conformance.harness.judgement import Unmet
from conformance.harness.lab_batches import AS_DOCUMENT, Batch, batches, demand_as_the_oracle, send_batch, smaller
from conformance.harness.marks import check


@check(
    "Les résultats signalés sont exactement ceux qui doivent l'être, quel que soit le compte rendu",
    "The results flagged are exactly those that must be, whatever the report",
    requirements=("BIO/va1.05", "BIO/va1.06", "LGC.MDV.08"),
    catches=("flags_everything",),
    long=True,
)
def test_the_flagged_results_are_those_of_the_oracle(bench: Bench) -> None:
    by_mail, by_dmp = LabDesk(bench), LabDesk(bench, "dmp", "mssante")
    wanted, played, desk, failed = int(bench.options["examples"]), 0, by_mail, False

    def holds(batch: Batch) -> None:
        nonlocal played, desk, failed
        # The parts of a batch that fails take the road that it took.
        if not failed and played >= max(1, wanted * 9 // 10):
            desk = by_dmp
        bench.simulators.give_way()  # batch after batch takes long
        sent = send_batch(desk, batch)
        played += len(sent)
        try:
            demand_as_the_oracle(desk, sent)
        except Unmet:
            failed = True
            raise

    bench.for_any(
        batches(wanted), AS_DOCUMENT, holds, smaller=smaller, examples=wanted, enough=lambda: played >= wanted
    )
    bench.story.figure("reports", played)

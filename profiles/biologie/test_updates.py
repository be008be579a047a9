"""A report is corrected or deleted: the user sees it, and what it said before leaves a trace."""

import pytest

from conformance.harness.bench import Bench
from conformance.harness.biology import LabDesk, Sent, kinds, told
from conformance.harness.lab_reports import normal, result
from conformance.harness.lab_roads import ROADS
from conformance.harness.lab_verdicts import demand_value, same_number
from conformance.harness.marks import check
from conformance.sut.contract import DocumentStatus, LabResult

HIGH = result("Potassium", "6.8", normal("3.5", "5.1", "mmol/L"))
RIGHT = result("Potassium", "4.2", normal("3.5", "5.1", "mmol/L"))


def _corrected(desk: LabDesk, first: object = HIGH, second: object = RIGHT) -> tuple[Sent, Sent]:
    """A report, then the one that replaces it."""
    before = desk.send(first, edition=desk.edition())  # type: ignore[arg-type]  # a Result
    assert before.edition is not None
    return before, desk.send(second, patient=before.patient, edition=before.edition.next())  # type: ignore[arg-type]  # a Result


def _by_status(desk: LabDesk, sent: Sent) -> dict[DocumentStatus, list[LabResult]]:
    found: dict[DocumentStatus, list[LabResult]] = {}
    for one in desk.results(sent.patient):
        found.setdefault(one.status, []).append(one)
    return found


@pytest.mark.parametrize("road", ROADS)
@check(
    "Après une correction, le résultat en vigueur est celui de la nouvelle version",
    "After a correction the result in force is that of the new version",
    requirements=("BIO/va1.02", "BIO/va1.07"),
    catches=("keeps_former_results", "leaves_reports_of_the_dmp_unread"),
)
def test_after_a_correction_the_new_result_is_in_force(bench: Bench, road: str) -> None:
    desk = LabDesk(bench, road)
    _, after = _corrected(desk)
    current = _by_status(desk, after).get(DocumentStatus.CURRENT, [])
    bench.demand(
        len(current) == 1,
        f"Un seul potassium est en vigueur après la correction ; le logiciel en montre {len(current)}.",
        f"One potassium is in force after the correction; the product shows {len(current)}.",
    )
    demand_value(current[0], "4.2", "mmol/L")


@check(
    "Le résultat corrigé laisse une trace",
    "The corrected result leaves a trace",
    requirements=("BIO/va1.02",),
    catches=("erases_former_results", "keeps_former_results"),
)
def test_a_corrected_result_leaves_a_trace(bench: Bench) -> None:
    desk = LabDesk(bench)
    _, after = _corrected(desk)
    former = _by_status(desk, after).get(DocumentStatus.REPLACED, [])
    bench.demand(
        any(one.value is not None and same_number(one.value.value, "6.8") for one in former),
        "La première valeur (6,8), remplacée depuis, n'est plus visible nulle part.",
        "The first value (6.8), replaced since, can no longer be seen anywhere.",
    )


@check(
    "Une version qui corrige une valeur normale en valeur anormale est signalée",
    "A version that corrects a normal value into an abnormal one is flagged",
    requirements=("BIO/va1.06", "BIO/va1.02"),
    catches=(
        "ignores_upper_bound",
        "trusts_code_only",
        "flags_inside_document_only",
        "forgets_flag_after_correction",
        "no_flag_in_record",
    ),
)
def test_a_correction_that_becomes_abnormal_is_flagged(bench: Bench) -> None:
    desk = LabDesk(bench)
    _, after = _corrected(desk, RIGHT, HIGH)
    bench.demand(
        told(kinds(desk.line(after))) and told(kinds(desk.result(after))),
        "Corrigé de 4,2 à 6,8, le potassium n'est pas signalé.",
        "Corrected from 4.2 to 6.8, the potassium is not flagged.",
    )


@check(
    "Une version qui corrige une valeur anormale en valeur normale n'est plus signalée",
    "A version that corrects an abnormal value into a normal one is not flagged",
    requirements=("BIO/va1.06", "BIO/va1.02"),
    catches=("flags_everything",),
)
def test_a_correction_that_becomes_normal_is_not_flagged(bench: Bench) -> None:
    desk = LabDesk(bench)
    _, after = _corrected(desk)
    bench.demand(
        not told(kinds(desk.line(after))) and not told(kinds(desk.result(after))),
        "Corrigé de 6,8 à 4,2, le potassium est encore signalé.",
        "Corrected from 6.8 to 4.2, the potassium is still flagged.",
    )


@pytest.mark.parametrize("road", ROADS)
@check(
    "Un compte rendu supprimé par le laboratoire est montré comme supprimé",
    "A report that the laboratory deletes is shown as deleted",
    requirements=("BIO/va1.07",),
    catches=("hides_deletion", "tells_no_deletion"),
)
def test_a_deleted_report_is_shown_as_deleted(bench: Bench, road: str) -> None:
    desk = LabDesk(bench, road)
    sent = desk.send(HIGH)
    desk.ask_deletion(sent)
    status = desk.line(sent).status
    bench.demand(
        status is DocumentStatus.DELETED,
        f"Le laboratoire a demandé la suppression, l'utilisateur l'a acceptée ; le document est « {status} ».",
        f"The laboratory asked for the deletion, the user agreed; the document is “{status}”.",
    )


@check(
    "Les résultats d'un compte rendu supprimé ne sont plus en vigueur, et laissent une trace",
    "The results of a deleted report are no longer in force, and leave a trace",
    requirements=("BIO/va1.07", "BIO/va1.02"),
    catches=("erases_deleted_results", "keeps_former_results"),
)
def test_results_of_a_deleted_report_leave_a_trace(bench: Bench) -> None:
    desk = LabDesk(bench)
    sent = desk.send(HIGH)
    desk.ask_deletion(sent)
    by_status = _by_status(desk, sent)
    bench.demand(
        not by_status.get(DocumentStatus.CURRENT),
        "Le compte rendu est supprimé et son potassium est encore montré comme en vigueur.",
        "The report is deleted and its potassium is still shown as in force.",
    )
    bench.demand(
        any(
            one.value is not None and same_number(one.value.value, "6.8")
            for one in by_status.get(DocumentStatus.DELETED, [])
        ),
        "Le résultat supprimé (6,8) n'a laissé aucune trace.",
        "The deleted result (6.8) left no trace.",
    )

"""One analysis from report to report: newest first, in one unit, with what is flagged."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from conformance.cda.lab.values import decimal
from conformance.generation.nodes import PARIS
from conformance.harness.bench import Bench
from conformance.harness.biology import Admitted, LabDesk, kinds, told
from conformance.harness.lab_reports import normal, number, result
from conformance.harness.marks import check
from conformance.sut.contract import LabResult

HAEMOGLOBIN = "718-7"
VALUES = (("14.2", "g/dL"), ("98", "g/L"), ("13.6", "g/dL"))
"""Three reports, the oldest first."""


def _three_reports(desk: LabDesk) -> Admitted:
    """Three reports in two units, which arrive in disorder."""
    patient = desk.admit("F")
    start = datetime(2025, 1, 6, 9, 30, tzinfo=PARIS)
    editions = [replace(desk.edition(), created=start + timedelta(days=30 * rank)) for rank in range(len(VALUES))]
    limits = {"g/dL": ("11.5", "17.0"), "g/L": ("115", "170")}
    reports = [
        (result("Hémoglobine", number(digits, unit), normal(*limits[unit], unit)), result("Plaquettes", "250"))
        for digits, unit in VALUES
    ]
    order = (1, 0, 2)
    desk.send_each(*(reports[rank] for rank in order), editions=[editions[rank] for rank in order], patient=patient)
    return patient


def _read(shown: Iterable[LabResult]) -> list[str]:
    return [f"{one.value.value} {one.value.unit}" if one.value else "—" for one in shown]


def _amounts(shown: Iterable[LabResult]) -> set[tuple[Decimal | None, str]]:
    """The values as numbers, with their units: 142 and 142.0 are one."""
    return {(decimal(one.value.value.replace(",", ".")), one.value.unit) for one in shown if one.value is not None}


@check(
    "Les résultats d'une analyse se suivent du plus récent au plus ancien, quelle que soit leur arrivée",
    "The results of one analysis follow each other newest first, however they arrived",
    requirements=("LGC.MDV.09",),
    catches=("sorts_by_arrival", "mixes_analyses"),
)
def test_results_follow_each_other_newest_first(bench: Bench) -> None:
    desk = LabDesk(bench)
    shown = desk.results(_three_reports(desk), HAEMOGLOBIN)
    dates = [one.date for one in shown if one.date is not None]
    bench.demand(
        len(shown) == len(dates) == 3 and dates == sorted(dates, reverse=True),
        f"Trois hémoglobines attendues, de la plus récente à la plus ancienne ; montré : {_read(shown)}.",
        f"Three haemoglobins expected, newest first; shown: {_read(shown)}.",
    )


@check(
    "D'un compte rendu à l'autre, une analyse se lit dans une seule unité",
    "From one report to another, an analysis reads in one unit",
    requirements=("LGC.MDV.09", "BIO/va1.04"),
    catches=("converts_with_wrong_factor", "forgets_chosen_unit", "mixes_analyses"),
)
def test_an_analysis_reads_in_one_unit(bench: Bench) -> None:
    desk = LabDesk(bench)
    shown = desk.results(_three_reports(desk), HAEMOGLOBIN, "g/L")
    bench.demand(
        len(shown) == 3 and _amounts(shown) == {(Decimal(number), "g/L") for number in (142, 98, 136)},
        f"En g/L, les trois hémoglobines sont 142, 98 et 136 ; montré : {_read(shown)}.",
        f"In g/L the three haemoglobins are 142, 98 and 136; shown: {_read(shown)}.",
    )


@check(
    "Lue dans une autre unité, une valeur garde son signalement",
    "Read in another unit, a value keeps its flag",
    requirements=("LGC.MDV.09", "BIO/va1.06"),
    catches=("ignores_lower_bound", "trusts_code_only", "flags_everything", "converts_with_wrong_factor"),
)
def test_a_flag_does_not_depend_on_the_unit_shown(bench: Bench) -> None:
    desk = LabDesk(bench)
    patient = _three_reports(desk)
    for unit in ("g/dL", "g/L"):
        flagged = [one for one in desk.results(patient, HAEMOGLOBIN, unit) if told(kinds(one))]
        bench.demand(
            len(flagged) == 1 and _amounts(flagged) <= {(Decimal(98), "g/L"), (Decimal("9.8"), "g/dL")},
            f"En {unit}, une seule hémoglobine (98 g/L) est sous sa borne ; signalé : {_read(tuple(flagged))}.",
            f"In {unit}, one haemoglobin (98 g/L) is below its bound; flagged: {_read(tuple(flagged))}.",
        )


@check(
    "Deux analyses différentes ne se mêlent pas",
    "Two analyses do not mix",
    requirements=("LGC.MDV.09",),
    catches=("mixes_analyses",),
)
def test_two_analyses_do_not_mix(bench: Bench) -> None:
    desk = LabDesk(bench)
    shown = desk.results(_three_reports(desk), HAEMOGLOBIN)
    codes = {one.code.code if one.code else "?" for one in shown}
    bench.demand(
        codes == {HAEMOGLOBIN},
        f"On a demandé l'hémoglobine ({HAEMOGLOBIN}) ; le logiciel montre {sorted(codes)}.",
        f"Haemoglobin ({HAEMOGLOBIN}) was asked for; the product shows {sorted(codes)}.",
    )

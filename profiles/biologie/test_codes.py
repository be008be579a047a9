"""The interpretation code of the laboratory: which ones say out of limits, and that it needs no range to count."""

from conformance.harness.bench import Bench
from conformance.harness.biology import LabDesk, kinds, told
from conformance.harness.lab_reports import normal, result
from conformance.harness.lab_verdicts import demand_flags, shown_as
from conformance.harness.marks import check


@check(
    "Un code du laboratoire qui dit hors limites est signalé, même sans intervalle",
    "A code of the laboratory that says out of limits is flagged, even without a range",
    requirements=("BIO/va1.05",),
    catches=("trusts_interval_only",),
)
def test_a_code_out_of_limits_is_flagged_without_range(bench: Bench) -> None:
    demand_flags(LabDesk(bench), {
        result("Potassium", "5.6", codes=("A",)): True,
        result("Sodium", "120", codes=("AA",)): True,
        result("Chlorures", "90", codes=("L",)): True,
        result("Plaquettes", "12", codes=("LL",)): True,
        result("Glycémie à jeun", "3.10", codes=("LU",)): True,
        result("CRP", "30.0", codes=("U", "H")): True,
        result("ALAT", "900", codes=("HH",)): True,
        result("ASAT", "70", codes=("HU",)): True,
        result("Urée", "12.00", codes=("EX",)): True,
        result("Créatinine", "130", codes=("HX",)): True,
        result("Ferritine", "9", codes=("LX",)): True,
    })  # fmt: skip


@check(
    "Un code hors limites est signalé même quand la valeur est dans l'intervalle",
    "A code out of limits is flagged even when the value is inside the range",
    requirements=("BIO/va1.05",),
    catches=("trusts_interval_only",),
)
def test_a_code_out_of_limits_is_flagged_inside_the_range(bench: Bench) -> None:
    demand_flags(LabDesk(bench), {result("ASAT", "45", normal("10", "50", "[IU]/L"), codes=("H",)): True})


@check(
    "Une valeur hors de l'intervalle est signalée même quand le laboratoire écrit N",
    "A value outside the range is flagged even when the laboratory writes N",
    requirements=("BIO/va1.06",),
    catches=("ignores_upper_bound", "trusts_code_only", "lets_code_overrule"),
)
def test_a_value_outside_the_range_is_flagged_despite_the_code_n(bench: Bench) -> None:
    demand_flags(LabDesk(bench), {
        result("Glycémie à jeun", "4.89", normal("3.10", "3.89", "mmol/L"), codes=("N",)): True
    })  # fmt: skip


@check(
    "Le code N seul ne signale rien",
    "The code N alone flags nothing",
    requirements=("BIO/va1.05",),
    catches=("flags_code_n", "flags_everything"),
)
def test_the_code_n_flags_nothing(bench: Bench) -> None:
    demand_flags(LabDesk(bench), {
        result("Potassium", "4.2", normal("3.5", "5.1", "mmol/L"), codes=("N",)): False,
        result("CRP", "2.0", codes=("N",)): False,
    })  # fmt: skip


@check(
    "Un commentaire du laboratoire sur un résultat se voit à côté de lui, la valeur fût-elle normale",
    "A comment of the laboratory on a result shows beside it, be the value normal",
    requirements=("BIO/va1.05",),
    catches=("flags_everything", "drops_comments"),
)
def test_a_comment_shows_beside_its_result(bench: Bench) -> None:
    desk = LabDesk(bench)
    one = result("Potassium", "4.2", normal("3.5", "5.1", "mmol/L"), comment="Sérum légèrement hémolysé.")
    other = result("Sodium", "140", normal("136", "145", "mmol/L"))
    shown = desk.results_of(desk.send(one, other))
    seen = {name: bool(shown_as(shown, each).comments) or told(kinds(shown_as(shown, each)))
            for name, each in (("Potassium", one), ("Sodium", other))}  # fmt: skip
    bench.demand(
        seen["Potassium"],
        "Le laboratoire a commenté le potassium ; rien ne le dit à côté du résultat.",
        "The laboratory commented on the potassium; nothing beside the result says so.",
    )
    bench.demand(
        not seen["Sodium"],
        "Le sodium, normal et sans commentaire, est signalé ou commenté.",
        "The sodium, normal and without comment, is flagged or commented.",
    )

"""A value at, just under and just over each bound, for every kind of reference range.

Numbers are compared exactly, with the smallest decimal that the report gives. Each test sends one report.
"""

from conformance.cda.lab.model import LOINC, Code, Result
from conformance.harness.bench import Bench
from conformance.harness.biology import LabDesk
from conformance.harness.lab_reports import normal, result, step_up
from conformance.harness.lab_verdicts import demand_flags
from conformance.harness.marks import check


@check(
    "Au-dessus de la borne haute, d'une unité du dernier chiffre, un résultat est signalé",
    "Above the upper bound by one last digit, a result is flagged",
    requirements=("BIO/va1.06",),
    catches=("ignores_upper_bound", "rounds_before_comparing", "trusts_code_only"),
)
def test_just_above_the_upper_bound_is_flagged(bench: Bench) -> None:
    demand_flags(LabDesk(bench), {
        result("Potassium", step_up("5.1"), normal("3.5", "5.1", "mmol/L")): True,
        result("TSH", step_up("4.200"), normal("0.270", "4.200", "m[IU]/L")): True,
        result("Sodium", "146", normal("136", "145", "mmol/L")): True,
        result("CRP", "5.1", normal(None, "5.0", "mg/L")): True,
    })  # fmt: skip


@check(
    "Au-dessous de la borne basse, d'une unité du dernier chiffre, un résultat est signalé",
    "Below the lower bound by one last digit, a result is flagged",
    requirements=("BIO/va1.06",),
    catches=("ignores_lower_bound", "rounds_before_comparing", "trusts_code_only"),
)
def test_just_below_the_lower_bound_is_flagged(bench: Bench) -> None:
    demand_flags(LabDesk(bench), {
        result("Potassium", step_up("3.5", -1), normal("3.5", "5.1", "mmol/L")): True,
        result("TSH", step_up("0.270", -1), normal("0.270", "4.200", "m[IU]/L")): True,
        result("Sodium", "135", normal("136", "145", "mmol/L")): True,
        result("Ferritine", "14", normal("15", None, "ug/L")): True,
    })  # fmt: skip


def _on_the_bounds(*, excluded: bool) -> list[Result]:
    """Values on either bound of closed ranges, and of ranges with one bound."""
    out = excluded
    return [
        result("Potassium", "5.1", normal("3.5", "5.1", "mmol/L", open_high=out)),
        result("Sodium", "136", normal("136", "145", "mmol/L", open_low=out)),
        result("CRP", "5.0", normal(None, "5.0", "mg/L", open_high=out)),
        result("Ferritine", "15", normal("15", None, "ug/L", open_low=out)),
    ]


@check(
    "Sur une borne incluse, un résultat n'est pas signalé",
    "On an included bound, a result is not flagged",
    requirements=("BIO/va1.06",),
    catches=("excludes_bounds", "flags_everything"),
)
def test_on_an_included_bound_is_not_flagged(bench: Bench) -> None:
    demand_flags(LabDesk(bench), dict.fromkeys(_on_the_bounds(excluded=False), False))


@check(
    "Sur une borne exclue, un résultat est signalé",
    "On an excluded bound, a result is flagged",
    requirements=("BIO/va1.06",),
    catches=("ignores_upper_bound", "ignores_lower_bound", "includes_bounds", "trusts_code_only"),
)
def test_on_an_excluded_bound_is_flagged(bench: Bench) -> None:
    demand_flags(LabDesk(bench), dict.fromkeys(_on_the_bounds(excluded=True), True))


@check(
    "Dans l'intervalle, à un chiffre de la borne, un résultat n'est pas signalé",
    "Inside the range, one digit from the bound, a result is not flagged",
    requirements=("BIO/va1.06",),
    catches=("rounds_before_comparing", "flags_everything"),
)
def test_just_inside_is_not_flagged(bench: Bench) -> None:
    demand_flags(LabDesk(bench), {
        result("Potassium", "5.0", normal("3.5", "5.1", "mmol/L", open_high=True)): False,
        result("TSH", "0.271", normal("0.270", "4.200", "m[IU]/L", open_low=True)): False,
        result("CRP", "4.9", normal(None, "5.0", "mg/L")): False,
        result("Ferritine", "16", normal("15", None, "ug/L")): False,
    })  # fmt: skip


@check(
    "Les nombres se comparent comme des nombres, quel que soit leur nombre de chiffres",
    "Numbers compare as numbers, however many digits they have",
    requirements=("BIO/va1.06",),
    catches=("ignores_upper_bound", "ignores_lower_bound", "compares_text", "trusts_code_only", "flags_everything"),
)
def test_numbers_with_more_digits_are_compared_as_numbers(bench: Bench) -> None:
    demand_flags(LabDesk(bench), {
        result("Plaquettes", "98", normal("80", "150", "10*9/L")): False,
        result("Leucocytes", "10.0", normal("4.0", "20.0", "10*9/L")): False,
        result("Sodium", "9", normal("80", "150", "mmol/L")): True,
        result("Chlorures", "1000", normal("98", "107", "mmol/L")): True,
    })  # fmt: skip


@check(
    "Trois décimales restent des décimales",
    "Three decimals are decimals",
    requirements=("BIO/va1.06", "LGC.MDV.08"),
    catches=("reads_thousands",),
)
def test_three_decimals_are_decimals(bench: Bench) -> None:
    desk = LabDesk(bench)
    sent = desk.send(result("TSH", "2.150", normal("0.270", "4.200", "m[IU]/L")))
    shown = desk.result(sent)
    value = shown.value.value if shown.value else ""
    bench.demand(
        value.replace(",", ".").rstrip("0") == "2.15",
        f"Le compte rendu donne 2.150 ; le logiciel montre « {value} ».",
        f"The report gives 2.150; the product shows “{value}”.",
    )


@check(
    "Un zéro se compare comme un nombre",
    "Zero compares as a number",
    requirements=("BIO/va1.06",),
    catches=("ignores_lower_bound", "excludes_bounds", "trusts_code_only", "flags_everything"),
)
def test_zero_is_a_number(bench: Bench) -> None:
    demand_flags(LabDesk(bench), {
        result("Leucocytes", "0.0", normal("4.0", "10.0", "10*9/L")): True,
        result("CRP", "0.0", normal("0.0", "5.0", "mg/L")): False,
    })  # fmt: skip


@check(
    "Un nombre négatif garde son signe",
    "A negative number keeps its sign",
    requirements=("BIO/va1.06",),
    catches=("ignores_lower_bound", "compares_text", "trusts_code_only", "flags_everything"),
)
def test_a_negative_number_keeps_its_sign(bench: Bench) -> None:
    def excess(code: str, value: str) -> Result:
        words = "Excès de base"
        return result("Potassium", value, normal("-2.0", "3.0", "mmol/L"), code=Code(code, LOINC, words, words))

    demand_flags(LabDesk(bench), {excess("1925-7", "-4.5"): True, excess("1927-3", "-1.5"): False})

"""Units: a range in another unit, results in two units, units that are not UCUM, moles and grams."""

from conformance.harness.bench import Bench
from conformance.harness.biology import LabDesk
from conformance.harness.lab_reports import normal, number, result
from conformance.harness.lab_verdicts import demand_flags, demand_value, same_number
from conformance.harness.marks import check


@check(
    "Un intervalle donné dans une autre unité se compare après conversion",
    "A range in another unit is compared after conversion",
    requirements=("BIO/va1.06", "BIO/va1.04", "LGC.MDV.09"),
    catches=(
        "ignores_upper_bound",
        "ignores_lower_bound",
        "ignores_units",
        "trusts_code_only",
        "flags_everything",
        "reads_thousands",
    ),
)
def test_a_range_in_another_unit_is_compared_after_conversion(bench: Bench) -> None:
    demand_flags(LabDesk(bench), {
        result("Hémoglobine", number("95", "g/L"), normal("11.5", "17.0", "g/dL")): True,
        result("Protéines totales", number("7.20", "g/dL"), normal("63.0", "83.0", "g/L")): False,
        result("Ferritine", number("0.400", "mg/L"), normal("15", "150", "ug/L")): True,
        result("TSH", number("3.1", "u[IU]/mL"), normal("0.270", "4.200", "m[IU]/L")): False,
    })  # fmt: skip


@check(
    "Converti, un résultat égal à la borne n'est pas dehors : les décimales sont exactes",
    "Once converted, a result equal to the bound is not outside: decimals are exact",
    requirements=("BIO/va1.06", "LGC.MDV.09"),
    catches=("excludes_bounds", "converts_in_binary", "ignores_units", "flags_everything"),
)
def test_a_converted_value_on_the_bound_is_not_outside(bench: Bench) -> None:
    demand_flags(LabDesk(bench), {
        result("Potassium", number("0.0051", "mol/L"), normal("3.5", "5.1", "mmol/L")): False,
        result("Hématocrite", number("0.57", "1"), normal("57", "60", "%")): False,
        result("Protéines totales", number("0.0630", "kg/L"), normal("63.0", "83.0", "g/L")): False,
    })  # fmt: skip


@check(
    "Une unité écrite par habitude, hors UCUM, se compare quand l'intervalle l'emploie aussi",
    "A unit written by habit, not UCUM, compares when the range uses it too",
    requirements=("BIO/va1.06",),
    catches=("ignores_upper_bound", "needs_ucum", "trusts_code_only", "flags_everything"),
)
def test_a_unit_that_is_not_ucum_compares_with_itself(bench: Bench) -> None:
    demand_flags(LabDesk(bench), {
        result("ALAT", number("72", "UI/L"), normal("10", "50", "UI/L")): True,
        result("ASAT", number("48", "UI/L"), normal("10", "50", "UI/L")): False,
        result("Leucocytes", number("11.2", "G/L"), normal("4.0", "10.0", "G/L")): True,
    })  # fmt: skip


@check(
    "Entre moles et grammes, la seconde unité du laboratoire décide",
    "Between moles and grams the second unit of the laboratory decides",
    requirements=("BIO/va1.06", "BIO/va1.03"),
    catches=(
        "ignores_upper_bound",
        "ignores_units",
        "ignores_second_unit",
        "trusts_code_only",
        "flags_everything",
        "loses_second_unit",
    ),
)
def test_between_moles_and_grams_the_second_unit_decides(bench: Bench) -> None:
    demand_flags(LabDesk(bench), {
        result("Glycémie à jeun", number("1.26", "g/L", ("6.99", "mmol/L")), normal("3.90", "6.10", "mmol/L")): True,
        result("Urée", number("0.30", "g/L", ("5.00", "mmol/L")), normal("2.76", "8.07", "mmol/L")): False,
        result("Créatinine", number("80", "umol/L"),
               normal("7.0", "11.0", "mg/L", others=("62", "97", "umol/L"))): False,
    })  # fmt: skip


@check(
    "Sans connaître la substance, moles et grammes ne se comparent pas : rien n'est signalé",
    "Without knowing the substance, moles and grams do not compare: nothing is flagged",
    requirements=("BIO/va1.06", "LGC.MDV.09"),
    catches=("ignores_units", "flags_everything"),
)
def test_moles_and_grams_do_not_compare_by_their_numbers(bench: Bench) -> None:
    demand_flags(LabDesk(bench), {
        result("Glycémie à jeun", number("0.95", "g/L"), normal("3.90", "6.10", "mmol/L")): False,
        result("Créatinine", number("80", "umol/L"), normal("6.0", "11.0", "mg/L")): False,
    })  # fmt: skip


@check(
    "Un résultat donné en deux unités les garde toutes les deux",
    "A result in two units keeps both",
    requirements=("BIO/va1.03",),
    catches=("loses_second_unit",),
)
def test_a_result_in_two_units_keeps_both(bench: Bench) -> None:
    desk = LabDesk(bench)
    shown = desk.result(desk.send(result("Glycémie à jeun", number("5.00", "mmol/L", ("0.90", "g/L")))))
    held = [(one.value, one.unit) for one in (shown.value, *shown.others) if one is not None]
    for value, unit in (("5.00", "mmol/L"), ("0.90", "g/L")):
        bench.demand(
            any(same_number(value, digits) and unit == kept for digits, kept in held),
            f"La glycémie {value} {unit} n'est pas gardée ; le logiciel montre {held}.",
            f"The glucose {value} {unit} is not kept; the product shows {held}.",
        )


@check(
    "Un résultat donné en deux unités se montre dans celle que l'utilisateur choisit",
    "A result in two units shows in the one that the user picks",
    requirements=("BIO/va1.03",),
    catches=("loses_second_unit", "forgets_chosen_unit"),
)
def test_a_result_in_two_units_shows_in_the_chosen_one(bench: Bench) -> None:
    desk = LabDesk(bench)
    sent = desk.send(result("Glycémie à jeun", number("5.00", "mmol/L", ("0.90", "g/L"))))
    demand_value(desk.result(sent, "g/L"), "0.90", "g/L")
    demand_value(desk.result(sent, "mmol/L"), "5.00", "mmol/L")


@check(
    "Montré dans une autre unité, le résultat est converti, et son intervalle avec lui",
    "Shown in another unit, the result is converted, and its range with it",
    requirements=("LGC.MDV.09", "BIO/va1.04"),
    catches=("converts_with_wrong_factor", "leaves_range_unconverted", "forgets_chosen_unit"),
)
def test_a_result_shown_in_another_unit_is_converted_with_its_range(bench: Bench) -> None:
    desk = LabDesk(bench)
    sent = desk.send(result("Hémoglobine", "14.2", normal("11.5", "17.0", "g/dL")))
    shown = desk.result(sent, "g/L")
    demand_value(shown, "142", "g/L")
    bounds = [bound.value for one in shown.ranges for bound in (one.low, one.high) if bound]
    bench.demand(
        len(bounds) == 2 and same_number(bounds[0], "115") and same_number(bounds[1], "170"),
        f"L'hémoglobine est montrée en g/L ; son intervalle doit l'être aussi (115 à 170), il est {bounds}.",
        f"Haemoglobin is shown in g/L; its range must be as well (115 to 170), it is {bounds}.",
    )


@check(
    "Moles et grammes ne se convertissent pas sans la substance : l'unité du laboratoire reste",
    "Moles and grams do not convert without the substance: the unit of the laboratory stays",
    requirements=("LGC.MDV.09",),
    catches=("makes_up_molar_mass",),
)
def test_moles_are_not_shown_as_grams_by_a_made_up_factor(bench: Bench) -> None:
    desk = LabDesk(bench)
    shown = desk.result(desk.send(result("Potassium", number("4.2", "mmol/L"))), "g/L")
    value = shown.value
    right = value is not None and (
        (value.unit == "mmol/L" and same_number(value.value, "4.2"))
        or (value.unit == "g/L" and value.value.replace(",", ".")[:5] == "0.164")
    )
    seen = f"{value.value} {value.unit}" if value else "—"
    bench.demand(
        right,
        f"Potassium 4,2 mmol/L demandé en g/L : le logiciel montre {seen}.",
        f"Potassium 4.2 mmol/L asked for in g/L: the product shows {seen}.",
    )

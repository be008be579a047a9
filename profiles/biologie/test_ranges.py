"""Which range holds for this patient: by sex, by age; ranges that say other things than what is normal."""

from datetime import date

from conformance.cda.lab.model import ReferenceRange
from conformance.harness.bench import Bench
from conformance.harness.biology import LabDesk
from conformance.harness.lab_reports import limit, normal, result
from conformance.harness.lab_verdicts import demand_flags, demand_ranges
from conformance.harness.marks import check


@check(
    "Un intervalle de l'autre sexe ne s'applique pas au patient",
    "A range of the other sex does not apply to the patient",
    requirements=("BIO/va1.06", "LGC.MDV.08"),
    catches=("ignores_lower_bound", "trusts_code_only", "flags_everything", "ignores_sex_of_ranges"),
)
def test_a_range_of_the_other_sex_does_not_apply(bench: Bench) -> None:
    desk = LabDesk(bench)
    demand_flags(desk, {
        result("Hémoglobine", "12.5", normal("13.0", "17.0", "g/dL", sex="M")): False,
        result("Ferritine", "20", normal("30", "400", "ug/L", sex="M")): False,
        result("Hématies", "3.90", normal("4.00", "6.00", "10*12/L", sex="F")): True,
    }, desk.admit("F"))  # fmt: skip


@check(
    "De deux intervalles selon le sexe, celui du patient compte",
    "Of two ranges by sex, that of the patient counts",
    requirements=("BIO/va1.06", "LGC.MDV.08"),
    catches=("ignores_lower_bound", "trusts_code_only", "flags_everything", "ignores_sex_of_ranges"),
)
def test_of_two_ranges_by_sex_that_of_the_patient_counts(bench: Bench) -> None:
    desk = LabDesk(bench)
    men, women = normal("13.0", "17.0", "g/dL", sex="M"), normal("11.5", "16.0", "g/dL", sex="F")
    demand_flags(desk, {result("Hémoglobine", "12.5", men, women): False}, desk.admit("F"))
    demand_flags(desk, {result("Hémoglobine", "12.5", women, men): True}, desk.admit("M"))


@check(
    "Un intervalle d'un autre âge ne s'applique pas au patient",
    "A range of another age does not apply to the patient",
    requirements=("BIO/va1.06", "LGC.MDV.08"),
    catches=("ignores_upper_bound", "trusts_code_only", "flags_everything", "ignores_age_of_ranges"),
)
def test_a_range_of_another_age_does_not_apply(bench: Bench) -> None:
    desk = LabDesk(bench)
    demand_flags(desk, {
        result("Plaquettes", "160", normal("200", "450", "10*9/L", age=(None, "15"))): False,
        result("Créatinine", "120", normal("59", "104", "umol/L", age=("18", None))): True,
    }, desk.admit(born=date(1972, 6, 5)))  # fmt: skip


@check(
    "L'âge se compte d'anniversaire en anniversaire",
    "Age counts from birthday to birthday",
    requirements=("BIO/va1.06", "LGC.MDV.08"),
    catches=(
        "ignores_upper_bound",
        "trusts_code_only",
        "flags_everything",
        "ignores_age_of_ranges",
        "counts_age_by_years",
    ),
)
def test_age_counts_from_birthday_to_birthday(bench: Bench) -> None:
    """The results are of 4 March 2025: on that day one patient turns 18, the other one is still 17."""
    desk = LabDesk(bench)
    adult = result("Créatinine", "120", normal("59", "104", "umol/L", age=("18", None)))
    demand_flags(desk, {adult: True}, desk.admit(born=date(2007, 3, 4)))
    demand_flags(desk, {adult: False}, desk.admit(born=date(2007, 3, 5)))


@check(
    "Un intervalle dont le code n'est pas N ne dit pas ce qui est normal",
    "A range whose code is not N does not say what is normal",
    requirements=("BIO/va1.06",),
    catches=("flags_everything", "takes_every_range_for_normal"),
)
def test_a_range_with_another_code_is_not_the_normal_one(bench: Bench) -> None:
    demand_flags(LabDesk(bench), {
        result("Glycémie à jeun", "5.00", normal("7.00", None, "mmol/L", code="H")): False,
        result("CRP", "3.0", normal("10.0", None, "mg/L", code="HH")): False,
    })  # fmt: skip


@check(
    "Un résultat sans intervalle, sans code et sans commentaire n'est pas signalé",
    "A result without range, code or comment is not flagged",
    requirements=("BIO/va1.06",),
    catches=("flags_everything",),
)
def test_without_range_nothing_is_flagged(bench: Bench) -> None:
    demand_flags(LabDesk(bench), {
        result("Potassium", "9.9"): False,
        result("CRP", "0.1"): False,
        result("Sodium", "150", ReferenceRange(words="voir commentaire")): None,
    })  # fmt: skip


@check(
    "Une limite de mesure est hors de l'intervalle quand elle l'est tout entière",
    "A limit of measure is outside the range when all of it is",
    requirements=("BIO/va1.06",),
    catches=(
        "ignores_upper_bound",
        "ignores_lower_bound",
        "includes_bounds",
        "compares_text",
        "trusts_code_only",
        "reads_limits_as_numbers",
    ),
)
def test_a_limit_of_measure_is_outside_when_all_of_it_is(bench: Bench) -> None:
    demand_flags(LabDesk(bench), {
        result("TSH", limit("<0.270", "m[IU]/L"), normal("0.270", "4.200", "m[IU]/L")): True,
        result("CRP", limit(">=300.0", "mg/L"), normal("0.0", "5.0", "mg/L")): True,
        result("Ferritine", limit(">150", "ug/L"), normal("15", "150", "ug/L")): True,
    })  # fmt: skip


@check(
    "Une limite de mesure tout entière dans l'intervalle n'est pas signalée",
    "A limit of measure that is inside the range as a whole is not flagged",
    requirements=("BIO/va1.06",),
    catches=("flags_everything",),
)
def test_a_limit_of_measure_inside_is_not_flagged(bench: Bench) -> None:
    demand_flags(LabDesk(bench), {
        result("CRP", limit("<0.6", "mg/L"), normal(None, "5.0", "mg/L")): False,
        result("Gamma GT", limit("<=60", "[IU]/L"), normal(None, "60", "[IU]/L")): False,
    })  # fmt: skip


@check(
    "Les bornes de l'intervalle sont montrées telles que le laboratoire les donne, incluses ou non",
    "The bounds of the range are shown as the laboratory gives them, included or not",
    requirements=("LGC.MDV.08",),
)
def test_the_range_is_shown_as_given(bench: Bench) -> None:
    demand_ranges(LabDesk(bench), [
        result("Potassium", "4.2", normal("3.5", "5.1", "mmol/L")),
        result("CRP", "1.2", normal(None, "5.0", "mg/L", open_high=True)),
        result("Ferritine", "40", normal("15", None, "ug/L", open_low=True)),
    ])  # fmt: skip

"""AA, HH and LL cannot wait: the user is warned at once, before he opens anything."""

import pytest

from conformance.harness.bench import Bench
from conformance.harness.biology import LabDesk, kinds
from conformance.harness.lab_reports import normal, result
from conformance.harness.lab_roads import ROADS
from conformance.harness.marks import check
from conformance.sut.contract import FlagKind


@pytest.mark.parametrize("road", ROADS)
@check(
    "Un résultat AA, HH ou LL déclenche une alerte à lire tout de suite",
    "A result AA, HH or LL raises a warning to be read at once",
    requirements=("BIO/va1.01",),
    catches=("no_alert_on_hh", "leaves_reports_of_the_dmp_unread"),
)
def test_a_critical_code_raises_a_warning(bench: Bench, road: str) -> None:
    desk = LabDesk(bench, road)
    codes = ("AA", "HH", "LL")
    sodium = result("Sodium", "140", codes=("N",))
    for code, sent in zip(
        codes, desk.send_each(*((result("Potassium", "6.8", codes=(one,)), sodium) for one in codes)), strict=True
    ):
        warnings = desk.alerts(sent)
        bench.demand(
            bool(warnings),
            f"Le laboratoire a codé le potassium {code} ; aucune alerte n'attend l'utilisateur.",
            f"The laboratory coded the potassium {code}; no warning waits for the user.",
        )
        bench.demand(
            any(one.patient_id == sent.patient.id for one in warnings),
            "L'alerte ne dit pas de quel patient il s'agit.",
            "The warning does not say which patient it is about.",
        )


@check(
    "Un résultat critique se distingue des autres dans les deux listes",
    "A critical result stands apart in both lists",
    requirements=("BIO/va1.01",),
    catches=("no_alert_on_hh", "flags_inside_document_only", "no_flag_in_worklist", "no_flag_in_record"),
)
def test_a_critical_report_stands_apart_in_both_lists(bench: Bench) -> None:
    desk = LabDesk(bench)
    sent = desk.send(result("Potassium", "6.8", codes=("HH",)))
    for where, flags in desk.lists(sent):
        bench.demand(
            FlagKind.URGENT in flags,
            f"Un potassium codé HH n'est pas montré comme urgent dans la {where.fr} ({sorted(flags)}).",
            f"A potassium coded HH is not shown as urgent in the {where.en} ({sorted(flags)}).",
        )


@check(
    "Un résultat anormal sans code critique ne déclenche pas d'alerte",
    "An abnormal result without critical code raises no warning",
    requirements=("BIO/va1.01",),
    catches=("warns_of_every_abnormal_code",),
)
def test_an_abnormal_result_raises_no_warning(bench: Bench) -> None:
    desk = LabDesk(bench)
    sent = desk.send(
        result("Potassium", "5.4", normal("3.5", "5.1", "mmol/L"), codes=("H",)),
        result("Sodium", "130", normal("136", "145", "mmol/L"), codes=("L",)),
    )
    bench.demand(
        not desk.alerts(sent) and FlagKind.URGENT not in kinds(desk.line(sent)),
        "Codes H et L, sans valeur critique : le logiciel alerte comme pour une urgence.",
        "Codes H and L, no critical value: the product warns as in an emergency.",
    )


@check(
    "Une alerte vue n'est plus montrée comme non vue",
    "A warning that was seen is no longer shown as not seen",
    requirements=("BIO/va1.01",),
    catches=("no_alert_on_hh",),
)
def test_a_seen_warning_is_noted(bench: Bench) -> None:
    desk = LabDesk(bench)
    sent = desk.send(result("Potassium", "6.8", codes=("HH",)))
    warnings = desk.alerts(sent)
    bench.demand(bool(warnings), "Aucune alerte pour un code HH.", "No warning for a code HH.")
    bench.product.acknowledge_alert(warnings[0].alert_id)
    again = [one for one in desk.alerts(sent) if one.alert_id == warnings[0].alert_id]
    bench.demand(
        all(one.acknowledged for one in again),
        "L'alerte vue par l'utilisateur est encore montrée comme non vue.",
        "The warning that the user has seen is still shown as not seen.",
    )


@check(
    "Une version corrigée dont un résultat devient critique déclenche une alerte",
    "A corrected version of which a result becomes critical raises a warning",
    requirements=("BIO/va1.01", "BIO/va1.02"),
    catches=("no_alert_on_hh", "warns_of_first_versions_only"),
)
def test_a_correction_that_becomes_critical_raises_a_warning(bench: Bench) -> None:
    desk = LabDesk(bench)
    first = desk.edition()
    before = desk.send(result("Potassium", "4.2", codes=("N",)), edition=first)
    after = desk.send(result("Potassium", "6.8", codes=("U", "HH")), patient=before.patient, edition=first.next())
    bench.demand(
        bool(desk.alerts(after)),
        "Le potassium, d'abord normal (N), est corrigé en valeur critique (codes U et HH) ; aucune alerte n'attend "
        "l'utilisateur.",
        "The potassium, normal at first (N), is corrected to a critical value (codes U and HH); no warning waits for the "
        "user.",
    )

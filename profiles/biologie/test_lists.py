"""What the user sees of a report without opening it: the list of documents to read, and that of the patient."""

from dataclasses import replace

import pytest

from conformance.cda.lab.model import Comment, CommentLevel
from conformance.harness.bench import Bench
from conformance.harness.biology import LabDesk, kinds, told
from conformance.harness.lab_reports import normal, result
from conformance.harness.lab_roads import ROADS
from conformance.harness.marks import check
from conformance.sut.contract import FlagKind

SIGNALS = {
    "code": result("Potassium", "5.6", codes=("H",)),
    "interval": result("Potassium", "5.6", normal("3.5", "5.1", "mmol/L")),
    "comment": result("Potassium", "4.2", normal("3.5", "5.1", "mmol/L"), comment="Sérum hémolysé : à contrôler."),
}
"""One result for each of the three signals."""

WORDS = {
    "code": ("un code hors limites", "a code out of limits"),
    "interval": ("une valeur hors de son intervalle", "a value outside its range"),
    "comment": ("un commentaire du laboratoire", "a comment of the laboratory"),
}

ORDINARY = (
    result("Sodium", "140", normal("136", "145", "mmol/L"), codes=("N",)),
    result("CRP", "2.0", normal(None, "5.0", "mg/L")),
)


def _demand_told(bench: Bench, shown: dict[str, set[FlagKind]], fr: str, en: str) -> None:
    """Fail unless the report of each signal is flagged in this list."""
    for signal, flags in shown.items():
        bench.demand(
            told(flags),
            f"Le compte rendu contient {WORDS[signal][0]} ; rien ne le dit dans la liste des documents {fr}.",
            f"The report holds {WORDS[signal][1]}; nothing says so in the {en}.",
        )


@check(
    "Ce qui sort de l'ordinaire se voit dans la liste des documents à lire",
    "What is out of the ordinary shows in the list of documents to read",
    requirements=("BIO/va1.05", "BIO/va1.06"),
    catches=(
        "ignores_upper_bound",
        "trusts_code_only",
        "trusts_interval_only",
        "ignores_comments",
        "drops_comments",
        "flags_inside_document_only",
        "no_flag_in_worklist",
    ),
)
def test_a_signal_shows_in_the_worklist(bench: Bench) -> None:
    desk = LabDesk(bench, "mssante")
    sent = desk.send_each(*((*ORDINARY, one) for one in SIGNALS.values()))
    shown = {signal: kinds(desk.item(one)) for signal, one in zip(SIGNALS, sent, strict=True)}
    _demand_told(bench, shown, "à lire", "list of documents to read")


@pytest.mark.parametrize("road", ROADS)
@check(
    "Ce qui sort de l'ordinaire se voit dans la liste des documents du patient",
    "What is out of the ordinary shows in the patient's list of documents",
    requirements=("BIO/va1.05", "BIO/va1.06"),
    catches=(
        "ignores_upper_bound",
        "trusts_code_only",
        "trusts_interval_only",
        "ignores_comments",
        "drops_comments",
        "flags_inside_document_only",
        "no_flag_in_record",
        "leaves_reports_of_the_dmp_unread",
    ),
)
def test_a_signal_shows_in_the_patients_list(bench: Bench, road: str) -> None:
    desk = LabDesk(bench, road)
    sent = desk.send_each(*((*ORDINARY, one) for one in SIGNALS.values()))
    shown = {signal: kinds(desk.line(one)) for signal, one in zip(SIGNALS, sent, strict=True)}
    _demand_told(bench, shown, "du patient", "patient's list of documents")


@check(
    "Une fois lu, un compte rendu anormal reste signalé dans la liste du patient",
    "Once read, an abnormal report stays flagged in the patient's list",
    requirements=("BIO/va1.06",),
    catches=("ignores_upper_bound", "trusts_code_only", "flags_inside_document_only", "no_flag_in_record"),
)
def test_a_read_report_stays_flagged(bench: Bench) -> None:
    desk = LabDesk(bench)
    sent = desk.send(SIGNALS["interval"])
    bench.product.mark_read(desk.line(sent).document_id)
    bench.demand(
        told(kinds(desk.line(sent))),
        "Une fois lu, le compte rendu n'est plus signalé dans la liste des documents du patient.",
        "Once read, the report is no longer flagged in the patient's list of documents.",
    )


@check(
    "Un compte rendu ordinaire n'est pas signalé hors du document",
    "An ordinary report is not flagged outside the document",
    requirements=("BIO/va1.05", "BIO/va1.06"),
    catches=("flags_code_n", "flags_everything"),
)
def test_an_ordinary_report_is_not_flagged(bench: Bench) -> None:
    desk = LabDesk(bench)
    sent = desk.send(*ORDINARY)
    for where, flags in desk.lists(sent):
        bench.demand(
            not told(flags),
            f"Un compte rendu normal est signalé dans la {where.fr} : {sorted(flags)}.",
            f"A normal report is flagged in the {where.en}: {sorted(flags)}.",
        )


@check(
    "Un commentaire général du laboratoire se voit hors du document",
    "A general comment of the laboratory shows outside the document",
    requirements=("BIO/va1.05",),
    catches=("drops_remarks", "flags_inside_document_only", "no_flag_in_worklist", "no_flag_in_record"),
)
def test_a_general_comment_shows_outside_the_document(bench: Bench) -> None:
    desk = LabDesk(bench)
    sent = desk.send(*ORDINARY, comments=("Prélèvement reçu tardivement : à interpréter avec prudence.",))
    for where, flags in desk.lists(sent):
        bench.demand(
            told(flags),
            f"Le laboratoire a écrit un commentaire général ; la {where.fr} n'en dit rien.",
            f"The laboratory wrote a general comment; the {where.en} says nothing of it.",
        )


@check(
    "Un commentaire sur une batterie d'analyses se voit hors du document",
    "A comment on a battery of analyses shows outside the document",
    requirements=("BIO/va1.05",),
    catches=("drops_remarks", "flags_inside_document_only", "no_flag_in_worklist", "no_flag_in_record"),
)
def test_a_comment_on_a_battery_shows_outside_the_document(bench: Bench) -> None:
    desk = LabDesk(bench)
    words = Comment(CommentLevel.GROUP, "Tube reçu après six heures : potassium à contrôler.")
    sent = desk.send(*(replace(one, group_comments=(words,)) for one in ORDINARY))
    for where, flags in desk.lists(sent):
        bench.demand(
            told(flags),
            f"Le laboratoire a commenté une batterie ; la {where.fr} n'en dit rien.",
            f"The laboratory commented on a battery; the {where.en} says nothing of it.",
        )


@check(
    "Un compte rendu provisoire se reconnaît hors du document",
    "A provisional report is recognised outside the document",
    requirements=("LGC.MDV.08",),
)
def test_a_provisional_report_is_told_apart(bench: Bench) -> None:
    desk = LabDesk(bench)
    finals, report = (True, False), ORDINARY[:1]
    sent = desk.send_each(report, report, finals=finals)
    flags = {final: kinds(desk.line(one)) for final, one in zip(finals, sent, strict=True)}
    bench.demand(
        FlagKind.PRELIMINARY in flags[False] and FlagKind.PRELIMINARY not in flags[True],
        f"Provisoire : {sorted(flags[False])} ; définitif : {sorted(flags[True])}. Le drapeau « provisoire » est attendu "
        "sur le premier seulement.",
        f"Provisional: {sorted(flags[False])}; final: {sorted(flags[True])}. The flag “preliminary” is expected on the "
        "first only.",
    )

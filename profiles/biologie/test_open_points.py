"""What the sources leave open: the product is asked, and a person judges what it shows (docs/lab.md)."""

from dataclasses import replace

from conformance.cda.lab.model import Comment, CommentLevel, Result
from conformance.core.language import Text
from conformance.harness.bench import Bench
from conformance.harness.biology import LabDesk, kinds
from conformance.harness.judgement import ToReview
from conformance.harness.lab_reports import in_text, limit, normal, number, result
from conformance.harness.lab_verdicts import shown_as
from conformance.harness.marks import check


def _ask(bench: Bench, one: Result, fr: str, en: str) -> None:
    """Send a result and put to a person what the product shows of it."""
    desk = LabDesk(bench)
    flags = ", ".join(sorted(kinds(shown_as(desk.results_of(desk.send(one)), one)))) or "—"
    raise ToReview(
        Text(
            f"{fr} Le logiciel montre : {flags}. Cela convient-il ?", f"{en} The product shows: {flags}. Is that right?"
        )
    )


@check(
    "Un code de tendance ou de sensibilité (U, D, S, R…) : signalé ou non",
    "A code of trend or susceptibility (U, D, S, R…): flagged or not",
    requirements=("BIO/va1.05",),
)
def test_a_code_that_is_no_limit(bench: Bench) -> None:
    _ask(
        bench,
        result("Potassium", "4.2", normal("3.5", "5.1", "mmol/L"), codes=("U",)),
        "Potassium dans l'intervalle, code U (en hausse significative) : à la lettre, tout code se signale.",
        "Potassium inside the range, code U (significant rise): to the letter, any code is flagged.",
    )


@check(
    "Un intervalle réduit à un point : signalé ou non",
    "A range of one point: flagged or not",
    requirements=("BIO/va1.06",),
)
def test_a_range_of_one_point(bench: Bench) -> None:
    _ask(
        bench,
        result("Glycémie à jeun", "4.89", normal("3.89", "3.89", "mmol/L"), codes=("N",)),
        "Glycémie 4,89 pour un intervalle de 3,89 à 3,89, codée N : sans doute une erreur du compte rendu.",
        "Glucose 4.89 for a range of 3.89 to 3.89, coded N: probably a mistake of the report.",
    )


@check(
    "Une unité donnée d'un seul côté : comparée ou non",
    "A unit on one side only: compared or not",
    requirements=("BIO/va1.06", "BIO/va1.04"),
)
def test_a_unit_on_one_side_only(bench: Bench) -> None:
    _ask(
        bench,
        result("Plaquettes", number("120", "10*9/L"), normal("150", "400", None)),
        "Plaquettes 120 10*9/L, intervalle 150 à 400 sans unité.",
        "Platelets 120 10*9/L, range 150 to 400 without unit.",
    )


@check(
    "Un commentaire sur une batterie : chacun de ses résultats est-il signalé",
    "A comment on a battery: is each of its results flagged",
    requirements=("BIO/va1.05",),
)
def test_a_comment_on_a_battery(bench: Bench) -> None:
    one = result("Potassium", "4.2", normal("3.5", "5.1", "mmol/L"))
    _ask(
        bench,
        replace(one, group_comments=(Comment(CommentLevel.GROUP, "Tube reçu après six heures."),)),
        "Potassium dans l'intervalle ; l'ionogramme entier porte un commentaire.",
        "Potassium inside the range; the whole battery bears a comment.",
    )


@check(
    "Une limite de mesure à cheval sur la borne : signalée ou non",
    "A limit of measure that straddles the bound: flagged or not",
    requirements=("BIO/va1.06",),
)
def test_a_limit_that_straddles_the_bound(bench: Bench) -> None:
    _ask(
        bench,
        result("TSH", limit("<0.500", "m[IU]/L"), normal("0.270", "4.200", "m[IU]/L")),
        "TSH inférieure à 0,500 pour une borne basse de 0,270.",
        "TSH below 0.500 for a lower bound of 0.270.",
    )


@check(
    "Un intervalle donné sous une condition que le compte rendu ne permet pas de vérifier : appliqué ou non",
    "A range under a condition that the report does not allow to check: applied or not",
    requirements=("BIO/va1.06",),
)
def test_a_range_under_a_condition(bench: Bench) -> None:
    _ask(
        bench,
        result("Glycémie à jeun", "7.20", normal("3.90", "6.10", "mmol/L", condition="à jeun depuis douze heures")),
        "Glycémie 7,20 mmol/L, intervalle 3,90 à 6,10 « à jeun depuis douze heures » : rien ne dit que le patient l'était.",
        "Glucose 7.20 mmol/L, range 3.90 to 6.10 “fasting for twelve hours”: nothing says that the patient was.",
    )


@check(
    "Un nombre écrit en texte, hors de l'intervalle : signalé ou non",
    "A number written as text, outside the range: flagged or not",
    requirements=("BIO/va1.06",),
)
def test_a_number_written_as_text(bench: Bench) -> None:
    _ask(
        bench,
        result("CRP", in_text("> 100"), normal(None, "5.0", "mg/L")),
        "CRP « > 100 », écrite en texte, pour une borne haute de 5,0 mg/L : la valeur n'est pas un nombre codé.",
        "CRP “> 100”, written as text, for an upper bound of 5.0 mg/L: the value is no coded number.",
    )

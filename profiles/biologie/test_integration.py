"""A report received becomes data: value, unit, range, date, code, comments of each result, and nothing is lost."""

from dataclasses import replace

import pytest

from conformance.cda.lab.model import LOINC, Code, PreviousResult, Value, ValueKind
from conformance.generation.lab.analyses import LOCAL_SYSTEM
from conformance.generation.lab.measuring import in_words, titre
from conformance.harness.bench import Bench
from conformance.harness.biology import LabDesk, kinds, told
from conformance.harness.lab_forms import in_sub_chapters, with_prefix
from conformance.harness.lab_reports import in_text, limit, normal, number, result, write_report
from conformance.harness.lab_roads import ROADS
from conformance.harness.lab_verdicts import demand_value
from conformance.harness.marks import check
from conformance.sut.contract import FlagKind


@pytest.mark.parametrize("road", ROADS)
@check(
    "Un résultat reçu se relit : valeur, unité, code LOINC",
    "A result received can be asked for: value, unit, LOINC code",
    requirements=("LGC.MDV.08", "BIO/va1.04"),
    catches=("leaves_reports_of_the_dmp_unread",),
)
def test_a_result_keeps_value_unit_and_code(bench: Bench, road: str) -> None:
    desk = LabDesk(bench, road)
    shown = desk.result(desk.send(result("Potassium", "4.2", normal("3.5", "5.1", "mmol/L"))))
    demand_value(shown, "4.2", "mmol/L")
    code = (shown.code.code, shown.code.code_system) if shown.code else None
    bench.demand(
        code == ("2823-3", LOINC),
        f"Le code LOINC du potassium est 2823-3 ; le logiciel donne {code}.",
        f"The LOINC code of potassium is 2823-3; the product gives {code}.",
    )


@check(
    "Un compte rendu dont les éléments portent un préfixe se lit comme un autre",
    "A report whose elements bear a prefix reads like another",
    requirements=("LGC.MDV.08", "BIO/va1.06"),
    catches=("reads_types_without_prefix", "ignores_upper_bound", "trusts_code_only"),
)
def test_a_report_with_prefixes_reads_like_another(bench: Bench) -> None:
    """As the self-presentable reports are published: ``c:observation``, ``xsi:type="c:PQ"``."""
    desk = LabDesk(bench)
    patient, edition = desk.admit(), desk.edition()
    assert patient.made is not None
    plain = write_report(patient.made, edition, [result("Potassium", "6.8", normal("3.5", "5.1", "mmol/L"))])
    shown = desk.result(desk.send_document(patient, with_prefix(plain), edition))
    demand_value(shown, "6.8", "mmol/L")
    bench.demand(
        told(kinds(shown)),
        "Le potassium (6,8 pour 3,5 à 5,1) n'est pas signalé quand les éléments du document portent un préfixe.",
        "The potassium (6.8 for 3.5 to 5.1) is not flagged when the elements of the document bear a prefix.",
    )


@check(
    "Un résultat garde la date à laquelle il a été obtenu",
    "A result keeps the date on which it was obtained",
    requirements=("LGC.MDV.08",),
    catches=("takes_date_of_report",),
)
def test_a_result_keeps_its_own_date(bench: Bench) -> None:
    desk = LabDesk(bench)
    edition = desk.edition()
    one = replace(result("Potassium", "4.2"), time="20250218073000+0100")
    shown = desk.result(desk.send(one, edition=edition))
    bench.demand(
        shown.date is not None and shown.date.isoformat()[:10] == "2025-02-18",
        f"Le résultat est du 18/02/2025 à 7 h 30 ; le logiciel montre {shown.date}.",
        f"The result is of 2025-02-18, 07:30; the product shows {shown.date}.",
    )


@check(
    "Les codes d'interprétation et les commentaires d'un résultat se relisent",
    "Interpretation codes and comments of a result can be asked for",
    requirements=("LGC.MDV.08", "BIO/va1.05"),
    catches=("drops_comments",),
)
def test_a_result_keeps_codes_and_comments(bench: Bench) -> None:
    desk = LabDesk(bench)
    words = "Sérum légèrement hémolysé : à contrôler."
    shown = desk.result(desk.send(result("Potassium", "5.6", codes=("H", "U"), comment=words)))
    bench.demand(
        set(shown.interpretations) == {"H", "U"},
        f"Les codes du résultat sont H et U ; le logiciel montre {list(shown.interpretations)}.",
        f"The codes of the result are H and U; the product shows {list(shown.interpretations)}.",
    )
    bench.demand(
        any(words in " ".join(one.split()) for one in shown.comments),
        f"Le commentaire « {words} » n'est pas montré avec son résultat.",
        f"The comment “{words}” is not shown with its result.",
    )


@check(
    "Aucun résultat ne se perd, qu'il soit dans une batterie ou seul",
    "No result is lost, in a battery or alone",
    requirements=("LGC.MDV.08",),
)
def test_no_result_is_lost(bench: Bench) -> None:
    desk = LabDesk(bench)
    names = ("Potassium", "Sodium", "Urée", "CRP", "ALAT", "Leucocytes", "Plaquettes", "TSH")
    sent = desk.send(*(result(name, "1.0") for name in names))
    shown = desk.results_of(sent)
    lost = [one.result.code.name for one in sent.judged.results if one.result.loinc not in shown]
    bench.demand(
        not lost,
        f"Résultats absents : {', '.join(lost)}.",
        f"Missing results: {', '.join(lost)}.",
    )


@check(
    "Les résultats d'un sous-chapitre se relisent",
    "The results of a sub-chapter can be asked for",
    requirements=("LGC.MDV.08",),
    catches=("overlooks_sub_chapters",),
)
def test_results_of_a_sub_chapter_are_kept(bench: Bench) -> None:
    """As nearly half of the published chapters have them: a chapter, its sub-chapters, and the results in these."""
    desk = LabDesk(bench)
    patient, edition = desk.admit(), desk.edition()
    assert patient.made is not None
    flat = write_report(patient.made, edition, [result("Potassium", "4.2"), result("Leucocytes", "6.1")])
    sent = desk.send_document(patient, in_sub_chapters(flat), edition)
    assert len(sent.judged.results) == 2
    shown = desk.results_of(sent)
    lost = [one.result.code.name for one in sent.judged.results if one.result.loinc not in shown]
    bench.demand(
        not lost,
        f"Résultats d'un sous-chapitre absents : {', '.join(lost)}.",
        f"Missing results of a sub-chapter: {', '.join(lost)}.",
    )


@check(
    "Les résultats d'un isolat (numération, antibiogramme) se relisent",
    "The results of an isolate (count, antibiogram) can be asked for",
    requirements=("LGC.MDV.08",),
    catches=("overlooks_isolates",),
)
def test_results_of_an_isolate_are_kept(bench: Bench) -> None:
    desk = LabDesk(bench)
    germ = Code("112283007", "2.16.840.1.113883.6.96", "Escherichia coli", "Escherichia coli",
                translations=(Code("562", "2.16.840.1.113883.3.9471", "Escherichia coli"),))  # fmt: skip
    antibiotic = Code("267-5", LOINC, "Gentamicine [Sensibilité] Isolat ; Alphanumérique ; CMI", "Gentamicine")
    one = result("CRP", limit("<0.25", "ug/mL"), codes=("S",), code=antibiotic)
    sent = desk.send(replace(one, chapter="Microbiologie", group="Antibiogramme", germ=germ))
    shown = desk.results_of(sent)
    bench.demand(
        "267-5" in shown,
        "L'antibiogramme de l'isolat n'est pas parmi les résultats.",
        "The antibiogram of the isolate is not among the results.",
    )


@check(
    "Un résultat qui n'a qu'un code du laboratoire est gardé",
    "A result that has a code of the laboratory only is kept",
    requirements=("LGC.MDV.08",),
    catches=("drops_local_codes",),
)
def test_a_result_without_loinc_code_is_kept(bench: Bench) -> None:
    desk = LabDesk(bench)
    local = Code(None, words="Indice interne de l'essai",
                 translations=(Code("HBX_017", LOCAL_SYSTEM, "Indice interne de l'essai"),))  # fmt: skip
    shown = desk.result(desk.send(result("CRP", "12.0", code=local)))
    demand_value(shown, "12.0", "mg/L")


@check(
    "Une limite de mesure n'est pas montrée comme un nombre ordinaire",
    "A limit of measure is not shown as an ordinary number",
    requirements=("LGC.MDV.08",),
)
def test_a_limit_of_measure_keeps_its_sign(bench: Bench) -> None:
    desk = LabDesk(bench)
    shown = desk.result(desk.send(result("CRP", limit("<0.6", "mg/L"))))
    value = shown.value
    seen = f"{value.comparator}{value.value}" if value else ""
    bench.demand(
        seen.replace(" ", "") in ("<0.6", "<0,6"),
        f"Le résultat est « < 0,6 » ; le logiciel montre « {seen} ».",
        f"The result is “< 0.6”; the product shows “{seen}”.",
    )


@check(
    "Texte, titre et constat se relisent, et ne sont pas comparés à un nombre",
    "Text, titre and finding can be asked for, and are not compared with a number",
    requirements=("LGC.MDV.08",),
    catches=("flags_everything",),
)
def test_values_that_are_no_numbers_are_kept(bench: Bench) -> None:
    desk = LabDesk(bench)
    sent = desk.send(
        result("CRP", in_text("Positif faible"), normal("0.0", "5.0", "mg/L")),
        result("TSH", titre(160)),
        result("Potassium", in_words("Absence de germe")),
    )
    shown = desk.results_of(sent)
    for code, words in (("1988-5", "Positif faible"), ("3016-3", "1/160"), ("2823-3", "Absence de germe")):
        one = shown.get(code)
        seen = one.value.value if one and one.value else "—"
        bench.demand(
            words.replace(" ", "") in seen.replace(" ", "").replace(":", "/"),
            f"Le résultat {code} est « {words} » ; le logiciel montre « {seen} ».",
            f"The result {code} is “{words}”; the product shows “{seen}”.",
        )
        bench.demand(
            one is not None and FlagKind.ABNORMAL not in kinds(one),
            f"« {words} » est signalé comme anormal alors que rien ne le dit.",
            f"“{words}” is flagged as abnormal while nothing says so.",
        )


@check(
    "Un résultat rappelé d'un compte rendu antérieur n'est pas un résultat de plus",
    "A result recalled from an earlier report is not one more result",
    requirements=("LGC.MDV.08", "BIO/va1.06"),
    catches=("flags_everything", "counts_recalled_results"),
)
def test_a_recalled_result_is_not_a_new_one(bench: Bench) -> None:
    desk = LabDesk(bench)
    one = result("Potassium", "4.2", normal("3.5", "5.1", "mmol/L"))
    before = PreviousResult(Code("2823-3", LOINC, one.code.label), (number("6.9", "mmol/L"),), "20240102080000+0100")
    shown = desk.result(desk.send(replace(one, previous=(before,))))
    demand_value(shown, "4.2", "mmol/L")
    bench.demand(
        FlagKind.ABNORMAL not in kinds(shown),
        "Le potassium du jour (4,2) est signalé : c'est l'ancien (6,9) qui était hors de l'intervalle.",
        "Today's potassium (4.2) is flagged: it is the former one (6.9) that was outside the range.",
    )


@check(
    "Un examen non réalisé n'est signalé ni comme anormal ni comme urgent",
    "An examination that was not performed is flagged neither as abnormal nor as urgent",
    requirements=("BIO/va1.06",),
)
def test_an_examination_not_performed_is_not_abnormal(bench: Bench) -> None:
    desk = LabDesk(bench)
    missing = Value(ValueKind.NULL, "", code=Code(None, null_flavor="NAV"), null_flavor="NAV")
    one = replace(result("Potassium", missing, normal("3.5", "5.1", "mmol/L")), status="aborted")
    shown = [
        each for each in desk.results(desk.send(one).patient) if kinds(each) & {FlagKind.ABNORMAL, FlagKind.URGENT}
    ]
    bench.demand(
        not shown,
        "Un potassium non réalisé est signalé comme hors de l'intervalle.",
        "A potassium that was not performed is flagged as outside the range.",
    )

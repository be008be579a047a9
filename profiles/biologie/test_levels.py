"""What cannot be read as data: a level 1 report, a PDF alone, and the PDF that goes with a structured report."""

import pytest

from conformance.core.language import Text
from conformance.harness.bench import Bench
from conformance.harness.biology import LabDesk, kinds
from conformance.harness.judgement import ToReview
from conformance.harness.lab_reports import as_level_1, normal, result
from conformance.harness.marks import check
from conformance.sut.contract import FlagKind

HIGH = result("Potassium", "6.8", normal("3.5", "5.1", "mmol/L"))


@check(
    "Un compte rendu de niveau 1 est classé comme document, et aucun résultat n'en est inventé",
    "A level 1 report is filed as a document, and no result is made up from it",
    requirements=("LGC.MDV.08",),
    catches=("makes_up_results_of_pdfs",),
)
def test_a_level_1_report_is_filed_without_results(bench: Bench) -> None:
    desk = LabDesk(bench)
    patient, edition = desk.admit(), desk.edition()
    sent = desk.send_document(patient, as_level_1(patient.made, edition), edition)
    kind = desk.line(sent).type.code
    bench.demand(
        kind == "11502-2",
        f"Le compte rendu de niveau 1 est du type 11502-2 ; dans la liste du patient, il est du type {kind}.",
        f"The level 1 report is of the type 11502-2; in the patient's list it is of the type {kind}.",
    )
    shown = desk.results(patient)
    bench.demand(
        not shown,
        f"Le niveau 1 ne contient qu'un PDF ; le logiciel montre {len(shown)} résultat(s) structuré(s).",
        f"The level 1 report holds a PDF only; the product shows {len(shown)} structured result(s).",
    )


@check(
    "Un compte rendu envoyé en PDF, sans document CDA, attend un lecteur, et aucun résultat n'en est inventé",
    "A report sent as a PDF, without CDA document, waits for a reader, and no result is made up from it",
    requirements=("MSS/va1.25", "LGC.MDV.08"),
    catches=("hides_messages_with_only_pdfs",),
)
def test_a_bare_pdf_waits_for_a_reader(bench: Bench) -> None:
    desk = LabDesk(bench, "mssante")
    patient = desk.admit()
    desk.waiting(desk.send_pdf())
    documents, shown = bench.product.list_documents(patient.id), desk.results(patient)
    bench.demand(
        not documents and not shown,
        f"Le PDF ne dit pas de façon sûre de qui il est : {len(documents)} document(s) et {len(shown)} résultat(s) sont "
        "pourtant entrés au dossier d'un patient.",
        f"The PDF does not say for sure whose it is; yet {len(documents)} document(s) and {len(shown)} result(s) entered "
        "a patient's record.",
    )


def _level_1(desk: LabDesk) -> set[FlagKind]:
    patient, edition = desk.admit(), desk.edition()
    sent = desk.send_document(patient, as_level_1(patient.made, edition), edition)
    return set().union(*(flags for _, flags in desk.lists(sent)))


def _pdf(desk: LabDesk) -> set[FlagKind]:
    return kinds(desk.waiting(desk.send_pdf()))


@pytest.mark.parametrize("form", ["level_1", "pdf"])
@check(
    "Un résultat anormal qui n'est que dans un PDF (niveau 1, PDF seul) : ce que l'utilisateur voit",
    "An abnormal result that is in a PDF only (level 1, a PDF alone): what the user sees",
    requirements=("BIO/va1.05", "BIO/va1.06"),
    catches=("hides_messages_with_only_pdfs",),
)
def test_what_shows_of_an_abnormal_result_in_a_pdf(bench: Bench, form: str) -> None:
    flags = _level_1(LabDesk(bench)) if form == "level_1" else _pdf(LabDesk(bench, "mssante"))
    seen = ", ".join(sorted(flags)) or "—"
    raise ToReview(
        Text(
            "Potassium à 6,8 mmol/L (3,5 à 5,1), lisible dans un PDF seulement. Les exigences citent le niveau 1 et le "
            "PDF seul, sans dire comment y reconnaître un résultat anormal. "
            f"Le logiciel montre : {seen}. Est-ce assez pour que le médecin lise ce compte rendu ?",
            "Potassium at 6.8 mmol/L (3.5 to 5.1), to be read in a PDF only. The requirements name level 1 and a PDF "
            "alone, without saying how an abnormal result is recognised there. "
            f"The product shows: {seen}. Is it enough for the physician to read this report?",
        )
    )


@check(
    "Un compte rendu structuré et sa copie PDF font une seule ligne dans le dossier",
    "A structured report and its PDF copy make one line in the record",
    requirements=("LGC.MDV.08",),
)
def test_a_report_and_its_pdf_make_one_line(bench: Bench) -> None:
    desk = LabDesk(bench)
    sent = desk.send(HIGH)
    lines = bench.product.list_documents(sent.patient.id)
    bench.demand(
        len(lines) == 1,
        f"Un compte rendu de niveau 3 et son PDF : {len(lines)} lignes dans la liste du patient.",
        f"A level 3 report and its PDF: {len(lines)} lines in the patient's list.",
    )


@check(
    "Le document gardé est, octet pour octet, celui qui a été reçu",
    "The document kept is, byte for byte, the one that was received",
    requirements=("LGC.MDV.08",),
)
def test_the_document_is_kept_as_received(bench: Bench) -> None:
    desk = LabDesk(bench)
    sent = desk.send(HIGH)
    kept = bench.product.read_document(desk.line(sent).document_id)
    bench.demand(
        kept == sent.data,
        f"Le document relu ({len(kept)} octets) n'est pas celui qui a été reçu ({len(sent.data)} octets).",
        f"The document read back ({len(kept)} bytes) is not the one received ({len(sent.data)} bytes).",
    )

"""What cannot be read as data: a level 1 report, a PDF alone, and the PDF that goes with a structured report."""

from conformance.core.language import Text
from conformance.harness.bench import Bench
from conformance.harness.biology import LabDesk, kinds
from conformance.harness.judgement import ToReview
from conformance.harness.lab_reports import as_level_1, normal, result
from conformance.harness.marks import check

HIGH = result("Potassium", "6.8", normal("3.5", "5.1", "mmol/L"))


@check(
    "Un compte rendu de niveau 1 est classé comme document, et aucun résultat n'en est inventé",
    "A level 1 report is filed as a document, and no result is made up from it",
    requirements=("LGC.MDV.08",),
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
    "Un compte rendu de niveau 1 dont le PDF contient un résultat anormal : ce que l'utilisateur voit",
    "A level 1 report whose PDF holds an abnormal result: what the user sees",
    requirements=("BIO/va1.05", "BIO/va1.06"),
)
def test_what_shows_of_an_abnormal_level_1_report(bench: Bench) -> None:
    desk = LabDesk(bench)
    patient, edition = desk.admit(), desk.edition()
    sent = desk.send_document(patient, as_level_1(patient.made, edition), edition)
    flags = ", ".join(sorted(kinds(desk.item(sent)) | kinds(desk.line(sent)))) or "—"
    raise ToReview(
        Text(
            "Les exigences citent le niveau 1 et le PDF seul, sans dire comment y reconnaître un résultat anormal. Le "
            f"logiciel montre : {flags}. Est-ce assez pour que le médecin lise ce compte rendu ?",
            "The requirements name level 1 and a PDF alone, without saying how an abnormal result is recognised there. "
            f"The product shows: {flags}. Is it enough for the physician to read this report?",
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

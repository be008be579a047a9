"""Documents that arrive for known patients enter their records, with one click at most, as they were sent."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from conformance.generation.messages import case
from conformance.harness.marks import check
from conformance.harness.mssante import MailBench
from conformance.sut.contract import DocumentStatus, FlagKind, Origin, WorklistReason


@check(
    "Un document structuré d'un patient connu entre dans son dossier",
    "A structured document of a known patient enters the record",
    requirements=("MSS/va1.28", "SC.MSS/UX.39", "SC.MSS/CONF.24", "SENTINELLE.20"),
)
def test_a_structured_document_enters_its_patients_record(mail: MailBench) -> None:
    known = mail.admit()
    document = mail.document(known)
    mail.receive(mail.letter([document]))
    status = mail.filed(known, document).status
    mail.bench.demand(
        status is DocumentStatus.CURRENT,
        f"Le document est dans le dossier avec l'état « {status} » ; il devrait y être en vigueur.",
        f"The document is in the record with the status “{status}”; it should be current.",
    )


@check(
    "Un document de niveau 1, dont le corps est un PDF, entre dans le dossier",
    "A level 1 document, whose body is a PDF, enters the record",
    requirements=("MSS/va1.28", "MSS/va1.25"),
    catches=("refuses_unstructured_documents",),
)
def test_a_level_1_document_enters_its_patients_record(mail: MailBench) -> None:
    known = mail.admit()
    document = mail.small_document(known)
    mail.receive(mail.letter([document]))
    mail.filed(known, document)


@check(
    "Tous les documents d'une archive entrent dans le dossier, chacun une fois",
    "Every document of an archive enters the record, each once",
    requirements=("SC.MSS/UX.39", "SC.CDA/DD.15"),
    catches=("files_the_first_document_only",),
)
def test_every_document_of_an_archive_enters_once(mail: MailBench) -> None:
    known = mail.admit()
    documents = [mail.document(known) for _ in range(3)]
    mail.receive(mail.letter(documents))
    for document in documents:
        mail.filed(known, document)
    count = len(mail.lines(known))
    mail.bench.demand(
        count == len(documents),
        f"L'archive portait {len(documents)} documents ; le dossier en montre {count}.",
        f"The archive carried {len(documents)} documents; the record shows {count}.",
    )


@check(
    "La liste montre le titre, le type, la date et l'auteur qui sont dans le document",
    "The list shows title, type, date and author as they stand in the document",
    requirements=("MSS/va1.28", "SC.CDA/INT.17"),
    catches=("dates_documents_by_their_arrival", "shows_the_type_as_title"),
)
def test_the_list_shows_the_words_of_the_document(mail: MailBench) -> None:
    known = mail.admit()
    document = mail.document(known)
    mail.receive(mail.letter([document]))
    line, header = mail.filed(known, document), mail.header(document)
    shown = (line.title, line.type.code, f"{line.created.astimezone(UTC):%Y%m%d%H%M}")
    wanted = (header.title, header.code.code, mail.utc(header.effective_time)[:12])
    mail.bench.demand(
        shown == wanted,
        f"La liste montre {shown} ; le document dit {wanted}.",
        f"The list shows {shown}; the document says {wanted}.",
    )
    mail.bench.demand(
        "BREHIER" in line.author.upper(),
        f"L'auteur montré est « {line.author or 'aucun'} » ; le document dit Anouk BREHIER.",
        f"The author shown is “{line.author or 'none'}”; the document says Anouk BREHIER.",
    )


@check(
    "L'utilisateur voit que le document vient de MSSanté",
    "The user sees that the document came by MSSanté",
    requirements=("SC.CDA/INT.08",),
    catches=("shows_mail_as_imported",),
)
def test_the_origin_is_shown(mail: MailBench) -> None:
    known = mail.admit()
    document = mail.document(known)
    mail.receive(mail.letter([document]))
    origin = mail.filed(known, document).origin
    mail.bench.demand(
        origin is Origin.MSSANTE,
        f"L'origine montrée est « {origin} » ; attendu « mssante ».",
        f"The origin shown is “{origin}”; expected “mssante”.",
    )


@check(
    "Le document est gardé octet pour octet",
    "The document is kept byte for byte",
    requirements=("SC.CDA/INT.15",),
    catches=("rewrites_documents",),
)
def test_the_document_is_kept_as_it_came(mail: MailBench) -> None:
    known = mail.admit()
    document = mail.document(known)
    mail.receive(mail.letter([document]))
    kept = mail.bench.product.read_document(mail.filed(known, document).document_id)
    mail.bench.demand(
        kept == document,
        f"Le document gardé fait {len(kept)} octets et n'est pas celui qui est arrivé ({len(document)} octets).",
        f"The document kept has {len(kept)} bytes and is not the one that came ({len(document)} bytes).",
    )


@pytest.mark.parametrize(
    "form",
    ["octet_stream", "lower_case_names", "attachments_first", "split_subject", "html_only", "same_attachment_names"],
)
@check(
    "L'archive est reconnue quelle que soit la façon dont elle est jointe",
    "The archive is recognised in whatever way it is attached",
    requirements=("SC.MSS/UX.01",),
    catches=("wants_one_spelling_of_the_name", "wants_the_type_application_zip"),
)
def test_an_archive_is_recognised_in_any_form(mail: MailBench, form: str) -> None:
    known = mail.admit()
    document = mail.document(known)
    mail.receive(*case(form).messages(mail.post(document)))
    mail.filed(known, document)


@check(
    "L'archive est reconnue même sous un objet ordinaire",
    "The archive is recognised even under an ordinary subject",
    requirements=("SC.MSS/UX.01",),
    catches=("wants_the_subject_of_archives",),
)
def test_an_archive_is_recognised_under_an_ordinary_subject(mail: MailBench) -> None:
    known = mail.admit()
    document = mail.document(known)
    mail.receive(mail.letter([document], subject=f"Votre patient {mail.token}"))
    mail.filed(known, document)


@check(
    "Un document reçu est signalé comme non lu, dans la liste des tâches ou dans le dossier",
    "A received document is shown as unread, on the worklist or in the record",
    requirements=("MSS/va1.25", "ERGO/va1.08"),
    catches=("takes_everything_for_read",),
)
def test_a_received_document_is_shown_as_unread(mail: MailBench) -> None:
    known = mail.admit()
    document = mail.document(known)
    mail.receive(mail.letter([document]))
    line = mail.line(known, document)
    flagged = line is not None and any(flag.kind is FlagKind.UNREAD for flag in line.flags)
    listed = any(item.reason in (WorklistReason.UNREAD, WorklistReason.TO_FILE) for item in mail.items(document))
    mail.bench.demand(
        flagged or listed,
        "Rien ne dit à l'utilisateur que ce document est arrivé et n'a pas été lu.",
        "Nothing tells the user that this document arrived and was not read.",
    )


@check(
    "La liste des tâches montre le plus récent d'abord",
    "The worklist shows the newest first",
    requirements=("ERGO/va1.05", "ERGO/va1.06"),
    catches=("shows_the_oldest_first",),
)
def test_the_worklist_shows_the_newest_first(mail: MailBench) -> None:
    now = datetime.now(UTC)
    for word, written in (("avant", now - timedelta(hours=1)), ("après", now)):
        mail.receive(mail.note(subject=f"Question {mail.token} {word}", date=written))
        time.sleep(1)  # so that a list by the operator's time, which counts seconds, has an order too
    listed = [item.title.rpartition(" ")[2] for item in mail.items(mail.token)]
    mail.bench.demand(
        listed == ["après", "avant"],
        f"Deux messages sont arrivés ; la liste des tâches les montre dans l'ordre {listed}.",
        f"Two messages arrived; the worklist shows them in the order {listed}.",
    )

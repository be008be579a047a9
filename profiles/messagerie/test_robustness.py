"""Messages that are damaged, wrong or hostile: nothing of them enters a record, the user is told, the rest goes on."""

import pytest

from conformance.generation.messages import case
from conformance.harness.marks import check
from conformance.harness.mssante import MailBench
from conformance.simulators.mssante import Fault, FaultKind, Stage

PATHS = ("zip_slip", "absolute_path", "drive_letter", "symbolic_link", "duplicate_names")
DAMAGE = ("corrupt_zip", "truncated_zip", "empty_zip", "encrypted_zip")
BOMBS = ("zip_bomb", "overlapping_zip", "too_many_files")
ENTITIES = ("xxe_in_metadata", "billion_laughs", "xxe_in_cda")


def _demand_refused(mail: MailBench, name: str) -> None:
    """A hostile message: nothing enters the record, it is shown, and the next message is treated."""
    known = mail.admit()
    document = mail.small_document(known)
    title = mail.header(document).title
    after = mail.document(known)
    (message,) = case(name).messages(mail.post(document))
    subject = f"Objet {mail.token} hostile".encode()
    head, _, body = message.partition(b"\r\n\r\n")
    lines = head.replace(b"\r\n ", b" ").split(b"\r\n")
    lines = [b"Subject: " + subject if line.lower().startswith(b"subject:") else line for line in lines]
    mail.receive(b"\r\n".join(lines) + b"\r\n\r\n" + body, mail.letter([after]))
    mail.demand_in_no_record(document, known)
    told = [*mail.items(f"{mail.token} hostile"), *mail.items(title)]
    mail.bench.demand(
        bool(told) and any(item.text for item in told),
        "Le message n'est pas montré à l'utilisateur avec la raison de son refus.",
        "The message is not shown to the user with the reason of its refusal.",
    )
    mail.filed(known, after)


@pytest.mark.parametrize("name", PATHS)
@check(
    "Une archive dont les chemins sont dangereux n'est pas intégrée",
    "An archive with dangerous paths is not integrated",
    requirements=("SC.MSS/UX.39",),
    catches=("follows_dangerous_paths", "loses_messages_after_refused_ones"),
)
def test_dangerous_paths_are_refused(mail: MailBench, name: str) -> None:
    _demand_refused(mail, name)


@pytest.mark.parametrize("name", DAMAGE)
@check(
    "Une archive endommagée ou chiffrée est montrée, pas intégrée",
    "A damaged or encrypted archive is shown, not integrated",
    requirements=("SC.MSS/UX.39",),
    catches=("hides_damaged_archives", "loses_messages_after_refused_ones"),
)
def test_damaged_archives_are_shown_and_not_integrated(mail: MailBench, name: str) -> None:
    _demand_refused(mail, name)


@pytest.mark.parametrize("name", BOMBS)
@check(
    "Une archive démesurée est refusée, et le logiciel continue",
    "A monstrous archive is refused, and the product goes on",
    requirements=("SC.MSS/UX.39",),
    catches=("unpacks_bombs", "loses_messages_after_refused_ones"),
)
def test_bombs_are_refused(mail: MailBench, name: str) -> None:
    _demand_refused(mail, name)


@pytest.mark.parametrize("name", ENTITIES)
@check(
    "Des entités XML, externes ou démultipliées, font refuser l'archive",
    "XML entities, external or multiplied, have the archive refused",
    requirements=("SC.MSS/UX.39",),
    catches=("loses_messages_after_refused_ones",),
)
def test_xml_entities_are_refused(mail: MailBench, name: str) -> None:
    _demand_refused(mail, name)


@pytest.mark.parametrize("name", ["hash_mismatch", "size_mismatch"])
@check(
    "Un fichier qui n'est pas celui que METADATA.XML décrit n'entre pas seul",
    "A file that is not the one METADATA.XML describes is not filed by itself",
    requirements=("SC.MSS/UX.39",),
    catches=("ignores_the_hash_and_size",),
)
def test_a_file_that_is_not_the_described_one_waits(mail: MailBench, name: str) -> None:
    known = mail.admit()
    document = mail.small_document(known)
    mail.receive(*case(name).messages(mail.post(document)))
    mail.demand_in_no_record(document, known)
    mail.waiting(document)


@pytest.mark.parametrize("name", ["missing_file", "missing_metadata", "not_a_cda"])
@check(
    "Une archive à laquelle il manque l'essentiel est montrée, et rien n'entre",
    "An archive that lacks the essential is shown, and nothing is filed",
    requirements=("SC.MSS/UX.39", "SC.MSS/UX.01"),
    catches=("hides_archives_without_metadata",),
)
def test_an_incomplete_archive_is_shown(mail: MailBench, name: str) -> None:
    known = mail.admit()
    document = mail.small_document(known)
    (message,) = case(name).messages(mail.post(document))
    mail.receive(message)
    mail.demand_in_no_record(document, known)
    found = [
        item
        for item in mail.bench.product.worklist()
        if mail.token in item.sender or known.person.birth_name in item.title or mail.token in item.title
    ]
    mail.bench.demand(
        bool(found),
        "Le message n'est pas dans la liste des tâches.",
        "The message is not on the worklist.",
    )


@check(
    "Une relève coupée au milieu d'un message ne perd rien",
    "A retrieval that is cut in the middle of a message loses nothing",
    requirements=("SC.MSS/CONF.11", "SC.MSS/UX.39"),
    catches=("loses_mail_when_the_operator_drops",),
)
def test_a_cut_retrieval_loses_nothing(mail: MailBench) -> None:
    known = mail.admit()
    one, two = mail.document(known), mail.document(known)
    cut = Fault(FaultKind.DROP, Stage.IMAP_FETCH, mail.mailbox, times=1)
    with mail.alone():
        mail.poll()
        for document in (one, two):
            mail.operator.deliver(mail.letter([document]), mail.mailbox)
        with mail.operator.fault(cut):
            mail.poll_refused_or_not()
        mail.until_sent(lambda: mail.line(known, two) or mail.items(two))
    mail.filed(known, one)
    mail.filed(known, two)


@check(
    "Une boîte renumérotée par l'opérateur ne fait rien entrer deux fois",
    "A mailbox that the operator numbers anew files nothing twice",
    requirements=("SC.CDA/INT.18", "SC.MSS/CONF.06"),
    catches=("forgets_what_was_read",),
)
def test_a_renumbered_mailbox_brings_nothing_twice(mail: MailBench) -> None:
    known = mail.admit()
    document = mail.document(known)
    with mail.alone():
        mail.receive(mail.letter([document]), mail.note())
        mail.filed(known, document)
        mail.operator.renumber(mail.mailbox)
        mail.poll()
    seen = len(mail.lines(known))
    told = len(list(mail.items(f"Question {mail.token}")))
    mail.bench.demand(
        seen == 1 and told == 1,
        f"Après renumérotation, le dossier montre {seen} document(s) et la liste {told} message(s), au lieu d'un.",
        f"After the renumbering the record shows {seen} document(s) and the list {told} message(s), instead of one.",
    )

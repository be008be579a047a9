"""Oppositions: recorded patient by patient, honoured, never there by default."""

from conformance.harness.marks import check
from conformance.harness.mssante import MailBench
from conformance.sut.contract import MessageRequest, Oppositions


def _demand_nothing_leaves(mail: MailBench, request: MessageRequest) -> None:
    mail.ask_for(request)
    mail.bench.demand(
        not mail.tried(),
        "Le patient s'y oppose, et le message est parti sans que l'utilisateur l'ait confirmé.",
        "The patient refuses, and the message left without the user confirming it.",
    )


@check(
    "Un patient qui refuse les messages n'en reçoit pas",
    "A patient who refuses messages gets none",
    requirements=("MSS/va1.20",),
    catches=("ignores_the_opposition_to_patients", "forgets_oppositions"),
)
def test_a_patient_who_refuses_gets_no_message(mail: MailBench) -> None:
    known = mail.admit()
    mail.watch(known)
    mail.bench.product.set_oppositions(known.id, Oppositions(mssante_to_patient=True))
    _demand_nothing_leaves(mail, MessageRequest(to_patient=known.id, subject="Vos résultats", text="Bonjour."))


@check(
    "Les documents d'un patient qui refuse l'envoi aux professionnels ne partent pas",
    "Documents of a patient who refuses sending to professionals do not leave",
    requirements=("MSS/va1.22",),
    catches=("ignores_the_opposition_to_professionals", "forgets_oppositions"),
)
def test_a_refusal_keeps_documents_from_professionals(mail: MailBench) -> None:
    known = mail.admit()
    mail.bench.product.set_oppositions(known.id, Oppositions(mssante_to_professionals=True))
    view = mail.validated(known)
    request = MessageRequest(recipients=(mail.colleague(),), documents=(view.document_id,))
    _demand_nothing_leaves(mail, request)


@check(
    "Chaque opposition ne vaut que pour ce qu'elle dit, et pour ce patient",
    "Each opposition counts for what it says only, and for this patient",
    requirements=("MSS/va1.20", "MSS/va1.22"),
    catches=("confuses_oppositions",),
)
def test_an_opposition_counts_for_what_it_says(mail: MailBench) -> None:
    known, other = mail.admit(), mail.admit()
    mail.bench.product.set_oppositions(known.id, Oppositions(mssante_to_patient=True))
    for each in (known, other):
        view = mail.validated(each)
        mail.send(MessageRequest(recipients=(mail.colleague(),), documents=(view.document_id,)))
    mail.watch(other)
    mail.send(MessageRequest(to_patient=other.id, subject="Vos résultats", text="Bonjour."))


@check(
    "Personne n'est opposé par défaut ; l'opposition notée se relit",
    "Nobody refuses by default; the opposition recorded can be read back",
    requirements=("MSS/va1.20", "MSS/va1.22"),
    catches=("forgets_oppositions",),
)
def test_oppositions_are_recorded(mail: MailBench) -> None:
    known = mail.admit()
    product = mail.bench.product
    before = product.read_oppositions(known.id)
    mail.bench.demand(
        before == Oppositions(),
        f"Un patient nouveau est opposé d'office : {before}.",
        f"A new patient refuses from the start: {before}.",
    )
    wanted = Oppositions(mssante_to_patient=True, mssante_to_professionals=True)
    product.set_oppositions(known.id, wanted)
    after = product.read_oppositions(known.id)
    mail.bench.demand(
        after == wanted,
        f"Noté : {wanted} ; relu : {after}.",
        f"Recorded: {wanted}; read back: {after}.",
    )

"""Versions: a document once, the highest version current, a deletion only when the user confirms it."""

from conformance.harness.marks import check
from conformance.harness.mssante import Known, MailBench
from conformance.sut.contract import DocumentStatus, FlagKind, ItemDecision, WorklistItem, WorklistReason


def _demand_current(mail: MailBench, known: Known, *documents: bytes) -> None:
    wanted = {mail.unique_id(document) for document in documents}
    found = mail.current(known)
    mail.bench.demand(
        found == wanted,
        f"En vigueur dans le dossier : {sorted(found) or 'rien'} ; attendu : {sorted(wanted) or 'rien'}.",
        f"Current in the record: {sorted(found) or 'nothing'}; expected: {sorted(wanted) or 'nothing'}.",
    )


def _receive_filed(mail: MailBench, known: Known, document: bytes) -> None:
    mail.receive(mail.letter([document]))
    mail.filed(known, document)


@check(
    "Le même document reçu deux fois n'est dans le dossier qu'une fois",
    "The same document received twice is in the record once",
    requirements=("SC.CDA/INT.18",),
    catches=("integrates_duplicates",),
)
def test_a_document_received_twice_is_there_once(mail: MailBench) -> None:
    known = mail.admit()
    document = mail.document(known)
    _receive_filed(mail, known, document)
    mail.receive(mail.letter([document]))
    count = len(mail.lines(known))
    mail.bench.demand(
        count == 1,
        f"Le document est arrivé deux fois ; le dossier en montre {count}.",
        f"The document arrived twice; the record shows {count}.",
    )


@check(
    "L'utilisateur apprend que le document reçu est déjà dans le dossier",
    "The user is told that the document received is in the record already",
    requirements=("LGC.MDV.06",),
    catches=("is_silent_about_duplicates", "integrates_duplicates"),
)
def test_the_user_is_told_of_a_duplicate(mail: MailBench) -> None:
    known = mail.admit()
    document = mail.document(known)
    _receive_filed(mail, known, document)
    mail.receive(mail.letter([document]))
    told = [item for item in mail.items(document) if item.reason is WorklistReason.DUPLICATE]
    flagged = [view for view in mail.lines(known) if any(flag.kind is FlagKind.DUPLICATE for flag in view.flags)]
    mail.bench.demand(
        bool(told or flagged),
        "Rien ne dit à l'utilisateur que ce document était déjà dans le dossier.",
        "Nothing tells the user that this document was in the record already.",
    )


@check(
    "Une nouvelle version devient celle en vigueur, et l'ancienne est remplacée",
    "A new version becomes the current one, and the former is replaced",
    requirements=("SC.CDA/INT.18", "LGC.MSS/UX.05"),
    catches=("keeps_the_old_version_current", "ignores_new_versions"),
)
def test_a_new_version_replaces_the_former(mail: MailBench) -> None:
    known = mail.admit()
    first = mail.document(known)
    second = mail.version(first, 2)
    _receive_filed(mail, known, first)
    mail.receive(mail.letter([second]))
    mail.confirm(second)
    _demand_current(mail, known, second)


@check(
    "L'utilisateur apprend qu'une nouvelle version est arrivée",
    "The user is told that a new version arrived",
    requirements=("LGC.MSS/UX.05",),
    catches=("is_silent_about_new_versions", "ignores_new_versions"),
)
def test_the_user_is_told_of_a_new_version(mail: MailBench) -> None:
    known = mail.admit()
    first = mail.document(known)
    second = mail.version(first, 2)
    _receive_filed(mail, known, first)
    mail.receive(mail.letter([second]))

    def tells(shown: WorklistItem) -> bool:
        flags = [flag.kind for flag in shown.flags]
        return shown.reason is WorklistReason.NEW_VERSION or FlagKind.NEW_VERSION in flags

    line = mail.line(known, second)
    flagged = line is not None and any(flag.kind is FlagKind.NEW_VERSION for flag in line.flags)
    mail.bench.demand(
        flagged or any(tells(item) for item in mail.items(second)),
        "Rien ne dit à l'utilisateur qu'une nouvelle version d'un document du dossier est arrivée.",
        "Nothing tells the user that a new version of a document of the record arrived.",
    )


@check(
    "Une version plus ancienne qui arrive en retard n'est jamais montrée comme en vigueur",
    "An older version that arrives late is never shown as current",
    requirements=("SC.CDA/INT.18",),
    catches=("shows_an_old_version_as_current",),
)
def test_a_late_older_version_is_never_current(mail: MailBench) -> None:
    known = mail.admit()
    first = mail.document(known)
    second = mail.version(first, 2)
    _receive_filed(mail, known, second)
    mail.receive(mail.letter([first]))
    mail.confirm(first)
    _demand_current(mail, known, second)


@check(
    "Le même numéro de version sous un autre identifiant n'entre pas",
    "The same version number under another identifier stays out",
    requirements=("SC.CDA/INT.18",),
    catches=("compares_identifiers_only",),
)
def test_the_same_version_under_another_id_stays_out(mail: MailBench) -> None:
    known = mail.admit()
    document = mail.document(known)
    twin = mail.same_version(document)
    _receive_filed(mail, known, document)
    mail.receive(mail.letter([twin]))
    _demand_current(mail, known, document)


@check(
    "Deux documents sans setId sont deux documents",
    "Two documents without setId are two documents",
    requirements=("SC.CDA/INT.18",),
    catches=("merges_documents_without_set_id",),
)
def test_documents_without_set_id_stand_for_themselves(mail: MailBench) -> None:
    known = mail.admit()
    one, other = mail.document(known, no_set_id=True), mail.document(known, no_set_id=True)
    mail.receive(mail.letter([one]), mail.letter([other]))
    mail.filed(known, one)
    mail.filed(known, other)
    _demand_current(mail, known, one, other)


@check(
    "Une demande de suppression attend l'accord de l'utilisateur",
    "A request to delete waits for the user's word",
    requirements=("LGC.MSS/UX.05",),
    catches=("deletes_without_asking", "ignores_deletion_notices"),
)
def test_a_deletion_waits_for_the_user(mail: MailBench) -> None:
    known = mail.admit()
    document = mail.document(known)
    _receive_filed(mail, known, document)
    mail.receive(mail.deletion(document))
    _demand_current(mail, known, document)
    mail.bench.demand(
        bool(mail.deletions(document)),
        "Rien ne dit à l'utilisateur que l'émetteur demande de supprimer ce document.",
        "Nothing tells the user that the sender asks to delete this document.",
    )


@check(
    "Une suppression confirmée retire le document de ceux en vigueur",
    "A confirmed deletion takes the document out of the current ones",
    requirements=("LGC.MSS/UX.05",),
    catches=("forgets_confirmed_deletions", "ignores_deletion_notices"),
)
def test_a_confirmed_deletion_is_done(mail: MailBench) -> None:
    known = mail.admit()
    document, other = mail.document(known), mail.document(known)
    _receive_filed(mail, known, document)
    _receive_filed(mail, known, other)
    mail.receive(mail.deletion(document))
    for item in mail.deletions(document):
        mail.bench.product.settle_item(item.item_id, ItemDecision(accepted=True))
    _demand_current(mail, known, other)


@check(
    "Une suppression refusée par l'utilisateur laisse le document en place",
    "A deletion that the user refuses leaves the document in place",
    requirements=("LGC.MSS/UX.05",),
    catches=("deletes_without_asking", "deletes_what_the_user_keeps"),
)
def test_a_refused_deletion_changes_nothing(mail: MailBench) -> None:
    known = mail.admit()
    document = mail.document(known)
    _receive_filed(mail, known, document)
    mail.receive(mail.deletion(document))
    for item in mail.deletions(document):
        mail.bench.product.settle_item(item.item_id, ItemDecision(accepted=False))
    _demand_current(mail, known, document)
    status = mail.filed(known, document).status
    mail.bench.demand(
        status is DocumentStatus.CURRENT,
        f"Le document gardé a l'état « {status} ».",
        f"The document kept has the status “{status}”.",
    )

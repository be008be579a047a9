"""A document in the DMP is replaced by its new version, deleted when the user deletes it, shown as the user chose."""

import pytest

from conformance.exchange.metadata import names
from conformance.harness.bench import Bench
from conformance.harness.dmp import DmpBench
from conformance.harness.marks import check
from conformance.sut.contract import DocumentStatus, FeedingChoice, FeedingState, Visibility

CHOICES = {
    "MASQUE_PS": Visibility(masked_to_professionals=True),
    "INVISIBLE_PATIENT": Visibility(hidden_from_patient=True),
    "INVISIBLE_REPRESENTANTS_LEGAUX": Visibility(hidden_from_representatives=True),
}


@check(
    "La nouvelle version remplace l'ancienne dans le DMP",
    "The new version replaces the former one in the DMP",
    requirements=("DMP/va1.16",),
    catches=("feeds_the_new_version_beside_the_old", "keeps_the_hash_of_the_former_version"),
)
def test_a_new_version_replaces_the_former_one(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    first = practice.fed(case)
    second = practice.validate(case, replaces=first)
    practice.arrived(case, second)
    found = practice.status(case, first)
    bench.demand(
        found == names.DEPRECATED,
        f"La nouvelle version est dans le DMP, et l'ancienne y est encore dans l'état {found}.",
        f"The new version is in the DMP, and the former one is still there in the state {found}.",
    )


@check(
    "Supprimer un document du DMP l'y supprime, et le laisse au dossier",
    "Deleting a document from the DMP deletes it there, and leaves it in the record",
    requirements=("SC.DMP/CONF.03", "DMP/va1.16"),
    catches=("archives_instead_of_deleting", "says_deleted_without_deleting", "deletes_the_local_document_too"),
)
def test_a_document_is_deleted_from_the_dmp(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    view = practice.fed(case)
    bench.product.remove_from_dmp(view.document_id)
    practice.becomes(case, view, names.DELETED)
    practice.told(case, view, FeedingState.REMOVED)
    status = practice.view(case, view).status
    bench.demand(
        status is DocumentStatus.CURRENT,
        f"Supprimé du DMP seulement, le document est « {status} » dans le dossier.",
        f"Deleted from the DMP only, the document is “{status}” in the record.",
    )


@check(
    "Un document supprimé du dossier l'est aussi du DMP",
    "A document deleted from the record is deleted from the DMP too",
    requirements=("SC.DMP/CONF.03",),
    catches=("leaves_deleted_documents_in_the_dmp", "archives_instead_of_deleting", "says_deleted_without_deleting"),
)
def test_a_local_deletion_reaches_the_dmp(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    view = practice.fed(case)
    bench.product.delete_document(view.document_id)
    practice.becomes(case, view, names.DELETED)


@check(
    "Supprimer ne demande aucune autorisation d'accès (TD0.3)",
    "Deleting asks for no access authorisation (TD0.3)",
    requirements=("SC.DMP/CONF.05",),
    catches=("asks_an_authorisation_to_delete", "archives_instead_of_deleting", "says_deleted_without_deleting"),
)
def test_deleting_asks_for_no_authorisation(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    view = practice.fed(case)
    before = len(practice.requests(case, "td0.3"))
    bench.product.remove_from_dmp(view.document_id)
    practice.becomes(case, view, names.DELETED)
    bench.demand(
        len(practice.requests(case, "td0.3")) == before,
        "Une autorisation d'accès (TD0.3) a été posée pour supprimer.",
        "An access authorisation (TD0.3) was set in order to delete.",
    )


@check(
    "D'office, un document n'est caché à personne",
    "By default a document is hidden from nobody",
    requirements=("DMP/va1.17",),
    catches=("feeds_every_other_document", "masks_by_default", "remembers_former_visibilities"),
)
def test_a_document_is_hidden_from_nobody_by_default(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    draft = practice.draft(case)
    bench.product.choose_feeding(draft.document_id, FeedingChoice(visibility=CHOICES["MASQUE_PS"]))
    practice.arrived(case, bench.product.validate_document(draft.document_id))
    entry = practice.arrived(case, practice.validate(case))
    hidden = [code for code in CHOICES if any(one.startswith(f"{code}^^") for one in entry.confidentiality)]
    bench.demand(
        not hidden,
        f"L'utilisateur n'a rien choisi pour ce document, qui porte pourtant {', '.join(hidden)}.",
        f"The user chose nothing for this document, and yet it carries {', '.join(hidden)}.",
    )


@pytest.mark.parametrize("code", CHOICES)
@check(
    "Le document est caché à qui l'utilisateur a choisi",
    "The document is hidden from whom the user chose",
    requirements=("DMP/va1.17",),
    catches=("forgets_the_visibility",),
)
def test_a_document_is_hidden_as_the_user_chose(bench: Bench, practice: DmpBench, code: str) -> None:
    case = practice.admit()
    draft = practice.draft(case)
    bench.product.choose_feeding(draft.document_id, FeedingChoice(visibility=CHOICES[code]))
    entry = practice.arrived(case, bench.product.validate_document(draft.document_id))
    found = [one.partition("^^")[0] for one in entry.confidentiality]
    bench.demand(
        found.count(code) == 1 and not (set(found) & (set(CHOICES) - {code})),
        f"L'utilisateur a choisi {code} ; le document porte {', '.join(found)}.",
        f"The user chose {code}; the document carries {', '.join(found)}.",
    )


@check(
    "Un document du DMP se masque aux professionnels, et se démasque",
    "A document in the DMP can be masked from professionals, and unmasked",
    requirements=("DMP/va1.17",),
    catches=("masks_only_at_home",),
)
def test_a_document_in_the_dmp_is_masked_and_unmasked(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    practice.dmp.authorise(case.ins, practice.user.national_id)
    view = practice.fed(case)
    for masked in (True, False):
        choice = FeedingChoice(visibility=Visibility(masked_to_professionals=masked))
        bench.product.choose_feeding(view.document_id, choice)
        practice.eventually(
            lambda wanted=masked: practice.arrived(case, view).masked is wanted,
            "Le masquage choisi n'est pas celui du DMP.",
            "The masking that was chosen is not that of the DMP.",
        )


@check(
    "Un document caché au patient lui est montré quand l'utilisateur le décide",
    "A document hidden from the patient is shown to him when the user decides so",
    requirements=("DMP/va1.17",),
    catches=("masks_only_at_home", "shows_only_at_home", "forgets_the_visibility"),
)
def test_a_hidden_document_is_shown_to_the_patient(bench: Bench, practice: DmpBench) -> None:
    case = practice.admit()
    practice.authorise(case)
    draft = practice.draft(case)
    bench.product.choose_feeding(draft.document_id, FeedingChoice(visibility=CHOICES["INVISIBLE_PATIENT"]))
    view = bench.product.validate_document(draft.document_id)
    bench.demand(
        practice.arrived(case, view).hidden_from_patient,
        "L'utilisateur a caché le document au patient ; dans le DMP, il lui est visible.",
        "The user hid the document from the patient; in the DMP it is visible to him.",
    )
    practice.told(case, view, FeedingState.SENT)
    bench.product.choose_feeding(view.document_id, FeedingChoice())
    practice.eventually(
        lambda: not practice.arrived(case, view).hidden_from_patient,
        "L'utilisateur montre le document au patient ; dans le DMP, il lui est encore caché.",
        "The user shows the document to the patient; in the DMP it is still hidden from him.",
    )


@check(
    "Un document visible ne redevient pas invisible : le logiciel s'y refuse de lui-même",
    "A document that is visible does not become invisible: the product refuses by itself",
    requirements=("DMP/va1.17",),
    catches=("hides_again_what_was_visible",),
)
def test_what_is_visible_is_not_hidden_again(bench: Bench, practice: DmpBench) -> None:
    case, product = practice.admit(), bench.product
    practice.authorise(case)
    view = practice.fed(case)
    hidden = FeedingChoice(visibility=CHOICES["INVISIBLE_PATIENT"])
    practice.refused(lambda: product.choose_feeding(view.document_id, hidden))
    draft = practice.draft(case, view)
    practice.refused(lambda: product.choose_feeding(draft.document_id, hidden))
    practice.refused(lambda: product.validate_document(draft.document_id))
    practice.witness()
    asked = [one.entry.event for one in practice.requests(case) if "INVISIBLE_PATIENT" in one.hidden_from]
    bench.demand(
        not asked,
        f"Le document est visible du patient ; le DMP a pourtant reçu de quoi le lui cacher ({', '.join(asked)}).",
        f"The document is visible to the patient; yet the DMP was asked to hide it from him ({', '.join(asked)}).",
    )

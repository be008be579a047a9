"""Whatever the order in which messages arrive, the records end in the same right state."""

from hypothesis import strategies as st

from conformance.harness.bench import Bench
from conformance.harness.marks import check
from conformance.harness.mssante import MailBench
from conformance.sut.contract import ItemDecision

MESSAGES = 9


@check(
    "Tout ordre d'arrivée (doublons, versions, suppression, deux patients) laisse les dossiers dans le même bon état",
    "Any order of arrival (duplicates, versions, a deletion, two patients) leaves the records in the same right state",
    requirements=("SC.CDA/INT.18", "LGC.MSS/UX.05", "MSS/va1.28"),
    catches=(
        "integrates_duplicates",
        "ignores_new_versions",
        "keeps_the_old_version_current",
        "shows_an_old_version_as_current",
        "ignores_deletion_notices",
        "forgets_confirmed_deletions",
    ),
    long=True,
)
def test_any_order_of_arrival_gives_the_same_records(mail: MailBench, bench: Bench) -> None:
    def holds(order: tuple[int, ...]) -> None:
        one, other = mail.admit(), mail.admit()
        letter, report, note = mail.document(one), mail.document(one), mail.document(other)
        messages = [
            mail.letter([letter]),
            mail.letter([mail.version(letter, 2)]),
            mail.letter([mail.version(letter, 2)]),
            mail.letter([mail.version(letter, 3)]),
            mail.letter([report]),
            mail.deletion(report),
            mail.letter([note]),
            mail.letter([note]),
            mail.letter([mail.version(note, 2)]),
        ]
        mail.receive(*(messages[rank] for rank in order))
        for document in (mail.version(letter, 2), mail.version(letter, 3), mail.version(note, 2)):
            mail.confirm(document)
        for item in mail.deletions(report):
            bench.product.settle_item(item.item_id, ItemDecision(accepted=True))
        for known, expected in ((one, mail.version(letter, 3)), (other, mail.version(note, 2))):
            found, wanted = mail.current(known), {mail.unique_id(expected)}
            bench.demand(
                found == wanted,
                f"Ordre {order} : en vigueur {sorted(found) or 'rien'}, attendu {sorted(wanted)}.",
                f"Order {order}: current {sorted(found) or 'nothing'}, expected {sorted(wanted)}.",
            )
            shown = [view.unique_id for view in mail.lines(known)]
            bench.demand(
                len(shown) == len(set(shown)),
                f"Ordre {order} : un document figure deux fois dans le dossier.",
                f"Order {order}: a document stands twice in the record.",
            )

    bench.for_any(st.permutations(range(MESSAGES)).map(tuple), tuple[int, ...], holds)

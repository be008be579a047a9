"""The product as the tests see it: every call is a step of the story, and a product that is gone stays gone.

After the product could not be reached further calls fail at once with the same error: the run ends quickly, each of
its tests as a bench error, and nothing is ever a pass by default. An operation that hangs, breaks off or never ends is
not tried again; when a second one does the same, the product is gone. An answer that is not of the contract costs no
time, and the tests that do without it go on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from conformance.core.errors import AdapterError
from conformance.core.language import Text
from conformance.harness.story import Story
from conformance.sut.codec import adapter
from conformance.sut.contract import Product

_TITLES: Final = {
    "about": Text("Le produit se présente", "The product introduces itself"),
    "reset": Text("Le produit repart de zéro", "The product starts afresh"),
    "configure": Text("Le produit est configuré", "The product is configured"),
    "create_patient": Text("Un patient est créé dans le produit", "A patient is created in the product"),
    "read_patient": Text("Le patient est relu", "The patient is read back"),
    "update_patient": Text("Le dossier du patient est modifié", "The patient's record is changed"),
    "prefill_document": Text("Le produit propose un préremplissage", "The product proposes a prefilled document"),
    "generate_document": Text("Le produit fabrique un document", "The product makes a document"),
    "read_document": Text("Le document est lu, tel que le produit l'enverrait", "The document is read, as the product would send it"),
    "validate_document": Text("Le document est validé par l'utilisateur", "The user validates the document"),
    "delete_document": Text("Le document est supprimé par l'utilisateur", "The user deletes the document"),
    "list_documents": Text("La liste des documents du patient est lue", "The list of the patient's documents is read"),
    "worklist": Text("La liste des tâches est lue", "The worklist is read"),
    "poll_mailbox": Text("Le produit relève sa messagerie", "The product looks into its mailbox"),
    "search_dmp": Text("Le produit cherche dans le DMP", "The product searches the DMP"),
    "integrate": Text("L'utilisateur intègre un document", "The user integrates a document"),
    "outgoing": Text("L'état des envois est lu", "The state of what leaves is read"),
    "send_message": Text("L'utilisateur envoie un message", "The user sends a message"),
    "read_oppositions": Text("Les oppositions du patient sont relues", "The patient's oppositions are read back"),
    "set_oppositions": Text("Les oppositions du patient sont notées", "The patient's oppositions are recorded"),
    "choose_feeding": Text("L'utilisateur décide du dépôt au DMP", "The user decides about the deposit in the DMP"),
    "remove_from_dmp": Text("L'utilisateur supprime le document du DMP", "The user deletes the document from the DMP"),
    "document_history": Text("L'historique du document est lu", "The history of the document is read"),
    "mark_read": Text("L'utilisateur a lu le document", "The user has read the document"),
    "render_document": Text("Le document est affiché", "The document is shown"),
    "settle_item": Text("L'utilisateur décide d'une tâche", "The user decides about an item of the worklist"),
    "open_record": Text("L'utilisateur ouvre le dossier", "The user opens the record"),
    "read_dmp_document": Text("L'utilisateur consulte un document du DMP", "The user looks at a document of the DMP"),
    "prepare_visit": Text("Le produit prépare la visite du patient", "The product prepares the patient's visit"),
    "list_results": Text("Les résultats du patient sont lus", "The patient's results are read"),
    "alerts": Text("Les alertes sont lues", "The warnings are read"),
    "acknowledge_alert": Text("L'utilisateur a vu l'alerte", "The user has seen the warning"),
}  # fmt: skip


_OF_EVERYBODY: Final = frozenset({"worklist", "outgoing", "alerts"})
"""Lists about all patients at once: they grow with every test of a run."""


_QUICK: Final = frozenset({"adapter.garbage"})
"""Faults of the adapter that are found at once."""
_OF_ONE_OPERATION: Final = frozenset({"adapter.timeout", "adapter.cut", "adapter.too-long"})
"""Faults of the adapter that take time, and may be those of one operation."""


class Watched:
    """A ``Product`` that tells each call to the story. ``broken`` is the error after which nothing more is tried."""

    def __init__(self, product: Product, story: Story) -> None:
        self._product = product
        self._story = story
        self._listed: dict[str, _Listed] = {}
        self._given_up: dict[str, AdapterError] = {}
        self.broken: AdapterError | None = None

    def failed(self, name: str, error: AdapterError) -> None:
        """Note that the adapter failed at an operation: what is not tried again."""
        if error.code in _OF_ONE_OPERATION:
            self._given_up[name] = error
        if error.code not in _QUICK and (error.code not in _OF_ONE_OPERATION or len(self._given_up) > 1):
            self.broken = error

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._product, name)
        if name not in _TITLES:
            raise AttributeError(name)

        def call(*arguments: Any, **named: Any) -> Any:
            known = self.broken or self._given_up.get(name)
            if known is not None:
                # A new one each time: an exception raised again and again would drag an ever longer traceback.
                raise AdapterError(known.code, known.sentence, known.hint)
            with self._story.step(_TITLES[name]):
                for argument in (*arguments, *named.values()):
                    self._keep(name, argument)
                try:
                    answer = method(*arguments, **named)
                except AdapterError as error:
                    self.failed(name, error)
                    raise
                self._keep_answer(name, answer)
            self._story.work += 1
            return answer

        return call

    def _keep(self, name: str, argument: Any) -> None:
        """Keep what is sent, when it is more than an identifier."""
        if not isinstance(argument, str) and hasattr(argument, "__dataclass_fields__"):
            self._story.attach(f"{name}.json", lambda: _written(argument), "application/json", role="sent")

    def _keep_answer(self, name: str, answer: Any) -> None:
        """Keep what came back. A document that was read is kept by the test, which knows its type."""
        if isinstance(answer, bytes):
            if name != "read_document":
                self._story.attach(f"{name}.xml", answer, "application/xml", role="received")
        elif answer is not None:
            shown, before = (self._news(name, answer), len(answer)) if name in _OF_EVERYBODY else (answer, 0)
            left = before - len(shown) if before else 0
            self._story.attach(
                f"{name}-answer.json", lambda: _written(shown, left), "application/json", role="received"
            )

    def _news(self, name: str, items: tuple[Any, ...]) -> tuple[Any, ...]:
        """What is new or changed in a list since the tests before: the patients of all of them are in it."""
        listed = self._listed.setdefault(name, _Listed())
        if listed.test != self._story.number:
            listed.test, listed.before = self._story.number, listed.before | listed.now
            listed.now = set()
        news = tuple(one for one in items if one not in listed.before)
        listed.now.update(news)
        return news


@dataclass
class _Listed:
    """What a list showed: to the tests before the present one, and to this one."""

    test: int = 0
    before: set[Any] = field(default_factory=set)
    now: set[Any] = field(default_factory=set)


def _written(value: Any, left_out: int = 0) -> str:
    """A value of the contract as a person reads it; a list item by item: each knows its own shape.

    ``left_out``: how many items of the list were shown to other tests already.
    """
    if not isinstance(value, tuple):
        return _laid_out(value)
    items = "[\n" + ",\n".join(_laid_out(one) for one in value) + "\n]"
    return f'{{"shown_to_other_tests_before": {left_out}, "new_or_changed": {items}}}' if left_out else items


def _laid_out(value: Any) -> str:
    # Not the library's own JSON, which is slow to indent: a run writes some hundreds of answers.
    return adapter(type(value)).dump_json(value, indent=2).decode()

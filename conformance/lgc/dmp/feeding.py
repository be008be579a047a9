"""Feeding the DMP: each validated document goes by itself, in the background, unless something forbids it.

Sources: SC.DMP/ALI/PROG.02, .03, .05, .06, .07; SC.DMP/CONF.03, .05, .09; SC.DMP/HISTO.01; test book of the CNDA for
what the product refuses by itself (EX_2.1-1050: what is visible does not become invisible).
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from time import time

from conformance.exchange.dmp.existence import Authorisation
from conformance.exchange.metadata import names
from conformance.exchange.metadata.hl7 import Cx
from conformance.identity.ins import INS_NIA
from conformance.lgc.dmp.book import Action, Book, Order, Standing
from conformance.lgc.dmp.client import DmpRefusal, Unreachable
from conformance.lgc.dmp.link import Link
from conformance.lgc.dmp.lots import Lots
from conformance.lgc.dmp.user import DmpUser
from conformance.lgc.oppositions import OppositionRegister
from conformance.lgc.refusals import Refused
from conformance.lgc.store import Store, StoredDocument
from conformance.sut.contract import (
    Channel,
    Deposit,
    DepositState,
    DocumentStatus,
    DocumentView,
    EventKind,
    FeedingChoice,
    FeedingState,
    Identity,
    InsStatus,
    Visibility,
)

FIRST_WAIT, LONGEST_WAIT = 0.1, 1.0
"""Seconds before the first new attempt, and at most between two."""
ALREADY_THERE = frozenset(
    {"XDSDuplicateUniqueIdInRegistry", "XDSRepositoryDuplicateUniqueIdInMessage", "XDSDocumentUniqueIdError"}
)

_log = logging.getLogger("lgc.dmp")


class Feeding:
    """Decides what goes to the DMP, keeps the orders, and carries them out one after the other in a thread."""

    def __init__(self, store: Store, link: Link, lots: Lots, user: Callable[[], DmpUser | None]) -> None:
        self.store = store
        self.book = Book(store)
        self.oppositions = OppositionRegister(store)
        self.link = link
        self.lots = lots
        self.user = user
        self.on_failed: list[Callable[[StoredDocument, str], None]] = []
        """Who tells the user that a document was refused."""
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._failing = False
        self._ending = False
        store.on_close.append(self.stop)

    # What the user does

    def validated(self, document: StoredDocument) -> None:
        """A document was validated: it goes to the DMP unless the user blocked it or something forbids it."""
        user = self.user()
        self.book.note(document.id, EventKind.VALIDATED, document.author, dmp=False)
        if user is None:
            return
        if self.blocked(document):
            self.book.set_state(document.id, FeedingState.BLOCKED)
            self.book.note(document.id, EventKind.BLOCKED, document.author)
        elif self.forbidden(document) is None:
            self.order(document, Action.FEED)

    def blocked(self, document: StoredDocument) -> bool:
        """Whether the user blocked this document; never by default, never because he blocked another one."""
        return self.book.standing(document.id).choice.blocked

    def forbidden(self, document: StoredDocument) -> str | None:
        """Why a document may not go to the DMP; ``None`` when it may."""
        patient = self.store.patient(document.patient_id)
        if self.opposed(document.patient_id):
            return "Le patient s’oppose à l’alimentation de son DMP."
        if self.record_of(patient.file.identity) is None:
            return "L’INS du patient n’est pas qualifiée."
        return None

    def opposed(self, patient_id: str) -> bool:
        """Whether the patient objects (SC.DMP/CONF.09)."""
        return self.oppositions.of(patient_id).dmp_feeding

    def record_of(self, identity: Identity) -> str | None:
        """The name of a patient's record: his INS, when it is qualified and a NIR (INS/va1.53; test 0.2-080)."""
        ins = identity.ins
        if ins is None or identity.ins_status is not InsStatus.QUALIFIEE or ins.oid == INS_NIA:
            return None
        return str(Cx(ins.matricule, ins.oid, "NH"))

    def choose(self, document: StoredDocument, choice: FeedingChoice) -> None:
        """The user decides about one document."""
        with self._lock:
            standing = self.book.standing(document.id)
            if document.status is DocumentStatus.DRAFT:
                self.refuse_hiding(document.replaces or "", choice.visibility)
                self.book.save(replace(standing, choice=choice))
            elif document.status is not DocumentStatus.CURRENT:
                raise Refused(409, "not_current", "Seul un document en vigueur se choisit.")
            elif standing.state is FeedingState.SENT:
                self._change(document, standing, choice)
            elif standing.state is FeedingState.PENDING and choice.blocked:
                self._block(document, standing, choice)
            elif standing.state in (FeedingState.BLOCKED, FeedingState.NOT_CONCERNED) and not choice.blocked:
                why = self.forbidden(document)
                if why is not None:
                    raise Refused(409, "feeding_forbidden", why)
                self.book.save(replace(standing, choice=choice))
                self.order(document, Action.FEED)
            else:
                raise Refused(409, "feeding_state", f"Le document est « {standing.state} ».")

    def _block(self, document: StoredDocument, standing: Standing, choice: FeedingChoice) -> None:
        if not self._cancelled(document.id):
            raise Refused(409, "being_sent", "L’envoi a commencé : supprimez le document du DMP.")
        self.book.save(replace(standing, choice=choice, state=FeedingState.BLOCKED))
        self.book.note(document.id, EventKind.BLOCKED, document.author)

    def _change(self, document: StoredDocument, standing: Standing, choice: FeedingChoice) -> None:
        """Another visibility, or the archive, for a document that is in the DMP."""
        before, after = standing.choice.visibility, choice.visibility
        if choice.blocked:
            raise Refused(409, "in_the_dmp", "Le document est dans le DMP : supprimez-l’en.")
        self.refuse_hiding(document.id, after)
        self.book.save(replace(standing, choice=choice))
        if after != before:
            self.order(document, Action.SHOW)
        if choice.archived != standing.archived:
            self.order(document, Action.ARCHIVE)

    def refuse_hiding(self, document_id: str, after: Visibility) -> None:
        """What is visible in the DMP does not become invisible, nor does its next version (EX_2.1-1050)."""
        known = self.book.standing(document_id)
        before = known.choice.visibility
        for name in ("hidden_from_patient", "hidden_from_representatives"):
            if known.state is FeedingState.SENT and getattr(after, name) and not getattr(before, name):
                raise Refused(409, "visible_already", "Un document visible ne redevient pas invisible.")

    def remove(self, document: StoredDocument) -> None:
        """The user deletes a document from the DMP."""
        with self._lock:
            state = self.book.standing(document.id).state
            if document.status is DocumentStatus.REPLACED:
                raise Refused(409, "not_current", "Une version remplacée se supprime avec celle qui la remplace.")
            if state not in (FeedingState.SENT, FeedingState.PENDING):
                raise Refused(409, "not_in_the_dmp", "Ce document n’est pas dans le DMP.")
            self._take_out(document, state)

    def deleted(self, document: StoredDocument) -> None:
        """A document was deleted from the record of the practice: it leaves the DMP too."""
        with self._lock:
            state = self.book.standing(document.id).state
            self.book.note(document.id, EventKind.DELETED, document.author, dmp=False)
            if document.status is DocumentStatus.CURRENT and state in (FeedingState.SENT, FeedingState.PENDING):
                self._take_out(document, state)

    def _take_out(self, document: StoredDocument, state: FeedingState) -> None:
        if state is FeedingState.PENDING and self._cancelled(document.id):
            self.book.set_state(document.id, FeedingState.REMOVED)
            return
        for order in self.book.waiting(document.id):
            self.book.withdraw(order)
        self.order(document, Action.REMOVE)

    def _cancelled(self, document_id: str) -> bool:
        """Take back the order to feed, when nothing of it can have arrived."""
        waiting = self.book.waiting(document_id)
        if any(order.attempts for order in waiting):
            return False
        for order in waiting:
            self.book.withdraw(order)
        return True

    # What the user sees

    def shown(self, view: DocumentView) -> DocumentView:
        """A line of the list, with where the document stands."""
        return replace(view, feeding=self.book.standing(view.document_id).state)

    def deposits(self) -> tuple[Deposit, ...]:
        """What left for the DMP, and what is to leave."""
        return tuple(
            Deposit(
                deposit_id=order.id,
                document_id=order.document_id,
                channel=Channel.DMP,
                state=order.state,
                attempts=order.attempts,
                updated=order.updated,
                error=order.error,
                documents=(order.document_id,),
            )
            for order in self.book.orders()
        )

    # The queue

    def order(self, document: StoredDocument, action: Action) -> None:
        """Keep an order, and let the thread know."""
        self.book.add(document.id, document.patient_id, action)
        if action is Action.FEED:
            self.book.set_state(document.id, FeedingState.PENDING)
            self.book.note(document.id, EventKind.QUEUED, document.author)
        self.wake()

    def wake(self) -> None:
        """See to what waits now; the thread starts when it is first needed."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="dmp-feeding", daemon=True)
                self._thread.start()
        self._wake.set()

    def stop(self) -> bool:
        """End the thread before the store is closed; whether it has ended (it may be waiting for the DMP)."""
        self._ending = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(2.0)
        return self._thread is None or not self._thread.is_alive()

    def resume(self) -> None:
        """The product starts: what waited when it ended is taken up again."""
        if self.book.seconds_to_next() is not None:
            self.wake()

    def _work(self) -> None:
        try:
            while True:
                self._wake.clear()
                if self._ending:
                    return
                order = self._taken()
                if order is None:
                    self._wake.wait(self.book.seconds_to_next())
                else:
                    self.attempt(order)
        except sqlite3.ProgrammingError:  # the store is closed: the product ends
            return

    def _taken(self) -> Order | None:
        """The next order, marked as tried before it is: from then on it may have arrived."""
        with self._lock:
            order = self.book.next()
            return None if order is None else self.book.change(replace(order, attempts=order.attempts + 1))

    def attempt(self, order: Order) -> None:
        """Carry out an order once."""
        document = self.store.document(order.document_id)
        user = self.user()
        try:
            if user is None:
                raise Unreachable("Le DMP n’est pas réglé.")
            self.carry_out(user, order, document)
        except Unreachable as error:
            self._failing = True
            self.later(order, str(error))
            return
        except DmpRefusal as refusal:
            self.refused(order, document, str(refusal))
        except sqlite3.Error:
            raise
        except Exception:  # a fault of ours must not stop the queue: the document is told as refused
            _log.exception("order %s", order.id)
            self.refused(order, document, "Erreur interne du logiciel.")
        if self._failing:
            self._failing = False
            self.book.hurry()

    def later(self, order: Order, why: str) -> None:
        """Nothing came of it: the order stays."""
        wait = min(FIRST_WAIT * 2 ** min(order.attempts - 1, 8), LONGEST_WAIT)
        self.book.change(replace(order, due=time() + wait, error=why))

    def refused(self, order: Order, document: StoredDocument, why: str) -> None:
        """The DMP refuses: the user is told."""
        self.book.change(replace(order, state=DepositState.FAILED, error=why))
        if order.action is Action.FEED:
            self.book.set_state(document.id, FeedingState.FAILED)
        self.book.note(document.id, EventKind.REFUSED, text=why)
        for tell in self.on_failed:
            tell(document, why)

    def done(self, order: Order) -> None:
        """The order is carried out."""
        self.book.change(replace(order, state=DepositState.SENT, error=""))

    # What is done at the DMP

    def carry_out(self, user: DmpUser, order: Order, document: StoredDocument) -> None:
        """One order at the DMP. Raises ``Unreachable``, ``DmpRefusal``."""
        record = self.record_of(self.store.patient(document.patient_id).file.identity)
        if record is None:
            raise DmpRefusal(("INS",), "L’INS du patient n’est plus qualifiée.")
        if order.action is Action.FEED:
            self.deposit(user, record, order, document)
        elif order.action is Action.REMOVE:
            self.take_away(user, record, document)
            self.done(order)
        elif order.action is Action.ARCHIVE:
            self.archive(user, record, document)
            self.done(order)
        else:
            self.show(user, record, document)
            self.done(order)

    def deposit(self, user: DmpUser, record: str, order: Order, document: StoredDocument) -> None:
        """Feed one document, unless something forbids it now (SC.DMP/CONF.09, no DMP)."""
        # What forbids it is asked last: it may have come while the DMP was asked.
        if not self.has_record(user, record) or self.forbidden(document) is not None:
            self.book.withdraw(order)
            self.book.set_state(document.id, FeedingState.NOT_CONCERNED)
            return
        unique_id = document.numbering.unique_id
        arrived = document.replaces and order.attempts > 1 and self.link.look_up(user, record, unique_id)
        if not arrived:
            self.send(user, record, document, self.replaced_entry(user, record, document))
        self.deposited(order, document)

    def has_record(self, user: DmpUser, record: str) -> bool:
        """TD0.2: whether the patient has a DMP that is open."""
        existence = self.link.existence(user, record)
        return existence.exists and existence.open

    def replaced_entry(self, user: DmpUser, record: str, document: StoredDocument) -> str | None:
        """The entryUUID of the version that a document replaces, when it is in the DMP."""
        if document.replaces is None or self.book.standing(document.replaces).state is not FeedingState.SENT:
            return None
        return self.link.look_up(user, record, self.store.document(document.replaces).numbering.unique_id)

    def send(self, user: DmpUser, record: str, document: StoredDocument, replaced: str | None) -> None:
        """TD2.1. That the document is there already is as good: an answer got lost."""
        lot = self.lots.document(user, document.body, self.visibility(document), replaced)
        try:
            self.link.feed(user, record, lot)
        except DmpRefusal as refusal:
            self.judge_refusal(refusal)

    def visibility(self, document: StoredDocument) -> Visibility:
        """Who does not see a document: what the user chose for it."""
        return self.book.standing(document.id).choice.visibility

    def judge_refusal(self, refusal: DmpRefusal) -> None:
        """Raise a refusal again unless it says that the document is there."""
        if not set(refusal.codes) & ALREADY_THERE:
            raise refusal

    def deposited(self, order: Order, document: StoredDocument) -> None:
        """The document is in the DMP."""
        self.done(order)
        self.book.set_state(document.id, FeedingState.SENT)
        if order.attempts > 1:
            self.book.note(document.id, EventKind.RESENT)
        self.book.note(document.id, EventKind.DEPOSITED)
        if document.replaces:
            self.book.note(document.replaces, EventKind.REPLACED)

    def take_away(self, user: DmpUser, record: str, document: StoredDocument) -> None:
        """TD3.3c, after TD3.1b. What is not there any more is deleted."""
        entry = self.link.look_up(user, record, document.numbering.unique_id)
        if entry is not None:
            before = names.ARCHIVED if self.book.standing(document.id).archived else names.APPROVED
            self.link.update(user, record, self.lots.status_change(user, record, entry, before, names.DELETED))
        self.book.set_state(document.id, FeedingState.REMOVED)
        self.book.note(document.id, EventKind.REMOVED)

    def archive(self, user: DmpUser, record: str, document: StoredDocument) -> None:
        """TD3.3d, after TD3.1b."""
        standing = self.book.standing(document.id)
        before, after = names.APPROVED, names.ARCHIVED
        if not standing.choice.archived:
            before, after = after, before
        entry = self.link.look_up(user, record, document.numbering.unique_id)
        if entry is None:
            raise DmpRefusal(("XDSDocumentUniqueIdError",), "Le document n’est plus dans le DMP.")
        self.link.update(user, record, self.lots.status_change(user, record, entry, before, after))
        self.book.save(replace(self.book.standing(document.id), archived=standing.choice.archived))

    def show(self, user: DmpUser, record: str, document: StoredDocument) -> None:
        """TD3.3a and TD3.3b, which need the whole metadata, and so the right to consult."""
        if self.link.existence(user, record).authorisation != Authorisation.VALID:
            raise DmpRefusal(("DMPAccessForbidden",), "Il faut l’accord du patient pour consulter son DMP.")
        entry = self.link.metadata(user, record, document.numbering.unique_id)
        if entry is None:
            raise DmpRefusal(("XDSDocumentUniqueIdError",), "Le document n’est plus dans le DMP.")
        objects = self.lots.visibility_change(user, record, entry, self.visibility(document))
        self.link.update(user, record, objects)
        self.book.note(document.id, EventKind.VISIBILITY)

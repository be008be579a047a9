"""What only several requests in a row show: a VIHF served twice, a search right after a feeding, searches in a burst."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from conformance.core.findings import Finding, Severity, Trust
from conformance.core.language import Text
from conformance.exchange.checks.rules import RuleBook
from conformance.exchange.dmp.transactions import FEED, RETRIEVE, SEARCH
from conformance.exchange.registry_messages import ReturnType, read_query
from conformance.exchange.vihf import AuthenticationMode
from conformance.validation.dmp.opened import OpenedRequest

BOOK: Final = RuleBook("dmp-session")

_FEEDING: Final = ("SC.DMP/CONF.08",)
_CONSULTING: Final = ("SC.DMP/CONF.10",)
_SOON: Final = timedelta(seconds=10)

_REPLAYED: Final = BOOK.rule(
    "replayed", "en mode AIR, un VIHF sert une seule fois", "in AIR mode, a VIHF serves once only", "CNDA, EX_AIR-040",
    requirements=_CONSULTING,
)  # fmt: skip
_REUSED_VIHF: Final = BOOK.rule(
    "reused-vihf", "chaque requête a son VIHF, même hors du mode AIR", "each request has a VIHF of its own, outside the AIR mode too",
    "déduit de EX_AIR-040 et de TD0.1 (un VIHF à chaque appel)",
    severity=Severity.WARNING, trust=Trust.OWN, requirements=_FEEDING,
)  # fmt: skip
_REUSED_ID: Final = BOOK.rule(
    "reused-message-id", "chaque message a son wsa:MessageID", "each message has its own wsa:MessageID", "W3C WS-Addressing 1.0 §3.1",
    requirements=_FEEDING,
)  # fmt: skip
_SEARCH_AFTER: Final = BOOK.rule(
    "search-after-feeding",
    "une alimentation n’est pas suivie d’une recherche automatique (TD3.1)",
    "a feeding is not followed by an automatic search (TD3.1)",
    "CNDA, EX_3.1-1090 et EX_3.1-2030 ; qu’elle soit automatique se déduit du délai",
    severity=Severity.WARNING, trust=Trust.OWN, requirements=_FEEDING,
)  # fmt: skip
_BURST: Final = BOOK.rule(
    "systematic-retrieval",
    "une recherche n’est pas suivie de la consultation de tous ses documents (TD3.2 systématique)",
    "a search is not followed by the retrieval of all its documents (systematic TD3.2)",
    "CNDA, EX_3.2-1010 ; déduit du nombre et du délai",
    severity=Severity.WARNING, trust=Trust.OWN, requirements=_CONSULTING,
)  # fmt: skip
_MANY: Final = 5


def check_session(requests: Sequence[OpenedRequest]) -> Iterator[Finding]:
    """The requests of one product, in the order of their arrival. Places are those of the later request."""
    assertions: set[str] = set()
    messages: set[str] = set()
    for request in requests:
        vihf, place = request.vihf, request.envelope.place(request.envelope.header)
        if vihf is not None and vihf.id in assertions:
            rule = _REPLAYED if vihf.mode == AuthenticationMode.REINFORCED else _REUSED_VIHF
            yield rule.finding(Text(f"« {vihf.id} » a déjà servi", f"“{vihf.id}” served already"), place)
        if request.envelope.message_id and request.envelope.message_id in messages:
            yield _REUSED_ID.finding(Text("celui-ci a déjà servi", "this one served already"), place)
        assertions.add(vihf.id if vihf else "")
        messages.add(request.envelope.message_id)
    yield from _after_feeding(requests)
    yield from _after_searching(requests)


def _after_feeding(requests: Sequence[OpenedRequest]) -> Iterator[Finding]:
    for before, after in pairwise(requests):
        if before.transaction is FEED and _is_search(after) and _close(before, after) and _same_patient(before, after):
            words = Text("une recherche la suit de moins de 10 s", "a search follows within 10 s")
            yield _SEARCH_AFTER.finding(words, after.envelope.place(after.payload))


def _after_searching(requests: Sequence[OpenedRequest]) -> Iterator[Finding]:
    for rank, request in enumerate(requests):
        if not _is_search(request):
            continue
        following = [one for one in requests[rank + 1 :] if one.transaction is RETRIEVE and _close(request, one)]
        if len(following) >= _MANY:
            words = Text(
                f"{len(following)} documents consultés en moins de 10 s",
                f"{len(following)} documents retrieved within 10 s",
            )
            yield _BURST.finding(words, request.envelope.place(request.payload))


def _is_search(request: OpenedRequest) -> bool:
    if request.transaction is not SEARCH or request.payload is None:
        return False
    return read_query(request.payload).return_type != ReturnType.OBJECT_REF


def _close(one: OpenedRequest, other: OpenedRequest) -> bool:
    first: datetime | None = one.captured.received
    second: datetime | None = other.captured.received
    return first is not None and second is not None and timedelta(0) <= second - first <= _SOON


def _same_patient(one: OpenedRequest, other: OpenedRequest) -> bool:
    return one.vihf is not None and other.vihf is not None and one.vihf.patient == other.vihf.patient

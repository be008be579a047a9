"""The requests of a story, judged by the very checks that ``segur validate`` makes of a captured request.

The wire is the judge: whatever the product says of itself, each request that it sent is sound or is not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Final

from conformance.core.findings import Finding, Severity
from conformance.core.language import Text
from conformance.exchange.dmp.captured import CapturedRequest
from conformance.harness.bench import Bench
from conformance.harness.dmp import Case, DmpBench
from conformance.harness.judgement import Unmet
from conformance.simulators.journal import Entry
from conformance.validation.dmp_requests import LAYERS, check_request, check_requests
from conformance.validation.outcome import DocumentOutcome, LayerStatus

FEEDING: Final = "dmp.td2."


class Subject(Enum):
    """What the checks are about; each has the layer that must run, and the beginnings of its rules."""

    TRANSPORT = ("dmp-transport", ("dmp-transport.", "dmp-session.reused-message-id"))
    VIHF = ("dmp-vihf", ("dmp-vihf.", "dmp-session.replayed", "dmp-session.reused-vihf"))
    CONTENT = ("dmp-request", ("dmp-request.", "dmp-lot.", "dmp-metadata."))
    COHERENCE = ("dmp-coherence", ("dmp-coherence.",))
    DOCUMENT = ("", ())
    """The documents inside, through the pipeline: every layer of theirs, every rule."""

    def __init__(self, layer: str, rules: tuple[str, ...]) -> None:
        self.layer = layer
        self.rules = rules

    def concerns(self, finding: Finding) -> bool:
        """Whether a finding is about this."""
        if self is Subject.DOCUMENT:
            return not finding.layer.startswith("dmp-")
        return finding.rule.startswith(self.rules)


class Wire:
    """What the product sent about these patients since ``mark`` (the last entry of the journal before the story).

    ``but`` is the national id of another user of the DMP, whose requests are not the product's.
    """

    def __init__(self, practice: DmpBench, cases: Sequence[Case], mark: int, but: str = "") -> None:
        self._practice = practice
        self._bench: Bench = practice.bench
        about = (
            *(case.ins for case in cases),
            "",
            None,
        )  # who asks is not always understood: then nobody else was speaking
        sent = practice.dmp.journal.entries("dmp.", after=mark, bodies=True)
        mine = (one for one in sent if _is_request(one) and one.facts.get("patient") in about)
        self.entries = [one for one in mine if not but or one.facts.get("user") != but]
        self.requests = [practice.dmp.request_of(one) for one in self.entries]

    def demand_sound(self, subject: Subject, *events: str) -> None:
        """Fail the test with what the checks find; ``events``: the transactions that must be among the requests."""
        seen = Counter(one.event for one in self.entries)
        for event in events:
            sent = ", ".join(map(_transaction, seen))
            self._bench.demand(
                any(name.startswith(event) for name in seen),
                f"Aucune requête {_transaction(event)} n'a été vue : rien à vérifier (vues : {sent or 'aucune'}).",
                f"No request {_transaction(event)} was seen: nothing to check (seen: {sent or 'none'}).",
            )
        wrong = [(event, finding) for event, finding in self._findings(subject) if self._counts(finding)]
        if wrong:
            raise Unmet(_sentence(wrong))

    def _findings(self, subject: Subject) -> Iterator[tuple[str, Finding]]:
        """The findings about ``subject``, request by request; each request with some is kept as evidence."""
        judged = 0
        for entry, request in zip(self.entries, self.requests, strict=True):
            name = f"{entry.event.removeprefix('dmp.')}-{entry.number}.http"
            documents = subject is Subject.DOCUMENT
            if documents and not entry.event.startswith(FEEDING):
                continue
            outcomes = check_request(request, name, documents=documents)
            _demand_ran(subject, outcomes)
            judged += len(outcomes) - documents  # the first outcome is that of the request
            found = [one for outcome in outcomes for one in outcome.findings if subject.concerns(one)]
            self._keep(name, request, found)
            yield from ((entry.event, one) for one in found)
        self._bench.demand(
            judged > 0,
            "Aucun document CDA n'a été trouvé dans ce qui est parti.",
            "No CDA document was found in what was sent.",
        )
        across = [one for one in check_requests(self.requests) if subject.concerns(one)]
        self._bench.story.findings(across)
        yield from (("dmp.", one) for one in across)

    def _keep(self, name: str, request: CapturedRequest, found: Sequence[Finding]) -> None:
        if found:
            self._bench.story.document(name, request.to_bytes(), None, "message/http")
            self._bench.story.findings(found)

    def _counts(self, finding: Finding) -> bool:
        """Whether a finding fails the product: an error, or a warning that the profile demands."""
        return finding.severity is Severity.ERROR or finding.rule in self._bench.options["demanded"]


def _transaction(event: str) -> str:
    """The transaction of an entry of the journal as people write it: ``TD2.1``; what is said of several: ``DMP``."""
    name = event.removeprefix("dmp.").rstrip(".")
    return name.replace("td", "TD", 1) or "DMP"


def _is_request(entry: Entry) -> bool:
    return entry.body is not None and entry.event != "dmp.answered"


def _demand_ran(subject: Subject, outcomes: Sequence[DocumentOutcome]) -> None:
    """Raise unless the layers on the subject ran: ours when one broke, the product's when one could not."""
    for outcome in outcomes:
        own = outcome.document_type is not None and outcome.document_type.key == "dmp-request"
        for layer in outcome.layers:
            if own and layer.name in LAYERS and layer.name != subject.layer:
                continue
            if layer.status is LayerStatus.FAILED:
                raise RuntimeError(f"{outcome.path} {layer.name}: {layer.reason}")
            if own and layer.status is LayerStatus.SKIPPED and layer.expected:
                why = layer.reason or Text("", "")
                raise Unmet(
                    Text(f"{outcome.path} : la couche {layer.name} n'a pas pu être vérifiée ({why.fr}).",
                         f"{outcome.path}: the layer {layer.name} could not be checked ({why.en}).")
                )  # fmt: skip


def _sentence(wrong: Sequence[tuple[str, Finding]]) -> Text:
    event, first = wrong[0]
    place = f"{first.place.line or 1}:{first.place.column or 1}"
    others = sorted({one.rule for _, one in wrong} - {first.rule})
    fr = f" Autres règles : {', '.join(others)}." if others else ""
    en = f" Other rules: {', '.join(others)}." if others else ""
    return Text(
        f"{_transaction(event)} : {first.message.fr} (ligne {place}, règle {first.rule}).{fr}",
        f"{_transaction(event)}: {first.message.en} (line {place}, rule {first.rule}).{en}",
    )

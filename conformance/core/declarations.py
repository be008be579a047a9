"""All that people declare beside ``segur.toml``, read at once for the header of a run."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from conformance.core.attestations import (
    ATTESTATIONS_FILE,
    OPINIONS_FILE,
    attested_verdict,
    read_attestations,
    read_opinions,
)
from conformance.core.deviations import DEVIATIONS_FILE, read_deviations
from conformance.core.events import AttestationFacts, DeviationFacts, OpinionFacts, RunStarted
from conformance.core.evidence import EvidenceStore
from conformance.core.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Declarations:
    """The attestations, opinions and deviations of a product."""

    attestations: list[AttestationFacts] = field(default_factory=list)
    opinions: list[OpinionFacts] = field(default_factory=list)
    deviations: list[DeviationFacts] = field(default_factory=list)

    def add_to(self, header: RunStarted) -> None:
        """Put them into the header of a run, from where the report takes them."""
        header["attestations"] = self.attestations
        header["opinions"] = self.opinions
        header["deviations"] = self.deviations

    def verdicts(self, requirements: Iterable[str]) -> list[Verdict]:
        """The verdict of each of these requirements, which only a person can judge."""
        return [attested_verdict(identifier, self.attestations) for identifier in requirements]


def read_declarations(folder: Path, known: Collection[str] | None, store: EvidenceStore) -> Declarations:
    """Read the files of ``folder`` that exist; the evidence that they name is kept in ``store``.

    ``known`` are the requirement ids that exist. Raises ``UsageError`` for whatever is wrong in a file.
    """
    return Declarations(
        read_attestations(folder / ATTESTATIONS_FILE, known, store),
        read_opinions(folder / OPINIONS_FILE, known),
        read_deviations(folder / DEVIATIONS_FILE),
    )

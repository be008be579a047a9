"""A laboratory that feeds its reports into the DMP of the patients of a test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from conformance.core.errors import BenchError
from conformance.core.language import Text
from conformance.exchange.metadata import Coded
from conformance.exchange.vihf import PROFESSIONS, SECTORS, SPECIALTIES, Vihf
from conformance.generation.messages.post import header_of
from conformance.generation.people import LABORATORY
from conformance.harness.dmp_colleague import Colleague
from conformance.harness.lab_reports import biologist
from conformance.simulators.dmp import DmpSimulator

_ROLES: Final = (Coded("10", PROFESSIONS, "Médecin"), Coded("SM03", SPECIALTIES, "Biologie médicale (SM)"))


class FeedingLaboratory(Colleague):
    """The biologist who signs the reports of the profile, with a card; the metadata are those of the documents."""

    def __init__(self, simulator: DmpSimulator) -> None:
        super().__init__(simulator, biologist())

    def release(self, documents: Sequence[bytes], record: str) -> None:
        """Put reports into a record, in one lot; one that replaces another does so in the DMP too."""
        former = [header_of(document).replaces for document in documents]
        self.deposit(documents, record, replaces=[self._replaced(one) for one in former])

    def _replaced(self, ids: Sequence[tuple[str, str]]) -> str:
        if not ids:
            return ""
        unique_id = "^".join(part for part in ids[0] if part)
        entry = self.entry(unique_id)
        if not entry:
            raise BenchError(
                "lab.unknown-version",
                Text(
                    f"Le compte rendu remplacé ({unique_id}) n'est pas dans le DMP simulé.",
                    f"The report that is replaced ({unique_id}) is not in the simulated DMP.",
                ),
                Text("C'est un défaut du kit.", "This is a fault of the kit."),
            )
        return entry

    def _vihf(self, record: str) -> Vihf:
        return replace(super()._vihf(record), sector=f"{LABORATORY[0]}^{SECTORS}", roles=_ROLES)

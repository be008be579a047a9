"""Faults of what is fetched from the DMP ahead of a visit."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from conformance.lgc.dmp.consultation import Consultation
from conformance.lgc.dmp.user import DmpUser
from conformance.lgc.practice import Practice
from conformance.lgc.refusals import Refused
from conformance.sut.contract import Patient, Settings


class PreloadsNothing(Consultation):
    """Fetches nothing ahead of a visit, whatever the setting.

    Ne précharge rien avant une visite, quel que soit le réglage.
    """

    def prepare(self, patient: Patient) -> None:
        return


class PreloadsEveryType(Practice):
    """Fetches documents of every type ahead of a visit, whatever types the setting names.

    Précharge des documents de tous les types, quels que soient ceux du réglage.
    """

    def configure(self, settings: Settings) -> None:
        wanted = settings.dmp_preload
        super().configure(replace(settings, dmp_preload=replace(wanted, types=())) if wanted else settings)


class PreloadsOldDocumentsToo(Practice):
    """Fetches documents of any age ahead of a visit, whatever the setting.

    Précharge des documents de tout âge, quel que soit le réglage.
    """

    def configure(self, settings: Settings) -> None:
        wanted = settings.dmp_preload
        super().configure(replace(settings, dmp_preload=replace(wanted, days=None)) if wanted else settings)


class PreloadsDespiteAnOpposition(Consultation):
    """Fetches documents ahead of a visit of a patient who refuses consultation.

    Précharge les documents d’un patient qui refuse la consultation.
    """

    def prepare(self, patient: Patient) -> None:
        opposed = self.opposed
        self.opposed = lambda patient_id: False  # type: ignore[method-assign]  # for this one preparation
        try:
            super().prepare(patient)
        finally:
            self.opposed = opposed  # type: ignore[method-assign]  # as it was


class ForgetsWhatWasPreloaded(Consultation):
    """Asks the DMP again for a document that was fetched ahead.

    Redemande au DMP un document préchargé.
    """

    def read(self, patient: Patient, unique_id: str) -> bytes:
        self.preloaded.replace(patient.patient_id, {})
        return super().read(patient, unique_id)


class FilesWhatIsPreloaded(Consultation):
    """Files into the record what was fetched ahead of a visit.

    Range au dossier ce qui a été préchargé.
    """

    def prepare(self, patient: Patient) -> None:
        super().prepare(patient)
        rows = self.preloaded.database.execute(
            "SELECT unique_id FROM dmp_preloaded WHERE patient_id = ?", (patient.patient_id,)
        )
        for row in rows.fetchall():
            with suppress(Refused):  # it is there already
                self.integrate(patient, row["unique_id"])

    def retrieved(self, user: DmpUser, record: str, unique_id: str) -> bytes:
        patients = (one for one in self.store.patients() if self.feeding.record_of(one.file.identity) == record)
        fetched = (self.preloaded.body(one.patient_id, unique_id) for one in patients)
        return next((body for body in fetched if body), None) or super().retrieved(user, record, unique_id)

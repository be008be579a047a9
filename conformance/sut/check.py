"""``segur sut check``: prove the adapter before any verdict.

Each step is one sentence about the adapter. What goes wrong here is the adapter's, never the product's: no
requirement is judged. An operation that is not offered is fine, and is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Any

from conformance.core.errors import AdapterError, SegurError
from conformance.core.language import Text
from conformance.core.verdicts import ExitCode
from conformance.sut.contract import (
    CONTRACT_VERSION,
    About,
    ClinicalRecord,
    Coded,
    Identity,
    OperationNotOffered,
    Patient,
    PatientFile,
    Problem,
    Product,
    ProductRefused,
    Sex,
)
from conformance.sut.errors import garbage
from conformance.sut.operations import BY_NAME

PROBE = PatientFile(
    identity=Identity(
        birth_name="SEGUR-ESSAI",
        birth_given_names="CAMILLE ANNE-LISE",
        first_birth_given_name="CAMILLE",
        birth_date=date(1979, 3, 28),
        sex=Sex.F,
        birth_place="51215",
        used_name="D’Été Ségur",
    ),
    record=ClinicalRecord(
        active_problems=(
            Problem(
                id="essai-1",
                label="Hypertension artérielle",
                code=Coded(
                    code="I10", code_system="2.16.840.1.113883.6.3", label="Hypertension essentielle (primitive)"
                ),
                start="2019-08-11",
            ),
        )
    ),
)
"""The patient that the check creates: invented, without INS."""


class Result(StrEnum):
    """What came of one step."""

    DONE = "done"
    NOT_OFFERED = "not_offered"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the operation, what came of it, in a sentence, and what to do when it failed."""

    operation: str
    result: Result
    sentence: Text
    hint: Text | None = None

    def to_json(self) -> dict[str, Any]:
        """The step as JSON values."""
        hint = {"fr": self.hint.fr, "en": self.hint.en} if self.hint else None
        sentence = {"fr": self.sentence.fr, "en": self.sentence.en}
        return {"operation": self.operation, "result": str(self.result), "sentence": sentence, "hint": hint}


def exit_code(steps: tuple[Step, ...]) -> ExitCode:
    """3 when the adapter is at fault, 4 when a core operation is not offered, else 0."""
    if any(step.result is Result.FAILED for step in steps):
        return ExitCode.BENCH_ERROR
    if any(step.result is not Result.DONE and BY_NAME[step.operation].core for step in steps):
        return ExitCode.INCOMPLETE
    return ExitCode.PASS


def require_contract(about: About) -> None:
    """Raise ``AdapterError`` when the product answers to another major version of the contract."""
    version, major = about.contract_version, CONTRACT_VERSION.partition(".")[0]
    if version.partition(".")[0] != major:
        raise garbage("about", Text(f"version {version} au lieu de {major}.x", f"version {version}, not {major}.x"))


def check(product: Product) -> tuple[Step, ...]:
    """Prove the adapter of ``product``: who it is, reset, create, read back, forget. Changes its data."""
    return tuple(_Check(product).steps())


class _Check:
    def __init__(self, product: Product) -> None:
        self._product = product
        self._about: About | None = None
        self._patient: Patient | None = None

    def steps(self) -> Iterator[Step]:
        yield self._try("about", self._who)
        if self._about is None:
            return
        yield self._try("reset", self._reset)
        yield self._try("create_patient", self._create)
        if self._patient is None:
            why = Text("Sans patient créé, cette étape n’a pas lieu.", "Without a patient this step does not run.")
            yield Step("read_patient", Result.SKIPPED, why)
            return
        patient = self._patient
        yield self._try("read_patient", partial(self._read_back, patient))
        yield self._try("read_patient", self._unknown_patient)
        yield self._try("list_documents", partial(self._no_documents, patient))
        for name in ("worklist", "outgoing"):
            yield self._try(name, partial(self._answers, name))
        yield self._try("reset", partial(self._forgotten, patient))

    def _try(self, operation: str, step: Callable[[], Text]) -> Step:
        try:
            return Step(operation, Result.DONE, step())
        except OperationNotOffered as error:
            if self._about is not None and operation in self._about.operations:
                announced = garbage(
                    operation, Text("about l’annonce, et elle répond 501", "about announces it, and it answers 501")
                )
                return Step(operation, Result.FAILED, announced.sentence, announced.hint)
            return Step(operation, Result.NOT_OFFERED, error.sentence, error.hint)
        except SegurError as error:
            return Step(operation, Result.FAILED, error.sentence, error.hint)

    def _who(self) -> Text:
        about = self._product.about()
        require_contract(about)
        strange = sorted(set(about.operations) - set(BY_NAME))
        if strange:
            listed = ", ".join(strange)
            raise garbage("about", Text(f"opérations inconnues : {listed}", f"unknown operations: {listed}"))
        self._about = about
        who = f"{about.name} {about.version} ({about.vendor})"
        return Text(
            f"{who} répond ; il offre {len(about.operations)} des {len(BY_NAME)} opérations du contrat.",
            f"{who} answers; it offers {len(about.operations)} of the {len(BY_NAME)} operations of the contract.",
        )

    def _reset(self) -> Text:
        self._product.reset()
        return Text("Le logiciel s’est vidé.", "The product has forgotten its data.")

    def _create(self) -> Text:
        patient = self._product.create_patient(PROBE)
        other = self._product.create_patient(PROBE)
        if patient.patient_id == other.patient_id:
            raise garbage(
                "create_patient",
                Text("deux créations donnent un seul patient_id", "two creations give a single patient_id"),
            )
        self._patient = patient
        return Text(
            f"Deux patients d’essai ont été créés (« {patient.patient_id} » et « {other.patient_id} »).",
            f"Two probe patients were created (“{patient.patient_id}” and “{other.patient_id}”).",
        )

    def _read_back(self, patient: Patient) -> Text:
        read = self._product.read_patient(patient.patient_id)
        differing = list(_differences(PROBE, read.file, "file"))
        if read.patient_id != patient.patient_id:
            differing.insert(0, "patient_id")
        if differing:
            raise AdapterError(
                "adapter.read-back",
                Text(
                    f"Le patient relu n’est pas celui qui a été créé : {', '.join(differing)}.",
                    f"The patient read back is not the one created: {', '.join(differing)}.",
                ),
                Text(
                    "Vérifiez que l’adaptateur transmet et rend chaque champ, accents et dates compris.",
                    "Check that the adapter passes and gives back every field, accents and dates included.",
                ),
            )
        return Text("Le patient relu est celui qui a été créé.", "The patient read back is the one created.")

    def _unknown_patient(self) -> Text:
        try:
            self._product.read_patient("segur-inconnu")
        except ProductRefused:
            return Text("Un patient inconnu est refusé.", "An unknown patient is refused.")
        raise garbage("read_patient", Text("elle rend un patient inconnu", "it gives an unknown patient"))

    def _no_documents(self, patient: Patient) -> Text:
        documents = self._product.list_documents(patient.patient_id)
        if documents:
            raise garbage("list_documents", Text("un patient neuf a des documents", "a new patient has documents"))
        return Text("Un patient neuf n’a aucun document.", "A new patient has no document.")

    def _answers(self, name: str) -> Text:
        getattr(self._product, name)()
        return Text(f"L’opération « {name} » répond.", f"The operation “{name}” answers.")

    def _forgotten(self, patient: Patient) -> Text:
        self._product.reset()
        try:
            self._product.read_patient(patient.patient_id)
        except ProductRefused:
            return Text("Après reset, le patient est oublié.", "After reset the patient is forgotten.")
        raise garbage("reset", Text("le patient est encore là", "the patient is still there"))


def _differences(expected: Any, found: Any, where: str) -> Iterator[str]:
    """The names of the fields that differ, as deep as they can be told."""
    if is_dataclass(expected) and type(expected) is type(found):
        for field in fields(expected):
            yield from _differences(getattr(expected, field.name), getattr(found, field.name), f"{where}.{field.name}")
    elif expected != found:
        yield where

"""The status of an identity, which decides whether its INS leaves: what one act of the user can make of it (R20)."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from conformance.harness.bench import Bench
from conformance.harness.marks import check
from conformance.harness.records import file_for
from conformance.sut.contract import InsStatus, Patient, PatientFile, ProductRefused


def _file(status: InsStatus, *, ins: bool = True) -> PatientFile:
    """One person, with this status, and with or without a matricule."""
    file = file_for(Random(36), status=status)
    return file if ins else replace(file, identity=replace(file.identity, ins=None))


def _status_after(bench: Bench, act: Callable[[], Patient]) -> InsStatus | None:
    """The status that the product shows once the user has tried; ``None`` when it refuses."""
    try:
        patient = act()
    except ProductRefused:
        bench.story.work += 1  # it answered
        return None
    return bench.product.read_patient(patient.patient_id).file.identity.ins_status


@pytest.mark.parametrize("status", [InsStatus.RECUPEREE, InsStatus.QUALIFIEE], ids=str)
@check(
    "Sans matricule INS, une identité n'est ni récupérée ni qualifiée",
    "Without an INS matricule an identity is neither retrieved nor qualified",
    requirements=("INS/va1.54",),
    catches=("qualifies_without_matricule",),
)
def test_no_identity_is_retrieved_or_qualified_without_a_matricule(bench: Bench, status: InsStatus) -> None:
    shown = _status_after(bench, lambda: bench.product.create_patient(_file(status, ins=False)))
    bench.demand(
        shown is not status,
        f"L'identité n'a pas de matricule INS, et le logiciel la montre « {status} ».",
        f"The identity has no INS matricule, and the product shows it as “{status}”.",
    )


@check(
    "Une identité provisoire ne devient pas qualifiée en un geste : il y faut INSi et une pièce d'identité",
    "A provisional identity is not qualified in one act: it takes INSi and a proof of identity",
    requirements=("INS/va1.54",),
    catches=("qualifies_in_one_act",),
)
def test_a_provisional_identity_is_not_qualified_in_one_act(bench: Bench) -> None:
    patient = bench.product.create_patient(_file(InsStatus.PROVISOIRE, ins=False))
    shown = _status_after(bench, lambda: bench.product.update_patient(patient.patient_id, _file(InsStatus.QUALIFIEE)))
    bench.demand(
        shown is not InsStatus.QUALIFIEE,
        "L'identité était provisoire ; en un geste, le logiciel la montre qualifiée.",
        "The identity was provisional; in one act the product shows it as qualified.",
    )


@pytest.mark.parametrize("between", [InsStatus.RECUPEREE, InsStatus.VALIDEE], ids=str)
@check(
    "Une identité provisoire devient qualifiée en deux temps, dans un ordre ou dans l'autre",
    "A provisional identity is qualified in two steps, in either order",
    requirements=("INS/va1.54",),
    catches=("qualifies_retrieved_identities_only",),
)
def test_an_identity_is_qualified_in_two_steps(bench: Bench, between: InsStatus) -> None:
    patient = bench.product.create_patient(_file(InsStatus.PROVISOIRE, ins=False))
    # A proof of identity validates without matricule; INSi brings it.
    for status, ins in ((between, between is InsStatus.RECUPEREE), (InsStatus.QUALIFIEE, True)):
        file = _file(status, ins=ins)
        shown = _status_after(bench, lambda file=file: bench.product.update_patient(patient.patient_id, file))  # type: ignore[misc]  # the loop binds it
        bench.demand(
            shown is status,
            f"L'identité devait passer à « {status} » ; le logiciel la montre « {shown or 'refusée'} ».",
            f"The identity should have become “{status}”; the product shows it as “{shown or 'refused'}”.",
        )

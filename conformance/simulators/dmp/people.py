"""TD0.2, TD1.3a, TD0.3, TD1.6, TD0.4, TD0.5: does the record exist, who may open it, which may I open, whose is it.

Sources: example messages and service descriptions of the DMP; test book of the CNDA (0.2, 0.3, 0.4, 1.3, 1.6).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from difflib import SequenceMatcher
from typing import Any, Final

from conformance.exchange.dmp import authorisations as words
from conformance.exchange.dmp import registration
from conformance.exchange.dmp.authorisations import (
    Action,
    DateType,
    ListedAuthorisation,
    ListedPatient,
    ListMode,
    PatientListRequest,
    StatusAnswer,
)
from conformance.exchange.dmp.demographics import Candidate, TraitsAnswer, TraitsRequest
from conformance.exchange.dmp.existence import (
    READ_DATA,
    TEST_EXISTENCE,
    Authorisation,
    ExistenceAnswer,
    ExistenceRequest,
)
from conformance.exchange.dmp.registration import RegistrationRequest
from conformance.exchange.metadata import names
from conformance.exchange.metadata.hl7 import Cx
from conformance.identity.ins import INS_NIA
from conformance.simulators.dmp.gate import Visitor, visit
from conformance.simulators.dmp.model import DmpPatient, Notification, StoredAuthorisation, compact, now
from conformance.simulators.dmp.options import DmpOptions
from conformance.simulators.dmp.refusals import ACCESS_FORBIDDEN, Refused, refuse
from conformance.simulators.dmp.rights import Function, Right, UserKind, kind_of, right_of
from conformance.simulators.dmp.store import Records
from conformance.simulators.dmp.users import User

_ALIKE: Final = 0.75
"""From which likeness on two names count as the same in an approximate search; the real rule is not published."""


def existence(records: Records, user: User, request: ExistenceRequest, options: DmpOptions) -> ExistenceAnswer:
    """The answer of TD0.2 or TD1.3a. Raises ``Refused``."""
    if request.reason not in (TEST_EXISTENCE, READ_DATA):
        raise refuse("DMPInvalidRequest", "Le motif (reasonCode) est TEST_EXST ou CNSLT_DATA.")
    if request.patient.authority == INS_NIA and options.refuse_nia:
        raise refuse("DMPInvalidRequest", "Le DMP ne s’ouvre pas avec un NIA.")
    asked = Cx.parse(user.patient)
    if (asked.id, asked.authority) != (request.patient.id, request.patient.authority):
        raise refuse("DMPInvalidRequest", "Le patient du message n’est pas celui du VIHF (resource-id).")
    record = records.patient(user.patient)
    if record is None:
        return ExistenceAnswer(exists=False)
    given = records.authorisation(user.patient, user.holder)
    flags = {"COMPTE_INTERNET_OUVERT": record.web_account, "RATTACHEMENT_ENS": record.attached}
    if request.reason == READ_DATA:
        flags["OPPOSITION_BRIS_DE_GLACE"] = record.opposes_break_glass
        flags["OPPOSITION_ACCES_URGENCE"] = record.opposes_regulation
    return ExistenceAnswer(
        exists=True,
        open=record.open,
        authorisation=given.status() if given else Authorisation.NONE,
        attending=bool(given and given.attending),
        identifiers=(asked,),
        family=record.family,
        given=record.given,
        birth_date=record.birth_date,
        sex=record.sex,
        flags=flags,
    )


def set_authorisation(records: Records, visitor: Visitor, action: str, role: str) -> StatusAnswer:
    """Add or withdraw the authorisation of the user. Raises ``Refused``."""
    if action not in set(Action):
        raise refuse("DMPInvalidRequest", "action est AJOUT ou SUPPRESSION.")
    if role:
        visitor.require(Function.DECLARE_ATTENDING)
    visitor.require(Function.DECLARE if action == Action.ADD else Function.WITHDRAW)
    known, patient, holder = visitor.authorisation, visitor.record.patient, visitor.user.holder
    current = known is not None and known.status() is Authorisation.VALID
    if action == Action.REMOVE:
        if not current or known is None:
            return StatusAnswer(words.OK, "Il n’y avait pas d’autorisation en cours.")
        records.authorise(replace(known, state="SUPPRIMEE", last_action=now()))
        return StatusAnswer(words.OK, "")
    if current:
        return StatusAnswer(words.OK, "L’autorisation est déjà en cours.")
    lifetime = visitor.options.authorisation_lifetime
    end = datetime.now(UTC) + timedelta(seconds=lifetime)
    family, _, given = visitor.user.vihf.subject.partition(" ")
    records.authorise(
        StoredAuthorisation(
            patient=patient, holder=holder, attending=bool(known and known.attending), family=family, given=given,
            expires=end.isoformat(timespec="microseconds") if lifetime else "",
        )
    )  # fmt: skip
    records.notify(Notification(patient=patient, kind="authorisation_added", user=holder))
    return StatusAnswer(words.OK, "")


def list_authorisations(records: Records, visitor: Visitor, mode: str) -> list[ListedAuthorisation]:
    """The authorisations of the record. Raises ``Refused``."""
    if mode not in set(ListMode):
        raise refuse("DMPInvalidRequest", "mode est ACTIVE, INTERDITE ou TOUTE.")
    visitor.require(Function.LIST_AUTHORISATIONS)
    found = records.authorisations(patient=visitor.record.patient)
    listed = [one for one in found if one.status() in (Authorisation.VALID, Authorisation.FORBIDDEN)]
    return [
        ListedAuthorisation(
            one.holder, one.family, one.given, one.state, compact(one.start), compact(one.last_action),
            ("MEDECIN_TRAITANT",) if one.attending else (),
        )
        for one in listed
        if mode in (ListMode.ALL, one.state)
    ]  # fmt: skip


def list_patients(records: Records, user: User, request: PatientListRequest) -> list[ListedPatient]:
    """The records that the user, or the professional that they name, may open. Raises ``Refused``."""
    if request.date_type not in set(DateType) or not (request.start.isascii() and request.start.isdigit()):
        raise refuse("DMPInvalidRequest", "dateType est LASTAUTORIZATION ou LASTDOC, startDate AAAAMMJJhhmmss.")
    kind = kind_of(user.vihf, attending=False)
    if right_of(Function.LIST_PATIENTS, kind, user.access, user.vihf.mode) is Right.NO:
        raise refuse(ACCESS_FORBIDDEN, "La matrice d’habilitation ne permet pas td0.4 à cet utilisateur.")
    if kind is UserKind.ESTABLISHMENT and request.date_type != DateType.LAST_AUTHORISATION:
        raise refuse(ACCESS_FORBIDDEN, "Un établissement ne liste que ses nouvelles autorisations (LASTAUTORIZATION).")
    if request.owner not in ("", user.holder) and kind is not UserKind.STAFF:
        raise refuse(ACCESS_FORBIDDEN, "Seul un porteur de CPE liste les DMP d’un autre (psOwnerId).")
    found = []
    for one in records.authorisations(holder=request.owner or user.holder):
        record = records.patient(one.patient)
        if record is None or not record.open or one.status() is not Authorisation.VALID:
            continue
        entries = records.entries_of(one.patient, statuses=(names.APPROVED,), signatures=False)
        last_add = max((entry.deposited for entry in entries), default="")
        compared = one.start if request.date_type == DateType.LAST_AUTHORISATION else last_add
        if compact(compared) < request.start:
            continue
        seen = records.traces(one.patient, user=user.person)
        found.append(
            ListedPatient(
                Cx.parse(one.patient), record.family, record.given, record.birth_date, one.attending,
                compact(seen[-1].at) if seen else "", compact(last_add), compact(last_add),
            )
        )  # fmt: skip
    return found


_FLAGS: Final = {"OPPOSITION_BRIS_DE_GLACE": "opposes_break_glass", "OPPOSITION_ACCES_URGENCE": "opposes_regulation"}


def register(records: Records, visitor: Visitor, request: RegistrationRequest) -> None:
    """Change the administrative data of a record (TD1.3b), or close it (TD1.4). Raises ``Refused``."""
    closes = request.reason == registration.CLOSE
    if not closes and request.reason != registration.CHANGE_DATA:
        raise refuse("DMPInvalidRequest", "Le motif (reasonCode) est MODIF_DATA ou FERM.")
    record = visitor.record
    if Cx.parse(record.patient) != request.patient:
        raise refuse("DMPInvalidRequest", "Le patient du message n’est pas celui du VIHF (resource-id).")
    visitor.require(Function.CLOSE if closes else Function.CHANGE_DATA)
    if record.attached:
        raise refuse(
            ACCESS_FORBIDDEN, "Ce DMP est rattaché à Mon espace santé : seul le patient le modifie ou le ferme."
        )
    if closes:
        if request.status != registration.TERMINATED or not request.motive:
            raise refuse("DMPInvalidRequest", "Une fermeture porte statusCode terminated et son motif.")
        records.add_patient(replace(record, open=False))
        records.notify(Notification(patient=record.patient, kind="record_closed", user=visitor.user.person))
        return
    told: dict[str, Any] = {
        name: getattr(request, name) for name in ("family", "given", "birth_date", "sex") if getattr(request, name)
    }
    told |= {_FLAGS[code]: flag for code, flag in request.flags.items() if code in _FLAGS}
    records.add_patient(replace(record, **told))


def find_patients(records: Records, user: User, request: TraitsRequest, options: DmpOptions) -> TraitsAnswer:
    """The open records whose patient has these traits and accepts access by régulation (TD0.5). Raises ``Refused``."""
    right = right_of(Function.FIND_PATIENTS, kind_of(user.vihf, attending=False), user.access, user.vihf.mode)
    if right is Right.NO:
        raise refuse(ACCESS_FORBIDDEN, "La recherche par traits (TD0.5) est réservée à la régulation.")
    if not (request.family or request.given or request.birth_date):
        raise refuse("DMPInvalidRequest", "Donner au moins un nom, un prénom ou une date de naissance.")
    found = []
    for one in records.patients():
        score = _score(request, one) if one.open and not one.opposes_regulation else 0
        if score:
            found.append(Candidate(Cx.parse(one.patient), one.family, one.given, one.birth_date, one.sex, score))
    if options.patients_per_query and len(found) > options.patients_per_query:
        raise refuse("DMPTooManyResult", "Trop de patients ont ces traits : en donner d’autres.")
    return TraitsAnswer(tuple(sorted(found, key=lambda one: (-one.score, one.family, one.given))))


def _score(request: TraitsRequest, patient: DmpPatient) -> int:
    """How well a patient fits, in percent; 0: not at all. Birth and sex must be those, names too unless approximate."""
    if (request.sex and request.sex != patient.sex) or not patient.birth_date.startswith(request.birth_date):
        return 0
    asked = [(a, b) for a, b in ((request.family, patient.family), (request.given, patient.given)) if a]
    likeness = [SequenceMatcher(None, a.upper(), b.upper()).ratio() for a, b in asked]
    least = _ALIKE if request.approximate else 1.0
    return 0 if any(one < least for one in likeness) else round(100 * min(likeness, default=1.0))


def visitor_of(records: Records, user: User, options: DmpOptions) -> Visitor:
    """The user in their record. Raises ``Refused`` when there is none."""
    try:
        return visit(records, user, options)
    except Refused:
        raise refuse("DMPUnknownPatient", "Aucun DMP n’existe pour ce patient.") from None

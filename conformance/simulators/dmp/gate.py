"""What a user may do in a record: the matrix, the authorisation, the oppositions, the over-use, the masked documents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from conformance.exchange.dmp.existence import Authorisation
from conformance.exchange.vihf import AccessMode, AuthenticationMode
from conformance.simulators.dmp import refusals
from conformance.simulators.dmp.document_rights import Use, document_rights
from conformance.simulators.dmp.model import DmpPatient, Entry, StoredAuthorisation
from conformance.simulators.dmp.options import DmpOptions
from conformance.simulators.dmp.refusals import refuse
from conformance.simulators.dmp.rights import Function, Right, UserKind, kind_of, right_of
from conformance.simulators.dmp.store import Records
from conformance.simulators.dmp.users import User

_CONSULTS: Final = frozenset(
    {
        Function.SEARCH,
        Function.RETRIEVE,
        Function.RETRIEVE_MASKED,
        Function.MASK,
        Function.UNMASK,
        Function.MAKE_VISIBLE,
    }
)
"""What needs an authorisation in normal access: feeding, looking ids up, archiving and deleting one's own do not."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A user in a record that exists: what they are there."""

    user: User
    record: DmpPatient
    kind: UserKind
    authorisation: StoredAuthorisation | None
    options: DmpOptions

    @property
    def attending(self) -> bool:
        """Whether this is the médecin traitant."""
        return self.kind is UserKind.ATTENDING

    def wrote(self, entry: Entry) -> bool:
        """Whether the user is an author; for a structure, whether it is the structure of an author."""
        indirect = self.kind in (UserKind.ESTABLISHMENT, UserKind.STAFF)
        return entry.written_by("" if indirect else self.user.person, self.user.structure if indirect else "")

    def owns(self, entry: Entry) -> bool:
        """Whether a document is the user's to manage: an author's, and the attending doctor's when the patient put it there
        (matrix 526, note *)."""
        return self.wrote(entry) or (self.attending and entry.of_patient)

    def may(self, use: Use, type_code: str, class_code: str) -> bool:
        """Whether the table of rights lets somebody of this profession do this with such a document."""
        vihf = self.user.vihf
        names = (*(role.code for role in vihf.roles[:1]), str(self.kind))
        table = document_rights(self.options.document_rights)
        return table.allows(use, names, type_code, class_code, str(self.user.access))

    def may_handle(self, use: Use, entry: Entry) -> bool:
        """The same for a document of the record. An author reads what they wrote."""
        if entry.signature or (use is Use.READ and self.wrote(entry)):
            return True
        return self.may(use, entry.type_code.partition("^^")[0], entry.class_code.partition("^^")[0])

    def right(self, function: Function) -> Right:
        """The cell of the matrix."""
        archives = function is Function.ARCHIVE and self.options.any_doctor_archives
        if archives and self.kind in (UserKind.DOCTOR, UserKind.ATTENDING):
            return Right.YES
        return right_of(function, self.kind, self.user.access, self.user.vihf.mode)

    def require(self, function: Function, entry: Entry | None = None) -> None:
        """Raise ``Refused`` (``DMPAccessForbidden``, ``DMPClosed``) unless the user may do this."""
        if not self.record.open:
            raise refuse(refusals.CLOSED, "Ce DMP est fermé.")
        self._require_access()
        right = self.right(function)
        if right is Right.NO or (right is Right.OWN and entry is not None and not self.owns(entry)):
            raise refuse(
                refusals.ACCESS_FORBIDDEN,
                f"La matrice d’habilitation ne permet pas {function.value} à cet utilisateur.",
            )
        if right is Right.IF_ALLOWED and self._opposed():
            raise refuse(refusals.ACCESS_FORBIDDEN, "Le patient s’oppose à ce mode d’accès.")
        # The occupational doctor works without authorisation (« sans objet » in the matrix), and reads no document.
        needed = function in _CONSULTS and self.kind is not UserKind.OCCUPATIONAL
        if needed and self.user.access is AccessMode.NORMAL and not self._authorised():
            raise refuse(
                refusals.ACCESS_FORBIDDEN, "Il n’y a pas d’autorisation en cours : la déclarer d’abord (TD0.3)."
            )

    def sees(self, entry: Entry) -> bool:
        """Whether a document shows itself to the user: its type, and its mask (matrix 526, notes 6 and 7)."""
        return self.may_handle(Use.READ, entry) and self.sees_masked(entry)

    def sees_masked(self, entry: Entry) -> bool:
        """Whether the mask of a document, if any, is lifted for the user."""
        if not entry.masked or self.attending or self.wrote(entry):
            return True
        return self.user.access is not AccessMode.NORMAL and not self._opposed()

    def _authorised(self) -> bool:
        return self.authorisation is not None and self.authorisation.status() is Authorisation.VALID

    def _opposed(self) -> bool:
        if self.user.access is AccessMode.BREAK_GLASS:
            return self.record.opposes_break_glass
        return self.user.access is AccessMode.REGULATION and self.record.opposes_regulation

    def _require_access(self) -> None:
        if self.authorisation is not None and self.authorisation.state == "INTERDITE":
            raise refuse(refusals.ACCESS_FORBIDDEN, "Le patient a bloqué l’accès de ce professionnel.")
        if self._opposed():
            raise refuse(refusals.ACCESS_FORBIDDEN, "Le patient s’oppose à ce mode d’accès.")


def visit(records: Records, user: User, options: DmpOptions, *, lock: bool = False) -> Visitor:
    """The user in the record of their VIHF. Raises ``Refused`` (``XDSUnknownPatientId``) when there is none."""
    record = records.patient(user.patient, lock=lock) if user.patient else None
    if record is None:
        raise refuse("XDSUnknownPatientId", "Aucun DMP n’existe pour ce patient.")
    authorisation = records.authorisation(user.patient, user.holder)
    attending = authorisation is not None and authorisation.attending
    return Visitor(user, record, kind_of(user.vihf, attending=attending), authorisation, options)


def refuse_overuse(records: Records, visitor: Visitor) -> None:
    """Raise ``Refused`` when the user searches this record too often (EX_3.1-2035); feeding is never refused so."""
    options = visitor.options
    if not options.searches_allowed or visitor.user.vihf.mode == AuthenticationMode.INDIRECT:
        return
    since = (datetime.now(UTC) - timedelta(seconds=options.search_window)).isoformat(timespec="microseconds")
    made = records.traces(visitor.record.patient, user=visitor.user.person, transaction="td3.1a", since=since)
    if len(made) >= options.searches_allowed:
        raise refuse(refusals.OVERUSE, "Trop de recherches dans ce dossier.")

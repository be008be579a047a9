"""Faults of identities: their statuses."""

from __future__ import annotations

from dataclasses import replace

from conformance.lgc.identities import WITH_INS, Identities
from conformance.lgc.refusals import Refused
from conformance.sut.contract import Identity, InsStatus


class QualifiesWithoutMatricule(Identities):
    """Records identities as retrieved or qualified that have no INS matricule.

    Enregistre comme récupérées ou qualifiées des identités sans matricule INS.
    """

    def check(self, identity: Identity) -> None:
        if identity.ins_status in WITH_INS and identity.ins is None:
            identity = replace(identity, ins_status=InsStatus.PROVISOIRE)
        super().check(identity)


class QualifiesInOneAct(Identities):
    """Lets a provisional identity become qualified in one act.

    Laisse une identité provisoire devenir qualifiée en un geste.
    """

    def check_change(self, before: Identity, after: Identity) -> None:
        if (before.ins_status, after.ins_status) == (InsStatus.PROVISOIRE, InsStatus.QUALIFIEE):
            return self.check(after)
        return super().check_change(before, after)


class QualifiesRetrievedIdentitiesOnly(Identities):
    """Does not qualify an identity that was validated before INSi gave its matricule.

    Ne qualifie pas une identité validée avant qu’INSi n’en donne le matricule.
    """

    def check_change(self, before: Identity, after: Identity) -> None:
        if (before.ins_status, after.ins_status) == (InsStatus.VALIDEE, InsStatus.QUALIFIEE):
            raise Refused(409, "ins_status", "Une identité validée ne devient pas qualifiée.")
        super().check_change(before, after)

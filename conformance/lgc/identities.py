"""Identities as the product accepts them: traits, matricule and key, statuses and their legal changes.

Sources: RNIV; Guide d'implémentation de l'INS, R1, R5, R20, R26, R27 (INS/va1.56, .21, .45, .18, .60).
"""

from __future__ import annotations

from datetime import date

from conformance.identity.ins import INS_ROOTS
from conformance.lgc.refusals import Refused
from conformance.sut.contract import Identity, Ins, InsStatus

WITH_INS = {InsStatus.RECUPEREE, InsStatus.QUALIFIEE}
"""The statuses that come from the INSi service: a matricule is there, and the strict traits are locked."""

NEXT = {
    InsStatus.PROVISOIRE: {InsStatus.RECUPEREE, InsStatus.VALIDEE},
    InsStatus.RECUPEREE: {InsStatus.QUALIFIEE, InsStatus.PROVISOIRE},
    InsStatus.VALIDEE: {InsStatus.QUALIFIEE, InsStatus.PROVISOIRE},
    InsStatus.QUALIFIEE: {InsStatus.VALIDEE, InsStatus.RECUPEREE, InsStatus.PROVISOIRE},
}
"""Changes that one act of a user can make; provisoire → qualifiée needs two (INSi, and a proof of identity)."""


class Identities:
    """Says whether an identity may be created, and whether one may become another."""

    def check(self, identity: Identity) -> None:
        """Refuse an identity that cannot be recorded (422)."""
        if identity.birth_date > date.today():
            raise Refused(422, "birth_date", "La date de naissance est dans le futur.")
        if identity.ins_status in WITH_INS and identity.ins is None:
            raise Refused(422, "ins_missing", f"Une identité {identity.ins_status} porte un matricule INS.")
        if identity.ins is not None:
            self._check_ins(identity.ins)

    def _check_ins(self, ins: Ins) -> None:
        if ins.oid not in INS_ROOTS:
            raise Refused(422, "ins_oid", f"{ins.oid} n’est pas une autorité d’affectation des INS.")
        if ins.matricule[13:] != key(ins.matricule[:13]):
            raise Refused(422, "ins_key", "La clé du matricule INS est fausse.")

    def check_change(self, before: Identity, after: Identity) -> None:
        """Refuse a change of status or of locked traits that is not legal (409)."""
        self.check(after)
        if after.ins_status is not before.ins_status:
            if after.ins_status not in NEXT[before.ins_status]:
                raise Refused(
                    409,
                    "ins_status",
                    f"Une identité {before.ins_status} ne devient pas {after.ins_status} en une fois.",
                )
            return
        if before.ins_status in WITH_INS and strict_traits(before) != strict_traits(after):
            raise Refused(
                409, "traits_locked", f"Les traits stricts d’une identité {before.ins_status} sont verrouillés."
            )


def strict_traits(identity: Identity) -> tuple[object, ...]:
    """The traits that the INSi service answers for, and the matricule."""
    return (
        identity.birth_name,
        identity.birth_given_names,
        identity.first_birth_given_name,
        identity.birth_date,
        identity.sex,
        identity.birth_place,
        identity.ins,
    )


def key(number: str) -> str:
    """The key of 13 characters of a NIR or NIA: 97 minus the rest by 97, Corsica's letters as 19 and 18."""
    digits = number.replace("2A", "19").replace("2B", "18")
    return f"{97 - int(digits) % 97:02d}" if digits.isdigit() else ""

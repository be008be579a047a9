"""Who may do what in the DMP: the functional matrix by kind of user and access mode.

Source: functional matrix of the DMP, PDT-INF-526 v1.8 (direct and indirect modes) and PDT-INF-606 v1.3 (AIR),
as transcribed in the reference: trust ``second_hand``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from conformance.exchange.vihf import (
    OTHER_ROLES,
    PROFESSIONS,
    SPECIALTIES,
    STUDENTS,
    AccessMode,
    AuthenticationMode,
    Vihf,
)


class UserKind(StrEnum):
    """The columns of the matrix."""

    PROFESSIONAL = "professional"
    DOCTOR = "doctor"
    OCCUPATIONAL = "occupational_doctor"
    ATTENDING = "attending_doctor"
    STAFF = "staff"
    ESTABLISHMENT = "establishment"


class Function(StrEnum):
    """The rows of the matrix that the simulator serves."""

    EXISTENCE = "td0.2"
    ADMINISTRATIVE_DATA = "td1.3a"
    CHANGE_DATA = "td1.3b"
    CLOSE = "td1.4"
    DECLARE = "td0.3a"
    WITHDRAW = "td0.3b"
    DECLARE_ATTENDING = "td0.3c"
    LIST_PATIENTS = "td0.4"
    FIND_PATIENTS = "td0.5"
    LIST_AUTHORISATIONS = "td1.6"
    FEED = "td2.1"
    SEARCH = "td3.1a"
    LOOK_UP = "td3.1b"
    RETRIEVE = "td3.2"
    RETRIEVE_MASKED = "td3.2-masked"
    MASK = "td3.3a-mask"
    UNMASK = "td3.3a-unmask"
    MAKE_VISIBLE = "td3.3b"
    ARCHIVE = "td3.3d"
    DELETE = "td3.3c"


class Right(StrEnum):
    """A cell of the matrix."""

    YES = "y"
    NO = "-"
    OWN = "o"
    """Only for documents of which the user is an author (or, for a structure, that it deposited)."""
    IF_ALLOWED = "p"
    """Only if the patient has not opposed this access mode."""


_COLUMNS: Final = (
    (UserKind.PROFESSIONAL, AccessMode.NORMAL),
    (UserKind.PROFESSIONAL, AccessMode.REGULATION),
    (UserKind.PROFESSIONAL, AccessMode.BREAK_GLASS),
    (UserKind.DOCTOR, AccessMode.NORMAL),
    (UserKind.DOCTOR, AccessMode.REGULATION),
    (UserKind.DOCTOR, AccessMode.BREAK_GLASS),
    (UserKind.OCCUPATIONAL, AccessMode.NORMAL),
    (UserKind.ATTENDING, AccessMode.NORMAL),
    (UserKind.ATTENDING, AccessMode.BREAK_GLASS),
    (UserKind.STAFF, AccessMode.NORMAL),
    (UserKind.ESTABLISHMENT, AccessMode.NORMAL),
    (UserKind.ESTABLISHMENT, AccessMode.REGULATION),
)
_ROWS: Final = {
    Function.EXISTENCE: "yyy yyy y yy y yy",
    Function.ADMINISTRATIVE_DATA: "yyy yyy y yy y yy",
    # Not transcribed but for their condition (records not tied to Mon espace santé): as TD1.6.
    Function.CHANGE_DATA: "y-- y-- - y- - --",
    Function.CLOSE: "y-- y-- - y- - --",
    Function.DECLARE: "y-- y-- - y- y --",
    Function.WITHDRAW: "y-- y-- - y- - --",
    Function.DECLARE_ATTENDING: "--- --- - -- - --",
    Function.LIST_PATIENTS: "yyy yyy - yy y y-",
    Function.FIND_PATIENTS: "-y- -y- - -- - -y",
    Function.LIST_AUTHORISATIONS: "y-- y-- y y- - --",
    Function.FEED: "yyy yyy y yy y yy",
    Function.SEARCH: "yyy yyy y yy - --",
    Function.LOOK_UP: "yyy yyy y yy y yy",
    Function.RETRIEVE: "yyy yyy - yy - --",
    Function.RETRIEVE_MASKED: "opp opp - yp - --",
    Function.MASK: "y-- y-- y y- - --",
    Function.UNMASK: "o-- o-- o y- - --",
    Function.MAKE_VISIBLE: "y-- y-- y y- - --",
    Function.ARCHIVE: "o-- oyy o yy - --",
    Function.DELETE: "ooo ooo o oo o oo",
}
_MATRIX: Final = {
    (function, *column): Right(cell)
    for function, row in _ROWS.items()
    for column, cell in zip(_COLUMNS, row.replace(" ", ""), strict=True)
}

_IN_AIR: Final = {
    **{(Function.FEED, *column): Right.NO for column in _COLUMNS},
    (Function.ARCHIVE, UserKind.DOCTOR, AccessMode.NORMAL): Right.YES,
}
"""Where the matrix of the AIR mode (PDT-INF-606) is not that of the others."""

_INDIRECT: Final = frozenset({AuthenticationMode.INDIRECT})
_OCCUPATIONAL_MEDICINE: Final = ("SM25",)
_DOCTOR: Final = "10"


def right_of(function: Function, kind: UserKind, access: AccessMode, mode: str = AuthenticationMode.DIRECT) -> Right:
    """The cell of the matrix. A combination that it does not show is a refusal."""
    cell = (function, kind, access)
    if mode == AuthenticationMode.REINFORCED and cell in _IN_AIR:
        return _IN_AIR[cell]
    return _MATRIX.get(cell, Right.NO)


def kind_of(vihf: Vihf, *, attending: bool) -> UserKind:
    """The column of a user; ``attending``: the patient has declared them as médecin traitant."""
    if vihf.mode in _INDIRECT:
        return UserKind.ESTABLISHMENT
    profession = vihf.role(PROFESSIONS) or vihf.role(STUDENTS)
    if not profession and vihf.role(OTHER_ROLES):
        return UserKind.STAFF
    if profession != _DOCTOR:
        return UserKind.PROFESSIONAL
    if attending:
        return UserKind.ATTENDING
    return UserKind.OCCUPATIONAL if vihf.role(SPECIALTIES) in _OCCUPATIONAL_MEDICINE else UserKind.DOCTOR

"""The HL7 V2 data types that metadata values are written in: CX, XCN, XON, and the PID fields of sourcePatientInfo.

Sources: IHE ITI TF-3 §4.2.3.1.7 (data types); CI-SIS for the French identifiers and types (``NH``, ``PI``,
``IDNPS``, ``IDNST``). Reading accepts whatever is there and leaves parts empty; the checks judge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

ESCAPES: Final = {"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\"}
_UNESCAPES: Final = {sequence: character for character, sequence in ESCAPES.items()}
_SEQUENCE: Final = re.compile(r"\\[EFSTR]\\")


def escape(text: str) -> str:
    """``text`` with the HL7 separators written as escape sequences."""
    return "".join(ESCAPES.get(character, character) for character in text)


def unescape(text: str) -> str:
    """``text`` with the escape sequences of the separators resolved."""
    return _SEQUENCE.sub(lambda found: _UNESCAPES[found[0]], text)


def _components(text: str, count: int) -> list[str]:
    parts = text.split("^")
    return parts + [""] * (count - len(parts))


def _oid_of(authority: str) -> str:
    """The OID of an assigning authority ``&1.2.3&ISO``."""
    parts = authority.split("&")
    return parts[1] if len(parts) > 1 else ""


def _joined(parts: list[str]) -> str:
    return "^".join(parts).rstrip("^")


@dataclass(frozen=True, slots=True)
class Cx:
    """An identifier with its authority (an OID) and type: ``NH`` for an INS, ``PI`` for a local number."""

    id: str
    authority: str = ""
    type: str = ""

    @classmethod
    def parse(cls, text: str) -> Cx:
        """Read ``207058575627097^^^&1.2.250.1.213.1.4.10&ISO^NH``; a missing part is empty."""
        parts = _components(text, 5)
        return cls(unescape(parts[0]), _oid_of(parts[3]), parts[4])

    def __str__(self) -> str:
        authority = f"&{self.authority}&ISO" if self.authority else ""
        return _joined([escape(self.id), "", "", authority, self.type])


@dataclass(frozen=True, slots=True)
class Xcn:
    """A person or a system: PS_IdNat, names, authority.

    ``name_type``: ``D`` for a person, ``U`` for a system; ``id_type``: ``IDNPS`` (professional), ``RI``
    (system), ``NH`` (patient).
    """

    id: str
    family: str = ""
    given: str = ""
    authority: str = ""
    name_type: str = ""
    id_type: str = ""

    @classmethod
    def parse(cls, text: str) -> Xcn:
        """Read ``899700450101^NOM^Prénom^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS``."""
        parts = _components(text, 13)
        return cls(unescape(parts[0]), unescape(parts[1]), unescape(parts[2]), _oid_of(parts[8]), parts[9], parts[12])

    def __str__(self) -> str:
        authority = f"&{self.authority}&ISO" if self.authority else ""
        head = [escape(self.id), escape(self.family), escape(self.given)]
        return _joined([*head, "", "", "", "", "", authority, self.name_type, "", "", self.id_type])


@dataclass(frozen=True, slots=True)
class Xon:
    """An organisation: name, Struct_idNat, authority, type of identifier (``IDNST``)."""

    name: str
    id: str = ""
    authority: str = ""
    id_type: str = ""

    @classmethod
    def parse(cls, text: str) -> Xon:
        """Read ``Cabinet du Port^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1350000014``."""
        parts = _components(text, 10)
        return cls(unescape(parts[0]), unescape(parts[9]), _oid_of(parts[5]), parts[6])

    def __str__(self) -> str:
        authority = f"&{self.authority}&ISO" if self.authority else ""
        return _joined([escape(self.name), "", "", "", "", authority, self.id_type, "", "", escape(self.id)])


@dataclass(frozen=True, slots=True)
class Xpn:
    """A patient's name: ``type`` is ``L`` for the birth name, ``D`` for the name used; ``others`` the further given names."""

    family: str
    given: str = ""
    others: str = ""
    type: str = ""

    @classmethod
    def parse(cls, text: str) -> Xpn:
        """Read ``NESSI^RUTH^RUTH ISABELLE^^^^L``."""
        parts = _components(text, 7)
        return cls(unescape(parts[0]), unescape(parts[1]), unescape(parts[2]), parts[6])

    def __str__(self) -> str:
        names = [escape(self.family), escape(self.given), escape(self.others)]
        return _joined([*names, "", "", "", self.type])


def pid_fields(values: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The fields of sourcePatientInfo by name: ``PID-5|…`` values under ``PID-5``; what has no ``|`` under ````."""
    fields: dict[str, tuple[str, ...]] = {}
    for value in values:
        name, bar, content = value.partition("|")
        key, what = (name.strip(), content) if bar else ("", value)
        # HL7 repetitions (~) and repeated values mean the same.
        fields[key] = (*fields.get(key, ()), *what.split("~"))
    return fields

"""The forms that metadata values must have: a time, an OID, an identifier of a patient, a person…

Each form says what it expects and judges one value. Source: IHE ITI TF-3 table 4.2.3.1.7-2, CI-SIS.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from conformance.core.language import Text
from conformance.core.numbers import MOST_DIGITS
from conformance.exchange.metadata.hl7 import Cx, Xcn, Xon
from conformance.identity.ins import INS_ROOTS, matricule_problems
from conformance.identity.oid import Form as OidForm
from conformance.identity.oid import form_of
from conformance.identity.organisation import STRUCTURE_ROOT
from conformance.identity.professional import PS_ROOT


@dataclass(frozen=True, slots=True)
class Form:
    """``words``: what is expected, as the end of « … est … »; ``accepts`` judges one value.

    ``why`` says what is wrong without quoting the value, where that would show an identity.
    """

    words: Text
    accepts: Callable[[str], bool]
    why: Callable[[str], Text] | None = None


def _time(value: str) -> bool:
    if not re.fullmatch(r"[0-9]{4}(?:[0-9]{2}){0,5}", value):
        return False
    limits = ((4, 1, 12), (6, 1, 31), (8, 0, 23), (10, 0, 59), (12, 0, 60))
    return all(low <= int(value[at : at + 2]) <= high for at, low, high in limits if len(value) > at)


def _oid(value: str) -> bool:
    # IHE allows 128 characters for a uniqueId, the CI-SIS 64 for a root: the wider limit is the sure one.
    return len(value) <= 128 and form_of(value) is OidForm.OID


def _unique_id(value: str) -> bool:
    root, caret, extension = value.partition("^")
    return _oid(root) and (not caret or 0 < len(extension) <= 16 or (extension.isprintable() and len(value) <= 128))


def _patient(value: str) -> bool:
    one = Cx.parse(value)
    if not one.id or form_of(one.authority) is not OidForm.OID:
        return False
    if one.authority in INS_ROOTS:
        return one.type == "NH" and not matricule_problems(one.id)
    return one.type != "NH"


def _what_of_the_patient(value: str) -> Text:
    one = Cx.parse(value)
    if one.authority in INS_ROOTS:
        problems = matricule_problems(one.id)
        return problems[0].message if problems else Text(f"le type est « {one.type} »", f"the type is “{one.type}”")
    if "&amp;" in value:
        return Text("le « & » y est échappé deux fois (&amp;amp;)", "the “&” is escaped twice in it (&amp;amp;)")
    words = Text(
        "l’autorité est « {authority} » et le type « {type} »", "the authority is “{authority}” and the type “{type}”"
    )
    return words.format(authority=one.authority, type=one.type)


def _local_patient(value: str) -> bool:
    one = Cx.parse(value)
    return bool(one.id) and form_of(one.authority) is OidForm.OID and one.type in ("PI", "NH")


def _person(value: str) -> bool:
    one = Xcn.parse(value)
    if not one.id or form_of(one.authority) is not OidForm.OID:
        return False
    return one.authority != PS_ROOT or (one.name_type, one.id_type) in (("D", "IDNPS"), ("U", "RI"), ("U", "IDNPS"))


def _institution(value: str) -> bool:
    one = Xon.parse(value)
    return bool(one.name and one.id) and (one.authority != STRUCTURE_ROOT or one.id_type == "IDNST")


def _pattern(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda value: compiled.fullmatch(value) is not None


TIME: Final = Form(
    Text("une date AAAAMMJJhhmmss en UTC, ou son début", "a date YYYYMMDDhhmmss in UTC, or its beginning"), _time
)
OID: Final = Form(Text("un OID", "an OID"), _oid)
UNIQUE_ID: Final = Form(
    Text("un OID, ou un OID suivi de ^ et d’une extension", "an OID, or an OID followed by ^ and an extension"),
    _unique_id,
)
PATIENT: Final = Form(
    Text(
        "un identifiant CX : matricule INS à la clé juste, racine de l’INS et type NH, ou numéro local et type PI",
        "a CX identifier: INS matricule with a right key, root of the INS and type NH, or a local number and type PI",
    ),
    _patient,
    _what_of_the_patient,
)
LOCAL_PATIENT: Final = Form(
    Text(
        "un identifiant CX avec son autorité et son type (PI ou NH)",
        "a CX identifier with its authority and type (PI or NH)",
    ),
    _local_patient,
    _what_of_the_patient,
)
PERSON: Final = Form(
    Text(
        "une personne en XCN : identifiant, autorité, type de nom (D ou U), type d’identifiant (IDNPS, RI)",
        "a person in XCN: identifier, authority, name type (D or U), identifier type (IDNPS, RI)",
    ),
    _person,
)
INSTITUTION: Final = Form(
    Text(
        "une structure en XON : nom, autorité, type IDNST, identifiant national",
        "an organisation in XON: name, authority, type IDNST, national identifier",
    ),
    _institution,
)
SPECIALTY: Final = Form(
    Text("code^libellé^OID du système", "code^label^OID of the system"), _pattern(r"[^^]+\^[^^]*\^[0-9.]+")
)
LANGUAGE: Final = Form(
    Text("un code de langue, par exemple fr-FR", "a language code, for example fr-FR"),
    _pattern(r"[a-z]{2,3}(-[A-Z]{2})?"),
)
SHA1: Final = Form(
    Text("un SHA-1 : quarante chiffres hexadécimaux", "a SHA-1: forty hexadecimal digits"), _pattern(r"[0-9A-Fa-f]{40}")
)
NUMBER: Final = Form(Text("un nombre d’octets", "a number of bytes"), _pattern(rf"[0-9]{{1,{MOST_DIGITS}}}"))
ACTION: Final = Form(Text("C (remplacement) ou D (suppression)", "C (replacement) or D (deletion)"), _pattern(r"[CD]"))
PID: Final = Form(
    Text("un champ de PID : PID-5|NOM^Prénom…", "a field of PID: PID-5|NAME^Given name…"), _pattern(r"PID-[0-9]+\|.*")
)
MIME_TYPE: Final = Form(Text("un type de contenu", "a media type"), _pattern(r"[a-z]+/[A-Za-z0-9.+-]+"))
DOCUMENT_OBJECT: Final = Form(
    Text("le type d’objet d’un document stable", "the object type of a stable document"),
    _pattern(r"urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"),
)
CONTENT: Final = Form(Text("un texte non vide", "a text that is not empty"), _pattern(r"(?s).*\S.*"))

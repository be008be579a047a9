"""What the parts of a header say of each other: versions, identifiers, dates, people. No official layer looks.

Source: CI-SIS Structuration minimale v1.16.8 §3.5.5.10, §3.5.5.11, §3.5.5.23 (versions), §3.5.5.12 (patient),
§3.5.5.13.3.1 (a patient who is an author has the same matricule).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from lxml import etree

from conformance.cda.constraints import Rule
from conformance.cda.header.dates import instant
from conformance.cda.header.example import EXAMPLE
from conformance.cda.header.kinds import WARN
from conformance.cda.header.persons import INS_ROOTS, PS_ROOT
from conformance.cda.header.places import header_parts
from conformance.cda.namespaces import h
from conformance.cda.paths import path
from conformance.cda.rules import Constraint, Context, Template, Violation
from conformance.core.findings import Trust
from conformance.core.language import Text

_TEXT: Final = "CI-SIS Structuration minimale v1.16.8 §3.5.5"

_BEYOND: Final = Text(
    "Aucune règle officielle ne compare ces éléments entre eux.",
    "No official rule compares these elements with each other.",
)

Found = Iterator[Violation]


def _rule(key: str, asks: Text, test: Callable[..., Any], spoil: Callable[..., None], **options: Any) -> Constraint:
    return Rule(asks, test, spoil, key=key, beyond=options.pop("beyond", _BEYOND), **options)


def _one(node: etree._Element, where: str) -> etree._Element | None:
    return next(iter(path(where).elements(node)), None)


def _must(node: etree._Element, where: str) -> etree._Element:
    """The element of the example, for a counterexample."""
    return path(where).elements(node)[0]


def _pair(element: etree._Element | None) -> tuple[str, str] | None:
    """Root and extension of an identifier that is known."""
    if element is None or element.get("root") is None:
        return None
    return element.get("root", ""), element.get("extension", "")


# Versions --------------------------------------------------------------------------------------------------


def _number(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 19 else None


def _version(node: etree._Element) -> int | None:
    element = _one(node, "versionNumber")
    value = "" if element is None else element.get("value", "")
    return _number(value)


def _replaces(node: etree._Element) -> etree._Element | None:
    return next((e for e in node.iterchildren(h("relatedDocument")) if e.get("typeCode") == "RPLC"), None)


def _first_version(node: etree._Element, context: Context) -> Found:
    related = _replaces(node)
    if _version(node) == 1 and related is not None:
        yield Violation(related, Text("trouvé versionNumber 1", "found versionNumber 1"))


def _spoil_first(node: etree._Element) -> None:
    _must(node, "versionNumber").set("value", "1")
    parent = _must(node, "relatedDocument/parentDocument")
    for number in list(parent.iterchildren(h("versionNumber"))):
        parent.remove(number)


def _next_version(node: etree._Element, context: Context) -> Found:
    version = _version(node)
    other = {related.get("typeCode") for related in node.iterchildren(h("relatedDocument"))} - {"XFRM", "APND"}
    if version is not None and version > 1 and not other:
        where = _one(node, "versionNumber")
        yield Violation(
            node if where is None else where,
            Text(f"versionNumber vaut {version}, sans relatedDocument RPLC", f"versionNumber is {version}, without relatedDocument RPLC"),
        )  # fmt: skip


def _spoil_next(node: etree._Element) -> None:
    node.remove(_must(node, "relatedDocument"))


def _parent(node: etree._Element, context: Context) -> Found:
    own = _pair(_one(node, "id"))
    for parent in path("relatedDocument/parentDocument/id").elements(node):
        if own is not None and _pair(parent) == own:
            yield Violation(
                parent, Text("c'est l'identifiant du document lui-même", "it is the identifier of the document itself")
            )


def _spoil_parent(node: etree._Element) -> None:
    _must(node, "relatedDocument/parentDocument/id").set("root", _must(node, "id").get("root", ""))


def _parent_version(node: etree._Element, context: Context) -> Found:
    version = _version(node)
    for parent in path("relatedDocument[@typeCode='RPLC']/parentDocument/versionNumber").elements(node):
        value = _number(parent.get("value", ""))
        if version is not None and version > 1 and value is not None and value != version - 1:
            yield Violation(parent, Text(f"trouvé {value} pour un document en version {version}",
                                         f"found {value} for a document of version {version}"), "value")  # fmt: skip


def _spoil_parent_version(node: etree._Element) -> None:
    _must(node, "relatedDocument/parentDocument/versionNumber").set("value", "5")


def _parent_set(node: etree._Element, context: Context) -> Found:
    own = _pair(_one(node, "setId"))
    for parent in path("relatedDocument[@typeCode='RPLC']/parentDocument/setId").elements(node):
        if own is not None and _pair(parent) != own:
            yield Violation(parent, Text(f"trouvé « {parent.get('root')} »", f"found “{parent.get('root')}”"))


def _spoil_parent_set(node: etree._Element) -> None:
    identifier = _must(node, "relatedDocument/parentDocument/id")
    identifier.addnext(etree.Element(h("setId"), root="1.2.3.4.567.8.9.99"))


def _set_is_not_id(node: etree._Element, context: Context) -> Found:
    own, common = _one(node, "id"), _one(node, "setId")
    if common is not None and _pair(own) is not None and _pair(own) == _pair(common):
        yield Violation(common, Text("c'est celui du document (id)", "it is that of the document (id)"))


def _spoil_set(node: etree._Element) -> None:
    _must(node, "setId").set("root", _must(node, "id").get("root", ""))


VERSIONS: Final = Template(
    key="coherence.versions",
    name=Text("Versions du document", "Versions of the document"),
    element="ClinicalDocument",
    layer="coherence",
    trust=Trust.PUBLISHED,
    source=f"{_TEXT}.10, §3.5.5.11, §3.5.5.23",
    example=EXAMPLE,
    constraints=(
        _rule("first", Text("la version 1 d'un document ne doit en remplacer aucun autre (relatedDocument RPLC)",
                            "version 1 of a document must replace no other (relatedDocument RPLC)"),
              _first_version, _spoil_first,
              hint=Text("Augmentez versionNumber, ou retirez relatedDocument.", "Raise versionNumber, or remove relatedDocument.")),
        _rule("next", Text("à partir de la version 2, relatedDocument RPLC doit nommer la version remplacée",
                           "from version 2 on, relatedDocument RPLC must name the version that is replaced"),
              _next_version, _spoil_next,
              hint=Text("Ajoutez relatedDocument (typeCode RPLC) avec l'identifiant de la version précédente.",
                        "Add relatedDocument (typeCode RPLC) with the identifier of the previous version.")),
        _rule("parent", Text("le document remplacé doit avoir un autre identifiant que le document", "the replaced document must have another identifier than the document"),
              _parent, _spoil_parent,
              hint=Text("Donnez un nouvel id à chaque version.", "Give a new id to each version.")),
        _rule("parent-version", Text("le document remplacé doit être la version précédente", "the replaced document must be the previous version"),
              _parent_version, _spoil_parent_version, severity=WARN),
        _rule("parent-set", Text("le document remplacé doit avoir le même setId", "the replaced document must have the same setId"),
              _parent_set, _spoil_parent_set),
        _rule("set-id", Text("setId, commun aux versions, doit différer de l'identifiant de cette version (id)",
                             "setId, common to the versions, must differ from the identifier of this version (id)"),
              _set_is_not_id, _spoil_set),
    ),
)  # fmt: skip

# Dates -----------------------------------------------------------------------------------------------------


def _moment(element: etree._Element | None) -> datetime | None:
    return None if element is None else instant(element.get("value", ""))


def _in_order(first: str, last: str, tolerance: timedelta = timedelta(0)) -> Callable[..., Found]:
    """Every ``first`` is not after any ``last``, but for ``tolerance``."""

    def test(node: etree._Element, context: Context) -> Found:
        ends = [(e, when) for e in path(last).elements(node) if (when := _moment(e)) is not None]
        for element in path(first).elements(node):
            start = _moment(element)
            for end, when in ends:
                if start is not None and start > when + tolerance:
                    begun, ended = element.get("value"), end.get("value")
                    yield Violation(
                        element, Text(f"{begun} vient après {ended}", f"{begun} comes after {ended}"), "value"
                    )
                    break

    return test


def _set(where: str, value: str) -> Callable[[etree._Element], None]:
    return lambda node: _must(node, where).set("value", value)


def _future(node: etree._Element, context: Context) -> Found:
    now: datetime = context.options.get("now") or datetime.now(UTC)
    created = _one(node, "effectiveTime")
    when = _moment(created)
    if created is not None and when is not None and when > now + timedelta(days=1):
        yield Violation(created, Text(f"trouvé {created.get('value')}", f"found {created.get('value')}"), "value")


def _spoil_future(node: etree._Element) -> None:
    _must(node, "effectiveTime").set("value", "29990101000000+0100")


def _dead(node: etree._Element, context: Context) -> Found:
    for patient in path("recordTarget/patientRole/patient").elements(node):
        time, mark = _one(patient, "sdtc:deceasedTime"), _one(patient, "sdtc:deceasedInd")
        if time is not None and time.get("value") and mark is not None and mark.get("value") == "false":
            yield Violation(
                mark, Text("trouvé false, avec une date de décès", "found false, with a date of death"), "value"
            )


def _spoil_dead(node: etree._Element) -> None:
    mark = _must(node, "recordTarget/patientRole/patient/sdtc:deceasedInd")
    mark.addnext(etree.Element(h("sdtc:deceasedTime"), value="2023"))


def _death(node: etree._Element, context: Context) -> Found:
    for patient in path("recordTarget/patientRole/patient").elements(node):
        born, died = _one(patient, "birthTime"), _one(patient, "sdtc:deceasedTime")
        start, end = _moment(born), _moment(died)
        if died is not None and start is not None and end is not None and start.year > end.year:
            yield Violation(died, Text(f"trouvé {died.get('value')}", f"found {died.get('value')}"), "value")


def _spoil_death(node: etree._Element) -> None:
    mark = _must(node, "recordTarget/patientRole/patient/sdtc:deceasedInd")
    mark.set("value", "true")
    mark.addnext(etree.Element(h("sdtc:deceasedTime"), value="1980"))


def _twins(node: etree._Element, context: Context) -> Found:
    for patient in path("recordTarget/patientRole/patient").elements(node):
        order, mark = _one(patient, "sdtc:multipleBirthOrderNumber"), _one(patient, "sdtc:multipleBirthInd")
        if order is not None and order.get("value") and (mark is None or mark.get("value") == "false"):
            yield Violation(order, Text("multipleBirthInd ne vaut pas true", "multipleBirthInd is not true"))


def _spoil_twins(node: etree._Element) -> None:
    _must(node, "recordTarget/patientRole/patient/sdtc:multipleBirthInd").set("value", "false")


def _late_start(node: etree._Element) -> None:
    _must(node, _START).set("value", "202406111016+0200")
    _must(node, "documentationOf/serviceEvent/effectiveTime/high").set("value", "202406111017+0200")


_BIRTH: Final = "recordTarget/patientRole/patient/birthTime"
_START: Final = "documentationOf/serviceEvent/effectiveTime/low"

TIMES: Final = Template(
    key="coherence.times",
    name=Text("Dates de l'en-tête", "Dates of the header"),
    element="ClinicalDocument",
    layer="coherence",
    trust=Trust.OWN,
    source=f"{_TEXT}.7, §3.5.5.12.1.4, §3.5.5.13.2, §3.5.5.18.1, §3.5.5.22.1.3",
    example=EXAMPLE,
    constraints=(
        _rule("future", Text("la date de création (effectiveTime) ne doit pas être dans l'avenir",
                             "the date of creation (effectiveTime) must not be in the future"),
              _future, _spoil_future, severity=WARN),
        _rule("birth", Text("le patient doit être né avant la création du document", "the patient must be born before the document was created"),
              _in_order(_BIRTH, "effectiveTime"), _set(_BIRTH, "30850714")),
        _rule("death", Text("le décès doit suivre la naissance", "death must follow birth"), _death, _spoil_death),
        _rule("deceased", Text("deceasedInd doit valoir true quand la date de décès est connue", "deceasedInd must be true when the date of death is known"),
              _dead, _spoil_dead),
        _rule("multiple-birth", Text("un rang de naissance doit aller avec multipleBirthInd true", "a birth order must go with multipleBirthInd true"),
              _twins, _spoil_twins),
        _rule("signature", Text("le responsable doit valider le document après ses auteurs", "the legal authenticator must validate the document after its authors"),
              _in_order("author/time", "legalAuthenticator/time"), _set("legalAuthenticator/time", "20240611101400+0200"), severity=WARN),
        _rule("event", Text("l'acte documenté doit commencer avant la création du document", "the documented event must begin before the document is created"),
              _in_order(_START, "effectiveTime"), _late_start, severity=WARN),
    ),
)  # fmt: skip

# People ----------------------------------------------------------------------------------------------------


def _ins(node: etree._Element) -> set[tuple[str, str]]:
    pairs = (_pair(e) for e in path("recordTarget/patientRole/id").elements(node))
    return {pair for pair in pairs if pair is not None and pair[0] in INS_ROOTS}


_ACTORS: Final = (
    "author/assignedAuthor/id",
    "legalAuthenticator/assignedEntity/id",
    "documentationOf/serviceEvent/performer/assignedEntity/id",
)


def _same_patient(node: etree._Element, context: Context) -> Found:
    own = _ins(node)
    for where in _ACTORS:
        for identifier in path(where).elements(node):
            if identifier.get("root") in INS_ROOTS and _pair(identifier) not in own:
                yield Violation(
                    identifier,
                    Text("le matricule n'est pas celui du patient du document", "the matricule is not that of the document's patient"),
                )  # fmt: skip


def _other_patient(node: etree._Element) -> None:
    identifier = _must(node, "author[2]/assignedAuthor/id")
    identifier.set("root", "1.2.250.1.213.1.4.10")
    identifier.set("extension", "199127505600176")


def _mailbox(node: etree._Element, context: Context) -> Found:
    matricules = {extension for _root, extension in _ins(node)}
    if not matricules:
        return
    for telecom in path("recordTarget/patientRole/telecom").elements(node):
        value = telecom.get("value", "")
        user, at, host = value.removeprefix("mailto:").partition("@")
        if value.startswith("mailto:") and at and host.lower() == "patient.mssante.fr" and user not in matricules:
            yield Violation(
                telecom, Text("l'adresse porte un autre matricule", "the address has another matricule"), "value"
            )


def _other_mailbox(node: etree._Element) -> None:
    _must(node, "recordTarget/patientRole/telecom[2]").set("value", "mailto:199127505600176@patient.mssante.fr")


def _names(node: etree._Element, context: Context) -> Found:
    """One identifier of professional, one family name."""
    known: dict[str, str] = {}
    for identifier in context.remember(header_parts).of("II", "II-"):
        if identifier.get("root") != PS_ROOT or "/" in identifier.get("extension", "/"):
            continue
        entity = identifier.getparent()
        family = None
        if entity is not None:
            family = next(iter(path("*/name/family").elements(entity)), None)
        if family is None or not (family.text or "").strip():
            continue
        name = " ".join((family.text or "").upper().split())
        first = known.setdefault(identifier.get("extension", ""), name)
        if first != name:
            yield Violation(
                family, Text(f"trouvé « {name} », ailleurs « {first} »", f"found “{name}”, elsewhere “{first}”")
            )


def _other_name(node: etree._Element) -> None:
    _must(node, "legalAuthenticator/assignedEntity/assignedPerson/name/family").text = "KERVELLA"


PEOPLE: Final = Template(
    key="coherence.people",
    name=Text("Personnes de l'en-tête", "People of the header"),
    element="ClinicalDocument",
    layer="coherence",
    trust=Trust.PUBLISHED,
    source=f"{_TEXT}.12, §3.5.5.13.3.1",
    example=EXAMPLE,
    constraints=(
        _rule("patient", Text("un matricule INS parmi les auteurs, responsables ou exécutants doit être celui du patient",
                              "an INS matricule among authors, authenticators or performers must be the patient's"),
              _same_patient, _other_patient),
        _rule("mailbox", Text("la messagerie citoyenne du patient doit porter son matricule", "the patient's mailbox must have their matricule"),
              _mailbox, _other_mailbox, severity=WARN),
        _rule("professional", Text("un même identifiant de professionnel doit porter un seul nom", "one identifier of professional must have one name"),
              _names, _other_name, severity=WARN, trust=Trust.OWN),
    ),
)  # fmt: skip

COHERENCE: Final = (VERSIONS, TIMES, PEOPLE)

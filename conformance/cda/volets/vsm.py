"""The document's own rules of the volet de synthèse médicale (VSM): type, three sections, treating doctor, act.

The treating doctor and the documented act are asked by the volet, but the official rules on them repeat the context
of an earlier rule and never fire: here they do, and say that they go beyond. Case and spaces of a label do not count.
Source: CI-SIS, Volet de synthèse médicale 1.4 / 2022.01 and 2023.01; TestContenuCDA 3.0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from lxml import etree

from conformance.cda.coding import code
from conformance.cda.constraints import Rule, declares, holds
from conformance.cda.content.oids import LOINC, VSM_REQUIREMENT, fr_section, pcc
from conformance.cda.paths import path
from conformance.cda.rules import Constraint, Context, RuleSet, Template, Violation
from conformance.cda.volets import vsm_example
from conformance.core.language import Text
from conformance.terminology.labels import same_label

DOCUMENT_TEMPLATE: Final = "1.2.250.1.213.1.1.1.13"
DOCUMENT_TYPES: Final = "1.2.250.1.213.1.1.4.12"
PARTICIPATION_FUNCTION: Final = "2.16.840.1.113883.5.88"

_SHADOWED = Text(
    "Demandé par le volet, mais la règle officielle n'est jamais évaluée (une règle précédente prend son contexte).",
    "Asked by the volet, but the official rule is never evaluated (an earlier rule takes its context).",
)
_FUNCTIONS = path("participant[@typeCode='INF']/functionCode")
_ACTS = path("documentationOf/serviceEvent/code")
_FUNCTION = {"code": "PCP", "codeSystem": PARTICIPATION_FUNCTION, "displayName": "Médecin traitant"}
_ACT = {"code": "34117-2", "codeSystem": LOINC, "displayName": "Historique et clinique", "codeSystemName": "LOINC"}


def _differs(element: etree._Element, wanted: dict[str, str]) -> Iterator[Violation]:
    """The attributes of ``element`` that are not those wanted; labels are compared without case and spaces."""
    for name, expected in wanted.items():
        value = element.get(name)
        if value is None:
            yield Violation(element, Text(f"il manque @{name}", f"@{name} is missing"))
        elif value != expected and not (name in ("displayName", "codeSystemName") and same_label(value, expected)):
            said = Text(f"trouvé @{name} « {value} »", f"found @{name} “{value}”")
            yield Violation(element, said, name)


def _treating_doctor(node: etree._Element, context: Context) -> Iterator[Violation]:
    treating = [one for one in _FUNCTIONS.elements(node) if one.get("code") == _FUNCTION["code"]]
    if not treating:
        informants = path("participant[@typeCode='INF']").elements(node)
        yield Violation(informants[0] if len(informants) == 1 else node, Text("il manque", "it is missing"))
    elif len(treating) > 1:
        yield Violation(treating[1], Text(f"il y en a {len(treating)}", f"there are {len(treating)}"))
    else:
        yield from _differs(treating[0], _FUNCTION)


def _documented_act(node: etree._Element, context: Context) -> Iterator[Violation]:
    codes = _ACTS.elements(node)
    right = [one for one in codes if one.get("code") == _ACT["code"]]
    if right:
        yield from _differs(right[0], _ACT)
    elif codes:
        value = codes[0].get("code")
        said = (
            Text(f"trouvé « {value} »", f"found “{value}”")
            if value is not None
            else Text("il manque @code", "@code is missing")
        )
        yield Violation(codes[0], said, "code" if value is not None else None)
    else:
        yield Violation(node, Text("il manque", "it is missing"))


def _drop_code(where: str) -> Callable[[etree._Element], None]:
    def spoil(node: etree._Element) -> None:
        for element in path(where).elements(node):
            element.set("code", "x-wrong")

    return spoil


def _section(oid: str, name: Text, official: str) -> Constraint:
    return holds("component/section", (oid,), name, official=official)


def _document(version: str, name: Text, files: tuple[str, str], treating_doctor: bool) -> RuleSet:
    """The rules on the document; ``files``: the official files of its header and of its sections."""
    header, body = files
    first = 3 if header == body else 1
    constraints: list[Constraint] = [
        declares(DOCUMENT_TEMPLATE, official=f"volet:{header} #1"),
        code("code", "SYNTH", DOCUMENT_TYPES, "Synthèse", official=f"volet:{header} #2"),
    ]
    sections = (
        _section(fr_section("29"), Text(
            "une section de premier niveau Pathologies, antécédents, allergies et facteurs de risques",
            "one top-level section Problems, history, allergies and risk factors"), f"volet:{body} #{first}"),
        _section(pcc("3.27"), Text("une section de premier niveau Résultats", "one top-level section Results"),
                 f"volet:{body} #{first + 1}"),
        _section(fr_section("32"), Text(
            "une section de premier niveau Plan de traitement", "one top-level section Treatment plan"),
            f"volet:{body} #{first + 2}"),
    )  # fmt: skip
    if treating_doctor:
        constraints.append(Rule(
            asks=Text(
                "un seul participant INF doit être le médecin traitant (functionCode PCP, « Médecin traitant », "
                f"système {PARTICIPATION_FUNCTION})",
                "one participant INF, and only one, must be the treating doctor (functionCode PCP, “Médecin traitant”, "
                f"system {PARTICIPATION_FUNCTION})",
            ),
            test=_treating_doctor, break_it=_drop_code("participant/functionCode"), key="treating-doctor",
            official=f"volet:{header} #6", beyond=_SHADOWED,
        ))  # fmt: skip
    constraints.append(Rule(
        asks=Text("l'acte documenté (documentationOf/serviceEvent/code) doit être 34117-2, « Historique et clinique », LOINC",
                  "the documented act (documentationOf/serviceEvent/code) must be 34117-2, “Historique et clinique”, LOINC"),
        test=_documented_act, break_it=_drop_code("documentationOf/serviceEvent/code"), key="documented-act",
        official=f"volet:{header} #{7 if treating_doctor else 3}", beyond=_SHADOWED,
    ))  # fmt: skip

    def template(key: str, element: str, rules: tuple[Constraint, ...]) -> Template:
        return Template(
            key=key, name=name, element=element, constraints=rules, requirements=VSM_REQUIREMENT,
            source=f"CI-SIS, Volet de synthèse médicale {version} ; TestContenuCDA 3.0 (ANS, mars 2025)",
            example=vsm_example.DOCUMENT,
        )  # fmt: skip

    return RuleSet((
        template(f"vsm-{version}", "ClinicalDocument", tuple(constraints)),
        template(f"vsm-{version}-body", "structuredBody", sections),
    ))  # fmt: skip


VSM_2022: Final = _document(
    "2022.01", Text("Synthèse médicale (VSM 1.4, 2022.01)", "Medical summary (VSM 1.4, 2022.01)"),
    ("CI-SIS_VSM_1.4_2022.01", "CI-SIS_VSM_1.4_2022.01"), treating_doctor=True,
)  # fmt: skip
"""The own rules of a VSM 1.4 (2022.01)."""

VSM_2023: Final = _document(
    "2023.01", Text("Synthèse médicale (VSM 2023.01)", "Medical summary (VSM 2023.01)"),
    ("Entete_VSM_2023", "CI-SIS_VSM_2023.01"), treating_doctor=False,
)  # fmt: skip
"""The own rules of a VSM 2023.01."""

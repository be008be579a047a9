"""What the entries have in common: how a template of entry is written, and the demands that several repeat.

Source: IHE PCC TF-2 §6.3.4; CI-SIS, Modèles de contenus CDA.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from conformance.cda.constraints import Rule, fixed, required
from conformance.cda.content.oids import SOURCE, VSM_REQUIREMENT
from conformance.cda.namespaces import h
from conformance.cda.paths import path
from conformance.cda.rules import CannotSpoil, Constraint, Context, Template, Violation
from conformance.core.language import Text

CONCERN_STATUSES = ("active", "suspended", "aborted", "completed")
_ENDED = ("completed", "aborted")


def entry(key: str, name: Text, oid: str, *constraints: Constraint, example: str, element: str = "",
          unless: tuple[str, ...] = ()) -> Template:  # fmt: skip
    """A template of entry: all come from the same source and serve the same requirement."""
    return Template(key=key, name=name, oid=oid, element=element, constraints=constraints, source=SOURCE,
                    requirements=VSM_REQUIREMENT, example=example, unless=unless)  # fmt: skip


def attribute_of(node: etree._Element, where: str, name: str) -> str | None:
    """The attribute ``name`` of the first element at ``where``."""
    found = path(where).elements(node)
    return found[0].get(name) if found else None


def _status_known(node: etree._Element) -> bool:
    return attribute_of(node, "statusCode", "code") in CONCERN_STATUSES


def _end_and_status(node: etree._Element, context: Context) -> Iterator[Violation]:
    if any(period.get("nullFlavor") is not None for period in path("effectiveTime").elements(node)):
        return
    ends = path("effectiveTime/high").elements(node)
    status = attribute_of(node, "statusCode", "code")
    # On the entry: either the status or the period may be the wrong one.
    if status in _ENDED and not ends:
        yield Violation(node, Text(
            f"le statut est « {status} » et il manque high", f"the status is “{status}” and high is missing"))  # fmt: skip
    elif status not in _ENDED and ends:
        yield Violation(node, Text(
            f"le statut est « {status} » et high est présent", f"the status is “{status}” and high is present"))  # fmt: skip


def _give_an_end(node: etree._Element) -> None:
    for period in path("effectiveTime").elements(node):
        ends = path("high").elements(period)
        for end in ends:
            period.remove(end)
        if not ends:
            etree.SubElement(period, h("high"), value="20240101")


def end_follows_status(official: str) -> Rule:
    """The end of the period goes with the status of the concern."""
    return Rule(
        asks=Text(
            "effectiveTime/high doit figurer quand le statut est completed ou aborted, et seulement alors",
            "effectiveTime/high must occur when the status is completed or aborted, and only then",
        ),
        test=_end_and_status, break_it=_give_an_end, key="end-follows-status", official=official, when=_status_known,
        hint=Text("Date de fin inconnue : high avec nullFlavor « UNK ».", "Unknown end: high with nullFlavor “UNK”."),
    )  # fmt: skip


def code_with_its_system(official: str, *others: str) -> Rule:
    """``value`` has ``code`` and ``codeSystem``, or none of the two (nor the ``others``)."""

    def test(node: etree._Element, context: Context) -> Iterator[Violation]:
        for value in path("value").elements(node):
            given = [name for name in ("code", "codeSystem") if value.get(name) is not None]
            if len(given) == 2 or not (given or any(value.get(name) is not None for name in others)):
                continue
            lacking = "codeSystem" if given == ["code"] else "code"
            yield Violation(value, Text(f"il manque @{lacking}", f"@{lacking} is missing"))

    def break_it(node: etree._Element) -> None:
        for value in path("value").elements(node):
            if value.get("code") is not None and value.get("codeSystem") is not None:
                del value.attrib["codeSystem"]
                return
        raise CannotSpoil("the value of the example has no code")

    listed = " et ".join(others)
    return Rule(
        asks=Text(
            "l'élément value doit porter code et codeSystem, ou aucun des deux" + (f" (ni {listed})" if others else ""),
            "the element value must carry code and codeSystem, or none of them" + (f" (nor {listed})" if others else ""),
        ),
        test=test, break_it=break_it, key="value.coded", official=official,
    )  # fmt: skip


_REFERENCE = Text("Reliez l'entrée au texte : text/reference/@value=\"#identifiant\".",
                  "Link the entry to the narrative: text/reference/@value=\"#identifier\".")  # fmt: skip


def narrative_link(official: str) -> Constraint:
    """The entry points to the words of the narrative that say the same."""
    return required("text/reference/@value", official=official, hint=_REFERENCE)


def completed(official: str) -> Constraint:
    """The entry is completed: the only status that these entries may have."""
    return fixed("statusCode/@code", "completed", official=official)

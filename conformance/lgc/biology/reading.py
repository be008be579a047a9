"""Reads the results of a laboratory report (CR-BIO, level 3). A level 1 report has none that can be read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final

from lxml import etree

from conformance.lgc.biology.model import LOINC, Amount, LabReport, LabResult, Limit, Normal, Span

HL7: Final = "urn:hl7-org:v3"
LAB: Final = "urn:oid:1.3.6.1.4.1.19376.1.3.2"
XSI_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"
NAMES: Final = {"h": HL7, "lab": LAB, "sdtc": "urn:hl7-org:sdtc"}

INTERPRETATIONS: Final = "2.16.840.1.113883.5.83"
_RESULT: Final = "1.3.6.1.4.1.19376.1.3.1.6"
_COMMENT_CODE: Final = "48767-8"
_COMMENT_SECTION: Final = "55112-7"

Node = etree._Element


def found(node: Node, path: str) -> list[Node]:
    """The elements at ``path`` (prefixes ``h``, ``lab``, ``sdtc``)."""
    answer = _compiled(path)(node)
    return [one for one in answer if isinstance(one, Node)] if isinstance(answer, list) else []


@cache
def _compiled(path: str) -> etree.XPath:
    return etree.XPath(path, namespaces=NAMES)


def first(node: Node, path: str) -> Node | None:
    """The first element at ``path``."""
    return next(iter(found(node, path)), None)


def attribute(node: Node, path: str, name: str) -> str | None:
    """An attribute of the first element at ``path``."""
    one = first(node, path)
    return one.get(name) if one is not None else None


class LabReading:
    """Reads a report. Each method reads one thing."""

    def read(self, document: bytes) -> LabReport:
        """The report in ``document``; raises ``etree.XMLSyntaxError`` for what is no XML."""
        root = etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
        self._words_by_id: dict[str, Node] = {}
        for each in found(root, "//*[@ID]"):
            self._words_by_id.setdefault(each.get("ID", ""), each)
        body = first(root, ".//h:structuredBody")
        status = attribute(root, ".//h:documentationOf/h:serviceEvent/lab:statusCode", "code")
        return LabReport(
            type=attribute(root, "descendant-or-self::h:ClinicalDocument/h:code", "code") or "",
            results=tuple(self.result(one) for one in self.observations(body)) if body is not None else (),
            remarks=tuple(self.remarks(body)) if body is not None else (),
            sex=attribute(root, ".//h:recordTarget//h:patient/h:administrativeGenderCode", "code"),
            born=attribute(root, ".//h:recordTarget//h:patient/h:birthTime", "value"),
            final=status != "active",
            structured=body is not None,
        )

    def observations(self, body: Node) -> list[Node]:
        """The results, in the order of the document; results recalled from an earlier report are none."""
        return found(
            body,
            f".//h:observation[h:templateId/@root='{_RESULT}'][not(ancestor::h:entryRelationship/@typeCode='REFR')]",
        )

    def result(self, node: Node) -> LabResult:
        """One result."""
        value = first(node, "h:value")
        text, unit, others, span = self.value(value) if value is not None else ("", None, (), None)
        return LabResult(
            code=self.loinc(node),
            local_code=next((one.get("code") for one in self.codes_of(node) if one.get("codeSystem") != LOINC), None),
            label=self.label(node),
            text=text,
            unit=unit,
            others=others,
            span=span,
            normals=tuple(self.normals(node)),
            codes=tuple(self.interpretations(node)),
            comments=tuple(self.comments(node)),
            status=attribute(node, "h:statusCode", "code") or "completed",
            time=self.time(node),
            germ=self.germ(node),
        )

    # What the result is about -------------------------------------------------------------------------

    def codes_of(self, node: Node) -> list[Node]:
        """The code of a result and its translations, those that have one."""
        return [one for one in found(node, "h:code | h:code/h:translation") if one.get("code")]

    def loinc(self, node: Node) -> str | None:
        """The LOINC code."""
        return next((one.get("code") for one in self.codes_of(node) if one.get("codeSystem") == LOINC), None)

    def label(self, node: Node) -> str:
        """The name of the analysis."""
        code = first(node, "h:code")
        return self.name(code) if code is not None else ""

    def time(self, node: Node) -> str:
        """When the result was obtained, as HL7 writes it."""
        return attribute(node, "h:effectiveTime[@value] | h:effectiveTime/h:*[@value]", "value") or ""

    def germ(self, node: Node) -> str:
        """The germ that the result is about."""
        code = first(node, "ancestor::h:organizer/h:specimen//h:specimenPlayingEntity/h:code")
        return self.name(code) if code is not None else ""

    def name(self, code: Node) -> str:
        """The words of a code: its label, those of the narrative, those of a translation, the code itself."""
        label = code.get("displayName") or self.words(first(code, "h:originalText"))
        return label or attribute(code, "h:translation[@displayName]", "displayName") or code.get("code") or ""

    def words(self, node: Node | None) -> str:
        """The words of a text, or of the place of the narrative that it points to."""
        if node is None:
            return ""
        target = (attribute(node, "h:reference", "value") or "").removeprefix("#")
        source = self._words_by_id.get(target, node) if target else node
        return " ".join("".join(map(str, source.itertext())).split())

    # Values -------------------------------------------------------------------------------------------

    def value(self, node: Node) -> tuple[str, str | None, tuple[Amount, ...], Span | None]:
        """A value: as written, its unit, the same in other units, and the interval that it stands for."""
        kind = node.get(XSI_TYPE, "").rpartition(":")[2]
        if node.get("nullFlavor"):
            return "", None, (), None
        if kind in ("PQ", "REAL", "INT"):
            amount, others = self.amount(node), self.other_amounts(node)
            limit = Limit(amount=amount)
            return amount.text, amount.unit, others, Span(low=limit, high=limit)
        if kind.startswith("IVL"):
            span = self.span(node)
            return self.written(span), self.unit_of(span), (), span
        if kind.startswith("RTO"):
            parts = (attribute(node, "h:numerator", "value") or "?", attribute(node, "h:denominator", "value") or "?")
            return "/".join(parts), None, (), None
        return (self.name(node) if kind.startswith("C") else self.words(node)), None, (), None

    def amount(self, node: Node) -> Amount:
        """A number and its unit, as written."""
        return Amount(text=node.get("value", ""), unit=node.get("unit"))

    def other_amounts(self, node: Node) -> tuple[Amount, ...]:
        """The same amount in other units."""
        return tuple(
            Amount(text=one.get("value", ""), unit=one.get("code") or one.get("unit"))
            for one in found(node, "h:translation")
        )

    def span(self, node: Node) -> Span:
        """An interval by its ends."""
        return Span(low=self.limit(first(node, "h:low")), high=self.limit(first(node, "h:high")))

    def limit(self, node: Node | None) -> Limit | None:
        """One end; ``None`` for no limit."""
        if node is None or node.get("nullFlavor") in ("NINF", "PINF"):
            return None
        return Limit(amount=self.amount(node), included=self.included(node), others=self.other_amounts(node))

    def included(self, node: Node) -> bool:
        """Whether the end is part of the interval."""
        return node.get("inclusive") not in ("false", "0")

    def unit_of(self, span: Span) -> str | None:
        """The unit of an interval."""
        return next((one.amount.unit for one in (span.low, span.high) if one is not None and one.amount.unit), None)

    def written(self, span: Span) -> str:
        """An interval as the user reads it: ``<0.5``, ``>=10``, ``[3.5 ; 5.1]``."""
        low, high = span.low, span.high
        if low is not None and high is not None:
            return f"[{low.amount.text} ; {high.amount.text}]"
        if high is not None:
            return ("<=" if high.included else "<") + high.amount.text
        return (">=" if low.included else ">") + low.amount.text if low is not None else ""

    # What the laboratory says of it -------------------------------------------------------------------

    def interpretations(self, node: Node) -> Iterator[str]:
        """The interpretation codes; one without code system is read as one of the usual system."""
        for one in found(node, "h:interpretationCode"):
            if one.get("code") and one.get("codeSystem", INTERPRETATIONS) == INTERPRETATIONS:
                yield one.get("code", "")

    def comments(self, node: Node) -> Iterator[str]:
        """The comments on this result."""
        for act in found(node, f"h:entryRelationship/h:act[h:code/@code='{_COMMENT_CODE}']"):
            yield self.words(first(act, "h:text"))

    def remarks(self, body: Node) -> Iterator[str]:
        """The comments on a battery, an isolate, a chapter, the report, and all others that are on no result."""
        for section in found(body, f".//h:section[h:code/@code='{_COMMENT_SECTION}']"):
            yield self.words(first(section, "h:text"))
        on_a_result = f"../parent::h:observation[h:templateId/@root='{_RESULT}'][not(../@typeCode='REFR')]"
        for act in found(body, f".//h:act[h:code/@code='{_COMMENT_CODE}'][not({on_a_result})]"):
            yield self.words(first(act, "h:text"))

    def normals(self, node: Node) -> Iterator[Normal]:
        """The reference ranges."""
        for one in found(node, "h:referenceRange/h:observationRange"):
            value = first(one, "h:value")
            kind = value.get(XSI_TYPE, "").rpartition(":")[2] if value is not None else ""
            yield Normal(
                span=self.span(value) if value is not None and kind.startswith("IVL") else None,
                code=attribute(one, "h:interpretationCode", "code"),
                sex=self.sex(one),
                age=self.age(one),
                condition=self.condition(one),
                words=self.words(first(one, "h:text")),
            )

    def sex(self, node: Node) -> str | None:
        """The sex that a range is for."""
        path = "lab:precondition/*/*[local-name()='value']"
        value = first(node, path)
        return (
            (value.get("value") or value.get("code"))
            if value is not None and not found(value, "h:low|h:high")
            else None
        )

    def age(self, node: Node) -> Span | None:
        """The age that a range is for."""
        value = first(node, "(sdtc:precondition1|lab:precondition)/*/*[local-name()='value'][h:low or h:high]")
        return self.span(value) if value is not None else None

    def condition(self, node: Node) -> str:
        """Another condition of a range, in words."""
        inside = first(node, "(lab:precondition|sdtc:precondition1|h:precondition)/*[not(*[local-name()='value'])]")
        return self.words(first(inside, "*[local-name()='text']")) or "?" if inside is not None and len(inside) else ""

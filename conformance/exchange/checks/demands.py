"""What may be asked of a metadata value, as data: how often, in which form, from which set; and the rules that follow.

From one ``Demand`` come the rules ``<layer>.<object>.<value>.required``, ``.once``, ``.form``, ``.system`` and
``.code``. Each exchange (the archives of MSSanté, the DMP) has its own tables of demands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from lxml import etree

from conformance.core.findings import Finding, Place, Severity, Trust
from conformance.core.language import Text
from conformance.exchange.checks import forms
from conformance.exchange.checks.forms import Form
from conformance.exchange.checks.rules import ExchangeRule, RuleBook, found_words
from conformance.exchange.metadata import Author, Coded
from conformance.exchange.metadata.carriers import AttributeCarrier, Occurrence
from conformance.exchange.metadata.fields import Field, field_of
from conformance.terminology.value_sets import ValueSet, explain


class Places(Protocol):
    """Tells where an element stands in its file; ``MetadataFile`` does."""

    def place(self, element: etree._Element | None, attribute: str | None = None) -> Place:
        """The place of an element, or of one of its attributes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What is asked of one value.

    ``least``/``most``: how many occurrences (``most`` 0: any number). ``systems``: the code systems allowed.
    ``severity`` is that of a missing or malformed value; a code out of ``value_set`` has ``code_severity``.
    """

    name: str
    least: int = 1
    most: int = 1
    form: Form | None = None
    systems: tuple[str, ...] = ()
    value_set: ValueSet | None = None
    severity: Severity = Severity.ERROR
    code_severity: Severity = Severity.WARNING
    trust: Trust = Trust.SECOND_HAND
    requirements: tuple[str, ...] = ()


_AUTHOR_SLOTS: Final = (
    ("person", "authorPerson", forms.PERSON),
    ("institutions", "authorInstitution", forms.INSTITUTION),
    ("specialties", "authorSpecialty", forms.SPECIALTY),
)


@dataclass(frozen=True, slots=True)
class _Checked:
    """A demand with its field and the rules made from it."""

    demand: Demand
    field: Field
    required: ExchangeRule | None
    once: ExchangeRule | None
    form: ExchangeRule | None
    system: ExchangeRule | None
    code: ExchangeRule | None


class ValueRules:
    """The demands on one kind of object, with their rules entered into ``book``.

    ``owner`` names the object in rule ids; ``table`` says where each value stands; ``requirements`` are those of
    the demands that name none.
    """

    def __init__(
        self,
        book: RuleBook,
        owner: str,
        demands: tuple[Demand, ...],
        table: tuple[Field, ...],
        source: str,
        requirements: tuple[str, ...] = (),
    ) -> None:
        self._book, self._owner, self._source, self._requirements = book, owner, source, requirements
        self._checked = tuple(self._compile(demand, field_of(table, demand.name)) for demand in demands)
        has_author = any(demand.name == "author" for demand in demands)
        self._authors = {slot: self._author_rule(slot, form) for _, slot, form in _AUTHOR_SLOTS} if has_author else {}

    def check(self, places: Places, node: etree._Element) -> Iterator[Finding]:
        """The values of one object, each against its demand."""
        for checked in self._checked:
            yield from self._check(checked, places, node)

    def _compile(self, demand: Demand, field: Field) -> _Checked:
        name, where = demand.name, field.carrier.words

        def rule(kind: str, fr: str, en: str, severity: Severity = demand.severity) -> ExchangeRule:
            return self._book.rule(
                f"{self._owner}.{name}.{kind}", fr, en, self._source,
                severity=severity, trust=demand.trust, requirements=demand.requirements or self._requirements,
            )  # fmt: skip

        listed, wanted = ", ".join(demand.systems), demand.value_set
        return _Checked(
            demand,
            field,
            rule("required", f"« {name} » ({where}) est obligatoire", f"“{name}” ({where}) is mandatory") if demand.least else None,
            rule("once", f"« {name} » ({where}) figure une seule fois", f"“{name}” ({where}) stands once only") if demand.most == 1 and not isinstance(field.carrier, AttributeCarrier) else None,
            rule("form", f"« {name} » est {demand.form.words.fr}", f"“{name}” is {demand.form.words.en}") if demand.form else None,
            rule("system", f"le système de {name} (codingScheme) est {listed}", f"the system of {name} (codingScheme) is {listed}") if listed else None,
            rule("code", f"« {name} » appartient au jeu de valeurs {wanted.name}", f"“{name}” belongs to the value set {wanted.name}", demand.code_severity) if wanted else None,
        )  # fmt: skip

    def _author_rule(self, slot: str, form: Form) -> ExchangeRule:
        return self._book.rule(
            f"{self._owner}.{slot}.form", f"« {slot} » est {form.words.fr}", f"“{slot}” is {form.words.en}", self._source,
            severity=Severity.WARNING, trust=Trust.SECOND_HAND, requirements=self._requirements,
        )  # fmt: skip

    def _check(self, checked: _Checked, places: Places, node: etree._Element) -> Iterator[Finding]:
        found = list(checked.field.carrier.find(node))
        if not found and checked.required:
            yield checked.required.finding(Text("il manque ici", "it is missing here"), places.place(node))
        if len(found) > 1 and checked.once:
            counted = Text(f"trouvé {len(found)} fois", f"found {len(found)} times")
            yield checked.once.finding(counted, places.place(found[1].node))
        for occurrence in found:
            value, form = occurrence.value, checked.demand.form
            if isinstance(value, Coded):
                yield from _check_code(checked, places, occurrence)
            elif isinstance(value, Author):
                yield from self._check_author(value, places, occurrence.node)
            elif checked.form and form and not form.accepts(value):
                said = form.why(value) if form.why else found_words(value)
                yield checked.form.finding(said, places.place(occurrence.node, occurrence.attribute))

    def _check_author(self, author: Author, places: Places, node: etree._Element) -> Iterator[Finding]:
        for attribute, slot, form in _AUTHOR_SLOTS:
            values = getattr(author, attribute)
            for value in (values,) if isinstance(values, str) else values:
                if value and not form.accepts(value):
                    yield self._authors[slot].finding(found_words(value), places.place(node))


def _check_code(checked: _Checked, places: Places, occurrence: Occurrence) -> Iterator[Finding]:
    value: Coded = occurrence.value
    place = places.place(occurrence.node, occurrence.attribute)
    if checked.system and value.system not in checked.demand.systems:
        yield checked.system.finding(found_words(value.system), place)
    elif checked.code and checked.demand.value_set is not None:
        answer = checked.demand.value_set.look_up(value.code, value.system)
        if not answer.accepted:
            yield checked.code.finding(found_words(value.code), place, explain(answer))

"""What a rule on an envelope is: an identifier, a demand in both languages, a severity, its requirements, its source.

Each layer keeps its rules in a ``RuleBook``; the tests go through them all and prove that each one can fire.
Trust follows the marks of the sources: read (``published``), read in one second-hand text only
(``second_hand``), inferred or the kit's own (``own``, a warning at most).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from conformance.core.findings import Finding, Place, Severity, Trust
from conformance.core.language import Text


@dataclass(frozen=True, slots=True)
class ExchangeRule:
    """One demand on what travels. ``key`` is stable: ``metadata.document.hash.form``."""

    key: str
    layer: str
    demand: Text
    severity: Severity
    trust: Trust
    requirements: tuple[str, ...]
    source: str

    def finding(self, found: Text, place: Place | None = None, hint: Text | None = None) -> Finding:
        """The finding that this rule makes: its demand, what was ``found``, and what to do."""
        tail = Text(f" {hint.fr}", f" {hint.en}") if hint else Text("", "")
        message = Text(
            f"{_raised(self.demand.fr)} ; {_lowered(found.fr)}.{tail.fr}",
            f"{_raised(self.demand.en)}; {_lowered(found.en)}.{tail.en}",
        )
        return Finding(
            rule=self.key,
            severity=self.severity,
            layer=self.layer,
            message=message,
            place=place or Place(),
            requirements=self.requirements,
            trust=self.trust,
            source=self.source,
            beyond_official=self.trust is Trust.OWN,
        )


def _raised(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _lowered(sentence: str) -> str:
    """The second half of a sentence, without full stop, its first letter small unless it begins a name."""
    sentence = sentence.rstrip(" .")
    return sentence[:1].lower() + sentence[1:] if sentence[1:2].islower() or sentence[1:2] == " " else sentence


@dataclass
class RuleBook:
    """The rules of one layer."""

    layer: str
    rules: dict[str, ExchangeRule] = field(default_factory=dict)

    def rule(
        self,
        key: str,
        fr: str,
        en: str,
        source: str,
        *,
        severity: Severity = Severity.ERROR,
        trust: Trust = Trust.PUBLISHED,
        requirements: tuple[str, ...] = (),
    ) -> ExchangeRule:
        """Add a rule. Raises ``ValueError`` for a key used twice, and for an error that nothing published backs."""
        whole = f"{self.layer}.{key}"
        if whole in self.rules:
            raise ValueError(f"two rules called {whole}")
        if trust is Trust.OWN and severity is Severity.ERROR:
            raise ValueError(f"{whole}: a rule of the kit's own is a warning at most")
        made = ExchangeRule(whole, self.layer, Text(fr, en), severity, trust, requirements, source)
        self.rules[whole] = made
        return made


def found_words(value: str) -> Text:
    """« trouvé … » for a value; says when there is none."""
    if not value:
        return Text("rien n’est donné", "nothing is given")
    shown = value if len(value) <= 160 else value[:157] + "…"
    return Text(f"trouvé « {shown} »", f"found “{shown}”")

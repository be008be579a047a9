"""The defects of a pack that reading it shows: what they are called, and the sentence for each."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from conformance.core.findings import Severity
from conformance.core.language import Language, Text, current_language


class ProblemKind(StrEnum):
    """What is wrong; the value is the stable identifier in machine formats."""

    INCLUDE_CASE = "include-letter-case"
    INCLUDE_MISSING = "include-missing"
    INCLUDE_USELESS = "include-useless"
    EMPTY_FILE = "empty-file"
    VALUE_SET_CASE = "value-set-letter-case"
    VALUE_SET_MISSING = "value-set-missing"
    DEAD_RULE = "dead-rule"
    DEAD_PATTERN = "pattern-not-in-phase"
    PHASE_UNKNOWN = "phase-unknown"
    EXTENDS_UNKNOWN = "extends-unknown"
    ELEMENT_IGNORED = "element-ignored"
    NOT_VISITED = "context-not-visited"
    NO_ID = "assertion-without-id"
    DOES_NOT_COMPILE = "does-not-compile"
    HOSTILE = "hostile"


@dataclass(frozen=True, slots=True)
class _Manner:
    severity: Severity
    sentence: Text


_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

MANNERS: Final[dict[ProblemKind, _Manner]] = {
    ProblemKind.INCLUDE_CASE: _Manner(_WARNING, Text(
        "Inclusion de « {href} », que seule l'indifférence à la casse trouve ({found}) : le schématron ne se charge pas sous Linux. Le kit le répare en mémoire.",
        "Include of “{href}”, found only by ignoring letter case ({found}): the schematron does not load on Linux. The kit mends it in memory.")),
    ProblemKind.INCLUDE_MISSING: _Manner(_ERROR, Text(
        "Inclusion de « {href} », qui n'existe pas : le schématron ne se charge nulle part.",
        "Include of “{href}”, which does not exist: the schematron loads nowhere.")),
    ProblemKind.INCLUDE_USELESS: _Manner(_WARNING, Text(
        "L'inclusion de « {href} » n'apporte rien (ni motif, ni règle).",
        "The include of “{href}” brings nothing (no pattern, no rule).")),
    ProblemKind.EMPTY_FILE: _Manner(_ERROR, Text("Le fichier est vide : ce qu'il devait contenir manque au paquet.", "The file is empty: what it should hold is missing in the pack.")),
    ProblemKind.VALUE_SET_CASE: _Manner(_WARNING, Text(
        "Jeu de valeurs « {href} », que seule l'indifférence à la casse trouve ({found}). Le kit le répare en mémoire.",
        "Value set “{href}”, found only by ignoring letter case ({found}). The kit mends it in memory.")),
    ProblemKind.VALUE_SET_MISSING: _Manner(_ERROR, Text(
        "Jeu de valeurs « {href} » introuvable.{substitute}", "Value set “{href}” cannot be found.{substitute}")),
    ProblemKind.DEAD_RULE: _Manner(_WARNING, Text(
        "La règle « {context} » ne peut jamais s'appliquer : dans le même motif, la règle {earlier} a un contexte {relation}.",
        "The rule “{context}” can never fire: in the same pattern, the rule {earlier} has {relation} context.")),
    ProblemKind.DEAD_PATTERN: _Manner(_WARNING, Text(
        "Le motif « {pattern} » n'est dans aucune phase exécutée par défaut ({phase}) : ses règles ne s'appliquent jamais.",
        "The pattern “{pattern}” is in no phase that runs by default ({phase}): its rules never apply.")),
    ProblemKind.PHASE_UNKNOWN: _Manner(_ERROR, Text(
        "La phase par défaut « {phase} » n'existe pas : aucune règle ne serait exécutée.",
        "The default phase “{phase}” does not exist: no rule would run.")),
    ProblemKind.EXTENDS_UNKNOWN: _Manner(_ERROR, Text(
        "La règle étend « {rule} », qui n'existe pas.", "The rule extends “{rule}”, which does not exist.")),
    ProblemKind.ELEMENT_IGNORED: _Manner(_ERROR, Text(
        "L'élément « {element} » n'a pas de sens ici : il est ignoré, avec ce qu'il contient.",
        "The element “{element}” means nothing here: it is left out, with what it holds.")),
    ProblemKind.NOT_VISITED: _Manner(_WARNING, Text(
        "La règle « {context} » ne peut jamais s'appliquer : seuls les éléments sont visités, ni leurs attributs ni leurs textes.",
        "The rule “{context}” can never fire: only elements are visited, neither their attributes nor their texts.")),
    ProblemKind.NO_ID: _Manner(_INFO, Text(
        "{count} assertions sans identifiant (la première : ligne {line}) ; le kit leur en donne un, stable.",
        "{count} assertions without an id (the first: line {line}); the kit gives them a stable one.")),
    ProblemKind.DOES_NOT_COMPILE: _Manner(_ERROR, Text(
        "Le schématron {schematron} ne se charge pas : {reason}.", "The schematron {schematron} does not load: {reason}.")),
    ProblemKind.HOSTILE: _Manner(_ERROR, Text("Refusé : {reason}", "Refused: {reason}")),
}  # fmt: skip
"""How each kind is said, and how grave it is for who runs the pack."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One defect at one place; ``details`` fill the sentence (strings, numbers or ``Text``)."""

    kind: ProblemKind
    file: str
    line: int
    details: dict[str, Any] = field(default_factory=dict, hash=False)

    @property
    def severity(self) -> Severity:
        """``error`` when rules are lost, ``warning`` when the kit mends it or when a rule is useless."""
        return Severity.WARNING if self.mended else MANNERS[self.kind].severity

    @property
    def mended(self) -> bool:
        """Whether the kit sets this defect right in memory."""
        if self.kind in (ProblemKind.INCLUDE_CASE, ProblemKind.VALUE_SET_CASE):
            return True
        return self.kind is ProblemKind.VALUE_SET_MISSING and bool(self.details.get("found"))

    @property
    def sentence(self) -> Text:
        """What is wrong, in both languages."""
        return MANNERS[self.kind].sentence.format(**self.details)

    def to_json(self, language: Language | None = None) -> dict[str, Any]:
        """The problem as ``segur pack check --format json`` gives it."""
        language = language or current_language()
        details = {k: v.in_(language) if isinstance(v, Text) else v for k, v in self.details.items()}
        return {
            "kind": str(self.kind),
            "severity": str(self.severity),
            "mended": self.mended,
            "file": self.file,
            "line": self.line,
            "message": self.sentence.in_(language),
            **{k: v for k, v in details.items() if k not in ("file", "line", "kind", "severity", "mended", "message")},
        }

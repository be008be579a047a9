"""The rules on what travels, in the book: archives and their metadata, messages, requests to the DMP; and refusals.

They are code, not data. Each is proven by a test with a counterexample of its own (``tests/exchange``,
``tests/validation/dmp``); what it says of that counterexample is kept in ``fixtures/rules/findings.json``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Final

from conformance.core.findings import Severity, Trust
from conformance.core.language import Text
from conformance.exchange.checks.rules import ExchangeRule
from conformance.resources import data_folder
from conformance.validation.layers import RULE_LAYERS

_NAMES: Final = {
    "decoding": Text("Lecture du document", "Reading of the document"),
    "structure": Text("Schéma CDA R2", "CDA R2 schema"),
    "header": Text("En-tête", "Header"),
    "content": Text("Contenu", "Content"),
    "identity": Text("Identités", "Identities"),
    "coherence": Text("Cohérence", "Coherence"),
    "archive": Text("Archive IHE_XDM", "IHE_XDM archive"),
    "metadata": Text("METADATA.XML", "METADATA.XML"),
    "mail": Text("Message MSSanté", "MSSanté message"),
    "crosscheck": Text(
        "Message, archive, métadonnées et documents, les uns contre les autres",
        "Message, archive, metadata and documents, each against the others",
    ),
    "dmp-transport": Text("Requête au DMP : transport", "Request to the DMP: transport"),
    "dmp-vihf": Text("Requête au DMP : VIHF", "Request to the DMP: VIHF"),
    "dmp-metadata": Text("Requête au DMP : métadonnées", "Request to the DMP: metadata"),
    "dmp-lot": Text("Requête au DMP : lot de soumission", "Request to the DMP: submission set"),
    "dmp-coherence": Text("Requête au DMP : cohérence", "Request to the DMP: coherence"),
    "dmp-request": Text("Requête au DMP : contenu", "Request to the DMP: content"),
    "dmp-session": Text("Suite de requêtes au DMP", "Requests to the DMP, one after the other"),
}
LAYERS: Final = tuple(_NAMES)
"""The layers that have such rules."""

_KINDS: Final = {
    **dict.fromkeys(("decoding", "structure", *RULE_LAYERS), ("cda",)),
    "archive": ("xdm-archive",),
    "metadata": ("xdm-metadata",),
    "mail": ("mss-message", "mss-receipt"),
    "crosscheck": ("mss-message", "xdm-archive"),
}
_REQUEST: Final = ("dmp-request",)
KINDS: Final = ("cda", "xdm-archive", "xdm-metadata", "mss-message", "mss-receipt", "dmp-request")
"""What such rules are about; ``cda`` is any document."""


@dataclass(frozen=True, slots=True)
class EnvelopeEntry:
    """One rule, or refusal, on what travels. ``finding``: what it says of its counterexample, where a test makes one."""

    rule: ExchangeRule
    finding: Text | None = None

    @property
    def id(self) -> str:
        """The stable identifier."""
        return self.rule.key

    @property
    def severity(self) -> Severity:
        """How grave a breach is."""
        return self.rule.severity

    @property
    def layer(self) -> str:
        """The layer that speaks."""
        return self.rule.layer

    @property
    def group(self) -> str:
        """What the list is divided by."""
        return self.rule.layer

    @property
    def oid(self) -> str:
        """No template stands behind it."""
        return ""

    @property
    def name(self) -> Text:
        """What the rule is about."""
        return _NAMES[self.rule.layer]

    @property
    def demand(self) -> Text:
        """What it asks."""
        return self.rule.demand

    @property
    def hint(self) -> Text | None:
        """What to do is told by the finding, which knows what was found."""
        return None

    @property
    def source(self) -> str:
        """The text behind it."""
        return self.rule.source

    @property
    def requirements(self) -> tuple[str, ...]:
        """The requirements of the catalogue that it serves."""
        return self.rule.requirements

    @property
    def trust(self) -> Trust:
        """How far the fact behind it can be trusted."""
        return self.rule.trust

    @property
    def official(self) -> str:
        """No official rule can be run on what travels."""
        return ""

    @property
    def beyond(self) -> Text | None:
        """Why it goes beyond what is published."""
        if self.rule.key == "structure.restricted-element":
            return Text(
                "le standard l'interdit, mais le lecteur libxml2 du schéma publié le laisse passer",
                "the standard forbids it, but the reader libxml2 of the published schema lets it through",
            )
        if self.trust is not Trust.OWN:
            return None
        return Text(
            "règle propre au kit, que rien de publié ne demande",
            "a rule of the kit's own, that nothing published asks for",
        )

    @property
    def kinds(self) -> tuple[str, ...]:
        """What it is for."""
        return _KINDS.get(self.rule.layer, _REQUEST)


@cache
def envelope_rules() -> dict[str, EnvelopeEntry]:
    """Every such rule by its identifier, layer by layer."""
    # Loaded when needed: signatures and certificates take longer to import than the rules of documents to list.
    from conformance.exchange import checks
    from conformance.validation import dmp
    from conformance.validation.refusals import all_refusals

    found = _findings()
    rules = sorted((*all_refusals(), *checks.all_rules(), *dmp.all_rules()), key=lambda rule: LAYERS.index(rule.layer))
    return {rule.key: EnvelopeEntry(rule, found.get(rule.key)) for rule in rules}


def _findings() -> dict[str, Text]:
    path = data_folder("fixtures") / "rules" / "findings.json"
    return {rule: Text(said["fr"], said["en"]) for rule, said in json.loads(path.read_text("utf-8")).items()}

"""A finding: one thing that a rule has to say of one place in a document."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from conformance.core.language import Language, Text, current_language


class Severity(StrEnum):
    """``error`` makes a document non-conforming; ``warning`` and ``info`` never do."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Trust(StrEnum):
    """How far the fact behind a rule or a requirement can be trusted, shown wherever it is cited."""

    PUBLISHED = "published"
    """Read in the published text, or reported to be in the published V2 register (★)."""
    REGISTER_2023 = "register_2023"
    """Approved in the ANS register of March 2023 (◇), not seen in a published file."""
    SECOND_HAND = "second_hand"
    """Known through one second-hand source only: confirm in the published text."""
    OBSOLETE = "obsolete"
    """Marked obsolete or to rework in 2023 (◌): kept since it explains a later id."""
    OWN = "own"
    """A rule of the kit's own, beyond the official ones; its reason is given."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file: line and column from 1 (characters), and the XPath of the node."""

    line: int | None = None
    column: int | None = None
    xpath: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about one place: what is wrong, what was expected, what was found, what to do.

    ``rule`` is a stable English identifier; ``layer`` the layer of the pipeline that speaks;
    ``requirements`` the ids of the catalogue that the rule serves; ``source`` the text behind it.
    """

    rule: str
    severity: Severity
    layer: str
    message: Text
    place: Place = field(default_factory=Place)
    requirements: tuple[str, ...] = ()
    trust: Trust = Trust.PUBLISHED
    source: str = ""
    beyond_official: bool = False
    """True when the official rules do not say this: the finding may reject what they accept."""

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits, the same from run to run for the same rule at the same node.

        Lines and wording do not enter: an inserted blank line or a better sentence keeps it.
        """
        return hashlib.sha256(f"{self.rule}\n{self.place.xpath}".encode()).hexdigest()[:16]

    def to_json(self, language: Language | None = None) -> dict[str, Any]:
        """The finding as the machine formats hold it."""
        return {
            "rule": self.rule,
            "severity": str(self.severity),
            "layer": self.layer,
            "message": self.message.in_(language or current_language()),
            "line": self.place.line,
            "column": self.place.column,
            "xpath": self.place.xpath,
            "requirements": list(self.requirements),
            "trust": str(self.trust),
            "source": self.source,
            "beyond_official": self.beyond_official,
            "fingerprint": self.fingerprint,
        }

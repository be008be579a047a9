"""Coherence: what a document says twice must agree, and what it points to must be there. No official layer looks.

The header has its own (``conformance.cda.header.coherence``: versions, dates, people, traits against the matricule),
the laboratory report its own (``conformance.cda.biology.coherence``: codes against ranges, units), a level 1 document
its own (``conformance.cda.level_1``: the file). Here: the links, the identifiers and dates of the body, entries against
the text, files in a structured document. Anything judged with tolerance is a warning.
"""

from __future__ import annotations

from typing import Final

from conformance.cda.coherence.dates import BODY_DATES
from conformance.cda.coherence.files import FILES
from conformance.cda.coherence.references import ENTRIES, FOOTNOTE, MEDIA, REFERENCE
from conformance.cda.coherence.words import NAMES, NUMBERS
from conformance.cda.rules import RuleSet

COHERENCE: Final = RuleSet((REFERENCE, MEDIA, FOOTNOTE, ENTRIES, BODY_DATES, NUMBERS, *NAMES, FILES))
"""The rules for documents of every kind."""

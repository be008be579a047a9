"""One value set: its concepts, and the answer to « is this code, in this system, with this label, allowed? »."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache, cached_property
from importlib.resources import files
from typing import Literal

from conformance.terminology.labels import label_key, same_label

FOLDER = files("conformance.terminology") / "sets"


class Status(StrEnum):
    """What a value set says of a code."""

    LISTED = "listed"
    LABEL_DIFFERS = "label_differs"
    """The code is listed in this system, the label beside it is not its label."""
    UNKNOWN_CODE = "unknown_code"
    OTHER_SYSTEM = "other_system"
    """The code is listed, but in another code system than the one given."""
    WITHDRAWN = "withdrawn"
    """The code was listed once, and is no longer valid at the date asked for."""


@dataclass(frozen=True, slots=True)
class Concept:
    """One line of a value set. ``system`` is empty where the specification does not give it.

    ``valid_from`` is the day when the publication took the code in, no proof that an older document was
    wrong to use it: no look-up judges by it.
    """

    code: str
    system: str
    label: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one look-up, with all that a sentence about it needs."""

    status: Status
    value_set: ValueSet
    code: str
    system: str | None
    label: str | None
    on: date | None
    concept: Concept | None = None
    """The line of the set that the code was found in (none when the code is unknown)."""
    expected_systems: tuple[str, ...] = ()
    """With ``OTHER_SYSTEM``: the systems in which the set lists this code."""

    @property
    def accepted(self) -> bool:
        """True when the set allows the code; its label may still differ (see ``status``)."""
        return self.status in (Status.LISTED, Status.LABEL_DIFFERS)


@dataclass(frozen=True)
class ValueSet:
    """A value set: its OID, its official name, the day of its version, its validity; its concepts on demand.

    ``source`` is ``svs`` (published file) or ``text`` (transcribed from the specification that defines it).
    """

    oid: str
    name: str
    version: date | None = None
    effective: date | None = None
    expires: date | None = None
    source: Literal["svs", "text"] = "svs"

    @cached_property
    def concepts(self) -> Mapping[tuple[str, str], Concept]:
        """All concepts by (code, code system OID), in the order of the publication."""
        lines = (FOLDER / f"{self.name}.tsv").read_text(encoding="utf-8").splitlines()[1:]
        fields = (line.split("\t") for line in lines)
        return {(f[0], f[1]): Concept(f[0], f[1], f[2], day_of(f[3]), day_of(f[4])) for f in fields}

    @cached_property
    def by_code(self) -> Mapping[str, tuple[Concept, ...]]:
        """The concepts of each code: more than one where two systems share a code."""
        found: defaultdict[str, list[Concept]] = defaultdict(list)
        for concept in self.concepts.values():
            found[concept.code].append(concept)
        return {code: tuple(concepts) for code, concepts in found.items()}

    @cached_property
    def by_label(self) -> Mapping[str, Concept]:
        """The first concept of each label, by ``label_key``."""
        found: dict[str, Concept] = {}
        for concept in self.concepts.values():
            if concept.label:
                found.setdefault(label_key(concept.label), concept)
        return found

    @property
    def withdrawn(self) -> Mapping[str, tuple[Concept, ...]]:
        """The concepts that earlier publications listed and this version no longer does, by code.

        They are no part of the set (``concepts``, ``len``): they let an old code be called old, not unknown.
        ``valid_to`` is the eve of the publication that dropped them.
        """
        return _all_withdrawn().get(self.name, {})

    def __len__(self) -> int:
        return len(self.concepts)

    def __contains__(self, code: object) -> bool:
        return code in self.by_code

    def look_up(
        self, code: str, system: str | None = None, *, on: date | None = None, label: str | None = None
    ) -> Answer:
        """Look for ``code`` in ``system`` (an OID; ``None`` for a code that stands alone, as an attribute).

        ``on``: the date at which the code must be valid, that of the document; without it a code is
        withdrawn when it had ended at the version of the set. ``label``: compared when given, and never a
        reason to refuse the code.
        """
        current = self.by_code.get(code, ())
        former = self.withdrawn.get(code, ())
        here = [c for c in (*current, *former) if system is None or c.system in ("", system)]
        in_force = [c for c in here if not self._ended(c, on, former)]
        if in_force:
            differs = label is not None and not any(not c.label or same_label(label, c.label) for c in in_force)
            status = Status.LABEL_DIFFERS if differs else Status.LISTED
            return Answer(status, self, code, system, label, on, in_force[0])
        elsewhere = [c for c in current if c not in here and not self._ended(c, on, former)]
        if elsewhere:
            systems = tuple(c.system for c in elsewhere)
            return Answer(Status.OTHER_SYSTEM, self, code, system, label, on, elsewhere[0], systems)
        if here:
            return Answer(Status.WITHDRAWN, self, code, system, label, on, here[0])
        return Answer(Status.UNKNOWN_CODE, self, code, system, label, on)

    def labels(self, code: str, system: str | None = None) -> tuple[str, ...]:
        """The labels of ``code`` in ``system``; none when the set does not list it or gives no label."""
        concepts = (c for c in self.by_code.get(code, ()) if system is None or c.system in ("", system))
        return tuple(c.label for c in concepts if c.label)

    def label_agrees(self, code: str, system: str | None, label: str) -> bool:
        """Is ``label`` the label of ``code``, but for case, accents, spaces, apostrophe or hyphen form?"""
        return any(same_label(label, known) for known in self.labels(code, system))

    def end_of(self, concept: Concept) -> date | None:
        """The last day of validity of ``concept``: its own or that of the whole set, the earlier one."""
        return min((day for day in (concept.valid_to, self.expires) if day), default=None)

    def _ended(self, concept: Concept, on: date | None, former: tuple[Concept, ...]) -> bool:
        end = self.end_of(concept)
        if on is not None:
            return end is not None and on > end
        return concept in former or (end is not None and (self.version is None or end <= self.version))


@cache
def _all_withdrawn() -> Mapping[str, Mapping[str, tuple[Concept, ...]]]:
    """The withdrawn codes by set and by code."""
    found: defaultdict[str, dict[str, tuple[Concept, ...]]] = defaultdict(dict)
    for line in (FOLDER / "withdrawn.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        name, code, system, label, last = line.split("\t")
        found[name][code] = (*found[name].get(code, ()), Concept(code, system, label, None, day_of(last)))
    return found


def day_of(digits: str) -> date | None:
    """``20240927`` as a date; nothing as nothing."""
    return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])) if digits else None

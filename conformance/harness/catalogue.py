"""The catalogue: every requirement that the kit knows of, what covers it, and why the rest is not covered.

The data are ``profiles/catalogue/<domain>.toml``, one file per domain, and ``v1_ids.toml`` (ids published for
wave 1 and those that took their place). In a domain file ``[domain]`` holds the title, ``[defaults]`` what most
requirements of the file share, and each ``[[requirement]]`` these keys:

``id`` or ``ids``
    one id; or several that the register describes in one breath, so that which says which part is not known.
``fr``, ``en``
    the demand in our own words.
``wave``, ``obligation``, ``trust``, ``source``
    1 or 2; a value of ``Obligation``; a value of ``Trust``; tags of the sources (``SQ1``, ``VA``, ``FAQ-2``…).
``condition``, ``claim``, ``corridor``
    when it holds: in words (needed when conditional; beside ``mandatory`` it bounds a part), the profile that the
    product must claim, the kind of software concerned when it is not practice software.
``proof``
    ``"kind"`` or ``"kind:test case"`` each; ``"unknown"`` when not found; ``[]`` when none is asked.
``scenarios``
    a list of ids; or *n*, standing for ``.01`` to ``.n`` by the numbering rule; 0 for none; ``"unknown"``.
``proof_ids``, ``former_scenarios``, ``eco``, ``guide``
    proof ids known; scenario ids of former texts; rules of Référentiel #2 of MSSanté; rules of the INS guide.
``verification``, ``gap``
    who can judge; why the kit does not check it at all (``"reason"`` or ``"reason:subject"``, ``""`` for no gap).
``attribution``
    how surely the words belong to this very id: ``own``, ``order`` (same order in a shared line), ``line``.
``aliases``, ``note``
    other ids of the same requirement; a remark in both languages.

The catalogue quotes no official text and gives no official verdict: the published REM and DSR prevail.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from conformance.core.errors import UsageError
from conformance.harness.catalogue_model import (
    CLAIMS,
    MARKS,
    PLANNED_PROFILES,
    THIRD_PARTIES,
    Attribution,
    Catalogue,
    CatalogueError,
    Domain,
    Gap,
    GapReason,
    Obligation,
    Proof,
    ProofKind,
    Requirement,
    Verification,
)
from conformance.harness.catalogue_reading import load
from conformance.resources import data_folder

__all__ = [
    "CLAIMS",
    "MARKS",
    "PLANNED_PROFILES",
    "THIRD_PARTIES",
    "Attribution",
    "Catalogue",
    "CatalogueError",
    "Coverage",
    "CoverageLine",
    "Domain",
    "Gap",
    "GapReason",
    "Listing",
    "Obligation",
    "Proof",
    "ProofKind",
    "Requirement",
    "State",
    "Verification",
    "catalogue",
    "coverage",
    "listing",
    "load",
    "requirement",
]


@cache
def catalogue() -> Catalogue:
    """The catalogue of the kit, read once. Raises ``CatalogueError`` when a file breaks the rules."""
    return load(data_folder("profiles") / "catalogue")


def requirement(identifier: str) -> Requirement:
    """Short for ``catalogue().requirement(identifier)``."""
    return catalogue().requirement(identifier)


class State(StrEnum):
    """Where a requirement stands with the tests of the kit."""

    COVERED = "covered"
    PERSON_ONLY = "person_only"
    GAP = "gap"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class CoverageLine:
    """One requirement, the ids of the tests that cover it (sorted), and its state."""

    requirement: Requirement
    tests: tuple[str, ...]

    @property
    def state(self) -> State:
        """Covered by a test; else left to a person, explained by another gap, or not explained."""
        gap = self.requirement.gap
        if self.tests:
            return State.COVERED
        if gap is None:
            return State.UNEXPLAINED
        return State.PERSON_ONLY if gap.reason is GapReason.NEEDS_PERSON else State.GAP

    @property
    def stale(self) -> bool:
        """A test covers it although its gap still says that none does."""
        return bool(self.tests) and self.requirement.gap is not None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Every requirement with its tests, and the ids that tests name but the catalogue does not know."""

    lines: tuple[CoverageLine, ...]
    unknown: Mapping[str, tuple[str, ...]]

    def of(self, state: State) -> tuple[CoverageLine, ...]:
        """The lines in this state, in the order of the catalogue."""
        return tuple(line for line in self.lines if line.state is state)

    @property
    def stale(self) -> tuple[CoverageLine, ...]:
        """The lines whose gap must be taken out of the catalogue."""
        return tuple(line for line in self.lines if line.stale)

    @property
    def sound(self) -> bool:
        """No unknown id, no unexplained gap, no stale gap."""
        return not (self.unknown or self.stale or self.of(State.UNEXPLAINED))


def coverage(tests: Mapping[str, Collection[str]], known: Catalogue | None = None) -> Coverage:
    """Who covers what, from requirement id (or alias) → ids of the tests of *all* profiles that bear its mark.

    An id that is unknown, or that several requirements once bore, lands in ``unknown``; nothing is raised.
    """
    known = known or catalogue()
    found: dict[str, set[str]] = {}
    unknown: dict[str, tuple[str, ...]] = {}
    for identifier, ids in tests.items():
        try:
            found.setdefault(known.requirement(identifier).id, set()).update(ids)
        except UsageError:
            unknown[identifier] = tuple(sorted(ids))
    return Coverage(tuple(CoverageLine(each, tuple(sorted(found.get(each.id, ())))) for each in known), unknown)


@dataclass(frozen=True, slots=True)
class Listing:
    """One domain as ``segur list`` shows it."""

    domain: Domain
    lines: tuple[CoverageLine, ...]


def listing(
    tests: Mapping[str, Collection[str]],
    *,
    profile: str | None = None,
    requirements: Collection[str] = (),
    known: Catalogue | None = None,
) -> tuple[Listing, ...]:
    """The catalogue by domain, with what covers each requirement; empty domains are left out.

    ``profile`` keeps what its tests (``profiles/<profile>/…``) cover or plan to; ``requirements`` keeps these ids,
    and all that bear them when an id was used again. Raises ``UsageError`` for an unknown id.
    """
    known = known or catalogue()
    wanted: set[str] = set()
    for identifier in requirements:
        wanted.update(each.id for each in known.named(identifier) or (known.requirement(identifier),))

    def kept(line: CoverageLine) -> bool:
        gap = line.requirement.gap
        planned = gap is not None and gap.reason is GapReason.PLANNED and gap.subject == profile
        in_profile = planned or any(test.startswith(f"profiles/{profile}/") for test in line.tests)
        return (not wanted or line.requirement.id in wanted) and (profile is None or in_profile)

    lines = [line for line in coverage(tests, known).lines if kept(line)]
    by_domain = {d: tuple(line for line in lines if line.requirement.domain == d.name) for d in known.domains}
    return tuple(Listing(domain, of_domain) for domain, of_domain in by_domain.items() if of_domain)

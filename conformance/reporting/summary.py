"""What the views say of a whole run: requirements by domain, and what the verdict rests on."""

from __future__ import annotations

from collections import Counter
from typing import TypedDict

from conformance.core.events import Bilingual, bilingual
from conformance.core.language import Text
from conformance.core.verdicts import Verdict
from conformance.reporting import words
from conformance.reporting.model import ReportOfTest, RequirementReport, RunReport


class Domain(TypedDict):
    """The requirements of one domain and how many have which verdict."""

    id: str
    title: Bilingual
    requirements: list[RequirementReport]
    counts: dict[str, int]


def domains_of(report: RunReport) -> list[Domain]:
    """The requirements that tests judge, by domain, in the order of the header."""
    titles = report.header["domains"]
    by_domain: dict[str, list[RequirementReport]] = {}
    for one in report.requirements:
        by_domain.setdefault(one["domain"], []).append(one)
    return [
        {
            "id": identifier or "others",
            "title": titles.get(identifier) or _untitled(identifier),
            "requirements": requirements,
            "counts": {str(v): sum(one["verdict"] == v for one in requirements) for v in Verdict},
        }
        for identifier, requirements in by_domain.items()
    ]


def _untitled(identifier: str) -> Bilingual:
    return {"fr": identifier, "en": identifier} if identifier else bilingual(words.NO_DOMAIN)


MOST_FIRST = 6
"""Tests named on the first screen."""

_NEEDS_SOMEONE = (Verdict.FAIL, Verdict.BENCH_ERROR, Verdict.NOT_CHECKED)


class First(TypedDict):
    """What to look at first: some tests of ``verdicts``, and how many there are."""

    tests: list[ReportOfTest]
    verdicts: list[str]
    total: int


def first_to_see(report: RunReport) -> First:
    """The gravest verdict that needs someone: one test of each profile, then the next of each."""
    for verdict in _NEEDS_SOMEONE:
        found = [test for test in report.tests if test["verdict"] == verdict]
        if found:
            rank: Counter[str] = Counter()
            ranked: list[tuple[int, int]] = []
            for number, test in enumerate(found):
                ranked.append((rank[test["profile"]], number))
                rank[test["profile"]] += 1
            chosen = sorted(number for _, number in sorted(ranked)[:MOST_FIRST])
            return {"tests": [found[number] for number in chosen], "verdicts": [str(verdict)], "total": len(found)}
    return {"tests": [], "verdicts": [], "total": 0}


def basis(report: RunReport) -> Bilingual:
    """One or two sentences: how much was executed, what failed, what was left."""
    counts = report.counts()
    tests, requirements = counts["tests"], counts["requirements"]
    executed = sum(tests[v] for v in (Verdict.PASS, Verdict.FAIL, Verdict.TO_REVIEW))
    parts = [
        Text(
            f"{_fr(executed, 'test exécuté', 'tests exécutés')} sur {sum(tests.values())} ; "
            f"{_fr(requirements[Verdict.PASS], 'exigence réussie', 'exigences réussies')} "
            f"sur {sum(requirements.values())}",
            f"{_en(executed, 'test', 'tests')} executed of {sum(tests.values())}; "
            f"{_en(requirements[Verdict.PASS], 'requirement', 'requirements')} passed of {sum(requirements.values())}",
        )
    ]
    if failed := requirements[Verdict.FAIL]:
        parts.append(Text(f"{failed} en échec", f"{failed} failed"))
    if broken := requirements[Verdict.BENCH_ERROR]:
        parts.append(
            Text(f"{broken} sans verdict par la faute du banc", f"{broken} without verdict, by the bench’s fault")
        )
    if left := requirements[Verdict.NOT_CHECKED]:
        parts.append(Text(f"{_fr(left, 'non vérifiée', 'non vérifiées')}", f"{left} not checked"))
    if review := requirements[Verdict.TO_REVIEW]:
        parts.append(Text(f"{review} à relire par une personne", f"{review} to be reviewed by a person"))
    sentence = Text(", ".join(part.fr for part in parts) + ".", ", ".join(part.en for part in parts) + ".")
    if attested := sum(counts["attested"].values()):
        sentence = Text(
            f"{sentence.fr} {_fr(attested, 'exigence reste', 'exigences restent')} à attester par une personne.",
            f"{sentence.en} {_en(attested, 'requirement remains', 'requirements remain')} to be attested by a person.",
        )
    return bilingual(sentence)


def variant_of(test: str) -> str:
    """What tells one play of a test from another of the same title: the parameter at the end of its id."""
    return test[:-1].rpartition("[")[2] if test.endswith("]") else ""


def _fr(count: int, one: str, several: str) -> str:
    """« 0 test », « 1 test », « 3 tests »."""
    return f"{count} {several if count > 1 else one}"


def _en(count: int, one: str, several: str) -> str:
    """“0 tests”, “1 test”, “3 tests”."""
    return f"{count} {one if count == 1 else several}"

"""``segur list``: what the kit covers, by which test, and why the rest is not covered."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from conformance.core.events import FactsOfTest
from conformance.core.language import Text, counted, verbatim
from conformance.core.verdicts import ExitCode
from conformance.harness.catalogue import CoverageLine, Listing, State, listing
from conformance.harness.collecting import by_requirement, collect
from conformance.harness.profile import all_profiles, profile


def _help(fr: str, en: str) -> str:
    return str(Text(fr, en))


_MARKS = {State.COVERED: "✓", State.PERSON_ONLY: "☺", State.GAP: "–", State.UNEXPLAINED: "!"}
"""State → its mark before a requirement."""
_WORDS = {
    State.COVERED: (Text("couverte", "covered"), Text("couvertes", "covered")),
    State.PERSON_ONLY: (Text("à attester", "to be attested"),) * 2,
    State.GAP: (Text("non couverte", "not covered"), Text("non couvertes", "not covered")),
    State.UNEXPLAINED: (Text("sans explication", "unexplained"),) * 2,
}
"""State → what is said of one requirement in it, and of several."""


@click.command(
    name="list",
    help=_help(
        "Liste les exigences du catalogue : couvertes, par quels tests, ou pourquoi elles ne le sont pas.",
        "List the requirements of the catalogue: covered, by which tests, or why they are not.",
    ),
)
@click.option("--profile", "-p", "name", metavar="NAME", help=_help("Seulement ce profil.", "Only this profile."))
@click.option(
    "--requirement",
    "-r",
    "requirements",
    multiple=True,
    metavar="ID",
    help=_help("Seulement cette exigence (répétable).", "Only this requirement (repeatable)."),
)
@click.option(
    "--dry-run",
    is_flag=True,
    help=_help("Lister les tests qui seraient joués.", "List the tests that would be played."),
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(name: str | None, requirements: tuple[str, ...], dry_run: bool, form: str) -> int:
    """See the help above."""
    if name:
        profile(name)  # an unknown name is said at once
    tests, checks = collect(all_profiles())
    listings = listing(by_requirement(tests), profile=name, requirements=requirements)
    if dry_run:
        shown = _selected(
            tests, name, {line.requirement.id for each in listings for line in each.lines} if requirements else None
        )
        _say_tests(shown, {name: list(facts.catches) for name, facts in checks.items()}, form)
    elif form == "json":
        click.echo(json.dumps([_json(line) for each in listings for line in each.lines], ensure_ascii=False, indent=2))
    else:
        _say(listings, bool(requirements))
    return ExitCode.PASS


def _selected(tests: Sequence[FactsOfTest], name: str | None, wanted: set[str] | None) -> list[FactsOfTest]:
    of_profile = [test for test in tests if name is None or test["profile"] == name]
    return [test for test in of_profile if wanted is None or wanted & set(test["requirements"])]


def _say_tests(tests: Sequence[FactsOfTest], catches: Mapping[str, list[str]], form: str) -> None:
    if form == "json":
        said = [{**test, "catches": catches[test["id"]]} for test in tests]
        click.echo(json.dumps(said, ensure_ascii=False, indent=2))
        return
    for test in tests:
        title = Text(test["title"]["fr"], test["title"]["en"])
        click.echo(f"{test['id']}\n    {title} [{', '.join(test['requirements'])}]")
    click.echo(f"{counted(len(tests), verbatim('test'), verbatim('tests'))}.")


def _json(line: CoverageLine) -> dict[str, Any]:
    requirement = line.requirement
    return {
        "id": requirement.id,
        "domain": requirement.domain,
        "wave": requirement.wave,
        "obligation": str(requirement.obligation),
        "trust": str(requirement.trust),
        "verification": str(requirement.verification),
        "demand": str(requirement.demand),
        "state": str(line.state),
        "gap": str(requirement.gap.sentence) if requirement.gap else None,
        "tests": list(line.tests),
    }


def _say(listings: Sequence[Listing], detailed: bool) -> None:
    total: dict[State, int] = dict.fromkeys(State, 0)
    for each in listings:
        click.echo(f"\n{each.domain.title}")
        for line in each.lines:
            total[line.state] += 1
            _say_line(line, detailed)
    counts = ", ".join(str(counted(count, *_WORDS[state])) for state, count in total.items() if count)
    said = counted(sum(total.values()), Text("exigence", "requirement"), Text("exigences", "requirements"))
    click.echo(Text("\n{n} : {c}.", "\n{n}: {c}.").format(n=said, c=counts))
    click.echo(Text(
        "★ signalée dans le REM publié de la vague 2, ◇ registre de mars 2023, ◌ obsolète. Le kit ne rend pas le verdict officiel.",
        "★ reported in the published wave 2 REM, ◇ register of March 2023, ◌ obsolete. The kit does not give the official verdict.",
    ))  # fmt: skip


def _say_line(line: CoverageLine, detailed: bool) -> None:
    requirement = line.requirement
    why = counted(len(line.tests), verbatim("test"), verbatim("tests"))
    if not line.tests and requirement.gap:
        why = requirement.gap.sentence
    click.echo(f"  {_MARKS[line.state]} {requirement.id:<20} {requirement.mark or ' '} {requirement.demand}")
    click.echo(f"      {why}")
    if detailed:
        click.echo(f"      {requirement.standing}")
        for test in line.tests:
            click.echo(f"      · {test}")

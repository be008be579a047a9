"""``segur rules``: every rule with its source, requirement and trust; ``--proof``: the share that is proven."""

from __future__ import annotations

import json

import click

from conformance.core.errors import UsageError
from conformance.core.language import Text
from conformance.core.verdicts import ExitCode
from conformance.validation import envelope_rules
from conformance.validation.layers import RULE_LAYERS
from conformance.validation.rulebook import KINDS, BookEntry, Entry, rulebook, shares, to_json

LAYERS = tuple(dict.fromkeys((*RULE_LAYERS, *envelope_rules.LAYERS)))
"""What ``--layer`` may name."""
ALL_KINDS = (*(kind.key for kind in KINDS), *envelope_rules.KINDS)
"""What ``--kind`` may name."""


def _help(fr: str, en: str) -> str:
    return str(Text(fr, en))


_SEVERITIES = {"error": Text("erreur", "error"), "warning": Text("alerte", "warning"), "info": Text("note", "note")}
_TRUST = {
    "published": Text("lue dans le texte publié", "read in the published text"),
    "register_2023": Text("registre de mars 2023", "register of March 2023"),
    "second_hand": Text("de seconde main : à confirmer dans le texte publié", "second-hand: confirm in the published text"),
    "obsolete": Text("obsolète ou à revoir en 2023", "obsolete or to rework in 2023"),
    "own": Text("règle propre au kit", "rule of the kit's own"),
}  # fmt: skip


def said_severity(entry: BookEntry) -> Text:
    """« erreur », « alerte », « note »."""
    return _SEVERITIES[str(entry.severity)]


def said_trust(entry: BookEntry) -> Text:
    """How far the fact behind the rule can be trusted, in words."""
    return _TRUST[str(entry.trust)]


@click.command(
    name="rules",
    help=_help(
        "Liste les règles du kit : ce que chacune demande, sa source, l'exigence servie, la confiance, la règle officielle "
        "qu'elle reprend ou pourquoi elle va au-delà. Documents, archives, messages, requêtes au DMP, et ce que les "
        "lecteurs refusent. « segur explain RÈGLE » en montre une.",
        "List the rules of the kit: what each asks, its source, the requirement it serves, the trust, the official rule "
        "that it takes up or why it goes beyond. Documents, archives, messages, requests to the DMP, and what the "
        "readers refuse. “segur explain RULE” shows one.",
    ),
)
@click.option("--layer", type=click.Choice(LAYERS), help=_help("Seulement cette couche.", "Only this layer."))
@click.option(
    "--kind",
    type=click.Choice(ALL_KINDS),
    help=_help("Seulement ce type de document.", "Only this kind of document."),
)
@click.option(
    "--proof",
    is_flag=True,
    help=_help(
        "Prouver chaque règle sur les documents : muette sur le bon exemple, seule à parler sur le mauvais. Code 1 au-dessous de 100 %.",
        "Prove each rule on documents: silent on the good example, alone to speak on the bad one. Code 1 below 100%.",
    ),
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(layer: str | None, kind: str | None, proof: bool, form: str) -> int:
    """See the help above."""
    documents = [entry for entry in rulebook().values() if _wanted(entry, layer, kind)]
    if proof:
        if not documents:
            raise _not_provable()
        return _prove(documents, form)
    others = [entry for entry in envelope_rules.envelope_rules().values() if _wanted(entry, layer, kind)]
    entries: list[BookEntry] = [*documents, *others]
    if form == "json":
        click.echo(json.dumps([to_json(entry) for entry in entries], ensure_ascii=False, indent=2))
        return ExitCode.PASS
    group = ""
    for entry in entries:
        if entry.group != group:
            group = entry.group
            click.echo(f"\n{entry.name}")
        _say(entry)
    click.echo(Text("\n{n} règles.", "\n{n} rules.").format(n=len(entries)))
    return ExitCode.PASS


def _wanted(entry: BookEntry, layer: str | None, kind: str | None) -> bool:
    return (layer is None or entry.layer == layer) and (kind is None or kind in entry.kinds)


def _not_provable() -> UsageError:
    return UsageError(
        "rules.not-provable",
        Text(
            "Ces règles sont du code : ce sont les tests du kit qui les prouvent, chacune sur son contre-exemple.",
            "These rules are code: the tests of the kit prove them, each on its counterexample.",
        ),
        Text("« segur explain RÈGLE » montre ce que dit l'une d'elles.", "“segur explain RULE” shows what one says."),
    )


def _say(entry: BookEntry) -> None:
    about = [entry.source, *entry.requirements, str(said_trust(entry))]
    if entry.official:
        about.append(entry.official + (str(Text(" · va au-delà", " · goes beyond")) if entry.beyond else ""))
    elif entry.beyond:
        about.append(str(Text("au-delà des règles officielles", "beyond the official rules")))
    click.echo(f"  {entry.id} ({said_severity(entry)})\n      {entry.demand}\n      {' · '.join(about)}")


def _prove(entries: list[Entry], form: str) -> int:
    found = shares(entries)
    proven, total = sum(share.proven for share in found), sum(share.total for share in found)
    complete = proven == total and total > 0
    if form == "json":
        parts = [
            {
                "template": s.template,
                "proven": s.proven,
                "total": s.total,
                "missing": {rule: str(why) for rule, why in s.missing},
            }
            for s in found
        ]
        click.echo(json.dumps({"proven": proven, "total": total, "templates": parts}, ensure_ascii=False, indent=2))
        return ExitCode.PASS if complete else ExitCode.FAIL
    for share in found:
        click.echo(f"{'✓' if share.proven == share.total else '✗'} {share.proven:>4}/{share.total:<4} {share.template}")
        for rule, why in share.missing:
            click.echo(f"            {rule}: {why}")
    percent = f"{100 * proven / total:.1f}" if total else "0"
    said = Text("{p} règles prouvées sur {t} ({r} %).", "{p} rules proven of {t} ({r}%).")
    click.echo(said.format(p=proven, t=total, r=percent))
    return ExitCode.PASS if complete else ExitCode.FAIL

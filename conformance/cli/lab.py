"""``segur lab``: what a product must flag in a laboratory report, and why."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from conformance.cda.lab import as_json, as_text, judge_report, read_report
from conformance.cda.lab.options import CHOICES, with_choices
from conformance.cda.reading import read_document
from conformance.core.errors import DocumentError, UsageError
from conformance.core.language import Text


def _help(fr: str, en: str) -> str:
    return str(Text(fr, en))


def _options_help() -> str:
    """Every option of the oracle with its values; the first one is the default."""
    lines = [
        str(Text("{n}={v} ({a} : {m})", "{n}={v} ({a}: {m})")).format(
            n=name,
            v="|".join(values),
            a=about,
            m=" ; ".join(f"{value} = {meaning}" for value, meaning in values.items()),
        )
        for name, (about, values) in CHOICES.items()
    ]
    return _help(
        "Point que les sources laissent ouvert, NOM=VALEUR (la première valeur est celle par défaut) : ",
        "Point that the sources leave open, NAME=VALUE (the first value is the default): ",
    ) + ". ".join(lines)


@click.group(
    name="lab",
    help=_help(
        "Biologie : ce qu'un produit doit signaler dans un compte rendu, et pourquoi.",
        "Biology: what a product must flag in a report, and why.",
    ),
)
def command() -> None:
    """The group of the biology commands."""


@command.command(
    name="explain",
    help=_help(
        "Dit, résultat par résultat, ce qu'un produit doit signaler dans le compte rendu FICHIER (- : entrée standard), "
        "à partir du compte rendu seul : code d'interprétation, intervalle, commentaire, alerte immédiate.",
        "Say, result by result, what a product must flag in the report FILE (-: standard input), from the report "
        "alone: interpretation code, interval, comment, immediate warning.",
    ),
    epilog=_help(
        "Codes de retour : 0 compte rendu lu (qu'il y ait ou non à signaler), 2 usage, document illisible, ou qui n'est "
        "pas un compte rendu de biologie.",
        "Exit codes: 0 report read (whether or not something is due), 2 usage, a document that cannot be read or that is "
        "no laboratory report.",
    ),
)
@click.argument("file", metavar=_help("FICHIER", "FILE"))
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help=_help("Format de sortie.", "Output format."),
)
@click.option("--option", "-o", "pairs", multiple=True, metavar="NAME=VALUE", help=_options_help())
def explain(file: str, form: str, pairs: tuple[str, ...]) -> None:
    """Read one report, judge it, print the explanation."""
    options = with_choices(pairs)
    try:
        report = read_report(read_document(_bytes(file), file))
    except DocumentError as error:  # nothing is judged here: a file that cannot be explained is a wrong call
        hint = _OUT_OF_THE_ARCHIVE if error.code == "decoding.zip" else error.hint
        raise UsageError(error.code, error.sentence, hint) from None
    judged = judge_report(report, options)
    if form == "json":
        print(json.dumps(as_json(judged, file), ensure_ascii=False, indent=2))
    else:
        print(as_text(judged, file))


_OUT_OF_THE_ARCHIVE = Text(
    "Extrayez le compte rendu de l'archive (XML) et donnez-le.", "Take the report (XML) out of the archive and give it."
)


def _bytes(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise UsageError(
            "lab.cannot-open",
            Text(
                f"Le fichier {file} ne s'ouvre pas ({error.strerror}).",
                f"The file {file} cannot be opened ({error.strerror}).",
            ),
            Text("Vérifiez le chemin et les droits.", "Check the path and the rights."),
        ) from None

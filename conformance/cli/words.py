"""The language of the command line: chosen before anything is said, click's own words included."""

from __future__ import annotations

import gettext
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from conformance.core.errors import UsageError
from conformance.core.language import LANGUAGES, Language, Text, choose_language, current_language

_CLICK: Final = {
    "Usage:": "Usage :",
    "Usage: ": "Usage : ",
    "Options": "Options",
    "Commands": "Commandes",
    "Arguments": "Arguments",
    "Error: {message}": "Erreur : {message}",
    "Show this message and exit.": "Affiche cette aide.",
    "Show the version and exit.": "Affiche la version.",
    "No such option: {name}": "Option inconnue : {name}",
    "No such option {name!r}.": "Option inconnue : {name!r}.",
    "No such command {name!r}.": "Commande inconnue : {name!r}.",
    "Missing command.": "Il manque une commande.",
    "Missing argument": "Il manque l'argument",
    "Missing option": "Il manque l'option",
    "Missing parameter": "Il manque le paramètre",
    "Invalid value: {message}": "Valeur incorrecte : {message}",
    "Invalid value for {param_hint}: {message}": "Valeur incorrecte pour {param_hint} : {message}",
    "Try '{command} {option}' for help.": "Voir l'aide : '{command} {option}'.",
    "Did you mean {possibility}?": "Vouliez-vous dire {possibility} ?",
    "(Possible options: {possibilities})": "(Options possibles : {possibilities})",
    "{value!r} is not one of {choices}.": "{value!r} n'est pas parmi {choices}.",
    "{name} {filename!r} does not exist.": "{name} {filename!r} n'existe pas.",
    "File": "Le fichier",
    "Directory": "Le dossier",
    "Path": "Le chemin",
    "default: {default}": "par défaut : {default}",
    "required": "obligatoire",
    "Option {name!r} requires an argument.": "L'option {name!r} attend une valeur.",
    "Got unexpected extra argument ({args})": "Argument en trop : {args}",
    "Got unexpected extra arguments ({args})": "Arguments en trop : {args}",
    "{value!r} is not a valid {number_type}.": "{value!r} n'est pas un {number_type} valable.",
    "{value} is not in the range {range}.": "{value} n'est pas dans l'intervalle {range}.",
}


def choose_language_from(arguments: Sequence[str]) -> list[str]:
    """Fix the language: ``--lang`` among the arguments, then ``segur.toml``, then the locale, else French.

    ``--lang`` may stand anywhere; the arguments are given back without it. Raises ``UsageError`` for a
    language that the kit does not speak.
    """
    wanted = _option(arguments, "--lang")
    if wanted is not None and wanted not in LANGUAGES:
        raise UsageError(
            "cli.unknown-language",
            Text(f"Le kit ne parle pas « {wanted} ».", f"The kit does not speak “{wanted}”."),
            Text("Langues : fr, en.", "Languages: fr, en."),
        )
    choose_language(wanted or _configured(_option(arguments, "--config") or "segur.toml"))
    if current_language() == "fr":
        _translate_click()
    return _without(arguments, "--lang")


def _option(arguments: Sequence[str], name: str) -> str | None:
    for index, argument in enumerate(arguments):
        if argument == name and index + 1 < len(arguments):
            return arguments[index + 1]
        if argument.startswith(name + "="):
            return argument.partition("=")[2]
    return None


def _without(arguments: Sequence[str], name: str) -> list[str]:
    kept: list[str] = []
    skip = False
    for argument in arguments:
        if skip:
            skip = False
        elif argument == name:
            skip = True
        elif not argument.startswith(name + "="):
            kept.append(argument)
    return kept


def _configured(path: str) -> Language | None:
    """The ``lang`` of the configuration file; a file that cannot be read says so later, to who needs it."""
    try:
        language = tomllib.loads(Path(path).read_text("utf-8")).get("lang")
    except (OSError, ValueError):
        return None
    return language if language in LANGUAGES else None


def _translate_click() -> None:
    """click asks gettext, which has no French catalogue for it: answer with the table above."""

    def one(message: str) -> str:
        return _CLICK.get(message, message)

    def some(msgid1: str, msgid2: str, n: int) -> str:
        return one(msgid1 if n == 1 else msgid2)

    gettext.gettext = one
    gettext.ngettext = some

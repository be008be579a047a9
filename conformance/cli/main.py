"""The entry point: chooses the language, loads the command that is asked for, turns errors into sentences."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, Final

from conformance.cli.words import choose_language_from
from conformance.core.errors import SegurError
from conformance.core.language import Text
from conformance.core.verdicts import ExitCode

if TYPE_CHECKING:
    import click

COMMANDS: Final[dict[str, Text]] = {
    "demo": Text("La démonstration de cinq minutes : le produit témoin est jugé.", "The five-minute proof: the reference product is judged."),
    "validate": Text("Valide un document, un dossier, une archive ou un message.", "Validate a document, a folder, an archive or a message."),
    "run": Text("Juge un produit avec un ou plusieurs profils.", "Judge a product with one or more profiles."),
    "doctor": Text("Vérifie la configuration avant toute exécution.", "Check the configuration before anything runs."),
    "list": Text("Exigences, profils et tests : ce qui est couvert, et pourquoi le reste ne l'est pas.", "Requirements, profiles and tests: what is covered, and why the rest is not."),
    "rules": Text("Toutes les règles du kit, leur source, leur preuve.", "All the rules of the kit, their source, their proof."),
    "explain": Text("Une règle, avec un bon et un mauvais exemple.", "One rule, with a good and a bad example."),
    "generate": Text("Fabrique des documents valides et variés.", "Make valid and varied documents."),
    "lab": Text("Biologie : ce qu'un produit doit signaler dans un compte rendu.", "Biology: what a product must flag in a report."),
    "sut": Text("Le contrat avec le produit testé.", "The contract with the product under test."),
    "lgc": Text("Le produit témoin et ses défauts semés.", "The reference product and its seeded faults."),
    "serve": Text("Les simulateurs seuls, pour développer.", "The simulators alone, for development."),
    "pack": Text("Les règles officielles de l'éditeur.", "The publisher's official rules."),
    "report": Text("Vues, dossier de preuves et vérification d'un rapport.", "Views, evidence bundle and verification of a report."),
    "compare": Text("Ce qui a changé entre deux rapports.", "What changed between two reports."),
    "history": Text("L'évolution des rapports dans le temps.", "The reports over time."),
}  # fmt: skip

_EPILOG: Final = Text(
    "Codes de retour : 0 conforme, 1 non conforme, 2 usage ou configuration, 3 défaut du banc, 4 incomplet "
    "(quelque chose n'a pas été vérifié). Le kit ne rend jamais le verdict officiel.",
    "Exit codes: 0 pass, 1 fail, 2 usage or configuration, 3 bench error, 4 incomplete (something was not checked). "
    "The kit never gives the official verdict.",
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run ``segur``; ends the process with one of the exit codes of ``ExitCode``."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a file name, or a mark, that the terminal cannot write is no fault
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(choose_language_from(arguments))
    except SegurError as error:
        say_error(error)
        code = error.exit_code
    except KeyboardInterrupt:
        print(Text("Interrompu.", "Interrupted."), file=sys.stderr)
        code = ExitCode.INCOMPLETE
    except BrokenPipeError:  # the reader (head, less) has left: nothing more to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = ExitCode.PASS
    except Exception as error:  # the last net: a fault of ours is said in a sentence, never as a trace
        if os.environ.get("SEGUR_DEBUG"):
            raise
        said = Text(
            f"Défaut du kit : {type(error).__name__}: {error}. Relancez avec SEGUR_DEBUG=1 et signalez-le.",
            f"Fault of the kit: {type(error).__name__}: {error}. Run again with SEGUR_DEBUG=1 and report it.",
        )
        print(said, file=sys.stderr)
        code = ExitCode.BENCH_ERROR
    sys.exit(int(code))


def say_error(error: SegurError) -> None:
    """Print an error on the error stream: the sentence, then what to do."""
    print(Text("Erreur : {s}", "Error: {s}").format(s=error.sentence), file=sys.stderr)
    print(f"→ {error.hint}", file=sys.stderr)


def _run(arguments: list[str]) -> int:
    import click

    group = _group()
    try:
        result = group.main(args=arguments, prog_name="segur", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.Abort:
        return ExitCode.INCOMPLETE
    return int(result) if isinstance(result, int) else ExitCode.PASS


def _group() -> click.Group:
    import click

    from conformance import __version__

    class Lazy(click.Group):
        """Loads ``conformance.cli.<name>`` and takes its ``command`` when it is asked for."""

        def list_commands(self, ctx: click.Context) -> list[str]:
            return list(COMMANDS)

        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
            if cmd_name not in COMMANDS:
                return None
            module = importlib.import_module(f"conformance.cli.{cmd_name}")
            command: click.Command = module.command
            return command

        def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
            # Listing must not load sixteen modules: the summaries are kept here.
            with formatter.section(str(Text("Commandes", "Commands"))):
                formatter.write_dl([(name, str(text)) for name, text in COMMANDS.items()])

    settings: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
    group = Lazy(
        name="segur",
        help=str(Text("Le kit de conformité ouvert du Ségur du numérique en santé.", "The open conformance test kit of the Ségur du numérique en santé.")),
        epilog=str(_EPILOG),
        context_settings=settings,
    )  # fmt: skip
    # Taken off the arguments before click sees them (it may stand anywhere); declared here for --help.
    language_help = Text(
        "Langue des sorties, à toute place de la commande.", "Language of the output, anywhere in the command."
    )
    group.params.append(
        click.Option(["--lang"], type=click.Choice(["fr", "en"]), expose_value=False, help=str(language_help))
    )
    return click.version_option(__version__, prog_name="segur-conformance")(group)


if __name__ == "__main__":
    main()

"""``segur validate``: documents in, findings out."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Literal

import click

from conformance import __version__
from conformance.cda.reading import Limits
from conformance.core.errors import UsageError
from conformance.core.findings import Severity
from conformance.core.language import Language, Text, choose_language, current_language
from conformance.core.verdicts import ExitCode, Verdict, combine, exit_code
from conformance.validation.envelopes import ENDINGS, validate_any
from conformance.validation.outcome import DocumentOutcome, LayerOutcome, LayerStatus
from conformance.validation.pipeline import Options

READABLE = (".xml", *ENDINGS)
"""The endings that a folder is searched for."""


def _help(fr: str, en: str) -> str:
    return str(Text(fr, en))


@click.command(
    name="validate",
    help=_help(
        "Valide des documents (.xml), des archives IHE_XDM (.zip) et des messages (.eml) : chaque CHEMIN est un fichier, "
        "un dossier (tous ceux qu'il contient, sous-dossiers compris) ou - pour l'entrée standard.",
        "Validate documents (.xml), IHE_XDM archives (.zip) and messages (.eml): each PATH is a file, a folder (all of "
        "them that it holds, sub-folders included) or - for standard input.",
    ),
    epilog=_help(
        "Codes de retour : 0 tous conformes, 1 non-conformité, 2 usage, 3 défaut du kit, 4 incomplet.",
        "Exit codes: 0 all pass, 1 something fails, 2 usage, 3 fault of the kit, 4 incomplete.",
    ),
)
@click.argument("paths", metavar=_help("CHEMIN...", "PATH..."), nargs=-1, required=True)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "ndjson", "sarif"]),
    default="text",
    show_default=True,
    help=_help("Format de sortie.", "Output format."),
)
@click.option(
    "--jobs",
    "-j",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help=_help("Nombre de processus.", "Number of processes."),
)
@click.option(
    "--max-size",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help=_help("Taille maximale d'un document, en Mio.", "Largest document, in MiB."),
)
@click.option(
    "--max-depth",
    type=click.IntRange(min=1, max=2000),
    default=200,
    show_default=True,
    help=_help("Profondeur maximale d'éléments imbriqués.", "Deepest nesting of elements."),
)
@click.option(
    "--vsm-version",
    type=click.Choice(["2022.01", "2023.01"]),
    default="2022.01",
    show_default=True,
    help=_help(
        "Version de VSM supposée quand le document ne la dit pas.",
        "VSM version assumed when the document does not tell.",
    ),
)
@click.option(
    "--open-files",
    is_flag=True,
    help=_help(
        "Ouvrir aussi les PDF des documents structurés : portent-ils le nom du patient ? (un quart de seconde chacun)",
        "Open the PDF files of structured documents too: do they name the patient? (a quarter of a second each)",
    ),
)
@click.option(
    "--rules",
    type=click.Choice(["native", "official", "both"]),
    default="native",
    show_default=True,
    help=_help(
        "Règles appliquées : les nôtres, celles de l'éditeur (voir « segur pack »), ou les deux.",
        "Rules that judge: ours, the publisher's (see “segur pack”), or both.",
    ),
)
@click.option(
    "--pack",
    default="",
    help=_help("Paquet de règles officielles : nom ou dossier.", "Pack of official rules: name or folder."),
)
@click.option(
    "--volet",
    help=_help(
        "Volet officiel à appliquer, au lieu de le reconnaître.", "Official volet to apply, instead of recognising it."
    ),
)
@click.option(
    "--clear",
    is_flag=True,
    help=_help(
        "Montrer les noms et les INS que les constats citent, au lieu de les masquer.",
        "Show the names and INS that findings quote, instead of masking them.",
    ),
)
def command(
    paths: tuple[str, ...], form: str, jobs: int, max_size: int, max_depth: int, vsm_version: str, open_files: bool,
    rules: Literal["native", "official", "both"], pack: str, volet: str | None, clear: bool,
) -> int:  # fmt: skip
    """See the help above."""
    files = list(_files(paths))
    write, end = _WRITERS[form]()
    if not files:
        end()  # a reader of JSON gets JSON
        print(
            Text(
                "Aucun fichier .xml, .zip ou .eml trouvé : rien n'a été vérifié.",
                "No .xml, .zip or .eml file found: nothing was checked.",
            ),
            file=sys.stderr,
        )
        return ExitCode.INCOMPLETE
    options = Options(Limits(max_size * 1024 * 1024, max_depth), vsm_version, open_files, rules, pack, volet)
    verdicts: list[Verdict] = []
    for outcome in _outcomes(files, options, jobs, clear):
        verdicts.append(outcome.verdict)
        write(outcome)
    end()
    if form == "text" and len(verdicts) > 1:
        _say_total(verdicts)
    return exit_code(verdicts)


def _files(paths: Iterable[str]) -> Iterator[str]:
    for name in paths:
        if name == "-":
            yield name
            continue
        path = Path(name)
        if path.is_dir():
            yield from sorted(
                str(file) for file in path.rglob("*") if file.suffix.lower() in READABLE and file.is_file()
            )
        elif path.exists():  # a file, or what a shell puts in its place: <(command)
            yield name
        else:
            raise UsageError(
                "validate.no-such-file",
                Text(f"« {name} » n'existe pas.", f"“{name}” does not exist."),
                Text(
                    "Donnez un fichier, un dossier, ou - pour l'entrée standard.",
                    "Give a file, a folder, or - for standard input.",
                ),
            )


def _outcome(name: str, options: Options, language: Language, clear: bool, alone: bool) -> tuple[DocumentOutcome, ...]:
    """What is said of one file. One that cannot be read raises ``UsageError`` when it is alone: it stops no other."""
    choose_language(language)
    # One byte more than may be read: what never ends is too long, and is said to be. Envelopes have limits of their own.
    most = -1 if name.lower().endswith(ENDINGS) else options.limits.size + 1
    try:
        if name == "-":
            data = sys.stdin.buffer.read(most)
        else:
            with Path(name).open("rb") as file:
                data = file.read(most)
    except OSError as error:
        refused = UsageError(
            "validate.unreadable-file",
            Text(f"« {name} » ne peut pas être lu ({error.strerror}).", f"“{name}” cannot be read ({error.strerror})."),
            Text("Vérifiez les droits du fichier.", "Check the rights of the file."),
        )
        if alone:
            raise refused from None
        why = Text(f"{refused.sentence.fr} {refused.hint.fr}", f"{refused.sentence.en} {refused.hint.en}")
        return (DocumentOutcome(name, None, (LayerOutcome("decoding", LayerStatus.SKIPPED, reason=why),), refused),)
    outcomes = validate_any(data, name, options)
    if clear or not any(outcome.findings for outcome in outcomes):
        return outcomes
    from conformance.reporting.masked_outcome import masked  # a document without finding does not wait for it

    return masked(outcomes, data, name)


def _outcomes(files: list[str], options: Options, jobs: int, clear: bool) -> Iterator[DocumentOutcome]:
    judge = partial(_outcome, options=options, language=current_language(), clear=clear, alone=len(files) == 1)
    with _progress(len(files)) as advance:
        if jobs == 1 or len(files) == 1:
            for file in files:
                yield from judge(file)
                advance()
            return
        with ProcessPoolExecutor(min(jobs, len(files))) as pool:
            for outcomes in pool.map(judge, files, chunksize=max(1, len(files) // (jobs * 8))):
                yield from outcomes
                advance()


class _progress:
    """A progress bar on long work, on the error stream, for a person only."""

    def __init__(self, total: int) -> None:
        self._bar: Any = None
        if total >= 20 and sys.stderr.isatty() and not os.environ.get("NO_COLOR"):
            from rich.console import Console
            from rich.progress import Progress

            self._bar = Progress(console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task("", total=total)

    def __enter__(self) -> Callable[[], None]:
        if self._bar is None:
            return lambda: None
        self._bar.start()
        return lambda: self._bar.advance(self._task)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()


# Writers: each gives a function for one outcome and one for the end ---------------------------------------

Writer = tuple[Callable[[DocumentOutcome], None], Callable[[], None]]

_MARKS = {
    Verdict.PASS: ("✓", 32),
    Verdict.FAIL: ("✗", 31),
    Verdict.NOT_CHECKED: ("?", 33),
    Verdict.BENCH_ERROR: ("!", 35),
}
_VERDICTS = {
    Verdict.PASS: Text("conforme", "pass"),
    Verdict.FAIL: Text("non conforme", "fail"),
    Verdict.NOT_CHECKED: Text("incomplet", "not checked"),
    Verdict.BENCH_ERROR: Text("défaut du kit", "bench error"),
}
_SEVERITIES = {Severity.ERROR: (Text("erreur", "error"), 31), Severity.WARNING: (Text("alerte", "warning"), 33), Severity.INFO: (Text("note", "info"), 36)}  # fmt: skip


def _colour(text: str, code: int) -> str:
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return f"\033[{code}m{text}\033[0m" if coloured else text


def _text() -> Writer:
    def write(outcome: DocumentOutcome) -> None:
        mark, colour = _MARKS[outcome.verdict]
        kind = outcome.document_type.title if outcome.document_type else Text("illisible", "unreadable")
        print(f"{_colour(mark, colour)} {outcome.path} — {_VERDICTS[outcome.verdict]} ({kind})")
        for finding in outcome.findings:
            word, tint = _SEVERITIES[finding.severity]
            place = f"{finding.place.line or '?'}:{finding.place.column or '?'}"
            print(f"  {place} {_colour(str(word), tint)} {finding.message} [{finding.rule}]")
        print(f"  {_layers(outcome)}")
        if official := outcome.extra.get("official"):
            print(f"  {_sides(official)}")

    return write, lambda: None


def _layers(outcome: DocumentOutcome) -> str:
    ran = [layer.name for layer in outcome.layers if layer.status is LayerStatus.RAN]
    parts = [str(Text("couches exécutées : ", "layers run: ")) + (", ".join(ran) or "—")]
    for layer in outcome.layers:
        if layer.status is not LayerStatus.RAN:
            word = Text("ignorée", "skipped") if layer.status is LayerStatus.SKIPPED else Text("en panne", "failed")
            parts.append(f"{layer.name} {word} ({layer.reason})")
    return " ; ".join(parts)


def _sides(official: dict[str, Any]) -> str:
    """The verdict of each side, and how many findings stand on one side only."""
    words = {str(verdict): text for verdict, text in _VERDICTS.items()}
    said = Text("règles officielles ({p}, volet {v}) : {w}", "official rules ({p}, volet {v}): {w}").format(
        p=official["pack"], v=official["volet"] or "?", w=words[official["verdict"]]
    )
    mends = Text("{n} réparation(s) du paquet", "{n} mend(s) of the pack").format(n=len(official["mends"]))
    parts = [str(said), str(mends)]
    if "native_verdict" in official:
        only = len(official["only_official"]), len(official["only_native"])
        parts.append(
            str(
                Text(
                    "les nôtres : {w} ; {o} constat(s) officiels seulement, {n} à nous seulement",
                    "ours: {w}; {o} finding(s) official only, {n} ours only",
                ).format(w=words[official["native_verdict"]], o=only[0], n=only[1])
            )
        )
    return " ; ".join(parts)


def _say_total(verdicts: list[Verdict]) -> None:
    counts = ", ".join(f"{verdicts.count(v)} {word}" for v, word in _VERDICTS.items() if v in verdicts)
    print(Text("{n} documents : {c}.", "{n} documents: {c}.").format(n=len(verdicts), c=counts))


def _ndjson() -> Writer:
    return lambda outcome: print(json.dumps(outcome.to_json(), ensure_ascii=False)), lambda: None


def _json() -> Writer:
    outcomes: list[DocumentOutcome] = []

    def end() -> None:
        whole = {
            "kit": __version__,
            "verdict": str(combine(outcome.verdict for outcome in outcomes)),
            "documents": [outcome.to_json() for outcome in outcomes],
        }
        print(json.dumps(whole, ensure_ascii=False, indent=2))

    return outcomes.append, end


def _sarif() -> Writer:
    from conformance.reporting.findings_sarif import sarif

    outcomes: list[DocumentOutcome] = []
    return outcomes.append, lambda: print(
        json.dumps(sarif([(o.path, o.findings) for o in outcomes]), ensure_ascii=False, indent=2)
    )


_WRITERS: dict[str, Callable[[], Writer]] = {"text": _text, "json": _json, "ndjson": _ndjson, "sarif": _sarif}

"""``segur pack``: the publisher's official rules, registered, checked, run and compared with ours."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from conformance.cda.reading import Document, read_document
from conformance.core.errors import DocumentError, UsageError
from conformance.core.findings import Severity
from conformance.core.language import Text
from conformance.core.verdicts import ExitCode, Verdict, exit_code
from conformance.validation.packs.comparison import Comparison, compare
from conformance.validation.packs.engine import Limits
from conformance.validation.packs.manifest import SchematronInfo
from conformance.validation.packs.preflight import Preflight, preflight
from conformance.validation.packs.problems import ProblemKind
from conformance.validation.packs.registry import Registered, add_pack, open_pack, registered, remove_pack
from conformance.validation.packs.results import LayerState, Mend, OfficialResult
from conformance.validation.packs.runner import OfficialRules


def _help(fr: str, en: str) -> str:
    return str(Text(fr, en))


_FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help=_help("Format de sortie.", "Output format."),
)
_PACK = click.option(
    "--pack",
    "name",
    default="",
    help=_help(
        "Paquet enregistré, ou dossier (par défaut SEGUR_PACK_DIR, sinon le seul paquet enregistré).",
        "A registered pack, or a folder (default: SEGUR_PACK_DIR, else the only registered pack).",
    ),
)
_VOLET = click.option(
    "--volet",
    help=_help("Volet à appliquer, au lieu de le reconnaître.", "Volet to apply, instead of recognising it."),
)
_TIME = click.option(
    "--time-limit",
    type=click.FloatRange(min=0.1),
    default=60.0,
    show_default=True,
    help=_help("Secondes accordées au moteur par document.", "Seconds that the engine may take for each document."),
)
_MEMORY = click.option(
    "--memory-limit",
    type=click.IntRange(min=256),
    default=3072,
    show_default=True,
    help=_help("Mémoire accordée au moteur, en Mio.", "Memory that the engine may take, in MiB."),
)


@click.group(
    name="pack",
    help=_help(
        "Les règles officielles de l'éditeur : enregistrées, vérifiées, exécutées, comparées aux nôtres.",
        "The publisher's official rules: registered, checked, run, compared with ours.",
    ),
)
def command() -> None:
    """See the help above."""


@command.command(
    "add",
    help=_help(
        "Enregistre un DOSSIER, une archive ZIP ou une adresse https.",
        "Register a FOLDER, a ZIP archive or an https address.",
    ),
)
@click.argument("origin", metavar=_help("DOSSIER|ZIP|URL", "FOLDER|ZIP|URL"))
@click.option("--name", default="", help=_help("Nom du paquet.", "Name of the pack."))
@_FORMAT
def add(origin: str, name: str, form: str) -> int:
    """See the help above."""
    with _progress() as progress:
        record = add_pack(origin, name, progress)
    if form == "json":
        _json(record.to_json())
    else:
        _say_record(record)
    return ExitCode.PASS


@command.command("list", help=_help("Les paquets enregistrés.", "The registered packs."))
@_FORMAT
def list_packs(form: str) -> int:
    """See the help above."""
    records = registered()
    if form == "json":
        _json([record.to_json() for record in records])
    elif not records:
        print(Text("Aucun paquet enregistré (segur pack add DOSSIER).", "No registered pack (segur pack add FOLDER)."))
    else:
        for record in records:
            _say_record(record)
    return ExitCode.PASS


@command.command("remove", help=_help("Retire un paquet enregistré.", "Remove a registered pack."))
@click.argument("name", metavar=_help("NOM", "NAME"))
def remove(name: str) -> int:
    """See the help above."""
    remove_pack(name)
    print(Text(f"Paquet « {name} » retiré.", f"Pack “{name}” removed."))
    return ExitCode.PASS


@command.command(
    "check",
    help=_help(
        "Les défauts du paquet (nom ou dossier), avec fichier et ligne.",
        "The defects of the pack (name or folder), with file and line.",
    ),
    epilog=_help(
        "Codes de retour : 0 rien de grave, 1 des règles sont perdues, 2 usage.",
        "Exit codes: 0 nothing grave, 1 rules are lost, 2 usage.",
    ),
)
@click.argument("name", metavar=_help("[PAQUET]", "[PACK]"), default="")
@_FORMAT
def check(name: str, form: str) -> int:
    """See the help above."""
    with _progress() as progress:
        report = preflight(open_pack(name), progress)
    if form == "json":
        _json(report.to_json())
    else:
        _say_preflight(report)
    return ExitCode.FAIL if report.worst is Severity.ERROR else ExitCode.PASS


@command.command(
    "run",
    help=_help(
        "Juge des documents avec les seules règles officielles.", "Judge documents with the official rules alone."
    ),
)
@click.argument("files", metavar=_help("FICHIER...", "FILE..."), nargs=-1, required=True)
@_PACK
@_VOLET
@click.option(
    "--terminology",
    is_flag=True,
    help=_help("Ajoute la couche des terminologies du paquet.", "Add the terminology layer of the pack."),
)
@_TIME
@_MEMORY
@_FORMAT
def run(
    files: tuple[str, ...],
    name: str,
    volet: str | None,
    terminology: bool,
    time_limit: float,
    memory_limit: int,
    form: str,
) -> int:
    """See the help above."""
    verdicts: list[Verdict] = []
    told: list[dict[str, Any]] = []
    mends: list[Mend] = []
    pack = open_pack(name)
    with OfficialRules(pack, Limits(time_limit, memory_limit), terminology=terminology) as rules:
        for file in files:
            document = _document(file)
            if document is None:
                verdicts.append(Verdict.FAIL)
                told.append({"path": file, "readable": False})
                continue
            result = rules.check(document, volet)
            verdicts.append(result.verdict)
            if form == "json":
                told.append({"path": file, **result.to_json()})
            else:
                _say_result(file, result)
                mends += result.mends
    if form == "json":
        _json(told)
    _say_mends(mends)
    return exit_code(verdicts)


@command.command(
    "compare",
    help=_help(
        "Montre où nos règles et celles de l'éditeur diffèrent sur des documents.",
        "Show where our rules and the publisher's differ on documents.",
    ),
    epilog=_help(
        "Codes de retour : 0 aucun écart, 1 un écart, 2 usage, 3 défaut du kit, 4 un côté n'a pas tout vérifié.",
        "Exit codes: 0 no difference, 1 some, 2 usage, 3 fault of the kit, 4 one side did not check everything.",
    ),
)
@click.argument("files", metavar=_help("FICHIER...", "FILE..."), nargs=-1, required=True)
@_PACK
@_VOLET
@_TIME
@_MEMORY
@_FORMAT
def compare_sides(
    files: tuple[str, ...], name: str, volet: str | None, time_limit: float, memory_limit: int, form: str
) -> int:
    """See the help above."""
    from conformance.validation.pipeline import validate

    verdicts: list[Verdict] = []
    told: list[dict[str, Any]] = []
    with OfficialRules(open_pack(name), Limits(time_limit, memory_limit)) as rules:
        for file in files:
            document = _document(file)
            if document is None:
                verdicts.append(Verdict.FAIL)
                told.append({"path": file, "readable": False})
                continue
            native = validate(document.data, file)
            comparison = compare(native.findings, native.verdict, rules.check(document, volet))
            verdicts.append(comparison.outcome)
            if form == "json":
                told.append({"path": file, **comparison.to_json()})
            else:
                _say_comparison(file, comparison)
    if form == "json":
        _json(told)
    return exit_code(verdicts)


# What is said ------------------------------------------------------------------------------------------------

_SEVERITIES = {
    Severity.ERROR: Text("erreur", "error"),
    Severity.WARNING: Text("alerte", "warning"),
    Severity.INFO: Text("note", "info"),
}
_VERDICTS = {
    Verdict.PASS: Text("conforme", "pass"),
    Verdict.FAIL: Text("non conforme", "fail"),
    Verdict.NOT_CHECKED: Text("incomplet", "not checked"),
    Verdict.NOT_APPLICABLE: Text("sans objet", "not applicable"),
    Verdict.BENCH_ERROR: Text("défaut du banc", "bench error"),
}


def _say_record(record: Registered) -> None:
    manifest = record.manifest
    print(Text(
        f"{record.name} — {len(manifest.schematrons)} schématrons dont {len(manifest.volets)} volets, {manifest.value_sets} jeux "
        f"de valeurs, {'avec' if manifest.schema else 'sans'} schéma XML\n  sha256 {record.hash}\n  ajouté le {record.added:%Y-%m-%d %H:%M} UTC, de {record.origin}",
        f"{record.name} — {len(manifest.schematrons)} schematrons of which {len(manifest.volets)} volets, {manifest.value_sets} value "
        f"sets, {'with' if manifest.schema else 'without'} an XML schema\n  sha256 {record.hash}\n  added {record.added:%Y-%m-%d %H:%M} UTC, from {record.origin}",
    ))  # fmt: skip
    for path, why in record.broken.items():
        print(Text(f"  ne se charge pas : {path} ({why.fr})", f"  does not load: {path} ({why.en})"))


def _say_preflight(report: Preflight) -> None:
    unnamed = report.of(ProblemKind.NO_ID)
    for problem in report.problems:
        if problem.kind is not ProblemKind.NO_ID:
            print(f"{problem.file}:{problem.line} {_SEVERITIES[problem.severity]} {problem.sentence} [{problem.kind}]")
    if unnamed:
        count = sum(int(problem.details["count"]) for problem in unnamed)
        print(Text(
            f"{count} assertions sans identifiant dans {len(unnamed)} fichiers (détail : --format json) [{ProblemKind.NO_ID}]",
            f"{count} assertions without an id in {len(unnamed)} files (details: --format json) [{ProblemKind.NO_ID}]",
        ))  # fmt: skip
    print(Text(
        f"{report.loading} schématrons sur {report.schematrons} se chargent.",
        f"{report.loading} of {report.schematrons} schematrons load.",
    ))  # fmt: skip


def _say_result(file: str, result: OfficialResult) -> None:
    volet = (
        f"{result.volet} ({result.recognised})"
        if result.volet
        else str(Text("aucun volet reconnu", "no volet recognised"))
    )
    print(f"{file} — {_VERDICTS[result.verdict]} — {volet}")
    for found in result.findings:
        finding = found.finding
        place = f"{finding.place.line or '?'}:{finding.place.column or '?'}"
        print(
            f"  {place} {_SEVERITIES[finding.severity]} {finding.message} [{finding.rule}; {found.file}:{found.line}]"
        )
    for layer in result.layers:
        if layer.state is LayerState.RAN and layer.name == "xsd":
            said = Text(f"erreurs : {layer.errors}", f"errors: {layer.errors}")
        elif layer.state is LayerState.RAN:
            said = Text(
                f"règles appliquées : {layer.fired}, erreurs : {layer.errors}",
                f"rules applied: {layer.fired}, errors: {layer.errors}",
            )
        else:
            said = Text("{verdict} ({why})", "{verdict} ({why})").format(
                verdict=_VERDICTS[layer.verdict], why=layer.reason or ""
            )
        print(Text("  couche {name} : {said}", "  layer {name}: {said}").format(name=layer.name, said=said))


def _say_mends(mends: Iterable[Mend]) -> None:
    for mend in dict.fromkeys(mends):
        sentence = Text("réparé en mémoire : {where} {what}", "mended in memory: {where} {what}")
        print(sentence.format(where=f"{mend.file}:{mend.line}", what=mend.sentence))


def _say_comparison(file: str, comparison: Comparison) -> None:
    same = (
        Text("même verdict", "same verdict")
        if comparison.same_verdict
        else Text("verdicts différents", "different verdicts")
    )
    print(Text(
        f"{file} — {same.fr} (kit : {_VERDICTS[comparison.native].fr}, éditeur : {_VERDICTS[comparison.official].fr})",
        f"{file} — {same.en} (kit: {_VERDICTS[comparison.native].en}, publisher: {_VERDICTS[comparison.official].en})",
    ))  # fmt: skip
    for found in comparison.only_official:
        print(Text("  éditeur seul : ", "  publisher only: "), end="")
        print(f"{found.finding.place.line or '?'} {found.finding.message} [{found.finding.rule}]")
    for finding in comparison.only_native:
        print(Text("  kit seul : ", "  kit only: "), end="")
        print(f"{finding.place.line or '?'} {finding.message} [{finding.rule}]")


def _json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def _document(file: str) -> Document | None:
    """The document, or nothing (and its fault said) when it cannot be read. Raises ``UsageError`` when there is no file."""
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise UsageError(
            "pack.unreadable-file",
            Text(f"« {file} » ne peut pas être lu ({error.strerror}).", f"“{file}” cannot be read ({error.strerror})."),
            Text(
                "Donnez un document XML, ou - pour l'entrée standard.", "Give an XML document, or - for standard input."
            ),
        ) from None
    try:
        return read_document(data, file)
    except DocumentError as error:
        print(f"{file} — {_VERDICTS[Verdict.FAIL]} — {error}", file=sys.stderr)
        return None


@contextmanager
def _progress() -> Iterator[Callable[[SchematronInfo], None] | None]:
    """Says on a terminal which schematron is being looked at."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    console = Console(stderr=True)
    with console.status("") as status:
        yield lambda info: status.update(info.name)

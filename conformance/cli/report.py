"""``segur report``: the views of a run, its evidence bundle, and the check of a bundle."""

from __future__ import annotations

import json
from pathlib import Path

import click

from conformance.core.errors import UsageError
from conformance.core.evidence import EVENTS_FOLDER
from conformance.core.language import Text, current_language
from conformance.core.verdicts import ExitCode
from conformance.reporting import bundle as bundles
from conformance.reporting import signature as cms
from conformance.reporting import words
from conformance.reporting.bundle_check import BundleCheck, check_bundle
from conformance.reporting.declared import add_opinions
from conformance.reporting.merge import merge_run
from conformance.reporting.model import RunReport
from conformance.reporting.reading import read_report
from conformance.reporting.views import DEFAULT_FORMATS, VIEWS, write_views


def _help(fr: str, en: str) -> str:
    return str(Text(fr, en))


_RUN = click.argument("run", metavar=_help("DOSSIER", "FOLDER"), type=click.Path(path_type=Path))
_CLEAR = click.option(
    "--clear",
    is_flag=True,
    help=_help(
        "Montrer noms, INS et secrets au lieu de les masquer.", "Show names, INS and secrets instead of masking them."
    ),
)
_OPINIONS = click.option(
    "--opinions",
    type=click.Path(path_type=Path),
    help=_help(
        "Avis d’un auditeur (opinions.toml) à montrer à côté des verdicts.",
        "Opinions of an auditor (opinions.toml) to show beside the verdicts.",
    ),
)


@click.group(
    name="report",
    help=_help(
        "Les vues d’une exécution, son dossier de preuves, et la vérification d’un dossier reçu.",
        "The views of a run, its evidence bundle, and the check of a bundle received.",
    ),
)
def command() -> None:
    """The views of a run, its evidence bundle, the check of a bundle."""


@command.command(
    name="render",
    help=_help(
        "Écrit (à nouveau) les vues d’une exécution. DOSSIER est celui de l’exécution (segur-report par défaut).",
        "Write the views of a run (again). FOLDER is that of the run (segur-report by default).",
    ),
)
@_RUN
@click.option(
    "--format",
    "-f",
    "formats",
    multiple=True,
    metavar="NAME",
    help=_help(
        f"Vue à écrire (répétable) : {', '.join(VIEWS)}, ou all.",
        f"View to write (repeatable): {', '.join(VIEWS)}, or all.",
    ),
)
@click.option(
    "--output",
    "-o",
    type=click.Path(file_okay=False, path_type=Path),
    help=_help("Dossier où écrire ; sinon celui de l’exécution.", "Folder to write into; else that of the run."),
)
@_OPINIONS
@_CLEAR
def render(run: Path, formats: tuple[str, ...], output: Path | None, opinions: Path | None, clear: bool) -> int:
    """Write the views of a run."""
    report = _report_of(run, opinions, clear=clear)
    wanted = list(VIEWS) if "all" in formats else list(formats or DEFAULT_FORMATS)
    for path in write_views(report, output or run, wanted).values():
        click.echo(str(path))
    return ExitCode.PASS


@command.command(
    name="bundle",
    help=_help(
        "Rassemble les preuves d’une exécution dans un zip, par exigence, scénario et numéro de preuve. Le zip contient "
        "les documents en clair ; son index est masqué.",
        "Gather the evidence of a run in a zip, by requirement, scenario and proof number. The zip holds the documents "
        "in clear; its index is masked.",
    ),
)
@_RUN
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help=_help(
        "Le zip à écrire ; sinon bundle.zip dans le dossier.", "The zip to write; else bundle.zip in the folder."
    ),
)
@click.option(
    "--format",
    "-f",
    "formats",
    multiple=True,
    metavar="NAME",
    help=_help("Vue à joindre (répétable) ; html sinon.", "View to include (repeatable); html otherwise."),
)
@click.option(
    "--key",
    type=click.Path(path_type=Path),
    help=_help("Clé privée (PEM) pour signer.", "Private key (PEM) to sign with."),
)
@click.option(
    "--certificate",
    type=click.Path(path_type=Path),
    help=_help("Certificat X.509 (PEM) de la clé.", "X.509 certificate (PEM) of the key."),
)
@click.option(
    "--password-file",
    type=click.Path(path_type=Path),
    help=_help("Fichier qui contient le mot de passe de la clé.", "File that holds the password of the key."),
)
@_OPINIONS
@_CLEAR
def bundle(
    run: Path,
    output: Path | None,
    formats: tuple[str, ...],
    key: Path | None,
    certificate: Path | None,
    password_file: Path | None,
    opinions: Path | None,
    clear: bool,
) -> int:
    """Gather the evidence of a run."""
    if (key is None) != (certificate is None):
        raise UsageError(
            "signature.half",
            Text("Il faut la clé et son certificat.", "Both the key and its certificate are needed."),
            Text("Donnez --key et --certificate ensemble.", "Give --key and --certificate together."),
        )
    data = bundles.make_bundle(_report_of(run, opinions, clear=clear), formats or ("html",))
    path = output or run / "bundle.zip"
    signature = b""
    if key is not None and certificate is not None:
        signature = cms.sign(data, key, certificate, _password(password_file))
    path.write_bytes(data)
    click.echo(str(path))
    if signature:
        beside = path.with_name(path.name + ".p7s")
        beside.write_bytes(signature)
        click.echo(str(beside))
    return ExitCode.PASS


@command.command(
    name="verify",
    help=_help(
        "Vérifie un dossier de preuves : empreintes, manifeste, signature, et rejoue la validation des documents.",
        "Check an evidence bundle: digests, manifest, signature, and play the validation of its documents again.",
    ),
    epilog=_help(
        "Codes de retour : 0 tout tient, 1 quelque chose ne tient pas.",
        "Exit codes: 0 all holds, 1 something does not.",
    ),
)
@click.argument("path", metavar=_help("DOSSIER.zip", "BUNDLE.zip"), type=click.Path(path_type=Path))
@click.option(
    "--signature",
    type=click.Path(path_type=Path),
    help=_help(
        "Signature détachée ; sinon le .p7s à côté, s’il existe.", "Detached signature; else the .p7s beside, if any."
    ),
)
@click.option(
    "--trust",
    type=click.Path(path_type=Path),
    help=_help("Certificats (PEM) des autorités reconnues.", "Certificates (PEM) of the authorities that you trust."),
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def verify(path: Path, signature: Path | None, trust: Path | None, form: str) -> int:
    """Check an evidence bundle."""
    beside = path.with_name(path.name + ".p7s")
    signed_by = signature or (beside if beside.exists() else None)
    try:
        data = path.read_bytes()
        signed = signed_by.read_bytes() if signed_by else None
    except OSError as error:
        raise UsageError(
            "bundle.not-found",
            Text(f"« {error.filename} » ne peut pas être lu.", f"“{error.filename}” cannot be read."),
            Text("Indiquez le zip, et sa signature.", "Name the zip, and its signature."),
        ) from error
    check = check_bundle(data, signed, cms.load_authorities(trust) if trust else None)
    if form == "json":
        click.echo(json.dumps(_as_json(check), ensure_ascii=False, indent=1))
    else:
        _say(check, signed is not None)
    return ExitCode.PASS if check.sound else ExitCode.FAIL


def _report_of(run: Path, opinions: Path | None, *, clear: bool) -> RunReport:
    """The report of a folder: from its events when they are there, else from report.json."""
    report = merge_run(run, clear=clear) if (run / EVENTS_FOLDER).is_dir() else read_report(run)
    if opinions is not None:
        add_opinions(report, opinions)
    return report


def _password(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        return path.read_bytes().strip()
    except OSError as error:
        raise UsageError(
            "signature.password",
            Text(f"{path} ne peut pas être lu.", f"{path} cannot be read."),
            Text("Donnez un fichier d’une ligne.", "Give a file of one line."),
        ) from error


def _say(check: BundleCheck, signed: bool) -> None:
    manifest = check.manifest
    if manifest:
        product = manifest["product"]
        _print(f"{product['name']} {product['version']} – {manifest['run']}")
        cut = Text(" (exécution interrompue)", " (interrupted run)") if manifest["interrupted"] else Text("", "")
        told = Text("Verdict annoncé : {v}, le {d}{c}", "Verdict told: {v}, on {d}{c}")
        _print(str(told.format(v=words.RUN_VERDICTS[manifest["verdict"]], d=manifest["started_at"][:10], c=cut)))
    counted = Text(
        "Fichiers vérifiés : {n} ; documents rejoués : {r}", "Files checked: {n}; documents played again: {r}"
    )
    _print(str(counted.format(n=check.files, r=check.replayed)))
    if check.signer is not None:
        told = {
            True: Text("reconnue", "trusted"),
            False: Text("NON reconnue", "NOT trusted"),
            None: Text("autorité non vérifiée (--trust)", "authority not checked (--trust)"),
        }[check.signer.trusted]
        _print(str(Text("Signé par {s} ({t})", "Signed by {s} ({t})").format(s=check.signer.subject, t=told)))
    elif not signed:
        _print(str(Text("Non signé", "Not signed")))
    if check.other_kit is not None:
        said = Text(
            "Fait avec la version {v} du kit : ses règles peuvent différer de celles-ci.",
            "Made with version {v} of the kit: its rules may differ from these.",
        )
        _print(str(said.format(v=check.other_kit)))
    for problem in check.problems:
        _print(f"✗ {problem.sentence}")
    whole = (
        Text("Tout tient.", "All holds.")
        if check.sound
        else Text("Le dossier ne tient pas.", "The bundle does not hold.")
    )
    _print(str(whole))


def _print(line: str) -> None:
    """Print what a bundle holds: it comes from somebody else, and must not command the terminal."""
    click.echo("".join(sign if sign.isprintable() else "\ufffd" for sign in line))


def _as_json(check: BundleCheck) -> dict[str, object]:
    language = current_language()
    return {
        "sound": check.sound,
        "files": check.files,
        "replayed": check.replayed,
        "signer": None if check.signer is None else {"subject": check.signer.subject, "trusted": check.signer.trusted},
        "other_kit": check.other_kit,
        "problems": [
            {"code": one.code, "path": one.path, "message": one.sentence.in_(language)} for one in check.problems
        ],
    }

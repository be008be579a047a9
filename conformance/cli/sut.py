"""``segur sut``: the contract with the product under test, and the proof of its adapter."""

from __future__ import annotations

import json
from pathlib import Path

import click

from conformance.core.language import Text
from conformance.core.verdicts import ExitCode
from conformance.harness.config import DEFAULT_NAME, read_config
from conformance.sut.adapters import AdapterConfig, adapter_for
from conformance.sut.check import Result, Step, check, exit_code
from conformance.sut.errors import bad_configuration
from conformance.sut.openapi import FILE

_MARKS = {Result.DONE: "✓", Result.NOT_OFFERED: "–", Result.FAILED: "✗", Result.SKIPPED: "·"}


@click.group(
    name="sut",
    help=str(Text("Le contrat avec le produit testé.", "The contract with the product under test.")),
)
def command() -> None:
    """Group of the commands about the product under test."""


@command.command(
    name="check",
    help=str(
        Text(
            "Prouve l’adaptateur avant tout verdict : il répond, crée un patient, le relit, l’oublie. "
            "Efface les données du produit.",
            "Prove the adapter before any verdict: it answers, creates a patient, reads it back, forgets it. "
            "Clears the product's data.",
        )
    ),
    epilog=str(
        Text(
            "Codes de retour : 0 prouvé, 2 configuration, 3 adaptateur en faute, 4 opération essentielle absente.",
            "Exit codes: 0 proven, 2 configuration, 3 adapter at fault, 4 a core operation is missing.",
        )
    ),
)
@click.option("--config", type=click.Path(path_type=Path), default=None, help=DEFAULT_NAME)
@click.option("--url", help=str(Text("Adresse d’un produit en HTTP.", "Address of a product over HTTP.")))
@click.option("--target", help=str(Text("Objet Python, module:objet.", "Python object, module:object.")))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def check_command(config: Path | None, url: str | None, target: str | None, form: str) -> int:
    """Run the check and say each step."""
    steps = check(adapter_for(_adapter(config, url, target)))
    code = exit_code(steps)
    if form == "json":
        said = {"steps": [step.to_json() for step in steps], "exit_code": int(code)}
        click.echo(json.dumps(said, ensure_ascii=False, indent=2))
    else:
        for step in steps:
            click.echo(_line(step))
        click.echo(_conclusion(code))
    return int(code)


@command.command(
    name="contract",
    help=str(
        Text("Écrit la description OpenAPI 3.1 du contrat.", "Write the OpenAPI 3.1 description of the contract.")
    ),
)
def contract_command() -> int:
    """Print the OpenAPI file."""
    click.echo(FILE.read_text("utf-8"), nl=False)
    return int(ExitCode.PASS)


def _adapter(config: Path | None, url: str | None, target: str | None) -> AdapterConfig:
    """The adapter that the options name: an address, an object, or the configuration file."""
    if url and target:
        raise bad_configuration(
            Text("--url et --target s’excluent", "--url and --target exclude each other"),
        )
    if url:
        return AdapterConfig("http", url=url)
    if target:
        return AdapterConfig("python", target=target, beside=Path.cwd())
    read = read_config(config or Path(DEFAULT_NAME))
    if read.adapter is None:
        raise bad_configuration(Text(f"{read.path} n’a pas de table [adapter]", f"{read.path} has no [adapter] table"))
    return read.adapter


def _line(step: Step) -> str:
    line = f"{_MARKS[step.result]} {step.operation} : {step.sentence}"
    return f"{line}\n  → {step.hint}" if step.hint and step.result is Result.FAILED else line


def _conclusion(code: ExitCode) -> Text:
    if code is ExitCode.PASS:
        return Text("L’adaptateur est prouvé.", "The adapter is proven.")
    if code is ExitCode.INCOMPLETE:
        return Text(
            "L’adaptateur répond, mais sans une opération essentielle aucun profil ne peut conclure.",
            "The adapter answers, but without a core operation no profile can conclude.",
        )
    return Text(
        "L’adaptateur est en faute ; le produit, lui, n’a pas été jugé.",
        "The adapter is at fault; the product itself was not judged.",
    )

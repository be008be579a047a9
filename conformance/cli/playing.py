"""Playing profiles from the command line: progress, the run, its views, and the summary that a person reads."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from conformance.core.errors import UsageError
from conformance.core.evidence import EVENTS_FOLDER
from conformance.core.language import Text, counted, current_language, verbatim
from conformance.core.verdicts import ExitCode, Verdict
from conformance.harness.run import Selection, run_profiles
from conformance.reporting.merge import merge_run
from conformance.reporting.model import ReportOfTest, RunReport, in_language
from conformance.reporting.views import write_views

_WORDS = {
    Verdict.PASS: Text("réussi", "pass"),
    Verdict.FAIL: Text("échec", "fail"),
    Verdict.NOT_CHECKED: Text("non vérifié", "not checked"),
    Verdict.NOT_APPLICABLE: Text("sans objet", "not applicable"),
    Verdict.TO_REVIEW: Text("à revoir", "to review"),
    Verdict.BENCH_ERROR: Text("défaut du banc", "bench error"),
}
_MARKS = {
    Verdict.PASS: "✓", Verdict.FAIL: "✗", Verdict.NOT_CHECKED: "?", Verdict.NOT_APPLICABLE: "–",
    Verdict.TO_REVIEW: "◔", Verdict.BENCH_ERROR: "!",
}  # fmt: skip
_OTHERS_SHOWN = 20


def play(
    config: Path, folder: Path, selection: Selection, formats: Sequence[str], *, clear: bool, verbose: bool
) -> ExitCode:
    """Play the selection, write the views, print the summary; the exit code is that of the run."""
    selection = _keep_record(selection, folder)
    prepare_folder(folder)
    with _progress() as advance:
        code = run_profiles(config, folder, selection, verbose=verbose, advance=advance)
    report = merge_run(folder, clear=clear)
    written = write_views(report, folder, formats)
    say_summary(report, written)
    return code


def _keep_record(selection: Selection, folder: Path) -> Selection:
    """The selection with its counterexample out of the way: the folder of the last report is emptied by this run."""
    record = selection.record
    if record is None or folder not in record.parents:
        return selection
    copy = folder.parent / record.name
    if not copy.exists():
        shutil.copyfile(record, copy)
    return replace(selection, record=copy)


def prepare_folder(folder: Path) -> None:
    """Empty the folder of the last run; a folder that holds something else is refused, so that nothing is lost."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / EVENTS_FOLDER).is_dir():
            raise UsageError(
                "report.folder-in-use",
                Text(
                    f"Le dossier {folder} contient autre chose qu'un rapport.",
                    f"The folder {folder} holds something else than a report.",
                ),
                Text("Choisissez un autre dossier avec --report.", "Choose another folder with --report."),
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)


@contextmanager
def _progress() -> Iterator[Callable[[str], None] | None]:
    """A line that moves, on the error stream, for a person only."""
    if not sys.stderr.isatty() or os.environ.get("NO_COLOR"):
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    with Progress(
        SpinnerColumn(), TextColumn("{task.completed} tests"), TimeElapsedColumn(), console=console, transient=True
    ) as bar:
        task = bar.add_task("")
        yield lambda _name: bar.advance(task)


def say_summary(report: RunReport, written: dict[str, Path]) -> None:
    """Requirements with their verdicts, the tests that did not pass, where the report is."""
    language = current_language()
    product = report.header["product"]
    print(f"{product['name']} {product['version']} ({product['vendor']})")
    for requirement in report.requirements:
        verdict = Verdict(requirement["verdict"])
        tests = counted(len(requirement["tests"]), verbatim("test"), verbatim("tests"))
        print(
            f"  {_MARKS[verdict]} {requirement['id']:<18} {_WORDS[verdict]!s:<15} {tests}  {in_language(requirement['title'], language)}"
        )
    if report.attested:
        names = ", ".join(one["id"] for one in report.attested)
        print(Text("  À attester par une personne : {n}", "  To be attested by a person: {n}").format(n=names))
    others = [test for test in report.tests if test["verdict"] != Verdict.PASS]
    for test in others[:_OTHERS_SHOWN]:
        _say_test(test, language)
    if len(others) > _OTHERS_SHOWN:
        print(
            Text("… et {n} autres, dans le rapport.", "… and {n} more, in the report.").format(
                n=len(others) - _OTHERS_SHOWN
            )
        )
    counts = ", ".join(f"{count} {_WORDS[Verdict(v)]}" for v, count in report.counts()["tests"].items() if count)
    print(Text("Verdict : {v} ({c})", "Verdict: {v} ({c})").format(v=_WORDS[report.verdict], c=counts or "0"))
    if report.interrupted:
        print(
            Text(
                "L'exécution a été interrompue : le verdict est incomplet.",
                "The run was interrupted: the verdict is incomplete.",
            )
        )
    for path in written.values():
        print(f"  → {path}")


def _say_test(test: ReportOfTest, language: str) -> None:
    verdict = Verdict(test["verdict"])
    print(f"{_MARKS[verdict]} {_WORDS[verdict]} — {in_language(test['title'], language)}")
    print(f"    {test['id']}")
    message = in_language(test["message"], language)
    if message:
        print(f"    {message}")
    if test["replay"] and verdict is not Verdict.NOT_APPLICABLE:
        print(Text("    rejouer : {r}", "    replay: {r}").format(r=test["replay"]))

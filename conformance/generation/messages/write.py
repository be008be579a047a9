"""Writes incoming messages as files: ``python -m conformance.generation.messages.write FOLDER [NAME...]``."""

from __future__ import annotations

import sys
from pathlib import Path

from conformance.core.errors import UsageError
from conformance.core.language import Text
from conformance.core.verdicts import ExitCode
from conformance.generation.messages import Post, all_cases


def write_cases(folder: Path, names: tuple[str, ...] = (), post: Post | None = None) -> list[Path]:
    """Write the cases called ``names`` (all when empty) to ``folder``: ``<name>.eml``, or ``<name>-1.eml``, ``-2``…

    Raises ``UsageError`` for a name that no case has.
    """
    known = {one.name: one for one in all_cases()}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageError(
            "messages.unknown-case",
            Text(f"Aucun message ne s’appelle « {unknown[0]} ».", f"No message is called “{unknown[0]}”."),
            Text("Les noms sont dans fixtures/messages/index.tsv.", "The names are in fixtures/messages/index.tsv."),
        )
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in names or known:
        messages = known[name].messages(post)
        for rank, message in enumerate(messages, 1):
            file = folder / (f"{name}-{rank}.eml" if len(messages) > 1 else f"{name}.eml")
            file.write_bytes(message)
            written.append(file)
    return written


def main(arguments: list[str]) -> int:
    """Write the cases named on the command line; 0, or 2 with a sentence."""
    if not arguments:
        print(Text("Donner un dossier.", "Give a folder."), file=sys.stderr)
        return ExitCode.USAGE
    try:
        print(len(write_cases(Path(arguments[0]), tuple(arguments[1:]))))
    except UsageError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return ExitCode.PASS


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

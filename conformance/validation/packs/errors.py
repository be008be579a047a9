"""What can go wrong with a rule pack: whose fault it is, said in a sentence."""

from __future__ import annotations

from typing import Final

from conformance.core.errors import Blame, SegurError, UsageError
from conformance.core.language import Text
from conformance.core.verdicts import ExitCode
from conformance.validation.packs.problems import Problem

_REFUSED: Final = Text(
    "Ce paquet n'est pas exécuté. Prenez-le chez son éditeur, ou retirez ce fichier.",
    "This pack is not run. Get it from its publisher, or take that file out.",
)


class HostilePack(SegurError):
    """The pack tries what a rule pack may not: reading outside its folder, entities, forbidden functions…"""

    blame = Blame.USER
    exit_code = ExitCode.USAGE

    def __init__(self, code: str, sentence: Text) -> None:
        super().__init__(f"pack.refused.{code}", sentence, _REFUSED)


class DoesNotLoad(Exception):
    """A schematron that cannot be run at all; ``reason`` says why. It is ``not_checked``, never ``pass``.

    ``file`` and ``line`` are those of the fault, when it has a place; ``problems`` all that was noted on the way.
    """

    def __init__(self, reason: Text, file: str | None = None, line: int | None = None) -> None:
        super().__init__(reason.en)
        self.reason = reason
        self.file = file
        self.line = line
        self.problems: list[Problem] = []


class MissingExtra(UsageError):
    """SaxonC is not installed: the official rules need the optional extra ``packs``."""

    def __init__(self) -> None:
        super().__init__(
            "pack.saxon-missing",
            Text(
                "Les règles officielles ont besoin du moteur SaxonC, qui n'est pas installé.",
                "The official rules need the engine SaxonC, which is not installed.",
            ),
            Text(
                "Installez-le : pip install 'segur-conformance[packs]'",
                "Install it: pip install 'segur-conformance[packs]'",
            ),
        )

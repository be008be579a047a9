"""Runs the stylesheets of a program in the worker, with the documents of the pack that they read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from conformance.core.language import Text
from conformance.validation.packs.engine import Engine, EngineFault
from conformance.validation.packs.pack import Pack
from conformance.validation.packs.problems import Problem, ProblemKind
from conformance.validation.packs.program import Program
from conformance.validation.packs.stylesheet import LOAD
from conformance.validation.packs.substitutes import Substitutes, substituted

_WANTED: Final = re.compile(re.escape(LOAD) + r"(.*)")


class Execution:
    """Knows which documents of the pack the worker holds already."""

    def __init__(self, pack: Pack, engine: Engine) -> None:
        self._source = pack.source
        self._engine = engine
        self._substitutes = Substitutes(pack.source)
        self._held: set[str] = set()
        self._generation = 0
        self._by_href: dict[str, dict[str, str | None]] = {}
        self._mended: dict[str, dict[Problem, None]] = {}

    def compile(self, name: str, xslt: str) -> None:
        """Have the worker compile a stylesheet and keep it under ``name``. Raises ``EngineFault``."""
        self._engine.ask(do="compile", name=name, xslt=xslt)

    def run(self, program: Program, name: str, values: Iterable[str], skip: Iterable[int] = ()) -> str:
        """The text that the stylesheet ``name`` gives for the present document.

        ``values`` are the global values that it uses, ``skip`` the groups that it leaves out. A document that
        it asks for by a name which only the run shows is loaded when the pack has it, and it is run again.
        Raises ``EngineFault`` when an expression fails, ``LimitReached`` as the engine does.
        """
        if self._generation != self._engine.generation:
            self._held, self._by_href, self._generation = set(), {}, self._engine.generation
        load: dict[str, list[str]] = {}
        documents: dict[str, str] = {}
        for value in program.closure([*values, *program.function_globals]):
            if program.values[value].expression:
                continue
            document = program.documents[program.values[value].documents[0]]
            if document.path:
                asked = document.href if document.substitute else ""
                documents[value.partition(":")[2]] = self._load(load, document.path, asked)
        skipped = "|".join(str(group) for group in skip)
        request: dict[str, Any] = {
            "do": "run",
            "name": name,
            "documents": documents,
            "load": load,
            "skip": f"|{skipped}|" if skipped else "",
        }
        if not program.dynamic:
            return self._asked(request)
        known = self._by_href.setdefault(program.path, {})
        while True:
            request["by_href"] = known
            failure: EngineFault | None = None
            try:
                text = self._asked(request)
            except EngineFault as fault:
                text, failure = str(fault), fault
            wanted = _WANTED.search(text)
            if failure is None and wanted is None:
                return text
            href = wanted.group(1).strip() if wanted else ""
            if not href or href in known:
                raise failure or EngineFault(text)
            known[href] = self._found(program, load, href)

    def mended(self, path: str) -> list[Problem]:
        """What was set right so that the schematron ``path`` could read documents that only a run names."""
        return list(self._mended.get(path, ()))

    def _asked(self, request: dict[str, Any]) -> str:
        text = str(self._engine.ask(**request)["text"])
        self._held |= request["load"].keys()
        request["load"].clear()
        return text

    def _found(self, program: Program, load: dict[str, list[str]], href: str) -> str | None:
        """The key of the document ``href`` of the pack, or of what stands in for it; nothing when there is none."""
        file = self._source.find(href, program.base)
        substitute = None if file else self._substitutes.find(href)
        path = file.path if file else substitute
        if path is None:
            return None
        if substitute or (file and file.mended):
            kind = ProblemKind.VALUE_SET_MISSING if substitute else ProblemKind.VALUE_SET_CASE
            told = substituted(path) if substitute else Text("", "")
            problem = Problem(kind, program.path, 1, {"href": href, "found": path, "substitute": told})
            self._mended.setdefault(program.path, {})[problem] = None
        return self._load(load, path, href if substitute else "")

    def _load(self, load: dict[str, list[str]], path: str, asked: str) -> str:
        """The key of a document of the pack in the worker; it is added to ``load`` unless it is there already.

        ``asked`` is the name under which a substitute was asked for, and which decides its form.
        """
        key = f"{path} as {asked}" if asked else path
        if key not in self._held:
            if asked:
                load[key] = ["text", self._substitutes.as_asked(path, asked).decode("utf-8")]
            else:
                load[key] = ["path", str(self._source.root / path)]
        return key

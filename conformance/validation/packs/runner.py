"""Runs the official rules of a pack on documents.

For each document: the rules that can concern it, one pass per schematron over a tree that was parsed once,
then messages and places for what failed. ``OfficialRules`` keeps everything warm from one document to the next.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from lxml import etree

from conformance.cda.reading import Document
from conformance.core.findings import Finding, Place, Severity
from conformance.core.language import Text, verbatim
from conformance.validation.packs.cache import program_of
from conformance.validation.packs.engine import Engine, EngineFault, LimitReached, Limits
from conformance.validation.packs.execution import Execution
from conformance.validation.packs.failures import Failure, Wanted, findings, messages, missing_documents, read_output
from conformance.validation.packs.manifest import SchematronInfo
from conformance.validation.packs.pack import Pack
from conformance.validation.packs.program import Program
from conformance.validation.packs.results import LayerState, Mend, OfficialFinding, OfficialLayer, OfficialResult
from conformance.validation.packs.schemas import check_schema_files
from conformance.validation.packs.selection import Facts, chosen_rules, facts_of
from conformance.validation.packs.sheets import Sheet, Sheets
from conformance.validation.packs.stylesheet import explaining
from conformance.validation.packs.verifier import Verifier
from conformance.validation.packs.volets import Recognised, forced, recognise_volet

_DOES_NOT_LOAD: Final = Text("le schématron ne se charge pas : {why}", "the schematron does not load: {why}")
_DECLARATION: Final = re.compile(rb"^\s*<\?xml[^>]*\?>")


def _with_proof(layers: list[OfficialLayer]) -> tuple[OfficialLayer, ...]:
    """The layers; when not one rule of the pack looked at the document, none of them says that it passes."""
    if any(layer.fired for layer in layers if layer.name != "xsd"):
        return tuple(layers)
    why = Text("aucune règle du paquet ne concerne ce document", "no rule of the pack concerns this document")
    return tuple(
        replace(layer, state=LayerState.NOT_CHECKED, reason=why)
        if layer.state is LayerState.RAN and layer.name != "xsd"
        else layer
        for layer in layers
    )


class OfficialRules:
    """The rules of one pack, ready for documents. Use it as a context, or call ``close``.

    ``terminology`` adds the layer that looks every code up in whole terminologies (slow, and incomplete in
    the published packs). Raises ``MissingExtra`` when SaxonC is not installed.
    """

    def __init__(self, pack: Pack, limits: Limits | None = None, *, terminology: bool = False) -> None:
        self._pack = pack
        self._engine = Engine(limits)
        self._terminology = terminology
        self._execution = Execution(pack, self._engine)
        self._programs: dict[str, Program] = {}
        self._sheets: dict[str, Sheets] = {}
        self._verifier = Verifier(pack, self._engine.limits)
        self._schema_checked = False
        self._schema_fault: Text | None = None
        self._engine.start()

    def close(self) -> None:
        """Stop the engine."""
        self._verifier.close()
        self._engine.close()

    def __enter__(self) -> OfficialRules:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def check(self, document: Document, volet: str | None = None) -> OfficialResult:
        """What the pack says of ``document``; ``volet`` forces the volet instead of recognising it.

        Raises ``UsageError`` for an unknown volet, ``HostilePack`` when the pack tries what it may not.
        """
        manifest = self._pack.manifest
        recognised = forced(manifest, volet) if volet else recognise_volet(document.clinical, manifest)
        layers = _with_proof([self._confirmed(layer) for layer in list(self._layers(document, recognised))])
        return OfficialResult(
            pack=self._pack.name,
            pack_hash=self._pack.hash,
            layers=layers,
            mends=tuple(mend for layer in layers for mend in self._mends(layer.schematron)),
            volet=recognised.schematron.name if recognised.schematron else "",
            recognised=recognised.how,
        )

    def program(self, path: str) -> Program:
        """The compiled schematron ``path`` of the pack."""
        if path not in self._programs:
            self._programs[path] = program_of(self._pack.source, path)
        return self._programs[path]

    def _confirmed(self, layer: OfficialLayer) -> OfficialLayer:
        """The layer, unless its schematron proves not to load as a whole: then nothing that it said counts."""
        fault = self._verifier.fault(layer.schematron)
        if fault is None:
            return layer
        why = Text("{reason} ({file}:{line})", "{reason} ({file}:{line})")
        why = why.format(reason=fault.reason, file=fault.file, line=fault.line)
        reason = _DOES_NOT_LOAD.format(why=why)
        return OfficialLayer(layer.name, layer.schematron, LayerState.NOT_CHECKED, reason=reason)

    # Layers ---------------------------------------------------------------------------------------------

    def _layers(self, document: Document, recognised: Recognised) -> Iterator[OfficialLayer]:
        manifest = self._pack.manifest
        infos = [info for info in manifest.profiles if info.layer != "terminology" or self._terminology]
        if recognised.schematron is not None:
            infos.append(recognised.schematron)
        self._engine.begin()
        stopped = self._take(document)
        facts = facts_of(document.root)
        if manifest.schema:
            yield self._schema_layer(document, stopped)
        for info in infos:
            layer = self._layer(info, document, facts, stopped)
            # A limit that was reached stops this document: the other schematrons would only meet it again.
            stopped = layer.reason if layer.state is LayerState.FAILED else stopped
            yield layer
        if recognised.schematron is None and manifest.volets:
            state = LayerState.NOT_CONCERNED if recognised.none_expected else LayerState.NOT_CHECKED
            yield OfficialLayer("volet", "", state, reason=recognised.reason)

    def _take(self, document: Document) -> Text | None:
        """Hand the document to the worker, which parses it once; why that failed, if so."""
        try:
            self._engine.ask(do="subject", xml=_DECLARATION.sub(b"", document.data, count=1).decode("utf-8"))
        except LimitReached as limit:
            return limit.reason
        except EngineFault as fault:
            return Text(
                f"le moteur n'a pas pu lire le document ({fault})", f"the engine could not read the document ({fault})"
            )
        return None

    def _layer(self, info: SchematronInfo, document: Document, facts: Facts, stopped: Text | None) -> OfficialLayer:
        layer = OfficialLayer(info.layer, info.path, LayerState.NOT_CHECKED)
        if stopped is not None:
            return replace(layer, state=LayerState.FAILED, reason=stopped)
        started = time.perf_counter()
        try:
            layer = self._judged(info, layer, document, facts)
        except LimitReached as limit:
            layer = replace(layer, state=LayerState.FAILED, reason=limit.reason)
        except EngineFault as fault:
            reason = Text(f"le moteur n'a pas pu l'exécuter : {fault}", f"the engine could not run it: {fault}")
            layer = replace(layer, reason=reason)
        return replace(layer, seconds=time.perf_counter() - started)

    def _judged(self, info: SchematronInfo, layer: OfficialLayer, document: Document, facts: Facts) -> OfficialLayer:
        program = self.program(info.path)
        broken = Text(*program.refusal) if program.refusal else self._pack.broken.get(info.path)
        if broken is not None:
            return replace(layer, reason=_DOES_NOT_LOAD.format(why=broken))
        self._verifier.look_at(program)
        sheets = self._sheets.setdefault(info.path, Sheets(program, self._engine))
        failures: list[Failure] = []
        fired = 0
        for sheet, skip in sheets.covering(chosen_rules(program, facts)):
            count, found = self._outcome(program, sheets, sheet, skip)
            fired += count
            failures += found

        def explain(wanted: list[Wanted]) -> str:
            return self._explained(program, wanted)

        told = list(zip(failures, messages(program, failures, explain), strict=True))
        layer = replace(layer, findings=tuple(findings(info, program, told, document, self._pack.name)), fired=fired)
        missing = ", ".join(missing_documents(failures))
        if missing:
            reason = Text(f"jeu de valeurs absent du paquet : {missing}", f"value set missing in the pack: {missing}")
            return replace(layer, reason=reason)
        if not program.rules:
            reason = Text("le schématron ne contient aucune règle active", "the schematron holds no active rule")
            return replace(layer, reason=reason)
        if not fired and info.volet:
            reason = Text("aucune de ses règles ne concerne ce document", "none of its rules concerns this document")
            return replace(layer, reason=reason)
        return replace(layer, state=LayerState.RAN)

    def _outcome(self, program: Program, sheets: Sheets, sheet: Sheet, skip: list[int]) -> tuple[int, list[Failure]]:
        """Run one stylesheet; when an expression fails on the document, run its careful form instead."""
        values = sheet.values(program)
        try:
            return read_output(self._execution.run(program, sheet.name, values, skip))
        except EngineFault:
            careful = sheets.careful(sheet)
            try:
                return read_output(self._execution.run(program, careful.name, values, skip))
            finally:
                sheets.forget(careful)

    def _explained(self, program: Program, wanted: list[Wanted]) -> str:
        name = f"{program.path}?"
        self._execution.compile(name, explaining(program, wanted))
        values = {name for rule, _, _ in wanted for name in program.rules[rule].globals}
        values |= {name for _, check, _ in wanted for name in program.checks[check].globals}
        return self._execution.run(program, name, values)

    # The XML schema -------------------------------------------------------------------------------------

    def _schema_layer(self, document: Document, stopped: Text | None) -> OfficialLayer:
        path = self._pack.manifest.schema
        layer = OfficialLayer("xsd", path, LayerState.NOT_CHECKED)
        if stopped is not None:
            return replace(layer, state=LayerState.FAILED, reason=stopped)
        started = time.perf_counter()
        try:
            if not self._schema_checked:
                self._schema_fault, self._schema_checked = check_schema_files(self._pack.source, path), True
            if self._schema_fault is not None:
                return replace(layer, reason=self._schema_fault)
            answer = self._engine.ask(do="schema", path=str(self._pack.source.root / path))
        except LimitReached as limit:
            return replace(layer, state=LayerState.FAILED, reason=limit.reason)
        except EngineFault as fault:
            reason = Text(f"le schéma ne se charge pas : {fault}", f"the schema does not load: {fault}")
            return replace(layer, reason=reason)
        found = tuple(self._schema_finding(document, path, *error) for error in answer["errors"])
        return replace(layer, state=LayerState.RAN, findings=found, fired=1, seconds=time.perf_counter() - started)

    def _schema_finding(
        self, document: Document, path: str, line: int, where: str, message: str, kind: str
    ) -> OfficialFinding:
        place = Place(line, None, where)
        top = document.root if document.clinical is None else document.clinical
        try:
            # The path begins with the element that was validated.
            nodes = top.xpath("." + where[1:].partition("/")[1] + where[1:].partition("/")[2]) if where else []
        except etree.XPathError:  # a path that lxml wrote and cannot read (unknown prefix): the line is enough
            nodes = []
        if isinstance(nodes, list) and nodes and isinstance(nodes[0], etree._Element):
            place = document.place(nodes[0])
        finding = Finding(
            rule=f"official.xsd.{kind.lower().removeprefix('schemav_').replace('_', '-')}",
            severity=Severity.ERROR,
            layer="official.xsd",
            message=verbatim(message),
            place=place,
            source=f"{self._pack.name}: {path}",
        )
        return OfficialFinding(finding, path, "", path, 0, "", "", kind)

    # Mends ----------------------------------------------------------------------------------------------

    def _mends(self, path: str) -> Iterator[Mend]:
        program = self._programs.get(path)
        for problem in [*(program.problems if program else ()), *self._execution.mended(path)]:
            if problem.mended:
                yield Mend(problem.file, problem.line, problem.sentence)

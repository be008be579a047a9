"""Makes the expressions of a schematron safe and quick.

Safe: only harmless functions; documents are those of the pack. Quick: a document whose name is known is
loaded once and stays loaded; what a rule computes from such a document alone is computed once; a search
for a concept by its code becomes a keyed lookup. The value of an expression never changes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from conformance.core.language import Text
from conformance.validation.packs.errors import DoesNotLoad, HostilePack
from conformance.validation.packs.model import Let, Where
from conformance.validation.packs.problems import Problem, ProblemKind
from conformance.validation.packs.program import PackDocument, Program, Value
from conformance.validation.packs.source import PackSource, relative
from conformance.validation.packs.substitutes import Substitutes, substituted
from conformance.validation.packs.xpath import OURS, RefusedExpression, Token, constant, guard, tokens, variables

LetValues = dict[str, str]
"""The lets of a rule, so far: name → expression as written."""

DANGEROUS: Final = re.compile(
    r"unparsed-text|environment-variable|available-environment|collection|json-doc|load-xquery|transform$|"
    r"system-property|function-lookup|evaluate|java|saxon|^doc(ument|-available)?\b"
)
_ATTRIBUTE: Final = re.compile(r"\s*@[^\W\d][\w.-]*\s*")


@dataclass(slots=True)
class _Call:
    """``doc(…)`` or ``document(…)`` at the tokens ``start`` to ``end`` (excluded), naming ``href``."""

    start: int
    end: int
    href: str
    where: Where


class Expressions:
    """Compiles the expressions of one schematron into its program."""

    def __init__(self, program: Program, source: PackSource, substitutes: Substitutes, lets: Mapping[str, Let]) -> None:
        self._program = program
        self._source = source
        self._substitutes = substitutes
        self._lets = lets
        self._known: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        self._hoisted: dict[str, str] = {}
        self._guarded: dict[str, str] = {}
        self.declared: set[tuple[str, str]] = set()
        """The functions that the schematron itself declares."""

    def add_global(self, let: Let, *, parameter: bool) -> None:
        """Make ``let`` a global value of the program; a value set that it names is looked for."""
        code = self.compile(let.value, let.where, {})
        needs = sorted(variables(code) & {*self._lets, *self._program.values})
        self._program.values[let.name] = Value(let.name, code, needs, parameter=parameter)
        href = constant(let.value, self._values())
        if href and href.lower().endswith(".xml"):
            self._document(href, let.where)

    def safe(self, expression: str, where: object) -> str:
        """``expression`` with every access to documents made the pack's own, nothing else changed.

        Raises ``HostilePack`` for a call that reaches outside, ``DoesNotLoad`` for one that is unknown.
        """
        if expression not in self._guarded:
            self._guarded[expression] = self.guarded(expression, self._program.namespaces, where)
        return self._guarded[expression]

    def guarded(self, expression: str, namespaces: Mapping[str, str], where: object) -> str:
        """``safe`` for an expression that is read with ``namespaces``."""
        try:
            return guard(expression, {**namespaces, self._program.prefix: OURS}, self._dynamic, self.declared)
        except RefusedExpression as refused:
            name = str(refused)
            sentence = Text(
                f"{where} : l'expression appelle « {name} », qu'un paquet de règles ne peut pas appeler.",
                f"{where}: the expression calls “{name}”, which a rule pack may not call.",
            )
            if DANGEROUS.search(name.lower()):
                raise HostilePack("function", sentence) from None
            file, line = (where.file, where.line) if isinstance(where, Where) else (None, None)
            raise DoesNotLoad(sentence, file, line) from None

    def compile(self, expression: str, where: Where, local: LetValues) -> str:
        """The safe and quick form of ``expression``; ``local`` are the lets of the rule before it."""
        if "doc" not in expression:
            return self.safe(expression, where)
        parts = [token for token in tokens(expression) if token.kind != "comment"]
        solid = [i for i, token in enumerate(parts) if token.kind != "space"]
        out: list[str] = []
        done = 0
        position = 0
        while position < len(solid):
            call = self._static_call(parts, solid, position, where, local)
            if call is None:
                position += 1
                continue
            out += [token.text for token in parts[done : solid[position]]]
            text, position = self._replacement(parts, solid, call, local)
            out.append(text)
            done = solid[position] if position < len(solid) else len(parts)
            if position and done > solid[position - 1] + 1:
                done = solid[position - 1] + 1
        out += [token.text for token in parts[done:]]
        return self.safe("".join(out), where)

    # Documents ------------------------------------------------------------------------------------------

    def _dynamic(self, name: str) -> str:
        self._program.dynamic = True
        return f"{self._program.prefix}:{'available' if name == 'doc-available' else 'document'}"

    def _document(self, href: str, where: Where) -> int:
        """The number of the document ``href`` of the pack, found or not; its defects are noted once."""
        if href in self._numbers:
            return self._numbers[href]
        program = self._program
        relative(href, program.base)  # refuses what leaves the pack
        found = self._source.find(href, program.base)
        number = len(program.documents)
        if where.file not in program.files:
            program.files.append(where.file)
        document = PackDocument(href, found.path if found else "", program.files.index(where.file), where.line)
        if found is None:
            document.path = self._substitutes.find(href) or ""
            document.substitute = bool(document.path)
            told = substituted(document.path) if document.path else Text("", "")
            details = {"href": href, "substitute": told, "found": document.path}
            program.problems.append(Problem(ProblemKind.VALUE_SET_MISSING, where.file, where.line, details))
        elif found.mended:
            details = {"href": href, "found": found.path}
            program.problems.append(Problem(ProblemKind.VALUE_SET_CASE, where.file, where.line, details))
        program.documents.append(document)
        self._numbers[href] = number
        name = f"{program.prefix}:d{number}"
        program.values[name] = Value(name, "", documents=[number])
        return number

    def _static_call(
        self, parts: Sequence[Token], solid: Sequence[int], position: int, where: Where, local: LetValues
    ) -> _Call | None:
        if position + 3 >= len(solid) or parts[solid[position]].text not in ("doc", "document"):
            return None
        if parts[solid[position + 1]].text != "(":
            return None
        end = _closing(parts, solid, position + 1)
        argument = [parts[i] for i in solid[position + 2 : end - 1]]
        href = constant(" ".join(token.text for token in argument), {**self._values(), **local})
        if not href:
            return None
        place = where
        if len(argument) == 1 and argument[0].kind == "variable":
            name = argument[0].text[1:].strip()
            place = self._lets[name].where if name in self._lets and name not in local else where
        return _Call(position, end, href, place)

    def _values(self) -> dict[str, str]:
        if len(self._known) != len(self._lets):
            self._known = {name: let.value for name, let in self._lets.items()}
        return self._known

    def _replacement(
        self, parts: Sequence[Token], solid: Sequence[int], call: _Call, local: LetValues
    ) -> tuple[str, int]:
        """What stands for the call and for the path after it, and the position after that path."""
        number = self._document(call.href, call.where)
        if not self._program.documents[number].path:
            # Asked for in its place, so that only the assertions that need it fail.
            quoted = call.href.replace("'", "''")
            return f"{self._program.prefix}:missing('{quoted}')", call.end
        document = f"${self._program.prefix}:d{number}"
        end = _path_end(parts, solid, call.end)
        path = [parts[i] for i in solid[call.end : end]]
        if not path:
            return document, call.end
        text = "".join(t.text for t in parts[solid[call.end] : solid[end - 1] + 1])
        if not any(token.kind == "variable" or token.text == "current" for token in path):
            return self._once(document, text, number), end
        keyed = self._lookup(document, path, local)
        return (keyed, end) if keyed else (document + text, end)

    def _once(self, document: str, path: str, number: int) -> str:
        """The global value that holds ``document`` + ``path``, computed once."""
        expression = document + path
        if expression not in self._hoisted:
            name = f"{self._program.prefix}:v{len(self._hoisted)}"
            self._hoisted[expression] = name
            need = document[1:]
            self._program.values[name] = Value(name, expression, [need], [number])
        return f"${self._hoisted[expression]}"

    def _lookup(self, document: str, path: Sequence[Token], local: LetValues) -> str | None:
        """``//c:Concept[@code = $code and …]`` as a keyed lookup, when ``$code`` is an attribute of the node."""
        words = [token.text for token in path]
        if len(words) < 8 or words[0] != "//" or words[2:4] != ["[", "@"] or words[5] != "=" or words[-1] != "]":
            return None
        name, attribute, variable, rest = words[1], words[4], words[6], words[7:-1]
        if path[1].kind != "name" or path[6].kind != "variable" or (rest and rest[0] != "and"):
            return None
        if "or" in rest or "[" in rest or not _ATTRIBUTE.fullmatch(local.get(variable[1:].strip(), "")):
            return None
        key = (
            f"{self._program.prefix}:{name.replace(':', '-').replace('*', 'any')}-{attribute}",
            f'"{name}"',
            f'"@{attribute}"',
        )
        if key not in self._program.keys:
            self._program.keys.append(key)
        others = f"[{' '.join(rest[1:])}]".replace("@ ", "@") if rest else ""
        return f"key('{key[0]}', {variable}, {document}){others}"


def _path_end(parts: Sequence[Token], solid: Sequence[int], position: int) -> int:
    """The position after the path steps (with their predicates and calls) that start at ``position``."""
    end = position
    while end < len(solid) and parts[solid[end]].text in ("/", "//"):
        at = end + 1
        if at < len(solid) and parts[solid[at]].text == "@":
            at += 1
        if at >= len(solid) or not (parts[solid[at]].kind == "name" or parts[solid[at]].text in ("*", "(", "..", ".")):
            return end
        if parts[solid[at]].text != "(":
            at += 1
        if at + 1 < len(solid) and parts[solid[at]].text == "::":
            at += 2
        while at < len(solid) and parts[solid[at]].text in ("(", "["):
            at = _closing(parts, solid, at)
        end = at
    return end


def _closing(parts: Sequence[Token], solid: Sequence[int], position: int) -> int:
    """The position after the bracket that closes the one at ``position``."""
    depth = 0
    while position < len(solid):
        token = parts[solid[position]]
        if token.kind == "symbol":
            depth += (token.text in "([{") - (token.text in ")]}")
        position += 1
        if depth == 0:
            break
    return position

"""Reads the files of the catalogue (keys: see ``catalogue.py``) and refuses whatever breaks their rules."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from conformance.core.findings import Trust
from conformance.core.language import Text
from conformance.harness.catalogue_model import (
    CLAIMS,
    PLANNED_PROFILES,
    THIRD_PARTIES,
    Attribution,
    Catalogue,
    CatalogueError,
    Domain,
    Gap,
    GapReason,
    Obligation,
    Proof,
    ProofKind,
    Requirement,
    Verification,
)

_V1_FILE = "v1_ids.toml"
_LISTS = ("aliases", "source", "proof_ids", "former_scenarios", "eco", "guide")
_NEEDED = ("fr", "en", "wave", "obligation", "trust", "source", "proof", "scenarios", "verification")
_OTHERS = ("id", "ids", "gap", "condition", "claim", "corridor", "attribution", "note")
_KEYS = frozenset((*_LISTS, *_NEEDED, *_OTHERS))

_Choice = TypeVar("_Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class _Reader:
    """One table of one file: every complaint names both."""

    file: str
    id: str
    values: Mapping[str, Any]

    def wrong(self, code: str, fr: str, en: str) -> CatalogueError:
        """The error to raise."""
        return CatalogueError(
            f"catalogue.{code}",
            Text(f"Catalogue, {self.file}, {self.id} : {fr}.", f"Catalogue, {self.file}, {self.id}: {en}."),
            Text("Corrigez ce fichier du kit.", "Mend this file of the kit."),
        )

    def known_keys(self, keys: Collection[str]) -> None:
        """Refuse any other key."""
        for key in self.values:
            if key not in keys:
                raise self.wrong("unknown-key", f"clé inconnue « {key} »", f"unknown key “{key}”")

    def text(self, key: str, default: str | None = None) -> str:
        """A string; without ``default`` it may not be blank."""
        value = self.values.get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.wrong("missing", f"« {key} » manque", f"“{key}” is missing")
        return value

    def words(self, key: str) -> Text | None:
        """A table with ``fr`` and ``en``, or ``None``."""
        if key not in self.values:
            return None
        if not isinstance(self.values[key], dict):
            raise self.wrong("type", f"« {key} » demande fr et en", f"“{key}” wants fr and en")
        inner = _Reader(self.file, f"{self.id}, {key}", self.values[key])
        inner.known_keys(("fr", "en"))
        return Text(inner.text("fr"), inner.text("en"))

    def strings(self, key: str) -> tuple[str, ...]:
        """A list of strings, empty when absent."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
            raise self.wrong("type", f"« {key} » demande une liste de textes", f"“{key}” wants a list of strings")
        return tuple(value)

    def choice(self, key: str, kind: type[_Choice], value: str | None = None) -> _Choice:
        """A member of a closed list; ``value`` when it was cut out of a longer string."""
        value = self.text(key) if value is None else value
        if value not in list(kind):
            allowed = ", ".join(kind)
            raise self.wrong(
                "value",
                f"« {key} » vaut « {value} », attendu : {allowed}",
                f"“{key}” is “{value}”, expected: {allowed}",
            )
        return kind(value)

    def proofs(self) -> tuple[Proof, ...] | None:
        """The proofs; ``None`` when unknown."""
        if self.values["proof"] == "unknown":
            return None
        parts = (each.partition(":") for each in self.strings("proof"))
        return tuple(Proof(self.choice("proof", ProofKind, kind), case) for kind, _, case in parts)

    def scenarios(self) -> tuple[str, ...] | None:
        """The scenario ids; ``None`` when unknown."""
        value = self.values["scenarios"]
        if value == "unknown":
            return None
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 100:
            return tuple(f"{self.id}.{number:02d}" for number in range(1, value + 1))
        return self.strings("scenarios")

    def gap(self) -> Gap | None:
        """The gap; its subject must be known where the reason needs one, and absent elsewhere."""
        written = self.text("gap", "")
        if not written:
            return None
        name, _, subject = written.partition(":")
        reason = self.choice("gap", GapReason, name)
        allowed: Collection[str] = {
            GapReason.PLANNED: PLANNED_PROFILES,
            GapReason.NEEDS_THIRD_PARTY: tuple(THIRD_PARTIES),
        }.get(reason, ("",))
        if subject not in allowed:
            said = ", ".join(allowed) or "–"
            raise self.wrong(
                "value", f"« gap » vise « {subject} », attendu : {said}", f"“gap” names “{subject}”, expected: {said}"
            )
        return Gap(reason, subject)


def load(folder: Path) -> Catalogue:
    """Read and check the catalogue of ``folder``. Raises ``CatalogueError`` naming the file and the id."""
    domains = tuple(_domain(path) for path in sorted(folder.glob("*.toml")) if path.name != _V1_FILE)
    owners: dict[str, str] = {}
    for domain in domains:
        for each in domain.requirements:
            for name in (each.id, *each.aliases):
                if name in owners:
                    here = _Reader(f"{domain.name}.toml", name, {})
                    first = owners[name]
                    raise here.wrong("duplicate", f"déjà dans {first}.toml", f"already in {first}.toml")
                owners[name] = domain.name
    return _with_v1_ids(Catalogue(domains), folder / _V1_FILE)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _Reader(path.name, "TOML", {}).wrong(
            "unreadable", f"illisible ({error})", f"unreadable ({error})"
        ) from error


def _domain(path: Path) -> Domain:
    top = _Reader(path.name, "[…]", _read(path))
    top.known_keys(("domain", "defaults", "requirement"))
    title = top.words("domain")
    if title is None:
        raise top.wrong("missing", "« domain » manque", "“domain” is missing")
    defaults, tables = top.values.get("defaults", {}), top.values.get("requirement", [])
    if not (isinstance(defaults, dict) and isinstance(tables, list) and all(isinstance(each, dict) for each in tables)):
        raise top.wrong(
            "type", "« defaults » et « requirement » sont des tables", "“defaults”, “requirement” are tables"
        )
    return Domain(
        path.stem, title, tuple(each for table in tables for each in _requirements(path, {**defaults, **table}))
    )


def _requirements(path: Path, values: dict[str, Any]) -> Iterator[Requirement]:
    """One requirement per id of the table."""
    ids = [values["id"]] if "id" in values else values.get("ids")
    if not isinstance(ids, list):
        ids = []
    read = _Reader(path.name, ", ".join(map(str, ids)) or "?", values)
    read.known_keys(_KEYS)
    if not ids or ("id" in values and "ids" in values):
        raise read.wrong("missing", "il faut « id » ou « ids »", "“id” or “ids” is needed")
    if not all(isinstance(each, str) and each.strip() for each in ids):
        raise read.wrong("type", "un identifiant est un texte", "an id is a string")
    for key in _NEEDED:
        if values.get(key) in (None, ""):
            raise read.wrong("missing", f"« {key} » manque", f"“{key}” is missing")
    if values["wave"] not in (1, 2):
        raise read.wrong("value", "« wave » doit valoir 1 ou 2", "“wave” must be 1 or 2")
    obligation, condition, claim = (
        read.choice("obligation", Obligation),
        read.words("condition"),
        read.text("claim", ""),
    )
    if obligation is Obligation.CONDITIONAL and condition is None:
        raise read.wrong("missing", "« condition » manque", "“condition” is missing")
    if claim and claim not in CLAIMS:
        raise read.wrong("value", f"« claim » inconnu : {claim}", f"unknown “claim”: {claim}")
    for identifier in ids:
        one = _Reader(path.name, identifier, values)
        yield Requirement(
            id=identifier,
            domain=path.stem,
            demand=Text(one.text("fr"), one.text("en")),
            wave=values["wave"],
            obligation=obligation,
            trust=one.choice("trust", Trust),
            proofs=one.proofs(),
            scenarios=one.scenarios(),
            verification=one.choice("verification", Verification),
            gap=one.gap(),
            condition=condition,
            claim=claim,
            corridor=one.text("corridor", ""),
            attribution=one.choice("attribution", Attribution, values.get("attribution", "line" if ids[1:] else "own")),
            together=tuple(other for other in ids if other != identifier),
            note=one.words("note"),
            **{key: one.strings(key) for key in _LISTS},
        )


def _with_v1_ids(known: Catalogue, path: Path) -> Catalogue:
    """The same catalogue, each requirement knowing the ids that wave 1 gave it."""
    former: dict[str, tuple[str, ...]] = {}
    table = _Reader(path.name, "[v1]", _read(path).get("v1", {}))
    for old in table.values:
        for new in table.strings(old):
            found = known.named(new)
            if not found:
                raise _Reader(path.name, old, {}).wrong("unknown-id", f"« {new} » inconnu", f"“{new}” is unknown")
            former[found[0].id] = (*former.get(found[0].id, ()), old)
    return Catalogue(
        tuple(
            replace(d, requirements=tuple(replace(each, v1_ids=former.get(each.id, ())) for each in d.requirements))
            for d in known.domains
        )
    )

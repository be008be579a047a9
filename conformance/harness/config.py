"""``segur.toml``: one file says which product, how it is reached, and how to run. Unknown keys are errors."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from conformance.core.errors import UsageError
from conformance.core.language import Language, Text
from conformance.sut.adapters import AdapterConfig

DEFAULT_NAME: Final = "segur.toml"

_TABLES: Final[dict[str, dict[str, type]]] = {
    "": {"lang": str, "adapter": dict, "product": dict, "run": dict, "profile": dict, "pack": dict},
    "product": {"name": str, "version": str, "vendor": str},
    "run": {"profiles": list, "seed": int, "strict": bool, "report": str},
    "pack": {"name": str},
}


TYPES: Final[dict[type, Text]] = {
    str: Text("un texte entre guillemets", "a text in quotes"),
    int: Text("un nombre entier", "a whole number"),
    float: Text("un nombre à virgule (10.0)", "a number with a point (10.0)"),
    bool: Text("true ou false", "true or false"),
    list: Text("une liste entre crochets", "a list in brackets"),
    dict: Text("une table", "a table"),
}
"""The types of TOML, in words."""


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration that was read and checked.

    ``adapter`` is ``None`` when the file names none; ``profiles`` holds the option tables ``[profile.NAME]``,
    checked against each profile's own list when the profile is loaded; ``pack`` names the official rules to run.
    """

    path: Path | None = None
    lang: Language | None = None
    adapter: AdapterConfig | None = None
    product: Mapping[str, str] = field(default_factory=dict)
    selected: tuple[str, ...] = ()
    seed: int = 0
    strict: bool = False
    report: str = "segur-report"
    profiles: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    pack: Mapping[str, str] = field(default_factory=dict)


def read_config(path: Path) -> Config:
    """Read ``segur.toml``. Raises ``UsageError`` that names the file, the key, and what was expected."""
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise UsageError(
            "config.missing",
            Text(f"Le fichier de configuration {path} n'existe pas.", f"The configuration file {path} does not exist."),
            Text(
                "Créez-le (voir README, « segur.toml »), ou donnez-le avec --config.",
                "Create it (see README, “segur.toml”), or name it with --config.",
            ),
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(path, Text(f"il est illisible ({error})", f"it cannot be read ({error})")) from None
    except tomllib.TOMLDecodeError as error:
        raise _wrong(path, Text(f"ce n'est pas du TOML ({error})", f"it is not TOML ({error})")) from None
    return parse_config(values, path)


def parse_config(values: Mapping[str, Any], path: Path | None = None) -> Config:
    """The configuration in a table already parsed."""
    where = path or Path(DEFAULT_NAME)
    _check(values, "", where)
    for table in ("product", "run", "pack"):
        _check(values.get(table, {}), table, where)
    lang = values.get("lang")
    if lang not in (None, "fr", "en"):
        raise _wrong(where, Text(f"lang = « {lang} » ; attendu : fr ou en", f"lang = “{lang}”; expected: fr or en"))
    run = values.get("run", {})
    names = run.get("profiles", [])
    if not all(isinstance(name, str) for name in names):
        raise _wrong(where, Text("run.profiles doit être une liste de noms", "run.profiles must be a list of names"))
    options = values.get("profile", {})
    for name, table in options.items():
        if not isinstance(table, dict):
            raise _wrong(where, Text(f"[profile.{name}] doit être une table", f"[profile.{name}] must be a table"))
    return Config(
        path=path,
        lang=lang,
        adapter=AdapterConfig.from_mapping(values["adapter"], where.resolve().parent) if "adapter" in values else None,
        product=values.get("product", {}),
        selected=tuple(names),
        seed=run.get("seed", 0),
        strict=run.get("strict", False),
        report=run.get("report", "segur-report"),
        profiles=options,
        pack=values.get("pack", {}),
    )


def _check(values: Mapping[str, Any], table: str, path: Path) -> None:
    known = _TABLES[table]
    prefix = f"{table}." if table else ""
    for key, value in values.items():
        if key not in known:
            raise unknown_key(path, f"{prefix}{key}", key, known)
        if not isinstance(value, known[key]) or (known[key] is int and isinstance(value, bool)):
            expected = TYPES[known[key]]
            raise _wrong(
                path,
                Text(
                    f"{prefix}{key} = {value!r} n'est pas {expected.fr}",
                    f"{prefix}{key} = {value!r} is not {expected.en}",
                ),
            )


def unknown_key(path: Path, full: str, key: str, known: Mapping[str, Any]) -> UsageError:
    """The error for a key that the kit does not know, with the closest one that it knows."""
    close = get_close_matches(key, known, n=1)
    meant = Text(f" Vouliez-vous dire « {close[0]} » ?", f" Did you mean “{close[0]}”?") if close else Text("", "")
    return UsageError(
        "config.unknown-key",
        Text(f"{path} : la clé « {full} » est inconnue.{meant.fr}", f"{path}: the key “{full}” is unknown.{meant.en}"),
        Text(f"Clés connues ici : {', '.join(known)}.", f"Keys known here: {', '.join(known)}."),
    )


def _wrong(path: Path, what: Text) -> UsageError:
    return UsageError(
        "config.invalid",
        Text(f"{path} : {what.fr}.", f"{path}: {what.en}."),
        Text("Corrigez le fichier ; « segur doctor » le vérifie.", "Correct the file; “segur doctor” checks it."),
    )

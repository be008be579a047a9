"""A profile: a folder of tests and its ``profile.toml`` (title, requirements, options)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from conformance.core.errors import BenchError, UsageError
from conformance.core.language import Text
from conformance.harness.config import TYPES, unknown_key
from conformance.resources import data_folder


@dataclass(frozen=True, slots=True)
class Profile:
    """What ``profile.toml`` states.

    ``attested`` lists the requirements of the profile that only a person can judge; ``options`` the option
    names with their defaults, ``choices`` the values that some of them may take and ``least`` the smallest of others;
    ``simulators`` those that its tests need (``mssante``).
    """

    name: str
    folder: Path
    title: Text
    order: int = 100
    attested: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    simulators: tuple[str, ...] = ()
    choices: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    least: Mapping[str, int | float] = field(default_factory=dict)

    def options_from(self, given: Mapping[str, Any], source: Path) -> dict[str, Any]:
        """The defaults overridden by ``given``. Raises ``UsageError`` for an unknown option or a value it cannot take."""
        for key, value in given.items():
            if key not in self.options:
                raise unknown_key(source, f"profile.{self.name}.{key}", key, self.options)
            wanted = self._unlike(key, value)
            if wanted is not None:
                raise UsageError(
                    "config.invalid",
                    Text(
                        f"{source} : profile.{self.name}.{key} = {value!r} n'est pas {wanted.fr}.",
                        f"{source}: profile.{self.name}.{key} = {value!r} is not {wanted.en}.",
                    ),
                    Text(f"Valeur par défaut : {self.options[key]!r}.", f"Default: {self.options[key]!r}."),
                )
        return {**self.options, **given}

    def _unlike(self, key: str, value: Any) -> Text | None:
        """What the value of an option should have been; ``None`` when it is."""
        if type(value) is not type(self.options[key]):
            return TYPES[type(self.options[key])]
        if key in self.choices and value not in self.choices[key]:
            names = ", ".join(str(one) for one in self.choices[key])
            return Text(f"l'une des valeurs possibles : {names}", f"one of the values that it can take: {names}")
        if key in self.least and not value >= self.least[key]:
            return Text(f"au moins {self.least[key]}", f"at least {self.least[key]}")
        return None


@cache
def all_profiles() -> tuple[Profile, ...]:
    """The profiles of the kit, in the order of their ``order``."""
    found = [_read(path) for path in data_folder("profiles").glob("*/profile.toml")]
    return tuple(sorted(found, key=lambda profile: (profile.order, profile.name)))


def profile(name: str) -> Profile:
    """The profile of that name. Raises ``UsageError`` when there is none."""
    for known in all_profiles():
        if known.name == name:
            return known
    names = ", ".join(known.name for known in all_profiles())
    raise UsageError(
        "profile.unknown",
        Text(f"Le profil « {name} » n'existe pas.", f"The profile “{name}” does not exist."),
        Text(f"Profils : {names}.", f"Profiles: {names}."),
    )


def _read(path: Path) -> Profile:
    try:
        values = tomllib.loads(path.read_text("utf-8"))
        return Profile(
            name=path.parent.name,
            folder=path.parent,
            title=Text(values["fr"], values["en"]),
            order=values.get("order", 100),
            attested=tuple(values.get("attested", ())),
            options=values.get("options", {}),
            simulators=tuple(values.get("simulators", ())),
            choices={name: tuple(some) for name, some in values.get("choices", {}).items()},
            least=values.get("least", {}),
        )
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise BenchError(
            "profile.broken",
            Text(f"{path} ne peut pas être lu ({error}).", f"{path} cannot be read ({error})."),
            Text("Réinstallez le kit.", "Reinstall the kit."),
        ) from error

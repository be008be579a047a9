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
from conformance.harness.config import unknown_key
from conformance.resources import data_folder


@dataclass(frozen=True, slots=True)
class Profile:
    """What ``profile.toml`` states.

    ``attested`` lists the requirements of the profile that only a person can judge; ``options`` the option
    names with their defaults; ``simulators`` those that its tests need (``mssante``).
    """

    name: str
    folder: Path
    title: Text
    order: int = 100
    attested: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    simulators: tuple[str, ...] = ()

    def options_from(self, given: Mapping[str, Any], source: Path) -> dict[str, Any]:
        """The defaults overridden by ``given``. Raises ``UsageError`` for an unknown option or a wrong type."""
        for key, value in given.items():
            if key not in self.options:
                raise unknown_key(source, f"profile.{self.name}.{key}", key, self.options)
            if type(value) is not type(self.options[key]):
                expected = type(self.options[key]).__name__
                raise UsageError(
                    "config.invalid",
                    Text(
                        f"{source} : profile.{self.name}.{key} = {value!r} n'est pas du type attendu ({expected}).",
                        f"{source}: profile.{self.name}.{key} = {value!r} is not of the expected type ({expected}).",
                    ),
                    Text(f"Valeur par défaut : {self.options[key]!r}.", f"Default: {self.options[key]!r}."),
                )
        return {**self.options, **given}


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
        )
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise BenchError(
            "profile.broken",
            Text(f"{path} ne peut pas être lu ({error}).", f"{path} cannot be read ({error})."),
            Text("Réinstallez le kit.", "Reinstall the kit."),
        ) from error

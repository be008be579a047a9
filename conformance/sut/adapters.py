"""From the description of an adapter in ``segur.toml`` to a ``Product``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from conformance.core.language import Text
from conformance.sut.contract import Product
from conformance.sut.errors import bad_configuration
from conformance.sut.http import HttpProduct
from conformance.sut.python import PythonProduct, load


@dataclass(frozen=True, slots=True)
class AdapterConfig:
    """How the product is reached: ``http`` with ``url``, ``python`` with ``target`` (``package.module:object``).

    ``beside`` is no key of the table: the folder where the module of ``target`` may lie.
    """

    kind: str
    url: str = ""
    target: str = ""
    timeout_seconds: float = 30.0
    headers: dict[str, str] = field(default_factory=dict)
    beside: Path | None = None

    @staticmethod
    def from_mapping(values: Mapping[str, Any], beside: Path | None = None) -> AdapterConfig:
        """Read the table of ``segur.toml`` in the folder ``beside``; unknown keys and wrong types raise ``UsageError``."""
        known = {f.name for f in fields(AdapterConfig)} - {"beside"}
        unknown = sorted(set(values) - known)
        if unknown:
            raise bad_configuration(
                Text(f"clé inconnue « {', '.join(unknown)} »", f"unknown key “{', '.join(unknown)}”")
            )
        config = AdapterConfig(**{"kind": "", **values}, beside=beside)
        if not isinstance(config.timeout_seconds, (int, float)) or not 0 < config.timeout_seconds <= 3600:
            raise bad_configuration(
                Text("timeout_seconds doit être entre 0 et 3600 s", "timeout_seconds must be between 0 and 3600 s")
            )
        if not isinstance(config.headers, dict) or not all(isinstance(v, str) for v in config.headers.values()):
            raise bad_configuration(Text("headers doit être une table de textes", "headers must be a table of texts"))
        return config


def adapter_for(config: AdapterConfig) -> Product:
    """The product behind ``config``; raises ``UsageError`` when it cannot be understood.

    Nothing is called yet: a product that does not run is found out by its first operation.
    """
    if config.kind == "http":
        if not str(config.url).startswith(("http://", "https://")):
            raise bad_configuration(
                Text(
                    f"url = « {config.url} » ne commence pas par http:// ou https://",
                    f"url = “{config.url}” does not begin with http:// or https://",
                )
            )
        return HttpProduct(config.url, config.timeout_seconds, config.headers)
    if config.kind == "python":
        return PythonProduct(load(config.target, config.beside), config.timeout_seconds)
    raise bad_configuration(Text(f"kind = « {config.kind} » est inconnu", f"kind = “{config.kind}” is unknown"))

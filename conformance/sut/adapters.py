"""From the description of an adapter in ``segur.toml`` to a ``Product``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from itertools import starmap
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

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
        seconds = config.timeout_seconds
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 < seconds <= 3600:
            raise bad_configuration(
                Text("timeout_seconds doit être entre 0 et 3600 s", "timeout_seconds must be between 0 and 3600 s")
            )
        if not isinstance(config.headers, dict) or not all(starmap(_can_be_sent, config.headers.items())):
            raise bad_configuration(
                Text(
                    "headers doit être une table de textes en ASCII, chacun d’une ligne, sous des noms sans espace",
                    "headers must be a table of texts in ASCII, each of one line, under names without spaces",
                )
            )
        return config


def _can_be_sent(name: str, value: Any) -> bool:
    """Whether a header can go over the wire."""
    words = isinstance(value, str) and value.isascii() and (value == "" or value.isprintable())
    return words and re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name) is not None


def _host_of(url: Any) -> str | None:
    """The host that a URL names; ``None`` when it cannot be understood."""
    try:
        parts = urlsplit(str(url))
        return parts.hostname if parts.port is None or parts.port else None
    except ValueError:
        return None


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
        if not _host_of(config.url) or " " in str(config.url):
            raise bad_configuration(
                Text(
                    f"url = « {config.url} » ne nomme pas de machine, ou pas de port entre 1 et 65535",
                    f"url = “{config.url}” names no host, or no port from 1 to 65535",
                )
            )
        return HttpProduct(config.url, config.timeout_seconds, config.headers)
    if config.kind == "python":
        return PythonProduct(load(config.target, config.beside), config.timeout_seconds)
    raise bad_configuration(Text(f"kind = « {config.kind} » est inconnu", f"kind = “{config.kind}” is unknown"))

"""The altered documents that verdicts speak of: which document, which alteration, which seed."""

from __future__ import annotations

import importlib.util
import os
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import alterations
from lxml import etree

from conformance.cda.namespaces import short

SHARED = Path(os.environ.get("SEGUR_SHARED_DIR") or Path(__file__).resolve().parent.parent.parent / "shared")


@cache
def _mutate(shared: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("mutate", shared / "corpus" / "mutate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def _source(path: Path) -> bytes:
    return path.read_bytes()


def altered(folder: Path, shared: Path, document: str, seed: int, by: str = "corpus") -> tuple[dict[str, Any], bytes]:
    """One document of ``folder``, altered with ``seed``: what was done, and the bytes.

    ``by`` tells who alters: ``corpus`` (the shared ``mutate.py``), ``own`` (``alterations.py``) or ``none``.
    """
    root = etree.fromstring(_source(folder / document), etree.XMLParser(huge_tree=True))
    done: dict[str, Any] = {"op": "none", "path": "."}
    if by == "corpus":
        done = _mutate(shared).mutate(root, seed)
    elif by == "own":
        done = alterations.alter(root, seed)
    what = {"doc": document, "seed": seed, "by": by, "root": short(str(root.tag)), "attr": None, "val": None, **done}
    return what, etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")

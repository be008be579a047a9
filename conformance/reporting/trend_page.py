"""The page of the reports over time: for each product, the verdicts run after run."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from conformance.core.language import Language
from conformance.reporting import words
from conformance.reporting.history import PastRun, trend
from conformance.reporting.html_page import ORDER, environment, moment
from conformance.resources import data_folder

_COLUMN = 64
_HIGH = 150
_BASE = 162
_MOST_COLUMNS = 40
"""Runs drawn for a product: the last ones; the table has them all."""
_MOST_MATRIX = 20


def render(runs: list[PastRun], language: Language) -> str:
    """The page, whole. ``runs`` are sorted by date."""
    products = list(dict.fromkeys(past.product for past in runs))
    style = (data_folder("reports") / "html" / "report.css").read_text(encoding="utf-8")
    return environment().get_template("history.html.j2").render(
        language=language,
        style=Markup(style),
        words={"verdicts": words.as_json(words.VERDICTS)},
        products=[_product(name, [past for past in runs if past.product == name]) for name in products],
    )  # fmt: skip


def _product(name: str, runs: list[PastRun]) -> dict[str, Any]:
    rows = trend(runs)
    shown = rows[-_MOST_COLUMNS:]
    most = max((sum(row["counts"].values()) for row in shown), default=1) or 1
    last = runs[-_MOST_MATRIX:]
    names = sorted({requirement for past in last for requirement in past.requirements})
    return {
        "name": name,
        "rows": rows,
        "wide": max(1, len(shown)) * (_COLUMN + 12),
        "columns": [_column(row, number, most) for number, row in enumerate(shown)],
        "verdicts": [str(one) for one in ORDER if any(row["counts"].get(str(one)) for row in shown)],
        "shown": rows[-_MOST_MATRIX:],
        "matrix": [{"id": one, "verdicts": [past.requirements.get(one) for past in last]} for one in names],
    }


def _column(row: dict[str, Any], number: int, most: int) -> dict[str, Any]:
    """One run as a stack, what passed at the bottom."""
    parts: list[dict[str, Any]] = []
    y = float(_BASE)
    for verdict in reversed([str(one) for one in ORDER]):
        count = row["counts"].get(verdict, 0)
        if count:
            height = _HIGH * count / most
            y -= height
            parts.append({"verdict": verdict, "y": round(y, 1), "height": round(height, 1)})
    x = number * (_COLUMN + 12) + 6
    return {
        "x": x,
        "width": _COLUMN,
        "parts": parts,
        "label": f"{row['version'][:9]} {moment(row['started_at'])[5:10]}",
    }

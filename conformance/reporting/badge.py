"""A badge for a project page: the product's version, the verdict, and which report says so."""

from __future__ import annotations

from html import escape

from conformance.core.language import Language
from conformance.core.verdicts import Verdict
from conformance.reporting import words
from conformance.reporting.model import RunReport

_COLOURS = {
    Verdict.PASS: "#0a6347",
    Verdict.FAIL: "#a81c1c",
    Verdict.NOT_CHECKED: "#55606e",
    Verdict.NOT_APPLICABLE: "#55606e",
    Verdict.TO_REVIEW: "#855000",
    Verdict.BENCH_ERROR: "#66309c",
}
_WIDE = 6.9
"""Pixels of an average character at 11 px."""


def render(report: RunReport) -> str:
    """The SVG; it draws with the fonts of the page and asks for nothing."""
    language: Language = "en" if report.header["language"] == "en" else "fr"
    product = report.header["product"]
    counts = report.counts()["requirements"]
    left = f"Ségur · {product['name']} {product['version']}"
    right = f"{words.RUN_VERDICTS[report.verdict].in_(language)} · {counts[Verdict.PASS]}/{sum(counts.values())}"
    title = f"{left} – {right} – {report.header['run']} – segur-conformance {report.header['kit']}"
    if report.deviations:
        title += f" – {words.DOCUMENT['deviations'].in_(language)} : {len(report.deviations)}"
    if report.interrupted:
        title += f" – {words.INTERRUPTED.in_(language)}"
    first, second = round(len(left) * _WIDE) + 14, round(len(right) * _WIDE) + 14
    whole = first + second
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" role="img" aria-label="{escape(title)}"'
        f' data-interrupted="{str(report.interrupted).lower()}">'
        f"<title>{escape(title)}</title>"
        f'<rect width="{first}" height="20" fill="#1d3f72"/>'
        f'<rect x="{first}" width="{second}" height="20" fill="{_COLOURS[report.verdict]}"/>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f'<text x="7" y="14" textLength="{first - 14}">{escape(left)}</text>'
        f'<text x="{first + 7}" y="14" textLength="{second - 14}">{escape(right)}</text>'
        "</g></svg>\n"
    )

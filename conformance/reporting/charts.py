"""The figures of a run as small pictures: rates, values against their range, time lines. SVG made by hand.

Each picture comes with the same numbers as a table, which is what a screen reader reads.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from markupsafe import Markup

from conformance.core.events import FigureMeasured, text_of
from conformance.core.language import Text
from conformance.reporting.model import RunReport
from conformance.reporting.readable.fragment import joined, label

_WIDTH = 720
_ROW = 26
_LEFT = 190
_RIGHT = 110
_RIGHT_OF_RANGE = 190
"""Room for the value and its bounds."""
_MOST_ROWS = 24
"""Rows of one picture; the table has them all."""

STATES = {
    "accepted": Text("accepté", "accepted"),
    "refused": Text("refusé", "refused"),
    "outage": Text("panne", "outage"),
    "delayed": Text("différé", "delayed"),
    "sent": Text("envoyé", "sent"),
    "received": Text("reçu", "received"),
    "unanswered": Text("sans réponse", "unanswered"),
    "flagged": Text("signalé", "flagged"),
    "not_flagged": Text("non signalé", "not flagged"),
    "missed": Text("oublié", "missed"),
    "unfounded": Text("signalé à tort", "flagged without reason"),
}

_SHAPES = {
    "accepted": "pass", "refused": "fail", "delayed": "to_review", "sent": "pass", "received": "pass",
    "unanswered": "not_checked", "flagged": "to_review", "not_flagged": "pass", "missed": "fail", "unfounded": "fail",
}  # fmt: skip
"""A state is drawn as the mark of the verdict that is nearest: a shape, never a colour alone."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture, and the same numbers as rows."""

    name: str
    title: Text
    where: Text | None
    """The test whose day it tells; ``None`` when it gathers several."""
    svg: Markup
    states: list[str]
    """What its marks stand for, for the legend."""
    left: int
    """How many figures only the rows hold."""
    rows: list[list[Markup | str]]


def render(report: RunReport) -> Markup:
    """The pictures of all the figures that can be drawn, for the page; empty when there is none."""
    return joined([_framed(one) for one in pictures(report)])


def pictures(report: RunReport) -> list[Picture]:
    """The pictures of all the figures that can be drawn."""
    groups: dict[str, list[FigureMeasured]] = defaultdict(list)
    lines: dict[tuple[str, str], list[FigureMeasured]] = defaultdict(list)
    titles = {test["id"]: text_of(test["title"]) for test in report.tests}
    for test in report.tests:
        for figure in test["figures"]:
            if "at" in figure:
                lines[figure["name"], test["id"]].append(figure)  # the day of one test says nothing of another's
            else:
                groups[figure["name"]].append(figure)
    drawn = [picture for figures in groups.values() if (picture := _draw(figures)) is not None]
    return drawn + [_time_line(figures, titles[test]) for (_, test), figures in lines.items()]


def _draw(figures: Sequence[FigureMeasured]) -> Picture | None:
    """The picture that the first figure asks for; the others of its name are drawn the same way."""
    if any("low" in one or "high" in one for one in figures):
        ranged = _worth_seeing([one for one in figures if "low" in one or "high" in one])
        shown = ranged[:_MOST_ROWS]
        return _picture(ranged, _ranges(shown), [one.get("state", "") for one in shown], _ranged_rows(ranged))
    rates = [one for one in figures if one.get("total")]
    return _picture(rates, _rates(rates[:_MOST_ROWS]), [], _rate_rows(rates)) if rates else None


def _picture(
    figures: Sequence[FigureMeasured], svg: Markup, states: Iterable[str], rows: list[list[Markup | str]]
) -> Picture:
    left = max(0, len(figures) - _MOST_ROWS)
    title = text_of(figures[0]["title"])
    return Picture(figures[0]["name"], title, None, svg, [one for one in dict.fromkeys(states) if one], left, rows)


def _worth_seeing(figures: Sequence[FigureMeasured]) -> list[FigureMeasured]:
    """Each measure once (many tests use the same), what the product got wrong first."""
    once = {
        (one.get("label"), one["value"], one["unit"], one.get("low"), one.get("high"), one.get("state")): one
        for one in figures
    }
    return sorted(once.values(), key=lambda one: _SHAPES.get(one.get("state", "")) != "fail")


def left_out(number: int) -> Text:
    """That a picture does not show everything."""
    return Text(f"… et {number} de plus, parmi les nombres.", f"… and {number} more, among the numbers.")


def _framed(picture: Picture) -> Markup:
    body = joined(
        [
            Markup("<tr>{}</tr>").format(joined([Markup("<td>{}</td>").format(cell) for cell in row]))
            for row in picture.rows
        ]
    )
    drawn = picture.svg + _legend(picture.states)
    if picture.left:
        drawn += Markup('<p class="quiet">{}</p>').format(label(left_out(picture.left)))
    return Markup(
        '<figure class="figure" data-figure="{}"><figcaption>{}{}</figcaption><div class="scroll" tabindex="0">{}</div>'
        '<details class="proof"><summary>{}</summary><div class="inside"><table class="plain"><tbody>{}</tbody></table>'
        "</div></details></figure>"
    ).format(
        picture.name,
        label(picture.title),
        Markup('<span class="quiet"> – {}</span>').format(label(picture.where)) if picture.where else "",
        drawn,
        label(Text("Les nombres", "The numbers")),
        body,
    )


def _svg(height: float, inside: Sequence[Markup]) -> Markup:
    return Markup('<svg viewBox="0 0 {} {}" width="{}" height="{}" aria-hidden="true">{}</svg>').format(
        _WIDTH, height, _WIDTH, height, joined(inside)
    )


def _words(x: float, y: float, words: str, anchor: str = "start") -> Markup:
    return Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>').format(_round(x), _round(y), anchor, words)


def _round(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _number(value: float) -> str:
    return f"{value:g}"


# ---- Rates: a part of a whole.


def _rates(figures: Sequence[FigureMeasured]) -> Markup:
    left = _LEFT if any(one.get("label") for one in figures) else 0
    wide = _WIDTH - left - _RIGHT
    parts: list[Markup] = []
    for row, one in enumerate(figures):
        y = row * _ROW + 4
        share = max(0.0, min(1.0, one["value"] / one["total"]))
        parts += [
            _words(left - 10, y + 14, _short(one.get("label", "")), "end"),
            Markup('<rect class="track" x="{}" y="{}" width="{}" height="16"/>').format(left, y, wide),
            Markup('<rect class="{}" x="{}" y="{}" width="{}" height="16"/>').format(
                "pass" if share == 1 else "part", left, y, _round(wide * share)
            ),
            _words(left + wide + 8, y + 14, f"{_number(one['value'])} / {_number(one['total'])}"),
        ]
    return _svg(len(figures) * _ROW + 8, parts)


def _rate_rows(figures: Sequence[FigureMeasured]) -> list[list[Markup | str]]:
    return [[one.get("label", ""), f"{_number(one['value'])} / {_number(one['total'])}"] for one in figures]


# ---- Values against their range: inside the band, or outside and marked.


def _ranges(figures: Sequence[FigureMeasured]) -> Markup:
    wide = _WIDTH - _LEFT - _RIGHT_OF_RANGE
    parts: list[Markup] = []
    for row, one in enumerate(figures):
        y = row * _ROW + 4
        low, high = one.get("low"), one.get("high")
        known = [value for value in (one["value"], low, high) if value is not None]
        least, most = min(known), max(known)
        room = (most - least) * 0.15 or abs(most) * 0.15 or 1.0
        least, most = least - room, most + room

        def at(value: float, least: float = least, most: float = most) -> float:
            return _LEFT + wide * (value - least) / (most - least)

        start = _LEFT if low is None else at(low)
        end = _LEFT + wide if high is None else at(high)
        outside = (low is not None and one["value"] < low) or (high is not None and one["value"] > high)
        parts += [
            _words(_LEFT - 10, y + 14, _short(one.get("label", "")), "end"),
            Markup('<rect class="track" x="{}" y="{}" width="{}" height="2"/>').format(_LEFT, y + 8, wide),
            Markup('<rect class="band" x="{}" y="{}" width="{}" height="16"/>').format(_round(start), y + 1, _round(end - start)),
            Markup('<use href="#m-{0}" class="{0}" x="{1}" y="{2}" width="13" height="13"/>').format(
                _SHAPES.get(one.get("state", ""), "to_review" if outside else "pass"), _round(at(one["value"]) - 6.5), _round(y + 2.5)
            ),
            _words(_LEFT + wide + 8, y + 14, f"{_measure(one)} [{_bound(low)} ; {_bound(high)}]"),
        ]  # fmt: skip
    return _svg(len(figures) * _ROW + 8, parts)


def _ranged_rows(figures: Sequence[FigureMeasured]) -> list[list[Markup | str]]:
    return [
        [
            one.get("label", ""),
            _measure(one),
            f"[{_bound(one.get('low'))} ; {_bound(one.get('high'))}]",
            label(state_words(one.get("state", ""))),
        ]
        for one in figures
    ]


def _measure(one: FigureMeasured) -> str:
    return f"{_number(one['value'])} {'' if one['unit'] == '1' else one['unit']}".strip()


def _bound(value: float | None) -> str:
    return "–" if value is None else _number(value)


# ---- Time lines: what happened when, and what lasted.


def _time_line(figures: Sequence[FigureMeasured], where: Text) -> Picture:
    moments = [_seconds(one["at"]) for one in figures] + [_seconds(one["until"]) for one in figures if "until" in one]
    first, last = min(moments), max(moments)
    span = (last - first) or 1.0
    wide, left = _WIDTH - 60, 30
    states = list(dict.fromkeys(one.get("state", "") for one in figures if "until" not in one))
    lanes = {state: number for number, state in enumerate(states)}
    height = 34 + 24 * max(1, len(lanes)) + 24

    def at(iso: str) -> float:
        return left + wide * (_seconds(iso) - first) / span

    parts: list[Markup] = []
    for one in figures:
        if "until" in one:
            start, end = at(one["at"]), max(at(one["until"]), at(one["at"]) + 2)
            parts.append(
                Markup('<rect class="outage" x="{}" y="22" width="{}" height="{}"/>').format(
                    _round(start), _round(end - start), height - 46
                )
            )
            parts.append(_words(min(start, left + wide - 60), 16, one.get("label", "")))
    for one in figures:
        if "until" not in one:
            state = one.get("state", "")
            y = 30 + 24 * lanes[state]
            parts.append(
                Markup('<use href="#m-{0}" class="{0}" x="{1}" y="{2}" width="12" height="12"/>').format(
                    shape_of(state), _round(at(one["at"]) - 6), y
                )
            )
    base = height - 24
    parts.append(Markup('<path class="axis" d="M{} {}h{}"/>').format(left, base, wide))
    parts += [
        _words(left, base + 17, _clock(first)),
        _words(left + wide, base + 17, _clock(last), "end"),
    ]
    lasting = (one.get("state", "") for one in figures if "until" in one)
    known = [state for state in dict.fromkeys([*states, *lasting]) if state]
    title = text_of(figures[0]["title"])
    return Picture(figures[0]["name"], title, where, _svg(height, parts), known, 0, _dated_rows(figures))


def _legend(states: Iterable[str]) -> Markup:
    """What each mark of a picture stands for."""
    marks = [
        Markup('<span class="mark"><span class="swatch"></span>{}</span> ').format(label(state_words(state)))
        if state == "outage"
        else Markup('<span class="mark {0}"><svg aria-hidden="true"><use href="#m-{0}"/></svg>{1}</span> ').format(
            shape_of(state), label(state_words(state))
        )
        for state in states
    ]
    return Markup('<p class="quiet">{}</p>').format(joined(marks)) if marks else Markup("")


def shape_of(state: str) -> str:
    """The verdict whose mark a state is drawn as."""
    return _SHAPES.get(state, "not_checked")


def state_words(state: str) -> Text:
    """A state in words."""
    return STATES.get(state, Text(state, state))


def _dated_rows(figures: Sequence[FigureMeasured]) -> list[list[Markup | str]]:
    return [
        [
            one["at"][:19].replace("T", " "),
            one.get("until", "")[:19].replace("T", " "),
            one.get("label", ""),
            label(state_words(one.get("state", ""))),
        ]
        for one in sorted(figures, key=lambda one: one["at"])
    ]


def _seconds(iso: str) -> float:
    return datetime.fromisoformat(iso).timestamp()


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M:%S")


def _short(words: str) -> str:
    return words if len(words) <= 28 else words[:27] + "…"

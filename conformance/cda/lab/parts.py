"""What the parts of a report are: a comment, a section of results or of something else, a battery or a file.

By their templates, else by their codes and by what they hold. Source: reference « CR-BIO », §1.2.
"""

from __future__ import annotations

from typing import Final

from lxml import etree

from conformance.cda.biology import oids
from conformance.cda.namespaces import h
from conformance.cda.rules import carries

_COMMENT: Final = "1.3.6.1.4.1.19376.1.5.3.1.4.2"
_COMMENT_CODE: Final = "48767-8"
_LABORATORY: Final = (
    oids.PROCESSING, oids.FR_PROCESSING, oids.CHAPTER, oids.FR_CHAPTER, oids.SUB_CHAPTER, oids.FR_SUB_CHAPTER,
)  # fmt: skip


def of_a_laboratory(node: etree._Element) -> bool:
    """Whether an entry or a section is one of a laboratory report: other acts (problems…) hold no results."""
    return carries(node, *_LABORATORY)


def holds_results(act: etree._Element) -> bool:
    """Whether results say by their templates that they are some."""
    return any(carries(one, oids.RESULT, oids.FR_RESULT) for one in act.iter(h("observation")))


_OTHER_CODES: Final = frozenset(("55112-7", "55108-5", "101792-0", "42349-1", "11369-6"))


def of_another_kind(section: etree._Element) -> bool:
    """Whether a section of a report says that it holds other things than results: by a template, or by its code."""
    return section.find(h("templateId")) is not None or _code(section) in _OTHER_CODES


def holds_files(organizer: etree._Element) -> bool:
    """Whether an organizer is an attached document, and no battery."""
    file = organizer.find(f"{h('component')}/{h('observationMedia')}")
    return carries(organizer, oids.ATTACHED) or (file is not None and organizer.get("classCode") != "BATTERY")


def is_comment(act: etree._Element) -> bool:
    """Whether an act is a comment of the laboratory."""
    return carries(act, _COMMENT, "2.16.840.1.113883.10.20.1.40", "1.2.250.1.213.1.1.3.32") or (
        _code(act) == _COMMENT_CODE
    )


def is_said_of(link: etree._Element, act: etree._Element) -> bool:
    """Whether an act that forgot its template and its code is a comment all the same: words about their subject."""
    return link.get("typeCode") == "SUBJ" and _code(act) is None and act.find(h("text")) is not None


def _code(node: etree._Element) -> str | None:
    code = node.find(h("code"))
    return code.get("code") if code is not None else None

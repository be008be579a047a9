"""Which volet a document belongs to, and which schematron of the pack judges it.

Told by the template ids of the document: the OID names the volet, its ``extension`` the version. What cannot
be told is not guessed: it is said, and the layer is not checked.
Source: CI-SIS Structuration minimale §3.5.5.3 (templateId); the volets for their OIDs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from lxml import etree

from conformance.cda.namespaces import h
from conformance.core.errors import UsageError
from conformance.core.language import Text
from conformance.validation.packs.manifest import Manifest, SchematronInfo

_ROOT: Final = "1.2.250.1.213.1.1.1."
XDS_SD: Final = "1.3.6.1.4.1.19376.1.2.20"

VOLETS: Final[dict[str, str]] = {
    _ROOT + end: name
    for end, name in {
        "2.1.1": "CARD-F-PRC-AVK", "2.1.2": "CARD-F-PRC-TAP", "2.1.3": "CARD-F-PRC-DCI", "2.1.4": "CARD-F-PRC-PSC",
        "2.1.5": "CARD-F-PRC-PPV", "5.1": "CSE-CS8", "5.2": "CSE-CS9", "5.3": "CSE-CS24", "5.4": "CSE-MDE",
        "8": "CANCER-FRCP", "12.1": "OBP-SAP", "12.2": "OBP-SNM", "12.3": "OBP-SNE", "12.4": "OBP-SCM",
        "12.5": "OBP-SEM", "13": "VSM", "15": "AVC-AUNV", "16": "AVC-EUNV", "17": "AVC-SUNV", "18": "OPH-CR-RTN",
        "21": "LDL-EES", "22": "DLU-EHPAD-DLU", "23": "DLU-EHPAD-FLUDT", "24": "DLU-EHPAD-FLUDR", "25": "AVC-PAVC",
        "26": "CANCER-PPS", "27": "CANCER-D2LM-FIN", "28": "CANCER-D2LM-FIDD", "29": "LDL-SES", "30": "SDM-MR",
        "32": "CANCER-CR-GM", "36": "CNAM-HR", "37": "VAC", "38": "TLM-DA", "39": "EP-MED-DM",
        "40": "ANEST-CR-ANEST", "41": "ANEST-CR-CPA", "42": "OPH-BRE", "45": "IMG-CR-IMG", "46": "VAC-NOTE",
        "47": "IMG-DA-IMG", "51": "IPS-FR", "54": "eDISP-MED", "55": "BIO-CR-BIO", "59": "BIO-TROD",
    }.items()
}  # fmt: skip
"""OID of the document template → name of the volet, as the published packs name their schematrons."""

_YEAR: Final = re.compile(r"20\d\d")
_HINT: Final = re.compile(r"""SCHSchema\s*=\s*["'][^"']*/(CI-SIS_[^"'/]+)\.sch["']""")


@dataclass(frozen=True, slots=True)
class Recognised:
    """The schematron of the volet, or why there is none; ``how`` tells by what it was recognised."""

    schematron: SchematronInfo | None
    reason: Text | None = None
    how: Text | None = None
    none_expected: bool = False
    """True for a document that belongs to no volet (level 1): nothing is missing then."""


def forced(manifest: Manifest, wanted: str) -> Recognised:
    """The volet that the user named (``VSM_2023.01``, or the name of the file). Raises ``UsageError``."""
    bare = re.sub(r"^CI-SIS_|\.sch$", "", wanted.replace("\\", "/").rpartition("/")[2])
    for info in manifest.volets:
        if bare.lower() == info.name.lower():
            return Recognised(info, how=Text("choisi par --volet", "chosen with --volet"))
    names = ", ".join(info.name for info in manifest.volets)
    raise UsageError(
        "pack.unknown-volet",
        Text(f"Le paquet n'a pas de volet « {wanted} ».", f"The pack has no volet “{wanted}”."),
        Text(f"Volets du paquet : {names}.", f"Volets of the pack: {names}."),
    )


def recognise_volet(clinical: etree._Element | None, manifest: Manifest) -> Recognised:
    """The volet of a ``ClinicalDocument`` (``None``: there is none)."""
    if clinical is None:
        return _none("le document ne contient pas de ClinicalDocument", "the document holds no ClinicalDocument")
    declared = {t.get("root", ""): t.get("extension", "") for t in clinical.iterchildren(h("templateId"))}
    hint = _hint(clinical)
    names = [(VOLETS[oid], version) for oid, version in declared.items() if oid in VOLETS]
    if not names:
        return _unnamed(manifest, declared, hint)
    name, version = max(names, key=lambda pair: len(pair[0]))
    known = [info for info in manifest.volets if _same(info.volet, name)]
    named = next((info for info in manifest.volets if info.name == hint), None)
    if not known and named is not None:  # older packs have other names: what the document says of itself decides
        how = Text(
            f"templateId de {name}, le document nomme {hint}", f"templateId of {name}, the document names {hint}"
        )
        return Recognised(named, how=how)
    return _of_version(known, name, version, hint)


def _unnamed(manifest: Manifest, declared: dict[str, str], hint: str) -> Recognised:
    named = next((info for info in manifest.volets if info.name == hint), None)
    if named is not None:
        return Recognised(named, how=Text(f"le document nomme {hint}", f"the document names {hint}"))
    if XDS_SD in declared:
        reason = Text("document de niveau 1, sans volet", "level 1 document, without a volet")
        return Recognised(None, reason, none_expected=True)
    oids = ", ".join(sorted(declared)) or "—"
    return _none(
        f"aucun templateId du document ({oids}) n'est celui d'un volet connu ; choisissez-le avec --volet",
        f"no templateId of the document ({oids}) is that of a known volet; choose it with --volet",
    )


def _of_version(known: list[SchematronInfo], name: str, version: str, hint: str) -> Recognised:
    by_id = Text(f"templateId de {name}", f"templateId of {name}")
    held = ", ".join(sorted(info.version for info in known))
    for info in known:
        if version and version in info.version.split("_"):
            return Recognised(info, how=Text(f"{by_id.fr}, version {version}", f"{by_id.en}, version {version}"))
    if hint and _same(hint[: hint.rfind("_")].split("_")[0], name):
        named = next((info for info in known if info.name == hint), None)
        if named is not None:
            return Recognised(
                named, how=Text(f"{by_id.fr}, le document nomme {hint}", f"{by_id.en}, the document names {hint}")
            )
        return _none(
            f"le paquet n'a pas le schématron {hint} que le document nomme (il a, pour {name} : {held or 'aucun'})",
            f"the pack does not hold the schematron {hint} that the document names (for {name} it has: {held or 'none'})",
        )
    if not known:
        return _none(f"le paquet n'a pas de schématron pour {name}", f"the pack holds no schematron for {name}")
    if re.fullmatch(r"20\d\d\.\d\d", version):
        return _none(
            f"le paquet n'a pas de schématron pour {name} {version} (il a : {held})",
            f"the pack holds no schematron for {name} {version} (it has: {held})",
        )
    ordered = sorted(known, key=lambda info: _year(info.version))
    earlier = [info for info in ordered if version and _year(info.version) <= _year(version)]
    taken = earlier[-1] if earlier else (ordered[0] if version else ordered[-1])
    return Recognised(
        taken,
        how=Text(
            f"{by_id.fr}, version « {version} » : {taken.name} retenu parmi {held}",
            f"{by_id.en}, version “{version}”: {taken.name} taken among {held}",
        ),
    )


def _year(version: str) -> str:
    years = _YEAR.findall(version)
    return years[-1] + version[-3:] if years else ""


def _same(one: str, other: str) -> bool:
    """Names that mean one volet: packs write ``CR-BIO`` or ``BIO-CR-BIO``, ``EP-MED-DM`` or ``eP-MED-DM``."""
    a, b = one.lower(), other.lower()
    return a == b or a.endswith(f"-{b}") or b.endswith(f"-{a}")


def _hint(clinical: etree._Element) -> str:
    """The volet that the document names for its editor (processing instruction before the root)."""
    top = clinical.getroottree().getroot()
    before = top.getprevious()
    while before is not None:
        found = _HINT.search(before.text or "") if not isinstance(before.tag, str) else None
        if found:
            return found.group(1).removeprefix("CI-SIS_")
        before = before.getprevious()
    return ""


def _none(fr: str, en: str) -> Recognised:
    return Recognised(None, Text(fr, en))

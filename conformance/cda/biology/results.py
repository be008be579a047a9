"""One result: its code, status, value, interpretation, reference range and previous results.

Source: IHE PaLM, Laboratory Observation; CI-SIS, entrée FR-Resultat-examens-de-biologie-element-clinique-pertinent;
value set JDV_HL7_ObservationInterpretation_CISIS.
"""

from __future__ import annotations

from typing import Final

from conformance.cda.biology import examples as ex
from conformance.cda.biology import oids
from conformance.cda.biology.kinds import narrower
from conformance.cda.biology.making import WARN, french, template
from conformance.cda.coding import coded
from conformance.cda.constraints import at_most_one, declares, exactly_one, required
from conformance.cda.content.kinds import act_class, match, named
from conformance.cda.paths import path
from conformance.cda.rules import Template
from conformance.core.language import Text

_IHE: Final = "ihe:E_laboratoryObservation_int "
_FR: Final = "content:E_laboratoryObservation_fr "
_VOLET: Final = "volet:E_FR-Resultat-examens-de-biologie-element-clinique-pertinent "
_JDV: Final = "volet:JDV_HL7_ObservationInterpretation-CISIS"
_PREVIOUS: Final = "entryRelationship[@typeCode='REFR']"
_HAS_PREVIOUS: Final = path(_PREVIOUS)
_NAME: Final = Text("Résultat d'examen de biologie", "Laboratory result")

RESULTS: Final[tuple[Template, ...]] = (
    template(
        "cr-bio-result", _NAME, oids.RESULT,
        named("observation", official=_IHE + "1.1"),
        *act_class("OBS", "EVN", official=f"{_IHE}1.1 · {_FR}1.1 · {_VOLET}1.1"),
        exactly_one("code", official=f"{_IHE}1.3 · {_FR}1.3"),
        match("statusCode", code=("completed", "aborted", "active", "obsolete"), official=f"{_IHE}1.4 · {_FR}1.6"),
        narrower("statusCode", ("completed", "aborted"), ("active", "obsolete"), official=_VOLET + "1.2"),
        required(_PREVIOUS + "/observation/effectiveTime", when=lambda node: bool(_HAS_PREVIOUS.elements(node)),
                 key="previous-date", official=_VOLET + "1.3"),
        match(_PREVIOUS + "/observation/statusCode", code="completed", key="previous-status",
              when=lambda node: bool(_HAS_PREVIOUS.elements(node)), official=_VOLET + "1.4"),
        at_most_one("referenceRange", official=_VOLET + "1.5", hint=Text(
            "Gardez l'intervalle qui vaut pour ce patient.", "Keep the range that holds for this patient.")),
        french(oids.FR_RESULT),
        required("value", key="value", severity=WARN, when=lambda node: match_completed(node), beyond=Text(
            "Aucune règle n'exige de valeur ; un résultat terminé sans valeur ne dit rien au lecteur.",
            "No rule asks for a value; a completed result without a value tells the reader nothing.")),
        example=ex.result("r1"),
    ),
    template(
        "cr-bio-result-fr", _NAME, oids.FR_RESULT,
        declares(oids.RESULT, official=_FR + "1.2"),
        exactly_one("code/originalText", official=_FR + "1.4", when=lambda node: len(path("code").elements(node)) == 1),
        exactly_one("code/originalText/reference", official=_FR + "1.5",
                    when=lambda node: len(path("code/originalText").elements(node)) == 1),
        example=ex.result("r1"),
    ),
    template(
        "cr-bio-interpretation", Text("Interprétation d'un résultat", "Interpretation of a result"), "",
        coded("interpretationCode", oids.INTERPRETATIONS, official=_JDV),
        element="observation", example=ex.result("r1"),
    ),
)  # fmt: skip


def match_completed(node: object) -> bool:
    """Whether the status of a result says that it is done."""
    return any(status.get("code") == "completed" for status in path("statusCode").elements(node))  # type: ignore[arg-type]  # an element

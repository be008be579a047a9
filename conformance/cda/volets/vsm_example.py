"""The skeleton of a VSM, of our own writing: what the document's own rules look at, and nothing more."""

from __future__ import annotations

from typing import Final

from conformance.cda.content import examples as ex
from conformance.cda.content.oids import LOINC, fr_section, pcc
from conformance.cda.namespaces import HL7, XSI

_HISTORY = ex.section((fr_section("30"),), "34117-2", "Historique et clinique", number=2)
_RISKS = ex.section((fr_section("31"),), "57207-3", "Facteurs de risque", number=3)
_SYNTHESIS = ex.section(
    (fr_section("29"),),
    "46612-8",
    "Conclusions de synthèse",
    f"<component>{_HISTORY}</component><component>{_RISKS}</component>",
    None,
)
_RESULTS = ex.section((pcc("3.27"), fr_section("150")), "30954-2", "Résultats d'examens", number=4)
_PLAN = ex.section((fr_section("32"),), "18776-5", "Plan de traitement", number=5)
_BODY = "".join(f"<component>{section}</component>" for section in (_SYNTHESIS, _RESULTS, _PLAN))

DOCUMENT: Final = (
    f'<ClinicalDocument xmlns="{HL7}" xmlns:xsi="{XSI}"><templateId root="1.2.250.1.213.1.1.1.13" extension="2022.01"/>'
    '<code code="SYNTH" codeSystem="1.2.250.1.213.1.1.4.12" displayName="Synthèse"/>'
    '<participant typeCode="INF"><functionCode code="PCP" codeSystem="2.16.840.1.113883.5.88" '
    'displayName="Médecin traitant"/><associatedEntity classCode="PROV"/></participant>'
    f'<documentationOf><serviceEvent><code code="34117-2" codeSystem="{LOINC}" codeSystemName="LOINC" '
    'displayName="Historique et clinique"/></serviceEvent></documentationOf>'
    f"<component><structuredBody>{_BODY}</structuredBody></component></ClinicalDocument>"
)
"""A document with the minimal body: text only."""

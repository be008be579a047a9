"""Which document is this? Told by the template ids, the type code and the body of a ClinicalDocument.

Source: CI-SIS Structuration minimale §3.5.5.3 (templateId), the document volets for their own ids.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from lxml import etree

from conformance.cda.namespaces import h
from conformance.core.language import Text

XDS_SD: Final = "1.3.6.1.4.1.19376.1.2.20"
VSM: Final = "1.2.250.1.213.1.1.1.13"
CR_BIO: Final = "1.2.250.1.213.1.1.1.55"


@dataclass(frozen=True, slots=True)
class DocumentType:
    """A kind of document and what the kit knows of it.

    ``key`` is stable and goes into machine formats; ``content_checked`` says whether the kit has rules for
    the body, or only for the structure and the header.
    """

    key: str
    title: Text
    content_checked: bool = False


VSM_2022: Final = DocumentType(
    "vsm-2022.01", Text("Volet de synthèse médicale 1.4 (2022.01)", "Medical summary (VSM) 1.4 (2022.01)"), True
)
VSM_2023: Final = DocumentType(
    "vsm-2023.01", Text("Volet de synthèse médicale (2023.01)", "Medical summary (VSM) (2023.01)"), True
)
CR_BIO_2021: Final = DocumentType(
    "cr-bio-2021.01", Text("Compte rendu de biologie (2021.01)", "Laboratory report (2021.01)"), True
)
CR_BIO_2023: Final = DocumentType(
    "cr-bio-2023.01", Text("Compte rendu de biologie (2023.01)", "Laboratory report (2023.01)"), True
)
CR_BIO_2024: Final = DocumentType(
    "cr-bio-2024.01", Text("Compte rendu de biologie (2024.01)", "Laboratory report (2024.01)"), True
)
LEVEL_1: Final = DocumentType(
    "cda-n1", Text("Document CDA de niveau 1 (corps non structuré)", "CDA level 1 document (unstructured body)"), True
)
OTHER: Final = DocumentType(
    "cda-n3", Text("Document CDA structuré d'un autre type", "Structured CDA document of another kind")
)
NOT_CDA: Final = DocumentType(
    "not-cda", Text("Document XML sans ClinicalDocument", "XML document without ClinicalDocument")
)

KNOWN_TYPES: Final = (VSM_2022, VSM_2023, CR_BIO_2021, CR_BIO_2023, CR_BIO_2024, LEVEL_1, OTHER, NOT_CDA)

_OTHERS: Final[dict[str, Text]] = {
    "1.2.250.1.213.1.1.1.5": Text("Certificat de santé de l'enfant", "Child health certificate"),
    "1.2.250.1.213.1.1.1.21": Text("Lettre de liaison d'entrée", "Admission letter"),
    "1.2.250.1.213.1.1.1.23": Text("Dossier de liaison d'urgence", "Emergency liaison file"),
    "1.2.250.1.213.1.1.1.29": Text("Lettre de liaison de sortie", "Discharge letter"),
    "1.2.250.1.213.1.1.1.30": Text("Fiche maladies rares (SDM-MR)", "Rare diseases data set (SDM-MR)"),
    "1.2.250.1.213.1.1.1.37": Text("Historique de vaccination", "Immunisation history"),
    "1.2.250.1.213.1.1.1.39": Text("E-prescription de médicaments", "Medication e-prescription"),
    "1.2.250.1.213.1.1.1.41": Text("Consultation pré-anesthésique", "Pre-anaesthesia consultation"),
    "1.2.250.1.213.1.1.1.42": Text("Bilan d'ophtalmologie", "Ophthalmology report"),
    "1.2.250.1.213.1.1.1.45": Text("Compte rendu d'imagerie", "Imaging report"),
    "1.2.250.1.213.1.1.1.46": Text("Note de vaccination", "Immunisation note"),
    "1.2.250.1.213.1.1.1.51": Text("Patient summary (IPS-FR)", "Patient summary (IPS-FR)"),
}


def _named_rules(clinical: etree._Element) -> str:
    """The volet version in the rules that the document names for itself (``oxygen`` instructions of the examples).

    Nothing else tells the version of a laboratory report whose template id has no extension.
    """
    for node in clinical.getroottree().getroot().itersiblings(etree.ProcessingInstruction, preceding=True):
        found = re.search(r"CI-SIS_BIO-CR-BIO_(\d{4}\.\d\d)\.sch", node.text or "")
        if found:
            return found.group(1)
    return ""


def recognise(clinical: etree._Element | None, vsm_version: str = "2022.01") -> DocumentType:
    """The kind of a ``ClinicalDocument`` (``None``: there is none).

    Nothing in a VSM tells its version for certain: an ``extension`` of 2023 or later on its template id
    counts as 2023.01, else ``vsm_version`` decides.
    """
    if clinical is None:
        return NOT_CDA
    declared = {t.get("root", ""): t.get("extension", "") for t in clinical.iterchildren(h("templateId"))}
    code = clinical.find(h("code"))
    type_code = code.get("code") if code is not None else None
    body = clinical.find(f"{h('component')}/{h('nonXMLBody')}")
    if body is not None or (XDS_SD in declared and clinical.find(f"{h('component')}/{h('structuredBody')}") is None):
        return LEVEL_1
    if VSM in declared or type_code == "SYNTH":
        version = "2023.01" if declared.get(VSM, "")[:4] >= "2023" else vsm_version
        return VSM_2023 if version == "2023.01" else VSM_2022
    if CR_BIO in declared or type_code == "11502-2":
        versions = {"2021.01": CR_BIO_2021, "2023.01": CR_BIO_2023, "2024.01": CR_BIO_2024}
        return versions.get(declared.get(CR_BIO, "")) or versions.get(_named_rules(clinical)) or CR_BIO_2024
    for oid, title in _OTHERS.items():
        if oid in declared:
            return DocumentType(OTHER.key, title)
    return OTHER

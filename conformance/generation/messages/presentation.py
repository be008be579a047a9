"""Documents with what shows them: style sheets beside them and inside them, a copy of themselves in PDF.

Source: CI-SIS Structuration minimale §2.2.1 (PDF copy), §3.9 (style sheets: separate §3.9.1, self-presentable §3.9.3).
"""

from __future__ import annotations

import base64
from typing import Final

from lxml import etree

from conformance.cda.biology import examples, oids
from conformance.cda.namespaces import XSI
from conformance.cda.paths import path

_XSL: Final = "http://www.w3.org/1999/XSL/Transform"
_CONTENT: Final = "urn:asip-sante:ci-sis"
_SCRIPT: Final = "<script>document.title = 'script'</script>"

_TEMPLATES: Final = """
  <xsl:template match="{at}">
    <html><body><h1>{mark}</h1>{script}<xsl:apply-templates select="{document}"/></body></html>
  </xsl:template>
  <xsl:template match="c:ClinicalDocument">
    <h2><xsl:value-of select="c:title"/></h2>
    <p><xsl:value-of select="c:recordTarget/c:patientRole/c:patient/c:name/c:family"/></p>
    <xsl:for-each select=".//c:section">
      <h3><xsl:value-of select="c:title"/></h3><p><xsl:value-of select="c:text"/></p>
    </xsl:for-each>
  </xsl:template>
"""


def style_sheet(mark: str, *, script: bool = False) -> bytes:
    """A producer's style sheet: shows title, patient and texts under ``mark``, words that no document holds."""
    templates = _TEMPLATES.format(at="/", mark=mark, document="c:ClinicalDocument", script=_SCRIPT if script else "")
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<xsl:stylesheet version="1.0" xmlns:xsl="{_XSL}" '
        f'xmlns:c="urn:hl7-org:v3">{templates}</xsl:stylesheet>'
    ).encode()


def self_presentable(document: bytes, mark: str) -> bytes:
    """The document inside its own style sheet, which shows it under ``mark``; its elements have the prefix ``c``."""
    root = etree.fromstring(document)
    wanted = {"c" if prefix is None else prefix: uri for prefix, uri in root.nsmap.items()}
    inner = etree.Element(root.tag, {str(name): str(value) for name, value in root.attrib.items()}, nsmap=wanted)
    inner.extend(list(root))
    etree.cleanup_namespaces(inner, keep_ns_prefixes=[prefix for prefix in wanted if prefix])
    templates = _TEMPLATES.format(at="xsl:stylesheet", mark=mark, document="data:Contenu/c:ClinicalDocument", script="")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<?xml-stylesheet type="text/xsl" href="#"?>\n'
        f'<xsl:stylesheet version="1.0" xmlns:xsl="{_XSL}" xmlns:c="urn:hl7-org:v3" xmlns:data="{_CONTENT}">'
        f"<data:Contenu>{etree.tostring(inner, encoding='unicode')}</data:Contenu>{templates}</xsl:stylesheet>"
    ).encode()


def with_pdf_copy(document: bytes, pdf: bytes) -> bytes:
    """The structured document with a section that holds a copy of it in PDF."""
    root = etree.fromstring(document)
    (body,) = path("component/structuredBody").elements(root)
    file = examples.attached(oids.DOCUMENT_TYPE, content=base64.b64encode(pdf).decode())
    copy = examples.section((oids.PDF_COPY,), "55108-5", "Copie du document", f"<entry>{file}</entry>", number=44)
    body.append(etree.fromstring(f'<component xmlns="urn:hl7-org:v3" xmlns:xsi="{XSI}">{copy}</component>'))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)

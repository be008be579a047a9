"""SOAP 1.2 envelopes with WS-Addressing, as the services of the DMP speak them: read safely, written, faults.

Reading takes what is there and leaves the judgement to the checks; only what is no envelope at all is refused.
Sources: W3C SOAP 1.2 part 1; W3C WS-Addressing 1.0; OASIS WS-Security 1.0 for the header that holds the VIHF.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from lxml import etree

from conformance.cda.locate import Locator
from conformance.cda.reading import Limits, read_document
from conformance.core.errors import DocumentError
from conformance.core.findings import Place
from conformance.core.language import Text

SOAP: Final = "http://www.w3.org/2003/05/soap-envelope"
SOAP_11: Final = "http://schemas.xmlsoap.org/soap/envelope/"
ADDRESSING: Final = "http://www.w3.org/2005/08/addressing"
ANONYMOUS: Final = "http://www.w3.org/2005/08/addressing/anonymous"
SECURITY: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
SAML: Final = "urn:oasis:names:tc:SAML:2.0:assertion"
XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
MEDIA_TYPE: Final = "application/soap+xml"

ENVELOPE_LIMITS: Final = Limits(size=32 * 1024 * 1024, depth=200)
"""An envelope holds metadata, and at worst a document in base64; documents travel beside it."""

_PREFIXES: Final = {"soap": SOAP, "wsa": ADDRESSING, "wsse": SECURITY}


def soap(name: str) -> str:
    """The Clark name of an element of SOAP 1.2."""
    return f"{{{SOAP}}}{name}"


def wsa(name: str) -> str:
    """The Clark name of an element of WS-Addressing."""
    return f"{{{ADDRESSING}}}{name}"


@dataclass(eq=False)
class Envelope:
    """An envelope that could be parsed: its UTF-8 text, its tree, its addressing (empty when absent)."""

    data: bytes
    root: etree._Element
    namespace: str
    header: etree._Element | None
    body: etree._Element | None

    @property
    def payload(self) -> etree._Element | None:
        """The first element of the body."""
        return next(self.body.iterchildren("*"), None) if self.body is not None else None

    def addressing(self, name: str) -> list[etree._Element]:
        """The WS-Addressing headers called ``name`` (``Action``, ``MessageID``…)."""
        return list(self.header.iterchildren(wsa(name))) if self.header is not None else []

    def _word(self, name: str) -> str:
        found = self.addressing(name)
        return (found[0].text or "").strip() if found else ""

    @property
    def action(self) -> str:
        """``wsa:Action``."""
        return self._word("Action")

    @property
    def message_id(self) -> str:
        """``wsa:MessageID``."""
        return self._word("MessageID")

    @property
    def to(self) -> str:
        """``wsa:To``."""
        return self._word("To")

    @property
    def relates_to(self) -> str:
        """``wsa:RelatesTo``."""
        return self._word("RelatesTo")

    @property
    def reply_to(self) -> str:
        """``wsa:ReplyTo/wsa:Address``."""
        found = self.addressing("ReplyTo")
        return (found[0].findtext(wsa("Address")) or "").strip() if found else ""

    @property
    def assertions(self) -> list[etree._Element]:
        """The SAML assertions in the security headers."""
        if self.header is None:
            return []
        headers = self.header.iterchildren(f"{{{SECURITY}}}Security")
        return [node for one in headers for node in one.iterchildren(f"{{{SAML}}}Assertion")]

    @cached_property
    def locator(self) -> Locator:
        """Tells the place of the elements of this envelope."""
        return Locator(self.data, self.root)

    def place(self, element: etree._Element | None, attribute: str | None = None) -> Place:
        """The place of an element of this envelope, or of one of its attributes; of the top when ``None``."""
        return self.locator.place(self.root if element is None else element, attribute)


def read_envelope(data: bytes, name: str = "message SOAP", limits: Limits = ENVELOPE_LIMITS) -> Envelope:
    """Parse an envelope without DTD, entities nor network.

    SOAP 1.1 is read too, for the checks to say so. Raises ``DocumentError`` (``soap.…``) when the bytes are no
    XML that the kit accepts, or no envelope.
    """
    try:
        document = read_document(data, name, limits)
    except DocumentError as error:
        said, hint = error.sentence, error.hint
        raise DocumentError(
            f"soap.{error.code.partition('.')[2]}",
            Text(f"L’enveloppe SOAP n’a pas pu être lue. {said.fr}", f"The SOAP envelope could not be read. {said.en}"),
            Text(f"Le document est ici le message. {hint.fr}", f"The document is here the message. {hint.en}"),
            error.line,
            error.column,
        ) from None
    root = document.root
    namespace = etree.QName(root).namespace or ""
    if etree.QName(root).localname != "Envelope" or namespace not in (SOAP, SOAP_11):
        raise DocumentError(
            "soap.no-envelope",
            Text(
                f"L’élément de tête est {root.tag}, pas une enveloppe SOAP 1.2.",
                f"The top element is {root.tag}, not a SOAP 1.2 envelope.",
            ),
            Text("Placer le message dans Envelope/Body.", "Put the message in Envelope/Body."),
        )
    return Envelope(
        document.data, root, namespace, root.find(f"{{{namespace}}}Header"), root.find(f"{{{namespace}}}Body")
    )


def write_envelope(
    payload: etree._Element,
    action: str,
    *,
    to: str = ANONYMOUS,
    security: etree._Element | None = None,
    message_id: str = "",
    relates_to: str = "",
) -> bytes:
    """The bytes of an envelope.

    A request has a ``to`` (the URL called) and an anonymous ReplyTo; an answer has ``relates_to``. ``security``
    is a SAML assertion, written as it is: its signature stays valid.
    """
    root = etree.Element(
        soap("Envelope"), nsmap={k: v for k, v in _PREFIXES.items() if k != "wsse" or security is not None}
    )
    header = etree.SubElement(root, soap("Header"))
    required = {soap("mustUnderstand"): "true"}
    etree.SubElement(header, wsa("Action"), required).text = action
    etree.SubElement(header, wsa("MessageID")).text = message_id or f"urn:uuid:{uuid.uuid4()}"
    etree.SubElement(header, wsa("To")).text = to
    if relates_to:
        etree.SubElement(header, wsa("RelatesTo")).text = relates_to
    else:
        reply = etree.SubElement(header, wsa("ReplyTo"), required)
        etree.SubElement(reply, wsa("Address")).text = ANONYMOUS
    if security is not None:
        etree.SubElement(header, f"{{{SECURITY}}}Security", required).append(security)
    etree.SubElement(root, soap("Body")).append(payload)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


# Faults -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fault:
    """A SOAP fault. ``code`` is ``Sender`` or ``Receiver``; ``subcode`` the code of the DMP, or empty."""

    code: str
    subcode: str
    reason: str
    detail: str = ""


DMP_FAULTS: Final = "urn:si-dmp:fault"
"""The namespace of the subcodes that the simulator writes: the one of the DMP is not published."""


def fault_element(fault: Fault) -> etree._Element:
    """The ``Fault`` of SOAP 1.2."""
    node = etree.Element(soap("Fault"), nsmap={"soap": SOAP})
    code = etree.SubElement(node, soap("Code"))
    etree.SubElement(code, soap("Value")).text = f"soap:{fault.code}"
    if fault.subcode:
        subcode = etree.SubElement(code, soap("Subcode"))
        etree.SubElement(subcode, soap("Value"), nsmap={"dmp": DMP_FAULTS}).text = f"dmp:{fault.subcode}"
    reason = etree.SubElement(node, soap("Reason"))
    etree.SubElement(reason, soap("Text"), {XML_LANG: "fr"}).text = fault.reason
    if fault.detail:
        detail = etree.SubElement(node, soap("Detail"))
        etree.SubElement(detail, f"{{{DMP_FAULTS}}}hint").text = fault.detail
    return node


def read_fault(envelope: Envelope) -> Fault | None:
    """The fault that an answer holds, or ``None``."""
    node = envelope.payload
    if node is None or node.tag != soap("Fault"):
        return None
    code, subcode = f"{soap('Code')}/{soap('Value')}", f"{soap('Code')}/{soap('Subcode')}/{soap('Value')}"
    return Fault(
        _local(node.findtext(code) or ""),
        _local(node.findtext(subcode) or ""),
        (node.findtext(f"{soap('Reason')}/{soap('Text')}") or "").strip(),
        " ".join(" ".join(str(part) for part in one.itertext()) for one in node.iterchildren(soap("Detail"))).strip(),
    )


def _local(name: str) -> str:
    return name.strip().rpartition(":")[2]

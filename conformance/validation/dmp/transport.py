"""How a request travels: TLS, HTTP, packaging, envelope, addressing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from conformance.core.findings import Finding, Severity, Trust
from conformance.core.language import Text
from conformance.exchange.checks.rules import ExchangeRule, RuleBook, found_words
from conformance.exchange.dmp.transactions import FEED
from conformance.exchange.mtom import XOP_TYPE, media_type_of
from conformance.exchange.soap import ANONYMOUS, MEDIA_TYPE, SOAP, soap
from conformance.validation.dmp.opened import OpenedRequest

BOOK: Final = RuleBook("dmp-transport")

_REQUIREMENTS: Final = ("SC.DMP/CONF.08",)
_SUITES: Final = ("ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-SHA384")
_MESSAGE_ID: Final = re.compile(r"urn:uuid:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _rule(
    key: str, fr: str, en: str, source: str, *, trust: Trust = Trust.PUBLISHED, severity: Severity = Severity.ERROR
) -> ExchangeRule:
    return BOOK.rule(key, fr, en, source, severity=severity, trust=trust, requirements=_REQUIREMENTS)


_SOFT: Final = Severity.WARNING
_WSDL: Final = "DMP, annexe WSDL 2.01.04 et exemples de messages"

_TLS_VERSION: Final = _rule("tls-version", "le canal est en TLS 1.2", "the channel is TLS 1.2", "PDT-INF-579v4")
_TLS_SUITE: Final = _rule(
    "tls-suite", "la suite cryptographique est l’une des trois du DMP", "the cipher suite is one of the three of the DMP", "PDT-INF-579v4"
)  # fmt: skip
_SNI: Final = _rule("sni", "le client TLS donne le nom du serveur (SNI)", "the TLS client gives the server name (SNI)", "CNDA, EX_0.X-1031")  # fmt: skip
_CLIENT: Final = _rule(
    "client-certificate", "le client présente un certificat", "the client presents a certificate", "CNDA, EX_GEN-1450"
)
_METHOD: Final = _rule("method", "la requête est un POST", "the request is a POST", "SOAP 1.2 partie 2 §7.5")
_PATH: Final = _rule("path", "la requête va au chemin du service", "the request goes to the path of its service", _WSDL)
_SOAP_12: Final = _rule("soap-1.2", "l’enveloppe est en SOAP 1.2", "the envelope is SOAP 1.2", _WSDL)
_MEDIA: Final = _rule(
    "media-type", f"le Content-Type d’un message simple est {MEDIA_TYPE}", f"the Content-Type of a plain message is {MEDIA_TYPE}", "RFC 3902",
    trust=Trust.OWN, severity=_SOFT,
)  # fmt: skip
_PAYLOAD: Final = _rule(
    "payload", "le corps de l’enveloppe porte une requête du DMP", "the body of the envelope holds a request of the DMP", _WSDL
)  # fmt: skip
_MTOM: Final = _rule(
    "mtom", "une alimentation (ITI-41) est un message MTOM (multipart/related)", "a feeding (ITI-41) is an MTOM message (multipart/related)", "CNDA, EX_2.1-1260"
)  # fmt: skip
_XOP: Final = _rule(
    "xop", "chaque document est dans une partie que désigne xop:Include", "each document is in a part that xop:Include names", "CNDA, EX_2.1-1260"
)  # fmt: skip
_PART: Final = _rule(
    "part", "chaque partie désignée par xop:Include est dans le message", "each part named by xop:Include is in the message", "W3C XOP 1.0"
)  # fmt: skip
_MTOM_TYPES: Final = _rule(
    "mtom-types",
    f"le multipart annonce type=\"{XOP_TYPE}\" et start-info=\"{MEDIA_TYPE}\", et sa partie racine est {XOP_TYPE}",
    f"the multipart announces type=\"{XOP_TYPE}\" and start-info=\"{MEDIA_TYPE}\", and its root part is {XOP_TYPE}",
    f"W3C XOP 1.0 §4.1 ; {_WSDL}", trust=Trust.SECOND_HAND,
)  # fmt: skip
_ACTION: Final = _rule(
    "action", "wsa:Action est celui de la transaction", "wsa:Action is that of the transaction", _WSDL
)
_UNDERSTAND: Final = _rule(
    "must-understand", "wsa:Action porte mustUnderstand", "wsa:Action bears mustUnderstand", _WSDL,
    trust=Trust.SECOND_HAND, severity=_SOFT,
)  # fmt: skip
_ID: Final = _rule("message-id", "wsa:MessageID est un urn:uuid:", "wsa:MessageID is a urn:uuid:", _WSDL)
_TO: Final = _rule("to", "wsa:To est présent", "wsa:To is there", "CNDA, mémento")
_TO_URL: Final = _rule(
    "to-url", "wsa:To est l’adresse appelée", "wsa:To is the address called", "W3C WS-Addressing 1.0 ; les exemples le laissent vide",
    trust=Trust.SECOND_HAND, severity=_SOFT,
)  # fmt: skip
_REPLY: Final = _rule(
    "reply-to", "wsa:ReplyTo/Address est l’adresse anonyme", "wsa:ReplyTo/Address is the anonymous address", _WSDL,
    trust=Trust.SECOND_HAND,
)  # fmt: skip
_ASSERTION: Final = _rule(
    "one-vihf", "wsse:Security contient un VIHF (assertion SAML 2.0) et un seul", "wsse:Security holds one VIHF (SAML 2.0 assertion), and one only", _WSDL
)  # fmt: skip


def check_transport(request: OpenedRequest) -> Iterator[Finding]:
    """Everything that can be said without looking into the VIHF nor the payload."""
    yield from _tls(request)
    yield from _http(request)
    yield from _addressing(request)
    if request.transaction is FEED:
        yield from _mtom(request)


def _tls(request: OpenedRequest) -> Iterator[Finding]:
    tls = request.captured.tls
    if tls is None:
        return
    if tls.version != "TLSv1.2":
        yield _TLS_VERSION.finding(found_words(tls.version))
    if tls.cipher not in _SUITES:
        yield _TLS_SUITE.finding(found_words(tls.cipher))
    if not tls.server_name:
        yield _SNI.finding(Text("il n’est pas donné", "it is not given"))
    if tls.client is None:
        yield _CLIENT.finding(Text("il n’y en a pas", "there is none"))


def _http(request: OpenedRequest) -> Iterator[Finding]:
    captured, envelope = request.captured, request.envelope
    if captured.method != "POST":
        yield _METHOD.finding(found_words(captured.method))
    if envelope.namespace != SOAP:
        yield _SOAP_12.finding(found_words(envelope.namespace), envelope.place(None))
    if not request.package.multipart and request.package.media_type != MEDIA_TYPE:
        yield _MEDIA.finding(found_words(captured.content_type))
    if request.transaction is None:
        found = request.payload.tag if request.payload is not None else ""
        yield _PAYLOAD.finding(found_words(str(found)), envelope.place(request.payload))
    elif not captured.path.endswith(request.transaction.path):
        expected = Text(f"attendu …{request.transaction.path}, trouvé {captured.path}",
                        f"expected …{request.transaction.path}, found {captured.path}")  # fmt: skip
        yield _PATH.finding(expected)


def _addressing(request: OpenedRequest) -> Iterator[Finding]:
    envelope = request.envelope
    here = envelope.place(envelope.header)
    actions = envelope.addressing("Action")
    if request.transaction is not None and envelope.action != request.transaction.action:
        place = envelope.place(actions[0]) if actions else here
        yield _ACTION.finding(found_words(envelope.action), place, Text(f"Écrire {request.transaction.action}.", f"Write {request.transaction.action}."))  # fmt: skip
    if actions and actions[0].get(soap("mustUnderstand")) not in ("true", "1"):
        yield _UNDERSTAND.finding(Text("il ne le porte pas", "it does not"), envelope.place(actions[0]))
    if not _MESSAGE_ID.fullmatch(envelope.message_id):
        yield _ID.finding(found_words(envelope.message_id), here)
    if not envelope.addressing("To"):
        yield _TO.finding(Text("il manque", "it is missing"), here)
    elif not envelope.to.endswith(request.captured.path) or not envelope.to:
        yield _TO_URL.finding(found_words(envelope.to), envelope.place(envelope.addressing("To")[0]))
    if envelope.reply_to != ANONYMOUS:
        yield _REPLY.finding(found_words(envelope.reply_to), here)
    if len(envelope.assertions) != 1:
        counted = Text(f"trouvé {len(envelope.assertions)}", f"found {len(envelope.assertions)}")
        yield _ASSERTION.finding(counted, here)


def _mtom(request: OpenedRequest) -> Iterator[Finding]:
    package, envelope = request.package, request.envelope
    if not package.multipart:
        yield _MTOM.finding(found_words(request.captured.content_type))
    else:
        announced = (package.parameters.get("type", ""), package.parameters.get("start-info", ""))
        wanted = tuple(one.partition(";")[0].strip().lower() for one in announced)  # media types have no case
        root_type = media_type_of(package.root_type)[0]
        if wanted != (XOP_TYPE, MEDIA_TYPE) or root_type != XOP_TYPE:
            yield _MTOM_TYPES.finding(found_words(f"{request.captured.content_type} / {package.root_type}"))
    for file in request.files:
        place = envelope.place(file.element)
        if file.error is not None:
            said = file.error.sentence
            yield _PART.finding(Text(said.fr, said.en), place)
        elif file.content is not None and file.content.inline:
            yield _XOP.finding(
                Text("le document est en base64 dans l’enveloppe", "the document is base64 in the envelope"), place
            )

"""The VIHF of a request: its form, its attributes by mode, its signature, its age, what it says of the user."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID
from lxml import etree

from conformance.core.findings import Finding, Place, Severity, Trust
from conformance.core.language import Text
from conformance.exchange import vihf as v
from conformance.exchange.checks.rules import ExchangeRule, RuleBook, found_words
from conformance.exchange.dmp.transactions import FEED, FIND_PATIENTS, LIST_PATIENTS, RETRIEVE, SEARCH
from conformance.exchange.metadata.hl7 import Cx
from conformance.exchange.registry_messages import ReturnType, read_query
from conformance.exchange.vihf import AuthenticationMode, Vihf
from conformance.exchange.vihf_signature import RSA_SHA1, SignatureFacts, same_name, verify_vihf
from conformance.identity.ins import INS_NIA, INS_ROOTS, TEST_ROOTS, matricule_problems
from conformance.identity.organisation import parse_structure_id
from conformance.identity.professional import parse_professional_id
from conformance.terminology import value_sets
from conformance.validation.dmp.opened import OpenedRequest

BOOK: Final = RuleBook("dmp-vihf")

_REQUIREMENTS: Final = ("SC.DMP/CONF.08",)
_SOFT: Final = Severity.WARNING
_MAPPING: Final = "ANS, volet Transmission d’un document CDA-R2 en HL7v2, correspondance VIHF"
_OLD: Final = timedelta(hours=1)
_FUTURE: Final = timedelta(minutes=5)
_AIR_SECONDS: Final = timedelta(seconds=30)


def _rule(
    key: str,
    fr: str,
    en: str,
    source: str = _MAPPING,
    *,
    trust: Trust = Trust.PUBLISHED,
    severity: Severity = Severity.ERROR,
) -> ExchangeRule:
    return BOOK.rule(key, fr, en, source, severity=severity, trust=trust, requirements=_REQUIREMENTS)


_SAML: Final = _rule("saml-version", "l’assertion est en SAML 2.0", "the assertion is SAML 2.0")
_ID: Final = _rule("id", "l’ID de l’assertion ne commence pas par un chiffre", "the ID of the assertion does not start with a digit",
                   "XML Schema, type ID ; des exemples publiés s’en écartent", trust=Trust.SECOND_HAND, severity=_SOFT)  # fmt: skip
_INSTANT: Final = _rule("issue-instant", "IssueInstant est un instant en UTC", "IssueInstant is an instant in UTC")
_AUTHN: Final = _rule("authn-instant", "AuthnInstant est l’instant de connexion de l’utilisateur, en UTC",
                      "AuthnInstant is when the user logged in, in UTC")  # fmt: skip
_FUTURE_RULE: Final = _rule("future", "le VIHF n’est pas daté du futur (l’horloge du logiciel est à l’heure)",
                            "the VIHF is not dated in the future (the clock of the product is right)", "CNDA, EX_GEN-1460")  # fmt: skip
_AGE_AIR: Final = _rule("age-air", "en mode AIR, le VIHF a 30 secondes au plus", "in AIR mode, the VIHF is 30 seconds old at most", "CNDA, EX_AIR-040")  # fmt: skip
_AGE: Final = _rule("age", "le VIHF est produit pour la requête : il a moins d’une heure", "the VIHF is made for the request: it is less than an hour old",
                    "la durée admise par le serveur n’est pas publiée", trust=Trust.OWN, severity=_SOFT)  # fmt: skip
_ISSUER_FORMAT: Final = _rule(
    "issuer-format", "le Format de l’Issuer est X509SubjectName", "the Format of the Issuer is X509SubjectName"
)
_ISSUER: Final = _rule(
    "issuer", "l’Issuer est le sujet du certificat qui signe", "the Issuer is the subject of the signing certificate"
)
_SIGNED: Final = _rule("signed", "en mode indirect ou AIR, le VIHF est signé", "in indirect or AIR mode, the VIHF is signed", "CNDA, EX_GEN-1450")  # fmt: skip
_SIGNED_DIRECT: Final = _rule("signed-direct", "en mode direct, le VIHF est signé par la carte", "in direct mode, the VIHF is signed by the card",
                              "les exemples publiés en montrent avec et sans signature", trust=Trust.SECOND_HAND, severity=_SOFT)  # fmt: skip
_SIGNATURE: Final = _rule("signature", "la signature du VIHF se vérifie et le couvre en entier", "the signature of the VIHF verifies and covers it whole",
                          "SAML 2.0 §5")  # fmt: skip
_ALGORITHM: Final = _rule("algorithm", "la signature emploie SHA-256", "the signature uses SHA-256",
                          "exemples depuis 2023 ; le sort de SHA-1 n’est pas publié", trust=Trust.SECOND_HAND, severity=_SOFT)  # fmt: skip
_PLACE: Final = _rule("signature-place", "la signature suit l’Issuer", "the signature follows the Issuer", "SAML 2.0 §5.4", trust=Trust.SECOND_HAND, severity=_SOFT)  # fmt: skip
_USAGE: Final = _rule("signing-certificate", "le certificat qui signe est fait pour signer", "the signing certificate is made for signing",
                      "CNDA, EX_GEN-1450", trust=Trust.SECOND_HAND)  # fmt: skip
_VALIDITY: Final = _rule("certificate-validity", "le certificat qui signe est dans ses dates de validité", "the signing certificate is within its validity",
                         "RFC 5280 §4.1.2.5")  # fmt: skip
_ONCE: Final = _rule(
    "attribute-once", "chaque attribut figure une fois", "each attribute stands once", trust=Trust.OWN, severity=_SOFT
)
_VERSION: Final = _rule("version", "VIHF_Version est 4.0 ou 3.0", "VIHF_Version is 4.0 or 3.0")
_VERSION_3: Final = _rule("version-3", "VIHF_Version est 4.0, la version en cours", "VIHF_Version is 4.0, the current version",
                          "sources en désaccord (3.0, 4.0)", trust=Trust.SECOND_HAND, severity=_SOFT)  # fmt: skip
_MODE: Final = _rule("mode", "Authentification_mode est DIRECTE, INDIRECTE ou INDIRECTE_RENFORCEE",
                     "Authentification_mode is DIRECTE, INDIRECTE or INDIRECTE_RENFORCEE")  # fmt: skip
_NAME_ID: Final = _rule("name-id", "NameID est un PS_IdNat", "NameID is a PS_IdNat")
_STRUCTURE: Final = _rule(
    "structure", "Identifiant_Structure est un Struct_IdNat", "Identifiant_Structure is a Struct_IdNat"
)
_SECTOR: Final = _rule("sector", "Secteur_Activite est un code de JDV_J61 suivi de ^ et de l’OID de son système",
                       "Secteur_Activite is a code of JDV_J61 followed by ^ and the OID of its system")  # fmt: skip
_SUBJECT: Final = _rule(
    "subject", "subject-id est présent en mode indirect ou AIR", "subject-id is there in indirect or AIR mode"
)
_URN: Final = _rule("resource-urn", "Ressource_URN est urn:dmp", "Ressource_URN is urn:dmp")
_LPS: Final = {
    name: _rule(key, f"{name} est présent", f"{name} is there", "CNDA, EX_GEN-1180 et EX_GEN-1490")
    for key, name in (("lps-name", v.LPS_NAME), ("lps-version", v.LPS_VERSION), ("approval", v.APPROVAL))
}
_ROLE: Final = _rule("role", "le premier rôle est une profession (G15, G16) ou un rôle de la TRE_A00",
                     "the first role is a profession (G15, G16) or a role of TRE_A00")  # fmt: skip
_SPECIALTY: Final = _rule(
    "specialty", "un médecin a un rôle de spécialité (TRE_R01)", "a doctor has a role of specialty (TRE_R01)"
)
_SPECIALTY_CODE: Final = _rule("specialty-code", "la spécialité d’un médecin est dans JDV_J01", "the specialty of a doctor is in JDV_J01",
                               trust=Trust.SECOND_HAND, severity=_SOFT)  # fmt: skip
_SECTION: Final = _rule(
    "section", "un pharmacien a un rôle de section (TRE_G05)", "a pharmacist has a role of section (TRE_G05)"
)
_PURPOSE: Final = _rule(
    "purpose",
    "le motif d’accès est un code de la TRE_R248",
    "the purpose of use is a code of TRE_R248",
    "ANS, TRE_R248",
)
_PATIENT: Final = _rule("patient", "resource-id désigne le patient par son INS : matricule à la clé juste, racine de l’INS, type NH",
                        "resource-id names the patient by the INS: matricule with a right key, root of the INS, type NH")  # fmt: skip
_NO_PATIENT: Final = _rule("no-patient", "la liste des DMP (TD0.4) et la recherche par traits (TD0.5) ne désignent aucun patient",
                           "the list of records (TD0.4) and the search by traits (TD0.5) name no patient",
                           "déduit de la transaction", trust=Trust.OWN, severity=_SOFT)  # fmt: skip
_NIA: Final = _rule("nia", "le DMP ne s’ouvre pas avec un NIA", "no record is opened with a NIA", "CNDA, test 0.2-080", trust=Trust.SECOND_HAND)  # fmt: skip
_TEST_ROOT: Final = _rule("test-identity", "en test, l’INS est sous une racine de test", "in tests, the INS is under a test root",
                          "règle du kit : aucune identité réelle", trust=Trust.OWN, severity=_SOFT)  # fmt: skip
_SECRET: Final = _rule("confidentiality", "confidentiality-code n’est présent qu’en connexion secrète, et vaut INVISIBLE_REPRESENTANTS_LEGAUX",
                       "confidentiality-code is there for a secret connection only, as INVISIBLE_REPRESENTANTS_LEGAUX", "ANS, JDV_J64")  # fmt: skip
_CONTEXT: Final = _rule("authn-context", "en mode direct, AuthnContextClassRef est SmartcardPKI", "in direct mode, AuthnContextClassRef is SmartcardPKI",
                        trust=Trust.SECOND_HAND, severity=_SOFT)  # fmt: skip
_AUDIENCE: Final = _rule(
    "audience", "AudienceRestriction n’est pas renseigné", "AudienceRestriction is not filled in", severity=_SOFT
)
_CARD: Final = _rule("card", "en mode direct, NameID est le porteur de la carte du canal TLS", "in direct mode, NameID is the holder of the card of the TLS channel",
                     "message d’erreur du DMP sur le lien entre personne et structure ; déduit", trust=Trust.OWN, severity=_SOFT)  # fmt: skip

_SIGNER: Final = _rule("signer", "le certificat qui signe est celui de l’utilisateur en mode direct, de sa structure sinon",
                       "the signing certificate is that of the user in direct mode, of their structure otherwise",
                       "CNDA, EX_GEN-1450 ; que le DMP l’exige est déduit", trust=Trust.OWN, severity=_SOFT)  # fmt: skip
_MODE_USE: Final = _rule("mode-use", "le mode indirect ne consulte pas, le mode AIR n’alimente pas", "the indirect mode does not consult, the AIR mode does not feed",
                         "PDT-INF-526 v1.8, PDT-INF-606 v1.3", trust=Trust.SECOND_HAND)  # fmt: skip

_SECTOR_FORM: Final = re.compile(r"([^^]+)\^([0-9.]+)")


def check_vihf(request: OpenedRequest) -> Iterator[Finding]:
    """Every check on the VIHF of one request."""
    vihf = request.vihf
    if vihf is None or vihf.element is None:
        return
    node = vihf.element
    here = request.envelope.place(node)
    yield from _form(vihf, here)
    yield from _age(request, vihf, here)
    yield from _signature(request, vihf, node, here)
    yield from _attributes(vihf, here)
    yield from _roles(vihf, here)
    yield from _patient(request, vihf, here)
    yield from _card(request, vihf, here)
    if not _serves(request, vihf):
        yield _MODE_USE.finding(found_words(vihf.mode), here)


def _form(vihf: Vihf, here: Place) -> Iterator[Finding]:
    if vihf.saml_version != "2.0":
        yield _SAML.finding(found_words(vihf.saml_version), here)
    if not re.match(r"[A-Za-z_]", vihf.id):
        yield _ID.finding(found_words(vihf.id), here)
    if v.instant_of(vihf.authn_instant) is None:
        yield _AUTHN.finding(found_words(vihf.authn_instant), here)
    if vihf.issuer_format != v.X509_NAME_FORMAT:
        yield _ISSUER_FORMAT.finding(found_words(vihf.issuer_format), here)
    if vihf.mode == AuthenticationMode.DIRECT and vihf.authn_context != v.SMART_CARD:
        yield _CONTEXT.finding(found_words(vihf.authn_context), here)
    if vihf.element is not None and next(vihf.element.iter(v.saml("AudienceRestriction")), None) is not None:
        yield _AUDIENCE.finding(Text("il l’est", "it is"), here)


def _age(request: OpenedRequest, vihf: Vihf, here: Place) -> Iterator[Finding]:
    issued, received = vihf.issued, request.captured.received
    if issued is None:
        yield _INSTANT.finding(found_words(vihf.issue_instant), here)
        return
    if received is None:
        return
    age = received - issued
    said = Text(f"il a {int(age.total_seconds())} s", f"it is {int(age.total_seconds())} s old")
    if age < -_FUTURE:
        yield _FUTURE_RULE.finding(said, here)
    elif vihf.mode == AuthenticationMode.REINFORCED and age > _AIR_SECONDS:
        yield _AGE_AIR.finding(said, here)
    elif age > _OLD:
        yield _AGE.finding(said, here)


def _signature(request: OpenedRequest, vihf: Vihf, node: etree._Element, here: Place) -> Iterator[Finding]:
    facts = verify_vihf(node)
    if facts is None:
        rule = _SIGNED_DIRECT if vihf.mode == AuthenticationMode.DIRECT else _SIGNED
        yield rule.finding(Text("il ne l’est pas", "it is not"), here)
        return
    place = request.envelope.place(facts.element)
    if facts.problem is not None:
        yield _SIGNATURE.finding(facts.problem, place)
    if facts.algorithm == RSA_SHA1 or facts.digest.endswith("#sha1"):
        yield _ALGORITHM.finding(found_words(facts.algorithm), place)
    before = facts.element.getprevious()
    if before is None or before.tag != v.saml("Issuer"):
        yield _PLACE.finding(Text("elle est ailleurs", "it is elsewhere"), place)
    yield from _certificate(request, vihf, facts, place)


def _certificate(request: OpenedRequest, vihf: Vihf, facts: SignatureFacts, place: Place) -> Iterator[Finding]:
    certificate = facts.certificate
    if certificate is None:
        return
    subject = certificate.subject.rfc4514_string()
    if not same_name(vihf.issuer, subject):
        yield _ISSUER.finding(found_words(vihf.issuer), place, Text(f"Écrire le sujet : {subject}.", f"Write the subject: {subject}."))  # fmt: skip
    if _named_by(certificate, vihf) is False:
        yield _SIGNER.finding(found_words(subject), place)
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value.content_commitment
    except x509.ExtensionNotFound:
        usage = False
    if not usage:
        yield _USAGE.finding(
            Text("son usage n’est pas la signature (non-répudiation)", "its usage is not signing (non-repudiation)"),
            place,
        )
    moment = request.captured.received
    if moment and not certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc:
        yield _VALIDITY.finding(Text("il n’y est pas", "it is not"), place)


def _named_by(certificate: x509.Certificate, vihf: Vihf) -> bool | None:
    """Whether a certificate is of whom the VIHF says; ``None`` when its subject does not tell."""
    direct = vihf.mode == AuthenticationMode.DIRECT
    found = certificate.subject.get_attributes_for_oid(
        NameOID.COMMON_NAME if direct else NameOID.ORGANIZATIONAL_UNIT_NAME
    )
    return str(found[0].value) == (vihf.name_id if direct else vihf.structure) if found else None


def _serves(request: OpenedRequest, vihf: Vihf) -> bool:
    """Whether the transaction is one of the authentication mode."""
    if vihf.mode == AuthenticationMode.REINFORCED:
        return request.transaction is not FEED
    if vihf.mode != AuthenticationMode.INDIRECT or request.payload is None:
        return True
    looks_up = request.transaction is SEARCH and read_query(request.payload).return_type == ReturnType.OBJECT_REF
    return looks_up or request.transaction not in (SEARCH, RETRIEVE)


def _attributes(vihf: Vihf, here: Place) -> Iterator[Finding]:
    if vihf.element is not None:
        seen = [node.get("Name", "") for node in v.attribute_nodes(vihf.element)]
        for name in sorted({name for name in seen if seen.count(name) > 1}):
            yield _ONCE.finding(found_words(name), here)
    if vihf.version == "3.0":
        yield _VERSION_3.finding(found_words(vihf.version), here)
    elif vihf.version != "4.0":
        yield _VERSION.finding(found_words(vihf.version), here)
    if vihf.mode not in set(AuthenticationMode):
        yield _MODE.finding(found_words(vihf.mode), here)
    if parse_professional_id(vihf.name_id) is None and not _internal(vihf):
        yield _NAME_ID.finding(found_words(vihf.name_id), here)
    if parse_structure_id(vihf.structure) is None:
        yield _STRUCTURE.finding(found_words(vihf.structure), here)
    sector = _SECTOR_FORM.fullmatch(vihf.sector)
    if sector is None or not value_sets.XDS_HEALTHCARE_FACILITY_TYPE_DMP.look_up(*sector.groups()).accepted:
        yield _SECTOR.finding(found_words(vihf.sector), here)
    if vihf.mode in (AuthenticationMode.INDIRECT, AuthenticationMode.REINFORCED) and not vihf.subject:
        yield _SUBJECT.finding(Text("il manque", "it is missing"), here)
    if vihf.resource_urn != v.DMP_RESOURCE:
        yield _URN.finding(found_words(vihf.resource_urn), here)
    for name, value in ((v.LPS_NAME, vihf.lps_name), (v.LPS_VERSION, vihf.lps_version), (v.APPROVAL, vihf.approval)):
        if not value:
            yield _LPS[name].finding(Text("il manque ou est vide", "it is missing or empty"), here)
    if vihf.access is None or (vihf.purpose and vihf.purpose.system != v.PURPOSES):
        yield _PURPOSE.finding(found_words(vihf.purpose.code if vihf.purpose else ""), here)
    secret = (v.SECRET_CONNECTION.code, v.SECRET_CONNECTION.system)
    if vihf.confidentiality and [(c.code, c.system or secret[1]) for c in vihf.confidentiality] != [secret]:
        yield _SECRET.finding(found_words(", ".join(c.code for c in vihf.confidentiality)), here)


def _internal(vihf: Vihf) -> bool:
    """Staff without national identifier: the structure, a slash, an internal identifier."""
    structure, slash, internal = vihf.name_id.partition("/")
    return bool(slash and internal) and structure == vihf.structure


def _roles(vihf: Vihf, here: Place) -> Iterator[Finding]:
    first = vihf.roles[0] if vihf.roles else None
    if first is None or first.system not in (v.PROFESSIONS, v.STUDENTS, v.OTHER_ROLES):
        yield _ROLE.finding(found_words(f"{first.code} {first.system}" if first else ""), here)
        return
    if first.system == v.OTHER_ROLES:
        return
    specialty = vihf.role(v.SPECIALTIES)
    if first.code == "10" and not specialty:
        yield _SPECIALTY.finding(Text("il n’y en a pas", "there is none"), here)
    elif first.code == "10" and not value_sets.AUTHOR_SPECIALTY.look_up(f"G15_10/{specialty}").accepted:
        yield _SPECIALTY_CODE.finding(found_words(specialty), here)
    if first.code == "21" and not vihf.role(v.PHARMACY_SECTIONS):
        yield _SECTION.finding(Text("il n’y en a pas", "there is none"), here)


def _patient(request: OpenedRequest, vihf: Vihf, here: Place) -> Iterator[Finding]:
    """Sentences never quote the matricule."""
    if request.transaction in (LIST_PATIENTS, FIND_PATIENTS):
        if vihf.patient:
            yield _NO_PATIENT.finding(Text("resource-id est présent", "resource-id is there"), here)
        return
    cx = Cx.parse(vihf.patient)
    if cx.authority == INS_NIA:
        yield _NIA.finding(Text("c’en est un", "it is one"), here)
    problems = matricule_problems(cx.id) if cx.id else []
    if cx.authority not in INS_ROOTS or cx.type != "NH" or not cx.id:
        words = Text("l’autorité est « {a} » et le type « {t} »", "the authority is “{a}” and the type “{t}”")
        yield _PATIENT.finding(words.format(a=cx.authority, t=cx.type), here)
    elif problems:
        yield _PATIENT.finding(problems[0].message, here)
    elif cx.authority not in TEST_ROOTS and cx.authority != INS_NIA:
        yield _TEST_ROOT.finding(found_words(cx.authority), here)


def _card(request: OpenedRequest, vihf: Vihf, here: Place) -> Iterator[Finding]:
    client = request.captured.tls.client if request.captured.tls else None
    if client is None or vihf.mode != AuthenticationMode.DIRECT:
        return
    if client.subject.get_attributes_for_oid(NameOID.SURNAME):
        holder = str(client.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
        if holder != vihf.name_id:
            yield _CARD.finding(found_words(vihf.name_id), here)

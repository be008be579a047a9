"""Who is asking: the VIHF of a request, held against the TLS channel, the authorities and the clock.

A VIHF that cannot be trusted is a SOAP fault. What is only unwise (an old version, no signature in direct mode) is
left to the checks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import NameOID

from conformance.exchange.metadata.hl7 import Cx
from conformance.exchange.soap import Envelope
from conformance.exchange.vihf import (
    PHARMACY_SECTIONS,
    PROFESSIONS,
    SPECIALTIES,
    STUDENTS,
    AccessMode,
    AuthenticationMode,
    Vihf,
    read_vihf,
)
from conformance.exchange.vihf_signature import SignatureFacts, same_name, verify_vihf
from conformance.identity.ins import INS_NIA
from conformance.simulators.dmp.options import DmpOptions
from conformance.simulators.dmp.refusals import INVALID_CERTIFICATE, INVALID_VIHF, fault
from conformance.simulators.pki import Branch, Pki

_MODES: Final = frozenset(AuthenticationMode)
_LONGEST: Final = 80
"""What the store keeps of an identifier; real ones are half as long."""


@dataclass(frozen=True, slots=True)
class User:
    """A user that is believed. ``patient`` is the CX of the record that they are in, empty when in none."""

    vihf: Vihf
    access: AccessMode
    patient: str

    @property
    def person(self) -> str:
        """PS_IdNat, or the identifier within the structure."""
        return self.vihf.name_id

    @property
    def structure(self) -> str:
        """Struct_IdNat."""
        return self.vihf.structure

    @property
    def holder(self) -> str:
        """To whom authorisations are given: the professional, or the structure of those who are none."""
        indirect = self.vihf.mode == AuthenticationMode.INDIRECT
        return self.structure if indirect or "/" in self.person else self.person


class Doorkeeper:
    """Believes users or not. ``seen_before`` tells whether an assertion served already, and remembers it."""

    def __init__(self, pki: Pki, options: DmpOptions) -> None:
        self._pki = pki
        self._options = options

    def admit(self, envelope: Envelope, card: x509.Certificate | None, seen_before: Callable[[str], bool]) -> User:
        """The user of a request; ``card`` is the client certificate of the TLS channel. Raises ``Faulted``."""
        if card is None:
            raise fault(INVALID_CERTIFICATE, "Le canal TLS ne porte pas de certificat client.",
                        "Présenter le certificat de la carte ou de la structure.", status=403)  # fmt: skip
        assertions = envelope.assertions
        if len(assertions) != 1:
            raise fault(INVALID_VIHF, f"L’en-tête wsse:Security doit contenir un VIHF et un seul ; trouvé {len(assertions)}.",
                        "Placer une assertion SAML 2.0 dans wsse:Security.")  # fmt: skip
        if (distrust := self._distrust(card)) is not None:
            raise fault(INVALID_CERTIFICATE, f"Le certificat client du canal TLS {distrust}.",
                        "Employer un certificat valide de la PKI de test.", status=403)  # fmt: skip
        vihf = read_vihf(assertions[0])
        signature = verify_vihf(assertions[0])
        self._check_signature(signature, vihf)
        self._check_words(vihf)
        self._check_age(vihf)
        if vihf.mode == AuthenticationMode.REINFORCED and seen_before(vihf.id):
            raise fault(INVALID_VIHF, "Ce VIHF a déjà servi.", "En mode AIR, produire un VIHF par requête.")
        self._check_holders(vihf, card, signature.certificate if signature else None)
        return User(vihf, vihf.access or AccessMode.NORMAL, vihf.patient)

    def _check_signature(self, facts: SignatureFacts | None, vihf: Vihf) -> None:
        if facts is None:
            if vihf.mode != AuthenticationMode.DIRECT or self._options.require_signature_in_direct_mode:
                raise fault(
                    INVALID_VIHF, "Le VIHF n’est pas signé.", "Signer l’assertion avec le certificat de signature."
                )
            return
        if facts.problem is not None or facts.certificate is None:
            why = facts.problem.fr if facts.problem else ""
            raise fault(INVALID_CERTIFICATE, f"La signature du VIHF n’est pas valable : {why}.",
                        "Signer l’assertion entière, sans la modifier ensuite.")  # fmt: skip
        certificate = facts.certificate
        if not for_signing(certificate):
            raise fault(INVALID_CERTIFICATE, "Le VIHF est signé par un certificat qui n’est pas fait pour signer.",
                        "Employer le certificat de signature, pas celui d’authentification.")  # fmt: skip
        if (distrust := self._distrust(certificate)) is not None:
            raise fault(INVALID_CERTIFICATE, f"Le certificat qui a signé le VIHF {distrust}.", "Employer un certificat valide de la PKI de test.")  # fmt: skip
        if not same_name(vihf.issuer, certificate.subject.rfc4514_string()):
            raise fault(INVALID_VIHF, "L’Issuer du VIHF n’est pas le sujet du certificat qui l’a signé.",
                        "Recopier dans Issuer le nom distinctif du certificat.")  # fmt: skip

    def _distrust(self, certificate: x509.Certificate) -> str | None:
        """Why a certificate is not trusted; ``None`` when it is."""
        moment = datetime.now(UTC)
        if not certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc:
            return "est hors de ses dates de validité"
        if self._pki.is_revoked(certificate):
            return "est révoqué"
        for branch in (Branch.PERSONS, Branch.ORGANISATIONS):
            try:
                certificate.verify_directly_issued_by(self._pki.authority(branch).certificate)
            except (ValueError, TypeError, InvalidSignature):
                continue
            return None
        return "ne vient pas d’une autorité reconnue"

    def _check_words(self, vihf: Vihf) -> None:
        if vihf.mode not in _MODES:
            raise fault(
                INVALID_VIHF,
                "Authentification_mode manque ou est inconnu.",
                "DIRECTE, INDIRECTE ou INDIRECTE_RENFORCEE.",
            )
        for name, value in (
            ("NameID", vihf.name_id),
            ("Identifiant_Structure", vihf.structure),
            ("Secteur_Activite", vihf.sector),
        ):
            if not value:
                raise fault(INVALID_VIHF, f"{name} manque dans le VIHF.", f"Renseigner {name}.")
        for name, value in (("ID", vihf.id), ("NameID", vihf.name_id), ("Identifiant_Structure", vihf.structure),
                            ("resource-id", vihf.patient)):  # fmt: skip
            if len(value) > _LONGEST:
                raise fault(
                    INVALID_VIHF, f"{name} est trop long ({len(value)} caractères).", f"Au plus {_LONGEST} caractères."
                )
        if vihf.access is None:
            raise fault(
                INVALID_VIHF,
                "Le motif d’accès (purposeofuse) manque ou est inconnu.",
                "normal, bris_de_glace ou centre_15.",
            )
        if not vihf.roles:
            raise fault(INVALID_VIHF, "Le VIHF ne porte aucun rôle.", "Donner la profession, puis la spécialité.")
        profession = vihf.role(PROFESSIONS) or vihf.role(STUDENTS)
        if profession == "10" and not vihf.role(SPECIALTIES):
            raise fault(
                INVALID_VIHF, "La spécialité manque : elle est due pour un médecin.", "Ajouter un rôle de la TRE_R01."
            )
        if profession == "21" and not vihf.role(PHARMACY_SECTIONS):
            raise fault(
                INVALID_VIHF, "La section manque : elle est due pour un pharmacien.", "Ajouter un rôle de la TRE_G05."
            )
        if vihf.patient:
            cx = Cx.parse(vihf.patient)
            if not cx.id or not cx.authority or cx.type != "NH":
                raise fault(
                    INVALID_VIHF, "resource-id ne désigne pas un patient par son INS.", "Écrire INS^^^&OID&ISO^NH."
                )
            if cx.authority == INS_NIA and self._options.refuse_nia:
                raise fault(INVALID_VIHF, "Le DMP ne s’ouvre pas avec un NIA.", "Refuser l’accès dans le logiciel.")

    def _check_age(self, vihf: Vihf) -> None:
        issued, moment = vihf.issued, datetime.now(UTC)
        if issued is None:
            raise fault(
                INVALID_VIHF, "IssueInstant n’est pas un instant en UTC.", "Écrire par exemple 2026-11-22T09:00:00Z."
            )
        if issued > moment + timedelta(seconds=self._options.clock_tolerance):
            raise fault(INVALID_VIHF, "Le VIHF vient du futur.", "Mettre à l’heure l’horloge du poste.")
        reinforced = vihf.mode == AuthenticationMode.REINFORCED
        lifetime = self._options.reinforced_vihf_lifetime if reinforced else self._options.vihf_lifetime
        if lifetime and issued < moment - timedelta(seconds=lifetime):
            raise fault(
                INVALID_VIHF, f"Le VIHF a plus de {lifetime} secondes.", "Produire le VIHF au moment de la requête."
            )

    def _check_holders(self, vihf: Vihf, card: x509.Certificate, signing: x509.Certificate | None) -> None:
        """In direct mode the channel and the signature are of the card of the user; in the others, of the structure."""
        if not self._options.match_card:
            return
        direct = vihf.mode == AuthenticationMode.DIRECT
        holder_of = common_name if direct else unit_of
        wanted = vihf.name_id if direct else vihf.structure
        for what, certificate in (("du canal TLS", card), ("qui signe le VIHF", signing)):
            if certificate is None or (is_person(certificate) is direct and holder_of(certificate) == wanted):
                continue
            if direct:
                raise fault(INVALID_VIHF, f"En mode direct, le certificat {what} est celui de la carte du NameID du VIHF.",
                            "Employer la carte de l’utilisateur, et y lire son identifiant.", status=403)  # fmt: skip
            raise fault(INVALID_VIHF, f"Hors du mode direct, le certificat {what} est celui d’Identifiant_Structure.",
                        "Employer les certificats de cette structure (ORG_AUTH_CLI, ORG_SIGN).", status=403)  # fmt: skip


def for_signing(certificate: x509.Certificate) -> bool:
    """Whether the key usage of a certificate is to sign (non-repudiation), and not to authenticate."""
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value.content_commitment
    except x509.ExtensionNotFound:
        return False


def is_person(certificate: x509.Certificate) -> bool:
    """Whether a certificate is that of a person: its subject has a surname."""
    return bool(certificate.subject.get_attributes_for_oid(NameOID.SURNAME))


def common_name(certificate: x509.Certificate) -> str:
    """The common name of a subject."""
    return _attribute(certificate, NameOID.COMMON_NAME)


def unit_of(certificate: x509.Certificate) -> str:
    """The organisational unit of a subject: Struct_IdNat for an organisation."""
    return _attribute(certificate, NameOID.ORGANIZATIONAL_UNIT_NAME)


def _attribute(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    found = certificate.subject.get_attributes_for_oid(oid)
    return str(found[0].value) if found else ""

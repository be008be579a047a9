"""Who speaks to the DMP: the user and his card, and the VIHF that is made for each request.

Sources: CI-SIS Transport synchrone (VIHF); test book of the CNDA (EX_GEN-1180: name and version as shown to the user).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree

from conformance import __version__
from conformance.exchange.metadata import Author, Coded
from conformance.exchange.metadata.hl7 import Xcn, Xon
from conformance.exchange.vihf import (
    PROFESSIONS,
    SECTORS,
    SPECIALTIES,
    AccessMode,
    Vihf,
    instant,
    new_id,
    purpose_of,
    vihf_element,
)
from conformance.exchange.vihf_signature import distinguished_name, sign_vihf
from conformance.lgc.header import FACILITY, PROFESSIONALS, STRUCTURES
from conformance.sut.contract import Endpoint, Organization, Professional

APPROVAL = "TEMOIN-0000"
"""The reference product has no approval of the CNDA: it says so with a number that is none."""

Signer = tuple[RSAPrivateKey, x509.Certificate]


@dataclass(frozen=True, slots=True)
class DmpUser:
    """The user, his structure, the service and the card (``endpoint``), the installation (an OID)."""

    practitioner: Professional
    organization: Organization
    endpoint: Endpoint
    installation: str

    @property
    def author(self) -> Author:
        """The user as metadata name him."""
        one = self.practitioner
        profession = one.profession
        return Author(
            person=str(Xcn(one.national_id, one.family, one.given, PROFESSIONALS, "D", "IDNPS")),
            institutions=(str(Xon(self.organization.name, self.organization.national_id, STRUCTURES, "IDNST")),),
            specialties=(f"{profession.code}^{profession.label}^{profession.code_system}",),
        )

    @property
    def signer(self) -> Signer | None:
        """The pair of the card that signs."""
        certificate, key = self.endpoint.signing_certificate, self.endpoint.signing_key
        return _signer(certificate, key) if certificate and key else None


@lru_cache(maxsize=4)
def _signer(certificate: str, key: str) -> Signer:
    loaded = load_pem_private_key(key.encode("ascii"), None)
    if not isinstance(loaded, RSAPrivateKey):
        raise TypeError("the key of the card is not an RSA key")
    return loaded, x509.load_pem_x509_certificate(certificate.encode("ascii"))


class Voucher:
    """Makes the VIHF."""

    def assertion(self, user: DmpUser, patient: str, access: AccessMode = AccessMode.NORMAL) -> etree._Element:
        """The assertion of one request: ``patient`` is the CX of the record."""
        signer = user.signer
        written = vihf_element(self.vihf(user, patient, access, signer[1] if signer else None))
        return sign_vihf(written, *signer) if signer else written

    def vihf(self, user: DmpUser, patient: str, access: AccessMode, signer: x509.Certificate | None) -> Vihf:
        """What the assertion says."""
        one, moment = user.practitioner, instant(self.now())
        return Vihf(
            id=new_id(),
            issue_instant=moment,
            authn_instant=moment,
            issuer=distinguished_name(signer.subject) if signer else f"CN={one.national_id}",
            name_id=one.national_id,
            structure=user.organization.national_id,
            sector=f"{FACILITY.code}^{SECTORS}",
            subject=f"{one.family} {one.given}",
            roles=self.roles(one),
            patient=patient,
            purpose=purpose_of(access),
            lps_name="Logiciel témoin",
            lps_version=__version__,
            approval=APPROVAL,
        )

    def now(self) -> datetime:
        """The time of the assertion."""
        return datetime.now(UTC)

    def roles(self, practitioner: Professional) -> tuple[Coded, ...]:
        """The profession, then the specialty: ``G15_10/SM26`` is a doctor (10) in general medicine (SM26)."""
        profession, _, specialty = practitioner.profession.code.partition("/")
        label = practitioner.profession.label
        roles = (Coded(profession.removeprefix("G15_"), PROFESSIONS, label.partition(" - ")[0]),)
        return (*roles, Coded(specialty, SPECIALTIES, label.partition(" - ")[2] or label)) if specialty else roles

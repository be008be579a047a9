"""The header of French CDA documents (CI-SIS Structuration minimale) as rules: one file per part."""

from __future__ import annotations

from typing import Final

from conformance.cda.header.addresses import ADDRESS, ELSEWHERE, TELECOM, TELECOMS
from conformance.cda.header.authenticators import AUTHENTICATOR, LEGAL_AUTHENTICATOR
from conformance.cda.header.author import AUTHOR
from conformance.cda.header.coherence import COHERENCE
from conformance.cda.header.custodian import CUSTODIAN, RECIPIENT
from conformance.cda.header.datatypes import DATA_TYPES
from conformance.cda.header.document import DOCUMENT, NOT_STRUCTURED
from conformance.cda.header.encounter import ENCOUNTER, ENCOUNTER_PARTICIPANT, RESPONSIBLE_PARTY
from conformance.cda.header.identities import IDENTITIES
from conformance.cda.header.informants import DATA_ENTERER, INFORMANT
from conformance.cda.header.participants import PARTICIPANT
from conformance.cda.header.patient import GUARDIAN, PATIENT
from conformance.cda.header.persons import (
    ASSIGNED_PERSON,
    ASSOCIATED_PERSON,
    GUARDIAN_PERSON,
    ORGANIZATION,
    RECIPIENT_PERSON,
    RELATED_PERSON,
)
from conformance.cda.header.precision import PRECISION
from conformance.cda.header.related import AUTHORIZATION, RELATED
from conformance.cda.header.service_event import EVENT, MAIN_EVENT, ORDER
from conformance.cda.rules import RuleSet

HEADER: Final = RuleSet(
    (
        DOCUMENT,
        NOT_STRUCTURED,
        *DATA_TYPES,
        PATIENT,
        GUARDIAN,
        AUTHOR,
        DATA_ENTERER,
        INFORMANT,
        CUSTODIAN,
        RECIPIENT,
        LEGAL_AUTHENTICATOR,
        AUTHENTICATOR,
        PARTICIPANT,
        ORDER,
        MAIN_EVENT,
        EVENT,
        RELATED,
        AUTHORIZATION,
        ENCOUNTER,
        RESPONSIBLE_PARTY,
        ENCOUNTER_PARTICIPANT,
        ASSIGNED_PERSON,
        ASSOCIATED_PERSON,
        RELATED_PERSON,
        GUARDIAN_PERSON,
        RECIPIENT_PERSON,
        ORGANIZATION,
        ADDRESS,
        TELECOM,
        TELECOMS,
        *ELSEWHERE,
        PRECISION,
        *IDENTITIES,
        *COHERENCE,
    )
)
"""Every rule on the header."""

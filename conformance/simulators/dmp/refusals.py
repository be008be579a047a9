"""How the simulated DMP says no: a code and a sentence; each service puts them where its clients look for them.

The codes that have been published are used where they were seen; where the code is not published, the IHE code that
fits is used, or one of the simulator's own (``DMPInvalidVihf``). The sentences are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from conformance.exchange.registry_messages import ERROR, RegistryError
from conformance.exchange.soap import Fault

ACCESS_FORBIDDEN: Final = "DMPAccessForbidden"
CLOSED: Final = "DMPClosed"
OVERUSE: Final = "DMPAccessDeniedByExcededThreshold"
INVALID_CERTIFICATE: Final = "DMPInvalidCertificate"
INVALID_VIHF: Final = "DMPInvalidVihf"

ERROR_CODES: Final = (
    ACCESS_FORBIDDEN, CLOSED, OVERUSE, INVALID_CERTIFICATE, INVALID_VIHF, "DMPTooManyResult", "DMPFragmentCVAError",
    "XDSMissingDocument", "XDSMissingDocumentMetadata", "XDSRegistryNotAvailable", "XDSRegistryError",
    "XDSRepositoryError", "XDSRegistryDuplicateUniqueIdInMessage", "XDSRepositoryDuplicateUniqueIdInMessage",
    "XDSDuplicateUniqueIdInRegistry", "XDSNonIdenticalHash", "XDSNonIdenticalSize", "XDSRegistryBusy",
    "XDSRepositoryBusy", "XDSRegistryOutOfResources", "XDSRepositoryOutOfResources", "XDSRegistryMetadataError",
    "XDSRepositoryMetadataError", "XDSTooManyResults", "XDSExtraMetadataNotSaved", "XDSUnknownPatientId",
    "XDSPatientIdDoesNotMatch", "XDSUnknownStoredQuery", "XDSStoredQueryMissingParam", "XDSStoredQueryParamNumber",
    "XDSRegistryDeprecatedDocumentError", "XDSUnknownRepositoryId", "XDSDocumentUniqueIdError", "XDSPartialSuccess",
    "XDSMetadataVersionError", "XDSMetadataUpdateOperationError", "XDSMetadataUpdateError", "XDSMissingHomeCommunityId",
    "XDSUnknownCommunity", "XDSResultNotSinglePatient", "UnresolvedReferenceException",
)  # fmt: skip
"""The codes that can be asked for as faults."""

FAULT_CODES: Final = frozenset({INVALID_CERTIFICATE, INVALID_VIHF})
"""Those that travel as SOAP faults, whatever the service."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is refused."""

    code: str
    sentence: str
    location: str = ""

    def as_registry_error(self) -> RegistryError:
        """The reason as the XDS services say it."""
        return RegistryError(self.code, self.sentence, ERROR, self.location)


class Refused(Exception):
    """A request that is understood and refused; ``reasons`` has at least one."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__(", ".join(reason.code for reason in reasons))
        self.reasons = reasons


class Faulted(Exception):
    """A request answered by a SOAP fault; ``status`` is that of HTTP."""

    def __init__(self, fault: Fault, status: int = 400) -> None:
        super().__init__(fault.subcode or fault.code)
        self.fault = fault
        self.status = status


def refuse(code: str, sentence: str, location: str = "") -> Refused:
    """A refusal for one reason."""
    return Refused(Reason(code, sentence, location))


def fault(subcode: str, sentence: str, hint: str = "", *, status: int = 400, receiver: bool = False) -> Faulted:
    """A SOAP fault; of the sender unless ``receiver``."""
    return Faulted(Fault("Receiver" if receiver else "Sender", subcode, sentence, hint), status)

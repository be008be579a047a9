"""What the simulated DMP does where the sources conflict or are silent: options, with the default proposed.

Each option says which sources disagree (dmp reference, contradictions and gaps).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from conformance.core.errors import UsageError
from conformance.core.language import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class DmpOptions:
    """The options. Durations are in seconds; 0 switches a limit off."""

    require_signature_in_direct_mode: bool = False
    """Example messages show direct VIHF with and without signature; a note on 2.10 wants one."""
    require_lot_signature: bool = False
    """Every example lot is signed; whether the server refuses others is not published."""
    require_source_patient_info: bool = True
    """The logical model says 1..1, the mapping of the ANS « optionnel »; present without PID-5, it is refused anyway."""
    require_client_certificate: bool = True
    """Mutual TLS in the handshake; without it, who comes without certificate gets a SOAP fault that says so."""
    match_card: bool = True
    """The certificates of the TLS channel and of the signature are those of the user (direct mode) or of the structure."""
    refuse_nia: bool = True
    """The logical model says « NIR ou NIA », the test book of the CNDA that no record is opened by a NIA."""
    refuse_rplc_2010: bool = False
    """The texts write the replacement association of 2007; some published code that of 2010."""
    retrieve_deleted: bool = False
    """The matrix of rights says that deleted documents can be read, the life cycle that deletion is final."""
    any_doctor_archives: bool = False
    """The test book lets any doctor or author archive; the matrix only an author or the attending doctor."""
    masked_and_hidden_together: bool = False
    """MASQUE_PS with INVISIBLE_PATIENT: a parameter of the DMP forbids it as long as it is false."""
    documents_per_query: int = 20
    """Most documents in a query by identifiers (test 3.1-010); the error code beyond is not published."""
    searches_allowed: int = 100
    """Searches of one user in one record within ``search_window`` before over-use; the real limit is not published."""
    search_window: int = 3600
    patients_per_query: int = 20
    """Most candidates that a search of patients by traits (TD0.5) gives; the real limit is not published."""
    vihf_lifetime: int = 0
    """Age at which a VIHF is refused in the direct and indirect modes; not published."""
    reinforced_vihf_lifetime: int = 30
    """The same in AIR mode (EX_AIR-040)."""
    clock_tolerance: int = 300
    """How far in the future a VIHF may be issued."""
    authorisation_lifetime: int = 0
    """After which an authorisation given by TD0.3 is expired; the duration is not published."""
    document_rights: str = ""
    """File of a table of rights (profession × type of document × access mode), whose lines come before the kit's."""
    largest_message: int = 64 * 1024 * 1024
    """Bytes beyond which a message is refused unread."""

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> DmpOptions:
        """The options of a JSON object. Raises ``UsageError`` for a name or a type that does not exist."""
        known = {one.name: one.type for one in fields(cls)}
        for name, value in values.items():
            wanted = {"bool": bool, "int": int, "str": str}.get(str(known.get(name)))
            if wanted is None or type(value) is not wanted:
                listed = ", ".join(known)
                raise UsageError(
                    "dmp.option",
                    Text(f"L’option « {name} » est inconnue ou sa valeur ne convient pas.",
                         f"The option “{name}” is unknown or its value does not fit."),
                    Text(f"Options : {listed}.", f"Options: {listed}."),
                )  # fmt: skip
        return cls(**values)

"""What a PDF declares of itself: is it a PDF/A, of which part and level? A declaration, not a proof.

Source: ISO 19005-1 §6.7 (identification in the XMP metadata of the document). Whether the file keeps its word
takes a full PDF/A validator, which the kit is not.
"""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass
from typing import Final

LARGEST: Final = 30 * 1024 * 1024
"""Bytes; larger files are not opened."""


@dataclass(frozen=True, slots=True)
class PdfClaim:
    """``part`` (``1``) and ``conformance`` (``A``, ``B``) of PDF/A, empty when not declared; ``encrypted`` or not.

    ``problem``: why the file could not be read, in the words of the library; empty when it could.
    """

    part: str = ""
    conformance: str = ""
    encrypted: bool = False
    problem: str = ""

    @property
    def pdfa_1(self) -> bool:
        """Whether it declares PDF/A-1, and is not encrypted (which PDF/A forbids)."""
        return self.part == "1" and self.conformance.upper() in ("A", "B") and not self.encrypted


def read_claim(data: bytes) -> PdfClaim:
    """What the PDF ``data`` declares. Never raises for a bad file: the claim says so."""
    if b"%PDF-" not in data[:1024]:
        return PdfClaim(problem="%PDF- ?")
    if len(data) > LARGEST:
        return PdfClaim(problem=f"> {LARGEST} bytes")
    from pypdf import PdfReader

    # The library tells its doubts to the log; ours is the finding.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            return PdfClaim(encrypted=True)
        metadata = reader.xmp_metadata
        if metadata is None:
            return PdfClaim()
        return PdfClaim(str(metadata.pdfaid_part or ""), str(metadata.pdfaid_conformance or ""))
    except RecursionError:
        return PdfClaim(problem="recursion")
    except Exception as error:  # whatever a damaged file makes the library raise is the file's fault
        return PdfClaim(problem=f"{type(error).__name__}: {error}"[:200])

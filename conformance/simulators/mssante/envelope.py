"""The grammar of MAIL and RCPT: paths, and the parameters of SIZE, 8BITMIME, SMTPUTF8 and DSN (RFC 5321, 3461)."""

from __future__ import annotations

import re
from typing import Final

from conformance.simulators.mssante.delivery import Recipient

_NOTIFY: Final = frozenset({"NEVER", "SUCCESS", "FAILURE", "DELAY"})
_PARAMETER: Final = re.compile(r"\s+([A-Za-z0-9][A-Za-z0-9-]*)(?:=(\S+))?")
_ADDRESS: Final = re.compile(r"[^\s<>@\x00-\x1f]+@[^\s<>@\x00-\x1f]+")


def path_of(rest: str | None) -> tuple[str | None, dict[str, str] | None]:
    """The address and the parameters behind ``FROM:`` or ``TO:``; ``None`` for what cannot be read.

    The null path is an empty address; a source route is dropped (RFC 5321, appendix C).
    """
    if not rest or not rest.startswith("<") or ">" not in rest:
        return None, None
    path, _, tail = rest[1:].partition(">")
    address = path.rpartition(":")[2] if path.startswith("@") else path
    if address and not (_ADDRESS.fullmatch(address) and _is_text(address)):
        return None, None
    matches = list(_PARAMETER.finditer(tail))
    if "".join(match[0] for match in matches) != tail.rstrip():
        return address, None
    return address, {match[1].upper(): match[2] or "" for match in matches}


def _is_text(address: str) -> bool:
    """Whether its octets were UTF-8: others come as half characters."""
    try:
        address.encode()
    except UnicodeEncodeError:
        return False
    return True


def problem_of_mail(parameters: dict[str, str], size_limit: int) -> str:
    """The refusal that the parameters of MAIL deserve; empty when there is none."""
    unknown = set(parameters) - {"SIZE", "BODY", "SMTPUTF8", "RET", "ENVID", "AUTH"}
    if unknown:
        return f"555 5.5.4 Parameters not known: {' '.join(sorted(unknown))}"
    if parameters.get("BODY", "7BIT").upper() not in ("7BIT", "8BITMIME"):
        return "501 5.5.4 BODY is 7BIT or 8BITMIME"
    if parameters.get("RET", "FULL").upper() not in ("FULL", "HDRS"):
        return "501 5.5.4 RET is FULL or HDRS"
    size = parameters.get("SIZE", "0")
    if not (size.isascii() and size.isdigit()):
        return "501 5.5.4 SIZE is a number"
    if int(size) > size_limit:
        return f"552 5.3.4 The limit is {size_limit} bytes"
    return ""


def recipient_of(address: str | None, parameters: dict[str, str] | None) -> tuple[Recipient | None, str]:
    """The recipient that RCPT names, or the refusal of its form."""
    if not address or parameters is None:
        return None, "501 5.5.4 Syntax: RCPT TO:<address> [parameters]"
    unknown = set(parameters) - {"NOTIFY", "ORCPT"}
    if unknown:
        return None, f"555 5.5.4 Parameters not known: {' '.join(sorted(unknown))}"
    notify = frozenset(part for part in parameters.get("NOTIFY", "").upper().split(",") if part)
    if not notify <= _NOTIFY or ("NEVER" in notify and len(notify) > 1):
        return None, "501 5.5.4 NOTIFY is NEVER, or a list of SUCCESS, FAILURE, DELAY"
    orcpt = parameters.get("ORCPT", "")
    if orcpt and ";" not in orcpt:
        return None, "501 5.5.4 ORCPT is type;address"
    return Recipient(address, notify, orcpt), ""

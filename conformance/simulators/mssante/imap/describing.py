"""ENVELOPE and BODYSTRUCTURE of RFC 3501, 7.4.2."""

from __future__ import annotations

from email.message import Message
from email.utils import getaddresses

from conformance.simulators.mssante.imap.mime import Part
from conformance.simulators.mssante.imap.parsing import quote


def envelope(fields: Message) -> bytes:
    """The envelope structure of a header."""
    senders = _addresses(fields, "From")
    parts = [
        _field(fields, "Date"),
        _field(fields, "Subject"),
        senders,
        _addresses(fields, "Sender") if fields.get("Sender") else senders,
        _addresses(fields, "Reply-To") if fields.get("Reply-To") else senders,
        *(_addresses(fields, name) for name in ("To", "Cc", "Bcc")),
        _field(fields, "In-Reply-To"),
        _field(fields, "Message-ID"),
    ]
    return b"(" + b" ".join(parts) + b")"


def structure(part: Part, extended: bool = True) -> bytes:
    """The body structure; ``extended`` is ``BODYSTRUCTURE``, else ``BODY``."""
    if part.parts and not part.is_message:
        inner = b"".join(structure(one, extended) for one in part.parts)
        said = inner + b" " + quote(part.fields.get_content_subtype().upper())
        if extended:
            said += b" " + b" ".join([_parameters(part.fields, "Content-Type"), *_extension(part.fields)])
        return b"(" + said + b")"
    maintype, _, subtype = part.type.partition("/")
    words = [
        quote(maintype.upper()),
        quote(subtype.upper()),
        _parameters(part.fields, "Content-Type"),
        _field(part.fields, "Content-ID"),
        _field(part.fields, "Content-Description"),
        quote(str(part.fields.get("Content-Transfer-Encoding", "7BIT")).strip().upper()),
        b"%d" % len(part.body),
    ]
    if part.is_message:
        words += [envelope(part.parts[0].fields), structure(part.parts[0], extended), b"%d" % part.lines]
    elif maintype == "text":
        words.append(b"%d" % part.lines)
    if extended:
        words += [b"NIL", *_extension(part.fields)]
    return b"(" + b" ".join(words) + b")"


def _extension(fields: Message) -> list[bytes]:
    """Disposition, language, location."""
    kind = fields.get_content_disposition()
    said = (
        b"NIL"
        if kind is None
        else b"(" + quote(kind.upper()) + b" " + _parameters(fields, "Content-Disposition") + b")"
    )
    return [said, b"NIL", b"NIL"]


def _parameters(fields: Message, header: str) -> bytes:
    # compat32 gives the parameters as they are written, RFC 2231 pieces joined.
    found = fields.get_params(None, header, unquote=True) if fields.get(header) else None
    pairs: list[bytes] = []
    for name, value in (found or [])[1:]:
        text = value[2] if isinstance(value, tuple) else value
        pairs += [quote(name.upper()), quote(text)]
    return b"(" + b" ".join(pairs) + b")" if pairs else b"NIL"


def _field(fields: Message, name: str) -> bytes:
    value = fields.get(name)
    return b"NIL" if value is None else quote(" ".join(str(value).split()))


def _addresses(fields: Message, name: str) -> bytes:
    try:
        pairs = getaddresses([str(one) for one in fields.get_all(name, [])])
    except RecursionError:  # comments nested by the thousand: nobody's address
        return b"NIL"
    found = [(label, address) for label, address in pairs if address]
    if not found:
        return b"NIL"
    said = b""
    for label, address in found:
        local, _, domain = address.rpartition("@")
        said += b"(" + b" ".join([quote(label or None), b"NIL", quote(local), quote(domain)]) + b")"
    return b"(" + said + b")"

"""The one form in which a bundle is written: what any other zip tool would have done otherwise can be told.

Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (its end).
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Sequence

DATE = (1980, 1, 1, 0, 0, 0)
"""The date of every entry: the first that a zip can say. The times that matter stand in the manifest."""
ATTRIBUTES = 0o100644 << 16

_VERSION = 20
_UNIX = 3
_DAY = 33
"""1980-01-01, as a zip says it."""
_MOST_ENTRIES = 0xFFFF
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s2B5H3L5H2L")
_END = struct.Struct("<4s4H2LH")


def entry_of(path: str) -> zipfile.ZipInfo:
    """The entry that a bundle makes of a file."""
    entry = zipfile.ZipInfo(path, DATE)
    entry.external_attr = ATTRIBUTES
    entry.create_system = _UNIX
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def header_was_changed(data: bytes, entry: zipfile.ZipInfo) -> bool:
    """True when the header before a file is not the one that a bundle writes."""
    return not data.startswith(_local(entry), entry.header_offset)


def frame_was_changed(data: bytes, entries: Sequence[zipfile.ZipInfo]) -> bool:
    """True when the archive is not its files one after the other, then their directory, and nothing else."""
    if len(entries) > _MOST_ENTRIES:
        return True
    at = 0
    for entry in entries:
        if entry.header_offset != at:
            return True
        at += len(_local(entry)) + entry.compress_size
    directory = b"".join(map(_central, entries))
    end = _END.pack(b"PK\x05\x06", 0, 0, len(entries), len(entries), len(directory), at & 0xFFFFFFFF, 0)
    return len(data) != at + len(directory) + len(end) or not data.endswith(directory + end)


def _local(entry: zipfile.ZipInfo) -> bytes:
    name = entry.filename.encode(errors="replace")
    return _LOCAL.pack(b"PK\x03\x04", _VERSION, *_common(entry), len(name), 0) + name


def _central(entry: zipfile.ZipInfo) -> bytes:
    name = entry.filename.encode(errors="replace")
    common = (_VERSION, *_common(entry))
    rest = (len(name), 0, 0, 0, 0, ATTRIBUTES, entry.header_offset & 0xFFFFFFFF)
    return _CENTRAL.pack(b"PK\x01\x02", _VERSION, _UNIX, *common, *rest) + name


def _common(entry: zipfile.ZipInfo) -> tuple[int, ...]:
    """What both headers say: flags, method, time, day, checksum, sizes."""
    sizes = entry.CRC, entry.compress_size & 0xFFFFFFFF, entry.file_size & 0xFFFFFFFF
    return (0, zipfile.ZIP_DEFLATED, 0, _DAY, *sizes)

"""IHE XDM archives: reads one safely, in memory, and finds its metadata and documents whatever the case of names.

Nothing is ever written to disk. An archive that could harm a reader (bomb, path outside the archive, link,
encryption, two files of one name…) is refused whole, with a sentence of its own, before anything is unpacked.
Sources: IHE ITI TF-2 §3.32 (layout); the limits are the kit's own, far above what a message of 25 MB holds.
"""

from __future__ import annotations

import io
import stat
import struct
import time
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote

from conformance.core.errors import DocumentError
from conformance.core.language import Text
from conformance.exchange.metadata import DocumentEntry, MetadataFile, read_metadata

METADATA: Final = "METADATA.XML"
INDEX: Final = "INDEX.HTM"
README: Final = "README.TXT"
FOLDER: Final = "IHE_XDM"

_MIB: Final = 1024 * 1024
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_CHUNK: Final = 256 * 1024
_BEFORE_XML: Final = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"
_CLINICAL_DOCUMENT: Final = tuple("ClinicalDocument".encode(form) for form in ("utf-8", "utf-16-le", "utf-16-be"))


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What the reader accepts: sizes in bytes, ``ratio`` of unpacked to packed (above 1 MiB), ``seconds`` in all.

    ``xml`` and ``tags`` limit each XML file, which takes many times its size once parsed; ``all_tags`` all of them
    (the largest published document has some 6,000).
    """

    packed: int = 40 * _MIB
    unpacked: int = 64 * _MIB
    xml: int = 16 * _MIB
    tags: int = 50_000
    all_tags: int = 150_000
    entries: int = 500
    ratio: int = 100
    seconds: float = 8.0


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the archive: its path with ``/``, as written, and its bytes."""

    path: str
    data: bytes

    @property
    def folder(self) -> str:
        """The folder that holds it; empty at the root."""
        return self.path.rpartition("/")[0]

    @property
    def file_name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]

    @property
    def looks_clinical(self) -> bool:
        """Whether it names a ClinicalDocument, be it well-formed or not."""
        return any(name in self.data for name in _CLINICAL_DOCUMENT)


@dataclass(eq=False)
class Subset:
    """A folder with its METADATA.XML: what it says, or why it could not be read."""

    file: Member
    metadata: MetadataFile | None
    error: DocumentError | None = None


@dataclass(eq=False)
class Archive:
    """An archive that could be read."""

    name: str
    members: tuple[Member, ...]
    subsets: tuple[Subset, ...]

    @property
    def cdas(self) -> int:
        """How many of its files look like CDA documents, described by metadata or not."""
        return sum(member.looks_clinical for member in self.members)

    def find(self, path: str) -> Member | None:
        """The file at ``path``, in any case."""
        wanted = path.casefold()
        return next((member for member in self.members if member.path.casefold() == wanted), None)

    def document(self, subset: Subset, entry: DocumentEntry) -> Member | None:
        """The file that an entry names by its URI, from the folder of its metadata; ``None`` when there is none.

        Also found: from the folder above and from the root, as some products write it.
        """
        if not entry.uri:
            return None
        folder = subset.file.folder
        for base in dict.fromkeys((folder, folder.rpartition("/")[0], "")):
            for uri in dict.fromkeys((entry.uri, unquote(entry.uri))):
                path = _inside(base, uri)
                found = self.find(path) if path else None
                if found is not None:
                    return found
        return None

    def documents(self) -> Iterator[tuple[Subset, DocumentEntry, Member | None]]:
        """Every entry of every subset with its file."""
        for subset in self.subsets:
            for entry in subset.metadata.objects.documents if subset.metadata else ():
                yield subset, entry, self.document(subset, entry)


def is_zip(data: bytes) -> bool:
    """Whether ``data`` begins as a zip archive does."""
    return data[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def is_xdm_name(name: str) -> bool:
    """Whether an attachment called ``name`` says that it is an XDM archive (any case)."""
    return name.casefold() == "ihe_xdm.zip"


def read_archive(data: bytes, name: str = "IHE_XDM.ZIP", limits: ArchiveLimits | None = None) -> Archive:
    """Read an archive from its bytes; ``name`` is what messages call it.

    Raises ``DocumentError`` (``archive.…``) for what is no archive, is damaged, or could harm.
    """
    limits = limits or ArchiveLimits()
    end = time.monotonic() + limits.seconds
    _refuse_before_opening(data, limits)
    try:
        opened = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error) as error:
        raise _corrupt(str(error)) from None
    with opened:
        entries = opened.infolist()
        _refuse_entries(opened, entries, limits)
        members = tuple(_unpack(opened, entry, end) for entry in entries if not entry.is_dir())
    _refuse_heavy_xml(members, limits)
    subsets = tuple(_subset(member) for member in members if member.file_name.upper() == METADATA)
    return Archive(name, members, subsets)


def _subset(member: Member) -> Subset:
    try:
        return Subset(member, read_metadata(member.data, member.path))
    except DocumentError as error:
        return Subset(member, None, error)


def _inside(base: str, uri: str) -> str | None:
    """``uri`` from the folder ``base``, as a path of the archive; ``None`` when it leads outside."""
    if ":" in uri:
        return None
    steps: list[str] = []
    for step in PurePosixPath(base, uri.replace("\\", "/")).parts:
        if step in ("/", "//"):
            return None
        if step == "..":
            if not steps:
                return None
            steps.pop()
        elif step != ".":
            steps.append(step)
    return "/".join(steps)


# Refusals ---------------------------------------------------------------------------------------------------

_END_RECORD: Final = struct.Struct("<4s4H2LH")
_ZIP64_LOCATOR: Final = b"PK\x06\x07"
_LARGEST_DIRECTORY: Final = _MIB


def _refuse_before_opening(data: bytes, limits: ArchiveLimits) -> None:
    """What the standard reader would choke on: size, no archive at all, ZIP64, an endless directory."""
    if len(data) > limits.packed:
        raise _error(
            "too-large",
            f"L’archive fait {len(data)} octets ; la limite est de {limits.packed}.",
            f"The archive has {len(data)} bytes; the limit is {limits.packed}.",
            "Aucun opérateur MSSanté n’accepte un tel message : vérifier ce qui l’a produite.",
            "No MSSanté operator accepts such a message: check what produced it.",
        )
    if not data:
        raise _error("empty", "L’archive est vide (0 octet).", "The archive is empty (0 bytes).",
                     "Vérifier que la pièce jointe a bien été écrite.", "Check that the attachment was written.")  # fmt: skip
    if not is_zip(data):
        raise _error("not-a-zip", "La pièce n’est pas une archive zip.", "The file is not a zip archive.",
                     "Joindre l’archive IHE_XDM.zip elle-même, encodée une seule fois.",
                     "Attach the archive IHE_XDM.zip itself, encoded once.")  # fmt: skip
    start = data.rfind(b"PK\x05\x06")
    if start < 0 or len(data) - start < _END_RECORD.size:
        raise _error("truncated", "L’archive est tronquée : sa table des matières manque.",
                     "The archive is truncated: its table of contents is missing.",
                     "Elle a sans doute été coupée à l’écriture ou au transfert ; la renvoyer.",
                     "It was probably cut while written or transferred; send it again.")  # fmt: skip
    _, _, _, _, count, size, offset, _ = _END_RECORD.unpack_from(data, start)
    if data[max(start - 20, 0) :].startswith(_ZIP64_LOCATOR) or 0xFFFFFFFF in (size, offset) or count == 0xFFFF:
        raise _error("zip64", "L’archive est au format ZIP64, fait pour plus de 4 Go ou de 65 535 fichiers.",
                     "The archive is in the ZIP64 format, made for more than 4 GB or 65,535 files.",
                     "L’écrire au format zip ordinaire.", "Write it in the ordinary zip format.")  # fmt: skip
    if count > limits.entries or size > _LARGEST_DIRECTORY:
        raise _too_many(count, limits)


def _refuse_entries(opened: zipfile.ZipFile, entries: list[zipfile.ZipInfo], limits: ArchiveLimits) -> None:
    if len(entries) > limits.entries:
        raise _too_many(len(entries), limits)
    if not entries:
        raise _error("no-files", "L’archive ne contient aucun fichier.", "The archive holds no file.",
                     "Y placer IHE_XDM/SUBSET01/METADATA.XML et les documents.",
                     "Put IHE_XDM/SUBSET01/METADATA.XML and the documents in it.")  # fmt: skip
    seen: dict[str, str] = {}
    for entry in entries:
        _refuse_name(entry)
        _refuse_kind(entry)
        if not _path(entry):  # "./", the folder of everything
            continue
        key = unicodedata.normalize("NFC", _path(entry)).casefold()
        if key in seen:
            raise _error(
                "duplicate-name",
                f"L’archive contient deux fois « {_shown(entry)} » : deux lecteurs n’y liraient pas le même fichier.",
                f"The archive holds “{_shown(entry)}” twice: two readers would not read the same file.",
                "Donner un nom propre à chaque fichier (la casse ne compte pas).",
                "Give each file a name of its own (case does not count).",
            )
        seen[key] = entry.filename
    _refuse_bombs(entries, limits)
    _refuse_overlaps(opened, entries)


def _refuse_name(entry: zipfile.ZipInfo) -> None:
    raw = entry.orig_filename
    if any(ord(character) < 32 or ord(character) == 127 for character in raw):
        raise _error("control-character", f"Le nom « {_shown(entry)} » contient un caractère de contrôle.",
                     f"The name “{_shown(entry)}” holds a control character.",
                     "Nommer les fichiers en lettres capitales et chiffres.", "Name files in capitals and digits.")  # fmt: skip
    if not _path(entry) and not entry.filename.endswith("/"):
        raise _error("nameless", "Un fichier de l’archive n’a pas de nom.", "A file of the archive has no name.",
                     "Réécrire l’archive avec un outil ordinaire.", "Write the archive again with an ordinary tool.")  # fmt: skip
    path = raw.replace("\\", "/")
    if path.startswith("/") or ":" in path or ".." in path.split("/"):
        raise _error(
            "zip-slip",
            f"Le nom « {_shown(entry)} » mène hors de l’archive : l’extraire écrirait ailleurs que dans son dossier.",
            f"The name “{_shown(entry)}” leads outside the archive: extracting it would write elsewhere than in its folder.",
            "Nommer chaque fichier par un chemin relatif, sans .. ni lettre de lecteur.",
            "Name each file by a relative path, without .. nor drive letter.",
        )


def _refuse_kind(entry: zipfile.ZipInfo) -> None:
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _error("link", f"« {_shown(entry)} » est un lien ou un fichier spécial, pas un fichier.",
                     f"“{_shown(entry)}” is a link or a special file, not a file.",
                     "Placer dans l’archive les fichiers eux-mêmes.", "Put the files themselves in the archive.")  # fmt: skip
    if entry.flag_bits & 0x1:
        raise _error("encrypted", f"« {_shown(entry)} » est chiffré : personne ne peut lire l’archive sans mot de passe.",
                     f"“{_shown(entry)}” is encrypted: nobody can read the archive without a password.",
                     "Ne pas chiffrer l’archive ; MSSanté protège déjà le message.",
                     "Do not encrypt the archive; MSSanté already protects the message.")  # fmt: skip
    if entry.compress_type not in _METHODS:
        raise _error("method", f"« {_shown(entry)} » est compressé par la méthode {entry.compress_type}, que peu de lecteurs connaissent.",
                     f"“{_shown(entry)}” is compressed by method {entry.compress_type}, which few readers know.",
                     "Compresser en « deflate », ou ne pas compresser.", "Compress with “deflate”, or not at all.")  # fmt: skip


def _refuse_bombs(entries: list[zipfile.ZipInfo], limits: ArchiveLimits) -> None:
    total = sum(entry.file_size for entry in entries)
    worst = max(entries, key=lambda entry: entry.file_size)
    ratio = worst.file_size / max(worst.compress_size, 1)
    if total > limits.unpacked or (worst.file_size > _MIB and ratio > limits.ratio):
        raise _error(
            "bomb",
            f"L’archive se déplie en {total} octets (« {_shown(worst)} » : {ratio:.0f} fois sa taille) : c’est une bombe de décompression.",
            f"The archive unpacks to {total} bytes (“{_shown(worst)}”: {ratio:.0f} times its size): it is a zip bomb.",
            f"Rester sous {limits.unpacked} octets dépliés.",
            f"Stay under {limits.unpacked} bytes unpacked.",
        )


def _refuse_overlaps(opened: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """Entries that share their bytes are how a small archive unpacks to a huge one."""
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    ends = [*(entry.header_offset for entry in ordered[1:]), opened.start_dir]
    for entry, end in zip(ordered, ends, strict=True):
        if entry.header_offset + 30 + entry.compress_size > end:
            raise _error("overlap", f"« {_shown(entry)} » chevauche un autre fichier de l’archive.",
                         f"“{_shown(entry)}” overlaps another file of the archive.",
                         "Réécrire l’archive avec un outil ordinaire.", "Write the archive again with an ordinary tool.")  # fmt: skip


def _unpack(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, end: float) -> Member:
    buffer = io.BytesIO()
    try:
        with opened.open(entry) as stream:
            while chunk := stream.read(_CHUNK):
                buffer.write(chunk)
                if time.monotonic() > end:
                    raise _error("too-slow", "L’archive met trop de temps à se déplier.", "The archive takes too long to unpack.",
                                 "Vérifier ce qui l’a produite.", "Check what produced it.")  # fmt: skip
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError, struct.error) as error:
        raise _corrupt(f"{_shown(entry)}: {error}") from None
    return Member(_path(entry), buffer.getvalue())


def _refuse_heavy_xml(members: Iterable[Member], limits: ArchiveLimits) -> None:
    written = [one for one in members if one.data[:200].lstrip(_BEFORE_XML)[:1] == b"<"]
    whole = 0
    for member in written:
        tags = member.data.count(b"<")
        whole += tags
        if len(member.data) > limits.xml or tags > limits.tags:
            raise _error("heavy-xml", f"« {member.path} » est démesuré : {len(member.data)} octets, {tags} balises.",
                         f"“{member.path}” is monstrous: {len(member.data)} bytes, {tags} tags.",
                         f"Rester sous {limits.xml} octets et {limits.tags} balises par document.",
                         f"Stay under {limits.xml} bytes and {limits.tags} tags a document.")  # fmt: skip
    if whole > limits.all_tags:
        raise _error("heavy-xml", f"Les documents de l’archive sont démesurés : {whole} balises en tout.",
                     f"The documents of the archive are monstrous: {whole} tags in all.",
                     f"Rester sous {limits.all_tags} balises par archive ; envoyer les documents en plusieurs messages.",
                     f"Stay under {limits.all_tags} tags an archive; send the documents in several messages.")  # fmt: skip


def _path(entry: zipfile.ZipInfo) -> str:
    """The path of a file, without what changes nothing in it: ``./INDEX.HTM`` is ``INDEX.HTM``."""
    return "/".join(step for step in entry.filename.replace("\\", "/").split("/") if step not in ("", "."))


def _shown(entry: zipfile.ZipInfo) -> str:
    """The name of an entry as a sentence may quote it."""
    return entry.orig_filename.encode("unicode_escape").decode("ascii")[:120] if not entry.orig_filename.isprintable() else entry.orig_filename[:120]  # fmt: skip


def _too_many(count: int, limits: ArchiveLimits) -> DocumentError:
    return _error("too-many-files", f"L’archive annonce {count} fichiers ; la limite est de {limits.entries}.",
                  f"The archive announces {count} files; the limit is {limits.entries}.",
                  "Une archive IHE_XDM ne porte que les documents d’un patient.",
                  "An IHE_XDM archive carries the documents of one patient only.")  # fmt: skip


def _corrupt(reason: str) -> DocumentError:
    return _error("corrupt", f"L’archive est endommagée ({reason}).", f"The archive is damaged ({reason}).",
                  "La réécrire ou la renvoyer : un lecteur ne peut rien en tirer de sûr.",
                  "Write or send it again: a reader can get nothing safe from it.")  # fmt: skip


def _error(code: str, fr: str, en: str, hint_fr: str, hint_en: str) -> DocumentError:
    return DocumentError(f"archive.{code}", Text(fr, en), Text(hint_fr, hint_en))

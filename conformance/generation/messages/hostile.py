"""Messages that break the rules or mean harm: a product must not file them of itself, and must stay alive."""

from __future__ import annotations

import io
import random
import stat
import struct
import zipfile
from dataclasses import replace

from conformance.exchange.mail import Attachment
from conformance.exchange.metadata import RegistryObjects, write_metadata
from conformance.exchange.xdm import read_archive
from conformance.exchange.xdm_writing import with_files, write_zip
from conformance.generation.messages.case import CASES, Outcome
from conformance.generation.messages.ordinary import about
from conformance.generation.messages.post import Post, files_of
from conformance.generation.messages.variants import OTHER, Changes, vary

REFUSED, WORKLIST = Outcome.REFUSED, Outcome.WORKLIST
_METADATA = "IHE_XDM/SUBSET01/METADATA.XML"


def _members(post: Post) -> dict[str, bytes]:
    return {member.path: member.data for member in read_archive(post.archive([post.level_3])).members}


def _with_archive(post: Post, archive: bytes) -> list[bytes]:
    return [post.send([post.level_3], archive)]


@CASES.case("Hash de METADATA.XML qui n’est pas celui du fichier.", WORKLIST, rules=("crosscheck.hash",))
def hash_mismatch(post: Post) -> list[bytes]:
    """A hash in METADATA.XML that is not that of the file."""
    return [_with_entry(post, hash="0" * 40)]


@CASES.case("Taille de METADATA.XML qui n’est pas celle du fichier.", WORKLIST, rules=("crosscheck.size",))
def size_mismatch(post: Post) -> list[bytes]:
    """A size in METADATA.XML that is not that of the file."""
    return [_with_entry(post, size=7)]


@CASES.case("URI qui ne mène à aucun fichier.", WORKLIST, rules=("archive.file", "archive.a-cda"))
def missing_file(post: Post) -> list[bytes]:
    """A URI that leads to no file."""
    return [_with_entry(post, uri="DOC0009.XML")]


def _with_entry(post: Post, **changes: object) -> bytes:
    objects = post.metadata([post.level_3])
    entries = tuple(replace(entry, **changes) for entry in objects.documents)  # type: ignore[arg-type]  # fields by name
    return post.send([post.level_3], post.archive([post.level_3], replace(objects, documents=entries)))


@CASES.case("Deux patients dans une archive.", WORKLIST, rules=("metadata.one-patient", "crosscheck.one-patient"))
def two_patients(post: Post) -> list[bytes]:
    """Two patients in one archive."""
    return [post.send([post.level_3, about(post.level_3, OTHER, 8)])]


@CASES.case("METADATA.XML nomme un patient, le CDA un autre.", WORKLIST, rules=("crosscheck.patientId",))
def metadata_of_another(post: Post) -> list[bytes]:
    """METADATA.XML names one patient, the CDA another."""
    objects = post.metadata([post.level_3])
    other = post.metadata([about(post.level_3, OTHER, 9)])
    entries = tuple(
        replace(entry, patient_id=other.documents[0].patient_id, source_patient_info=other.documents[0].source_patient_info)
        for entry in objects.documents
    )  # fmt: skip
    sets = tuple(replace(one, patient_id=other.documents[0].patient_id) for one in objects.submission_sets)
    changed = replace(objects, documents=entries, submission_sets=sets)
    return _with_archive(post, post.archive([post.level_3], changed))


@CASES.case("Archive sans METADATA.XML.", WORKLIST, rules=("archive.metadata",))
def missing_metadata(post: Post) -> list[bytes]:
    """An archive without METADATA.XML."""
    members = _members(post)
    del members[_METADATA]
    return _with_archive(post, write_zip(members.items()))


@CASES.case("Document qui n’est pas un CDA.", WORKLIST, rules=("archive.a-cda", "mail.x-mss-ins-without-cda", "mail.x-mss-codecda-without-cda"), refused="decoding.not-a-clinical-document")  # fmt: skip
def not_a_cda(post: Post) -> list[bytes]:
    """A document that is no CDA."""
    page = b'<?xml version="1.0" encoding="UTF-8"?><lettre>Bonjour</lettre>'
    return _with_archive(post, post.archive([page], _described(post, page)))


def _described(post: Post, document: bytes) -> RegistryObjects:
    return with_files(post.metadata([post.level_3]), files_of([document]))


@CASES.case("patientId échappé deux fois (&amp;amp;).", WORKLIST, rules=(
    "metadata.document.patientId.form", "metadata.submission-set.patientId.form", "crosscheck.patientId"))  # fmt: skip
def double_escape(post: Post) -> list[bytes]:
    """A patientId escaped twice (&amp;amp;)."""
    members = _members(post)
    members[_METADATA] = members[_METADATA].replace(b"^^^&amp;", b"^^^&amp;amp;")
    return _with_archive(post, write_zip(members.items()))


@CASES.case("Archive endommagée : un octet changé.", REFUSED, refused="archive.corrupt")
def corrupt_zip(post: Post) -> list[bytes]:
    """A damaged archive: bytes changed in the middle of a file."""
    archive = bytearray(post.archive([post.level_3]))
    middle = len(archive) // 2
    archive[middle : middle + 40] = bytes(40)
    return _with_archive(post, bytes(archive))


@CASES.case("Archive tronquée.", REFUSED, refused="archive.truncated")
def truncated_zip(post: Post) -> list[bytes]:
    """A truncated archive."""
    archive = post.archive([post.level_3])
    return _with_archive(post, archive[: len(archive) // 2])


@CASES.case("Archive de zéro octet.", REFUSED, refused="archive.empty")
def empty_zip(post: Post) -> list[bytes]:
    """An archive of zero bytes."""
    return _with_archive(post, b"")


@CASES.case("Bombe de décompression : 128 Mo de zéros.", REFUSED, refused="archive.bomb")
def zip_bomb(post: Post) -> list[bytes]:
    """A zip bomb: 128 MB of zeros in the document."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in _members(post).items():
            archive.writestr(zipfile.ZipInfo(name), data)
        bomb = zipfile.ZipInfo("IHE_XDM/SUBSET01/DOC0002.XML")
        bomb.compress_type = zipfile.ZIP_DEFLATED
        with archive.open(bomb, "w") as stream:
            for _ in range(128):
                stream.write(bytes(1024 * 1024))
    return _with_archive(post, buffer.getvalue())


@CASES.case("Fichiers qui se recouvrent dans l’archive.", REFUSED, refused="archive.overlap")
def overlapping_zip(post: Post) -> list[bytes]:
    """Files that share their bytes in the archive."""
    archive = bytearray(post.archive([post.level_3]))
    first = archive.find(b"PK\x01\x02")
    second = archive.find(b"PK\x01\x02", first + 4)
    archive[second + 42 : second + 46] = archive[first + 42 : first + 46]
    return _with_archive(post, bytes(archive))


def _named(post: Post, name: str) -> list[bytes]:
    members = _members(post)
    return _with_archive(post, write_zip([*members.items(), (name, b"pris")]))


@CASES.case("Chemin qui sort du dossier (../).", REFUSED, refused="archive.zip-slip")
def zip_slip(post: Post) -> list[bytes]:
    """A path that leaves the folder (../)."""
    return _named(post, "IHE_XDM/SUBSET01/../../../../intrus.txt")


@CASES.case("Chemin absolu.", REFUSED, refused="archive.zip-slip")
def absolute_path(post: Post) -> list[bytes]:
    """An absolute path."""
    return _named(post, "/var/intrus.txt")


@CASES.case("Chemin à lettre de lecteur.", REFUSED, refused="archive.zip-slip")
def drive_letter(post: Post) -> list[bytes]:
    """A path with a drive letter."""
    return _named(post, "C:\\intrus.txt")


@CASES.case("Deux fichiers du même nom, à la casse près.", REFUSED, refused="archive.duplicate-name")
def duplicate_names(post: Post) -> list[bytes]:
    """Two files of one name, but for case."""
    return _named(post, "IHE_XDM/SUBSET01/doc0001.xml")


@CASES.case("Nom avec un caractère de contrôle.", REFUSED, refused="archive.control-character")
def control_character(post: Post) -> list[bytes]:
    """A name with a control character."""
    return _named(post, "IHE_XDM/SUBSET01/DOC\x1b[2J.XML")


@CASES.case("Lien symbolique dans l’archive.", REFUSED, refused="archive.link")
def symbolic_link(post: Post) -> list[bytes]:
    """A symbolic link in the archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in _members(post).items():
            archive.writestr(zipfile.ZipInfo(name), data)
        link = zipfile.ZipInfo("IHE_XDM/SUBSET01/LIEN.XML")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/hostname")
    return _with_archive(post, buffer.getvalue())


@CASES.case("Archive chiffrée.", REFUSED, refused="archive.encrypted")
def encrypted_zip(post: Post) -> list[bytes]:
    """An encrypted archive."""
    archive = bytearray(post.archive([post.level_3]))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = archive.find(signature)
        while start >= 0:
            archive[start + at] |= 1
            start = archive.find(signature, start + 4)
    return _with_archive(post, bytes(archive))


@CASES.case("Méthode de compression rare (bzip2).", REFUSED, refused="archive.method")
def rare_method(post: Post) -> list[bytes]:
    """A rare method of compression (bzip2)."""
    return _with_archive(post, write_zip(_members(post).items(), zipfile.ZIP_BZIP2))


@CASES.case("Archive ZIP64.", REFUSED, refused="archive.zip64")
def zip64(post: Post) -> list[bytes]:
    """An archive that announces the ZIP64 format."""
    archive = bytearray(post.archive([post.level_3]))
    end = archive.rfind(b"PK\x05\x06")
    struct.pack_into("<HH", archive, end + 8, 0xFFFF, 0xFFFF)
    return _with_archive(post, bytes(archive))


@CASES.case("Archive de plusieurs milliers de fichiers.", REFUSED, refused="archive.too-many-files")
def too_many_files(post: Post) -> list[bytes]:
    """An archive of several thousand files."""
    many = ((f"IHE_XDM/SUBSET01/D{rank:07d}.TXT", b"") for rank in range(3000))
    return _with_archive(post, write_zip([*_members(post).items(), *many], zipfile.ZIP_STORED))


@CASES.case("Entité externe (XXE) dans METADATA.XML.", REFUSED, refused="metadata.dtd")
def xxe_in_metadata(post: Post) -> list[bytes]:
    """An external entity (XXE) in METADATA.XML."""
    declaration = b'<!DOCTYPE x [<!ENTITY lu SYSTEM "file:///etc/hostname">]>\n'
    return _with_doctype(post, declaration)


@CASES.case("Milliard de rires dans METADATA.XML.", REFUSED, refused="metadata.dtd")
def billion_laughs(post: Post) -> list[bytes]:
    """Entities that multiply (billion laughs) in METADATA.XML."""
    entities = [b'<!ENTITY a0 "ha">']
    entities += [f'<!ENTITY a{rank} "{f"&a{rank - 1};" * 10}">'.encode() for rank in range(1, 10)]
    return _with_doctype(post, b"<!DOCTYPE x [" + b"".join(entities) + b"]>\n")


def _with_doctype(post: Post, doctype: bytes) -> list[bytes]:
    members = _members(post)
    head, newline, rest = write_metadata(post.metadata([post.level_3])).partition(b"\n")
    members[_METADATA] = head + newline + doctype + rest
    return _with_archive(post, write_zip(members.items()))


@CASES.case("Entité externe (XXE) dans le CDA.", REFUSED, refused="decoding.dtd")
def xxe_in_cda(post: Post) -> list[bytes]:
    """An external entity (XXE) in the CDA document."""
    head, newline, rest = post.level_3.partition(b"\n")
    document = head + newline + b'<!DOCTYPE x [<!ENTITY lu SYSTEM "file:///etc/hostname">]>\n' + rest
    return _with_archive(post, post.archive([document], _described(post, document)))


@CASES.case("Message de plus de 25 Mo.", REFUSED, sure=False, rules=("mail.pdf-a",))
def oversize(post: Post) -> list[bytes]:
    """A message of more than 25 MB."""
    noise = random.Random(4071).randbytes(19 * 1024 * 1024)
    draft = post.draft([post.level_3])
    scan = Attachment("20240611_Imagerie_PRIGENT_MAELLE.pdf", "application/pdf", noise)
    return [post.send([post.level_3], attachments=(*draft.attachments, scan))]


@CASES.case("CDA réencodé en chemin : ni le hash ni la taille ne sont plus justes.", WORKLIST, rules=(
    "crosscheck.hash", "crosscheck.size"))  # fmt: skip
def reencoded_cda(post: Post) -> list[bytes]:
    """A CDA document encoded again on its way: hash and size are no longer right."""
    members = _members(post)
    path = "IHE_XDM/SUBSET01/DOC0001.XML"
    members[path] = vary(members[path], Changes()).replace(b"\n", b"\r\n")
    return _with_archive(post, write_zip(members.items()))

"""Checks of the layout of an XDM archive: what must be in it, where, under which names.

Sources: IHE ITI TF-2 §3.32 (read second hand), published French archives; what only good sense asks is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from conformance.core.errors import DocumentError
from conformance.core.findings import Finding, Place, Severity, Trust
from conformance.core.language import Text
from conformance.exchange.checks.rules import ExchangeRule, RuleBook, found_words
from conformance.exchange.xdm import FOLDER, INDEX, METADATA, README, Archive, Member, is_zip

BOOK: Final = RuleBook("archive")

_SOURCE: Final = "IHE ITI TF-2 §3.32.4.1"
_REQUIREMENTS: Final = ("MSS/va1.01", "SC.MSS/CONF.23")
_PLAIN_NAME: Final = re.compile(r"[A-Z0-9_]{1,8}(\.[A-Z0-9_]{1,3})?")
_ROOT_FILES: Final = (INDEX, README)


def _warning(key: str, fr: str, en: str, trust: Trust = Trust.OWN) -> None:
    BOOK.rule(key, fr, en, _SOURCE, severity=Severity.WARNING, trust=trust, requirements=_REQUIREMENTS)


_METADATA: Final = BOOK.rule(
    "metadata",
    f"l’archive contient {FOLDER}/SUBSET01/{METADATA}",
    f"the archive holds {FOLDER}/SUBSET01/{METADATA}",
    _SOURCE, trust=Trust.SECOND_HAND, requirements=_REQUIREMENTS,
)  # fmt: skip
_FOLDER: Final = BOOK.rule(
    "folder",
    f"chaque {METADATA} est dans un sous-dossier de {FOLDER} (SUBSET01, SUBSET02…)",
    f"each {METADATA} is in a sub-folder of {FOLDER} (SUBSET01, SUBSET02…)",
    _SOURCE, trust=Trust.SECOND_HAND, requirements=_REQUIREMENTS,
)  # fmt: skip
_FILE: Final = BOOK.rule(
    "file",
    "l’URI de chaque document mène à un fichier de l’archive",
    "the URI of each document leads to a file of the archive",
    _SOURCE, requirements=_REQUIREMENTS,
)  # fmt: skip
_A_CDA: Final = BOOK.rule(
    "a-cda",
    "l’archive contient au moins un document CDA décrit par ses métadonnées",
    "the archive holds at least one CDA document that its metadata describe",
    "Référentiel socle MSSanté #2, ECO.2.1.1",
    trust=Trust.SECOND_HAND, requirements=_REQUIREMENTS,
)  # fmt: skip

_warning("index", f"la racine de l’archive contient {INDEX}", f"the root of the archive holds {INDEX}")
_warning("readme", f"la racine de l’archive contient {README}", f"the root of the archive holds {README}")
_warning(
    "capitals",
    "les fichiers du profil ont leur nom en capitales",
    "the files of the profile have their names in capitals",
)
_warning(
    "names",
    "les documents ont un nom de huit caractères au plus et une extension de trois, en capitales sans accent (ISO 9660)",
    "documents have a name of eight characters at most and an extension of three, in capitals without accents (ISO 9660)",
    Trust.SECOND_HAND,
)
_warning(
    "described",
    "chaque fichier d’un sous-dossier est décrit par ses métadonnées",
    "each file of a sub-folder is described by its metadata",
)
_warning(
    "nested",
    "l’archive ne contient pas d’autre archive",
    "the archive holds no other archive",
)
_warning(
    "relative-uri",
    "l’URI d’un document est le nom de son fichier dans le dossier de METADATA.XML",
    "the URI of a document is the name of its file in the folder of METADATA.XML",
)


def check_archive(archive: Archive) -> Iterator[Finding]:
    """The layout of an archive that could be read."""
    if not archive.subsets:
        yield _METADATA.finding(Text("il n’y en a aucun", "there is none"), Place(xpath="/"))
    for subset in archive.subsets:
        if not re.fullmatch(rf"{FOLDER}/[^/]+", subset.file.folder, re.I):
            yield _FOLDER.finding(found_words(subset.file.path), _at(subset.file))
    yield from _check_root(archive)
    yield from _check_documents(archive)
    for member in archive.members:
        if is_zip(member.data):
            yield _rule("nested").finding(found_words(member.path), _at(member))


def refusal(error: DocumentError, layer: str) -> Finding:
    """The finding for a part that could not be read at all."""
    message = Text(f"{error.sentence.fr} {error.hint.fr}", f"{error.sentence.en} {error.hint.en}")
    place = Place(error.line, error.column, "/")
    # What is refused could harm a reader or cannot be one: no published text needs to say it.
    return Finding(error.code, Severity.ERROR, layer, message, place, _REQUIREMENTS, Trust.OWN, beyond_official=True)


def _check_root(archive: Archive) -> Iterator[Finding]:
    for name, key in zip(_ROOT_FILES, ("index", "readme"), strict=True):
        found = archive.find(name)
        if found is None:
            yield _rule(key).finding(Text("il n’y est pas", "it is not there"), Place(xpath="/"))
        elif found.path != name:
            yield _rule("capitals").finding(found_words(found.path), _at(found))
    for subset in archive.subsets:
        if subset.file.path != subset.file.path.upper():
            yield _rule("capitals").finding(found_words(subset.file.path), _at(subset.file))


def _check_documents(archive: Archive) -> Iterator[Finding]:
    described: set[str] = set()
    a_cda = False
    for subset, entry, file in archive.documents():
        assert subset.metadata is not None
        place = subset.metadata.place(entry.element)
        if file is None:
            if entry.uri:
                yield _FILE.finding(found_words(entry.uri), place)
            continue
        described.add(file.path)
        a_cda = a_cda or file.looks_clinical
        if file.path.upper() != f"{subset.file.folder}/{entry.uri}".lstrip("/").upper():
            yield _rule("relative-uri").finding(found_words(entry.uri or ""), place)
        if not _PLAIN_NAME.fullmatch(file.file_name):
            yield _rule("names").finding(found_words(file.file_name), _at(file))
    if archive.subsets and not a_cda and any(subset.metadata for subset in archive.subsets):
        yield _A_CDA.finding(Text("il n’y en a aucun", "there is none"), Place(xpath="/"))
    for subset in archive.subsets:
        for member in archive.members:
            inside = member.folder == subset.file.folder and member is not subset.file
            style_sheet = member.file_name.upper().endswith((".XSL", ".XSLT", ".CSS"))
            if inside and subset.metadata and member.path not in described and not style_sheet:
                yield _rule("described").finding(found_words(member.path), _at(member))


def _rule(key: str) -> ExchangeRule:
    return BOOK.rules[f"archive.{key}"]


def _at(member: Member) -> Place:
    return Place(xpath="/" + member.path)

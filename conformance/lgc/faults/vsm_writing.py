"""Faults of the VSM: its form as a file."""

from __future__ import annotations

import unicodedata

from conformance.lgc.faults.editing import all_of
from conformance.lgc.vsm import Draft, Vsm
from conformance.lgc.xml import Node


class DatesInWrongForm(Vsm):
    """Writes the dates of problems with dashes (``2019-08-11``).

    Écrit les dates des problèmes avec des tirets (``2019-08-11``).
    """

    def compose(self, draft: Draft) -> Node:
        document = super().compose(draft)
        for bound in all_of(document, "//h:structuredBody//h:act//h:effectiveTime/h:*[string-length(@value)=8]"):
            day = bound.get("value", "")
            bound.set("value", f"{day[:4]}-{day[4:6]}-{day[6:]}")
        return document


class BreaksReferences(Vsm):
    """Lets the entries point to places of the narrative that are not there.

    Fait pointer les entrées vers des endroits du texte qui n’existent pas.
    """

    def compose(self, draft: Draft) -> Node:
        document = super().compose(draft)
        for words in all_of(document, "//h:content[@ID]"):
            words.set("ID", f"{words.get('ID')}-bis")
        return document


class CrashesOnCombiningMarks(Vsm):
    """Fails as soon as a name of the patient holds a combining mark.

    Échoue dès qu’un nom du patient porte un signe combinant.
    """

    def compose(self, draft: Draft) -> Node:
        identity = draft.identity
        names = f"{identity.birth_name}{identity.used_name}{identity.used_given_name}"
        if any(unicodedata.combining(character) for character in names):
            raise ValueError("unexpected character in a name")
        return super().compose(draft)


class WritesInLatin1(Vsm):
    """Writes the document in ISO-8859-1 while it declares UTF-8.

    Écrit le document en ISO-8859-1 alors qu’il déclare UTF-8.
    """

    def serialize(self, document: Node) -> bytes:
        return super().serialize(document).decode("utf-8").encode("iso-8859-1", "replace")


class AddsStyleSheet(Vsm):
    """Points to a style sheet beside the document, which the DMP refuses.

    Renvoie à une feuille de style à côté du document, que le DMP refuse.
    """

    def serialize(self, document: Node) -> bytes:
        declaration, _, content = super().serialize(document).partition(b"\n")
        return b"\n".join([declaration, b'<?xml-stylesheet type="text/xsl" href="./vsm.xsl"?>', content])

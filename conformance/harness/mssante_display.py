"""What the user reads of a document that was received: the words of the page, and whether they tell the document."""

from __future__ import annotations

from lxml import etree

from conformance.core.language import Text
from conformance.harness.judgement import Unmet
from conformance.harness.mssante import Known, MailBench
from conformance.harness.mssante_pages import Pages
from conformance.sut.contract import Rendering


class Shown(Pages):
    """A received document on the screen: ``rendering`` is what the product says that it shows."""

    def __init__(self, mail: MailBench, known: Known, document: bytes) -> None:
        self.rendering: Rendering = mail.bench.product.render_document(mail.filed(known, document).document_id)
        super().__init__(document, words_of_page(self.rendering))

    def demand_texts(self) -> None:
        """Fail unless the page holds every title and text of the sections."""
        missing = self.missing_narrative()
        if missing:
            raise Unmet(
                Text(
                    f"« {missing[0]} » est dans le document et ne se lit pas à l'écran.",
                    f"“{missing[0]}” is in the document and cannot be read on the screen.",
                )
            )

    def demand_header(self) -> None:
        """Fail unless the page holds title, type, date, author, custodian and patient."""
        missing = self.missing_header()
        if not self.say(self._header.patient.birth_name):
            missing.append(Text("patient", "patient"))
        if missing:
            raise Unmet(
                Text(
                    f"L'écran ne donne pas tout ce que dit l'en-tête ; il manque : {', '.join(one.fr for one in missing)}.",
                    f"The screen does not give all that the header says; missing: {', '.join(one.en for one in missing)}.",
                )
            )

    def demand_mark(self, mark: str) -> None:
        """Fail unless the page holds the words that only the producer's style sheet writes."""
        if not self.say(mark):
            raise Unmet(
                Text(
                    f"La page n'est pas celle de la feuille de style du producteur : « {mark} » n'y figure pas.",
                    f"The page is not that of the producer's style sheet: “{mark}” is not on it.",
                )
            )


def words_of_page(rendering: Rendering) -> str:
    """The words of a rendering, markup aside."""
    if rendering.media_type != "text/html" or not rendering.text.strip():
        return rendering.text
    tree = etree.fromstring(rendering.text, etree.HTMLParser())
    return " ".join(str(piece) for piece in tree.itertext()) if tree is not None else ""

"""Codes about people of the body: the profession of an author, the sex of a relative.

Source: CI-SIS, Modèles de contenus CDA; value sets JDV_J01_XdsAuthorSpecialty_CISIS, JDV_J143_AdministrativeGender_CISIS.
"""

from __future__ import annotations

from lxml import etree

from conformance.cda.coding import NULL_FLAVORS, coded
from conformance.cda.content import examples as ex
from conformance.cda.content.oids import SOURCE, VSM_REQUIREMENT
from conformance.cda.namespaces import h
from conformance.cda.rules import Template
from conformance.core.language import Text


def _author_of_an_entry(node: etree._Element) -> bool:
    """The author is that of a section or an entry: the header's rules look at those of the document."""
    author = node.getparent()
    if author is None or author.tag != h("author"):
        return False
    return getattr(author.getparent(), "tag", None) != h("ClinicalDocument")


def _not_the_patient(node: etree._Element) -> bool:
    """The header's rules look at the sex of the patient."""
    return getattr(node.getparent(), "tag", None) != h("patient")


PEOPLE: tuple[Template, ...] = (
    Template(
        key="author-profession", name=Text("Auteur", "Author"), element="assignedAuthor", where=_author_of_an_entry,
        source=SOURCE, requirements=VSM_REQUIREMENT,
        constraints=(
            coded("code", "JDV_J01_XdsAuthorSpecialty_CISIS", null_flavors=NULL_FLAVORS,
                  official="content:JDV_assignedAuthorCode #1-3"),
        ),
        example=ex.AUTHOR.replace("<addr", ex.coded(
            "code", "G15_10/SM26", "1.2.250.1.213.1.1.4.5", "Médecin - Qualifié en Médecine Générale (SM)") + "<addr"),
    ),
    Template(
        key="sex", name=Text("Sexe", "Sex"), element="administrativeGenderCode", where=_not_the_patient, source=SOURCE,
        requirements=VSM_REQUIREMENT,
        constraints=(
            coded(".", "JDV_J143_AdministrativeGender_CISIS", key="value-set", null_flavors=NULL_FLAVORS,
                  official="content:JDV_administrativeGenderCode #1-3"),
        ),
        example=ex.subject(),
    ),
)  # fmt: skip

"""The product makes a VSM: from the record, on request, for the right patient, as a document of its list."""

import re
from random import Random

import pytest

from conformance.core.language import Text
from conformance.core.verdicts import NotApplicableReason
from conformance.harness.bench import Bench
from conformance.harness.judgement import NotApplicable
from conformance.harness.marks import check
from conformance.harness.records import file_for
from conformance.harness.vsm import normal, produce, without_accents
from conformance.sut.contract import DocumentRequest, DocumentStatus


@check(
    "Le produit fabrique un VSM en CDA R2 niveau 3",
    "The product makes a VSM in CDA R2 level 3",
    requirements=("DOC/va1.14", "SC.CDA/DD.08"),
    catches=("writes_in_latin1",),
)
def test_the_vsm_is_produced_as_a_structured_document(bench: Bench) -> None:
    vsm = produce(bench, file_for(Random(1)))
    kind = vsm.outcome.document_type
    bench.demand(
        kind is not None and kind.key.startswith("vsm-"),
        f"Le document produit est « {kind.title.fr if kind else '?'} », pas un VSM structuré.",
        f"The document made is “{kind.title.en if kind else '?'}”, not a structured VSM.",
    )


@check(
    "Le document a le type SYNTH et un titre",
    "The document has the type SYNTH and a title",
    requirements=("DOC/va1.14",),
    catches=(
        "writes_in_latin1",
        "wrong_title",
        "wrong_type_code",
    ),
)
def test_the_document_says_that_it_is_a_synthesis(bench: Bench) -> None:
    vsm = produce(bench, file_for(Random(2)))
    bench.demand(
        vsm.facts.code == "SYNTH",
        f"Le type du document est « {vsm.facts.code} », attendu « SYNTH ».",
        f"The type of the document is “{vsm.facts.code}”, expected “SYNTH”.",
    )
    bench.demand(
        "synthese" in without_accents(vsm.facts.title),
        f"À son titre, « {vsm.facts.title} », le lecteur ne reconnaît pas une synthèse médicale.",
        f"By its title, “{vsm.facts.title}”, the reader does not recognise a medical summary (« synthèse »).",
    )


@check(
    "Le document ne renvoie pas à une feuille de style à côté de lui, que le DMP refuse",
    "The document does not point to a style sheet beside it, which the DMP refuses",
    requirements=("DOC/va1.14",),
    catches=(
        "adds_style_sheet",
        "writes_in_latin1",
    ),
)
def test_no_style_sheet_beside_the_document(bench: Bench) -> None:
    vsm = produce(bench, file_for(Random(8)))
    found = re.search(rb"""<\?xml-stylesheet[^>]*href=["']([^"'#][^"']*)""", vsm.data)
    bench.demand(
        found is None,
        f"Le document renvoie à la feuille de style « {found[1].decode() if found else ''} » (CI-SIS Structuration minimale §3.9.1).",
        f"The document points to the style sheet “{found[1].decode() if found else ''}” (CI-SIS Structuration minimale §3.9.1).",
    )


@check(
    "Un VSM validé figure, en vigueur, dans la liste des documents du patient",
    "A validated VSM stands, current, in the patient's list of documents",
    requirements=("DOC/va1.14",),
    catches=("writes_in_latin1",),
)
def test_the_validated_vsm_is_listed_for_its_patient(bench: Bench) -> None:
    vsm = produce(bench, file_for(Random(3)))
    listed = {view.document_id: view for view in bench.product.list_documents(vsm.patient.patient_id)}
    view = listed.get(vsm.view.document_id)
    bench.demand(
        view is not None and view.status is DocumentStatus.CURRENT,
        "Le VSM validé n'apparaît pas comme en vigueur dans la liste des documents du patient.",
        "The validated VSM does not appear as current in the patient's list of documents.",
    )


@check(
    "La liste d'un patient ne montre pas les documents d'un autre",
    "A patient's list does not show the documents of another",
    requirements=("DOC/va1.14",),
    catches=("shows_documents_of_others", "writes_in_latin1"),
)
def test_the_list_of_another_patient_does_not_show_it(bench: Bench) -> None:
    vsm, other = produce(bench, file_for(Random(9))), produce(bench, file_for(Random(12)))
    listed = {view.document_id for view in bench.product.list_documents(other.patient.patient_id)}
    bench.demand(
        other.view.document_id in listed and vsm.view.document_id not in listed,
        "La liste d'un patient montre le VSM d'un autre, ou ne montre pas le sien.",
        "The list of one patient shows the VSM of another, or does not show its own.",
    )


@check(
    "Le VSM est celui du patient demandé, pas celui d'un autre",
    "The VSM is about the patient asked for, not about another",
    requirements=("DOC/va1.14",),
    catches=(
        "escapes_names_twice",
        "generates_for_last_patient_created",
        "writes_in_latin1",
        "wrong_birth_date",
    ),
)
def test_each_vsm_is_about_its_own_patient(bench: Bench) -> None:
    files = file_for(Random(4)), file_for(Random(5))
    patients = [bench.product.create_patient(file) for file in files]
    for file, patient in zip(files, patients, strict=True):
        vsm = produce(bench, file, patient=patient)
        names = vsm.facts.names.get("family-BR", ())
        told = (normal(" ".join(names)), vsm.facts.birth_time)
        expected = (normal(file.identity.birth_name), f"{file.identity.birth_date:%Y%m%d}")
        bench.demand(
            told == expected,
            f"Le VSM parle de {told[0]}, né le {told[1]}, au lieu de {expected[0]}, né le {expected[1]}.",
            f"The VSM is about {told[0]}, born {told[1]}, instead of {expected[0]}, born {expected[1]}.",
        )


@pytest.mark.parametrize("version", ["2022.01", "2023.01"])
@check(
    "Les versions du VSM que le produit annonce sont bien produites",
    "The versions of the VSM that the product offers are really made",
    requirements=("DOC/va1.14",),
    catches=("writes_in_latin1",),
)
def test_every_version_offered_is_made_and_valid(bench: Bench, version: str) -> None:
    offered = {v for offer in bench.product.about().documents if offer.type == "vsm" for v in offer.versions}
    if version not in offered:
        raise NotApplicable(
            NotApplicableReason.OPTIONAL_NOT_OFFERED,
            Text(
                f"Le produit n'annonce pas la version {version}.", f"The product does not offer the version {version}."
            ),
        )
    vsm = produce(bench, file_for(Random(6)), version=version)
    kind = vsm.outcome.document_type
    bench.demand(
        kind is not None and kind.key == f"vsm-{version}",
        f"Demandé en version {version}, le VSM est « {kind.key if kind else '?'} ».",
        f"Asked in version {version}, the VSM is “{kind.key if kind else '?'}”.",
    )


@check(
    "Un brouillon n'est pas un document validé",
    "A draft is not a validated document",
    requirements=("DOC/va1.14",),
    catches=("shows_drafts_as_current",),
)
def test_a_draft_is_shown_as_a_draft(bench: Bench) -> None:
    patient = bench.product.create_patient(file_for(Random(7)))
    draft = bench.product.generate_document(
        patient.patient_id, DocumentRequest(type="vsm", version=str(bench.options["version"]))
    )
    bench.demand(
        draft.status is DocumentStatus.DRAFT,
        f"Avant validation, le document a l'état « {draft.status} ».",
        f"Before validation the document has the status “{draft.status}”.",
    )

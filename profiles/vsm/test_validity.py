"""The VSM is valid in every layer: one test a layer, on a record with something in every list."""

from random import Random

from conformance.harness.bench import Bench
from conformance.harness.marks import check
from conformance.harness.official import demand_no_official_error
from conformance.harness.records import file_for
from conformance.harness.vsm import produce


def _valid_in(bench: Bench, layer: str) -> None:
    vsm = produce(bench, file_for(Random(10)))
    bench.demand_no_error(vsm.outcome, (layer,))


@check(
    "Le document est de l'XML lisible, en UTF-8",
    "The document is readable XML, in UTF-8",
    requirements=("DOC/va1.14",),
    catches=("writes_in_latin1",),
)
def test_the_bytes_are_readable(bench: Bench) -> None:
    _valid_in(bench, "decoding")


@check(
    "Le document suit le schéma CDA R2",
    "The document follows the CDA R2 schema",
    requirements=("DOC/va1.14",),
    catches=(
        "dates_in_wrong_form",
        "writes_in_latin1",
    ),
)
def test_the_structure_follows_the_schema(bench: Bench) -> None:
    _valid_in(bench, "structure")


@check(
    "L'en-tête suit la structuration minimale du CI-SIS",
    "The header follows the CI-SIS minimal structure",
    requirements=("DOC/va1.14",),
    catches=(
        "forgets_birth_place",
        "time_without_offset",
        "writes_in_latin1",
    ),
)
def test_the_header_follows_the_minimal_structure(bench: Bench) -> None:
    _valid_in(bench, "header")


@check(
    "Les sections et les entrées suivent le volet VSM",
    "Sections and entries follow the VSM volet",
    requirements=("DOC/va1.14",),
    catches=(
        "code_outside_value_set",
        "forgets_attending_physician",
        "missing_treatment_plan",
        "writes_in_latin1",
        "wrong_documented_act",
        "wrong_type_code",
    ),
)
def test_sections_and_entries_follow_the_volet(bench: Bench) -> None:
    _valid_in(bench, "content")


@check(
    "Les identifiants (matricule, RPPS, FINESS) ont la bonne forme et la bonne clé",
    "Identifiers (matricule, RPPS, FINESS) have the right form and key",
    requirements=("DOC/va1.14", "INS/va1.56"),
    catches=(
        "writes_in_latin1",
        "wrong_ins_key",
    ),
)
def test_the_identifiers_are_well_formed(bench: Bench) -> None:
    _valid_in(bench, "identity")


@check(
    "Le document ne se contredit pas : références, dates, versions, traits",
    "The document does not contradict itself: references, dates, versions, traits",
    requirements=("DOC/va1.14",),
    catches=(
        "writes_in_latin1",
        "wrong_birth_date",
    ),
)
def test_the_document_is_coherent(bench: Bench) -> None:
    _valid_in(bench, "coherence")


@check(
    "Les règles officielles de l'éditeur, quand segur.toml nomme un paquet, n'y trouvent pas d'erreur",
    "The publisher's official rules, when segur.toml names a pack, find no error",
    requirements=("DOC/va1.14",),
)
def test_the_official_rules_find_no_error(bench: Bench) -> None:
    bench.require_pack()
    vsm = produce(bench, file_for(Random(11)))
    outcome = bench.judge_officially(vsm.data, "vsm.xml")
    demand_no_official_error(bench.story, outcome)

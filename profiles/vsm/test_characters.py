"""Names and words as people have them: accents, apostrophes, hyphens, long names, combining marks, XML's own signs."""

from dataclasses import replace
from random import Random

import pytest

from conformance.harness.bench import Bench
from conformance.harness.marks import check
from conformance.harness.records import file_for, rich_record
from conformance.harness.vsm import normal, produce
from conformance.sut.contract import ClinicalRecord, Note, Problem

NAMES = {
    "accents": ("ÉLÉONORE-ŒUVRARD", "Zoé Noëlle Anaïs"),
    "apostrophes": ("D'ARC-L'HERMITE", "Maël O'Brien"),
    "hyphens": ("LE GALL--KERVADEC", "Anne-Marie-Sophie"),
    "long": ("DE MONTESQUIOU-FEZENSAC DE LA ROCHEFOUCAULD-LIANCOURT D'ESTISSAC", "Marie-Charlotte-Emmanuelle Bérengère"),
    "combining": ("MU\u0308LLER-NGUYE\u0302\u0303N", "Ame\u0301lie"),
    "ampersand": ("TAVROUX & XANTROUVE", "Zoltane <dit> \"Zolt\""),
}  # fmt: skip

TEXTS = {
    "comparison": "TA < 140/90 et > 100/60 & stable",
    "quotes": 'dit « l\'amiral » "Jo" l’intrépide',
    "entity": "déjà écrit &amp; &lt;b&gt; par un autre logiciel",
    "symbols": "37,5 °C, 10 µg/m², ± 5 %, 1 ‰, 3 €, n° 4",
    "greek": "β-bloquant, α-1 antitrypsine, Δ = 12",
    "combining": "re\u0301gime sans re\u0301sidu",
    "beyond the basic plane": "signe rare 𝛽 et 𠮷",
    "line": "première ligne\nseconde ligne",
}


@pytest.mark.parametrize("kind", NAMES)
@check(
    "Les noms utilisés sortent comme ils ont été saisis, quels que soient leurs caractères",
    "Used names leave as they were typed, whatever their characters",
    requirements=("DOC/va1.14", "INS/va1.56"),
    catches=(
        "crashes_on_combining_marks",
        "escapes_names_twice",
        "loses_accents",
        "swaps_birth_and_used_names",
        "truncates_names",
        "uppercases_used_names",
        "writes_in_latin1",
    ),
)
def test_used_names_keep_their_characters(bench: Bench, kind: str) -> None:
    file = file_for(Random(70))
    name, given = NAMES[kind]
    file = replace(file, identity=replace(file.identity, used_name=name, used_given_name=given))
    facts = produce(bench, file).facts
    for part, expected in (("family-CL", name), ("given-CL", given)):
        found = normal(" ".join(facts.names.get(part, ())))
        bench.demand(
            found == normal(expected),
            f"{part} : saisi « {expected} », écrit « {found} ».",
            f"{part}: typed “{expected}”, written “{found}”.",
        )


@pytest.mark.parametrize("kind", TEXTS)
@check(
    "Les mots du médecin sortent comme ils ont été saisis, une seule fois échappés",
    "The doctor's words leave as they were typed, escaped once only",
    requirements=("DOC/va1.14",),
    catches=(
        "narrative_differs",
        "writes_in_latin1",
    ),
)
def test_words_keep_their_characters(bench: Bench, kind: str) -> None:
    problem = rich_record().active_problems[0]
    record = ClinicalRecord(
        active_problems=(Problem(id="p", label=TEXTS[kind], code=problem.code),),
        points_of_attention=(Note(id="n", text=TEXTS[kind]),),
    )
    vsm = produce(bench, file_for(Random(71), record))
    for section in ("active_problems", "points_of_attention"):
        bench.demand(
            normal(TEXTS[kind]) in normal(vsm.facts.sections.get(section, "")),
            f"« {TEXTS[kind]} » ne se lit pas tel quel dans le VSM.",
            f"“{TEXTS[kind]}” cannot be read as it is in the VSM.",
        )
    bench.demand_no_error(vsm.outcome, ("structure",))


@check(
    "Un nom de plus de 60 caractères n'est pas coupé",
    "A name of more than 60 characters is not cut",
    requirements=("INS/va1.56",),
    catches=(
        "truncates_names",
        "writes_in_latin1",
    ),
)
def test_a_long_birth_name_is_not_cut(bench: Bench) -> None:
    file = file_for(Random(72))
    name = "OSTREVALLENNE-BRUMIGNACQUE-DE-LA-MORVIGNOLLE-ET-DES-QUILVARNES"
    file = replace(file, identity=replace(file.identity, birth_name=name))
    found = " ".join(produce(bench, file).facts.names.get("family-BR", ()))
    bench.demand(
        normal(found) == name,
        f"Le nom de naissance de {len(name)} caractères est écrit « {found} ».",
        f"The birth name of {len(name)} characters is written “{found}”.",
    )

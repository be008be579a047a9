"""Patients and records for the profiles: one rich record, and hypothesis strategies that draw varied ones.

Identities are invented, under the INS test root, with right keys. Codes and labels are those of the published
terminologies (CIM-10, CCAM, LOINC, SNOMED CT as bound by the VSM value sets); labels of items are words of the
physician and may hold any character of French and more.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from hypothesis import strategies as st

from conformance.identity.generate import make_identity
from conformance.sut.contract import (
    Address,
    Allergy,
    AllergyStatus,
    Category,
    ClinicalRecord,
    Coded,
    FamilyHistory,
    Identity,
    Ins,
    InsStatus,
    Lifestyle,
    Note,
    PatientFile,
    Problem,
    ProblemStatus,
    Procedure,
    Sex,
    Telecom,
    Treatment,
)
from conformance.terminology.code_systems import CCAM, CIM_10, CIS, HL7_ROLE_CODE, LOINC, SNOMED_CT


def _coded(system: str, *pairs: tuple[str, str]) -> tuple[Coded, ...]:
    return tuple(Coded(code=code, code_system=system, label=label) for code, label in pairs)


DISEASES: Final = _coded(
    CIM_10,
    ("I10", "Hypertension essentielle (primitive)"),
    ("E11.9", "Diabète sucré de type 2, sans complication"),
    ("J45.0", "Asthme à prédominance allergique"),
    ("I48.9", "Fibrillation et flutter auriculaires, sans précision"),
    ("M17.9", "Gonarthrose, sans précision"),
    ("E78.0", "Hypercholestérolémie essentielle"),
    ("K21.9", "Reflux gastro-œsophagien sans œsophagite"),
    ("G43.9", "Migraine, sans précision"),
    ("N10", "Néphrite tubulo-interstitielle aiguë"),
    ("F32.9", "Épisode dépressif, sans précision"),
)
ACTS: Final = _coded(
    CCAM,
    ("HHFA009", "Appendicectomie, par laparotomie"),
    ("HMFC004", "Cholécystectomie, par cœlioscopie"),
    ("NEKA020", "Remplacement de l'articulation coxofémorale par prothèse totale"),
    ("BFGA004", "Extraction extracapsulaire du cristallin par phakoémulsification"),
)
PRODUCTS: Final = _coded(
    CIS,
    ("63564053", "PLAVIX 75 mg, comprimé pelliculé"),
    ("63245753", "COUMADINE 5 mg, comprimé sécable"),
    ("60234100", "DOLIPRANE 1000 mg, comprimé"),
    ("61266250", "KARDEGIC 75 mg, poudre pour solution buvable en sachet-dose"),
)
ALLERGY_TYPES: Final = _coded(
    SNOMED_CT, ("416098002", "allergie médicamenteuse"), ("414285001", "allergie alimentaire")
)
REACTIONS: Final = _coded(SNOMED_CT, ("126485001", "urticaire"), ("39579001", "anaphylaxie"), ("422587007", "nausée"))
HABITS: Final = _coded(
    LOINC,
    ("74011-8", "Consommation tabagique"),
    ("74013-4", "Consommation d'alcool"),
    ("11343-1", "Consommation de drogue non médicales"),
)
RELATIVES: Final = _coded(HL7_ROLE_CODE, ("MTH", "Mère"), ("FTH", "Père"), ("SIS", "Sœur"), ("BRO", "Frère"))


def identity_for(random: Random, status: InsStatus = InsStatus.QUALIFIEE) -> Identity:
    """An invented identity with its matricule, whatever its status: a product may hold one and must not send it.

    Born before anything that the records tell.
    """
    sex = random.choice("FM")
    born_on = date(1925, 1, 1) + timedelta(days=random.randint(0, 36524) % 9000)
    made = make_identity(random, sex=sex, born=born_on)
    traits = made.traits
    born = traits.birth_date or "19700101"
    return Identity(
        birth_name=traits.birth_name or "TEST",
        birth_given_names=traits.given_names or "DOMINIQUE",
        first_birth_given_name=traits.first_given_name or "DOMINIQUE",
        birth_date=date(int(born[:4]), int(born[4:6]), int(born[6:8])),
        sex=Sex(traits.sex or "F"),
        birth_place=traits.birth_place or "99999",
        birth_place_name="VILLE D'ESSAI",
        ins_status=status,
        ins=Ins(matricule=made.matricule, oid=made.root),
        addresses=(Address(lines=("12 rue de l'Exemple",), postal_code="75007", city="PARIS", country="FRANCE"),),
        telecoms=(Telecom(value="tel:0100000001", use="H"),),
    )


def rich_record() -> ClinicalRecord:
    """A record with something in every list."""
    return ClinicalRecord(
        active_problems=(
            Problem(id="p1", label="Hypertension artérielle", code=DISEASES[0], start="2015-03-02"),
            Problem(id="p2", label="Diabète de type 2 équilibré", code=DISEASES[1], start="2018"),
        ),
        past_problems=(
            Problem(id="h1", label="Pyélonéphrite aiguë", code=DISEASES[8], start="2012-04-22", end="2012-05-03",
                    status=ProblemStatus.RESOLVED),
        ),
        procedures=(Procedure(id="a1", label="Appendicectomie", code=ACTS[0], date="1998-07-14"),),
        allergies=(
            Allergy(id="l1", label="Allergie au paracétamol", type=ALLERGY_TYPES[0], agent=PRODUCTS[2], start="2016-06-03"),
        ),
        lifestyle=(Lifestyle(id="s1", code=HABITS[0], value="10 cigarettes par jour", start="1990"),),
        professional_risks=(Note(id="r1", text="Exposition à l'amiante de 1985 à 1992"),),
        family_history=(FamilyHistory(id="f1", relationship=RELATIVES[0], label="Diabète chez la mère", code=DISEASES[1]),),
        points_of_attention=(Note(id="v1", text="Suivi de la créatinine tous les six mois"),),
        treatments=(
            Treatment(id="t1", label="Plavix 75 mg", product=PRODUCTS[0], dosage="1 comprimé le matin", start="2015-03-02"),
            Treatment(id="t2", label="Kardégic 75 mg", product=PRODUCTS[3], dosage="1 sachet à midi", start="2018-01-10",
                      end="2031-01-10"),
        ),
    )  # fmt: skip


def file_for(
    random: Random, record: ClinicalRecord | None = None, status: InsStatus = InsStatus.QUALIFIEE
) -> PatientFile:
    """A patient file with the rich record, or the one given."""
    return PatientFile(identity=identity_for(random, status), record=rich_record() if record is None else record)


def detailed_record() -> ClinicalRecord:
    """A record with what a product easily loses: every status, comments, reactions, relatives, treatments alike."""
    return ClinicalRecord(
        active_problems=(
            Problem(id="p1", label="Hypertension artérielle", code=DISEASES[0], start="2015-03-02",
                    comment="Mesures à domicile le matin"),
            Problem(id="p2", label="Asthme revenu au printemps", code=DISEASES[2], start="2019", status=ProblemStatus.RECURRENCE),
            Problem(id="p3", label="Épisode dépressif, seconde fois", code=DISEASES[9], start="2022-11-05",
                    status=ProblemStatus.RELAPSE),
        ),
        past_problems=(
            Problem(id="h1", label="Pyélonéphrite aiguë", code=DISEASES[8], start="2012-04-22", end="2012-05-03",
                    status=ProblemStatus.RESOLVED, comment="Traitée à l'hôpital"),
            Problem(id="h2", label="Reflux calmé par le traitement", code=DISEASES[6], start="2009", end="2014",
                    status=ProblemStatus.REMISSION),
            Problem(id="h3", label="Migraines de l'adolescence", code=DISEASES[7], start="1980", end="1991",
                    status=ProblemStatus.INACTIVE),
        ),
        allergies=(
            Allergy(id="l1", label="Allergie au paracétamol", type=ALLERGY_TYPES[0], agent=PRODUCTS[2], start="2016-06-03",
                    reactions=REACTIONS[:2]),
            Allergy(id="l2", label="Allergie aux arachides", type=ALLERGY_TYPES[1], start="1988", reactions=REACTIONS[2:],
                    status=AllergyStatus.INACTIVE),
            Allergy(id="l3", label="Allergie au lait de vache", type=ALLERGY_TYPES[1], start="1979", end="1983",
                    status=AllergyStatus.RESOLVED),
        ),
        family_history=(
            FamilyHistory(id="f1", relationship=RELATIVES[0], label="Diabète", code=DISEASES[1]),
            FamilyHistory(id="f2", relationship=RELATIVES[1], label="Hypertension", code=DISEASES[0]),
        ),
        treatments=(
            Treatment(id="t1", label="Plavix 75 mg", product=PRODUCTS[0], dosage="1 comprimé le matin", start="2015-03-02"),
            Treatment(id="t2", label="Coumadine 5 mg", product=PRODUCTS[1], dosage="un demi-comprimé le soir", start="2015-03-02"),
            Treatment(id="t3", label="Tisane du soir sans code", dosage="une tasse au coucher", start="2020"),
        ),
    )  # fmt: skip


# Strategies ------------------------------------------------------------------------------------------------

_FRENCH: Final = (
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZàâäçéèêëîïôöùûüÿœæÀÉÈÇÔŒ0123456789 '’-.,;:()%&<>\"/°²µ«»"
)


def words(longest: int = 60) -> st.SearchStrategy[str]:
    """What a physician may type: accents, apostrophes, quotes, the characters that XML escapes; never blank."""
    text = st.text(st.sampled_from(_FRENCH), min_size=1, max_size=longest)
    return text.map(lambda t: " ".join(t.split())).filter(bool)


def names() -> st.SearchStrategy[str]:
    """Names in use, as people have them."""
    letters = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyzàâçéèêëîïôœùûÿABCDEÉÎÔ"), min_size=1, max_size=12)
    return st.lists(letters, min_size=1, max_size=3).flatmap(
        lambda parts: st.sampled_from(" -'").map(lambda j: j.join(parts))
    )


def _labels(concept: Coded) -> st.SearchStrategy[str]:
    return st.one_of(st.just(concept.label), words())


_START = date(1950, 1, 1)
_days = st.dates(_START, date(2024, 12, 31))


@st.composite
def periods(draw: st.DrawFn, ended: bool | None = None) -> tuple[str | None, str | None]:
    """A start and an end, as clinical dates: a year, a day, or unknown; the end never before the start."""
    start = draw(st.none() | _days)
    precise = draw(st.booleans())
    closed = draw(st.booleans()) if ended is None else ended
    end = (start or _START) + timedelta(days=draw(st.integers(0, 2000))) if closed else None

    def said(day: date | None) -> str | None:
        return None if day is None else day.isoformat() if precise else str(day.year)

    return said(start), said(end)


@st.composite
def problems(draw: st.DrawFn, past: bool) -> Problem:
    """A problem, active or past."""
    code = draw(st.sampled_from(DISEASES))
    start, end = draw(periods(ended=past))
    active = (ProblemStatus.ACTIVE, ProblemStatus.RECURRENCE, ProblemStatus.RELAPSE)
    ended = (ProblemStatus.RESOLVED, ProblemStatus.INACTIVE, ProblemStatus.REMISSION)
    status = draw(st.sampled_from(ended if past else active))
    comment = draw(st.none() | words())
    return Problem(id="x", label=draw(_labels(code)), code=code, start=start, end=end, status=status, comment=comment)


@st.composite
def procedures(draw: st.DrawFn) -> Procedure:
    """A past act."""
    code = draw(st.sampled_from(ACTS))
    return Procedure(id="x", label=draw(_labels(code)), code=code, date=draw(periods(ended=False))[0])


@st.composite
def allergies(draw: st.DrawFn) -> Allergy:
    """An allergy, with or without a coded agent."""
    agent = draw(st.none() | st.sampled_from(PRODUCTS))
    status = draw(st.sampled_from(AllergyStatus))
    start, end = draw(periods(ended=status is AllergyStatus.RESOLVED))
    kind = draw(st.sampled_from(ALLERGY_TYPES))
    reactions = tuple(draw(st.lists(st.sampled_from(REACTIONS), max_size=2, unique=True)))
    return Allergy(
        id="x", label=draw(words()), type=kind, agent=agent, reactions=reactions, start=start, end=end, status=status
    )


@st.composite
def treatments(draw: st.DrawFn) -> Treatment:
    """A long-term treatment, coded or not."""
    product = draw(st.none() | st.sampled_from(PRODUCTS))
    start, end = draw(periods())
    label = draw(_labels(product) if product else words())
    return Treatment(id="x", label=label, product=product, dosage=draw(st.none() | words()), start=start, end=end)


@st.composite
def lifestyles(draw: st.DrawFn) -> Lifestyle:
    """A habit told in words."""
    start, end = draw(periods())
    return Lifestyle(id="x", code=draw(st.sampled_from(HABITS)), value=draw(words()), start=start, end=end)


@st.composite
def family_histories(draw: st.DrawFn) -> FamilyHistory:
    """A disease of a relative."""
    code = draw(st.sampled_from(DISEASES))
    relation = draw(st.sampled_from(RELATIVES))
    return FamilyHistory(id="x", relationship=relation, label=draw(_labels(code)), code=code)


def notes() -> st.SearchStrategy[Note]:
    """Something told in words only."""
    return words(120).map(lambda text: Note(id="x", text=text))


CAN_BE_NONE: Final = (
    Category.ACTIVE_PROBLEMS,
    Category.PAST_PROBLEMS,
    Category.PROCEDURES,
    Category.ALLERGIES,
    Category.FAMILY_HISTORY,
    Category.TREATMENTS,
)
"""The lists for which a document has a coded way to say that there is nothing (CI-SIS, absent or unknown data)."""


@st.composite
def records(draw: st.DrawFn) -> ClinicalRecord:
    """A whole record: any list may be empty, or stated to be empty; ids are unique."""
    drawn: dict[Category, list[Any]] = {
        Category.ACTIVE_PROBLEMS: draw(st.lists(problems(past=False), max_size=3)),
        Category.PAST_PROBLEMS: draw(st.lists(problems(past=True), max_size=3)),
        Category.PROCEDURES: draw(st.lists(procedures(), max_size=2)),
        Category.ALLERGIES: draw(st.lists(allergies(), max_size=2)),
        Category.LIFESTYLE: draw(st.lists(lifestyles(), max_size=2)),
        Category.PROFESSIONAL_RISKS: draw(st.lists(notes(), max_size=2)),
        Category.FAMILY_HISTORY: draw(st.lists(family_histories(), max_size=2)),
        Category.POINTS_OF_ATTENTION: draw(st.lists(notes(), max_size=2)),
        Category.TREATMENTS: draw(st.lists(treatments(), max_size=3)),
    }
    numbered = {
        str(category): tuple(replace(item, id=f"{category[:4]}{rank}") for rank, item in enumerate(items))
        for category, items in drawn.items()
    }
    empty = [category for category in CAN_BE_NONE if not drawn[category]]
    none_known = tuple(draw(st.lists(st.sampled_from(empty), unique=True))) if empty else ()
    return ClinicalRecord(**numbered, none_known=none_known)


@st.composite
def patient_files(draw: st.DrawFn) -> PatientFile:
    """Any patient with any record, of any INS status."""
    random = draw(st.randoms(use_true_random=False))
    status = draw(st.sampled_from(InsStatus))
    identity = replace(
        identity_for(random, status), used_name=draw(st.none() | names()), used_given_name=draw(st.none() | names())
    )
    return PatientFile(identity=identity, record=draw(records()))

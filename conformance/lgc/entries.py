"""The coded entries of the VSM, one function per kind of item of the record.

Each points to the words of the narrative by ``anchor``. Template ids and fixed codes: CI-SIS, volet VSM and
modèles de contenus CDA (facts in the catalogue of the official rules).
"""

from __future__ import annotations

from uuid import UUID, uuid5

from conformance.lgc.xml import (
    Node,
    clinical_time,
    code,
    identifier,
    node,
    original_text,
    period,
    status,
    templates,
    text_link,
    unknown,
)
from conformance.sut.contract import (
    Allergy,
    AllergyStatus,
    Coded,
    FamilyHistory,
    Lifestyle,
    Problem,
    ProblemStatus,
    Procedure,
    Treatment,
)
from conformance.terminology.code_systems import (
    CIS,
    FHIR_ALLERGY_CLINICAL,
    FHIR_CONDITION_CLINICAL,
    HL7_ACT_CODE,
    IHE_ACT_CODE,
    LOINC,
    SNOMED_CT,
)

CCD = "2.16.840.1.113883.10.20.1."
PCC = "1.3.6.1.4.1.19376.1.5.3.1."
FR = "1.2.250.1.213.1.1.3."

PROBLEM_STATUS_LABELS = {
    ProblemStatus.ACTIVE: "Actif",
    ProblemStatus.RECURRENCE: "Récurrent",
    ProblemStatus.RELAPSE: "Rechute",
    ProblemStatus.INACTIVE: "Inactif",
    ProblemStatus.REMISSION: "En rémission",
    ProblemStatus.RESOLVED: "Résolu",
}
ALLERGY_STATUS_LABELS = {
    AllergyStatus.ACTIVE: "Actif",
    AllergyStatus.INACTIVE: "Inactif",
    AllergyStatus.RESOLVED: "Résolu",
}
DISEASE = Coded(code="64572001", code_system=SNOMED_CT, label="maladie")
PROBLEM = Coded(code="55607006", code_system=SNOMED_CT, label="problème")


class Entries:
    """Writes entries; their ids stay the same from one version of a document to the next."""

    def __init__(self, document: UUID) -> None:
        self._document = document

    def problem(self, problem: Problem, anchor: str, *, past: bool) -> Node:
        """FR-Liste-des-problemes with one FR-Probleme."""
        return self._concern(
            PCC + "4.5.2",
            FR + "39",
            anchor,
            "completed" if past else "active",
            period(problem.start, problem.end if past else None, closed=past),
            self._problem(problem, anchor),
        )

    def _problem(self, problem: Problem, anchor: str) -> Node:
        return node(
            "observation",
            {"classCode": "OBS", "moodCode": "EVN", "negationInd": "false"},
            templates(CCD + "28", PCC + "4.5", FR + "37"),
            self._id(anchor),
            code("code", problem.category or DISEASE),
            text_link(anchor),
            status(),
            period(problem.start, problem.end),
            code("value", problem.code, original_text(anchor), type="CD"),
            _clinical_status(
                problem.status.value,
                FHIR_CONDITION_CLINICAL,
                PROBLEM_STATUS_LABELS[problem.status],
                anchor,
            ),
            _comment(anchor) if problem.comment else None,
        )

    def no_problem(self, anchor: str, concept: Coded) -> Node:
        """Coded absence of problems."""
        observation = node(
            "observation",
            {"classCode": "OBS", "moodCode": "EVN", "negationInd": "true"},
            templates(CCD + "28", PCC + "4.5", FR + "37"),
            self._id(anchor),
            code("code", PROBLEM),
            text_link(anchor),
            status(),
            period(None, None),
            code("value", concept, original_text(anchor), type="CD"),
        )
        never = period(None, None, closed=True)
        return self._concern(PCC + "4.5.2", FR + "39", anchor, "completed", never, observation)

    def allergy(self, allergy: Allergy, anchor: str) -> Node:
        """FR-Liste-des-allergies-et-hypersensibilites with one FR-Allergie-ou-hypersensibilite."""
        over = allergy.status is not AllergyStatus.ACTIVE
        observation = node(
            "observation",
            {"classCode": "OBS", "moodCode": "EVN", "negationInd": "false"},
            templates(CCD + "18", CCD + "28", PCC + "4.5", PCC + "4.6", FR + "41"),
            self._id(anchor),
            code("code", allergy.type),
            text_link(anchor),
            status(),
            period(allergy.start, allergy.end),
            node("value", {"xsi:type": "CD"}, original_text(anchor)),
            _agent(allergy.agent, f"{anchor}-agent") if allergy.agent else None,
            [
                self._reaction(allergy, reaction, f"{anchor}-reaction-{rank}")
                for rank, reaction in enumerate(allergy.reactions, start=1)
            ],
            _clinical_status(
                allergy.status.value,
                FHIR_ALLERGY_CLINICAL,
                ALLERGY_STATUS_LABELS[allergy.status],
                anchor,
            ),
        )
        return self._concern(
            PCC + "4.5.3",
            FR + "40",
            anchor,
            "completed" if over else "active",
            period(allergy.start, allergy.end if over else None, closed=over),
            observation,
        )

    def _reaction(self, allergy: Allergy, reaction: Coded, anchor: str) -> Node:
        observation = node(
            "observation",
            {"classCode": "OBS", "moodCode": "EVN"},
            templates(CCD + "28", PCC + "4.5", CCD + "54", FR + "37"),
            self._id(anchor),
            code("code", PROBLEM),
            text_link(anchor),
            status(),
            period(None, None),
            code("value", reaction, original_text(anchor), type="CD"),
        )
        return node("entryRelationship", {"typeCode": "MFST", "inversionInd": "true"}, observation)

    def no_allergy(self, anchor: str, concept: Coded) -> Node:
        """Coded absence of allergies."""
        observation = node(
            "observation",
            {"classCode": "OBS", "moodCode": "EVN", "negationInd": "false"},
            templates(CCD + "18", CCD + "28", PCC + "4.5", PCC + "4.6", FR + "41"),
            self._id(anchor),
            code("code", Coded(code="609328004", code_system=SNOMED_CT, label="allergie")),
            text_link(anchor),
            status(),
            period(None, None),
            code("value", concept, original_text(anchor), type="CD"),
        )
        never = node("effectiveTime", None, unknown("low", "NA"), unknown("high", "NA"))
        return self._concern(PCC + "4.5.3", FR + "40", anchor, "completed", never, observation)

    def procedure(self, procedure: Procedure, anchor: str) -> Node:
        """FR-Acte, done."""
        when = (
            node("effectiveTime", {"value": clinical_time(procedure.date)})
            if procedure.date
            else unknown("effectiveTime")
        )
        return _entry(
            node(
                "procedure",
                {"classCode": "PROC", "moodCode": "EVN"},
                templates(PCC + "4.19", CCD + "29", FR + "62"),
                self._id(anchor),
                code("code", procedure.code, original_text(anchor)),
                text_link(anchor),
                status(),
                when,
            )
        )

    def no_procedure(self, anchor: str, concept: Coded) -> Node:
        """Coded absence of acts."""
        return _entry(
            node(
                "procedure",
                {"classCode": "PROC", "moodCode": "EVN", "negationInd": "true"},
                templates(PCC + "4.19", CCD + "29", FR + "62"),
                unknown("id", "NA"),
                code("code", concept, original_text(anchor)),
                text_link(anchor),
                status(),
                unknown("effectiveTime", "NA"),
            )
        )

    def lifestyle(self, habit: Lifestyle, anchor: str) -> Node:
        """FR-Habitus-Mode-de-vie; what was found is told in words."""
        when = period(habit.start, habit.end) if habit.start or habit.end else unknown("effectiveTime")
        return _entry(
            node(
                "observation",
                {"classCode": "OBS", "moodCode": "EVN"},
                templates(CCD + "33", PCC + "4.13", PCC + "4.13.4", FR + "52"),
                self._id(anchor),
                code("code", habit.code),
                text_link(anchor),
                status(),
                when,
                node("value", {"xsi:type": "ST"}, habit.value),
            )
        )

    def family_history(self, history: FamilyHistory, anchor: str) -> Node:
        """FR-Antecedents-familiaux: one relative, one disease."""
        relation = code("code", history.relationship, original_text(f"{anchor}-lien"))
        return self._relative(relation, anchor, history.code, history.date)

    def no_family_history(self, anchor: str, concept: Coded) -> Node:
        """Coded absence of family history."""
        return self._relative(unknown("code"), anchor, concept, None, "NA")

    def _relative(self, relation: Node, anchor: str, disease: Coded, date: str | None, absent: str = "UNK") -> Node:
        when = node("effectiveTime", {"value": clinical_time(date)}) if date else unknown("effectiveTime", absent)
        observation = node(
            "observation",
            {"classCode": "OBS", "moodCode": "EVN"},
            templates(CCD + "22", PCC + "4.13", PCC + "4.13.3", FR + "51"),
            self._id(anchor),
            code("code", PROBLEM),
            text_link(anchor),
            status(),
            when,
            code("value", disease, original_text(anchor), type="CD"),
        )
        subject = node(
            "subject",
            {"typeCode": "SBJ"},
            templates(PCC + "4.15.2", FR + "60"),
            node("relatedSubject", {"classCode": "PRS"}, relation),
        )
        return _entry(
            node(
                "organizer",
                {"classCode": "CLUSTER", "moodCode": "EVN"},
                templates(CCD + "23", PCC + "4.15", FR + "59"),
                self._id(f"{anchor}-groupe"),
                status(),
                subject,
                node("component", {"typeCode": "COMP"}, observation),
            )
        )

    def treatment(self, treatment: Treatment, anchor: str) -> Node:
        """FR-Traitement; the dosage is an instruction in words."""
        product = treatment.product
        if product and product.code_system == CIS:
            material = code("code", product, original_text(anchor))
        else:
            # Only CIS may be the main code of a product; another code goes into a translation.
            translation = code("translation", product) if product else None
            material = node("code", {"nullFlavor": "OTH"}, original_text(anchor), translation)
        drug = Coded(code="DRUG", code_system=HL7_ACT_CODE, label="Médicament")
        duration = node(
            "effectiveTime", {"xsi:type": "IVL_TS"}, list(period(treatment.start, treatment.end, closed=True))
        )
        instruction = _instruction(f"{anchor}-posologie") if treatment.dosage else None
        name = node("name", None, treatment.label)
        return self._administration(code("code", drug), anchor, duration, material, name, instruction)

    def no_treatment(self, anchor: str, concept: Coded) -> Node:
        """Coded absence of treatments."""
        duration = node("effectiveTime", {"xsi:type": "IVL_TS"}, unknown("low", "NA"), unknown("high", "NA"))
        absence = code("code", concept, original_text(anchor))
        return self._administration(absence, anchor, duration, unknown("code", "NA"), unknown("name", "NA"), None)

    def _administration(
        self, what: Node, anchor: str, duration: Node, material: Node, name: Node, instruction: Node | None
    ) -> Node:
        product = node(
            "manufacturedProduct",
            None,
            templates(CCD + "53", PCC + "4.7.2", FR + "43"),
            node("manufacturedMaterial", None, material, name),
        )
        administration = node(
            "substanceAdministration",
            {"classCode": "SBADM", "moodCode": "EVN"},
            templates(CCD + "24", PCC + "4.7", FR + "42", PCC + "4.7.1"),
            self._id(anchor),
            what,
            text_link(anchor),
            status(),
            duration,
            node("consumable", None, product),
            instruction,
        )
        return node("entry", {"typeCode": "DRIV"}, administration)

    def _concern(self, kind: str, model: str, anchor: str, status_code: str, duration: Node, observation: Node) -> Node:
        return _entry(
            node(
                "act",
                {"classCode": "ACT", "moodCode": "EVN"},
                templates(CCD + "27", PCC + "4.5.1", kind, model),
                self._id(f"{anchor}-suivi"),
                unknown("code", "NA"),
                status(status_code),
                duration,
                node("entryRelationship", {"typeCode": "SUBJ", "inversionInd": "false"}, observation),
            )
        )

    def _id(self, anchor: str) -> Node:
        return identifier(str(uuid5(self._document, anchor)).upper())


def _entry(content: Node) -> Node:
    return node("entry", None, content)


def _clinical_status(value: str, system: str, label: str, anchor: str) -> Node:
    """FR-Statut-du-probleme."""
    observation = node(
        "observation",
        {"classCode": "OBS", "moodCode": "EVN"},
        templates(CCD + "50", CCD + "57", PCC + "4.1.1", FR + "30"),
        code("code", Coded(code="33999-4", code_system=LOINC, label="Statut")),
        text_link(f"{anchor}-statut"),
        status(),
        code("value", Coded(code=value, code_system=system, label=label), type="CE"),
    )
    return node("entryRelationship", {"typeCode": "REFR", "inversionInd": "false"}, observation)


def _comment(anchor: str) -> Node:
    """FR-Commentaire-ER."""
    act = node(
        "act",
        {"classCode": "ACT", "moodCode": "EVN"},
        templates(CCD + "40", PCC + "4.2", FR + "32"),
        code("code", Coded(code="48767-8", code_system=LOINC, label="Commentaire")),
        text_link(f"{anchor}-commentaire"),
        status(),
    )
    return node("entryRelationship", {"typeCode": "SUBJ", "inversionInd": "true"}, act)


def _instruction(target: str) -> Node:
    """FR-Instructions-au-patient."""
    act = node(
        "act",
        {"classCode": "ACT", "moodCode": "INT"},
        templates(CCD + "49", PCC + "4.3", FR + "33"),
        code("code", Coded(code="PINSTRUCT", code_system=IHE_ACT_CODE, label="Instruction au patient")),
        text_link(target),
        status(),
    )
    return node("entryRelationship", {"typeCode": "SUBJ", "inversionInd": "true"}, act)


def _agent(agent: Coded, anchor: str) -> Node:
    """The agent of an allergy, in the form of IHE PCC."""
    entity = node(
        "playingEntity",
        {"classCode": "MMAT"},
        code("code", agent, original_text(anchor)),
        node("name", None, agent.label),
    )
    return node("participant", {"typeCode": "CSM"}, node("participantRole", {"classCode": "MANU"}, entity))

"""Faults of the VSM: what the header says of the patient, of the document and of the people around it."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable
from dataclasses import replace

from conformance.lgc.faults.editing import all_of, remove
from conformance.lgc.practice import Practice
from conformance.lgc.vsm import Draft, Vsm
from conformance.lgc.xml import Node
from conformance.sut.contract import Coded, Identity, Patient
from conformance.terminology.code_systems import LOINC


class WrongInsOid(Vsm):
    """Sends the matricule under the OID of production, whatever authority gave it.

    Envoie le matricule sous l’OID de production, quelle que soit l’autorité qui l’a donné.
    """

    def identity_sent(self, identity: Identity) -> Identity:
        sent = super().identity_sent(identity)
        return replace(sent, ins=replace(sent.ins, oid="1.2.250.1.213.1.4.8")) if sent.ins else sent


class WrongInsKey(Vsm):
    """Sends the matricule with a wrong key.

    Envoie le matricule avec une clé fausse.
    """

    def identity_sent(self, identity: Identity) -> Identity:
        sent = super().identity_sent(identity)
        if sent.ins is None:
            return sent
        number, key = sent.ins.matricule[:13], int(sent.ins.matricule[13:])
        return replace(sent, ins=replace(sent.ins, matricule=f"{number}{key % 97 + 1:02d}"))


class SendsUnqualifiedIns(Vsm):
    """Sends the matricule whatever the status of the identity.

    Envoie le matricule quel que soit le statut de l’identité.
    """

    def identity_sent(self, identity: Identity) -> Identity:
        return identity


class WithholdsQualifiedIns(Vsm):
    """Never sends the matricule, even when the identity is qualified.

    N’envoie jamais le matricule, même quand l’identité est qualifiée.
    """

    def identity_sent(self, identity: Identity) -> Identity:
        return replace(super().identity_sent(identity), ins=None)


class LosesAccents(Vsm):
    """Writes the patient's names without their accents.

    Écrit les noms du patient sans leurs accents.
    """

    def identity_sent(self, identity: Identity) -> Identity:
        return _names_changed(super().identity_sent(identity), _without_accents)


class UppercasesUsedNames(Vsm):
    """Writes the patient's used names in capitals.

    Écrit en capitales les noms utilisés du patient.
    """

    def identity_sent(self, identity: Identity) -> Identity:
        sent = super().identity_sent(identity)
        return replace(
            sent,
            used_name=sent.used_name and sent.used_name.upper(),
            used_given_name=sent.used_given_name and sent.used_given_name.upper(),
        )


class TruncatesNames(Vsm):
    """Cuts the patient's names after 30 characters.

    Coupe les noms du patient après 30 caractères.
    """

    def identity_sent(self, identity: Identity) -> Identity:
        return _names_changed(super().identity_sent(identity), lambda name: name[:30])


class EscapesNamesTwice(Vsm):
    """Escapes the patient's names for XML although the writer does it again (``D&#x27;ARC``).

    Échappe les noms du patient pour XML alors que l’écriture le refait (``D&#x27;ARC``).
    """

    def identity_sent(self, identity: Identity) -> Identity:
        return _names_changed(super().identity_sent(identity), html.escape)


class SwapsBirthAndUsedNames(Vsm):
    """Writes the used name as birth name, and the birth name as used name.

    Écrit le nom utilisé comme nom de naissance, et l’inverse.
    """

    def identity_sent(self, identity: Identity) -> Identity:
        sent = super().identity_sent(identity)
        if sent.used_name is None:
            return sent
        return replace(sent, birth_name=sent.used_name, used_name=sent.birth_name)


class ForgetsBirthPlace(Vsm):
    """Leaves the place of birth out of the header.

    Omet le lieu de naissance dans l’en-tête.
    """

    def compose(self, draft: Draft) -> Node:
        document = super().compose(draft)
        remove(document, "//h:recordTarget//h:birthplace")
        return document


class WrongBirthDate(Vsm):
    """Writes the year of birth one too late.

    Écrit une année de naissance trop grande d’un an.
    """

    def compose(self, draft: Draft) -> Node:
        document = super().compose(draft)
        for birth in all_of(document, "//h:recordTarget//h:birthTime"):
            birth.set("value", f"{int(birth.get('value', '')[:4]) + 1}{birth.get('value', '')[4:]}")
        return document


class WrongSex(Vsm):
    """Writes that every patient is a woman.

    Écrit que chaque patient est une femme.
    """

    def compose(self, draft: Draft) -> Node:
        document = super().compose(draft)
        for sex in all_of(document, "//h:recordTarget//h:administrativeGenderCode"):
            sex.set("code", "F")
            sex.set("displayName", "Féminin")
        return document


class WrongTypeCode(Vsm):
    """Declares another type of document: « Synthèse d'épisode de soins ».

    Déclare un autre type de document : « Synthèse d’épisode de soins ».
    """

    concept = Coded(code="34133-9", code_system=LOINC, label="Synthèse d'épisode de soins")


class WrongTitle(Vsm):
    """Entitles the document as a letter.

    Intitule le document comme une lettre.
    """

    title = "Lettre de liaison à l'entrée"


class ForgetsAttendingPhysician(Vsm):
    """Does not name the médecin traitant.

    Ne nomme pas le médecin traitant.
    """

    def compose(self, draft: Draft) -> Node:
        document = super().compose(draft)
        remove(document, "/h:ClinicalDocument/h:participant")
        return document


class WrongAttendingPhysician(Vsm):
    """Names its user as the médecin traitant of every patient.

    Nomme son utilisateur comme médecin traitant de chaque patient.
    """

    def compose(self, draft: Draft) -> Node:
        return super().compose(replace(draft, attending_physician=None))


class WrongDocumentedAct(Vsm):
    """Documents a consultation instead of the act « Historique et clinique ».

    Documente une consultation au lieu de l’acte « Historique et clinique ».
    """

    def compose(self, draft: Draft) -> Node:
        document = super().compose(draft)
        for act in all_of(document, "//h:documentationOf/h:serviceEvent/h:code"):
            act.set("code", "34108-1")
            act.set("displayName", "Note de consultation")
        return document


class TimeWithoutOffset(Vsm):
    """Writes the creation time of the document without its UTC offset.

    Écrit l’heure de création du document sans son décalage UTC.
    """

    def compose(self, draft: Draft) -> Node:
        document = super().compose(draft)
        for time in all_of(document, "/h:ClinicalDocument/h:effectiveTime"):
            time.set("value", time.get("value", "")[:14])
        return document


class GeneratesForLastPatientCreated(Practice):
    """Makes the document of the patient created last, whichever was asked for.

    Fait le document du dernier patient créé, quel que soit celui qui est demandé.
    """

    def patient_in_front(self, patient_id: str) -> Patient:
        super().patient_in_front(patient_id)
        return self.store.patients()[-1]


def _names_changed(identity: Identity, change: Callable[[str], str]) -> Identity:
    return replace(
        identity,
        birth_name=change(identity.birth_name),
        birth_given_names=change(identity.birth_given_names),
        first_birth_given_name=change(identity.first_birth_given_name),
        used_name=change(identity.used_name) if identity.used_name else None,
        used_given_name=change(identity.used_given_name) if identity.used_given_name else None,
    )


def _without_accents(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))

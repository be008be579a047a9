"""Faults of secure mail: whose document it is, and which version."""

from __future__ import annotations

from dataclasses import replace

from conformance.exchange.cda_header import Patient as ToldPatient
from conformance.exchange.metadata.hl7 import Cx
from conformance.identity.traits import strict_name
from conformance.lgc.mail.desk import Desk
from conformance.lgc.mail.intake import Taken
from conformance.lgc.mail.reading import Found, Incoming
from conformance.lgc.mail.vigilance import Match, Told, Vigilance
from conformance.lgc.store import Store
from conformance.lgc.versions import Placement, Standing, Versions
from conformance.sut.contract import DocumentStatus, DocumentView, Identity, Patient, WorklistReason


class IgnoresTheTraits(Vigilance):
    """Files by the INS alone, whatever the traits of the document.

    Classe sur la seule INS, quels que soient les traits du document.
    """

    def traits_agree(self, known: Identity, told: ToldPatient) -> bool:
        return True


class IgnoresTheKey(Vigilance):
    """Compares the first thirteen characters of matricules only.

    Ne compare que les treize premiers caractères des matricules.
    """

    def right_key(self, ins: Cx) -> bool:
        return True

    def holders(self, store: Store, ins: Cx) -> list[Patient]:
        return [
            each
            for each in store.patients()
            if (known := each.file.identity.ins) is not None
            and (known.matricule[:13], known.oid) == (ins.id[:13], ins.authority)
        ]


class IgnoresTheRoot(Vigilance):
    """Takes the same digits under another root for the same INS.

    Prend les mêmes chiffres sous une autre racine pour la même INS.
    """

    def holders(self, store: Store, ins: Cx) -> list[Patient]:
        return store.patients_with(matricule=ins.id)


class TrustsIdentitiesThatAreNotQualified(Vigilance):
    """Files into records whose identity is not qualified.

    Classe dans des dossiers dont l’identité n’est pas qualifiée.
    """

    def qualified(self, identity: Identity) -> bool:
        return True


class FilesByName(Vigilance):
    """Files a document without INS into the record with the same names.

    Classe un document sans INS dans le dossier qui porte les mêmes noms.
    """

    def find(self, store: Store, told: Told) -> Match:
        match = super().find(store, told)
        return Match(match.proposed) if match.proposed and self.matricule(told) is None else match


class TrustsTheMetadataAlone(Vigilance):
    """Files by METADATA.XML even when the document names another patient.

    Classe d’après METADATA.XML même quand le document nomme un autre patient.
    """

    def find(self, store: Store, told: Told) -> Match:
        ins = self.matricule(told)
        holders = self.holders(store, ins) if ins else []
        if ins is not None and len(holders) == 1 and told.header.ins and not self.same_in_the_document(ins, told):
            return Match(holders[0])
        return super().find(store, told)


class GivesUpAmongNamesakes(Vigilance):
    """Leaves a document to the user when two patients have the same traits, though its INS tells them apart.

    Laisse un document à l’utilisateur quand deux patients ont les mêmes traits, alors que son INS les distingue.
    """

    def find(self, store: Store, told: Told) -> Match:
        match = super().find(store, told)
        alike = store.patients_with(birth_name=strict_name(told.header.birth_name)) if match.patient else []
        if len([each for each in alike if self.same_traits(each.file.identity, told.header)]) > 1:
            return Match(reason=WorklistReason.AMBIGUOUS_PATIENT, words="Plusieurs patients ont ces traits.")
        return match


class TrustsTheSubject(Vigilance):
    """Files into the record of the patient whom the subject names.

    Classe dans le dossier du patient que l’objet nomme.
    """

    def find(self, store: Store, told: Told) -> Match:
        match = super().find(store, told)
        if match.patient is None or _named(match.patient, told.subject):
            return match
        return next((Match(each) for each in store.patients() if _named(each, told.subject)), match)


def _named(patient: Patient, subject: str) -> bool:
    identity = patient.file.identity
    return f"{identity.birth_name} {identity.first_birth_given_name}" in subject


class FilesAllToTheFirstPatient(Desk):
    """Files all the documents of an archive into the record of the first one's patient.

    Classe tous les documents d’une archive dans le dossier du patient du premier.
    """

    def document(self, incoming: Incoming, found: Found, taken: Taken) -> None:
        first = incoming.documents[0]
        if first.header.patient.ins == found.header.patient.ins and not incoming.problem:
            super().document(incoming, found, taken)
            return
        match = self.vigilance.find(self.store, Told(first.patient_id, first.header.patient))
        if match.patient is None or any(each.problem for each in incoming.documents):
            super().document(incoming, found, taken)
        else:
            self._file(replace(incoming, problem=""), found, match.patient, taken)


class IntegratesDuplicates(Versions):
    """Files a document again each time that it comes.

    Classe un document de nouveau à chaque fois qu’il arrive.
    """

    def place(
        self,
        new: DocumentView,
        known: DocumentView | None,
        versions: list[DocumentView],
        named: list[DocumentView],
        *,
        superseded: bool = False,
    ) -> Placement:
        if known is not None:
            return Placement(Standing.NEW, DocumentStatus.CURRENT)
        return super().place(new, known, versions, named, superseded=superseded)


class KeepsTheOldVersionCurrent(Versions):
    """Leaves the former version in force beside the new one.

    Laisse l’ancienne version en vigueur à côté de la nouvelle.
    """

    def newer(self, current: tuple[DocumentView, ...]) -> Placement:
        return Placement(Standing.NEWER, DocumentStatus.CURRENT)


class IgnoresNewVersions(Versions):
    """Takes a new version for the document that is there already.

    Prend une nouvelle version pour le document qui est déjà là.
    """

    def newer(self, current: tuple[DocumentView, ...]) -> Placement:
        return Placement(Standing.KNOWN, None)


class IsSilentAboutNewVersions(Versions):
    """Files a new version without telling the user that it is one.

    Classe une nouvelle version sans dire à l’utilisateur que c’en est une.
    """

    def newer(self, current: tuple[DocumentView, ...]) -> Placement:
        return Placement(Standing.NEW, DocumentStatus.CURRENT, current)


class ShowsAnOldVersionAsCurrent(Versions):
    """Shows an older version that arrives late as in force.

    Montre comme en vigueur une version plus ancienne qui arrive en retard.
    """

    def late(self) -> Placement:
        return Placement(Standing.NEW, DocumentStatus.CURRENT)


class ComparesIdentifiersOnly(Versions):
    """Files the same version again when it comes under another id.

    Classe de nouveau la même version quand elle arrive sous un autre identifiant.
    """

    def same_version(self, new: DocumentView, versions: list[DocumentView]) -> bool:
        return False


class ProposesNobody(Vigilance):
    """Proposes no patient for a document that waits.

    Ne propose aucun patient pour un document qui attend.
    """

    def find(self, store: Store, told: Told) -> Match:
        return replace(super().find(store, told), proposed=None)

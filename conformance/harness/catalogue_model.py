"""The words of the catalogue: requirement, proof, gap, domain, and how one is found by any of its ids."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from conformance.core.errors import BenchError, UsageError
from conformance.core.findings import Trust
from conformance.core.language import Text


class Obligation(StrEnum):
    """How strongly the product is bound: DOIT, PEUT, DOIT under a condition, or not stated by the sources."""

    MANDATORY = "mandatory"
    OPTIONAL = "optional"
    CONDITIONAL = "conditional"
    NOT_STATED = "not_stated"


class ProofKind(StrEnum):
    """What the ANS accepts as proof; ``pdf`` is any document that the product made, on paper or not."""

    VIDEO = "video"
    GAZELLE = "gazelle"
    EXECUTION = "execution"
    SMTP = "smtp"
    CNDA = "cnda"
    LOG = "log"
    PDF = "pdf"
    ATTESTATION = "attestation"
    PASSI = "passi"
    DOCUMENT = "document"


class Verification(StrEnum):
    """Who can judge: a machine, a person who looks, or a third party (cards, teleservices, certificates)."""

    MACHINE = "machine"
    PERSON = "person"
    THIRD_PARTY = "third_party"


class Attribution(StrEnum):
    """How surely the words of a requirement belong to its id, where the register lists several ids in one line."""

    OWN = "own"
    ORDER = "order"
    LINE = "line"


class GapReason(StrEnum):
    """The closed list of reasons for which the kit does not check a requirement at all."""

    NEEDS_PERSON = "needs_person"
    NEEDS_THIRD_PARTY = "needs_third_party"
    OBSOLETE = "obsolete"
    NOT_OBSERVABLE = "not_observable"
    PLANNED = "planned"
    TEXT_UNKNOWN = "text_unknown"
    OTHER_CORRIDOR = "other_corridor"
    OUTSIDE_SCOPE = "outside_scope"


THIRD_PARTIES: Mapping[str, Text] = {
    "cnda": Text("l’homologation du CNDA", "the CNDA homologation"),
    "insi": Text("le téléservice INSi", "the INSi teleservice"),
    "psc": Text("Pro Santé Connect", "Pro Santé Connect"),
    "ncpeh": Text("le point de contact national (NCPeH)", "the national contact point (NCPeH)"),
    "hl7_partner": Text("un logiciel partenaire en HL7", "a partner software speaking HL7"),
}
"""Who is needed besides the kit and the product, for ``needs_third_party``."""

CLAIMS: Mapping[str, Text] = {
    "medecin_traitant": Text("profil Médecin traitant", "profile Médecin traitant (treating doctor)"),
    "centre_de_sante": Text("centres de santé", "health centres"),
    "bal_applicative": Text("boîte aux lettres applicative", "applicative mailbox"),
}
"""The profiles that a product may claim, and on which a requirement may depend."""

PLANNED_PROFILES = ("vsm", "messagerie", "alimentation", "consultation", "biologie")
"""The profiles that ``planned`` may name."""

MARKS: Mapping[Trust, str] = {Trust.PUBLISHED: "★", Trust.REGISTER_2023: "◇", Trust.OBSOLETE: "◌"}
"""The signs that stand for the trust level in lists; second-hand facts have none."""

_GAP_SENTENCES: Mapping[GapReason, Text] = {
    GapReason.NEEDS_PERSON: Text("seule une personne peut en juger", "only a person can judge"),
    GapReason.NEEDS_THIRD_PARTY: Text("il faut aussi {subject}", "this also needs {subject}"),
    GapReason.OBSOLETE: Text("obsolète ou à retravailler en 2023", "obsolete or to rework in 2023"),
    GapReason.NOT_OBSERVABLE: Text("rien ne s’en voit de l’extérieur du logiciel", "nothing of it shows from outside"),
    GapReason.PLANNED: Text("prévue dans le profil « {subject} »", "planned in the profile “{subject}”"),
    GapReason.TEXT_UNKNOWN: Text("texte non trouvé dans les sources publiques", "text not found in public sources"),
    GapReason.OTHER_CORRIDOR: Text("concerne un autre type de logiciel", "concerns another kind of software"),
    GapReason.OUTSIDE_SCOPE: Text("hors du champ de ce kit", "outside the scope of this kit"),
}

_CONFIRM = Text(
    "Signalée dans le REM publié de la vague 2 par l’analyse d’un seul tiers : à confirmer dans le texte publié.",
    "Reported in the published wave 2 REM by one third party's analysis alone: confirm in the published text.",
)
_STANDING: Mapping[Trust, Text] = {
    Trust.REGISTER_2023: Text(
        "Approuvée dans le registre de l’ANS de mars 2023, non vue dans un fichier publié.",
        "Approved in the ANS register of March 2023, not seen in a published file.",
    ),
    Trust.OBSOLETE: Text(
        "Marquée obsolète ou à retravailler en mars 2023 ; gardée pour expliquer ce qui la suit.",
        "Marked obsolete or to rework in March 2023; kept to explain what follows it.",
    ),
    Trust.SECOND_HAND: Text(
        "De seconde main : à confirmer dans le texte publié.",
        "Second-hand: confirm in the published text.",
    ),
}


class CatalogueError(BenchError):
    """A catalogue file that breaks its own rules: a fault of the kit, with the file and the id."""


@dataclass(frozen=True, slots=True)
class Proof:
    """One proof that the ANS asks for; ``test_case`` names the test of Gazelle or of the MSSanté tool."""

    kind: ProofKind
    test_case: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Why the kit does not check a requirement; ``subject``: the profile planned or the third party needed."""

    reason: GapReason
    subject: str = ""

    @property
    def sentence(self) -> Text:
        """The reason in words, without capital nor full stop."""
        return _GAP_SENTENCES[self.reason].format(subject=THIRD_PARTIES.get(self.subject, self.subject))


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement. ``proofs`` and ``scenarios`` are ``None`` when unknown, empty when there are none."""

    id: str
    domain: str
    demand: Text
    wave: int
    obligation: Obligation
    trust: Trust
    source: tuple[str, ...]
    proofs: tuple[Proof, ...] | None
    scenarios: tuple[str, ...] | None
    verification: Verification
    gap: Gap | None = None
    condition: Text | None = None
    claim: str = ""
    corridor: str = ""
    attribution: Attribution = Attribution.OWN
    together: tuple[str, ...] = ()
    """The other ids that share these words."""
    aliases: tuple[str, ...] = ()
    v1_ids: tuple[str, ...] = ()
    proof_ids: tuple[str, ...] = ()
    former_scenarios: tuple[str, ...] = ()
    eco: tuple[str, ...] = ()
    guide: tuple[str, ...] = ()
    note: Text | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Every id by which it may be asked for, its own first."""
        return (self.id, *self.aliases, *self.v1_ids)

    @property
    def mark(self) -> str:
        """★, ◇, ◌ or nothing."""
        return MARKS.get(self.trust, "")

    @property
    def standing(self) -> Text:
        """How far the id and its words can be trusted, to print wherever the requirement is cited."""
        if self.trust is not Trust.PUBLISHED:
            return _STANDING[self.trust]
        if any(tag.startswith("FAQ") for tag in self.source):
            return Text("Citée par une page officielle de l’ANS (extrait).", "Cited by an official ANS page (excerpt).")
        return _CONFIRM


@dataclass(frozen=True, slots=True)
class Domain:
    """One file of the catalogue: its name (``ins``, ``documents``…), its title, its requirements in order."""

    name: str
    title: Text
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True)
class Catalogue:
    """The domains, in alphabetical order of their names."""

    domains: tuple[Domain, ...]
    _names: dict[str, tuple[Requirement, ...]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for each in self:
            for name in each.names:
                # A requirement that bears the name as its own id comes before those that once bore it.
                known = self._names.get(name, ())
                self._names[name] = (each, *known) if name == each.id else (*known, each)

    def __iter__(self) -> Iterator[Requirement]:
        return (requirement for domain in self.domains for requirement in domain.requirements)

    def named(self, identifier: str) -> tuple[Requirement, ...]:
        """All that bear or bore this id (wave 1 ids were used again: ``DOC.03``); nothing when unknown."""
        return self._names.get(identifier.strip(), ())

    def requirement(self, identifier: str) -> Requirement:
        """The requirement of this id or alias; its own id goes before a former one.

        Raises ``UsageError`` for an unknown id (with the nearest ones) and for a former id of several.
        """
        found = self.named(identifier)
        if len(found) == 1 or (found and found[0].id == identifier.strip()):
            return found[0]
        if found:
            ids = ", ".join(each.id for each in found)
            raise UsageError(
                "catalogue.ambiguous-id",
                Text(
                    f"« {identifier} » est un ancien identifiant, repris par plusieurs exigences : {ids}.",
                    f"“{identifier}” is a former id, taken over by several requirements: {ids}.",
                ),
                Text("Donnez l’un d’eux.", "Give one of them."),
            )
        near = difflib.get_close_matches(identifier, self._names, n=3, cutoff=0.7)
        raise UsageError(
            "catalogue.unknown-id",
            Text(
                f"L’exigence « {identifier} » n’est pas dans le catalogue.",
                f"The requirement “{identifier}” is not in the catalogue.",
            ),
            Text(f"Vouliez-vous dire {', '.join(near)} ?", f"Did you mean {', '.join(near)}?")
            if near
            else Text("« segur list » les montre toutes.", "“segur list” shows them all."),
        )

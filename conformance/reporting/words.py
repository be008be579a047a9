"""The words that every view uses for the same thing, in both languages."""

from __future__ import annotations

import re

from conformance.core.events import Bilingual, bilingual
from conformance.core.language import Text

VERDICTS = {
    "pass": Text("Réussi", "Passed"),
    "fail": Text("Échec", "Failed"),
    "not_checked": Text("Non vérifié", "Not checked"),
    "not_applicable": Text("Sans objet", "Not applicable"),
    "to_review": Text("À relire", "To review"),
    "bench_error": Text("Erreur du banc", "Bench error"),
}

VERDICT_MEANINGS = {
    "pass": Text(
        "Le contrôle a été exécuté et le produit a fait ce qui est demandé.",
        "The check was executed and the product did what is demanded.",
    ),
    "fail": Text(
        "Le contrôle a été exécuté et le produit n’a pas fait ce qui est demandé.",
        "The check was executed and the product did not do what is demanded.",
    ),
    "not_checked": Text(
        "Rien n’a été exécuté jusqu’au bout : ce n’est ni une réussite, ni un échec.",
        "Nothing was executed to its end: neither a success nor a failure.",
    ),
    "not_applicable": Text(
        "La demande ne vise pas ce produit ; la raison vient d’une liste fermée.",
        "The demand is not made of this product; the reason comes from a closed list.",
    ),
    "to_review": Text(
        "Une personne doit regarder : le banc ne peut pas conclure seul.",
        "A person must look: the bench cannot conclude alone.",
    ),
    "bench_error": Text(
        "Le banc de test a échoué ; le produit n’est pas en cause et l’exécution est à refaire.",
        "The test bench failed; the product is not to blame and the run must be done again.",
    ),
}

RUN_VERDICTS = {
    "pass": Text("Conforme sur ce qui a été vérifié", "Conforming in what was checked"),
    "fail": Text("Non conforme", "Not conforming"),
    "not_checked": Text("Incomplet", "Incomplete"),
    "not_applicable": Text("Sans objet", "Not applicable"),
    "to_review": Text("À relire par une personne", "To be reviewed by a person"),
    "bench_error": Text("Exécution invalide : erreur du banc", "Invalid run: bench error"),
}

SEVERITIES = {
    "error": Text("Erreur", "Error"),
    "warning": Text("Avertissement", "Warning"),
    "info": Text("Information", "Information"),
}

TRUST = {
    "published": Text("Publié", "Published"),
    "register_2023": Text("Registre 2023", "2023 register"),
    "second_hand": Text("De seconde main", "Second-hand"),
    "obsolete": Text("Obsolète", "Obsolete"),
    "own": Text("Propre au kit", "Kit’s own"),
}

TRUST_SIGNS = {"published": "★", "register_2023": "◇", "second_hand": "?", "obsolete": "◌", "own": "+"}

TRUST_MEANINGS = {
    "published": Text(
        "Lu dans le texte publié, ou signalé dans le registre publié de la vague 2.",
        "Read in the published text, or reported in the published register of wave 2.",
    ),
    "register_2023": Text(
        "Approuvé dans le registre de mars 2023, non vu dans un fichier publié.",
        "Approved in the register of March 2023, not seen in a published file.",
    ),
    "second_hand": Text(
        "Connu par une seule source indirecte : à confirmer dans le texte publié.",
        "Known through one indirect source only: confirm in the published text.",
    ),
    "obsolete": Text(
        "Obsolète ou à reprendre en 2023 ; gardé pour la trace.",
        "Marked obsolete or to rework in 2023; kept for the record.",
    ),
    "own": Text(
        "Règle propre au kit, au-delà des textes officiels.",
        "A rule of the kit’s own, beyond the official texts.",
    ),
}

OBLIGATIONS = {
    "mandatory": Text("Obligatoire", "Mandatory"),
    "optional": Text("Facultative", "Optional"),
    "conditional": Text("Sous condition", "Conditional"),
    "not_stated": Text("Non précisée", "Not stated"),
}

ROLES = {
    "sent": Text("Envoyé au produit", "Sent to the product"),
    "received": Text("Reçu du produit", "Received from the product"),
    "produced": Text("Produit par le logiciel", "Made by the product"),
    "log": Text("Journal du banc", "Log of the bench"),
}

PROOF_KINDS = {
    "video": Text("vidéo ou captures d’écran", "video or screenshots"),
    "gazelle": Text("rapport de validation Gazelle", "Gazelle validation report"),
    "execution": Text("exécution de l’outil MSSanté", "execution of the MSSanté tool"),
    "smtp": Text("source du message (SMTP)", "source of the message (SMTP)"),
    "cnda": Text("certificat du CNDA", "CNDA certificate"),
    "log": Text("journaux, traces", "logs, traces"),
    "pdf": Text("document produit", "document produced"),
    "attestation": Text("attestation sur l’honneur", "sworn statement"),
    "passi": Text("formulaire PASSI", "PASSI form"),
    "document": Text("documentation, procédure", "documentation, procedure"),
}
"""What the register asks the vendor to file."""

ANSWERS = {
    "yes": Text("Attesté : oui", "Attested: yes"),
    "no": Text("Attesté : non", "Attested: no"),
    "not_applicable": Text("Attesté : sans objet", "Attested: not applicable"),
}

REASONS = {
    "profile_not_claimed": Text("profil non revendiqué", "profile not claimed"),
    "condition_not_met": Text("condition non remplie", "condition not met"),
    "optional_not_offered": Text("option non proposée", "option not offered"),
    "replaced_by_certificate": Text("remplacé par un certificat", "replaced by a certificate"),
}

OPINIONS = {
    "agrees": Text("L’auditeur est d’accord", "The auditor agrees"),
    "disagrees": Text("L’auditeur n’est pas d’accord", "The auditor disagrees"),
    "question": Text("L’auditeur pose une question", "The auditor asks"),
}

DEVIATION_STATES = {
    "holds": Text("Échec attendu, constaté", "Expected failure, seen"),
    "stale": Text("À retirer : ses tests n’échouent plus", "To remove: its tests no longer fail"),
    "expired": Text("À revoir : la date est passée", "To review: its date has passed"),
    "unknown": Text("À corriger : aucun test de ce nom", "To correct: no test of this name"),
    "not_played": Text("Non jouée dans cette exécution", "Not played in this run"),
}

OUTCOMES = {
    "done": Text("fait", "done"),
    "failed": Text("échoué", "failed"),
    "cut": Text("interrompu", "cut short"),
}

PAGE = {
    "search": Text("Chercher…", "Search…"),
    "more": Text("Afficher la suite", "Show more"),
    "nothing": Text("Rien à afficher.", "Nothing to show."),
    "all_requirements": Text("Toutes les exigences", "All requirements"),
    "all_profiles": Text("Tous les profils", "All profiles"),
    "line": Text("ligne", "line"),
    "column": Text("colonne", "column"),
    "scenario": Text("Scénario", "Scenario"),
    "proof": Text("Preuve", "Proof"),
    "story": Text("Déroulé", "Story"),
    "figures": Text("Mesures", "Figures"),
    "account": Text("Compte rendu technique", "Technical account"),
    "replay": Text("Pour rejouer ce test", "To play this test again"),
    "deviation": Text("Écart déclaré :", "Declared deviation:"),
    "beyond": Text(
        "Règle propre au kit : les contrôles officiels ne la posent pas.",
        "A rule of the kit’s own: the official checks do not make it.",
    ),
    "in_tests": Text("Vu dans ces tests", "Seen in these tests"),
    "excerpt": Text("Extrait du document", "Excerpt of the document"),
    "readable": Text("Lecture", "Readable"),
    "source": Text("Source", "Source"),
    "download": Text("Télécharger", "Download"),
    "download_masked": Text("Télécharger la copie masquée", "Download the masked copy"),
    "original": Text("Original, dans le dossier de l’exécution", "Original, in the folder of the run"),
    "changed": Text(
        "Ce fichier a été modifié depuis l’exécution : il ne prouve plus rien.",
        "This file was changed since the run: it proves nothing any more.",
    ),
    "not_embedded": Text(
        "Ce fichier n’est pas dans la page : ouvrez l’original.", "This file is not inside the page: open the original."
    ),
}

DOCUMENT = {
    "report": Text("Rapport de conformité", "Conformance report"),
    "contents": Text("Sommaire", "Contents"),
    "summary": Text("Synthèse", "Summary"),
    "first": Text("À voir d’abord", "To look at first"),
    "domain": Text("Domaine", "Domain"),
    "all": Text("Ensemble", "All"),
    "count": Text("Nombre", "Count"),
    "tests": Text("Tests", "Tests"),
    "findings": Text("Constats", "Findings"),
    "evidence": Text("Preuves", "Evidence"),
    "requirements": Text("Exigences", "Requirements"),
    "requirement": Text("Exigence", "Requirement"),
    "demand": Text("Ce qui est demandé", "What is demanded"),
    "obligation": Text("Obligation", "Obligation"),
    "source": Text("Source", "Source"),
    "verdict": Text("Verdict", "Verdict"),
    "meaning": Text("Ce que cela veut dire", "What it means"),
    "attested": Text("Exigences qu’une personne doit attester", "Requirements that a person must attest"),
    "attested_lead": Text(
        "Aucun test ne peut en juger : elles sont comptées à part.", "No test can judge these: they are counted apart."
    ),
    "no_finding": Text("Aucun constat sur les documents.", "No finding on the documents."),
    "findings_left": Text(
        "autres constats sont dans report.json et dans la page HTML.",
        "more findings are in report.json and in the HTML page.",
    ),
    "figures": Text("Mesures", "Figures"),
    "number": Text("N°", "No."),
    "found_in": Text("tests n°", "tests no."),
    "tests_done": Text("Ce qui a été fait", "What was done"),
    "tests_left": Text("autres tests sont dans report.json.", "more tests are in report.json."),
    "method": Text("Méthode", "Method"),
    "method_words": Text(
        "Une exigence est réussie quand au moins un de ses tests a été exécuté et que tous ceux qui s’appliquent sont "
        "réussis. Ce rapport est produit par un kit libre ; il ne remplace pas le référencement par l’autorité.",
        "A requirement passes when at least one of its tests was executed and all that apply passed. This report is made "
        "by an open-source kit; it does not replace referencing by the authority.",
    ),
    "annex": Text("Annexe : preuves et empreintes", "Annex: evidence and digests"),
    "annex_words": Text(
        "Chaque message et document échangé, gardé une seule fois, octet pour octet, sous son empreinte SHA-256 ; le "
        "numéro est celui du premier test qui l’a vu.",
        "Every message and document exchanged, kept once, octet for octet, under its SHA-256 digest; the number is that of "
        "the first test that saw it.",
    ),
    "deviations": Text("Écarts déclarés", "Declared deviations"),
    "deviations_words": Text(
        "Un écart explique un échec ; il ne le rend jamais vert.",
        "A deviation explains a failure; it never turns it green.",
    ),
    "test": Text("Test", "Test"),
    "reason": Text("Raison", "Reason"),
    "owner": Text("Responsable", "Owner"),
    "expires": Text("Échéance", "Expires"),
    "state": Text("État", "State"),
    "file": Text("Fichier", "File"),
    "role": Text("Origine", "Origin"),
    "size": Text("Octets", "Bytes"),
    "evidence_left": Text("autres fichiers sont dans report.json.", "more files are in report.json."),
}

INTERRUPTED = Text(
    "Exécution interrompue : ce rapport est partiel, il ne vaut pas conclusion.",
    "Interrupted run: this report is partial and concludes nothing.",
)

NO_DOMAIN = Text("Autres", "Others")


_WITHIN = re.compile(r"(?<=«) | (?=[»:;!?])")


def spaced(french: str) -> str:
    """French as it is set: no line ends after « nor before » : ; ! ?"""
    return _WITHIN.sub("\u00a0", french)


def as_json(words: dict[str, Text]) -> dict[str, Bilingual]:
    """A table of words as the page holds it."""
    return {key: bilingual(text) for key, text in words.items()}

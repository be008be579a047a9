"""The channel with the operator: encrypted first, with whom it must be, opened with a token that is renewed."""

import contextlib

import pytest

from conformance.core.language import Text
from conformance.core.verdicts import NotApplicableReason
from conformance.harness.judgement import NotApplicable
from conformance.harness.marks import check
from conformance.harness.mssante import HOLDER, MailBench
from conformance.simulators.journal import Entry
from conformance.simulators.mssante.service import Lists
from conformance.simulators.mssante.tls import Face
from conformance.simulators.pki import Defect
from conformance.sut.contract import MessageRequest, ProductRefused

SUITES = (
    "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-SHA384", "ECDHE-RSA-AES128-SHA256",
    "DHE-RSA-AES256-GCM-SHA384", "DHE-RSA-AES128-GCM-SHA256",
)  # fmt: skip


def _demand_not_opened(mail: MailBench, what_fr: str, what_en: str) -> None:
    """The product must not show its token to this operator, for retrieval nor for submission."""
    mail.operator.hang_up()  # a product that keeps its connection would not meet this operator
    since = mail.operator.last
    question = MessageRequest(recipients=(mail.colleague(),), subject=f"Question {mail.token}", text="Oui ?")
    with contextlib.suppress(ProductRefused):
        mail.bench.product.send_message(question)
    mail.poll_refused_or_not()
    tried = mail.until(lambda: _opened_since(mail, since, "connect"))
    mail.until(lambda: len(_opened_since(mail, since, "close")) >= len(_opened_since(mail, since, "connect")))
    mail.bench.demand(
        bool(tried),
        "Le logiciel n'a pas cherché à joindre l'opérateur : rien n'est vérifié.",
        "The product did not try to reach the operator: nothing is checked.",
    )
    mail.bench.story.work += 1  # a product that looks by itself was asked nothing, and came
    mail.bench.demand(
        not _opened_since(mail, since, "auth"),
        f"Le logiciel a montré son jeton à un opérateur {what_fr}.",
        f"The product showed its token to an operator {what_en}.",
    )


def _opened_since(mail: MailBench, since: int, event: str) -> list[Entry]:
    """What happened in the connections that began since: one that was open already had met another operator."""
    found: list[Entry] = []
    for protocol in ("imap", "smtp"):
        began = {entry.session for entry in mail.operator.entries(f"{protocol}.connect", after=since)}
        found += [one for one in mail.operator.entries(f"{protocol}.{event}", after=since) if one.session in began]
    return found


def _logins(mail: MailBench) -> list[Entry]:
    """The logins to the mailbox that succeed from now on, as long as the patience of the profile lasts."""
    mail.operator.hang_up()  # a product that keeps its connection would not log in
    since = mail.operator.last
    mail.poll_refused_or_not()

    def accepted() -> list[Entry]:
        logins = [one for one in _opened_since(mail, since, "auth") if one.event == "imap.auth"]
        return [one for one in logins if one.facts["accepted"]]

    found = mail.until(accepted)
    mail.bench.story.work += len(found)  # a product that looks by itself was asked nothing
    return found


@check(
    "Le logiciel chiffre d'abord (TLS 1.2 ou 1.3, suite permise), puis s'authentifie en XOAUTH2",
    "The product encrypts first (TLS 1.2 or 1.3, an allowed suite), then logs in with XOAUTH2",
    requirements=("SC.MSS/CONF.01", "SC.MSS/CONF.05", "SC.MSS/CONF.06", "SC.MSS/CONF.07"),
)
def test_encryption_comes_first(mail: MailBench) -> None:
    sent = mail.send(MessageRequest(recipients=(mail.colleague(),), subject=f"Question {mail.token}", text="Oui ?"))
    mail.poll()
    fetched = mail.operator.entries("imap.auth", after=mail.started)
    sessions = {sent.submitted.session, *(entry.session for entry in fetched)}
    for entries in (_of(mail, session) for session in sessions):
        events = [entry.event.partition(".")[2] for entry in entries]
        mail.bench.demand(
            "tls" in events and "auth" in events and events.index("tls") < events.index("auth"),
            f"Le logiciel s'est authentifié avant de chiffrer ({', '.join(events)}).",
            f"The product logged in before encrypting ({', '.join(events)}).",
        )
        tls, auth = entries[events.index("tls")].facts, entries[events.index("auth")].facts
        mail.bench.demand(
            tls["version"] == "TLSv1.3" or (tls["version"] == "TLSv1.2" and tls["suite"] in SUITES),
            f"Le canal est en {tls['version']} avec {tls['suite']}.",
            f"The channel is in {tls['version']} with {tls['suite']}.",
        )
        mail.bench.demand(
            auth["mechanism"] == "XOAUTH2",
            f"Le logiciel s'authentifie par {auth['mechanism']} ; attendu XOAUTH2.",
            f"The product logs in with {auth['mechanism']}; expected XOAUTH2.",
        )


def _of(mail: MailBench, session: str) -> list[Entry]:
    return mail.operator.entries(session=session)  # a connection may be older than this test


@pytest.mark.parametrize("defect", [Defect.EXPIRED, Defect.WRONG_HOST, Defect.FOREIGN_ROOT], ids=str)
@check(
    "Un certificat expiré, d'un autre hôte ou d'une autre racine est refusé",
    "A certificate that is expired, of another host or of another root is refused",
    requirements=("SC.MSS/CONF.27", "MSS/va1.03", "MSS/va1.31", "MSS/va1.04", "MSS/va1.06"),
    catches=("trusts_any_certificate", "checks_the_operator_for_retrieval_only"),
)
def test_a_bad_certificate_is_refused(mail: MailBench, defect: Defect) -> None:
    with mail.alone(), mail.operator.shown(defect):
        _demand_not_opened(mail, f"dont le certificat est mauvais ({defect})", f"with a bad certificate ({defect})")


@check(
    "Un certificat révoqué est refusé",
    "A revoked certificate is refused",
    requirements=("SC.MSS/CONF.22", "MSS/va1.03", "MSS/va1.31", "MSS/va1.04", "MSS/va1.06"),
    catches=("never_asks_for_revocations", "checks_the_operator_for_retrieval_only"),
)
def test_a_revoked_certificate_is_refused(mail: MailBench) -> None:
    with mail.alone(), mail.operator.shown(Defect.REVOKED):
        _demand_not_opened(mail, "dont le certificat est révoqué", "whose certificate is revoked")


@check(
    "Sans serveur de listes, la dernière liste de révocation en vigueur décide encore",
    "Without the server of lists the latest revocation list in force still decides",
    requirements=("SC.MSS/CONF.22",),
    catches=("keeps_no_revocation_list", "never_asks_for_revocations", "checks_the_operator_for_retrieval_only"),
)
def test_the_latest_revocation_list_is_kept(mail: MailBench) -> None:
    with mail.alone():
        mail.poll()
        with mail.operator.lists(Lists.CUT):
            with mail.operator.shown(Defect.REVOKED):
                _demand_not_opened(mail, "dont le certificat est révoqué", "whose certificate is revoked")
            opened = _logins(mail)
    mail.bench.demand(
        bool(opened),
        "Le serveur de listes de révocation est coupé, et le logiciel n'ouvre plus la boîte, alors que la dernière liste est en vigueur.",
        "The server of revocation lists is cut, and the product does not open the mailbox any more, though the latest list is in force.",
    )


@check(
    "Un certificat d'une autre branche que Organisations est refusé",
    "A certificate of another branch than Organisations is refused",
    requirements=("SC.MSS/CONF.27",),
    catches=("trusts_any_branch", "trusts_any_certificate", "checks_the_operator_for_retrieval_only"),
)
def test_another_branch_is_refused(mail: MailBench) -> None:
    with mail.alone(), mail.operator.shown(Defect.WRONG_BRANCH):
        _demand_not_opened(mail, "de la branche Personnes", "of the branch Personnes")


@pytest.mark.parametrize("face", [Face.FORBIDDEN_SUITE, Face.TLS_1_1_ONLY, Face.NO_STARTTLS], ids=str)
@check(
    "Sans chiffrement permis, le logiciel renonce",
    "Without an allowed encryption the product gives up",
    requirements=("SC.MSS/CONF.03", "SC.MSS/CONF.01"),
    catches=("accepts_any_suite", "breaks_down_at_new_tls"),
)
def test_without_allowed_encryption_nothing_is_shown(mail: MailBench, face: Face) -> None:
    with mail.alone(), mail.operator.shown(face=face):
        _demand_not_opened(mail, f"mal chiffré ({face})", f"that encrypts badly ({face})")


@check(
    "Le logiciel accepte un opérateur qui ne parle que TLS 1.3, ou y renonce sans tomber en panne",
    "The product accepts an operator that speaks TLS 1.3 only, or gives up without breaking down",
    requirements=("SC.MSS/CONF.02", "SC.MSS/CONF.08"),
    catches=("breaks_down_at_new_tls",),
)
def test_tls_1_3_alone_is_accepted(mail: MailBench) -> None:
    with mail.alone(), mail.operator.shown(face=Face.TLS_1_3_ONLY):
        since = mail.operator.last
        opened = _logins(mail)
        encrypted = {entry.facts["version"] for entry in _opened_since(mail, since, "tls")}
    if not encrypted:
        raise NotApplicable(
            NotApplicableReason.OPTIONAL_NOT_OFFERED,
            Text("Le logiciel ne parle pas TLS 1.3.", "The product does not speak TLS 1.3."),
        )
    mail.bench.demand(
        encrypted == {"TLSv1.3"} and bool(opened),
        f"Le canal est en {', '.join(encrypted)}, et le logiciel n'ouvre pas la boîte.",
        f"The channel is in {', '.join(encrypted)}, and the product does not open the mailbox.",
    )


@check(
    "La réponse initiale est jointe à AUTHENTICATE (SASL-IR) si l'opérateur le propose, et seulement alors",
    "The initial answer goes with AUTHENTICATE (SASL-IR) if the operator offers it, and only then",
    requirements=("SC.MSS/CONF.09",),
    catches=("always_answers_at_once",),
)
def test_the_initial_answer_follows_what_is_offered(mail: MailBench) -> None:
    with mail.alone():
        offered = _initial_answers(mail)
        with mail.operator.announcing(hidden=["SASL-IR"]):
            not_offered = _initial_answers(mail)
    mail.bench.demand(
        not any(not_offered),
        "L'opérateur ne propose pas SASL-IR, et le logiciel joint pourtant sa réponse à AUTHENTICATE.",
        "The operator does not offer SASL-IR, and yet the product sends its answer with AUTHENTICATE.",
    )
    if not any(offered):
        raise NotApplicable(
            NotApplicableReason.OPTIONAL_NOT_OFFERED,
            Text("Le logiciel n'emploie pas SASL-IR.", "The product does not use SASL-IR."),
        )


def _initial_answers(mail: MailBench) -> list[bool]:
    """For each login to the mailbox that succeeded: did the answer come with the command?"""
    logins = _logins(mail)
    mail.bench.demand(bool(logins), "Le logiciel n'ouvre pas la boîte.", "The product does not open the mailbox.")
    return [bool(entry.facts["initial"]) for entry in logins]


@check(
    "Un jeton d'accès qui a pris fin est renouvelé sans que l'utilisateur s'en mêle",
    "An access token that came to its end is renewed without the user",
    requirements=("SC.MSS/CONF.11",),
    catches=("never_renews_its_token",),
)
def test_an_ended_token_is_renewed(mail: MailBench) -> None:
    known = mail.admit()
    document = mail.document(known)
    with mail.alone():
        mail.poll()
        mail.operator.end_tokens(HOLDER)
        mail.operator.deliver(mail.letter([document]), mail.mailbox)
        try:
            mail.until_sent(lambda: mail.line(known, document) or mail.items(document))
            mail.filed(known, document)
        finally:
            mail.configure()


@check(
    "Quand la session Pro Santé Connect est finie, la messagerie se ferme sans insister",
    "When the Pro Santé Connect session is over, the mail closes without insisting",
    requirements=("SC.MSS/CONF.10",),
    catches=("never_renews_its_token",),
)
def test_an_ended_login_closes_the_mail(mail: MailBench) -> None:
    with mail.alone():
        mail.poll()
        mail.operator.end_tokens(HOLDER, refresh_too=True)
        since = mail.operator.last
        try:
            for _ in range(3):
                mail.poll_refused_or_not()
            opened = [entry for entry in mail.operator.entries("imap.auth", after=since) if entry.facts["accepted"]]
            tries = len(mail.operator.entries("imap.auth", after=since))
        finally:
            mail.configure()
    mail.bench.demand(
        not opened and tries <= 2,
        f"Après la fin de la session, le logiciel a montré {tries} fois un jeton qui ne vaut plus.",
        f"After the end of the session the product showed {tries} times a token that is no longer good.",
    )

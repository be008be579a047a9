"""Applicative mailboxes, for products that claim them: opened by the certificate of the structure, read by nobody."""

from conformance.harness.marks import check
from conformance.harness.mssante import MailBench
from conformance.harness.mssante_settings import STRUCTURE, applicative_mailbox
from conformance.sut.contract import MessageRequest


@check(
    "Une boîte applicative s'ouvre par le certificat de la structure et PLAIN, sans jeton",
    "An applicative mailbox is opened by the certificate of the structure and PLAIN, without token",
    requirements=("SC.MSS/CONF.12",),
    catches=("opens_applicative_mailboxes_by_token",),
)
def test_an_applicative_mailbox_is_opened_by_certificate(mail: MailBench) -> None:
    with applicative_mailbox(mail) as mailbox:
        since = mail.operator.last
        mail.poll_refused_or_not()
        mail.until(lambda: mail.operator.entries("imap.auth", after=since))
        found = [*mail.operator.entries("imap.auth", after=since), *mail.operator.entries("imap.tls", after=since)]
    logins = [entry.facts for entry in found if entry.event == "imap.auth"]
    shown = [entry.facts["certificate"] for entry in found if entry.event == "imap.tls"]
    mail.bench.demand(
        bool(shown) and all(STRUCTURE in subject for subject in shown),
        f"Le certificat montré est « {shown[0] if shown else 'aucun'} » ; attendu celui de la structure {STRUCTURE}.",
        f"The certificate shown is “{shown[0] if shown else 'none'}”; expected that of the structure {STRUCTURE}.",
    )
    mail.bench.demand(
        any(login["accepted"] and login["mailbox"] == mailbox for login in logins)
        and all(login["mechanism"] == "PLAIN" for login in logins),
        f"La boîte {mailbox} a été demandée par {[login['mechanism'] for login in logins]} ; attendu PLAIN, accepté.",
        f"The mailbox {mailbox} was asked for by {[login['mechanism'] for login in logins]}; expected PLAIN, accepted.",
    )


@check(
    "Un message d'une boîte applicative finit par une mention de clôture et dit où répondre (Reply-To)",
    "A message from an applicative mailbox ends with a closing mention and says where to answer (Reply-To)",
    requirements=("MSS/va1.09",),
    catches=("gives_no_answer_address", "opens_applicative_mailboxes_by_token"),
)
def test_messages_of_an_applicative_mailbox_say_where_to_answer(mail: MailBench) -> None:
    words = "Voir le compte rendu."
    with applicative_mailbox(mail, only=False):
        sent = mail.send(MessageRequest(recipients=(mail.colleague(),), subject=f"Résultats {mail.token}", text=words))
    answers = [one.address for one in sent.message.addresses("Reply-To")]
    mail.bench.demand(
        len(answers) == 1 and answers[0].endswith(".mssante.fr"),
        f"Reply-To donne {answers or 'rien'} ; attendu l'adresse MSSanté où répondre.",
        f"Reply-To gives {answers or 'nothing'}; expected the MSSanté address to answer to.",
    )
    after = sent.message.body.partition(words)[2].strip()
    mail.bench.demand(
        bool(after) or sent.message.header("X-MSS-MES") == "FIN",
        "Rien ne suit les mots de l'utilisateur : le message n'a pas de mention de clôture.",
        "Nothing follows the user's words: the message has no closing mention.",
    )

"""The operator as tests and profiles use it, in this process or in another: one Python face over the control API."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import requests

from conformance.core.errors import BenchError
from conformance.core.language import Text
from conformance.simulators.journal import Entry
from conformance.simulators.mssante.faults import Fault
from conformance.simulators.mssante.model import INBOX, Mailbox, MailboxKind, ReplyRefused, StoredMessage, Tokens
from conformance.simulators.mssante.service import Lists
from conformance.simulators.mssante.tls import Face
from conformance.simulators.pki import Defect, Usage


@dataclass(frozen=True, slots=True)
class Submitted:
    """A message that a client submitted up to its last line, accepted or not; ``number`` is that of the journal."""

    number: int
    at: datetime
    session: str
    sender: str
    recipients: tuple[str, ...]
    notify: dict[str, tuple[str, ...]]
    """What each recipient's NOTIFY asked for (RFC 3461); empty when it was not given."""
    accepted: bool
    answer: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """Where a certificate lies: PEM with its chain, PEM key, PKCS#12 (password ``segur-test``)."""

    subject: str
    chain_file: Path
    key_file: Path
    p12_file: Path


class RemoteOperator:
    """An operator that answers at ``control_url`` (the ``control`` of the first line of ``segur serve mssante``).

    Every method raises ``BenchError`` when the simulator cannot be reached or refuses: a fault of the bench, never of
    the product.
    """

    def __init__(self, control_url: str) -> None:
        self.control_url = control_url.rstrip("/")
        self._http = requests.Session()
        self._http.trust_env = False  # a proxy of the environment must not see the loopback
        self.info: dict[str, Any] = self._ask("GET", "/")

    # Where it is

    @property
    def host(self) -> str:
        """Where mail answers."""
        return str(self.info["host"])

    @property
    def smtp_port(self) -> int:
        """Submission, with STARTTLS."""
        return int(self.info["smtp"])

    @property
    def imap_port(self) -> int:
        """IMAP, with STARTTLS."""
        return int(self.info["imap"])

    @property
    def token_url(self) -> str:
        """The token endpoint (OAuth 2.0)."""
        return str(self.info["tokens"])

    @property
    def root_file(self) -> Path:
        """The root certificate that a client trusts, PEM."""
        return Path(self.info["root"])

    @property
    def trust_file(self) -> Path:
        """The root and its two branches, PEM."""
        return Path(self.info["trust"])

    # Mailboxes and mail

    def add_mailbox(
        self,
        address: str,
        kind: MailboxKind = MailboxKind.PERSONAL,
        name: str = "",
        holders: Sequence[str] = (),
        closed: bool = False,
    ) -> Mailbox:
        """Make a mailbox, or change it. ``holders``: national identifiers (of professionals, or of the structure)."""
        body = {"address": address, "kind": kind, "name": name, "holders": list(holders), "closed": closed}
        return _mailbox(self._ask("POST", "/mailboxes", body))

    def mailboxes(self) -> list[Mailbox]:
        """All mailboxes, by address; those of other operators appear with their first message."""
        return [_mailbox(one) for one in self._ask("GET", "/mailboxes")]

    def deliver(
        self, message: bytes, mailbox: str, folder: str = INBOX, sender: str | None = None, flags: Sequence[str] = ()
    ) -> int:
        """Put a message into a mailbox, byte for byte; gives its UID. ``sender`` adds a ``Return-Path``."""
        query = {"folder": folder, "flags": " ".join(flags)} | ({} if sender is None else {"sender": sender})
        return int(self._ask("POST", f"/mailboxes/{mailbox}/messages", message, query)["uid"])

    def messages_of(self, mailbox: str, folder: str = INBOX, data: bool = True) -> list[StoredMessage]:
        """The messages of a folder in order, with their bytes unless ``data`` is false."""
        path = f"/mailboxes/{mailbox}/messages"
        found = []
        for one in self._ask("GET", path, query={"folder": folder}):
            content = self._bytes("GET", f"{path}/{one['uid']}", query={"folder": folder}) if data else b""
            received = datetime.fromisoformat(one["received"])
            found.append(StoredMessage(one["uid"], tuple(one["flags"]), received, one["size"], content))
        return found

    def renumber(self, mailbox: str, folder: str = INBOX) -> None:
        """Change UIDVALIDITY and every UID of a folder, as after a restored backup."""
        self._ask("POST", f"/mailboxes/{mailbox}/renumber", query={"folder": folder})

    def answer_as_patient(
        self,
        patient: str,
        message_id: str = "",
        text: str = "Merci.",
        attachments: Sequence[tuple[str, str, bytes]] = (),
    ) -> int:
        """The patient answers a message (the last one by default); gives the UID in the professional's inbox.

        ``attachments``: name, media type, bytes. Raises ``ReplyRefused`` when the conversation is closed.
        """
        files = [(name, media_type, base64.b64encode(data).decode()) for name, media_type, data in attachments]
        body = {"message_id": message_id, "text": text, "attachments": files}
        return int(self._ask("POST", f"/mailboxes/{patient}/answers", body)["uid"])

    # What happened

    def entries(
        self, event: str = "", after: int = 0, bodies: bool = False, session: str = "", **facts: Any
    ) -> list[Entry]:
        """Entries of the journal: an event (``smtp.rcpt``) or a family (``smtp.``), of one connection or of all, and
        facts that must be equal.
        """
        query = {"event": event, "after": after, "session": session, "facts": json.dumps(facts)}
        query |= {"bodies": 1} if bodies else {}
        return [Entry.from_json(one) for one in self._ask("GET", "/journal", query=query)]

    def wait_for(self, event: str, seconds: float = 10.0, after: int = 0, **facts: Any) -> Entry | None:
        """The first such entry, as soon as it is there; ``None`` when ``seconds`` have passed."""
        query = {"event": event, "after": after, "seconds": seconds, "facts": json.dumps(facts)}
        found = self._ask("GET", "/journal/wait", query=query, seconds=seconds + 30)
        return Entry.from_json(found) if found else None

    @property
    def last(self) -> int:
        """The number of the last entry of the journal: where to look from later (``after=``)."""
        return int(self._ask("GET", "/journal/last"))

    def submissions(self, after: int = 0) -> list[Submitted]:
        """What clients submitted, in order, accepted or not."""
        return [
            _submitted(entry) for entry in self.entries("smtp.data", after=after, bodies=True) if entry.body is not None
        ]

    # Tokens and certificates

    def token(self, national_id: str, seconds: float | None = None) -> Tokens:
        """Tokens of a professional, without the token server's HTTP."""
        return Tokens(**self._ask("POST", "/tokens", {"subject": national_id, "seconds": seconds}))

    def end_tokens(self, national_id: str = "", refresh_too: bool = False) -> None:
        """Let the access tokens (of one professional, or all) run out now; with ``refresh_too``, the logins end."""
        query = {"subject": national_id} | ({"refresh": 1} if refresh_too else {})
        self._ask("DELETE", "/tokens", query=query)

    def certificate(
        self,
        kind: str,
        identifier: str,
        defect: Defect = Defect.NONE,
        usage: Usage = Usage.AUTHENTICATION,
    ) -> CertificateFiles:
        """A client certificate: ``kind`` is ``organisation``, ``professional`` or ``product``."""
        body = {"kind": kind, "identifier": identifier, "defect": defect, "usage": usage}
        found = self._ask("POST", "/certificates", body)
        return CertificateFiles(
            found["subject"], Path(found["chain_file"]), Path(found["key_file"]), Path(found["p12_file"])
        )

    # Misbehaviour

    def inject(self, fault: Fault) -> int:
        """Arm a fault; gives its number."""
        return int(self._ask("POST", "/faults", fault.as_json())["number"])

    def remove_fault(self, number: int) -> None:
        """Disarm one fault."""
        self._ask("DELETE", f"/faults/{number}")

    def clear_faults(self) -> None:
        """Disarm all faults."""
        self._ask("DELETE", "/faults")

    def faults(self) -> list[Fault]:
        """The faults that are armed."""
        return [Fault.from_json({k: v for k, v in one.items() if k != "number"}) for one in self._ask("GET", "/faults")]

    @contextmanager
    def fault(self, fault: Fault) -> Iterator[int]:
        """A fault for the time of a ``with`` block."""
        number = self.inject(fault)
        try:
            yield number
        finally:
            self.remove_fault(number)

    @contextmanager
    def outage(self) -> Iterator[None]:
        """The ports of mail are closed, and connections cut, for the time of a ``with`` block."""
        self._ask("POST", "/outage", {"on": True})
        try:
            yield
        finally:
            self._ask("POST", "/outage", {"on": False})

    def hang_up(self) -> None:
        """Cut every connection: who is still there must come again, and meets what is shown now."""
        with self.outage():
            pass

    @contextmanager
    def shown(self, defect: Defect = Defect.NONE, face: Face = Face.RIGHT) -> Iterator[None]:
        """A bad certificate or TLS face towards new connections, for the time of a ``with`` block."""
        self._ask("POST", "/tls", {"face": face, "defect": defect})
        try:
            yield
        finally:
            self._ask("POST", "/tls", {})

    @contextmanager
    def announcing(self, size_limit: int | None = None, hidden: Sequence[str] = ()) -> Iterator[None]:
        """Another size limit (bytes), capabilities of IMAP kept back, for the time of a ``with`` block."""
        self._ask("POST", "/announced", {"size_limit": size_limit, "hidden": list(hidden)})
        try:
            yield
        finally:
            self._ask("POST", "/announced", {})

    def serve_lists(self, lists: Lists) -> None:
        """How revocation lists are served from now on."""
        self._ask("POST", "/crl", {"lists": lists})

    @contextmanager
    def lists(self, lists: Lists) -> Iterator[None]:
        """How revocation lists are served, for the time of a ``with`` block."""
        self.serve_lists(lists)
        try:
            yield
        finally:
            self.serve_lists(Lists.SERVED)

    # How it is done

    def _ask(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | bytes | None = None,
        query: dict[str, Any] | None = None,
        seconds: float = 60.0,
    ) -> Any:
        return json.loads(self._bytes(method, path, body, query, seconds))

    def _bytes(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | bytes | None = None,
        query: dict[str, Any] | None = None,
        seconds: float = 60.0,
    ) -> bytes:
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        try:
            answer = self._http.request(method, self.control_url + path, data=data, params=query, timeout=seconds)
        except requests.RequestException as error:
            raise _unreachable(self.control_url, str(error)) from error
        if answer.status_code >= 400:
            raise _refused(answer)
        return answer.content


def _mailbox(value: dict[str, Any]) -> Mailbox:
    return Mailbox(
        value["address"], MailboxKind(value["kind"]), value["name"], tuple(value["holders"]), bool(value["closed"])
    )


def _submitted(entry: Entry) -> Submitted:
    facts = entry.facts
    notify = {address: tuple(asked) for address, asked in facts["notify"].items()}
    return Submitted(
        entry.number, entry.at, entry.session, facts["sender"], tuple(facts["recipients"]), notify,
        facts["accepted"], facts["answer"], entry.body or b"",
    )  # fmt: skip


def _unreachable(url: str, why: str) -> BenchError:
    return BenchError(
        "mssante.unreachable",
        Text(f"Le simulateur ne répond pas à {url} ({why[:200]}).", f"The simulator does not answer at {url} ({why[:200]})."),
        Text("Lancez « segur serve mssante ».", "Run “segur serve mssante”."),
    )  # fmt: skip


def _refused(answer: requests.Response) -> BenchError | ReplyRefused:
    try:
        said = answer.json()
        code, text = str(said["code"]), Text(str(said["fr"]), str(said["en"]))
    except (ValueError, KeyError, TypeError):
        code, text = "mssante.refused", Text(f"HTTP {answer.status_code}", f"HTTP {answer.status_code}")
    hint = Text("Voir docs/mssante.fr.md.", "See docs/mssante.md.")
    return ReplyRefused(code, text, hint) if answer.status_code == 409 else BenchError(code, text, hint)

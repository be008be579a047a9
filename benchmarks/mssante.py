"""Load on the MSSanté operator: many large messages, twenty clients, and a process that is killed in the middle.

Starts ``segur serve mssante --state`` in a temporary folder, has clients submit messages over STARTTLS with tokens,
kills the process with signal 9 half-way and starts it again on the same ports, then has the clients fetch everything
by IMAP. Checks that every acknowledged message is in its mailbox, once and byte for byte, that the journal and the
mailboxes agree, and prints times and the memory of the process. Exit code 1 when anything is missing.

    python benchmarks/mssante.py [--messages 5000] [--size 300000] [--clients 20] [--no-kill] [--json]
"""

from __future__ import annotations

import argparse
import hashlib
import imaplib
import json
import random
import shutil
import smtplib
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from conformance.simulators.mssante import RemoteOperator

ROOT = Path(__file__).resolve().parent.parent


class Bench:
    """The process under load and what its clients know."""

    def __init__(self, state: Path, clients: int, size: int) -> None:
        self.state = state
        self.addresses = [f"boite{number:02d}@quai.mssante.fr" for number in range(clients)]
        self.size = size
        self.ports = ["0", "0", "0"]
        self.acknowledged: dict[str, str] = {}
        self.retried: set[str] = set()
        self.peak_kilobytes = 0
        self.lock = threading.Lock()
        # Base64-like lines that no compression flatters; one block for all, an own head for each message.
        letters = random.Random(4).choices(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", k=76 * 997
        )
        lines = ["".join(letters[at : at + 76]) for at in range(0, len(letters), 76)]
        self.block = "\r\n".join(lines[number % len(lines)] for number in range(size // 78)) + "\r\n"

    def start(self) -> None:
        """Start the process, on the same ports as before."""
        smtp, imap, control = self.ports
        command = [
            sys.executable,
            "-m",
            "conformance.cli.main",
            "serve",
            "mssante",
            "--while-stdin-open",
            "--state",
            str(self.state),
        ]
        command += ["--smtp-port", smtp, "--imap-port", imap, "--control-port", control]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        info = json.loads(self.process.stdout.readline())
        self.ports = [str(info["smtp"]), str(info["imap"]), info["control"].rpartition(":")[2]]
        self.operator = RemoteOperator(info["control"])

    def kill(self) -> None:
        """End the process as a power cut would."""
        self.measure()
        self.process.kill()
        self.process.communicate()

    def measure(self) -> None:
        """Note the most memory that the process ever held."""
        status = Path(f"/proc/{self.process.pid}/status")
        if status.exists():
            peak = next((line for line in status.read_text().splitlines() if line.startswith("VmHWM")), "VmHWM: 0 kB")
            self.peak_kilobytes = max(self.peak_kilobytes, int(peak.split()[1]))

    def context(self) -> ssl.SSLContext:
        """A client that trusts the test root."""
        return ssl.create_default_context(cafile=str(self.state / "pki" / "root.crt.pem"))

    def answer(self, number: int) -> str:
        """The XOAUTH2 answer of one client, with a token of the token server."""
        access = self.operator.token(f"89970000{number:04d}", seconds=3600).access
        return f"user={self.addresses[number]}\x01auth=Bearer {access}\x01\x01"

    def message(self, number: int, rank: int) -> tuple[str, bytes]:
        """One message of one client."""
        identifier = f"<{number}-{rank}@quai.mssante.fr>"
        head = f"From: {self.addresses[number]}\r\nSubject: {rank}\r\nMessage-ID: {identifier}\r\n\r\n"
        return identifier, (head + self.block).encode()

    def send(self, number: int, count: int) -> None:
        """One client: sends its messages, each until it is acknowledged."""
        client: smtplib.SMTP | None = None
        to = self.addresses[(number + 1) % len(self.addresses)]
        for rank in range(count):
            identifier, data = self.message(number, rank)
            while identifier not in self.acknowledged:
                try:
                    if client is None:
                        client = smtplib.SMTP("127.0.0.1", int(self.ports[0]), timeout=300)
                        client.starttls(context=self.context())
                        client.ehlo()
                        said = self.answer(number)
                        client.auth("XOAUTH2", lambda challenge=None, said=said: said)
                    client.sendmail(self.addresses[number], [to], data)
                    with self.lock:
                        self.acknowledged[identifier] = hashlib.sha256(data).hexdigest()
                except Exception:  # whatever the crash does to a client, the client tries again
                    client = None
                    with self.lock:
                        self.retried.add(identifier)
                    time.sleep(0.5)
        if client is not None:
            client.quit()

    def fetch(self, number: int) -> Counter[tuple[str, str]]:
        """One client: reads its whole mailbox; gives (Message-ID, digest) of what it holds."""
        client = imaplib.IMAP4("127.0.0.1", int(self.ports[1]), timeout=300)
        client.starttls(self.context())
        said = self.answer(number)
        client.authenticate("XOAUTH2", lambda _: said.encode())
        client.select("INBOX", readonly=True)
        found: Counter[tuple[str, str]] = Counter()
        for uid in client.uid("SEARCH", "ALL")[1][0].split():
            ((_, data), *_) = client.uid("FETCH", uid.decode(), "(BODY.PEEK[])")[1]
            sent = data[data.index(b"From: ") :]  # without the trace of delivery
            identifier = sent.partition(b"Message-ID: ")[2].partition(b"\r\n")[0].decode()
            found[identifier, hashlib.sha256(sent).hexdigest()] += 1
        client.logout()
        return found


def measure(messages: int, size: int, clients: int, kill: bool, state: Path) -> dict[str, Any]:
    """Run it; gives the figures and what is wrong."""
    bench = Bench(state, clients, size)
    bench.start()
    for number, address in enumerate(bench.addresses):
        bench.operator.add_mailbox(address, holders=[f"89970000{number:04d}"])
    at_rest = _at_rest(bench)
    share = messages // clients
    began = time.monotonic()
    with ThreadPoolExecutor(clients) as pool:
        sending = [pool.submit(bench.send, number, share) for number in range(clients)]
        if kill:
            while len(bench.acknowledged) < share * clients // 2:
                time.sleep(0.05)
            bench.kill()
            bench.start()
        for one in sending:
            one.result()
    sent = time.monotonic() - began
    began = time.monotonic()
    with ThreadPoolExecutor(clients) as pool:
        mailboxes = list(pool.map(bench.fetch, range(clients)))
    fetched = time.monotonic() - began
    bench.measure()
    held: Counter[tuple[str, str]] = sum(mailboxes, Counter())
    journalled = Counter(entry.facts["message_id"] for entry in bench.operator.entries("mail.delivered"))
    bench.kill()
    in_mailboxes = Counter(dict.fromkeys(bench.acknowledged, 0))
    for (identifier, _), count in held.items():
        in_mailboxes[identifier] += count
    return {
        "messages": share * clients,
        "bytes": size,
        "clients": clients,
        "killed": kill,
        "seconds_sending": round(sent, 1),
        "seconds_fetching": round(fetched, 1),
        "megabytes_at_rest": at_rest // 1024,
        "megabytes_at_most": bench.peak_kilobytes // 1024,
        "acknowledged": len(bench.acknowledged),
        "lost_or_altered": sum(1 for pair in bench.acknowledged.items() if not held[pair]),
        # A message whose acknowledgement was lost in the crash is sent again: that is the client's doing.
        "twice_without_a_retry": sum(
            1 for one, count in in_mailboxes.items() if count > 1 and one not in bench.retried
        ),
        "retried": len(bench.retried),
        "journal_differs": sum(1 for one, count in in_mailboxes.items() if journalled[one] != count),
    }


def _at_rest(bench: Bench) -> int:
    bench.measure()
    return bench.peak_kilobytes


def main() -> int:
    """Read the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--messages", type=int, default=5000)
    parser.add_argument("--size", type=int, default=300_000)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--no-kill", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="segur-mssante-bench-"))
    try:
        figures = measure(options.messages, options.size, options.clients, not options.no_kill, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        print(json.dumps(figures, indent=2))
    else:
        for name, value in figures.items():
            print(f"{name.replace('_', ' '):<24}{value}")
    wrong = ("lost_or_altered", "twice_without_a_retry", "journal_differs")
    return int(any(figures[name] for name in wrong))


if __name__ == "__main__":
    sys.exit(main())

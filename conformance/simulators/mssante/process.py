"""The operator as a process of its own: its first line of output says where it is, as JSON."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from conformance.core.child import when_stdin_ends
from conformance.core.errors import UsageError
from conformance.core.language import Text
from conformance.exchange.naming import PATIENT_DOMAIN
from conformance.simulators.mssante.control import Control
from conformance.simulators.mssante.model import Mailbox, MailboxKind, Settings, split
from conformance.simulators.mssante.service import Service


def settings_from(domains: Sequence[str], white_list: Sequence[str], size_limit: int | None) -> Settings:
    """The settings that a command line gives; what it does not say stays as usual."""
    settings = Settings()
    if domains:
        settings = replace(settings, domains=tuple(domains), host=f"mail.{domains[0]}")
    if white_list:
        settings = replace(settings, white_list=tuple(white_list))
    return settings if size_limit is None else replace(settings, size_limit=size_limit)


def run(
    settings: Settings,
    state: Path | None,
    ports: tuple[int, int, int],
    mailboxes: Sequence[str] = (),
    while_stdin_open: bool = False,
) -> int:
    """Serve until a signal (or, if asked, the end of the standard input); gives the exit code.

    ``mailboxes`` are ``address=holder``. Raises ``UsageError`` for what is not, and for ports or folders that cannot
    be used.
    """
    made = [_mailbox(one) for one in mailboxes]
    if while_stdin_open:
        when_stdin_ends(lambda: os._exit(0))
    try:
        asyncio.run(_serve(settings, state, ports, made))
    except KeyboardInterrupt:
        return 0
    except (OSError, sqlite3.Error) as error:
        raise UsageError(
            "mssante.cannot-start",
            Text(f"L’opérateur simulé n’a pas démarré : {error}.", f"The simulated operator did not start: {error}."),
            Text("Choisissez d’autres ports ou un autre dossier.", "Choose other ports or another folder."),
        ) from error
    return 0


async def _serve(
    settings: Settings, state: Path | None, ports: tuple[int, int, int], mailboxes: Sequence[Mailbox]
) -> None:
    service = Service(settings, state, ports=ports)
    try:
        for mailbox in mailboxes:
            service.store.add_mailbox(mailbox)
        await service.start(Control(service).application())
        print(json.dumps(service.info()), flush=True)
        await _stopped()
    finally:
        await service.close()


def _mailbox(text: str) -> Mailbox:
    address, _, holder = text.partition("=")
    if "@" not in address:
        raise UsageError(
            "mssante.not-a-mailbox",
            Text(f"« {text} » n’est pas une boîte.", f"“{text}” is not a mailbox."),
            Text("Écrivez adresse=identifiant.", "Write address=identifier."),
        )
    patient = split(address)[2].casefold() == PATIENT_DOMAIN
    kind = MailboxKind.PATIENT if patient else MailboxKind.PERSONAL
    return Mailbox(address, kind, holders=(holder,) if holder else ())


async def _stopped() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows: SIGINT raises KeyboardInterrupt by itself
            break
    await stop.wait()

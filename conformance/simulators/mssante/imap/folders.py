"""Commands about folders: SELECT, LIST, STATUS, CREATE, APPEND, IDLE, quota and the like."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Final

from conformance.simulators.mssante.faults import Stage
from conformance.simulators.mssante.imap.parsing import (
    BadCommand,
    Quoted,
    Token,
    decode_name,
    encode_name,
    quote,
    text_of,
)
from conformance.simulators.mssante.imap.session import Command, Ended, Refused, Session
from conformance.simulators.mssante.imap.view import View
from conformance.simulators.mssante.model import INBOX
from conformance.simulators.mssante.store import Folder

DELIMITER: Final = "/"

LONGEST_NAME: Final = 500

_FLAGS: Final = b"(\\Answered \\Flagged \\Deleted \\Seen \\Draft)"


async def _select(session: Session, tokens: list[Token]) -> str:
    return await _open(session, tokens, read_only=False)


async def _examine(session: Session, tokens: list[Token]) -> str:
    return await _open(session, tokens, read_only=True)


async def _open(session: Session, tokens: list[Token], read_only: bool) -> str:
    session.view = None
    folder = _folder(session, tokens)
    view = View(session.parts.store, folder, read_only)
    unseen = next((number for number, uid in enumerate(view.uids, 1) if "\\Seen" not in view.flags(uid).split()), 0)
    await session.send(
        b"* %d EXISTS" % len(view.uids),
        b"* 0 RECENT",
        b"* FLAGS " + _FLAGS,
        b"* OK [PERMANENTFLAGS " + (b"()" if read_only else _FLAGS[:-1] + b" \\*)") + b"] Kept",
        b"* OK [UIDVALIDITY %d] Validity" % folder.validity,
        b"* OK [UIDNEXT %d] Next" % folder.next_uid,
        *([b"* OK [UNSEEN %d] First unseen" % unseen] if unseen else []),
    )
    session.view = view
    session.say("selected", mailbox=session.address, folder=folder.name, read_only=read_only)
    return f"[READ-{'ONLY' if read_only else 'WRITE'}] {folder.name} selected".encode("ascii", "replace").decode()


def _folder(session: Session, tokens: list[Token]) -> Folder:
    if not tokens:
        raise BadCommand("a folder was expected")
    name = decode_name(text_of(tokens.pop(0)))
    folder = session.parts.store.folder(session.address, name)
    if folder is None:
        raise Refused("[NONEXISTENT] No such folder")
    return folder


async def _list(session: Session, tokens: list[Token]) -> str:
    await _listed(session, tokens, b"LIST", subscribed=False)
    return "listed"


async def _lsub(session: Session, tokens: list[Token]) -> str:
    await _listed(session, tokens, b"LSUB", subscribed=True)
    return "listed"


async def _listed(session: Session, tokens: list[Token], word: bytes, subscribed: bool) -> None:
    only_special = bool(tokens) and isinstance(tokens[0], list)
    if only_special:
        tokens.pop(0)
    if len(tokens) < 2:
        raise BadCommand("a reference and a pattern were expected")
    reference, pattern = decode_name(text_of(tokens[0])), decode_name(text_of(tokens[1]))
    if len(reference + pattern) > LONGEST_NAME:
        raise BadCommand("the pattern is too long")
    if not pattern:
        await session.send(b"* " + word + b' (\\Noselect) "' + DELIMITER.encode() + b'" ""')
        return
    special = "SPECIAL-USE" not in session.parts.settings.hidden
    folders = session.parts.store.folders(session.address)
    for folder in folders:
        if (subscribed and not folder.subscribed) or (only_special and not folder.use):
            continue
        if not _matches(reference + pattern, folder.name):
            continue
        children = any(one.name.startswith(folder.name + DELIMITER) for one in folders)
        flags = ["\\HasChildren" if children else "\\HasNoChildren"] + ([folder.use] if special and folder.use else [])
        name = quote(encode_name(folder.name))
        await session.send(b"* " + word + f' ({" ".join(flags)}) "{DELIMITER}" '.encode() + name)


def _matches(pattern: str, name: str) -> bool:
    """Whether a pattern (``*``: anything; ``%``: anything on one level) names a folder.

    Not left to ``re``, which a pattern of many wildcards keeps busy for ever.
    """
    if pattern.upper() == INBOX:
        return name == INBOX
    reached = {0}
    for character in pattern:
        if character == "*":
            reached = set(range(min(reached), len(name) + 1))
        elif character == "%":
            ends = {at: (name.find(DELIMITER, at) + len(name) + 1) % (len(name) + 1) for at in reached}
            reached = {at for start, end in ends.items() for at in range(start, end + 1)}
        else:
            reached = {at + 1 for at in reached if name[at : at + 1] == character}
        if not reached:
            return False
    return len(name) in reached


async def _status(session: Session, tokens: list[Token]) -> str:
    folder = _folder(session, tokens)
    if not tokens or not isinstance(tokens[0], list):
        raise BadCommand("a list of items was expected")
    index = session.parts.store.index(folder.id)
    values = {
        "MESSAGES": len(index),
        "RECENT": 0,
        "UIDNEXT": folder.next_uid,
        "UIDVALIDITY": folder.validity,
        "UNSEEN": sum("\\Seen" not in flags.split() for _, flags in index),
    }
    asked = [one.decode("ascii", "replace").upper() for one in tokens[0] if isinstance(one, bytes)]
    if any(one not in values for one in asked):
        raise BadCommand("unknown item")
    said = " ".join(f"{one} {values[one]}" for one in asked)
    await session.send(b"* STATUS " + quote(encode_name(folder.name)) + f" ({said})".encode())
    return "done"


async def _create(session: Session, tokens: list[Token]) -> str:
    name = _new_name(tokens)
    made = await session.parts.delivery.in_writer(lambda: session.parts.store.make_folder(session.address, name))
    if not made:
        raise Refused("[ALREADYEXISTS] There is one of that name")
    return "created"


def _new_name(tokens: list[Token]) -> str:
    name = decode_name(text_of(tokens.pop(0))).rstrip(DELIMITER) if tokens else ""
    wrong = len(name) > LONGEST_NAME or any(ord(character) < 32 for character in name)
    if not name or name.upper() == INBOX or wrong:
        raise Refused("[CANNOT] Not a name for a folder")
    return name


async def _delete(session: Session, tokens: list[Token]) -> str:
    folder = _folder(session, tokens)
    if folder.name == INBOX or folder.use:
        raise Refused("[CANNOT] This folder stays")
    await session.parts.delivery.in_writer(lambda: session.parts.store.remove_folder(folder))
    return "deleted"


async def _rename(session: Session, tokens: list[Token]) -> str:
    folder = _folder(session, tokens)
    name = _new_name(tokens)
    if folder.name == INBOX:
        raise Refused("[CANNOT] The inbox stays")
    if session.parts.store.folder(session.address, name):
        raise Refused("[ALREADYEXISTS] There is one of that name")
    await session.parts.delivery.in_writer(lambda: session.parts.store.rename_folder(folder, name))
    return "renamed"


async def _subscribe(session: Session, tokens: list[Token]) -> str:
    folder = _folder(session, tokens)
    await session.parts.delivery.in_writer(lambda: session.parts.store.subscribe(folder, True))
    return "subscribed"


async def _unsubscribe(session: Session, tokens: list[Token]) -> str:
    folder = _folder(session, tokens)
    await session.parts.delivery.in_writer(lambda: session.parts.store.subscribe(folder, False))
    return "unsubscribed"


async def _namespace(session: Session, tokens: list[Token]) -> str:
    await session.send(f'* NAMESPACE (("" "{DELIMITER}")) NIL NIL'.encode())
    return "done"


async def _identify(session: Session, tokens: list[Token]) -> str:
    said = [one.text.decode("utf-8", "replace") if isinstance(one, Quoted) else None for one in _flat(tokens)]
    session.say("id", client=said)
    await session.send(b'* ID ("name" "segur" "vendor" "segur-conformance")')
    return "done"


def _flat(tokens: list[Token]) -> list[object]:
    return tokens[0] if tokens and isinstance(tokens[0], list) else []


async def _quota(session: Session, tokens: list[Token]) -> str:
    await session.send(_quota_line(session))
    return "done"


async def _quota_root(session: Session, tokens: list[Token]) -> str:
    folder = _folder(session, tokens)
    await session.send(b"* QUOTAROOT " + quote(encode_name(folder.name)) + b' ""', _quota_line(session))
    return "done"


def _quota_line(session: Session) -> bytes:
    used = session.parts.store.used(session.address) // 1024
    return f'* QUOTA "" (STORAGE {used} {session.parts.settings.quota // 1024})'.encode()


async def _append(session: Session, tokens: list[Token]) -> str:
    if not tokens:
        raise BadCommand("a folder was expected")
    name = decode_name(text_of(tokens.pop(0)))
    folder = session.parts.store.folder(session.address, name)
    if folder is None:
        raise Refused("[TRYCREATE] No such folder")
    flags: list[str] = []
    received = None
    if tokens and isinstance(tokens[0], list):
        flags = [one.decode("ascii", "replace") for one in tokens[0] if isinstance(one, bytes)]
        tokens.pop(0)
    if len(tokens) == 2:
        received = _date_time(text_of(tokens.pop(0)))
    if len(tokens) != 1 or not isinstance(tokens[0], Quoted):
        raise BadCommand("a message was expected")
    data, target = tokens[0].text, folder
    (uid,) = await session.parts.delivery.in_writer(lambda: session.parts.store.add([target], data, flags, received))
    session.say("appended", body=data, mailbox=session.address, folder=folder.name, uid=uid, flags=flags)
    return f"[APPENDUID {folder.validity} {uid}] appended" if _uidplus(session) else "appended"


def _uidplus(session: Session) -> bool:
    return "UIDPLUS" not in session.parts.settings.hidden


def _date_time(text: str) -> datetime:
    try:
        return datetime.strptime(text.strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadCommand("not a date and time") from error


async def _idle(session: Session, tokens: list[Token]) -> str:
    """Tell what is new until the client says DONE, or the session must end."""
    loop = asyncio.get_running_loop()
    changed = asyncio.Event()
    view = session.view
    store = session.parts.store

    def tell() -> None:
        loop.call_soon_threadsafe(changed.set)

    stop = store.watch(view.folder.id, tell) if view else lambda: None
    done = asyncio.ensure_future(session.line())
    try:
        await session.send(b"+ idling")
        while not done.done():
            if view is not None:
                changed.clear()
                await session.send(*view.news(removals=True))
            waiting = asyncio.ensure_future(changed.wait())
            # Faults may be armed at any time: look every quarter of a second.
            await asyncio.wait({done, waiting}, timeout=0.25, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            fault = session.parts.faults.take(Stage.IMAP_IDLE, session.address)
            if fault is not None:
                session.say("fault", kind=fault.kind.value, command="IDLE", mailbox=session.address)
                await session.misbehave(fault)
            if session.seconds_left == 0.0:
                await session.expire()
        if (await done).upper() != b"DONE":
            raise BadCommand("DONE was expected")
    finally:
        stop()
        if not done.done():
            done.cancel()
        elif not done.cancelled() and done.exception() and not isinstance(done.exception(), Ended):
            session.say("idle-cut", why=type(done.exception()).__name__)
    return "idle ended"


async def _noop(session: Session, tokens: list[Token]) -> str:
    return "done"


async def _unselect(session: Session, tokens: list[Token]) -> str:
    session.view = None
    return "unselected"


COMMANDS: Final[dict[str, Command]] = {
    "SELECT": _select,
    "EXAMINE": _examine,
    "LIST": _list,
    "LSUB": _lsub,
    "STATUS": _status,
    "CREATE": _create,
    "DELETE": _delete,
    "RENAME": _rename,
    "SUBSCRIBE": _subscribe,
    "UNSUBSCRIBE": _unsubscribe,
    "NAMESPACE": _namespace,
    "ID": _identify,
    "GETQUOTA": _quota,
    "GETQUOTAROOT": _quota_root,
    "APPEND": _append,
    "IDLE": _idle,
    "NOOP": _noop,
    "CHECK": _noop,
    "UNSELECT": _unselect,
}

"""Commands about messages of the selected folder: FETCH, STORE, SEARCH, COPY, MOVE, EXPUNGE, CLOSE."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from conformance.simulators.mssante.faults import FaultKind, Stage
from conformance.simulators.mssante.imap.fetching import Fetched, items
from conformance.simulators.mssante.imap.parsing import BadCommand, Token, atom, decode_name, text_of
from conformance.simulators.mssante.imap.searching import Candidate, Numbers, question
from conformance.simulators.mssante.imap.session import Command, Ended, Refused, Session
from conformance.simulators.mssante.imap.view import View
from conformance.simulators.mssante.model import StoredMessage


def _view(session: Session) -> View:
    if session.view is None:
        raise BadCommand("select a folder first")
    return session.view


def _writable(session: Session) -> View:
    view = _view(session)
    if view.read_only:
        raise Refused("[READ-ONLY] The folder was opened with EXAMINE")
    return view


def _chosen(session: Session, view: View, tokens: list[Token]) -> list[int]:
    if not tokens:
        raise BadCommand("a sequence set was expected")
    return view.chosen(text_of(tokens.pop(0)), session.by_uid)


class _Gone(Exception):
    """Another session removed the message."""


def _fetched(session: Session, view: View, uid: int) -> Fetched:
    def load(data: bool) -> StoredMessage:
        found = session.parts.store.message(view.folder.id, uid, data)
        if found is None:
            raise _Gone
        return found

    return Fetched(load)


async def _fetch(session: Session, tokens: list[Token]) -> str:
    view = _view(session)
    uids = _chosen(session, view, tokens)
    if len(tokens) != 1:
        raise BadCommand("items were expected")
    wanted = items(tokens[0])
    if session.by_uid and all(item.name != b"UID" for item in wanted):
        wanted = [*items(b"UID"), *wanted]
    seen = any(item.seen for item in wanted) and not view.read_only
    reads = any(
        item.name.startswith((b"BODY[", b"RFC822", b"RFC822.TEXT")) and item.name != b"RFC822.SIZE" for item in wanted
    )
    fresh = [uid for uid in uids if "\\Seen" not in view.flags(uid).split()] if seen else []
    if fresh:
        await _mark_seen(session, view, fresh)
        if all(item.name != b"FLAGS" for item in wanted):
            wanted = [*wanted, *items(b"FLAGS")]
    for uid in uids:
        message = _fetched(session, view, uid)
        try:
            said = b" ".join(item.name + b" " + item.make(message) for item in wanted)
        except _Gone:
            continue
        line = b"* %d FETCH (" % view.number(uid) + said + b")\r\n"
        await _cut_in_the_middle(session, line)
        await session.send_raw(line)
        if reads:
            session.say("fetched", mailbox=session.address, folder=view.folder.name, uid=uid, size=len(line))
    return "fetched"


async def _cut_in_the_middle(session: Session, line: bytes) -> None:
    fault = session.parts.faults.take(Stage.IMAP_FETCH, session.address)
    if fault is None:
        return
    session.say("fault", kind=fault.kind.value, command="FETCH", mailbox=session.address)
    if fault.kind is FaultKind.DROP:
        await session.send_raw(line[: len(line) // 2])
        session.abort()
        raise Ended("cut on request")
    await session.misbehave(fault)


async def _mark_seen(session: Session, view: View, uids: list[int]) -> None:
    marked: dict[int, Sequence[str]] = {uid: [*view.flags(uid).split(), "\\Seen"] for uid in uids}
    await session.parts.delivery.in_writer(lambda: session.parts.store.set_flags(view.folder.id, marked))
    for uid, flags in marked.items():
        view.told(uid, " ".join(flags))


async def _store(session: Session, tokens: list[Token]) -> str:
    view = _writable(session)
    uids = _chosen(session, view, tokens)
    if len(tokens) < 2:
        raise BadCommand("flags were expected")
    action = atom(tokens[0])
    given = tokens[1] if isinstance(tokens[1], list) else tokens[1:]
    flags = [_canonical(one.decode("ascii", "replace")) for one in given if isinstance(one, bytes)]
    silent = action.endswith(".SILENT")
    mode = action.removesuffix(".SILENT")
    if mode not in ("FLAGS", "+FLAGS", "-FLAGS"):
        raise BadCommand("FLAGS, +FLAGS or -FLAGS")
    now = dict(session.parts.store.index(view.folder.id))
    changed: dict[int, Sequence[str]] = {}
    for uid in uids:
        if uid not in now:
            continue
        old = now[uid].split()
        if mode == "FLAGS":
            new: Sequence[str] = list(dict.fromkeys(flags))
        elif mode == "+FLAGS":
            new = list(dict.fromkeys([*old, *flags]))
        else:
            new = [one for one in old if one not in flags]
        changed[uid] = new
    await session.parts.delivery.in_writer(lambda: session.parts.store.set_flags(view.folder.id, changed))
    session.say(
        "stored", mailbox=session.address, folder=view.folder.name, uids=list(changed), action=mode, flags=flags
    )
    for uid, new in changed.items():
        view.told(uid, " ".join(new))
        if not silent:
            number, said = view.number(uid), " ".join(new).encode()
            mark = b"UID %d " % uid if session.by_uid else b""
            await session.send(b"* %d FETCH (" % number + mark + b"FLAGS (" + said + b"))")
    return "stored"


_SYSTEM_FLAGS: Final = {one.casefold(): one for one in ("\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft")}


def _canonical(flag: str) -> str:
    return _SYSTEM_FLAGS.get(flag.casefold(), flag)


async def _search(session: Session, tokens: list[Token]) -> str:
    view = _view(session)
    view_numbers = Numbers(len(view.uids), tuple(view.uids))
    asked = question(tokens, view_numbers)
    found: list[int] = []
    for number, uid in enumerate(view.uids, 1):
        candidate = Candidate(number, uid, frozenset(view.flags(uid).split()), _fetched(session, view, uid))
        try:
            if asked(candidate):
                found.append(uid if session.by_uid else number)
        except _Gone:
            continue
    await session.send(b"* SEARCH" + b"".join(b" %d" % one for one in found))
    return "searched"


async def _copy(session: Session, tokens: list[Token]) -> str:
    _, said = await _copied(session, _view(session), tokens, move=False)
    return said + "copied"


async def _move(session: Session, tokens: list[Token]) -> str:
    if "MOVE" in session.parts.settings.hidden:
        raise BadCommand("unknown command MOVE")
    view = _writable(session)
    _, said = await _copied(session, view, tokens, move=True)
    if said:
        await session.send(f"* OK {said}moved".encode())
    await session.send(*view.news(removals=True))
    return "moved"


async def _copied(session: Session, view: View, tokens: list[Token], move: bool) -> tuple[list[int], str]:
    uids = _chosen(session, view, tokens)
    if not tokens:
        raise BadCommand("a folder was expected")
    store = session.parts.store
    target = store.folder(session.address, decode_name(text_of(tokens[0])))
    if target is None:
        raise Refused("[TRYCREATE] No such folder")
    present = dict(store.index(view.folder.id))
    uids = [uid for uid in uids if uid in present]
    made = await session.parts.delivery.in_writer(lambda: store.copy(view.folder, uids, target, move))
    session.say(
        "moved" if move else "copied", mailbox=session.address, folder=view.folder.name, target=target.name,
        uids=uids, new_uids=made,
    )  # fmt: skip
    if not made or "UIDPLUS" in session.parts.settings.hidden:
        return made, ""
    return made, f"[COPYUID {target.validity} {_joined(uids)} {_joined(made)}] "


def _joined(uids: list[int]) -> str:
    return ",".join(str(uid) for uid in uids)


async def _expunge(session: Session, tokens: list[Token]) -> str:
    view = _writable(session)
    if session.by_uid and "UIDPLUS" in session.parts.settings.hidden:
        raise BadCommand("unknown command UID EXPUNGE")
    chosen = view.chosen(text_of(tokens[0]), by_uid=True) if session.by_uid and tokens else None
    await _remove_deleted(session, view, chosen)
    return "expunged"


async def _remove_deleted(session: Session, view: View, chosen: list[int] | None) -> None:
    index = session.parts.store.index(view.folder.id)
    gone = [uid for uid, flags in index if "\\Deleted" in flags.split() and (chosen is None or uid in chosen)]
    if gone:
        await session.parts.delivery.in_writer(lambda: session.parts.store.expunge(view.folder.id, gone))
        session.say("expunged", mailbox=session.address, folder=view.folder.name, uids=gone)


async def _close(session: Session, tokens: list[Token]) -> str:
    view = _view(session)
    if not view.read_only:
        await _remove_deleted(session, view, None)
    session.view = None
    return "closed"


COMMANDS: Final[dict[str, Command]] = {
    "FETCH": _fetch,
    "STORE": _store,
    "SEARCH": _search,
    "COPY": _copy,
    "MOVE": _move,
    "EXPUNGE": _expunge,
    "CLOSE": _close,
}

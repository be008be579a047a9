"""Messages that leave: kept before anything is tried, tried again until they are gone, then remembered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import ClassVar

from conformance.lgc.mail.courier import Courier, NotSent, Sending, Unreachable
from conformance.lgc.shelf import Shelf
from conformance.lgc.store import Store
from conformance.sut.codec import from_json, to_json
from conformance.sut.contract import Deposit, DepositState, Receipt, ReceiptKind


@dataclass(frozen=True, slots=True)
class Leaving:
    """A message with what is left to do: ``waiting`` recipients; ``filed``: a copy lies among the sent messages."""

    deposit: Deposit
    message_id: str
    data: bytes
    sender: str
    waiting: tuple[str, ...]
    filed: bool = False


class Outbox(Shelf):
    """The messages of the user."""

    schema: ClassVar[str] = """
    CREATE TABLE IF NOT EXISTS outbox (
        rank INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        deposit TEXT NOT NULL,
        message_id TEXT NOT NULL,
        data BLOB NOT NULL,
        sender TEXT NOT NULL,
        waiting TEXT NOT NULL,
        filed INTEGER NOT NULL
    );
    CREATE INDEX IF NOT EXISTS outbox_by_message_id ON outbox (message_id);
    """
    tables: ClassVar[tuple[str, ...]] = ("outbox",)

    def __init__(self, store: Store, courier: Courier) -> None:
        super().__init__(store)
        self.courier = courier

    def add(self, leaving: Leaving) -> None:
        """Keep a message before it is tried."""
        deposit = leaving.deposit
        values = (
            deposit.deposit_id, to_json(deposit).decode(), leaving.message_id, leaving.data, leaving.sender,
            " ".join(leaving.waiting), leaving.filed,
        )  # fmt: skip
        with self.store.writing() as database:
            database.execute(
                "INSERT INTO outbox (id, deposit, message_id, data, sender, waiting, filed) VALUES (?, ?, ?, ?, ?, ?, ?)",
                values,
            )

    def save(self, leaving: Leaving) -> Leaving:
        """Record what became of a message."""
        with self.store.writing() as database:
            database.execute(
                "UPDATE outbox SET deposit = ?, waiting = ?, filed = ? WHERE id = ?",
                (
                    to_json(leaving.deposit).decode(),
                    " ".join(leaving.waiting),
                    leaving.filed,
                    leaving.deposit.deposit_id,
                ),
            )
        return leaving

    def deposits(self) -> tuple[Deposit, ...]:
        """Every message, oldest first."""
        return tuple(
            from_json(row["deposit"], Deposit)
            for row in self.database.execute("SELECT deposit FROM outbox ORDER BY rank")
        )

    def unfinished(self) -> list[Leaving]:
        """What is left to send, or to put among the sent messages."""
        rows = self.database.execute(
            "SELECT * FROM outbox WHERE waiting <> '' OR (filed = 0 AND json_extract(deposit, '$.state') = 'sent')"
            " ORDER BY rank"
        ).fetchall()
        return [_leaving(row) for row in rows]

    def of(self, message_id: str) -> Leaving | None:
        """The message of that Message-ID."""
        row = self.database.execute("SELECT * FROM outbox WHERE message_id = ?", (message_id,)).fetchone()
        return _leaving(row) if row else None

    def push(self) -> list[Deposit]:
        """Try all that is left; gives those that failed for good."""
        failed = []
        for leaving in self.unfinished():
            after = self.attempt(leaving) if leaving.waiting else leaving
            if after.deposit.state is DepositState.FAILED:
                failed.append(after.deposit)
            if after.deposit.state is DepositState.SENT and not after.filed:
                self.keep_copy(after)
        return failed

    def attempt(self, leaving: Leaving) -> Leaving:
        """Try once."""
        deposit = replace(leaving.deposit, attempts=leaving.deposit.attempts + 1, updated=datetime.now(UTC))
        try:
            result = self.courier.send(self.store.settings, leaving.sender, list(leaving.waiting), leaving.data)
        except Unreachable as error:
            return self.save(self.later(replace(leaving, deposit=deposit), str(error)))
        except NotSent as error:
            deposit = replace(deposit, state=DepositState.FAILED, error=str(error))
            return self.save(replace(leaving, deposit=deposit, waiting=()))
        return self.save(self.outcome(replace(leaving, deposit=deposit), result))

    def later(self, leaving: Leaving, why: str) -> Leaving:
        """Nothing left: the message stays, to be tried again."""
        return replace(leaving, deposit=replace(leaving.deposit, state=DepositState.PENDING, error=why))

    def outcome(self, leaving: Leaving, result: Sending) -> Leaving:
        """What the operator's answers make of a message."""
        refused = tuple(
            Receipt(kind=ReceiptKind.NOT_DELIVERED, at=datetime.now(UTC), recipient=who, text=words)
            for who, words in result.refused.items()
        )
        deposit = replace(leaving.deposit, receipts=(*leaving.deposit.receipts, *refused))
        words = "; ".join(f"{who}: {why}" for who, why in {**result.refused, **result.postponed}.items())
        if result.postponed:
            state = DepositState.PENDING
        elif len(deposit.receipts) >= len(deposit.recipients) and all(
            receipt.kind is ReceiptKind.NOT_DELIVERED for receipt in deposit.receipts
        ):
            state = DepositState.FAILED
        else:
            state = DepositState.SENT
        return replace(leaving, deposit=replace(deposit, state=state, error=words), waiting=tuple(result.postponed))

    def keep_copy(self, leaving: Leaving) -> None:
        """Put a copy among the sent messages; when that fails it is done later."""
        try:
            with self.courier.mailbox(self.store.settings) as mailbox:
                mailbox.keep_sent(leaving.data)
        except Unreachable:
            return
        self.save(replace(leaving, filed=True))


def _leaving(row: object) -> Leaving:
    values = dict(row)  # type: ignore[call-overload]  # a row of sqlite is a mapping
    return Leaving(
        deposit=from_json(values["deposit"], Deposit),
        message_id=values["message_id"],
        data=values["data"],
        sender=values["sender"],
        waiting=tuple(values["waiting"].split()),
        filed=bool(values["filed"]),
    )

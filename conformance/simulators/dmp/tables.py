"""The tables of the simulated DMP, for SQLite and PostgreSQL alike.

A patient is named by the CX of the INS everywhere. An entry is one version of the metadata of one document:
TD3.3a and b add a row and leave the former one, no longer current.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

SCHEMA: Final = MetaData()

PATIENTS: Final = Table(
    "dmp_patient",
    SCHEMA,
    Column("patient", String(80), primary_key=True),
    Column("open", Boolean, nullable=False),
    Column("family", String, nullable=False),
    Column("given", String, nullable=False),
    Column("birth_date", String(8), nullable=False),
    Column("sex", String(2), nullable=False),
    Column("attached", Boolean, nullable=False),
    Column("web_account", Boolean, nullable=False),
    Column("opposes_break_glass", Boolean, nullable=False),
    Column("opposes_regulation", Boolean, nullable=False),
)

SUBMISSIONS: Final = Table(
    "dmp_submission",
    SCHEMA,
    Column("id", String(80), primary_key=True),
    Column("unique_id", String(128), nullable=False, unique=True),
    Column("patient", String(80), nullable=False),
    Column("status", String(80), nullable=False),
    Column("submission_time", String(14), nullable=False),
    Column("person", String, nullable=False),
    Column("content_type", String, nullable=False),
    Column("xml", Text, nullable=False),
    Index("dmp_submission_by_patient", "patient", "submission_time"),
)

ENTRIES: Final = Table(
    "dmp_entry",
    SCHEMA,
    Column("rank", Integer, primary_key=True, autoincrement=True),
    Column("id", String(80), nullable=False, unique=True),
    Column("logical_id", String(80), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("current", Boolean, nullable=False),
    Column("unique_id", String(128), nullable=False, index=True),
    Column("submission", String(80), nullable=False, index=True),
    Column("patient", String(80), nullable=False),
    Column("status", String(80), nullable=False),
    Column("title", Text, nullable=False),
    Column("mime_type", String(80), nullable=False),
    Column("class_code", String(160), nullable=False),
    Column("type_code", String(160), nullable=False),
    Column("format_code", String(160), nullable=False),
    Column("facility", String(160), nullable=False),
    Column("practice", String(160), nullable=False),
    Column("creation_time", String(14), nullable=False),
    Column("service_start", String(14), nullable=False),
    Column("service_stop", String(14), nullable=False),
    Column("masked", Boolean, nullable=False),
    Column("hidden_from_patient", Boolean, nullable=False),
    Column("hidden_from_representatives", Boolean, nullable=False),
    Column("confidentiality", JSON, nullable=False),
    Column("events", JSON, nullable=False),
    Column("references", JSON, nullable=False),
    Column("persons", JSON, nullable=False),
    Column("institutions", JSON, nullable=False),
    Column("signature", Boolean, nullable=False),
    Column("hash", String(40), nullable=False),
    Column("size", Integer, nullable=False),
    Column("deposited", String(32), nullable=False),
    Column("xml", Text, nullable=False),
    Index("dmp_entry_by_patient", "patient", "current", "status"),
)

CONTENTS: Final = Table(
    "dmp_content",
    SCHEMA,
    Column("unique_id", String(128), primary_key=True),
    Column("data", LargeBinary, nullable=False),
)
"""The bytes of each document; its key is what makes a document be there once."""

ASSOCIATIONS: Final = Table(
    "dmp_association",
    SCHEMA,
    Column("id", String(80), primary_key=True),
    Column("type", String(80), nullable=False),
    Column("source", String(80), nullable=False, index=True),
    Column("target", String(80), nullable=False, index=True),
    Column("xml", Text, nullable=False),
)

AUTHORISATIONS: Final = Table(
    "dmp_authorisation",
    SCHEMA,
    Column("patient", String(80), primary_key=True),
    Column("holder", String(80), primary_key=True),
    Column("state", String(12), nullable=False),
    Column("attending", Boolean, nullable=False),
    Column("family", String, nullable=False),
    Column("given", String, nullable=False),
    Column("start", String(32), nullable=False),
    Column("last_action", String(32), nullable=False),
    Column("expires", String(32), nullable=False),
    Index("dmp_authorisation_by_holder", "holder"),
)

TRACES: Final = Table(
    "dmp_trace",
    SCHEMA,
    Column("rank", Integer, primary_key=True, autoincrement=True),
    Column("at", String(32), nullable=False),
    Column("patient", String(80), nullable=False),
    Column("user", String(80), nullable=False),
    Column("structure", String(80), nullable=False),
    Column("transaction", String(12), nullable=False),
    Column("access", String(20), nullable=False),
    Column("outcome", String(60), nullable=False),
    Column("unique_id", String(128), nullable=False),
    Index("dmp_trace_by_patient", "patient", "user", "transaction"),
)

NOTIFICATIONS: Final = Table(
    "dmp_notification",
    SCHEMA,
    Column("rank", Integer, primary_key=True, autoincrement=True),
    Column("at", String(32), nullable=False),
    Column("patient", String(80), nullable=False, index=True),
    Column("kind", String(40), nullable=False),
    Column("user", String(80), nullable=False),
    Column("unique_id", String(128), nullable=False),
)

ASSERTIONS: Final = Table(
    "dmp_assertion",
    SCHEMA,
    Column("id", String(200), primary_key=True),
    Column("at", String(32), nullable=False),
)
"""The VIHF already seen in AIR mode, where each serves once."""

"""The outbox: messages that were decided, in the database of the cases."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text

METADATA = MetaData()

outbox = Table(
    "outbox",
    METADATA,
    Column("id", String(120), primary_key=True),
    Column("recipient", String(140), nullable=False),
    Column("name", String(200), nullable=False),
    Column("phone", String(200), nullable=False),
    Column("language", String(8), nullable=False),
    Column("audience", String(32), nullable=False),
    Column("policy", String(16), nullable=False),
    Column("due_s", BigInteger, nullable=False),
    Column("title_zh", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("body_zh", Text, nullable=False),
    Column("body_en", Text, nullable=False),
    Column("case_number", Integer, nullable=False),
    Column("news", String(32), nullable=False),
    Column("place", String(140), nullable=False),
    Column("created_s", BigInteger, nullable=False),
    Column("stage", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("first_failed_s", BigInteger, nullable=True),
    Column("next_s", BigInteger, nullable=False),
    Column("sent_s", BigInteger, nullable=True),
    Column("channel", String(64), nullable=False),
    Column("answer", Text, nullable=False),
    Column("digest", String(120), nullable=False),
    Index("outbox_due", "stage", "next_s"),
    Index("outbox_created", "created_s"),
    Index("outbox_case", "case_number"),
)

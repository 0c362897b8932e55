"""The tables of the cases: what stands, and the history that it is the fold of."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

METADATA = MetaData()

heat_case = Table(
    "heat_case",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("family", String(32), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("level", String(16), nullable=False),
    Column("place", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("is_live", Boolean, nullable=False),
    Column("opened_s", BigInteger, nullable=False),
    Column("changed_s", BigInteger, nullable=False),
    Index("heat_case_live", "is_live", "changed_s"),
)
"""For finding cases; what a case is stands in its history."""
case_event = Table(
    "case_event",
    METADATA,
    Column("case_number", Integer, ForeignKey("heat_case.number"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("at_s", BigInteger, nullable=False),
    Column("what", String(32), nullable=False),
    Column("by", String(200), nullable=False),
    Column("sign", String(140), nullable=False),
    Column("event", Text, nullable=False),
    Index("case_event_sign", "sign"),
)
"""Insert only."""
case_basis = Table(
    "case_basis",
    METADATA,
    Column("case_number", Integer, ForeignKey("heat_case.number"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("at_s", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
"""What registry and rules said when a case was opened or reopened, compressed; insert only."""
mark = Table(
    "case_mark",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("value", String(200), nullable=False),
)
"""How far the watch has looked."""

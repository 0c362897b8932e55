"""The tables of accounts, in the registry's database but in no export of the registry."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table

from heatward_collector.registry.database import Database

METADATA = MetaData()

account = Table(
    "account",
    METADATA,
    Column("id", String(16), primary_key=True),
    Column("login", String(64), nullable=False, unique=True),
    Column("name", String(100), nullable=False),
    Column("role", String(16), nullable=False),
    Column("scope", String(64), nullable=False),
    Column("secret", String(200), nullable=True),
    Column("created_s", BigInteger, nullable=False),
    Column("disabled_s", BigInteger, nullable=True),
)
invitation = Table(
    "invitation",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("account", String(16), nullable=False),
    Column("expires_s", BigInteger, nullable=False),
)
"""One-time links with which somebody chooses a password; only their digests are kept."""
session = Table(
    "account_session",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("account", String(16), nullable=False),
    Column("name", String(100), nullable=False),
    Column("is_token", Boolean, nullable=False),
    Column("created_s", BigInteger, nullable=False),
    Column("expires_s", BigInteger, nullable=False),
)
"""What a browser's cookie or a machine's token stands for; only digests are kept."""
audit = Table(
    "audit",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("time_s", BigInteger, nullable=False),
    Column("account", String(16), nullable=False),
    Column("role", String(16), nullable=False),
    Column("name", String(100), nullable=False),
    Column("action", String(100), nullable=False),
    Column("target", String(200), nullable=False),
    Column("address", String(64), nullable=False),
)
Index("audit_time", audit.c.time_s)
Index("account_session_account", session.c.account)


def prepare(database: Database) -> None:
    """Create the tables where they are missing."""
    with database.edit() as connection:
        METADATA.create_all(connection)

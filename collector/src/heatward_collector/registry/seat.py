"""A place that only one of many processes holds, for as long as its connection lives."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from heatward_collector.errors import RegistryError


class Seat:
    """One number of a database that several collectors share; on SQLite there is nobody else."""

    def __init__(self, engine: Engine, number: int) -> None:
        self._engine, self._number = engine, number
        self._connection: Connection | None = None

    def is_ours(self) -> bool:
        """Take the place where it is free; say whether we hold it now.

        Raises RegistryError where the database is away: it may have given it to somebody else, and
        whoever began something on our account must begin again.
        """
        if self._engine.dialect.name != "postgresql":
            return True
        try:
            return self._asked()
        except DBAPIError as error:
            self.leave()
            raise RegistryError(
                f"登记表的数据库连不上 / the registry's database is away: {error.orig}"
            ) from error

    def leave(self) -> None:
        """Give the place up."""
        if self._connection is not None:
            self._connection.invalidate()  # back in the pool, it would go on holding it
            self._connection.close()
            self._connection = None

    def _asked(self) -> bool:
        if self._connection is not None:
            self._connection.execute(text("SELECT 1"))
            return True
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        taken = text("SELECT pg_try_advisory_lock(:number)")
        if connection.execute(taken, {"number": self._number}).scalar():
            self._connection = connection
            return True
        connection.close()
        return False

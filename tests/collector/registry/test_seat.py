"""The place of which there is one: on PostgreSQL for all who share it, until its holder is gone."""

from __future__ import annotations

import psycopg
import pytest

from heatward_collector.errors import RegistryError
from heatward_collector.registry.database import Database
from support.postgresql import emptied


def test_one_holds_it_and_the_next_follows_when_it_leaves(postgresql: str) -> None:
    url = emptied(postgresql)
    first, second = Database(url), Database(url)
    ours, theirs = first.seat(7), second.seat(7)
    assert ours.is_ours()
    assert ours.is_ours()
    assert not theirs.is_ours()
    assert second.seat(8).is_ours()
    ours.leave()
    assert theirs.is_ours()
    assert not ours.is_ours()
    theirs.leave()
    first.close()
    second.close()


def test_who_lost_the_database_does_not_believe_to_hold_it_still(postgresql: str) -> None:
    url = emptied(postgresql)
    first, second = Database(url), Database(url)
    ours, theirs = first.seat(7), second.seat(7)
    assert ours.is_ours()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        )
    with pytest.raises(RegistryError, match="away"):
        ours.is_ours()
    assert theirs.is_ours()
    theirs.leave()
    first.close()
    second.close()


def test_a_file_has_no_other_holder(tmp_path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    seat = database.seat(7)
    assert seat.is_ours()
    seat.leave()
    assert seat.is_ours()
    database.close()

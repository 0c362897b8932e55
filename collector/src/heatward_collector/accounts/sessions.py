"""Sessions of browsers and tokens of machines: random secrets of which only digests are kept."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import bindparam, delete, select

from heatward_collector.accounts import passwords
from heatward_collector.accounts.roles import Role, Viewer
from heatward_collector.accounts.tables import account, session
from heatward_collector.registry.database import Database

OFFICE_S = 12 * 3600
"""A working day: a shared office PC is signed out over night. [s]"""
PHONE_S = 90 * 86_400
"""A resident's or volunteer's own phone. [s]"""
TOKEN_S = 365 * 86_400
"""A machine's token must be renewed once a year. [s]"""
_VIEWER = (
    select(account.c.id, account.c.role, account.c.scope, account.c.name, session.c.is_token)
    .join(session, session.c.account == account.c.id)
    .where(session.c.digest == bindparam("digest"))
    .where(session.c.expires_s > bindparam("now_s"))
    .where(account.c.disabled_s.is_(None))
)
"""Every answer asks it, and to compose it costs more than to run it."""
_PHONES = (Role.RESIDENT, Role.VOLUNTEER)


def lifetime_s(role: Role) -> int:
    """Return how long a browser of this role stays signed in. [s]"""
    return PHONE_S if role in _PHONES else OFFICE_S


class Sessions:
    """Opens, recognises and closes sessions and tokens."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

    def open(self, person: str, role: Role) -> str:
        """Return the secret of a new browser session; forget those that are over."""
        now_s = int(self._now())
        with self._database.edit() as connection:
            connection.execute(delete(session).where(session.c.expires_s <= now_s))
        return self._keep(person, "", False, lifetime_s(role))

    def new_token(self, person: str, name: str) -> str:
        """Return the secret of a new token, which is shown once."""
        return self._keep(person, name, True, TOKEN_S)

    def viewer(self, secret: str, is_token: bool = False) -> Viewer | None:
        """Return who carries a secret, while it and the account work."""
        asked = {"digest": passwords.digest(secret), "now_s": int(self._now())}
        with self._database.snapshot() as connection:
            row = connection.execute(_VIEWER, asked).first()
        if row is None or row.is_token is not is_token:
            return None
        csrf = "" if is_token else passwords.form_token(secret)
        return Viewer(Role(row.role), row.scope, row.id, row.name, csrf, is_token)

    def close(self, secret: str) -> None:
        """End the session or token with a secret."""
        digest = passwords.digest(secret)
        with self._database.edit() as connection:
            connection.execute(delete(session).where(session.c.digest == digest))

    def _keep(self, person: str, name: str, is_token: bool, lasts_s: int) -> str:
        secret, now_s = passwords.new_secret(), int(self._now())
        row = {
            "digest": passwords.digest(secret),
            "account": person,
            "name": name,
            "is_token": is_token,
            "created_s": now_s,
            "expires_s": now_s + lasts_s,
        }
        with self._database.edit() as connection:
            connection.execute(session.insert(), [row])
        return secret

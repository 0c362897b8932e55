"""People's accounts: opened by a one-time link, disabled but never deleted."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, Row, delete, select, update

from heatward_collector.accounts import passwords
from heatward_collector.accounts.roles import SCOPES, Role
from heatward_collector.accounts.tables import account, invitation, session
from heatward_collector.errors import AccountRefused
from heatward_collector.registry.database import Database

INVITATION_S = 72 * 3600
"""How long a one-time link works. [s]"""
LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")


@dataclass(frozen=True, slots=True)
class Person:
    """One account."""

    id: str
    login: str
    name: str
    role: Role
    scope: str
    created_s: int
    disabled_s: int | None
    has_password: bool

    @property
    def is_active(self) -> bool:
        return self.disabled_s is None


class People:
    """The accounts, in the database of the registry."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

    def anyone_can_sign_in(self) -> bool:
        """Say whether anybody has chosen a password yet, or got a code."""
        query = select(account.c.id).where(account.c.secret.is_not(None)).limit(1)
        with self._database.snapshot() as connection:
            return connection.execute(query).first() is not None

    def all(self) -> list[Person]:
        """Return every account in the order of roles and names."""
        order = {role: place for place, role in enumerate(SCOPES)}
        with self._database.snapshot() as connection:
            found = [_person(row) for row in connection.execute(select(account))]
        return sorted(found, key=lambda one: (order[one.role], one.scope, one.login))

    def find(self, login: str) -> Person | None:
        """Return the account with a login or an id."""
        query = select(account).where((account.c.login == login) | (account.c.id == login))
        with self._database.snapshot() as connection:
            row = connection.execute(query).first()
        return None if row is None else _person(row)

    def add(self, login: str, name: str, role: Role, scope: str = "", secret: str = "") -> Person:
        """Make an account. Raises AccountRefused with what is wrong, in both languages.

        Without a secret it can be opened by an invitation only.
        """
        _check(login, name, role, scope)
        key, now_s = secrets.token_hex(6), int(self._now())
        row = {
            "id": key,
            "login": login,
            "name": name,
            "role": role.value,
            "scope": scope,
            "secret": passwords.hashed(secret) if secret else None,
            "created_s": now_s,
            "disabled_s": None,
        }
        with self._database.edit() as connection:
            if connection.execute(select(account).where(account.c.login == login)).first():
                raise AccountRefused(f"登录名已存在 / the login name is taken: {login}")
            connection.execute(account.insert(), [row])
        return Person(key, login, name, role, scope, now_s, None, bool(secret))

    def invite(self, person: str) -> str:
        """Return the secret of a one-time link for an account; earlier links stop working."""
        secret = passwords.new_secret()
        row = {
            "digest": passwords.digest(secret),
            "account": person,
            "expires_s": int(self._now()) + INVITATION_S,
        }
        with self._database.edit() as connection:
            connection.execute(delete(invitation).where(invitation.c.account == person))
            connection.execute(invitation.insert(), [row])
        return secret

    def invited(self, secret: str) -> Person | None:
        """Return whose one-time link this is, while it works."""
        with self._database.snapshot() as connection:
            return self._invited(connection, secret)

    def accept(self, secret: str, password: str) -> Person | None:
        """Set the password by a one-time link and use the link up; None where it does not work.

        Whoever was signed in to the account is signed out.
        """
        kept = passwords.hashed(password)
        with self._database.edit() as connection:
            person = self._invited(connection, secret)
            if person is None:
                return None
            connection.execute(delete(invitation).where(invitation.c.account == person.id))
            connection.execute(delete(session).where(session.c.account == person.id))
            connection.execute(update(account).where(account.c.id == person.id).values(secret=kept))
        return person

    def set_secret(self, person: str, secret: str) -> None:
        """Replace the password or code of an account, and sign it out everywhere."""
        kept = passwords.hashed(secret)
        with self._database.edit() as connection:
            connection.execute(update(account).where(account.c.id == person).values(secret=kept))
            connection.execute(delete(session).where(session.c.account == person))

    def verified(self, login: str, secret: str) -> Person | None:
        """Return the account that a login and its password or code open."""
        with self._database.snapshot() as connection:
            row = connection.execute(select(account).where(account.c.login == login)).first()
        is_right = passwords.matches(None if row is None else row.secret, secret)
        if row is None or row.disabled_s is not None or not is_right:
            return None
        return _person(row)

    def disable(self, person: str, disabled: bool = True) -> None:
        """Close an account at once, everywhere, or open it again."""
        closed_s = int(self._now()) if disabled else None
        with self._database.edit() as connection:
            connection.execute(
                update(account).where(account.c.id == person).values(disabled_s=closed_s)
            )
            if disabled:
                for table in (session, invitation):
                    connection.execute(delete(table).where(table.c.account == person))

    def _invited(self, connection: Connection, secret: str) -> Person | None:
        query = (
            select(account)
            .join(invitation, invitation.c.account == account.c.id)
            .where(invitation.c.digest == passwords.digest(secret))
            .where(invitation.c.expires_s > int(self._now()))
            .where(account.c.disabled_s.is_(None))
        )
        row = connection.execute(query).first()
        return None if row is None else _person(row)


def _check(login: str, name: str, role: Role, scope: str) -> None:
    if role not in SCOPES:
        raise AccountRefused(f"没有这种角色 / no such role: {role}")
    if role is not Role.RESIDENT and not LOGIN.fullmatch(login):
        raise AccountRefused(
            f"登录名应为 2 至 40 个小写字母、数字、点、横线 / a login name has 2 to 40 small "
            f"letters, digits, dots, hyphens: {login!r}"
        )
    if not 0 < len(name) <= 100:
        raise AccountRefused("姓名应为 1 至 100 字 / a name has 1 to 100 characters")
    if bool(scope) != (SCOPES[role] is not None):
        wanted = SCOPES[role] or "无 / none"
        raise AccountRefused(f"角色 {role} 的范围应为 / the scope of {role} is: {wanted}")


def _person(row: Row[tuple[object, ...]]) -> Person:
    return Person(
        row.id,
        row.login,
        row.name,
        Role(row.role),
        row.scope,
        row.created_s,
        row.disabled_s,
        row.secret is not None,
    )

"""Somebody with an account at an application under test, signed in without typing a password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from heatward_collector.accounts import Person, Role
from heatward_collector.accounts.passwords import form_token
from heatward_collector.api.rights.door import SESSION_COOKIE, Door


@dataclass(frozen=True)
class SignedIn:
    """An account, and what its forms must carry."""

    person: Person
    secret: str

    @property
    def csrf(self) -> str:
        return form_token(self.secret)


class Client(Protocol):
    """What asks an application: a TestClient, or another of httpx."""

    app: Any
    cookies: httpx.Cookies


def sign_in(client: Client, role: Role, scope: str = "") -> SignedIn:
    """Make an account of a role, once, and give the client its session."""
    door: Door = client.app.state.door
    login = f"{role.value}.{scope}".rstrip(".")
    people = door.accounts.people
    person = people.find(login) or people.add(login, f"Example {login}", role, scope)
    secret = door.accounts.sessions.open(person.id, role)
    client.cookies.set(SESSION_COOKIE, secret)
    return SignedIn(person, secret)

"""A resident's account: a personal link that nobody can guess, and a code to type once a phone."""

from __future__ import annotations

from heatward_collector.accounts import passwords
from heatward_collector.accounts.people import People, Person
from heatward_collector.accounts.roles import Role


def new_resident(people: People, home: str, name: str) -> tuple[str, str, Person]:
    """Return the link's secret, the code, and the account, for a home of the registry."""
    link, code = passwords.new_secret(), passwords.new_code()
    return link, code, people.add(link, name, Role.RESIDENT, home, code)


def renewed(people: People, person: Person) -> str:
    """Return a new code for a resident's link; phones that were signed in are signed out."""
    code = passwords.new_code()
    people.set_secret(person.id, code)
    return code

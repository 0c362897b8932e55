"""What stands at the top of every page: the pages of the reader's role, and what the role is."""

from __future__ import annotations

from dataclasses import dataclass

from ...accounts import Role
from ...accounts.roles import LOOKERS, OFFICES
from ...locale import message


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One page of the menu."""

    here: str
    """What its template calls itself."""
    address: str
    name: str
    roles: frozenset[Role]


MENU = (
    MenuEntry("my", "/my", message("My boxes"), frozenset((Role.VOLUNTEER,))),
    MenuEntry("install", "/install", message("Hang a sensor"), frozenset((Role.VOLUNTEER,))),
    MenuEntry("home", "/home", message("Your home"), frozenset((Role.RESIDENT,))),
    MenuEntry("today", "/today", message("Today"), frozenset(LOOKERS)),
    MenuEntry("buildings", "/", message("Buildings"), frozenset(LOOKERS)),
    MenuEntry("findings", "/findings", message("Findings"), frozenset(LOOKERS)),
    MenuEntry(
        "cases",
        "/cases",
        message("Cases"),
        frozenset((*OFFICES, Role.OPERATOR, Role.SUPPLIER, Role.DEMO)),
    ),
    MenuEntry(
        "rounds",
        "/rounds",
        message("Round"),
        frozenset((*OFFICES, Role.OPERATOR, Role.DEMO)),
    ),
    MenuEntry(
        "records",
        "/records",
        message("Records"),
        frozenset((*OFFICES, Role.OPERATOR, Role.SUPPLIER, Role.DEMO)),
    ),
    MenuEntry(
        "inbox",
        "/inbox",
        message("Messages"),
        frozenset((*OFFICES, Role.OPERATOR, Role.DEMO)),
    ),
    MenuEntry("demo", "/demo", message("Try it"), frozenset({Role.DEMO})),
    MenuEntry(
        "status",
        "/status",
        message("System"),
        frozenset((*OFFICES, Role.OPERATOR, Role.VISITOR, Role.DEMO)),
    ),
    MenuEntry(
        "gaps",
        "/gaps",
        message("Gaps"),
        frozenset((*OFFICES, Role.OPERATOR, Role.DEMO)),
    ),
    MenuEntry("people", "/people", message("People"), frozenset((Role.OPERATOR,))),
    MenuEntry("registry", "/registry", message("Registry"), frozenset((Role.OPERATOR,))),
    MenuEntry("audit", "/audit", message("Log"), frozenset((Role.OPERATOR,))),
    MenuEntry(
        "board",
        "/board",
        message("Estates"),
        frozenset((*LOOKERS, Role.RESIDENT, Role.ANYBODY)),
    ),
    MenuEntry("roles", "/roles", message("Roles"), frozenset((Role.DEMO,))),
    MenuEntry("login", "/login", message("Sign in"), frozenset((Role.ANYBODY, Role.VISITOR))),
)
"""Every page that a role starts from; whoever adds one gives its route the same roles."""

ROLE_NAMES = {
    Role.OPERATOR: message("operator"),
    Role.CITY: message("city department"),
    Role.DISTRICT: message("district heating department"),
    Role.STREET: message("street office"),
    Role.VOLUNTEER: message("volunteer supervisor"),
    Role.SUPPLIER: message("heat supplier"),
    Role.RESIDENT: message("resident"),
    Role.VISITOR: message("visitor"),
    Role.DEMO: message("visitor"),
    Role.ANYBODY: message("visitor"),
}


def menu_of(role: Role) -> tuple[MenuEntry, ...]:
    """Return the pages of a role."""
    return tuple(entry for entry in MENU if role in entry.roles)

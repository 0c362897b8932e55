"""The roles, what each is confined to, and who is looking at a page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody is to the project; the last three need no account."""

    OPERATOR = "operator"
    CITY = "city"
    DISTRICT = "district"
    STREET = "street"
    VOLUNTEER = "volunteer"
    SUPPLIER = "supplier"
    RESIDENT = "resident"
    VISITOR = "visitor"
    """Nobody has chosen a password yet, and the pages are open on this machine for looking."""
    DEMO = "demo"
    """Anybody at a demo, whose homes are invented."""
    ANYBODY = "anybody"
    """Somebody who has not signed in."""


SCOPES: dict[Role, str | None] = {
    Role.OPERATOR: None,
    Role.CITY: None,
    Role.DISTRICT: "district",
    Role.STREET: "street",
    Role.VOLUNTEER: "estate",
    Role.SUPPLIER: "supplier",
    Role.RESIDENT: "home",
}
"""The roles of accounts, each with the table of the registry that its scope is a row of."""

OFFICES = (Role.STREET, Role.DISTRICT, Role.CITY)
"""Those who must act on a finding."""
LOOKERS = (*OFFICES, Role.OPERATOR, Role.SUPPLIER, Role.VOLUNTEER, Role.VISITOR, Role.DEMO)
"""Those who see how buildings are, each within their scope."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks for a page."""

    role: Role
    scope: str = ""
    """Id of the district, street, estate, supplier or home that the role is confined to."""
    account: str = ""
    """Opaque id of the account; empty for those without one."""
    name: str = ""
    csrf: str = ""
    """What a form of this session must carry; empty where nothing can be changed."""
    by_token: bool = False
    """Whether a machine asks with a token of the account."""

    @property
    def is_signed_in(self) -> bool:
        return bool(self.account)

    @property
    def sees_homes(self) -> bool:
        """Whether single homes of every building are shown: to the operator, and in a demo."""
        return self.role in (Role.OPERATOR, Role.DEMO)


NOBODY = Viewer(Role.ANYBODY)

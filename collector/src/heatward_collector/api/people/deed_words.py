"""What the audit log holds, in words: an action of a route, and what it was done to.

The log itself keeps the routes as they are, so that its rows read the same for ever.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ...accounts import Role
from ...accounts.audit import Deed
from ...locale import Texts, message
from ..casework.case_words import DEED_WORDS
from ..frame.menu import ROLE_NAMES

ACTIONS = {
    "sign in": message("Signed in"),
    "POST /login": message("Signed in"),
    "POST /logout": message("Signed out"),
    "POST /invitation/{secret}": message("Chose a password by a one-time link"),
    "POST /r/{link}": message("Opened a home with link and code"),
    "POST /roles": message("Took another role of the demo"),
    "POST /demo": message("Tried something in the demo"),
    "GET /home/cold": message("Opened the page for calling 12345, with the home's readings"),
    "GET /home/readings.csv": message("Saved the home's readings as a table"),
    "GET /room/{room_id}": message("Looked at the readings of a room"),
    "GET /api/v1/rooms/{room_id}/series": message("Fetched the readings of a room by machine"),
    "POST /home/stop": message("Stopped measuring in the home"),
    "POST /home/notice": message("Told the supplier that the home is cold"),
    "POST /home/address/{number}": message("Allowed that a case names the home's address"),
    "POST /install": message("Entered a newly hung sensor"),
    "POST /people": message("Added an account"),
    "people add": message("Added an account"),
    "POST /people/{account}/link": message("Made a one-time link or a slip"),
    "people link": message("Made a one-time link or a slip"),
    "POST /people/{account}/close": message("Closed an account, or opened it again"),
    "people close": message("Closed an account"),
    "people close --open": message("Opened an account again"),
    "people token": message("Made a key for a machine"),
    "POST /registry": message("Imported files into the registry, or looked at them first"),
    "POST /registry/edit/{name}": message("Changed one entry of the registry"),
    "POST /case/{case_id}/{deed}": message("Worked on a case"),
    "GET /case/{case_id}/file/{name}": message("Opened a file of a case"),
    "GET /case/{case_id}/order.pdf": message("Printed the order of a case"),
    "GET /case/{case_id}/evidence.zip": message("Saved the evidence of a case"),
    "GET /case/{case_id}/group-text": message("Opened the group text of a case"),
    "GET /rounds": message("Opened the round of the day, with addresses"),
    "GET /rounds.pdf": message("Printed the round of the day, with addresses"),
    "POST /complaints/new": message("Entered a complaint"),
    "POST /complaints/{complaint_id}/close": message("Marked a complaint as done"),
    "POST /complaints/import": message("Read a file of complaints, to look at it first"),
    "POST /complaints/import/columns": message("Imported complaints, or looked at them first"),
    "GET /complaints.xlsx": message("Saved the complaints as a table"),
    "POST /spot-checks/new": message("Entered a spot check"),
    "POST /spot-checks/{check_id}/correct": message("Corrected a sensor by a spot check"),
    "GET /spot-checks/{check_id}/photo": message("Looked at the photo of a spot check"),
    "POST /resident-notices/new": message("Entered a notice of a resident"),
    "POST /roster": message("Changed who is on duty"),
    "POST /roster/end": message("Ended a duty"),
    "POST /declarations/stop": message("Reported a stop of heating"),
    "POST /declarations/hours": message("Declared the heating hours"),
    "GET /assessment.xlsx": message("Saved the assessment as a table"),
    "GET /assessment.pdf": message("Printed the assessment"),
    "POST /assessment/rating": message("Entered points of the assessment"),
}
"""What was done, by what the log holds; a test fails where a new route has no words."""

KEYS = {
    "building": message("building"),
    "case": message("case"),
    "case_id": message("case"),
    "check_id": message("spot check"),
    "complaint": message("complaint"),
    "complaint_id": message("complaint"),
    "home": message("home"),
    "hours": message("hours"),
    "month": message("month"),
    "name": message("name"),
    "notice": message("notice"),
    "number": message("case"),
    "offset": message("correction"),
    "person": message("person"),
    "points": message("points"),
    "rank": message("rank"),
    "resident_notice": message("resident's notice"),
    "room": message("room"),
    "room_id": message("room"),
    "sensor": message("sensor"),
    "sensors": message("sensors"),
    "source": message("heat source"),
    "spot_check": message("spot check"),
    "supplier": message("heat supplier"),
}
"""What a value of a target is, by the key before it."""

ENDINGS = {
    "added": message("account added"),
    "closed": message("account closed"),
    "opened": message("account opened again"),
    "link": message("link made"),
    "ended": message("duty ended"),
    "consent": message("consent given"),
}
"""What the last word of a target says."""

_ROUTE = re.compile(r"(?:GET|POST|PUT|PATCH|DELETE) (/\S*)")
_PAIR = re.compile(r"(\w+)=(\S*?)(,?)")


@dataclass(frozen=True, slots=True)
class ToldDeed:
    """One row of the log in words."""

    time_s: int
    name: str
    role: Role
    action: str
    target: str


def told(deed: Deed, accounts: Mapping[str, str], say: Texts) -> ToldDeed:
    """Put a row of the log into words; ``accounts`` are the names of accounts by their id."""
    action, target = action_words(deed.action, say), target_words(deed.target, accounts, say)
    return ToldDeed(deed.time_s, deed.name, deed.role, action, target)


def action_words(action: str, say: Texts) -> str:
    """Say what was done; an address without words stands behind the word for a page."""
    if action in ACTIONS:
        return say(ACTIONS[action])
    route = _ROUTE.fullmatch(action)
    return action if route is None else say("Page %(address)s", address=route[1])


def target_words(target: str, accounts: Mapping[str, str], say: Texts) -> str:
    """Say what it was done to, as far as its words are known; the rest stays as it is."""
    parts = target.split(" ")
    return " ".join(_part_words(one, accounts, say) for one in parts)


def _part_words(part: str, accounts: Mapping[str, str], say: Texts) -> str:
    pair = _PAIR.fullmatch(part)
    if pair is not None:
        key, value, comma = pair.groups()
        value = accounts.get(value, value)
        return f"{say(KEYS[key])} {value}{comma}" if key in KEYS else f"{value}{comma}"
    if part in accounts:
        return accounts[part]
    if part in ENDINGS:
        return say(ENDINGS[part])
    if part in DEED_WORDS:
        return say(DEED_WORDS[part])
    return say(ROLE_NAMES[Role(part)]) if part in set(Role) else part

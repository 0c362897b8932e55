"""Duty notices: suppliers and departments of a district are asked, once each, to stand ready."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np

from heatward_collector.alerts.digest import next_digest
from heatward_collector.alerts.message import Message, Text
from heatward_collector.alerts.outbox import Outbox, put
from heatward_collector.alerts.recipients import Charge, Recipient
from heatward_collector.cases.secretary import Office, Secretary
from heatward_collector.core.cases.duty_notices import Occasion, OutdoorDay, occasions
from heatward_collector.core.cases.telling import Audience, Policy
from heatward_collector.core.standard import Standard, winter_of
from heatward_collector.local_days import bounds, day_of
from heatward_collector.locale import CHINESE, ENGLISH, Texts, message, texts
from heatward_collector.outdoor.temperatures import OutdoorSeries, OutdoorValue

OutdoorsOf = Callable[[str, int, int], list[OutdoorValue]]
"""From a district and [from, to) in seconds UTC to what is known of it."""
LOOK_DAYS = 6
LEAST_HOURS = 18
"""A day with fewer known hours says nothing."""
TITLES = {
    Occasion.COLD_WAVE: message("Cold wave in %(district)s: stand ready"),
    Occasion.HOLIDAY: message("Holiday from %(day)s: 24 h duty in %(district)s"),
    Occasion.EARLY_START: message("Cold before the season in %(district)s: prepare to start early"),
}
BODIES = {
    Occasion.COLD_WAVE: message(
        "On %(day)s the lowest outdoor temperature fell by 8 °C or more. Please keep 24 h duty,"
        " have repair teams ready, and raise the supply in time."
    ),
    Occasion.HOLIDAY: message(
        "Please keep 24 h duty over the holiday, and have repair teams ready."
    ),
    Occasion.EARLY_START: message(
        "The outdoor mean has been below 5 °C for five days, and the season begins on %(day)s."
        " Please be ready to start earlier."
    ),
}


class DutyNotices:
    """Puts the notices of a day into the outbox."""

    def __init__(
        self, outbox: Outbox, secretary: Secretary, standard: Standard, outdoors: OutdoorsOf
    ) -> None:
        self._outbox, self._secretary = outbox, secretary
        self._standard, self._outdoors = standard, outdoors

    def look(self, now_s: float) -> int:
        """Look at every district; return how many messages are new."""
        zone, office = self._secretary.zone, self._secretary.office()
        today = day_of(now_s, zone)
        messages = []
        for district in office.directory.tables["district"]:
            days = self._days(district, today)
            first = self._season_first(today)
            for occasion, day in occasions(today, days, first, self._standard.in_season(today)):
                messages += self._messages(district, occasion, day, office, now_s)
        with self._outbox.database.edit() as connection:
            return put(connection, messages)

    def _messages(
        self, district: str, occasion: Occasion, day: date, office: Office, now_s: float
    ) -> list[Message]:
        zone = self._secretary.zone
        charge = _charge_of(district, office)
        today = day_of(now_s, zone)
        found = []
        for audience in (Audience.SUPPLIER, Audience.DEPARTMENT):
            for one in office.recipients.of(audience, charge, int(now_s), today):
                key = f"duty-{occasion}-{district}-{day}-{one.id}"
                text = _text(occasion, district, day, office, key)
                due_s = next_digest(now_s, zone)
                found.append(_message(key, one, audience, due_s, text, int(now_s)))
        return found

    def _days(self, district: str, today: date) -> dict[date, OutdoorDay]:
        """Return the whole days before today that are known well enough."""
        zone = self._secretary.zone
        first = today - timedelta(days=LOOK_DAYS)
        start, end = bounds(first, zone)[0], bounds(today, zone)[0]
        series = OutdoorSeries(self._outdoors(district, start, end))
        found = {}
        for number in range(LOOK_DAYS):
            day = first + timedelta(days=number)
            begin, finish = bounds(day, zone)
            celsius, _ = series.at(np.arange(begin + 1800, finish, 3600, dtype=np.int64))
            known = celsius[np.isfinite(celsius)]
            if len(known) >= LEAST_HOURS:
                found[day] = OutdoorDay(float(known.min()), float(known.mean()))
        return found

    def _season_first(self, today: date) -> date:
        """Return the first day of the winter that is nearest ahead, or the present one."""
        for season in self._standard.winters:
            if season.winter == winter_of(today):
                return season.first
        month, day = self._standard.season.first
        return date(winter_of(today), month, day)


def _charge_of(district: str, office: Office) -> Charge:
    """Return the suppliers that heat homes of a district."""
    tables = office.directory.tables
    suppliers: set[str] = set()
    for building in tables["building"].values():
        street = tables["street"][tables["estate"][building["estate"]]["street"]]
        if street["district"] == district:
            suppliers.update(office.places.suppliers_of_building(building["id"]))
    return Charge(suppliers=tuple(sorted(suppliers)), districts=(district,))


def _text(occasion: Occasion, district: str, day: date, office: Office, key: str) -> Text:
    chinese, english = texts(CHINESE), texts(ENGLISH)

    def fill(pattern: str, say: Texts) -> str:
        name = office.directory.name("district", district, say.language == ENGLISH)
        return say(pattern, district=name, day=day.isoformat())

    bodies = [
        f"{fill(BODIES[occasion], say)}\n{say('Message %(key)s', key=key)}"
        for say in (chinese, english)
    ]
    return Text(fill(TITLES[occasion], chinese), fill(TITLES[occasion], english), *bodies)


def _message(
    key: str, one: Recipient, audience: Audience, due_s: int, text: Text, now_s: int
) -> Message:
    return Message(
        key,
        one.id,
        one.name,
        one.phone,
        one.language,
        audience.value,
        Policy.DIGEST,
        due_s,
        text,
        news="duty",
        created_s=now_s,
    )

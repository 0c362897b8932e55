"""Complaints of residents, as the hotline exports them: taken in, matched, seen beside readings."""

from heatward_collector.complaints.intake import Intake, take_in
from heatward_collector.complaints.remembered import RememberedColumns

__all__ = ["Intake", "RememberedColumns", "take_in"]

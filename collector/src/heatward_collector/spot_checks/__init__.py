"""Measurements on site: three parties, a certified thermometer, the hours that the rule allows."""

from heatward_collector.spot_checks.comparison import Compared, Offer, compare, offer
from heatward_collector.spot_checks.official import OfficialMeasurement, official_measurements

__all__ = ["Compared", "Offer", "OfficialMeasurement", "compare", "offer", "official_measurements"]

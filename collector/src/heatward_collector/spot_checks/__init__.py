"""Measurements on site: three parties, a certified thermometer, the hours that the rule allows."""

from heatward_collector.spot_checks.official import OfficialMeasurement, official_measurements

__all__ = ["OfficialMeasurement", "official_measurements"]

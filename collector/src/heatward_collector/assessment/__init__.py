"""Assessing suppliers by month and season: measured rooms, findings, cases, complaints, ratings."""

from heatward_collector.assessment.figures import Assessed, Period, assess

__all__ = ["Assessed", "Period", "assess"]

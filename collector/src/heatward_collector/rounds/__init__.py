"""Rounds of measurements on site: today's doors, on paper and on a phone."""

from heatward_collector.rounds.planner import Round, plan_round

__all__ = ["Round", "plan_round"]

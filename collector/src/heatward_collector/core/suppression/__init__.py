"""Suppressed heating, told apart from what households, weather and sensors do.

Everything is a pure function of temperatures, weather, places and declarations. Nothing looks
ahead: what is said of a moment rests on readings until then.
"""

from __future__ import annotations

from heatward_collector.core.suppression.findings.declared import Declaration
from heatward_collector.core.suppression.findings.finding import Certainty, Exclusion, Finding, Kind
from heatward_collector.core.suppression.homes.network import Level, Network

__all__ = ["Certainty", "Declaration", "Exclusion", "Finding", "Kind", "Level", "Network"]

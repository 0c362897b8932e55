"""How well a supplier heats, as far as what was measured can tell: pure rules."""

from heatward_collector.core.assessment.pass_rate import PassRate, pass_rate
from heatward_collector.core.assessment.sample import lacking_strata

__all__ = ["PassRate", "lacking_strata", "pass_rate"]

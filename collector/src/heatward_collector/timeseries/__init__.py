"""The view of the evidence for charts: InfluxDB, or an embedded store, behind one protocol.

A view can be dropped, rebuilt from ledger and registry, and compared with them point by point.
"""

from __future__ import annotations

from heatward_collector.config import Config, read_secret
from heatward_collector.timeseries.embedded import EmbeddedStore
from heatward_collector.timeseries.influxdb import InfluxStore, Refuse
from heatward_collector.timeseries.protocol import Points, TimeSeries

__all__ = ["EmbeddedStore", "InfluxStore", "Points", "TimeSeries", "open_timeseries"]


def open_timeseries(config: Config, refuse: Refuse | None = None) -> TimeSeries:
    """Open the store that a configuration names; ``refuse`` hears of lines it will not take."""
    settings = config.timeseries
    if settings.embedded:
        return EmbeddedStore(config.state.directory / "series.sqlite")
    return InfluxStore(
        settings.url,
        settings.database,
        username=settings.username,
        password=read_secret(settings.password_file),
        token=read_secret(settings.token_file),
        organization=settings.organization,
        timeout_s=settings.timeout_seconds,
        refuse=refuse,
        district=config.mqtt.district,
    )

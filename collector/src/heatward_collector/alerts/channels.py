"""From addresses to channels that send."""

from __future__ import annotations

from heatward_collector.alerts.addresses import Address
from heatward_collector.alerts.apprise_channel import AppriseChannel
from heatward_collector.alerts.channel import Channel
from heatward_collector.alerts.gateway import Gateway
from heatward_node.errors import ConfigurationError


def open_channels(addresses: dict[str, Address]) -> dict[str, Channel]:
    """Return the channels behind addresses; touches no network. Raises ConfigurationError."""
    found: dict[str, Channel] = {}
    problems = []
    for name, address in addresses.items():
        try:
            found[name] = Gateway(address) if address.is_gateway else AppriseChannel(address)
        except ValueError as error:
            problems.append(f"[{name}] {error}")
    if problems:
        raise ConfigurationError("alerts.channels_file", problems)
    return found

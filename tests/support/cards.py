"""Cards as node-kit writes them."""

from __future__ import annotations

from pathlib import Path

from heatward_collector.node_kit import Card, KitSettings

KIT = KitSettings(
    name="heat.example",
    port=8884,
    mqtt_port=8883,
    timezone="Asia/Shanghai",
    country="CN",
    time_servers="ntp.example",
    package_mirror="https://mirror.example",
    update_key="-----BEGIN PUBLIC KEY-----\n",
)
CARD = Card("n0001", "sample", 300, "abcdefghjkmnpqrstuvwxyz2", "abcdefghjk")
IMAGE_CONFIG = "# as the image has it\ndtparam=audio=on\n\n[cm4]\notg_mode=1\n"
CMDLINE = "console=tty1 root=PARTUUID=12345678-02 rootfstype=ext4 fsck.repair=yes rootwait\n"


def authority_pem(folder: Path) -> str:
    """Return the certificate of a fresh authority."""
    from heatward_collector.enrolment import Authority
    from heatward_collector.enrolment.authority import utc

    return Authority.found(folder, utc(1_793_000_000)).pem

"""What the collector can be told: one frozen class a section of the configuration file."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

EMBEDDED = "embedded"
"""The value of a ``url`` that means: inside this collector, on its own disk, nothing to set up."""
DEMO_CITY = "demo"
"""The row of the rules that is in season all year; with it, every page says so."""
LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("text", "json")


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach a host name or address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class State:
    """``[state]``: the folder of the ledger and of everything derived from it."""

    directory: Path = Path("heatward-state")

    @property
    def ledger(self) -> Path:
        return self.directory / "ledger"

    @property
    def status(self) -> Path:
        return self.directory / "status"

    @property
    def timestamps(self) -> Path:
        return self.directory / "timestamps"

    @property
    def window(self) -> Path:
        return self.directory / "window"

    @property
    def verdicts(self) -> Path:
        return self.directory / "verdicts.sqlite"

    @property
    def findings(self) -> Path:
        return self.directory / "findings.sqlite"

    @property
    def placements(self) -> Path:
        return self.directory / "placements.sqlite"

    @property
    def midnights(self) -> Path:
        return self.directory / "midnights"

    @property
    def quarantine(self) -> Path:
        return self.directory / "quarantine.sqlite"

    @property
    def clock(self) -> Path:
        return self.directory / "clock"


@dataclass(frozen=True, slots=True)
class Ledger:
    """``[ledger]``: when days that are over are sealed, and for how long they are kept."""

    seal_after_hours: int = 24
    keep_days: int = 0
    """0: for ever."""


@dataclass(frozen=True, slots=True)
class Mqtt:
    """``[mqtt]``: the broker; ``embedded`` runs one here, on listen_host:listen_port."""

    url: str = EMBEDDED
    listen_host: str = "127.0.0.1"
    listen_port: int = 1883
    client_id: str = "heatward-collector"
    district: str | None = None
    """Whose messages are taken, where several collectors share a broker; None takes all."""
    username: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    keepalive_seconds: int = 30

    @property
    def embedded(self) -> bool:
        return self.url == EMBEDDED

    @property
    def host(self) -> str:
        """Where the collector's own client connects."""
        if not self.embedded:
            return urlsplit(self.url).hostname or ""
        return "127.0.0.1" if self.listen_host in ("0.0.0.0", "::") else self.listen_host

    @property
    def port(self) -> int:
        if self.embedded:
            return self.listen_port
        return urlsplit(self.url).port or (8883 if self.tls else 1883)

    @property
    def tls(self) -> bool:
        return self.url.startswith("mqtts:")


@dataclass(frozen=True, slots=True)
class TimeSeries:
    """``[timeseries]``: InfluxDB by URL, or ``embedded`` for our own store in the state folder.

    InfluxDB 1.x takes username and password, 2.x and 3.x a token and an organization; the
    database is called a bucket there.
    """

    url: str = EMBEDDED
    database: str = "heatward"
    organization: str | None = None
    username: str | None = None
    password_file: Path | None = None
    token_file: Path | None = None
    timeout_seconds: int = 10

    @property
    def embedded(self) -> bool:
        return self.url == EMBEDDED


@dataclass(frozen=True, slots=True)
class Registry:
    """``[registry]``: places, people and sensors; SQLite in the state folder, or PostgreSQL."""

    url: str = EMBEDDED
    password_file: Path | None = None

    @property
    def embedded(self) -> bool:
        return self.url == EMBEDDED


@dataclass(frozen=True, slots=True)
class Web:
    """``[web]``: where the pages are served."""

    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str | None = None
    """Where people reach them, such as https://heat.example: for links, and for cookies."""

    @property
    def address(self) -> str:
        """Where people reach the pages, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def on_loopback(self) -> bool:
        return is_loopback(self.host)


@dataclass(frozen=True, slots=True)
class Rules:
    """``[rules]``: whose heating standard applies, and optionally a table of your own."""

    city: str = "harbin"
    file: Path | None = None


@dataclass(frozen=True, slots=True)
class Outdoor:
    """``[outdoor]``: an HTTP source of outdoor temperatures beside the outdoor sensors."""

    url: str | None = None
    interval_seconds: int = 600


@dataclass(frozen=True, slots=True)
class Timestamp:
    """``[timestamp]``: an authority that stamps the ledger's head from outside (RFC 3161)."""

    url: str | None = None
    ca_file: Path | None = None
    """Its certificate, or that of its issuer: PEM."""
    interval_hours: int = 24


@dataclass(frozen=True, slots=True)
class Alerts:
    """``[alerts]``: the channels by which people are told; without them, the inbox page."""

    channels_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """``[enrolment]``: the certificate authority of nodes; a name switches it on.

    ``name`` is what nodes connect to. They reach one port, ``public_port``, where nginx parts them
    by what they speak: to ``port`` for certificates, to ``mqtt_port`` for the rest, both on
    ``host``. With a ``public_port`` of 0 there is no nginx, and nodes reach both ports themselves.
    """

    name: str | None = None
    host: str = "127.0.0.1"
    public_port: int = 8883
    port: int = 8884
    mqtt_port: int = 8885
    directory: Path = Path("heatward-authority")

    @property
    def nodes_port(self) -> int:
        """Where nodes ask for certificates."""
        return self.public_port or self.port

    @property
    def nodes_mqtt_port(self) -> int:
        """Where nodes find the broker."""
        return self.public_port or self.mqtt_port

    @property
    def broker(self) -> Path:
        """Where Mosquitto's generated configuration lies: beside the authority, which it may not
        enter."""
        return self.directory.with_name(f"{self.directory.name}-broker")

    @property
    def book(self) -> Path:
        return self.directory / "enrolment.sqlite"


@dataclass(frozen=True, slots=True)
class Watch:
    """``[watch]``: a test reading that is looked for at every stage of the line."""

    canary_seconds: int = 0
    """How often one is sent; 0: never."""
    certificate_file: Path | None = None
    """Key and certificate of its node, where nodes have certificates: canary.pem."""


@dataclass(frozen=True, slots=True)
class NodeKit:
    """``[node_kit]``: what cards for nodes are told about the world outside."""

    time_servers: str = "ntp.ntsc.ac.cn ntp.aliyun.com cn.pool.ntp.org"
    package_mirror: str | None = None
    wifi_country: str = "CN"


@dataclass(frozen=True, slots=True)
class Display:
    """``[display]``: the InfluxDB database that Grafana reads, of its own; a URL switches it on."""

    url: str | None = None
    database: str = "heatward_display"
    organization: str | None = None
    username: str | None = None
    password_file: Path | None = None
    token_file: Path | None = None
    interval_seconds: int = 300
    grafana_url: str | None = None
    """Where browsers find Grafana, for links from our pages."""


@dataclass(frozen=True, slots=True)
class Log:
    """``[log]``: how much is logged, and in which form."""

    level: str = "info"
    format: str = "json"


@dataclass(frozen=True, slots=True)
class Config:
    """Everything the collector can be told."""

    state: State = field(default_factory=State)
    ledger: Ledger = field(default_factory=Ledger)
    mqtt: Mqtt = field(default_factory=Mqtt)
    timeseries: TimeSeries = field(default_factory=TimeSeries)
    registry: Registry = field(default_factory=Registry)
    web: Web = field(default_factory=Web)
    rules: Rules = field(default_factory=Rules)
    outdoor: Outdoor = field(default_factory=Outdoor)
    timestamp: Timestamp = field(default_factory=Timestamp)
    alerts: Alerts = field(default_factory=Alerts)
    enrolment: Enrolment = field(default_factory=Enrolment)
    watch: Watch = field(default_factory=Watch)
    node_kit: NodeKit = field(default_factory=NodeKit)
    display: Display = field(default_factory=Display)
    log: Log = field(default_factory=Log)

    @property
    def demo(self) -> bool:
        """Whether the data are invented: only then do pages show single rooms to everybody."""
        return self.rules.city == DEMO_CITY

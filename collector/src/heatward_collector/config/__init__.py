"""The one configuration file of the collector: strict TOML, read without touching the network.

``parse`` is pure and lists every problem at once; ``load`` only adds the reading of the file.
Relative paths count from the folder of the file. An empty text means "not set". Secrets are
never in the file: a ``*_file`` key names a file that holds the secret and nothing else.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

from heatward_collector.config.section import Section
from heatward_collector.config.settings import (
    DEMO_CITY,
    EMBEDDED,
    LOG_FORMATS,
    LOG_LEVELS,
    Alerts,
    Config,
    Display,
    Enrolment,
    Ledger,
    Log,
    Mqtt,
    NodeKit,
    Outdoor,
    Registry,
    Rules,
    State,
    TimeSeries,
    Timestamp,
    Watch,
    Web,
    is_loopback,
)
from heatward_node.errors import ConfigurationError

__all__ = [
    "DEMO_CITY",
    "EMBEDDED",
    "Alerts",
    "Config",
    "ConfigurationError",
    "Display",
    "Enrolment",
    "Ledger",
    "Log",
    "Mqtt",
    "NodeKit",
    "Outdoor",
    "Registry",
    "Rules",
    "State",
    "TimeSeries",
    "Timestamp",
    "Watch",
    "Web",
    "is_loopback",
    "load",
    "named_files",
    "parse",
    "read_secret",
]

LONGEST_CANARY_S = 240
"""Two test readings must fit into the time after which their absence is an alarm. [s]"""


def parse(text: str, source: str = "collector.toml", base: Path = Path()) -> Config:
    """Read a configuration; raise ConfigurationError with every problem in it.

    ``source`` names the file in messages, and relative paths count from ``base``.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(source, [f"不是 TOML / is not TOML: {error}"]) from error
    problems: list[str] = []
    readers = {
        "state": _state,
        "ledger": _ledger,
        "mqtt": _mqtt,
        "timeseries": _timeseries,
        "registry": _registry,
        "web": _web,
        "rules": _rules,
        "outdoor": _outdoor,
        "timestamp": _timestamp,
        "alerts": _alerts,
        "enrolment": _enrolment,
        "watch": _watch,
        "node_kit": _node_kit,
        "display": _display,
        "log": _log,
    }
    for name in document.keys() - readers.keys():
        problems.append(
            f"[{name}] 不认识 / is not known; 可用 / allowed sections: {', '.join(readers)}"
        )
    sections = {name: Section(name, document.get(name, {}), base, problems) for name in readers}
    config = Config(**{name: read(sections[name]) for name, read in readers.items()})  # type: ignore[arg-type]
    for section in sections.values():
        section.refuse_unknown_keys()
    if problems:
        raise ConfigurationError(source, sorted(problems))
    return config


def load(path: Path) -> Config:
    """Read the configuration file at ``path``."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(str(path), [f"读不出 / cannot be read: {error}"]) from error
    return parse(text, source=str(path), base=path.resolve().parent)


def named_files(config: Config) -> Iterator[tuple[str, Path]]:
    """Yield key and path of every file that the configuration names."""
    sections = (config.mqtt, config.timeseries, config.registry, config.rules)
    others = (config.timestamp, config.alerts, config.display, config.watch)
    for section in (*sections, *others):
        name = type(section).__name__.lower()
        for key in type(section).__dataclass_fields__:
            value = getattr(section, key)
            if isinstance(value, Path):
                yield f"{name}.{key}", value


def read_secret(path: Path | None) -> str | None:
    """Return the secret that a ``*_file`` key names, without the line end an editor adds."""
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        problem = (
            f"读不出 / cannot be read: {error.strerror}; 请建立（权限 0600）或换一个文件 / "
            f"create it with mode 0600, or name another"
        )
        raise ConfigurationError(str(path), [problem]) from error


def _state(section: Section) -> State:
    return State(directory=section.path("directory", State().directory))


def _ledger(section: Section) -> Ledger:
    default = Ledger()
    return Ledger(
        seal_after_hours=section.whole("seal_after_hours", default.seal_after_hours, 1, 8760),
        keep_days=section.whole("keep_days", default.keep_days, 0, 36500),
    )


def _mqtt(section: Section) -> Mqtt:
    default = Mqtt()
    district = section.optional_text("district")
    # Two of one id would push each other off the broker for ever.
    client_id = default.client_id if district is None else f"{default.client_id}-{district}"
    mqtt = Mqtt(
        url=section.url("url", default.url, ("mqtt", "mqtts"), (EMBEDDED,)),
        listen_host=section.text("listen_host", default.listen_host),
        listen_port=section.whole("listen_port", default.listen_port, 1, 65535),
        client_id=section.text("client_id", client_id),
        district=district,
        username=section.optional_text("username"),
        password_file=section.optional_path("password_file"),
        ca_file=section.optional_path("ca_file"),
        certificate_file=section.optional_path("certificate_file"),
        key_file=section.optional_path("key_file"),
        keepalive_seconds=section.whole("keepalive_seconds", default.keepalive_seconds, 5, 3600),
    )
    section.together(username=mqtt.username, password_file=mqtt.password_file)
    section.together(certificate_file=mqtt.certificate_file, key_file=mqtt.key_file)
    if mqtt.ca_file is not None and not mqtt.tls:
        section.problem(
            "ca_file", mqtt.ca_file, '仅用于 url = "mqtts://..."', 'only with url = "mqtts://..."'
        )
    return mqtt


def _timeseries(section: Section) -> TimeSeries:
    default = TimeSeries()
    store = TimeSeries(
        url=section.url("url", default.url, ("http", "https"), (EMBEDDED,)),
        database=section.text("database", default.database),
        organization=section.optional_text("organization"),
        username=section.optional_text("username"),
        password_file=section.optional_path("password_file"),
        token_file=section.optional_path("token_file"),
        timeout_seconds=section.whole("timeout_seconds", default.timeout_seconds, 1, 300),
    )
    section.together(username=store.username, password_file=store.password_file)
    if store.token_file is not None and store.username is not None:
        section.problem(
            "token_file",
            store.token_file,
            "令牌或用户名之一，不能都有",
            "either a token or a username, not both",
        )
    return store


def _registry(section: Section) -> Registry:
    schemes = ("sqlite", "postgresql", "postgresql+psycopg")
    return Registry(
        url=section.url("url", Registry().url, schemes, (EMBEDDED,)),
        password_file=section.optional_path("password_file"),
    )


def _web(section: Section) -> Web:
    default = Web()
    return Web(
        host=section.text("host", default.host),
        port=section.whole("port", default.port, 1, 65535),
        public_url=section.url("public_url", "", ("http", "https"), ("",)) or None,
    )


def _rules(section: Section) -> Rules:
    return Rules(city=section.word("city", Rules().city), file=section.optional_path("file"))


def _outdoor(section: Section) -> Outdoor:
    default = Outdoor()
    url = section.url("url", "", ("http", "https"), ("",))
    return Outdoor(
        url=url or None,
        interval_seconds=section.whole("interval_seconds", default.interval_seconds, 60, 86400),
    )


def _timestamp(section: Section) -> Timestamp:
    default = Timestamp()
    timestamp = Timestamp(
        url=section.url("url", "", ("http", "https"), ("",)) or None,
        ca_file=section.optional_path("ca_file"),
        interval_hours=section.whole("interval_hours", default.interval_hours, 1, 24 * 31),
    )
    section.together(url=timestamp.url, ca_file=timestamp.ca_file)
    return timestamp


def _alerts(section: Section) -> Alerts:
    return Alerts(channels_file=section.optional_path("channels_file"))


def _enrolment(section: Section) -> Enrolment:
    default = Enrolment()
    return Enrolment(
        name=section.optional_text("name"),
        host=section.text("host", default.host),
        public_port=section.whole("public_port", default.public_port, 0, 65535),
        port=section.whole("port", default.port, 1, 65535),
        mqtt_port=section.whole("mqtt_port", default.mqtt_port, 1, 65535),
        directory=section.path("directory", default.directory),
    )


def _watch(section: Section) -> Watch:
    default = Watch()
    return Watch(
        canary_seconds=section.whole("canary_seconds", default.canary_seconds, 0, LONGEST_CANARY_S),
        certificate_file=section.optional_path("certificate_file"),
    )


def _node_kit(section: Section) -> NodeKit:
    default = NodeKit()
    return NodeKit(
        time_servers=section.text("time_servers", default.time_servers),
        package_mirror=section.url("package_mirror", "", ("http", "https"), ("",)) or None,
        wifi_country=section.choice("wifi_country", default.wifi_country, ("CN", "GB", "DE", "US")),
    )


def _display(section: Section) -> Display:
    default = Display()
    display = Display(
        url=section.url("url", "", ("http", "https"), ("",)) or None,
        database=section.text("database", default.database),
        organization=section.optional_text("organization"),
        username=section.optional_text("username"),
        password_file=section.optional_path("password_file"),
        token_file=section.optional_path("token_file"),
        interval_seconds=section.whole("interval_seconds", default.interval_seconds, 60, 3600),
        grafana_url=section.url("grafana_url", "", ("http", "https"), ("",)) or None,
    )
    section.together(username=display.username, password_file=display.password_file)
    return display


def _log(section: Section) -> Log:
    default = Log()
    return Log(
        level=section.choice("level", default.level, LOG_LEVELS),
        format=section.choice("format", default.format, LOG_FORMATS),
    )

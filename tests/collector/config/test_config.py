"""The configuration file: strict, complete in its complaints, and free of secrets."""

from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.config import (
    Config,
    is_loopback,
    load,
    named_files,
    parse,
    read_secret,
)
from heatward_node.errors import ConfigurationError


def problems_of(text: str) -> str:
    with pytest.raises(ConfigurationError) as raised:
        parse(text)
    return str(raised.value)


def test_the_sample_equals_the_defaults() -> None:
    sample = resources.files("heatward_collector").joinpath("sample.toml").read_text("utf-8")
    assert parse(sample) == parse("") == Config()


def test_the_sample_shows_every_key() -> None:
    import tomllib

    sample = resources.files("heatward_collector").joinpath("sample.toml").read_text("utf-8")
    shown = {(name, key) for name, table in tomllib.loads(sample).items() for key in table}
    config = Config()
    known = {
        (name, key)
        for name in Config.__dataclass_fields__
        for key in type(getattr(config, name)).__dataclass_fields__
    }
    assert shown == known


def test_every_problem_is_listed_at_once_with_key_value_and_what_is_allowed() -> None:
    text = """
    [web]
    port = 99999
    hots = "127.0.0.1"
    [log]
    level = "loud"
    [wheather]
    url = "x"
    """
    message = problems_of(text)
    assert "4 处错误 / problem(s)" in message
    assert (
        "web.port = 99999; 应为 1 至 65535 的整数 / allowed: a whole number from 1 to 65535"
        in message
    )
    assert "web.hots 不认识 / is not known; 可用 / allowed keys: host, port" in message
    assert 'log.level = \'loud\'; 应为 / allowed: "debug", "info", "warning", "error"' in message
    assert "[wheather] 不认识 / is not known; 可用 / allowed sections: state" in message


def test_text_that_is_not_toml_names_the_line() -> None:
    assert "line 2" in problems_of("[web]\nport = = 3")


def test_a_boolean_is_not_a_port() -> None:
    assert "web.port = True" in problems_of("[web]\nport = true")


def test_a_password_in_a_url_is_refused_and_not_repeated() -> None:
    message = problems_of('[registry]\nurl = "postgresql://heat:verysecret@db/heatward"')
    assert "password_file" in message
    assert "verysecret" not in message


def test_a_username_without_a_password_file_is_refused() -> None:
    assert "mqtt.password_file 没有设置 / is not set" in problems_of(
        '[mqtt]\nusername = "collector"'
    )


def test_a_scalar_where_a_section_belongs_is_refused() -> None:
    assert "[web] = 8080 不是一节 / is not a section" in problems_of("web = 8080")


def test_relative_paths_count_from_the_file(tmp_path: Path) -> None:
    file = tmp_path / "etc" / "collector.toml"
    file.parent.mkdir()
    file.write_text('[state]\ndirectory = "../state"\n[rules]\nfile = "/srv/cities.toml"\n')
    config = load(file)
    assert config.state.ledger.resolve() == tmp_path / "state" / "ledger"
    assert config.rules.file == Path("/srv/cities.toml")


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    file = tmp_path / "collector.toml"
    file.write_text("[web]\nport = 8081\n", encoding="utf-8-sig")
    assert load(file).web.port == 8081


def test_a_missing_file_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load(tmp_path / "absent.toml")


def test_secrets_are_read_without_the_line_end_and_missing_ones_name_the_remedy(
    tmp_path: Path,
) -> None:
    secret = tmp_path / "password"
    secret.write_text("  with spaces \r\n")
    assert read_secret(secret) == "  with spaces "
    assert read_secret(None) is None
    with pytest.raises(ConfigurationError, match="0600"):
        read_secret(tmp_path / "absent")


def test_named_files_lists_every_file_to_look_for() -> None:
    config = parse(
        '[mqtt]\nurl = "mqtts://b"\nca_file = "ca.pem"\n[rules]\nfile = "cities.toml"',
        base=Path("/etc/heatward"),
    )
    assert dict(named_files(config)) == {
        "mqtt.ca_file": Path("/etc/heatward/ca.pem"),
        "rules.file": Path("/etc/heatward/cities.toml"),
    }


def test_broker_addresses_follow_the_url() -> None:
    assert (Config().mqtt.host, Config().mqtt.port, Config().mqtt.tls) == ("127.0.0.1", 1883, False)
    remote = parse('[mqtt]\nurl = "mqtts://broker.example"').mqtt
    assert (remote.host, remote.port, remote.tls) == ("broker.example", 8883, True)
    wide = parse('[mqtt]\nlisten_host = "0.0.0.0"\nlisten_port = 2883').mqtt
    assert (wide.host, wide.port) == ("127.0.0.1", 2883)


def test_only_the_demo_rules_make_a_demo() -> None:
    assert parse('[rules]\ncity = "demo"').demo
    assert not Config().demo


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("heat", False)],
)
def test_loopback_is_recognised(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


@given(
    st.dictionaries(
        st.sampled_from(["state", "mqtt", "timeseries", "registry", "web", "rules", "log", "x"]),
        st.dictionaries(
            st.sampled_from(["url", "port", "host", "city", "level", "directory", "file"]),
            st.one_of(st.integers(), st.booleans(), st.text(alphabet="a:/@[]?#.-", max_size=12)),
        ),
    )
)
def test_any_document_gives_a_configuration_or_a_list_of_problems(
    document: dict[str, dict[str, object]],
) -> None:
    lines = []
    for name, table in document.items():
        lines.append(f"[{name}]")
        for key, value in table.items():
            shown = {True: "true", False: "false"}.get(value) if isinstance(value, bool) else value
            lines.append(f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {shown}")
    try:
        parse("\n".join(lines))
    except ConfigurationError as error:
        assert error.problems

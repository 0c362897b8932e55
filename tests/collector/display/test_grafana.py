"""Dashboards into a Grafana that stands: once, again, changed, and where it will not have them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from heatward_collector.cli import heatward
from heatward_collector.display.grafana import GrafanaPublisher, GrafanaRefused, Reader, data_source
from heatward_dashboards.build import BUILDERS
from support.fake_grafana import ADMIN, PASSWORD, TOKEN, FakeGrafana, running_grafana
from support.ports import HOST, free_port


@pytest.fixture
def grafana() -> Iterator[FakeGrafana]:
    with running_grafana() as running:
        yield running


def push(grafana: FakeGrafana, folder: Path, *more: str, auth: str = TOKEN) -> Result:
    token = folder / "token"
    token.write_text(f"{auth}\n")
    command = ["dashboards", "push", grafana.url, "--token-file", str(token), *more]
    return CliRunner().invoke(heatward, command)


def test_every_dashboard_of_both_languages_arrives_in_its_folder(
    grafana: FakeGrafana, tmp_path: Path
) -> None:
    result = push(grafana, tmp_path)
    assert result.exit_code == 0, result.output
    assert set(grafana.folders) == {"heatward-folder", "heatward-folder-en"}
    assert len(grafana.dashboards) == 2 * len(BUILDERS)
    assert grafana.dashboards["heatward-street"]["title"] == "供热：街道与小区"
    assert grafana.sources == {}
    assert "Grafana 11.6.0" in result.output


def test_a_second_time_nothing_is_written(grafana: FakeGrafana, tmp_path: Path) -> None:
    push(grafana, tmp_path)
    grafana.writes.clear()
    result = push(grafana, tmp_path)
    assert grafana.writes == []
    assert "created" not in result.output


def test_what_somebody_altered_by_hand_is_put_right(grafana: FakeGrafana, tmp_path: Path) -> None:
    push(grafana, tmp_path)
    grafana.dashboards["heatward-nodes"]["title"] = "改过"
    grafana.folders["heatward-folder"]["title"] = "改过"
    grafana.writes.clear()
    push(grafana, tmp_path)
    assert grafana.writes == ["PUT /folders/heatward-folder", "POST /dashboards/db"]
    assert grafana.dashboards["heatward-nodes"]["title"] == "供热：测温盒与传感器"


def test_dashboards_that_files_provide_are_refused_before_anything_is_written(
    grafana: FakeGrafana, tmp_path: Path
) -> None:
    push(grafana, tmp_path)
    grafana.provisioned.add("heatward-street")
    grafana.dashboards["heatward-nodes"]["title"] = "改过"
    grafana.writes.clear()
    result = push(grafana, tmp_path)
    assert result.exit_code == 1
    assert isinstance(result.exception, GrafanaRefused)
    assert "heatward-street" in str(result.exception)
    assert "files provision" in str(result.exception)
    assert grafana.writes == []


def test_the_data_source_reads_with_a_user_of_its_own(grafana: FakeGrafana, tmp_path: Path) -> None:
    secret = tmp_path / "reader"
    secret.write_text("r-pass\n")
    more = ("--influxdb", "http://db:8086", "--reader", "grafana")
    result = push(grafana, tmp_path, *more, "--reader-password-file", str(secret))
    assert result.exit_code == 0, result.output
    source = grafana.sources["heatward-influxdb"]
    assert (source["url"], source["user"]) == ("http://db:8086", "grafana")
    assert source["database"] == source["jsonData"]["dbName"] == "heatward_display"
    assert source["secureJsonData"] == {"password": "r-pass"}
    again = push(grafana, tmp_path, *more, "--reader-password-file", str(secret))
    assert "same: data source" in again.output
    grafana.provisioned.add("heatward-influxdb")
    refused = push(grafana, tmp_path, *more, "--reader-password-file", str(secret))
    assert "a file provisions this data source" in str(refused.exception)


def test_newer_influxdb_gets_the_token_as_a_header() -> None:
    source = data_source(Reader("http://db:8086", "heatward_display", token="t"))
    assert source["jsonData"]["httpHeaderName1"] == "Authorization"
    assert source["secureJsonData"] == {"httpHeaderValue1": "Token t"}


@pytest.mark.parametrize(
    ("auth", "words"), [("glsa_other", "the password or token is wrong"), (TOKEN, "needs the role")]
)
def test_a_refusal_says_what_to_do(
    grafana: FakeGrafana, tmp_path: Path, auth: str, words: str
) -> None:
    grafana.is_editor_only = True
    result = push(grafana, tmp_path, auth=auth)
    assert result.exit_code == 1
    assert words in str(result.exception)
    assert auth not in str(result.exception)


def test_name_and_password_do_as_well_as_a_token(grafana: FakeGrafana, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text(PASSWORD)
    command = ["dashboards", "push", grafana.url, "--user", ADMIN, "--language", "zh"]
    result = CliRunner().invoke(heatward, [*command, "--password-file", str(password)])
    assert result.exit_code == 0, result.output
    assert len(grafana.dashboards) == len(BUILDERS)
    nothing = CliRunner().invoke(heatward, command)
    assert "--token-file" in str(nothing.exception)


def test_a_grafana_that_is_nowhere_is_named() -> None:
    with pytest.raises(GrafanaRefused, match="gives no answer"):
        GrafanaPublisher(f"http://{HOST}:{free_port()}", TOKEN).version()
    with pytest.raises(GrafanaRefused, match="is no http"):
        GrafanaPublisher("grafana.example", TOKEN)

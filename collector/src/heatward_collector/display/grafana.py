"""A Grafana that stands already: gets our data source, folders and dashboards, as often as asked.

The only place that knows grafana-api. What is the same already is not written again, and what
files provision is refused before anything is touched: Grafana would undo it at its next look.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from grafana_api.grafana_api import GrafanaClientError, GrafanaException
from grafana_api.grafana_face import GrafanaFace

from heatward_collector.errors import HeatwardError

TIMEOUT_S = 15.0
SOURCE_NAME, SOURCE_UID = "heatward", "heatward-influxdb"
_OWN_TO_GRAFANA = ("id", "version", "iteration")
"""Parts of a dashboard that Grafana counts for itself."""
Json = Mapping[str, Any]


class GrafanaRefused(HeatwardError):
    """Grafana cannot be reached, or will not take what it was given; says what to do."""


@dataclass(frozen=True, slots=True)
class Reader:
    """How Grafana reads the database: a user of its own that may only read. 1.x, or a token."""

    url: str
    database: str
    username: str = ""
    password: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What became of one thing: ``created``, ``changed`` or ``same``."""

    what: str
    change: str


class GrafanaPublisher:
    """One Grafana by its address, and a token or a name with its password."""

    def __init__(self, url: str, auth: str | tuple[str, str]) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise GrafanaRefused(f"{url!r} 不是网址 / is no http:// or https:// address")
        path = parts.path.strip("/")
        self._url = url
        self._api = GrafanaFace(
            auth=auth,
            host=parts.hostname,
            port=parts.port,
            url_path_prefix=f"{path}/" if path else "",
            protocol=parts.scheme,
            timeout=TIMEOUT_S,
        ).api

    def version(self) -> str:
        """Return the version of Grafana. Raises GrafanaRefused where it is away."""
        return str(self._ask("GET", "/health").get("version", "?"))

    def push(
        self, folder_uid: str, folder_title: str, dashboards: Mapping[str, Json]
    ) -> Iterator[Pushed]:
        """Bring a folder and its dashboards to what they should be."""
        held = {uid: self._find(f"/dashboards/uid/{uid}") for uid in dashboards}
        provisioned = [uid for uid, one in held.items() if one and one["meta"].get("provisioned")]
        if provisioned:
            names = ", ".join(provisioned)
            raise GrafanaRefused(
                f"{names}: 这些仪表板由 Grafana 的配置文件提供，请更新那里的文件，或先去掉它们 / "
                "files provision these dashboards: update the files, or take them out first"
            )
        yield self._folder(folder_uid, folder_title)
        for uid, made in dashboards.items():
            yield self._dashboard(uid, made, held[uid], folder_uid)

    def push_source(self, reader: Reader) -> Pushed:
        """Bring the data source to what it should be; its password is written each time."""
        wanted = data_source(reader)
        held = self._find(f"/datasources/uid/{SOURCE_UID}")
        what = f"data source {SOURCE_NAME}"
        if held is None:
            self._ask("POST", "/datasources", wanted)
            return Pushed(what, "created")
        if held.get("readOnly"):
            raise GrafanaRefused(
                f"{SOURCE_NAME}: 数据源由 Grafana 的配置文件提供，请改那里的文件 / "
                "a file provisions this data source: change it there, or push without it"
            )
        self._ask("PUT", f"/datasources/uid/{SOURCE_UID}", wanted)
        keys = ("url", "database", "user")
        is_same = all(held.get(key, "") == wanted[key] for key in keys)
        return Pushed(what, "same" if is_same else "changed")

    def _folder(self, uid: str, title: str) -> Pushed:
        held = self._find(f"/folders/{uid}")
        if held is None:
            self._ask("POST", "/folders", {"uid": uid, "title": title})
            return Pushed(title, "created")
        if held["title"] == title:
            return Pushed(title, "same")
        self._ask("PUT", f"/folders/{uid}", {"title": title, "version": held["version"]})
        return Pushed(title, "changed")

    def _dashboard(self, uid: str, made: Json, held: Json | None, folder_uid: str) -> Pushed:
        title = str(made["title"])
        if held is not None and _bare(held["dashboard"]) == _bare(made):
            return Pushed(title, "same")
        body = {"dashboard": {**made, "id": None}, "folderUid": folder_uid, "overwrite": True}
        self._ask("POST", "/dashboards/db", body)
        return Pushed(title, "created" if held is None else "changed")

    def _find(self, path: str) -> dict[str, Any] | None:
        """Return what is there, None where nothing is."""
        try:
            return self._request("GET", path)
        except GrafanaClientError as error:
            if error.status_code == 404:
                return None
            raise self._refusal(error) from error

    def _ask(self, method: str, path: str, body: Json | None = None) -> dict[str, Any]:
        try:
            return self._request(method, path, body)
        except GrafanaException as error:
            raise self._refusal(error) from error

    def _request(self, method: str, path: str, body: Json | None = None) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._api, method)(path, json=body)
        except (requests.RequestException, ValueError) as error:
            raise GrafanaRefused(
                f"{self._url}: Grafana 没有应答，请检查网址和网络 / gives no answer; check the "
                f"address and the network: {error}"
            ) from error
        return answer

    def _refusal(self, error: GrafanaException) -> GrafanaRefused:
        remedy = {
            401: "口令或令牌不对 / the password or token is wrong",
            403: "该账号需要 Admin 角色 / this account needs the role Admin",
            412: "有人同时改过，请再运行一次 / somebody changed it meanwhile: run it again",
        }.get(error.status_code, "")
        return GrafanaRefused(f"{self._url}: {error.message} {remedy}".rstrip())


def data_source(reader: Reader) -> dict[str, Any]:
    """Return the data source as Grafana holds it; old versions read one key, newer another."""
    source: dict[str, Any] = {
        "name": SOURCE_NAME,
        "uid": SOURCE_UID,
        "type": "influxdb",
        "access": "proxy",
        "url": reader.url,
        "user": reader.username,
        "database": reader.database,
        "basicAuth": False,
        "isDefault": False,
        "jsonData": {"dbName": reader.database, "httpMode": "GET"},
        "secureJsonData": {},
    }
    if reader.token:
        source["jsonData"]["httpHeaderName1"] = "Authorization"
        source["secureJsonData"]["httpHeaderValue1"] = f"Token {reader.token}"
    elif reader.username:
        source["secureJsonData"]["password"] = reader.password
    return source


def _bare(dashboard: Json) -> dict[str, Any]:
    return {key: value for key, value in dashboard.items() if key not in _OWN_TO_GRAFANA}

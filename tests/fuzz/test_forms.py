"""Forms, uploads and raw bodies of every role that are nearly right: all are answered.

HEATWARD_FORMS asks for more of them than a test run has time for.
"""

from __future__ import annotations

import os
import random
import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from heatward_collector import api
from heatward_collector.accounts import Role
from heatward_collector.api.app import create_app
from heatward_collector.api.rights.access import ruled
from heatward_collector.config import parse
from heatward_collector.registry import open_registry, spreadsheets
from heatward_collector.torture.inputs.malformed import spoilt
from support.evidence import SAMPLE
from support.findings_board import PaperFindingRoom, finding, said
from support.signed_in import SignedIn, sign_in
from support.street import NOW_S

FORMS = int(os.environ.get("HEATWARD_FORMS", "40"))
"""For each role."""
ROLES = {
    Role.OPERATOR: "",
    Role.DISTRICT: "sample",
    Role.STREET: "st-songhua",
    Role.SUPPLIER: "su-beichen",
    Role.VOLUNTEER: "es-jiangpan",
    Role.RESIDENT: "h0001",
}
FIELDS = sorted(
    set().union(
        *(
            re.findall(r'name="([a-z_]+)"', page.read_text("utf-8"))
            for page in Path(api.__file__).parent.rglob("*.html")
        )
    )
)
"""Every field of every form."""
VALUES = (
    *("", " ", "0", "-1", "1e400", "NaN", "Infinity", "99999999999999999999", "20.5", "2026-01-05"),
    *("2026-01-05T08:00", "0000-00-00", "9999-12-31T23:59", "-9999-01-01", "\x00", "\ud800x"[1:]),
    *("b001", "h0001", "n0001", "28-0000e3117e8d", "p-officer-1", "so-qingsong", "1", "on", "true"),
    *("'; DROP TABLE home; --", "{{7*7}}", "<script>", "../../etc/passwd", "%00", "é" * 300),
    *("x" * 20_000, "\u202e", "张示例", "[]", "{}", "null", "reported_stop", "inbox", "street"),
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    folder = tmp_path_factory.mktemp("forms")
    config = parse(f'[state]\ndirectory = "{folder}"\n[web]\nhost = "0.0.0.0"')
    spreadsheets.import_folder(open_registry(config), SAMPLE)
    findings = PaperFindingRoom((said("f-own", finding("b001", homes=6)),))
    return create_app(config, now=lambda: float(NOW_S), findings=findings)


@pytest.mark.parametrize("role", list(ROLES))
def test_every_form_of_a_role_answers_what_is_nearly_right(app: FastAPI, role: Role) -> None:
    client = TestClient(
        app, base_url="https://heat.example", client=("203.0.113.7", 1), follow_redirects=False
    )
    routes = [
        (method, route.path)
        for route in ruled(app.routes)
        for method in sorted(route.methods - {"GET", "HEAD"})
        if not route.path.startswith(("/logout", "/login"))
    ]
    chance = random.Random(f"{role.value} 2021")
    with client:
        who, reached = sign_in(client, role, ROLES[role]), 0
        for _ in range(FORMS):
            method, template = chance.choice(routes)
            path = re.sub(r"\{[^}]+\}", lambda _: chance.choice(("b001", "1", "h0001")), template)
            body, kind = _body(chance, who)
            headers = {"content-type": kind, "origin": "https://heat.example"}
            answer = client.request(method, path, content=body, headers=headers)
            assert answer.status_code < 500, (method, path, kind, body[:500])
            reached += answer.status_code not in (403, 404)
            if answer.status_code in (401, 303):
                who = sign_in(client, role, ROLES[role])  # a form may have ended the session
    assert reached > FORMS / 50  # most routes are other roles', and look as if they were not there


def _body(chance: random.Random, who: SignedIn) -> tuple[bytes, str]:
    """Return a body and its type: a form with some fields, an upload, or something spoilt."""
    some = chance.sample(FIELDS, min(len(FIELDS), chance.randrange(1, 25)))
    fields = [("csrf", who.csrf), *((name, chance.choice(VALUES)) for name in some)]
    form, kind = urlencode(fields).encode(), "application/x-www-form-urlencoded"
    way = chance.randrange(6)
    if way == 0:
        return spoilt(form, chance), kind
    if way == 1:
        return form, chance.choice(("application/json", "text/plain", "", "multipart/form-data"))
    if way in (2, 3):
        upload = _multipart(fields, chance)
        kind = "multipart/form-data; boundary=edge"
        return (spoilt(upload, chance) if way == 2 else upload), kind
    return form, kind


def _multipart(fields: list[tuple[str, str]], chance: random.Random) -> bytes:
    table = "工单号,受理时间,地址,内容\n1,2026-01-05 08:00,江畔1号楼,冷\n".encode("gb18030")
    photo = b"\xff\xd8\xff" + chance.randbytes(50)
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
        + value.encode()
        + b"\r\n"
        for name, value in fields
    ]
    for name in ("file", "photo"):
        head = f'--edge\r\nContent-Disposition: form-data; name="{name}"; filename="x.xlsx"\r\n'
        content = spoilt(chance.choice((table, photo)), chance)
        parts.append(head.encode() + b"Content-Type: text/csv\r\n\r\n" + content + b"\r\n")
    return b"".join(parts) + b"--edge--\r\n"

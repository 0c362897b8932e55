"""Channels against real receivers: what arrived, what was refused, and in which words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from heatward_collector.alerts import web_answer
from heatward_collector.alerts.addresses import Address, read_addresses
from heatward_collector.alerts.apprise_channel import WECOM_BYTES, AppriseChannel
from heatward_collector.alerts.channels import open_channels
from heatward_collector.alerts.gateway import Gateway
from heatward_collector.alerts.message import Message, Text
from heatward_collector.core.cases.telling import Policy
from heatward_node.errors import ConfigurationError
from support.ports import HOST, free_port
from support.receivers import WebReceiver, mail_receiver, web_receiver

TEXT = Text("停热：青松热源厂", "Outage", '缺热 "12" 户\n消息编号 1-0-officer', "12 homes\nMessage")
MESSAGE = Message(
    "1-0-officer-p1", "p1", "张示例", "0451-1", "zh", "officer", Policy.AT_ONCE, 0, TEXT, case=1
)
ROBOTS = {
    "wecom": "wecombot://botkey12345/",
    "dingtalk": f"dingtalk://{'s' * 12}@{'a' * 12}/",
    "feishu": f"feishu://{'t' * 12}/",
}


@pytest.fixture
def web() -> Iterator[WebReceiver]:
    with web_receiver() as receiver:
        yield receiver


def robot(name: str, web: WebReceiver) -> AppriseChannel:
    return AppriseChannel(Address(name, ROBOTS[name], server=web.url))


@pytest.mark.parametrize("name", ROBOTS)
def test_a_robot_takes_chinese_text_and_its_yes_is_a_yes(name: str, web: WebReceiver) -> None:
    answer = robot(name, web).send(MESSAGE)
    assert answer.arrived
    (got,) = web.received
    assert "停热：青松热源厂" in json.dumps(got.json, ensure_ascii=False)
    assert "1-0-officer" in json.dumps(got.json)


def test_each_robot_is_asked_in_its_own_way(web: WebReceiver) -> None:
    for name in ROBOTS:
        robot(name, web).send(MESSAGE)
    wecom, dingtalk, feishu = web.received
    assert wecom.path == "/cgi-bin/webhook/send?key=botkey12345"
    assert dingtalk.path.startswith("/robot/send?access_token=aaaaaaaaaaaa&timestamp=")
    assert "sign=" in dingtalk.path
    assert feishu.path == "/open-apis/bot/v2/hook/tttttttttttt/"
    assert feishu.json["msg_type"] == "text"


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("wecom", '{"errcode": 93000, "errmsg": "invalid webhook url"}'),
        ("dingtalk", '{"errcode": 310000, "errmsg": "keywords not in content"}'),
        ("feishu", '{"code": 19024, "msg": "Key Words Not Found"}'),
        ("feishu", '{"StatusCode": 1, "StatusMessage": "bad"}'),
    ],
)
def test_a_refusal_inside_a_200_is_a_refusal(name: str, body: str, web: WebReceiver) -> None:
    web.answers = [(200, body)]
    answer = robot(name, web).send(MESSAGE)
    assert not answer.arrived
    content = json.loads(body)
    assert str(next(iter(content.values()))) in answer.words


def test_a_robot_that_is_too_busy_says_for_how_long(web: WebReceiver) -> None:
    web.answers = [(429, "slow down", {"Retry-After": "77"}), (200, '{"errcode": 45009}')]
    channel = robot("wecom", web)
    assert channel.send(MESSAGE).retry_after_s == 77
    assert channel.send(MESSAGE).retry_after_s == web_answer.BUSY_S


def test_errors_redirects_and_closed_ports_are_failures(web: WebReceiver) -> None:
    elsewhere = (302, "", {"Location": f"{web.url}/inner"})
    web.answers = [(500, "oops"), elsewhere]
    channel = robot("wecom", web)
    assert channel.send(MESSAGE).words == "HTTP 500"
    assert channel.send(MESSAGE).words == "HTTP 302"
    assert len(web.received) == 2  # the redirect was not followed
    closed = Address("wecom", ROBOTS["wecom"], server=f"http://{HOST}:{free_port()}")
    answer = AppriseChannel(closed).send(MESSAGE)
    assert answer.words == "ConnectionError"
    assert "botkey" not in answer.words


def test_a_receiver_that_hangs_costs_seconds_only(
    web: WebReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_answer, "TIMEOUT_S", (0.5, 0.3))
    web.answers = [30]
    assert robot("wecom", web).send(MESSAGE).words == "ReadTimeout"


def test_a_long_text_fits_a_wecom_robot_and_keeps_its_id(web: WebReceiver) -> None:
    long = Text("标题", "", "供热" * 1500 + "\n消息编号 9", "")
    message = Message("9", "p", "", "", "zh", "officer", Policy.AT_ONCE, 0, long)
    assert robot("wecom", web).send(message).arrived
    content = web.received[0].json["text"]["content"]
    assert len(content.encode()) <= WECOM_BYTES
    assert content.endswith("…\n消息编号 9")


def test_mail_arrives_with_the_id_of_its_message_each_time() -> None:
    with mail_receiver() as (postman, address):
        channel = AppriseChannel(Address("mail", address))
        assert channel.send(MESSAGE).arrived
        assert channel.send(MESSAGE).arrived
    first, second = postman.mails
    assert first["Message-ID"] == second["Message-ID"] == "<1-0-officer-p1@heatward>"
    assert first["Subject"] == "停热：青松热源厂"
    assert first["To"] == "office@example.org"
    assert '缺热 "12" 户' in first.get_content()


def test_a_mail_server_that_refuses_is_quoted() -> None:
    with mail_receiver() as (postman, address):
        postman.refusals = ["451 greylisted, try again", "550 no such user"]
        channel = AppriseChannel(Address("mail", address))
        assert channel.send(MESSAGE).words == "SMTP 451 greylisted, try again"
        assert channel.send(MESSAGE).words == "SMTP 550 no such user"
        assert channel.send(MESSAGE).arrived
    assert not channel.send(MESSAGE).arrived
    assert channel.send(MESSAGE).words == "ConnectionRefusedError"


def test_a_gateway_gets_the_offices_own_template_and_quotes_cannot_break_it(web) -> None:
    template = '{"mobile": "$phone", "content": "$text", "serial": "$id"}'
    web.usual = (200, "ok")
    assert Gateway(Address("sms", web.url, template=template)).send(MESSAGE).arrived
    (got,) = web.received
    assert got.json["mobile"] == "0451-1"
    assert got.json["content"].startswith('停热：青松热源厂\n缺热 "12" 户')
    assert got.headers["Idempotency-Key"] == got.json["serial"] == "1-0-officer-p1"


def test_a_form_and_a_page_are_written_by_their_own_rules(web: WebReceiver) -> None:
    form = Address(
        "sms",
        web.url,
        template="m=$phone&c=$title",
        content_type="application/x-www-form-urlencoded",
    )
    Gateway(form).send(MESSAGE)
    assert web.received[0].body.startswith("m=0451-1&c=%E5%81%9C")
    page = Address("sms", web.url, template="<c>$text</c>", content_type="text/xml")
    Gateway(page).send(MESSAGE)
    assert "&#34;12&#34;" in web.received[1].body


def test_a_channels_file_is_read_strictly_and_every_problem_is_named(tmp_path: Path) -> None:
    file = tmp_path / "channels.toml"
    file.write_text(
        '[inbox]\nurl = "wecombot://k"\n'
        '[a]\ncolour = "red"\nurl = "wecombot://k"\n'
        '[b]\nurl = "https://gateway.example/"\n'
        '[c]\nurl = "mailto://example.org"\ntemplate = "x"\n'
        '[d]\nserver = "ftp://x"\nurl = "wecombot://k"\n'
        "[e]\n"
    )
    with pytest.raises(ConfigurationError) as refused:
        read_addresses(file)
    assert len(refused.value.problems) == 6
    file.write_text('[x]\nurl = "nonsense://k"\n[y]\nurl = "http://g/"\ntemplate = "$nobody"\n')
    with pytest.raises(ConfigurationError) as refused:
        open_channels(read_addresses(file))
    assert len(refused.value.problems) == 2
    assert read_addresses(None) == {}

"""Channels through apprise: robots of WeCom, DingTalk and Feishu, e-mail, and all others it knows.

apprise believes an HTTP 200, but robots refuse inside it; so the robots' addresses and signatures
are apprise's, and the answer is read by us. It also follows redirects and sleeps between messages:
both are switched off.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import apprise
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.email.base import NotifyEmail
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot

from heatward_collector.alerts.addresses import Address
from heatward_collector.alerts.channel import Answer
from heatward_collector.alerts.mail import send_mail
from heatward_collector.alerts.message import Message
from heatward_collector.alerts.web_answer import post

WECOM_BYTES = 2000
"""A text of a WeCom robot may have 2048 bytes. (its documentation)"""
HEADERS = {"Content-Type": "application/json; charset=utf-8"}


class AppriseChannel:
    """One address that apprise understands."""

    def __init__(self, address: Address) -> None:
        plugin = apprise.Apprise.instantiate(address.url, suppress_exceptions=True)
        if plugin is None:
            raise ValueError("apprise 不认识这个网址 / apprise does not know this address")
        plugin.request_rate_per_sec = 0.0
        plugin.redirects = False
        self._plugin, self._server = plugin, address.server

    def send(self, message: Message) -> Answer:
        """Send a message once."""
        title, body = message.text.in_language(message.language)
        plugin = self._plugin
        if isinstance(plugin, NotifyWeComBot):
            text = shortened(f"{title}\n{body}", WECOM_BYTES)
            content = {"msgtype": "text", "text": {"content": text}}
            return _robot(self._at(plugin.api_url), content)
        if isinstance(plugin, NotifyDingTalk):
            url = self._at(plugin.notify_url.format(token=plugin.token))
            return _dingtalk(plugin, url, f"{title}\n{body}")
        if isinstance(plugin, NotifyFeishu):
            url = self._at(plugin.notify_url.format(token=plugin.token))
            return _robot(url, {"msg_type": "text", "content": {"text": f"{title}\n{body}"}})
        if isinstance(plugin, NotifyEmail):
            return send_mail(plugin, message)
        return _through_apprise(plugin, title, body)

    def _at(self, url: str) -> str:
        """Return a robot's address at the server where its service runs."""
        if not self._server:
            return url
        own, usual = urlsplit(self._server), urlsplit(url)
        return urlunsplit((own.scheme, own.netloc, usual.path, usual.query, ""))


def shortened(text: str, most_bytes: int) -> str:
    """Return a text of at most so many bytes: its last line, the id, stays whole."""
    if len(text.encode()) <= most_bytes:
        return text
    head, _, last = text.rpartition("\n")
    room = most_bytes - len(last.encode()) - len("…\n".encode())
    return head.encode()[:room].decode(errors="ignore") + "…\n" + last


def _robot(url: str, content: dict[str, Any], params: dict[str, str] | None = None) -> Answer:
    return post(url, json.dumps(content, ensure_ascii=False).encode(), HEADERS, params)


def _dingtalk(plugin: Any, url: str, text: str) -> Answer:
    params = None
    if plugin.secret:
        stamp, sign = plugin.get_signature()
        params = {"timestamp": stamp, "sign": sign}
    content = {
        "msgtype": "text",
        "text": {"content": text},
        "at": {"atMobiles": plugin.targets, "isAtAll": False},
    }
    return _robot(url, content, params)


def _through_apprise(plugin: Any, title: str, body: str) -> Answer:
    try:
        arrived = bool(plugin.notify(body=body, title=title))
    except (TypeError, OSError) as error:
        return Answer(False, type(error).__name__)
    return Answer(arrived, "" if arrived else "refused, or not reached")

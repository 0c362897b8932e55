"""An office's own gateway: one POST of a template, for SMS, telephone calls or another system."""

from __future__ import annotations

import json
import re
from string import Template
from urllib.parse import quote_plus

from heatward_collector.alerts.addresses import Address
from heatward_collector.alerts.channel import Answer
from heatward_collector.alerts.message import Message
from heatward_collector.alerts.web_answer import post

PLACES = frozenset({"id", "title", "text", "phone", "name", "case", "audience"})
"""What a template may name."""


class Gateway:
    """Fills a template and posts it; the message's id goes along as ``Idempotency-Key``."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._template = Template(address.template)
        if not self._template.is_valid():
            raise ValueError("模板中的 $ 须写成 $$ / write a lone $ of a template as $$")
        unknown = set(self._template.get_identifiers()) - PLACES
        if unknown:
            allowed = ", ".join(f"${one}" for one in sorted(PLACES))
            raise ValueError(
                f"模板里的 {', '.join(sorted(unknown))} 不认识 / is not known; "
                f"可用 / allowed: {allowed}"
            )

    def send(self, message: Message) -> Answer:
        """Post a message once."""
        title, text = message.text.in_language(message.language)
        values = {
            "id": message.id,
            "title": title,
            "text": f"{title}\n{text}",
            "phone": message.phone,
            "name": message.name,
            "case": str(message.case),
            "audience": message.audience,
        }
        body = self._template.substitute({key: self._fit(one) for key, one in values.items()})
        headers = {
            "Content-Type": f"{self._address.content_type}; charset=utf-8",
            "Idempotency-Key": message.id,
        }
        return post(self._address.url, body.encode(), headers)

    def _fit(self, value: str) -> str:
        """Write a value so that it cannot end the field in which it stands."""
        kind = self._address.content_type
        if "json" in kind:
            return json.dumps(value, ensure_ascii=False)[1:-1]
        if "urlencoded" in kind:
            return quote_plus(value)
        if "xml" in kind:
            return re.sub(r"[<>&\"']", lambda found: f"&#{ord(found[0])};", value)
        return value

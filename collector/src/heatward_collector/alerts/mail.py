"""Mail: the address is read by apprise, the mail is ours, so that it keeps its Message-ID."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formataddr, formatdate
from typing import Any

from heatward_collector.alerts.channel import Answer
from heatward_collector.alerts.message import Message

TIMEOUT_S = 12.0
PORTS = {"ssl": 465, "starttls": 587, "insecure": 25}


def send_mail(plugin: Any, message: Message) -> Answer:
    """Send one mail to the addresses of an apprise e-mail plugin; the reply of the server stays."""
    mail = written(plugin, message)
    try:
        with _connected(plugin) as server:
            if plugin.user and plugin.password:
                server.login(plugin.user, plugin.password)
            refused = server.send_message(mail)
    except smtplib.SMTPResponseException as error:
        words = error.smtp_error
        text = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
        return Answer(False, f"SMTP {error.smtp_code} {text}"[:200])
    except smtplib.SMTPRecipientsRefused as error:
        return Answer(False, f"SMTP {list(error.recipients.values())}"[:200])
    except (OSError, smtplib.SMTPException) as error:
        return Answer(False, type(error).__name__)
    if refused:
        return Answer(False, f"SMTP {list(refused.values())}"[:200])
    return Answer(True, "SMTP 250")


def written(plugin: Any, message: Message) -> EmailMessage:
    """Return the mail of a message; its Message-ID is that of the message."""
    title, body = message.text.in_language(message.language)
    mail = EmailMessage()
    name, address = plugin.from_addr
    mail["From"] = formataddr((name or "", address))
    mail["To"] = ", ".join(formataddr((name or "", address)) for name, address in plugin.targets)
    mail["Subject"] = title
    mail["Date"] = formatdate(message.created_s)
    mail["Message-ID"] = f"<{message.id.replace(':', '.')}@heatward>"
    mail["X-Heatward-Message"] = message.id
    mail.set_content(body)
    return mail


def _connected(plugin: Any) -> smtplib.SMTP:
    mode = str(plugin.secure_mode or "insecure")
    port = plugin.port or PORTS.get(mode, PORTS["insecure"])
    context = ssl.create_default_context()
    if mode == "ssl":
        return smtplib.SMTP_SSL(plugin.smtp_host, port, timeout=TIMEOUT_S, context=context)
    server = smtplib.SMTP(plugin.smtp_host, port, timeout=TIMEOUT_S)
    if mode == "starttls":
        server.starttls(context=context)
    return server

"""A message as staff may look at it: headers, text and HTML, with every link's token left out."""

import email
import re
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default

# A token in an address is a key: whoever has it acts as the member.
TOKEN = re.compile(r"(/(?:n|opt-out|sign-in)/)[^\s\"'<>?&#)]+")


@dataclass(frozen=True, slots=True)
class MessageParts:
    """Decoded and redacted. `language`: its tag (RFC 5646), as the message says it; empty where it does not."""

    headers: list[tuple[str, str]]
    text: str
    html: str
    language: str


def message_parts(content: bytes) -> MessageParts:
    message = email.message_from_bytes(content, _class=EmailMessage, policy=default)
    headers = [(name, redacted(str(value))) for name, value in message.items()]
    language = str(message.get("Content-Language", ""))
    return MessageParts(headers, redacted(_body(message, "plain")), redacted(_body(message, "html")), language)


def redacted(text: str) -> str:
    """`https://portal.example/n/…redacted…`."""
    return TOKEN.sub(r"\1…redacted…", text)


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""

"""The message that the other senders send: the words of a real notice, with slots where members differ."""

import asyncio
import email
import re
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from bench.portals import Portals
from bench.send_ours import PORTAL, OursOrder, prepare, send
from portal.mail.catcher import catching, caught

LINKS = {
    "link": re.compile(rf"{re.escape(PORTAL)}/n/[\w.-]+"),
    "opt_out": re.compile(rf"{re.escape(PORTAL)}/opt-out/[\w.-]+"),
}
NAME = re.compile(r"\bMember 1\b")


@dataclass(frozen=True, slots=True)
class Letter:
    """A slot is written `[[name]]`. `values` are one member's. `size` is the real notice's, in bytes as it was sent."""

    subject: str
    text: str
    html: str
    values: dict[str, str]
    size: int


def real_letter(portals: Portals, folder: Path) -> Letter:
    """Lets a portal send one member a notice, catches it, and makes it a template."""
    with portals.copy("the letter", lambda url: prepare(url, members=1, warm_up=0)) as url:
        asyncio.run(_caught(url, folder))
    [(_, path)] = caught(folder / "letter")
    return letter_of(path.read_bytes())


async def _caught(url: str, folder: Path) -> None:
    async with catching(folder / "letter") as catcher:
        await send(OursOrder(url, str(folder), catcher.port, 1))


def letter_of(mail: bytes) -> Letter:
    message = email.message_from_bytes(mail, policy=SMTP)
    assert isinstance(message, EmailMessage)
    parts = {part.get_content_type(): part.get_content().replace("\r\n", "\n") for part in message.iter_parts()}
    values = {"name": "Member 1"}
    for slot, pattern in LINKS.items():
        found = pattern.search(parts["text/plain"])
        assert found is not None, slot
        values[slot] = found[0]
    _, _, sent = mail.partition(b"\r\nDelivered-To:")
    return Letter(
        subject=str(message["Subject"]),
        text=_with_slots(parts["text/plain"]),
        html=_with_slots(parts["text/html"]),
        values=values,
        size=len(sent.partition(b"\r\n")[2]),
    )


def _with_slots(text: str) -> str:
    for slot, pattern in (LINKS | {"name": NAME}).items():
        text = pattern.sub(f"[[{slot}]]", text)
    return text

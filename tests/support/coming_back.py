"""Messages taken in as a mail server hands them over, about the sending of the test's member or about none."""

from datetime import timedelta

from portal.actions.actor import Actor
from portal.actions.returned import Taken, take_in
from portal.mail.returned import Envelope, read
from portal.store.notices import Notice
from tests.actions.conftest import Told
from tests.support import came_back as texts
from tests.support.world import SENT_2

AT = SENT_2 + timedelta(days=1)
OPS = Actor("staff", 7)
FORGED = "fedcba987654"


def path(row_id: int, token: str = texts.TOKEN[:12], kind: str = "s") -> str:
    return f"bounces+{kind}{row_id}-{token}@example.com"


async def taken(raw: bytes, recipient: str = "", sender: str = "") -> Taken:
    envelope = Envelope(sender, (recipient,) if recipient else ())
    return await take_in(read(raw, envelope, texts.OURS), at=AT)


def about_nothing(**more: str) -> bytes:
    """A report that returns no header by which its mail could be known."""
    return texts.dsn(headers="Subject: Hello\n", to="bounces@example.com", **more)


async def window(told: Told) -> Notice:
    return await Notice.get(member_id=told.member.id, version_id=told.version.id)

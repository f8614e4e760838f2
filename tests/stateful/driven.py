"""The portal under test: the whole application with its jobs, a mail relay and a door for what comes back on sockets,
and browsers of its people."""

import asyncio
import re
import smtplib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from httpx2 import ASGITransport, AsyncClient
from starlette.applications import Starlette

from portal.actions.actor import SYSTEM
from portal.actions.returned import take_in
from portal.actions.session import request_sign_in, sign_in_member, sign_in_staff
from portal.actions.staff import add_staff
from portal.app import create_app, life
from portal.cli.mail_receive import ours_of
from portal.keys import Link
from portal.mail.lmtp import Doors, Limits, Porter
from portal.mail.returned import Envelope, read
from portal.rules.scenario_file import Event
from portal.settings import Settings
from portal.store.access import OneTimeCode
from portal.store.members import Member
from portal.store.notices import Sending
from portal.store.staff import Role, Scope
from tests.support.asking import Site, site_with
from tests.support.clock import Clock
from tests.support.relay import Received, ScriptedRelay, scripted_relay

BASE_URL = "http://127.0.0.1:8000"
FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}
PASSWORD = "correct horse battery staple"
STAFF = "ops@example.com"
SESSION = timedelta(hours=12)
OF_NOTICE = re.compile(r"\+s(\d+)-")
ANSWERS = {"takes": "250 2.1.5 OK", "refuses": "550 5.1.1 No such user", "is full": "452 4.2.2 Mailbox full"}


class Driven:
    """One application for one life. `mailboxes`: how a member's mail server answers, a key of ANSWERS."""

    def __init__(self, app: Starlette, clock: Clock, relay: ScriptedRelay, stack: AsyncExitStack) -> None:
        self.app, self.clock, self.relay, self._stack = app, clock, relay, stack
        self.rows: dict[str, Member] = {}
        self.addresses: dict[str, str] = {}
        self.mailboxes: dict[str, str] = {}
        self._signed_in: dict[str, AsyncClient] = {}
        self._until = {"": clock()}
        self._read = self._refused = 0
        self.anybody: AsyncClient
        self.site: Site

    async def open(self) -> None:
        self.anybody = await self.browser()
        self.site = await site_with(self.app, self.anybody, Scope.TERMS_READ, Scope.NOTICES_READ)
        await add_staff(STAFF, "Olga Ops", tuple(Role), PASSWORD, by=SYSTEM, at=self.clock())
        doors = Doors(Porter(ours_of(self.app.state.settings).all, self._take_in), Limits())
        listening = await asyncio.get_running_loop().create_server(doors, "127.0.0.1", 0)
        self._door = listening.sockets[0].getsockname()[1]
        self._stack.push_async_callback(doors.close, 1)
        self._stack.callback(listening.close)

    async def hand_over(self, sender: str, recipient: str, message: bytes) -> int:
        """As the company's mail server does it (LMTP): what the message was taken in as (row id)."""
        return await asyncio.to_thread(self._handed_over, sender, recipient, message)

    def _handed_over(self, sender: str, recipient: str, message: bytes) -> int:
        with smtplib.LMTP("127.0.0.1", self._door) as client:
            client.ehlo()
            client.mail(sender)
            client.rcpt(recipient)
            code, said = client.data(message)
        assert code == 250, said
        return int(said)

    async def _take_in(self, content: bytes, envelope: Envelope) -> str:
        """As `mail listen` does it, at the hour of this life."""
        taken = await take_in(read(content, envelope, ours_of(self.app.state.settings)), at=self.clock())
        return f"250 {taken.returned.id}"

    async def browser(self) -> AsyncClient:
        transport = ASGITransport(self.app)
        client = AsyncClient(transport=transport, base_url=BASE_URL, headers=FROM_OUR_PAGE)
        return await self._stack.enter_async_context(client)

    async def as_member(self, name: str) -> AsyncClient:
        """A browser in which the member is signed in, by a mailed link, for as long as a session lasts."""
        if self._until.get(name, self.clock()) <= self.clock():
            member = self.rows[name]
            await request_sign_in(name, self.clock())
            codes = OneTimeCode.filter(member_id=member.id, objection_id__isnull=True, declaration_id__isnull=True)
            code = await codes.order_by("-id").first()
            assert code is not None
            link = self.app.state.keys.sign_in_link(member.id, code.id)
            await self._keep(name, "member", await sign_in_member(link, self.app.state.keys, self.clock()))
        return self._signed_in[name]

    async def as_ops(self) -> AsyncClient:
        if self._until.get(STAFF, self.clock()) <= self.clock():
            await self._keep(STAFF, "staff", await sign_in_staff(STAFF, PASSWORD, self.clock()))
        return self._signed_in[STAFF]

    async def _keep(self, name: str, cookie: str, value: str) -> None:
        if name not in self._signed_in:
            self._signed_in[name] = await self.browser()
        self._signed_in[name].cookies.set(cookie, value, domain="127.0.0.1", path="/")
        self._until[name] = self.clock() + SESSION

    def link(self, name: str, version_id: int) -> str:
        """The address of a notice by the link that a mail of today has."""
        member = self.rows[name]
        link = Link(member.id, version_id, member.link_epoch, self.clock().date())
        return f"/n/{self.app.state.keys.notice_link(link)}"

    def answer_mail(self, name: str, how: str) -> None:
        self.mailboxes[name] = how
        self.relay.script[("RCPT", self.addresses[name])] = ANSWERS[how]

    async def mailed(self) -> list[tuple[Event, Received | None]]:
        """All that is due is tried. What mail servers have said about notices since this was last asked, as events, and
        the mail where one was taken."""
        await self.app.state.jobs.idle()
        received, refused = self.relay.received[self._read :], self.relay.turned_away[self._refused :]
        self._read, self._refused = len(self.relay.received), len(self.relay.turned_away)
        names = {address: name for name, address in self.addresses.items()}
        refusing = [sender for sender, to in refused if self.mailboxes.get(names.get(to, "")) == "refuses"]
        said: list[tuple[str, str, Received | None]] = [("sent", one.sender, one) for one in received]
        said += [("refused", sender, None) for sender in refusing]
        found = [(kind, OF_NOTICE.search(sender), mail) for kind, sender, mail in said]
        return [(await self._event(kind, int(of_notice[1])), mail) for kind, of_notice, mail in found if of_notice]

    async def _event(self, kind: str, sending_id: int) -> Event:
        sending = await Sending.get(id=sending_id).select_related("notice__version", "notice__member")
        notice = sending.notice
        return Event(self.clock(), kind, notice.member.external_id, notice.version_id)


@asynccontextmanager
async def driven(database_url: str, folder: Path) -> AsyncIterator[Driven]:
    """The application, started, at the tests' usual hour."""
    clock = Clock()
    async with AsyncExitStack() as stack:
        relay = await stack.enter_async_context(scripted_relay())
        stack.enter_context(patch("portal.actions.noting.LEAST", 1))  # one connection's turns are noted, too
        settings = Settings(
            data=folder,
            database_url=database_url,
            history=folder / "history",
            base_url=BASE_URL,
            smtp_port=relay.port,
            smtp_connections=1,
        )
        app = create_app(settings, clock)
        await stack.enter_async_context(life(app))
        made = Driven(app, clock, relay, stack)
        await made.open()
        yield made

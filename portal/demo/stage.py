"""What every scene of the story plays on: the portal's address, its clock, people's browsers, and the mail."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from starlette.applications import Starlette

from portal.demo.browser import Browser, browser
from portal.demo.cast import PASSWORD, Colleague
from portal.demo.clock import StoryClock
from portal.demo.letterbox import Letter, Letterbox
from portal.demo.page import Page
from portal.demo.people import Person
from portal.settings import Settings

BERLIN = ZoneInfo("Europe/Berlin")


class Narrator(Protocol):
    """Tells the story while it is played."""

    def chapter(self, title: str) -> None: ...

    def tell(self, hour: datetime, line: str) -> None: ...

    def watching(self, label: str, total: int) -> AbstractContextManager["Progress"]: ...


class Progress(Protocol):
    """Something that takes a while."""

    def reached(self, count: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """One thing that was to come out, and what did."""

    what: str
    told: object
    came: object

    @property
    def as_told(self) -> bool:
        return self.told == self.came


class StoryBroke(Exception):
    """A page did not do what the story needs to go on. Its text says which."""


@dataclass
class Stage:
    """The scenes act through browsers and mails only; `app` is asked for nothing but whether all mail is out."""

    app: Starlette
    clock: StoryClock
    narrator: Narrator
    stack: AsyncExitStack
    outcomes: list[Outcome] = field(default_factory=list)
    browsers: dict[str, Browser] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.letterbox = Letterbox(self.settings.mail_folder)

    @property
    def settings(self) -> Settings:
        settings: Settings = self.app.state.settings
        return settings

    def tell(self, line: str) -> None:
        """A line of the story, told at its present hour."""
        self.narrator.tell(self.clock().astimezone(BERLIN), line)

    def expect(self, what: str, told: object, came: object) -> None:
        """Notes what came out of something, beside what the story says comes out."""
        self.outcomes.append(Outcome(what, told, came))

    def holds(self, what: str, fact: object) -> None:
        """The same for something that has to be so."""
        self.expect(what, told=True, came=bool(fact))

    def never(self, what: str, fact: object) -> None:
        """And for something that must not have happened."""
        self.expect(f"never: {what}", told=False, came=bool(fact))

    async def browser_of(self, key: str) -> Browser:
        """The browser of one person; it keeps its cookies."""
        if key not in self.browsers:
            self.browsers[key] = await self.stack.enter_async_context(browser(self.settings.base_url))
        return self.browsers[key]

    async def staff(self, colleague: Colleague) -> Browser:
        """Their browser, signed in at this hour of the story."""
        used = await self.browser_of(colleague.email)
        page = await used.open("/staff/sign-in")
        if "/staff/sign-in" in page.url:
            page = await used.press(page, "Sign in", {"email": colleague.email, "password": PASSWORD})
            done(page, "/staff")
        return used

    async def next_letter_to(self, person: Person, known: int) -> Letter:
        """The newest mail to a member, once there are more than the known ones. Raises StoryBroke after ten seconds.

        What is done after an answer is out, so that its time tells nothing, may be written a moment later.
        """
        for _ in range(200):
            await self.all_mail_out()
            mails = self.letterbox.to(person.address, person.name)
            if len(mails) > known:
                return mails[-1]
            await asyncio.sleep(0.05)
        raise StoryBroke(f"no further mail to {person.address} was caught")

    def notice_to(self, person: Person, slug: str, number: int) -> Letter:
        """The notice of a version that was mailed to a member, the newest if there are several. Raises StoryBroke."""
        mailed = [one for one in self.letterbox.to(person.address, person.name) if one.campaign == f"{slug}-{number}"]
        if not mailed:
            raise StoryBroke(f"no notice of {slug} version {number} was mailed to {person.address}")
        return mailed[-1]

    async def opened_notice(self, person: Person, slug: str, number: int) -> tuple[Browser, Page]:
        """The member's browser with the page behind the link in the notice."""
        used = await self.browser_of(person.external_id)
        return used, await used.open(self.notice_to(person, slug, number).link("/n/"))

    async def wait_until(self, instant: datetime) -> None:
        """Lets time pass, once all mail of the present hour is out: a code lasts for two hours only."""
        await self.all_mail_out()
        self.clock.move_to(instant)

    async def all_mail_out(self) -> None:
        """Returns when everything that can be sent now was tried."""
        jobs: Any = self.app.state.jobs
        jobs.wake()
        await jobs.idle()


def done(page: Page, path: str, status: int = 200) -> Page:
    """The page, where it is the one that was to come. Raises StoryBroke with what it says instead."""
    if page.status != status or path not in page.url:
        said = page.words[:400]
        raise StoryBroke(f"wanted {path} ({status}), got {page.url} ({page.status}): {said}")
    return page


@asynccontextmanager
async def set_stage(app: Starlette, clock: StoryClock, narrator: Narrator) -> AsyncIterator[Stage]:
    """Closes all browsers at the end."""
    async with AsyncExitStack() as stack:
        yield Stage(app, clock, narrator, stack)

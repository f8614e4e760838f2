"""Chromium, and the demo's story behind it: played once, then served while the browser tests last.

The story runs in a thread of its own, since Playwright's synchronous API keeps this thread's event loop.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from portal.actions.actor import SYSTEM
from portal.actions.inbox import mark_handled
from portal.actions.returned import take_in
from portal.demo.cast import ADMIN, APPROVER, AUTHOR, OPS, PASSWORD, Cast, Colleague, cast_of
from portal.demo.clock import StoryClock
from portal.demo.people import REFERENCE, Person
from portal.demo.server import serving
from portal.demo.setting_up import STARTS_AT
from portal.demo.stage import Stage, set_stage
from portal.demo.story import play
from portal.mail.returned import Envelope, read
from portal.store.answers import Objection
from portal.store.drafts import Draft
from portal.store.members import Member
from portal.store.policies import Version
from portal.store.submissions import Submission
from portal.web.languages import CHOSEN
from portal.web.text import SOURCE
from tests.support.came_back import ARF, OBJECTION, OURS
from tests.support.silent import Silent

BROWSER = Path(__file__).parent
MEMBERS = 20
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Story:
    """The portal after the story, from outside: addresses, and the ids that stand in them."""

    def __init__(self, stage: Stage, cast: Cast) -> None:
        self.stage = stage
        self.cast = cast
        self.site = stage.settings.base_url
        self.members: dict[str, int] = {}
        self.objections: dict[str, int] = {}
        self.numbers: dict[str, str] = {}
        self.versions: dict[tuple[str, int], int] = {}
        self.draft = 0
        self.waiting = self.answered = self.submission = 0

    async def look_up(self) -> None:
        self.members = {row.external_id: row.id for row in await Member.all()}
        for row in await Objection.all().prefetch_related("member").order_by("-id"):
            self.objections[row.member.external_id] = row.id
            self.numbers[row.member.external_id] = row.number
        for version in await Version.all().prefetch_related("policy"):
            self.versions[version.policy.slug, version.number] = version.id
        self.submission = (await Submission.all().order_by("id").first().values("id"))["id"]
        self.draft = (await Draft.get(published_as=None, dropped_at=None)).id

    async def take_in(self) -> None:
        """Two letters in the inbox, one of which somebody is done with."""
        letters = [
            (await take_in(read(raw, Envelope(), OURS), at=self.stage.clock())).returned.id for raw in (OBJECTION, ARF)
        ]
        self.waiting, self.answered = letters
        await mark_handled(self.answered, "Answered.", by=SYSTEM, at=self.stage.clock())

    def notice(self, person: Person, number: int, slug: str = REFERENCE) -> str:
        """The address in the mailed notice."""
        return self.stage.notice_to(person, slug, number).link("/n/")

    def opt_out(self, person: Person, number: int, slug: str = REFERENCE) -> str:
        return self.stage.notice_to(person, slug, number).link("/opt-out/")

    def receipt(self, person: Person, number: int) -> str:
        return f"{self.notice(person, number)}/objections/{self.numbers[person.external_id]}"


async def serve(data: Path, ready: "Future[tuple[Story, Callable[[], object]]]") -> None:
    """Plays the story and serves it until it is told to end."""
    clock, cast, end = StoryClock(STARTS_AT), cast_of(MEMBERS), asyncio.Event()
    loop = asyncio.get_running_loop()
    try:
        async with serving(data, clock) as app, set_stage(app, clock, Silent()) as stage:
            told = await play(stage, cast)
            assert told.as_told
            story = Story(stage, cast)
            await story.look_up()
            await story.take_in()
            clock.run_on()
            ready.set_result((story, lambda: loop.call_soon_threadsafe(end.set)))
            await end.wait()
    except BaseException as error:
        if not ready.done():
            ready.set_exception(error)
        raise


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    ready: Future[tuple[Story, Callable[[], object]]] = Future()
    data = tmp_path_factory.mktemp("story")
    thread = Thread(target=lambda: asyncio.run(serve(data, ready)), name="story")
    thread.start()
    found, end = ready.result(timeout=170)
    yield found
    end()
    thread.join()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--album", type=Path, help="a folder for pictures of every kind of page")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that serve a portal of their own come before the story's, which stays: one has its database open here."""
    items.sort(key=lambda item: "story" in getattr(item, "fixturenames", ()) and BROWSER in item.path.parents)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
    yield browser
    browser.close()


@pytest.fixture
def open_browser(chromium: Browser, story: Story) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browsers with cookies of their own; addresses are relative to the portal's."""
    made: list[BrowserContext] = []

    def opened(**options: Any) -> BrowserContext:
        made.append(in_english(chromium.new_context(base_url=story.site, **options), story))
        return made[-1]

    yield opened
    for context in made:
        context.close()


@pytest.fixture(scope="session")
def signed_in(chromium: Browser, story: Story) -> Iterator[Callable[[str], BrowserContext]]:
    """A browser that everybody in that role shares for the session: `nobody`, `member`, `legal`, `ops`, `admin`."""
    kept: dict[str, BrowserContext] = {}
    staff = {"legal": AUTHOR, "approver": APPROVER, "ops": OPS, "admin": ADMIN}

    def context_of(role: str) -> BrowserContext:
        if role not in kept:
            kept[role] = in_english(chromium.new_context(base_url=story.site), story)
            page = kept[role].new_page()
            if role in staff:
                sign_in_as(page, staff[role])
            elif role == "member":
                sign_in_as_member(page, story, story.cast.desk[1])
            page.close()
        return kept[role]

    yield context_of
    for context in kept.values():
        context.close()


def in_english(context: BrowserContext, story: Story) -> BrowserContext:
    """As if English had been chosen at the foot of a page: the story's members speak many languages."""
    context.add_cookies([{"name": CHOSEN, "value": SOURCE, "url": story.site}])
    return context


def sign_in_as(page: Page, colleague: Colleague) -> None:
    page.goto("/staff/sign-in")
    page.get_by_label("Mail address").fill(colleague.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/staff")


def sign_in_as_member(page: Page, story: Story, person: Person) -> None:
    """By the link that is mailed; it may take a moment to come."""
    before = len(story.stage.letterbox.to(person.address))
    page.goto("/sign-in")
    page.get_by_label("Your mail address").fill(person.external_id)
    page.get_by_role("button", name="Mail me a link").click()
    for _ in range(100):
        if len(mails := story.stage.letterbox.to(person.address)) > before:
            break
        page.wait_for_timeout(100)
    page.goto(mails[-1].link("/sign-in/"))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/account")

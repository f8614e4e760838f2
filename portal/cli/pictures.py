"""`manage.py pictures`: the screenshots of the README and of every page, taken anew from the demo's story."""

import asyncio
import io
import subprocess
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Literal

from cyclopts import Parameter
from rich.console import Console

from portal.cli import Stop
from portal.cli.machine import CHROMIUM
from portal.demo.answering import confirm, object_to
from portal.demo.cast import AUTHOR, OPS, PASSWORD, Cast, Colleague, cast_of
from portal.demo.clock import StoryClock
from portal.demo.people import REFERENCE
from portal.demo.publishing import approve, publish_approved, write_draft
from portal.demo.script import Script, script
from portal.demo.server import quiet_log, serving
from portal.demo.setting_up import STARTS_AT
from portal.demo.stage import Stage, set_stage
from portal.demo.story import play
from portal.demo.telling import Terminal
from portal.web.languages import CHOSEN
from portal.web.text import SOURCE

try:
    from PIL import Image
    from playwright.async_api import Browser, ViewportSize, async_playwright
except ImportError as missing:  # an installed portal has no need of them
    raise Stop("the pictures are taken in a checkout of the project: python3 manage.py pictures") from missing

ROOT = Path(__file__).resolve().parents[2]
PICTURES, PAGES = ROOT / "docs" / "pictures", ROOT / "docs" / "pages"
EVERY_PAGE = "tests/browser/test_accessible.py"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
DESK, PHONE = (1180, 800), (390, 780)
MAIL, NARROW = (680, 900), (320, 700)
COLOURS = 96
MEMBERS = 240

FOURTH = {"at most once a week": "at most twice a week", "kept for 60 days": "kept for 90 days"}
REASONS = (
    ("marketing", "The most the newsletter may come rises from once to twice a week."),
    ("service", "Data deleted from the live systems stays in the backups for up to 90 days instead of 60."),
)


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: of which page, how large, in light or dark, and who is signed in. `top`: what to scroll to."""

    name: str
    address: str
    size: tuple[int, int] = DESK
    dark: bool = False
    who: Colleague | None = None
    top: str = ""


def pictures(
    *, only: Annotated[Literal["readme", "pages"] | None, Parameter(help="Take only these; without it, both.")] = None
) -> int:
    """Take all screenshots anew: the README's into docs/pictures, one of every kind of page into docs/pages."""
    if not CHROMIUM.exists():
        raise Stop("the pictures need Chromium; on Debian: apt-get install chromium")
    if only != "pages":
        asyncio.run(_readme())
    # The tests know every kind of page, and how to come to it.
    everyone = [sys.executable, "-m", "pytest", "--quiet", EVERY_PAGE, "-k", "for_everyone", "--album", str(PAGES)]
    return 0 if only == "readme" else subprocess.run(everyone, cwd=ROOT, check=False).returncode


async def _readme() -> None:
    quiet_log()
    clock, cast = StoryClock(STARTS_AT), cast_of(MEMBERS)
    narrator = Terminal(Console(highlight=False))
    with TemporaryDirectory() as folder:
        async with serving(Path(folder), clock) as app, set_stage(app, clock, narrator) as stage:
            await play(stage, cast)
            fourth = _fourth()
            draft, keys = await _draft(stage, fourth)
            await _take(stage, _of_legal(draft))
            await publish_approved(stage, draft, fourth)
            await stage.wait_until(stage.clock() + timedelta(days=3))
            await _answers(stage, cast, keys)
            await _take(stage, _of_others(stage, cast))


def _fourth() -> Script:
    """One more version of the reference policy, with a change that freezes and one that closes."""
    third = script(REFERENCE, 3)
    text = third.text.decode()
    for old, new in FOURTH.items():
        text = text.replace(old, new)
    summary = "Our newsletter may come twice a week. Backups are kept for 90 days instead of 60."
    return replace(third, number=4, text=text.encode(), summary=summary)


async def _draft(stage: Stage, fourth: Script) -> tuple[str, list[str]]:
    """Written, classified and approved: its address, and the ids of its changes."""
    draft = await write_draft(stage, fourth)
    author = await stage.staff(AUTHOR)
    page = await author.open(f"{draft}/changes")
    keys = [name.removeprefix("purposes-") for form in page.forms for name in form.controls if "purposes-" in name]
    values: dict[str, str | list[str]] = {}
    for key, (purpose, reason) in zip(keys, REASONS, strict=True):
        values |= {f"purposes-{key}": [purpose], f"reason-{key}": reason}
    await author.press(page, "Save what is filled in", values)
    await approve(stage, draft, fourth)
    return draft, keys


async def _answers(stage: Stage, cast: Cast, keys: list[str]) -> None:
    """Some objections of each kind, so that the queue has something to show."""
    marketing, service = keys
    answering = cast.everyone[-6:]
    for person, change in zip(answering, (marketing, service, marketing, service, marketing, service), strict=True):
        await object_to(stage, person, 4, [change])
    await stage.all_mail_out()
    await confirm(stage, answering[3], 4)
    await confirm(stage, answering[5], 4)


def _of_legal(draft: str) -> list[Shot]:
    return [
        Shot("classification", f"{draft}/changes", who=AUTHOR, top="[data-row]"),
        Shot("publication", f"{draft}/publication", who=AUTHOR),
    ]


def _of_others(stage: Stage, cast: Cast) -> list[Shot]:
    letter = stage.notice_to(cast.scanned, REFERENCE, 4)  # who reads English
    code = next(one for one in stage.letterbox.letters() if "your code" in one.subject)
    notice, versions = letter.link("/n/"), f"/policies/{REFERENCE}/versions"
    return [
        Shot("notice", notice),
        Shot("notice-dark", notice, dark=True),
        Shot("notice-phone", notice, PHONE),
        Shot("consequence-phone", f"{notice}/objection?answer=object", PHONE),
        Shot("changes", f"{versions}/2/changes?since=1"),
        Shot("changes-dark", f"{versions}/2/changes?since=1", dark=True),
        Shot("changes-side", "/policies/mail-hosting/versions/2/changes?since=1&view=side", top=".sides"),
        Shot("objections", "/staff/objections?show=all", who=OPS),
        Shot("mail", f"/mailbox/{letter.number}/html", MAIL),
        Shot("mail-dark", f"/mailbox/{letter.number}/html", MAIL, dark=True),
        Shot("mail-phone", f"/mailbox/{letter.number}/html", NARROW),
        Shot("mail-phone-dark", f"/mailbox/{letter.number}/html", NARROW, dark=True),
        Shot("code-phone", f"/mailbox/{code.number}/html", NARROW),
    ]


async def _take(stage: Stage, wanted: list[Shot]) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright, AsyncExitStack() as stack:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        stack.push_async_callback(browser.close)
        for shot in wanted:
            path = PICTURES / f"{shot.name}.png"
            path.write_bytes(await asyncio.to_thread(_small, await _shoot(browser, stage.settings.base_url, shot)))
            print(f"{path.relative_to(PICTURES.parents[1])}: {path.stat().st_size / 1000:.0f} kB")


async def _shoot(browser: Browser, site: str, shot: Shot) -> bytes:
    context = await browser.new_context(
        base_url=site,
        viewport=ViewportSize(width=shot.size[0], height=shot.size[1]),
        device_scale_factor=2,
        color_scheme="dark" if shot.dark else "light",
        reduced_motion="reduce",
    )
    await context.add_cookies([{"name": CHOSEN, "value": SOURCE, "url": site}])
    page = await context.new_page()
    if shot.who is not None:
        await page.goto("/staff/sign-in")
        await page.get_by_label("Mail address").fill(shot.who.email)
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url("**/staff")
    await page.goto(shot.address)
    if shot.top:
        await page.locator(shot.top).first.evaluate("element => element.scrollIntoView()")
    taken = await page.screenshot()
    await context.close()
    return taken


def _small(picture: bytes) -> bytes:
    """The picture with few colours: pages are mostly flat, so a third of the size looks the same."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    few = image.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    out = io.BytesIO()
    few.save(out, "PNG", optimize=True)
    return out.getvalue()

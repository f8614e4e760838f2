"""Operations: what did not reach its member, what came on paper, and what an objection leads to."""

from datetime import UTC, datetime

from portal.demo.browser import Browser
from portal.demo.cast import OPS, Cast
from portal.demo.page import Page
from portal.demo.people import REFUSED, Person
from portal.demo.publishing import offers
from portal.demo.script import Script
from portal.demo.stage import Stage, done

LETTER = b"To the privacy office\n\nI do not want your marketing under the new terms.\n"


async def mend(stage: Stage, cast: Cast) -> None:
    """Between mail and deadline: a bounce is recorded, a wrong address corrected."""
    await stage.wait_until(datetime(2026, 3, 10, 9, 0, tzinfo=UTC))
    ops = await stage.staff(OPS)
    page = await member_page(ops, cast.bounced)
    form = await ops.follow(page, "Record a bounce")
    page = done(
        await ops.press(form, "Record the bounce", {"day": "2026-03-09", "note": "Mailbox is full since January"}),
        "/staff/members/",
    )
    stage.holds("after a bounce the time to object has no end yet", "no end yet" in page.words)
    stage.tell(
        f"{cast.bounced.name}’s mail came back, and Oda records it. The version stays in effect; the time to object "
        "has no end until the notice arrives."
    )
    page = await member_page(ops, cast.refused)
    stage.holds("refused at RCPT: not in effect", "not yet for this member" in page.words)
    form = await ops.follow(page, "Correct")
    corrected = cast.refused.address.removeprefix(f"{REFUSED}.")
    done(await ops.press(form, "Use this address", {"address": corrected}), "/staff/members/")
    await stage.all_mail_out()
    stage.expect("the corrected address gets the notice", 1, len(stage.letterbox.to(corrected)))
    stage.tell(
        f"{cast.refused.name}’s address was refused. With the corrected one the mail goes out, and twenty days begin."
    )


async def enter_letter(stage: Stage, cast: Cast, script: Script) -> None:
    """A letter that came in time and is entered after the deadline."""
    await stage.wait_until(datetime(2026, 3, 23, 8, 0, tzinfo=UTC))
    ops = await stage.staff(OPS)
    form = await ops.follow(await member_page(ops, cast.by_letter), "Enter an objection")
    values: dict[str, str | list[str]] = {
        "way": "letter",
        "day": "2026-03-20",
        "changes": script.changes_for("marketing"),
        "note": "Folder 12, letter of 18 March",
    }
    review = await ops.press(form, "Continue", values)
    stage.holds("ops read what follows before they enter it", "Your account stays open" in review.words)
    letter = {"files": ("letter.txt", LETTER)}
    page = done(await ops.press(review, "Enter the objection", files=letter), "/staff/submissions/")
    stage.holds("the letter lies with its objection", "letter.txt" in page.words)
    stage.expect("what counts is when the letter came, not when it is entered", 200, page.status)
    stage.tell(f"{cast.by_letter.name}’s letter came on 20 March and is entered today. It is in time.")


async def settle(stage: Stage, cast: Cast) -> None:
    """The day after the windows closed: freezes are confirmed, one account is closed, one is not."""
    ops = await stage.staff(OPS)
    settled = await _settle_freezes(ops)
    stage.expect("freezes confirmed by ops", min(settled, 50), settled)
    stage.tell(
        f"Oda confirms {settled} freezes: the company’s systems ask the portal which version governs, and keep to it."
    )
    closer = await _objection_page(ops, cast.closers[0])
    page = await ops.press(await ops.follow(closer, "Close the account"), "Close the account", {"confirmed": "1"})
    stage.holds("a confirmed objection closes the account when it is due", "The account is closed" in page.words)
    stage.tell(f"She closes the account of {cast.closers[0].name}, as confirmed; a last mail says so.")
    waiting = await _objection_page(ops, cast.unconfirmed)
    stage.never("closing is offered without a confirmation", _offers_closing(waiting))
    forced = await ops.open(f"{waiting.url}/closure")
    forced = (
        await ops.press(forced, "Close the account", {"confirmed": "1"})
        if offers(forced, "Close the account")
        else forced
    )
    still = await member_page(ops, cast.unconfirmed)
    stage.never("an account is closed without a confirmation", "The account is closed" in still.words)
    stage.tell(f"{cast.unconfirmed.name} never confirmed, so that account cannot be closed.")
    await stage.all_mail_out()


async def member_page(ops: Browser, person: Person) -> Page:
    """A member's page, found by the company's id."""
    found = await ops.open(f"/staff/members?q={person.external_id}")
    return await ops.follow(found, person.external_id)


async def _objection_page(ops: Browser, person: Person) -> Page:
    """The page of a member's newest objection: its receipt number is the first link to one."""
    page = await member_page(ops, person)
    return await ops.open(next(link.href for link in page.links if link.href.startswith("/staff/objections/")))


async def _settle_freezes(ops: Browser) -> int:
    """Those on the first page of the queue."""
    queue = await ops.open("/staff/objections?show=freezes")
    found = list(dict.fromkeys(link.href for link in queue.links if link.href.startswith("/staff/objections/")))
    for href in found:
        page = await ops.follow(await ops.open(href), "Confirm the freeze")
        done(await ops.press(page, "Confirm the freeze", {"note": "Segment rebuilt from the portal’s answers"}), href)
    return len(found)


def _offers_closing(page: Page) -> bool:
    return any("Close the account" in link.label for link in page.links)

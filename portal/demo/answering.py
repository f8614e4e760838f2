"""Members answer, each in their own browser, by the link in their own mail."""

import re
from datetime import UTC, datetime

from portal.demo.browser import Browser
from portal.demo.cast import Cast, with_others
from portal.demo.page import Page
from portal.demo.people import REFERENCE, Person
from portal.demo.publishing import offers
from portal.demo.script import Script
from portal.demo.stage import Stage, StoryBroke, done

CODE = re.compile(r"\b(\d{4}) (\d{4})\b")
# The mails were accepted on 2 March: the twentieth day after is the 22nd, until midnight in Berlin (UTC+1).
CLOSES_AT = datetime(2026, 3, 22, 23, 0, tzinfo=UTC)


async def answer(stage: Stage, cast: Cast, script: Script) -> None:
    """The first week after the mail."""
    marketing, service = script.changes_for("marketing"), script.changes_for("service")
    await stage.wait_until(datetime(2026, 3, 2, 9, 20, tzinfo=UTC))
    await _scanner(stage, cast.scanned, script.number)
    await stage.wait_until(datetime(2026, 3, 3, 18, 30, tzinfo=UTC))
    await _freeze(stage, cast, script.number, marketing)
    await stage.wait_until(datetime(2026, 3, 5, 7, 10, tzinfo=UTC))
    await _close(stage, cast, script.number, service)
    receipt = await object_to(stage, cast.unconfirmed, script.number, service)
    stage.holds("an objection that closes waits for its code", offers(receipt, "Mail me a new code"))
    stage.tell(f"{cast.unconfirmed.name} objects to it too, but never enters the code: a link alone closes nothing.")
    await _withdraw(stage, cast.withdrawer, script.number, marketing)
    await _shared_address(stage, cast.sharing, script.number, marketing)
    await _opt_out(stage, cast.opted_out)


async def last_minute(stage: Stage, cast: Cast, script: Script) -> None:
    """One objection in the last second, one in the first second after it."""
    marketing = script.changes_for("marketing")
    await stage.wait_until(CLOSES_AT.replace(hour=22, minute=59, second=30))
    used, late_review = await _review(stage, cast.late, script.number, marketing)
    await stage.wait_until(CLOSES_AT.replace(hour=22, minute=59, second=59))
    receipt = await object_to(stage, cast.last_second, script.number, marketing)
    stage.expect("an objection in the last second", "We have received your objection", receipt.heading)
    stage.tell(f"{cast.last_second.name} objects in the last second. That counts.")
    await stage.wait_until(CLOSES_AT)
    page = await used.press(late_review, "Send the objection")
    stage.expect("one second later", (409, "The time to object is over"), (page.status, page.heading))
    stage.tell(
        f"{cast.late.name} presses the button a second later: too late. The page names the deadline that was missed."
    )


async def object_to(stage: Stage, person: Person, number: int, changes: list[str]) -> Page:
    """Notice, review, button: the receipt."""
    used, review = await _review(stage, person, number, changes)
    return done(await used.press(review, "Send the objection"), "/objections/")


async def _review(stage: Stage, person: Person, number: int, changes: list[str]) -> tuple[Browser, Page]:
    used, notice = await stage.opened_notice(person, REFERENCE, number)
    several = any("change" in form.controls for form in notice.forms)
    page = await used.press(notice, "Object…", {"change": changes} if several else {})
    return used, done(page, "/objection?")


async def _freeze(stage: Stage, cast: Cast, number: int, changes: list[str]) -> None:
    open_still = 0
    for person in cast.freezers:
        receipt = await object_to(stage, person, number, changes)
        open_still += "Your account stays open" in receipt.words
    stage.expect("objections to marketing that leave the account open", len(cast.freezers), open_still)
    stage.tell(f"{with_others(cast.freezers)} object to the marketing change. Their accounts stay open.")


async def _close(stage: Stage, cast: Cast, number: int, changes: list[str]) -> None:
    for person in cast.closers:
        await object_to(stage, person, number, changes)
    await stage.all_mail_out()
    confirmed = [await confirm(stage, person, number) for person in cast.closers]
    stage.expect("objections to the service confirmed with the mailed code", len(cast.closers), sum(confirmed))
    stage.tell(f"{with_others(cast.closers)} object to the service change, and confirm with a code from a second mail.")


async def confirm(stage: Stage, person: Person, number: int) -> bool:
    """With the code out of the mail; a wrong one first, as happens."""
    used, notice = await stage.opened_notice(person, REFERENCE, number)
    receipt = await used.follow(notice, "Receipt")
    code = _mailed_code(stage, person)
    wrong = f"{(int(code) + 1) % 10**8:08}"
    refused = done(await used.press(receipt, "Confirm the objection", {"code": wrong}), "/confirmation", 422)
    page = await used.press(refused, "Confirm the objection", {"code": code})
    return page.heading == "Your objection is confirmed"


def _mailed_code(stage: Stage, person: Person) -> str:
    for letter in reversed(stage.letterbox.to(person.address, person.name)):
        if found := CODE.search(letter.words):
            return found[1] + found[2]
    raise StoryBroke(f"no code was mailed to {person.address}")


async def _scanner(stage: Stage, person: Person, number: int) -> None:
    """A mail scanner opens every link there is, and every page that those link to."""
    used, notice = await stage.opened_notice(person, REFERENCE, number)
    letter = stage.notice_to(person, REFERENCE, number)
    opened = 0
    for url in (letter.link("/n/"), letter.link("/opt-out/")):
        page = await used.open(url)
        ahead = [link.href for link in page.links if link.href.startswith("/")]
        opened += 1 + len([await used.open(href) for href in ahead])
    after = (await stage.opened_notice(person, REFERENCE, number))[1]
    stage.holds("a notice is as it was after a mail scanner opened every link", notice.words == after.words)
    stage.tell(f"A mail scanner opens {opened} links for {person.name}. Nothing happens: opening a page never answers.")


async def _withdraw(stage: Stage, person: Person, number: int, changes: list[str]) -> None:
    await stage.wait_until(datetime(2026, 3, 6, 12, 0, tzinfo=UTC))
    receipt = await object_to(stage, person, number, changes)
    await stage.wait_until(datetime(2026, 3, 9, 16, 45, tzinfo=UTC))
    used = await stage.browser_of(person.external_id)
    page = await used.press(await used.follow(receipt, "Take the objection back"), "Take the objection back")
    stage.expect("taking an objection back", "You took this objection back", page.heading)
    stage.tell(f"{person.name} objects, thinks again, and takes the objection back.")


async def _shared_address(stage: Stage, pair: tuple[Person, Person], number: int, changes: list[str]) -> None:
    first, second = pair
    await object_to(stage, first, number, changes)
    page = (await stage.opened_notice(second, REFERENCE, number))[1]
    stage.holds("who shares an address still answers for themselves", offers(page, "Object…"))
    stage.tell(f"{first.name} and {second.name} share an address. One objects; the other’s link is their own.")


async def _opt_out(stage: Stage, person: Person) -> None:
    used = await stage.browser_of(person.external_id)
    page = await used.open(stage.notice_to(person, REFERENCE, 2).link("/opt-out/"))
    page = await used.press(page, "Opt out of Marketing")
    stage.expect("the opt-out link in the mail", "You have opted out of Marketing", page.heading)
    stage.tell(f"{person.name} opts out of marketing altogether, with one click.")

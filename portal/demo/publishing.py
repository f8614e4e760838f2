"""Draft, classify, proof, approve, publish: five pages, two people."""

import asyncio
import re
from datetime import timedelta

from portal.demo.browser import Browser
from portal.demo.cast import APPROVER, AUTHOR, Cast
from portal.demo.letterbox import Letter
from portal.demo.page import Page
from portal.demo.script import Script
from portal.demo.stage import Stage, done

EDITORIAL = "editorial"
# Name and address as they stand in the mail: two people may share an address, or a name.
TO = re.compile(rb"^To:[^\r\n]*(?:\r\n[ \t][^\r\n]*)*", re.MULTILINE)
BEFORE = timedelta(days=3)


async def publish(stage: Stage, script: Script) -> None:
    """From the text in force to a published version, three days later, at the instant that the script names."""
    await stage.wait_until(script.posted_at - BEFORE)
    draft = await write_draft(stage, script)
    await _classify(stage, draft, script)
    await _proof(stage, draft, script)
    await approve(stage, draft, script)
    await stage.wait_until(script.posted_at)
    await publish_approved(stage, draft, script)


async def write_draft(stage: Stage, script: Script) -> str:
    """Gives the draft's address."""
    author = await stage.staff(AUTHOR)
    page = await author.open(f"/staff/policies/{script.slug}")
    page = done(await author.press(page, "Start a draft"), "/staff/drafts/")
    draft = page.url
    for language, text in [("", ""), *script.translations.items()]:
        page = await author.press(
            page,
            "Save the draft",
            {
                "text": script.text.decode(),
                "summary": script.summary,
                "new_language": language,
                "new_translation": text,
            },
        )
        done(page, draft)
    stage.tell(f"{AUTHOR.name} drafts version {script.number}: “{script.summary}”")
    return draft


async def _classify(stage: Stage, draft: str, script: Script) -> None:
    author = await stage.staff(AUTHOR)
    page = await author.open(f"{draft}/changes")
    values: dict[str, str | list[str]] = {}
    for key, (purposes, reason) in script.decisions.items():
        values[f"purposes-{key}"] = list(purposes) or [EDITORIAL]
        values[f"reason-{key}"] = reason
    done(await author.press(page, "Save what is filled in", values), draft)
    found = [", ".join(purposes) or EDITORIAL for purposes, _ in script.decisions.values()]
    stage.tell(f"The portal finds {len(found)} changes. Lena says what each is for: {'; '.join(found)}.")


async def _proof(stage: Stage, draft: str, script: Script) -> None:
    author = await stage.staff(AUTHOR)
    done(await author.press(await author.open(draft), "Send me a proof"), draft)
    await stage.all_mail_out()
    proof = stage.letterbox.newest(AUTHOR.email)
    stage.holds(f"a proof of version {script.number} is mailed to its author", script.summary in _flat(proof.words))
    stage.tell(f"She has a proof mailed to herself: “{proof.subject}”.")


async def approve(stage: Stage, draft: str, script: Script) -> None:
    author, approver = await stage.staff(AUTHOR), await stage.staff(APPROVER)
    own = await author.open(f"{draft}/approvals")
    stage.never("the author approves her own draft", offers(own, "Approve this draft"))
    page = await approver.press(await approver.open(f"{draft}/approvals"), "Approve this draft", {"confirmed": "1"})
    done(page, f"{draft}/approvals")
    stage.tell(f"She cannot approve it herself. {APPROVER.name} reads every change and approves.")


async def publish_approved(stage: Stage, draft: str, script: Script) -> None:
    author: Browser = await stage.staff(AUTHOR)
    page = await author.open(f"{draft}/publication")
    page = await author.press(page, f"Publish version {script.number}", {"confirmed": "1"})
    done(page, f"/staff/policies/{script.slug}/versions/{script.number}")
    again = await author.open(f"{draft}/publication")
    stage.never(f"version {script.number} is published twice", offers(again, "Publish version"))
    stage.tell(f"Lena publishes version {script.number}. From now on nobody can alter it.")


async def send_notices(stage: Stage, cast: Cast, script: Script, expected: int) -> None:
    """Waits until every notice was tried, and counts what was caught."""
    started = len(stage.letterbox.letters())
    sending = asyncio.create_task(stage.all_mail_out())
    with stage.narrator.watching("Notices", expected) as progress:
        while not sending.done():
            await asyncio.wait([sending], timeout=0.2)
            progress.reached(min(expected, len(stage.letterbox.letters()) - started))
    await sending
    mailed = notices(stage, script)
    addressees = {found[0] for letter in mailed if (found := TO.search(letter.raw))}
    stage.expect(f"notices of version {script.number} mailed", expected, len(mailed))
    stage.expect("members who were mailed it twice", 0, len(mailed) - len(addressees))
    stage.tell(
        f"{len(mailed):,} of {len(cast.everyone):,} members have the notice by mail, each with a link of their own."
    )


def notices(stage: Stage, script: Script) -> list[Letter]:
    """Every mail that tells of that version."""
    return [letter for letter in stage.letterbox.letters() if letter.campaign == f"{script.slug}-{script.number}"]


def offers(page: Page, label: str) -> bool:
    """Whether the page has a button with these words."""
    return any(form.button(label) for form in page.forms)


def _flat(words: str) -> str:
    return " ".join(words.split())

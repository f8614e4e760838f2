"""From a notice that was really mailed to the objection that a reply to it became."""

import asyncio
import email
import os
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parseaddr
from pathlib import Path

import pytest

from portal.actions.actor import Actor
from portal.actions.declaration import confirm_declaration_by_code
from portal.actions.objection import confirm_by_code
from portal.actions.terms import governing_terms
from portal.jobs import running
from portal.settings import Settings
from portal.store import connect, disconnect
from portal.store.answers import Confirmation, Objection, Way
from portal.store.declarations import Declaration
from portal.store.policies import Policy
from portal.store.replies import Reply
from portal.store.returned import HandledAs, ReturnedMail
from portal.web.clock import now
from tests.jobs.conftest import KEYS
from tests.support.clock import Clock
from tests.support.drafting import BY_MAIL, MARKETING, TEXT_1, TEXT_2, person, policy_of, published
from tests.support.relay import Received, ScriptedRelay
from tests.support.replies import PROGRAMS, Program, answered, gmail, outlook
from tests.support.world import make_member

MANAGE = Path(__file__).parents[2] / "manage.py"
ADDRESS = "m1@example.org"
CODE = re.compile(r"\b(\d{4}) (\d{4})\b")
# `mail receive` has no clock but the machine's.
STARTED = now() - timedelta(hours=2)


@pytest.fixture
def clock() -> Clock:
    return Clock(STARTED)


@pytest.fixture
async def policy(settings: Settings) -> AsyncIterator[Policy]:
    """A policy with one version, and a member of it."""
    await connect(settings.database)
    by = await person("Ann Author", STARTED)
    made = await policy_of(BY_MAIL, by=by, at=STARTED - timedelta(days=62))
    await publish(made, TEXT_1, STARTED - timedelta(days=61))
    await make_member(made, "m1", STARTED - timedelta(days=60), ADDRESS)
    yield made
    await disconnect()


async def publish(policy: Policy, text: str, at: datetime) -> None:
    author, approver = await person(f"A{at:%j%H} Author", at), await person(f"B{at:%j%H} Approver", at)
    await published(policy, text, by=author, approver=approver, at=at)


async def mailed(settings: Settings, clock: Clock, relay: ScriptedRelay) -> list[Received]:
    """All that the member got, after what is due has gone out."""
    async with running(settings, KEYS, clock) as jobs:
        await jobs.idle()
    return relay.to(ADDRESS)


async def received(settings: Settings, message: bytes, kind: str = "letter") -> None:
    """The company's mail server hands the message to `mail receive`, which takes it for that."""
    to = parseaddr(str(email.message_from_bytes(message)["To"]))[1]
    assert to.startswith("bounces+r-")
    given = {
        "PORTAL_DATABASE_URL": settings.database,
        "PORTAL_DATA": str(settings.data),
        "PORTAL_MAIL_FROM": settings.mail_from,
        "PORTAL_BOUNCE_ADDRESS": settings.bounce_address,
    }
    options = ("--sender", ADDRESS, "--recipient", to)
    piped = asyncio.subprocess.PIPE
    receiving = await asyncio.create_subprocess_exec(
        sys.executable, str(MANAGE), "mail", "receive", *options, stdin=piped, stdout=piped, env=os.environ | given
    )
    said, _ = await receiving.communicate(message)
    assert (receiving.returncode, said.decode().split(": ")[1]) == (0, f"{kind}\n")


def code_in(mail: Received) -> str:
    body = mail.message.get_body(("plain",))
    assert body is not None
    found = CODE.search(body.get_content())
    assert found is not None
    return found[1] + found[2]


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
async def test_a_reply_becomes_a_freeze_once_the_mailed_code_confirms_it(
    policy: Policy, settings: Settings, clock: Clock, relay: ScriptedRelay, program: Program
) -> None:
    await publish(policy, TEXT_1.replace(*MARKETING), STARTED)
    [notice] = await mailed(settings, clock, relay)
    before = now()
    await received(settings, program("I object to the changes.", answered(notice.content)))
    after = now()
    declared = await Declaration.get()
    assert before <= declared.received_at <= after
    assert await Objection.all().count() == 0
    clock.now = after + timedelta(minutes=1)
    [_, mail] = await mailed(settings, clock, relay)
    assert "by which you object to version 2" in str(mail.message.get_body(("plain",)))
    by, at = Actor("member", declared.member_id), clock.move(minutes=5)
    await confirm_declaration_by_code(declared.id, code_in(mail), keys=KEYS, by=by, at=at)
    objection = await Objection.get()
    assert (objection.received_at, objection.way, objection.closing) == (declared.received_at, Way.REPLY, False)
    asked = await governing_terms("m1", "privacy", "marketing", STARTED, at=clock.move(days=60))
    assert (asked.answer.version, str(asked.answer.basis)) == (1, "objection")
    assert "YOUR OBJECTION IS ON RECORD" in str((await mailed(settings, clock, relay))[-1].message)


@pytest.mark.parametrize("program", [gmail, outlook], ids=["gmail", "outlook"])
async def test_a_reply_that_closes_is_in_force_and_the_mailed_code_confirms_it(
    policy: Policy, settings: Settings, clock: Clock, relay: ScriptedRelay, program: Program
) -> None:
    await publish(policy, TEXT_2, STARTED)
    [notice] = await mailed(settings, clock, relay)
    before = now()
    await received(settings, program("Hiermit widerspreche ich den Änderungen.", answered(notice.content)))
    clock.now = now() + timedelta(minutes=1)
    objection = await Objection.get()
    assert before <= objection.received_at < clock.now
    assert objection.closing
    news = (await mailed(settings, clock, relay))[1:]
    [code] = [mail for mail in news if "to confirm the closing" in mail.message["Subject"]]
    by, at = Actor("member", objection.member_id), clock.move(minutes=5)
    await confirm_by_code(objection.id, code_in(code), keys=KEYS, by=by, at=at)
    assert (await Confirmation.get()).objection_id == objection.id


async def test_processes_that_take_in_replies_at_the_same_instant_file_one(
    policy: Policy, settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    await publish(policy, TEXT_2, STARTED)
    [notice] = await mailed(settings, clock, relay)
    same = gmail("I object.", answered(notice.content))
    other = outlook("I object to the changes.", answered(notice.content))
    await asyncio.gather(*(received(settings, raw) for raw in (same, same, other)))
    assert await Objection.all().count() == 1
    assert await ReturnedMail.all().count() == 2
    assert sorted(reply.refusal for reply in await Reply.all()) == ["", "already_objected"]
    clock.now = now() + timedelta(minutes=1)
    subjects = [mail.message["Subject"] for mail in (await mailed(settings, clock, relay))[1:]]
    assert len(subjects) == 3
    assert sum("to confirm the closing" in subject for subject in subjects) == 1


async def test_a_reply_is_known_by_the_address_it_goes_to_where_a_relay_replaced_the_message_id(
    policy: Policy, settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    await publish(policy, TEXT_1.replace(*MARKETING), STARTED)
    [notice] = await mailed(settings, clock, relay)
    changed = replace(answered(notice.content), message_id="<made-by-the-relay@relay.example>")
    await received(settings, gmail("I object.", changed))
    assert (await Declaration.get()).decided_at is None


async def test_a_late_reply_is_answered_once_by_a_mail_that_no_program_answers(
    policy: Policy, settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    clock.now = STARTED - timedelta(days=40)
    await publish(policy, TEXT_2, clock.now)
    [notice] = await mailed(settings, clock, relay)
    answers = answered(notice.content)
    await received(settings, gmail("I object.", answers))
    await received(settings, gmail("I object to the changes.", answers))
    assert await Objection.all().count() == await Declaration.all().count() == 0
    clock.now = now() + timedelta(minutes=1)
    [_, mail] = await mailed(settings, clock, relay)
    assert mail.message["Auto-Submitted"] == "auto-replied"
    assert mail.message["In-Reply-To"] == "<CAF-reply@mail.example.org>"
    text = mail.message.get_body(("plain",))
    assert text is not None
    assert "It came too late: your time to object ended on" in " ".join(text.get_content().split())
    assert [row.handled_at for row in await ReturnedMail.all()] == [None, None]


async def test_an_answer_that_a_program_wrote_becomes_nothing(
    policy: Policy, settings: Settings, clock: Clock, relay: ScriptedRelay
) -> None:
    await publish(policy, TEXT_1.replace(*MARKETING), STARTED)
    [notice] = await mailed(settings, clock, relay)
    raw = gmail("I object.", answered(notice.content))
    written = raw.replace(b"MIME-Version", b"Auto-Submitted: auto-replied\r\nMIME-Version", 1)
    await received(settings, written, "auto_reply")
    assert await Declaration.all().count() == 0
    assert (await ReturnedMail.get()).handled_as is HandledAs.IGNORED

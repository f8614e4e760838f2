"""A member looks at "My terms": a picture, the same as tables, questions without a preset answer, and switches."""

import re
from html.parser import HTMLParser

import pytest
from httpx2 import AsyncClient

from portal.actions.actor import SYSTEM, Actor
from portal.actions.consent import opt_out
from portal.actions.notice import record_bounce
from portal.actions.objection import confirm
from portal.actions.outcome import close_account
from portal.store.answers import ConfirmationWay, Consent, OptOut, Way
from portal.store.connections import transaction
from portal.store.members import Member
from portal.store.standings import known, opted_out
from tests.support.clock import Clock
from tests.support.forms import form_on
from tests.support.noticed import CLOSES_2, Noticed
from tests.support.objecting import closing, freezing
from tests.web.conftest import SignIn

HERE = "/account/terms"


@pytest.fixture
async def member(as_member: SignIn, noticed: Noticed) -> AsyncClient:
    return await as_member("m1")


class Cells(HTMLParser):
    """The text of every table row, by the table's id."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, list[str]] = {}
        self.table = ""
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.table = dict(attrs).get("id") or ""
            self.rows[self.table] = []
        elif tag == "tr" and self.table:
            self.rows[self.table].append("")
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self.table = ""
        elif tag == "tr":
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.table and self.inside:
            self.rows[self.table][-1] += f" {' '.join(data.split())}"


def table(page: str, name: str) -> list[str]:
    """The rows of the table as words, without its head."""
    reader = Cells()
    reader.feed(page)
    return [" ".join(row.split()) for row in reader.rows[name][1:]]


def question(noticed: Noticed) -> str:
    return f"answer-{noticed.version.id}-ai_training"


async def test_an_open_window_holds_marketing_back_and_says_until_when(member: AsyncClient) -> None:
    page = (await member.get(HERE)).text
    waits = next(row for row in table(page, "privacy-governed") if row.startswith("Marketing"))
    assert "all, since you joined on 10 January 2026, 01:00 Version 1 Yes You can still object to version 2" in waits
    assert "22 March 2026, 00:00 (Europe/Berlin)" in waits
    rest = next(row for row in table(page, "privacy-governed") if row.startswith("Service"))
    assert "Version 2 Yes Version 2 is in force for you." in rest
    assert "still to come" in table(page, "privacy-story")[0]


async def test_a_freeze_parts_the_data_and_the_picture(member: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    objection = await freezing(noticed, clock())
    clock.move(hours=3)
    page = (await member.get(HERE)).text
    rows = table(page, "privacy-governed")
    newer = next(i for i, row in enumerate(rows) if row.startswith("Marketing"))
    assert "after 2 March 2026, 10:00, and from now on Version 2 Yes" in rows[newer]
    assert rows[newer + 1].startswith("from joining on 10 January 2026, 01:00 until 2 March 2026, 10:00 Version 1 Yes")
    assert "You objected to version 2. It stays so until you take that back." in rows[newer + 1]
    assert f"{noticed.in_account}/objections/{objection.number}" in page
    assert page.count('fill="url(#privacy-desk-objection)"') == 1
    assert "Kept under an earlier version, since you objected" in page


async def test_the_picture_has_its_words_as_a_text_and_no_style_or_script(
    member: AsyncClient, noticed: Noticed
) -> None:
    page = (await member.get(HERE)).text
    for kind in ("desk", "phone"):
        assert f'role="img" aria-labelledby="privacy-{kind}-title" aria-describedby="privacy-{kind}-desc"' in page
        [said] = re.findall(rf'<desc id="privacy-{kind}-desc">(.*?)</desc>', page)
        assert "Marketing: collected all, since you joined on 10 January 2026, 01:00: Version 1, you can still" in said
    main = page[page.index("<main") :]
    assert not re.search(r"<script|<[^>]+\sstyle=|<[^>]+\son\w+=", main)


async def test_versions_stand_with_their_sendings_bounces_and_times(
    member: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    await record_bounce(noticed.member.id, noticed.version.id, by=SYSTEM, at=clock.move(hours=1))
    page = (await member.get(HERE)).text
    newest, joined = table(page, "privacy-versions")
    assert "1 March 2026, 10:05 to maria@example.org, came back 2 March 2026, 11:00" in newest
    assert "open, without an end yet" in newest
    assert joined.startswith("Version 1 5 January 2026, 10:00")
    said = next(row for row in table(page, "privacy-governed") if row.startswith("Marketing"))
    assert "a notice has yet to reach you" in said


async def test_a_closing_objection_holds_everything_and_its_day_is_ahead(
    member: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    objection = await closing(noticed, clock())
    by = Actor("member", noticed.member.id)
    await confirm(objection.id, way=ConfirmationWay.SIGN_IN, by=by, at=clock())
    page = (await member.get(HERE)).text
    [row] = table(page, "privacy-governed")
    assert "Version 1 Yes You objected to version 2, which closes your account." in row
    assert any("Your account falls due for closing still to come" in row for row in table(page, "privacy-story"))


async def test_everything_that_was_answered_stands_with_its_instant(
    as_member: SignIn, noticed: Noticed, clock: Clock
) -> None:
    by = Actor("member", noticed.member.id)
    await freezing(noticed, clock())
    await opt_out(noticed.member.id, "marketing", way=Way.LINK, by=by, at=clock.move(hours=1))
    clock.now = CLOSES_2
    page = (await (await as_member("m1")).get(HERE)).text
    story = table(page, "privacy-story")
    assert story[:3] == [
        "22 March 2026, 00:00 Your time to object to version 2 ended",
        "2 March 2026, 11:00 You opted out of Marketing",
        "2 March 2026, 10:00 You objected to version 2",
    ]
    assert story[-1] == "10 January 2026, 01:00 You joined, on version 1"
    marketing = [row for row in table(page, "privacy-governed") if "opted out" in row]
    assert len(marketing) == 2
    assert all(" No " in row for row in marketing)


async def test_a_question_has_no_answer_filled_in_and_wants_one(member: AsyncClient, noticed: Noticed) -> None:
    page = (await member.get(HERE)).text
    form = form_on(page, f"{HERE}/consents")
    assert form == {"question": [question(noticed)]}
    answer = await member.post(f"{HERE}/consents", data=form)
    assert answer.status_code == 422
    assert "Choose yes or no." in answer.text
    assert f'href="#{question(noticed)}"' in answer.text
    assert not await Consent.exists()


async def test_a_no_changes_nothing(member: AsyncClient, noticed: Noticed) -> None:
    await member.post(f"{HERE}/consents", data={"question": question(noticed), question(noticed): "no"})
    assert not await Consent.exists()
    page = (await member.get(HERE)).text
    assert "You said no to Ai Training. Nothing changes." in page
    assert question(noticed) in page


async def test_a_yes_lets_the_new_version_reach_old_data_and_the_question_is_gone(
    member: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    before = next(row for row in table((await member.get(HERE)).text, "privacy-governed") if "needs your yes" in row)
    assert "Version 1" in before
    data = {"question": question(noticed), question(noticed): "yes"}
    answers = [await member.post(f"{HERE}/consents", data=data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    consent = await Consent.get(member_id=noticed.member.id)
    assert (consent.version_id, consent.purpose, consent.way) == (noticed.version.id, "ai_training", Way.ACCOUNT)
    page = (await member.get(HERE)).text
    assert "needs your yes" not in page
    assert question(noticed) not in page
    assert "You said yes to Ai Training under version 2" in page


async def test_a_yes_after_an_opt_out_says_that_it_lifts_it_and_does(member: AsyncClient, noticed: Noticed) -> None:
    await member.post(f"{HERE}/opt-outs", data={"purpose": "ai_training", "turn": "out"})
    assert "It also lifts your opt-out." in (await member.get(HERE)).text
    await member.post(f"{HERE}/consents", data={"question": question(noticed), question(noticed): "yes"})
    assert await opted_out(noticed.member.id) == frozenset()
    standing = (await known(noticed.member.id, noticed.policy.id)).standing
    assert standing.consents == {"ai_training": 2}


async def test_switches_stop_and_allow_a_use(member: AsyncClient, noticed: Noticed) -> None:
    page = (await member.get(HERE)).text
    assert "Opt out of Marketing" in page
    answer = await member.post(f"{HERE}/opt-outs", data={"purpose": "marketing", "turn": "out"})
    assert answer.headers["location"] == f"{HERE}#switches"
    assert await opted_out(noticed.member.id) == {"marketing"}
    page = (await member.get(HERE)).text
    assert "Not used, since you opted out" in page
    await member.post(f"{HERE}/opt-outs", data={"purpose": "marketing", "turn": "in"})
    assert await opted_out(noticed.member.id) == frozenset()
    assert (await member.post(f"{HERE}/opt-outs", data={"purpose": "service"})).status_code == 409


async def test_another_member_sees_their_own_only(
    member: AsyncClient, as_member: SignIn, noticed: Noticed, clock: Clock
) -> None:
    objection = await freezing(noticed, clock())
    other = await as_member("m2")
    page = (await other.get(HERE)).text
    assert objection.number not in page
    assert "maria@example.org" not in page
    assert "noah@example.net" in page
    await other.post(f"{HERE}/consents", data={"question": question(noticed), question(noticed): "yes"})
    assert not await Consent.exists(member_id=noticed.member.id)


async def test_nobody_and_a_closed_account_see_and_change_nothing(
    client: AsyncClient, member: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    posts = {
        "opt-outs": {"purpose": "marketing"},
        "consents": {"question": question(noticed), question(noticed): "yes"},
    }
    assert (await client.get(HERE)).headers["location"].startswith("/sign-in")
    for noun, form in posts.items():
        assert (await client.post(f"{HERE}/{noun}", data=form)).headers["location"].startswith("/sign-in")
    await close_account(noticed.member.id, by=SYSTEM, at=clock())
    assert (await member.get(HERE)).status_code == 410
    for noun, form in posts.items():
        assert (await member.post(f"{HERE}/{noun}", data=form)).status_code == 410
    assert not await Consent.exists()
    assert not await OptOut.exists()


async def test_a_member_under_no_policy_is_told_so(member: AsyncClient, as_member: SignIn, clock: Clock) -> None:
    async with transaction():
        await Member.create(external_id="alone", recorded_at=clock())
    page = (await (await as_member("alone")).get(HERE)).text
    assert "You are under none of our policies" in page

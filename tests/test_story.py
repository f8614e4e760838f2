"""The life of a change, over HTTP and SMTP: the demo's own story, played once, then looked at from behind."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tortoise import Tortoise

from bench.databases import Databases
from portal.actions.terms import governing_terms
from portal.demo.cast import Cast, cast_of
from portal.demo.clock import StoryClock
from portal.demo.people import REFERENCE, REFUSED, Person
from portal.demo.publishing import TO
from portal.demo.server import serving
from portal.demo.setting_up import STARTS_AT
from portal.demo.stage import Stage, set_stage
from portal.demo.story import Told, play
from portal.store.access import OneTimeCode
from portal.store.answers import Confirmation, ConfirmationWay, Consent, Objection, OptOut, Way
from portal.store.events import Event
from portal.store.members import Address, Member, Membership
from portal.store.notices import Bounce, Notice, NoticeState, Refusal, Sending, SendingState, Sight, SightWay
from portal.store.outbox import MailKind, OutgoingMail
from portal.store.outcomes import Closure, Settlement
from portal.store.policies import Version, VersionText
from tests.support.silent import Silent

# Played once: by one of the processes where the tests run in several.
pytestmark = pytest.mark.xdist_group("story")

MEMBERS = 40
LAST_SECOND = datetime(2026, 3, 22, 22, 59, 59, tzinfo=UTC)


@dataclass(frozen=True)
class Played:
    """The story after its end; everything still runs."""

    stage: Stage
    cast: Cast
    told: Told


@pytest.fixture(scope="module")
async def played(
    databases: Databases, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Played]:
    url = databases.make(like=migrated_template)
    clock, cast = StoryClock(STARTS_AT), cast_of(MEMBERS)
    data: Path = tmp_path_factory.mktemp("story")
    async with serving(data, clock, database_url=url) as app, set_stage(app, clock, Silent()) as stage:
        yield Played(stage, cast, await play(stage, cast))
    databases.drop(url)


async def member(person: Person) -> int:
    row = await Member.get(external_id=person.external_id)
    return int(row.id)


async def version(number: int, slug: str = REFERENCE) -> Version:
    return await Version.get(policy__slug=slug, number=number)


async def objections(person: Person, number: int = 2) -> list[Objection]:
    return await Objection.filter(member_id=await member(person), version_id=(await version(number)).id)


async def notice(person: Person, number: int = 2, slug: str = REFERENCE) -> Notice:
    return await Notice.get(member_id=await member(person), version_id=(await version(number, slug)).id)


async def row_counts() -> dict[str, int]:
    """How many rows each table has."""
    models = Tortoise.apps["portal"]
    return {name: await model.all().count() for name, model in models.items()}


async def test_everything_came_out_as_told(played: Played) -> None:
    assert [outcome for outcome in played.told.outcomes if not outcome.as_told] == []


async def test_every_member_is_on_the_version_that_was_newest_when_they_joined(played: Played) -> None:
    policy = (await version(1)).policy_id
    assert await Membership.filter(policy_id=policy).count() == MEMBERS
    assert await Membership.filter(policy_id=policy).exclude(joined_on=1).count() == 0


async def test_the_published_text_is_the_drafted_one_with_its_translation(played: Played) -> None:
    texts = await VersionText.filter(version_id=(await version(2)).id).order_by("authoritative").values_list("language")
    assert texts == [("de",), ("en",)]


async def test_the_author_is_not_the_approver(played: Played) -> None:
    for number in (2, 3):
        row = await version(number)
        assert (row.author, row.approver) == ("Lena Hofer", "Tomasz Brandt")


async def test_whoever_joined_before_is_owed_a_notice_and_nobody_else(played: Played) -> None:
    second, third = await version(2), await version(3)
    assert await Notice.filter(version_id=second.id).count() == MEMBERS
    assert await Notice.filter(version_id=third.id).count() == MEMBERS - 1
    assert not await Notice.exists(version_id=third.id, member_id=await member(played.cast.closers[0]))


async def test_no_mail_goes_out_twice(played: Played) -> None:
    caught = Counter((one.campaign, TO.findall(one.raw)[0]) for one in played.stage.letterbox.letters() if one.campaign)
    assert [key for key, count in caught.items() if count > 1] == []
    accepted = Counter(await Sending.filter(state=SendingState.ACCEPTED).values_list("notice_id", flat=True))
    assert set(accepted.values()) == {1}
    assert len({one.message["Message-ID"] for one in played.stage.letterbox.letters()}) == played.told.mails


async def test_what_was_caught_is_what_the_database_says_was_accepted(played: Played) -> None:
    sendings = await Sending.filter(state=SendingState.ACCEPTED).count()
    others = await OutgoingMail.filter(state=SendingState.ACCEPTED).count()
    assert played.told.mails == sendings + others
    assert await OutgoingMail.exclude(state=SendingState.ACCEPTED).count() == 0


async def test_two_members_with_one_address_have_a_mail_and_a_link_each(played: Played) -> None:
    first, second = played.cast.sharing
    assert first.address == second.address
    links = {played.stage.notice_to(person, REFERENCE, 2).link("/n/") for person in (first, second)}
    assert len(links) == 2
    assert len(await objections(first)) == 1
    assert await objections(second) == []


async def test_objections_to_marketing_freeze_and_the_account_stays_open(played: Played) -> None:
    for person in played.cast.freezers:
        [objection] = await objections(person)
        assert not objection.closing
        assert objection.way is Way.LINK
        assert objection.withdrawn_at is None
        assert await Settlement.exists(objection_id=objection.id)
        assert not await Closure.exists(member_id=objection.member_id)


async def test_objections_to_the_service_are_confirmed_with_the_mailed_code(played: Played) -> None:
    for person in played.cast.closers:
        [objection] = await objections(person)
        assert objection.closing
        [confirmation] = await Confirmation.filter(objection_id=objection.id)
        assert confirmation.way is ConfirmationWay.CODE
        assert (await OneTimeCode.get(objection_id=objection.id)).tries == 2  # a wrong one was tried first


async def test_one_account_is_closed_and_none_without_a_confirmation(played: Played) -> None:
    [closure] = await Closure.all()
    assert closure.member_id == await member(played.cast.closers[0])
    assert await Confirmation.exists(objection_id=closure.objection_id)
    [unconfirmed] = await objections(played.cast.unconfirmed)
    assert unconfirmed.closing
    assert not await Confirmation.exists(objection_id=unconfirmed.id)


async def test_the_last_second_counts_and_the_next_one_does_not(played: Played) -> None:
    [objection] = await objections(played.cast.last_second)
    assert objection.received_at == LAST_SECOND
    assert (await notice(played.cast.last_second)).closes_at == datetime(2026, 3, 22, 23, 0, tzinfo=UTC)
    assert await objections(played.cast.late) == []


async def test_an_objection_taken_back_is_no_longer_in_force(played: Played) -> None:
    [objection] = await objections(played.cast.withdrawer)
    assert objection.withdrawn_at == datetime(2026, 3, 9, 16, 45, tzinfo=UTC)
    assert not await Settlement.exists(objection_id=objection.id)


async def test_a_letter_counts_by_its_arrival(played: Played) -> None:
    [objection] = await objections(played.cast.by_letter)
    assert objection.way is Way.LETTER
    assert objection.received_at < LAST_SECOND < objection.recorded_at


async def test_a_bounce_leaves_the_version_in_effect_and_the_window_without_an_end(played: Played) -> None:
    found = await notice(played.cast.bounced)
    assert await Bounce.filter(sending__notice_id=found.id).count() == 1
    assert found.effective_at == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert found.closes_at is None


async def test_a_refused_address_begins_nothing_until_it_is_corrected(played: Played) -> None:
    found = await notice(played.cast.refused)
    assert await Refusal.filter(notice_id=found.id).count() == 1
    assert found.state is NoticeState.ACCEPTED
    assert found.effective_at == datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
    # Sent on 10 March, the twentieth day is the 30th, and summer time has begun in Berlin.
    assert found.closes_at == datetime(2026, 3, 30, 22, 0, tzinfo=UTC)
    addresses = await Address.filter(member_id=found.member_id).order_by("id").values_list("address", flat=True)
    assert [address.startswith(REFUSED) for address in map(str, addresses)] == [True, False]
    assert played.stage.letterbox.to(played.cast.refused.address) == []


async def test_a_mail_scanner_that_opens_every_link_leaves_no_trace(played: Played) -> None:
    scanned = await member(played.cast.scanned)
    assert not await Event.exists(actor=f"member:{scanned}")
    assert not await Objection.exists(member_id=scanned)
    assert not await OptOut.exists(member_id=scanned)
    assert not await Sight.exists(member_id=scanned)


async def test_opening_pages_changes_nothing(played: Played) -> None:
    before = await row_counts()
    for person in (played.cast.silent, played.cast.unconfirmed, played.cast.freezers[0], played.cast.bounced):
        used, page = await played.stage.opened_notice(person, REFERENCE, 2)
        for link in page.links:
            if link.href.startswith("/"):
                inner = await used.open(link.href)
                assert inner.status == 200
                for deeper in inner.links:
                    if deeper.href.startswith(("/n/", "/opt-out/")):
                        await used.open(deeper.href)
    assert await row_counts() == before


async def test_opting_out_is_recorded_once_for_each_who_did(played: Played) -> None:
    cast = played.cast
    expected = {
        (await member(cast.opted_out), "marketing"),
        (await member(cast.mailbox), "marketing"),
        (await member(cast.licensee), "third_party_sharing"),
    }
    assert {(row.member_id, row.purpose) for row in await OptOut.all()} == expected
    assert await OptOut.all().count() == 3


async def test_only_the_one_who_said_yes_has_consented(played: Played) -> None:
    [consent] = await Consent.all()
    assert (consent.member_id, consent.purpose) == (await member(played.cast.desk[0]), "ai_training")


async def test_each_of_the_other_policies_tells_its_members_in_its_own_way(played: Played) -> None:
    cast = played.cast
    assert (await notice(cast.desk[0], 2, "help-desk")).state is NoticeState.POSTED
    assert (await notice(cast.cloud, 2, "cloud-crm")).state is NoticeState.POSTED
    assert (await notice(cast.licensee, 2, "crm")).state is NoticeState.ACCEPTED
    by_mail = await notice(cast.mailbox, 2, "mail-hosting")
    assert by_mail.state is NoticeState.ACCEPTED
    # Monday, 30 March: the thirtieth day was a Saturday.
    assert by_mail.closes_at == datetime(2026, 3, 30, 22, 0, tzinfo=UTC)
    signed_in = await Sight.filter(member_id=await member(cast.desk[0]))
    assert [sight.way for sight in signed_in] == [SightWay.ACCOUNT]


async def test_a_later_version_leaves_what_was_frozen_where_it_was(played: Played) -> None:
    person, now = played.cast.freezers[0], played.stage.clock()
    collected_at = datetime(2026, 2, 25, 10, 0, tzinfo=UTC)
    for asked_at in (LAST_SECOND, datetime(2026, 5, 31, tzinfo=UTC), now):
        said = await governing_terms(person.external_id, REFERENCE, "marketing", collected_at, at=asked_at)
        assert (said.answer.version, said.answer.basis) == (1, "objection")


async def test_each_answer_has_one_event_and_one_receipt(played: Played) -> None:
    filed = await Objection.all().count()
    assert await Event.filter(action="objection.filed").count() == filed
    assert await OutgoingMail.filter(kind=MailKind.RECEIPT).count() == filed
    assert await Event.filter(action="objection.confirmed").count() == len(played.cast.closers)
    assert await Event.filter(action="objection.withdrawn").count() == 1
    assert await Event.filter(action="account.closed").count() == 1
    assert await Event.filter(action="version.published").count() == 2


async def test_no_event_holds_an_address_or_a_name(played: Played) -> None:
    kept = " ".join([str(event.facts) for event in await Event.all()])
    private = [one for person in played.cast.everyone for one in (person.address, person.name) if one in kept]
    assert private == []
    assert "@" not in kept

"""Publishing: a version and a notice for everybody whom it concerns, or nothing."""

import asyncio
from datetime import datetime, timedelta

import pytest
from tortoise.exceptions import BaseORMException

from portal.actions.approve import approve
from portal.actions.consequences import consequences
from portal.actions.draft import DraftEdit, save_draft, start_draft
from portal.actions.policy import change_policy_defaults
from portal.actions.publish import publish
from portal.actions.purposes import Defaults
from portal.rules.changes import digest
from portal.rules.errors import RuleBroken
from portal.rules.policy import Channel, NoticeTerms
from portal.store.connections import transaction
from portal.store.drafts import Draft
from portal.store.members import Member
from portal.store.notices import Notice, NoticeState
from portal.store.outcomes import Closure
from portal.store.policies import Change, Classification, Policy, Version, VersionText
from portal.store.standings import known
from tests.support.drafting import (
    BY_MAIL,
    ON_SITE,
    TEXT_1,
    TEXT_2,
    TREATMENTS,
    Office,
    classified,
    drafted,
    office_with,
    person,
    policy_of,
    published,
)
from tests.support.world import DAY, JOINED, POSTED_1, POSTED_2, at, events, make_member

NEVER_ALTERED = [
    "UPDATE version SET summary = 'Nothing.'",
    "UPDATE version_text SET text = 'Anything goes.'",
    "UPDATE change SET key = 'other'",
    "UPDATE classification SET reason = 'None.'",
    "DELETE FROM classification",
    "DELETE FROM version_text",
]


@pytest.fixture
async def office(store: str) -> Office:
    return await office_with(BY_MAIL)


async def close(member: Member, received_at: datetime = JOINED + DAY) -> None:
    async with transaction():
        await Closure.create(member_id=member.id, received_at=received_at, recorded_at=received_at, sequence=0)


async def test_a_publication_writes_the_version_with_everything_that_belongs_to_it(office: Office) -> None:
    version = await office.publish()
    assert (version.number, version.posted_at, version.author, version.approver) == (
        2,
        POSTED_2,
        "Lena Hofer",
        "Tom Brandt",
    )
    text = await VersionText.get(version_id=version.id, authoritative=True)
    assert (text.text, text.digest, version.digest) == (TEXT_2, digest(TEXT_2), digest(TEXT_2))
    changes = await Change.filter(version_id=version.id).order_by("ordinal").prefetch_related("classifications")
    purposes = [row.purposes for row in await Classification.filter(change__version_id=version.id).order_by("id")]
    assert len(changes) == 3
    assert sorted(purposes) == [[], ["marketing"], ["service"]]
    assert (await Draft.get(id=version.draft_id)).published_as == 2
    [_, event] = await events("version.published")
    assert event.facts["digest"] == version.digest
    assert event.version_id == version.id


async def test_everybody_who_joined_before_and_is_still_there_is_owed_a_notice(office: Office) -> None:
    early = await make_member(office.policy, "early")
    closed = await make_member(office.policy, "closed")
    closing = await make_member(office.policy, "closed later")
    await close(closed)
    await close(closing, POSTED_2 + DAY)
    version = await office.publish()
    late = await make_member(office.policy, "late", POSTED_2)
    owed = await Notice.filter(version_id=version.id).order_by("member_id")
    assert [notice.member_id for notice in owed] == [early.id, closing.id]
    assert {(notice.state, notice.next_attempt_at, notice.effective_at) for notice in owed} == {
        (NoticeState.QUEUED, POSTED_2, None)
    }
    assert not await Notice.exists(member_id=late.id)
    [_, event] = await events("version.published")
    assert event.facts["notices"] == 2


async def test_members_who_joined_before_the_first_version_are_owed_it(store: str) -> None:
    lena, tom = await person("Lena Hofer", POSTED_1), await person("Tom Brandt", POSTED_1)
    policy = await policy_of(BY_MAIL, by=lena, at=POSTED_1 - DAY)
    member = await make_member(policy, joined_at=POSTED_1 - DAY)
    version = await published(policy, TEXT_1, by=lena, approver=tom, at=POSTED_1)
    assert version.comparison is None
    assert await Notice.exists(member_id=member.id, version_id=version.id)


async def test_without_mail_the_window_of_everybody_opens_and_is_counted_at_once(store: str) -> None:
    office = await office_with(ON_SITE)
    member = await make_member(office.policy)
    version = await office.publish()
    notice = await Notice.get(member_id=member.id, version_id=version.id)
    assert (notice.state, notice.next_attempt_at) == (NoticeState.POSTED, None)
    assert (notice.effective_at, notice.opens_at) == (POSTED_2, POSTED_2)
    assert notice.closes_at == at("2026-03-21 23:00")
    assert notice.counted["last_day"] == "2026-03-21"
    facts = await known(member.id, office.policy.id)
    window = facts.standing.window(facts.versions[1])
    assert (window.effective_at, window.opens_at, window.closes_at) == (POSTED_2, POSTED_2, notice.closes_at)


async def test_without_a_right_to_object_no_window_closes(store: str) -> None:
    office = await office_with(NoticeTerms(channels=frozenset({Channel.SITE}), objection_days=0))
    member = await make_member(office.policy)
    version = await office.publish()
    notice = await Notice.get(member_id=member.id, version_id=version.id)
    assert (notice.opens_at, notice.closes_at, notice.counted) == (POSTED_2, None, None)


async def test_a_purpose_to_be_told_of_is_mailed_although_mail_is_no_channel(store: str) -> None:
    office = await office_with(ON_SITE, ("marketing",))
    member = await make_member(office.policy)
    version = await office.publish()
    notice = await Notice.get(member_id=member.id, version_id=version.id)
    assert version.mailed
    assert (notice.state, notice.effective_at) == (NoticeState.QUEUED, POSTED_2)


async def test_a_version_that_touches_nothing_to_be_told_of_is_not_mailed(store: str) -> None:
    office = await office_with(ON_SITE, ("ai_training",))
    assert not (await office.publish()).mailed


async def test_an_unclassified_change_blocks(office: Office) -> None:
    draft = await drafted(office.policy, TEXT_2, by=office.lena, at=POSTED_2 - DAY)
    with pytest.raises(RuleBroken) as refused:
        await publish(draft.id, by=office.lena, at=POSTED_2)
    assert refused.value.code == "unclassified"
    assert len(refused.value.facts["changes"]) == 3  # type: ignore[arg-type]


async def test_nothing_is_published_without_an_approval(office: Office) -> None:
    draft = await classified(
        await drafted(office.policy, TEXT_2, by=office.lena, at=POSTED_2 - DAY), by=office.lena, at=POSTED_2 - DAY
    )
    with pytest.raises(RuleBroken) as refused:
        await publish(draft.id, by=office.lena, at=POSTED_2)
    assert refused.value.code == "not_approved"
    assert await Version.all().count() == 1


async def test_an_edit_after_the_approval_takes_it_away(office: Office) -> None:
    draft = await office.ready()
    await save_draft(draft.id, DraftEdit(summary="Hardly anything."), by=office.lena, at=POSTED_2 - DAY)
    with pytest.raises(RuleBroken) as refused:
        await publish(draft.id, by=office.lena, at=POSTED_2)
    assert refused.value.code == "not_approved"


async def test_an_approver_who_edits_afterwards_and_edits_back_has_not_approved(office: Office) -> None:
    draft = await office.ready()
    await save_draft(draft.id, DraftEdit(summary="Hardly anything."), by=office.tom, at=POSTED_2 - DAY)
    draft = await save_draft(draft.id, DraftEdit(summary="What is new."), by=office.lena, at=POSTED_2 - DAY)
    with pytest.raises(RuleBroken) as refused:
        await publish(draft.id, by=office.lena, at=POSTED_2)
    assert refused.value.code == "not_approved"


async def test_a_version_equal_to_the_one_in_force_is_refused(office: Office) -> None:
    draft = await drafted(office.policy, TEXT_1, by=office.lena, at=POSTED_2 - DAY)
    with pytest.raises(RuleBroken) as refused:
        await publish(draft.id, by=office.lena, at=POSTED_2)
    assert refused.value.code == "nothing_changed"


async def test_new_terms_alone_make_a_version_and_the_next_drafts_start(office: Office) -> None:
    longer = NoticeTerms(objection_days=30, zone="Europe/Berlin")
    draft = await start_draft(office.policy.id, by=office.lena, at=POSTED_2 - DAY)
    edit = DraftEdit(terms=longer, summary="More time to object.")
    draft = await save_draft(draft.id, edit, by=office.lena, at=POSTED_2 - DAY)
    await approve(draft.id, draft.digest, by=office.tom, at=POSTED_2 - DAY)
    version = await publish(draft.id, by=office.lena, at=POSTED_2)
    assert NoticeTerms.from_json(version.terms) == longer
    assert NoticeTerms.from_json((await Policy.get(id=office.policy.id)).terms) == longer
    assert NoticeTerms.from_json((await Version.get(number=1)).terms) == BY_MAIL


async def test_defaults_changed_while_a_draft_was_open_outlive_its_publication(office: Office) -> None:
    draft = await office.ready()
    later = Defaults(NoticeTerms(objection_days=40), TREATMENTS)
    await change_policy_defaults(office.policy.id, later, by=office.lena, at=POSTED_2 - DAY)
    await publish(draft.id, by=office.lena, at=POSTED_2)
    assert (await Policy.get(id=office.policy.id)).terms["objection_days"] == 40


async def test_a_version_is_posted_after_the_one_before(office: Office) -> None:
    draft = await office.ready()
    with pytest.raises(RuleBroken) as refused:
        await publish(draft.id, by=office.lena, at=POSTED_1)
    assert refused.value.code == "posted_too_early"
    assert (await Draft.get(id=draft.id)).published_as is None


@pytest.mark.parametrize("seconds", [0, 1])
async def test_a_version_is_posted_after_everybody_has_joined(office: Office, seconds: int) -> None:
    """Whoever was imported in that second, or while the publication waited, would never have heard of it."""
    await make_member(office.policy, joined_at=POSTED_2 + timedelta(seconds=seconds))
    draft = await office.ready()
    with pytest.raises(RuleBroken) as refused:
        await publish(draft.id, by=office.lena, at=POSTED_2)
    assert refused.value.code == "posted_too_early"
    await publish(draft.id, by=office.lena, at=POSTED_2 + timedelta(seconds=2))
    assert await Notice.all().count() == 1


async def test_publishing_twice_names_the_version(office: Office) -> None:
    version = await office.publish()
    with pytest.raises(RuleBroken) as refused:
        await publish(version.draft_id or 0, by=office.lena, at=POSTED_2 + DAY)
    assert refused.value.code == "draft_published"
    assert refused.value.facts["version"] == 2
    assert await Version.all().count() == 2


async def test_of_two_publications_at_once_one_publishes(office: Office) -> None:
    await make_member(office.policy)
    draft = await office.ready()
    outcomes = await asyncio.gather(
        *(publish(draft.id, by=office.lena, at=POSTED_2 + timedelta(seconds=i)) for i in range(4)),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["RuleBroken"] * 3 + ["Version"]
    assert {outcome.code for outcome in outcomes if isinstance(outcome, RuleBroken)} == {"draft_published"}
    assert await Version.all().count() == 2
    assert await Notice.all().count() == 1


@pytest.mark.parametrize("statement", NEVER_ALTERED)
async def test_the_database_refuses_to_alter_a_published_version(office: Office, statement: str) -> None:
    await office.publish()
    with pytest.raises(BaseORMException, match="never altered"):
        await executed(statement)


async def executed(statement: str) -> None:
    async with transaction() as connection:
        await connection.execute_query(statement)


async def test_the_database_refuses_a_version_that_nobody_approved(office: Office) -> None:
    draft = await classified(
        await drafted(office.policy, TEXT_2, by=office.lena, at=POSTED_2 - DAY), by=office.lena, at=POSTED_2 - DAY
    )
    first = await Version.get(number=1)
    columns = {name: getattr(first, name) for name in first._meta.db_fields if name != "id"}
    columns |= {"number": 2, "posted_at": POSTED_2, "draft_id": draft.id, "approver_id": office.tom.id}
    with pytest.raises(BaseORMException, match="second person approved"):
        await created(columns)


async def created(columns: dict[str, object]) -> None:
    async with transaction():
        await Version(**columns).save()


async def test_the_consequences_are_told_before(office: Office) -> None:
    await make_member(office.policy, "m1")
    await make_member(office.policy, "no address", address=None)
    await make_member(office.policy, "late", POSTED_2)
    draft = await office.ready()
    told = await consequences(draft.id, POSTED_2)
    assert (told.number, told.members, told.reachable, told.mailed) == (2, 2, 1, True)
    assert (told.freezes, told.closes, told.asks) == (("marketing",), ("service",), ())
    assert (told.changes, told.editorial) == (3, 1)
    assert told.closes_at == at("2026-03-21 23:00")
    assert told.ready


async def test_the_consequences_name_what_is_in_the_way(office: Office) -> None:
    draft = await start_draft(office.policy.id, by=office.lena, at=POSTED_2 - DAY)
    told = await consequences(draft.id, POSTED_2)
    assert [obstacle.code for obstacle in told.obstacles] == ["nothing_changed", "summary_wanted"]
    assert not told.ready

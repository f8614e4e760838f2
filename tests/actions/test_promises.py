"""The database itself refuses to alter what was published or received, whoever asks it."""

import importlib

import pytest
from tortoise.exceptions import IntegrityError

from portal.actions.actor import Actor
from portal.actions.consent import consent, opt_out
from portal.actions.declaration import drop_declaration
from portal.actions.declare import declare_consent
from portal.actions.notice import record_bounce, record_refusal, record_seen
from portal.actions.objection import confirm, file_objection, withdraw
from portal.actions.outcome import close_account, close_for_objection, settle_freeze
from portal.store.answers import ConfirmationWay, Consent, Objection, Way
from portal.store.connections import transaction
from portal.store.declarations import Declaration
from portal.store.drafts import Approval, Draft, DraftEditor
from portal.store.members import Address, Member, Profile, Remark
from portal.store.notices import Notice, Sending
from portal.store.policies import Version
from portal.store.staff import Staff
from tests.actions.conftest import OBJECTED, Told
from tests.support.world import CLOSES_2, DAY, POSTED_1, accept, make_member

promises = importlib.import_module("portal.store.migrations.0003_promises")
OPS = Actor("staff", 1)


async def draft_of(told: Told) -> Draft:
    author = await Staff.create(email="a@example.org", name="A", password="", roles=["legal"], created_at=POSTED_1)
    approver = await Staff.create(email="b@example.org", name="B", password="", roles=["approver"], created_at=POSTED_1)
    draft = await Draft.create(
        policy_id=told.policy.id,
        base=2,
        language="en",
        text="Text",
        summary="",
        terms={},
        treatments={},
        told_of=[],
        digest="sha256:d",
        author_id=author.id,
        created_at=OBJECTED,
        edited_at=OBJECTED,
    )
    await DraftEditor.create(draft_id=draft.id, staff_id=author.id, first_at=OBJECTED)
    await Approval.create(draft_id=draft.id, digest="sha256:d", staff_id=approver.id, approved_at=OBJECTED)
    return draft


@pytest.fixture
async def everything(told: Told) -> Told:
    """A row in every table that is never altered."""
    member, version = told.member.id, told.version.id
    async with transaction():
        await draft_of(told)
    await record_seen(member, version, by=told.by, at=OBJECTED)
    await record_bounce(member, version, by=OPS, at=OBJECTED, note="Mailbox full")
    await record_refusal(member, version, "5.1.1", by=OPS, at=OBJECTED)
    await consent(member, version, "ai_training", way=Way.ACCOUNT, by=told.by, at=OBJECTED)
    await opt_out(member, "marketing", way=Way.LINK, by=told.by, at=OBJECTED)
    freeze = await file_objection(member, version, ["c1"], way=Way.LINK, by=told.by, at=OBJECTED)
    await settle_freeze(freeze.id, by=OPS, at=OBJECTED)
    await withdraw(freeze.id, way=Way.LINK, by=told.by, at=OBJECTED)
    closing = await file_objection(member, version, ["c2"], way=Way.LINK, by=told.by, at=OBJECTED)
    await confirm(closing.id, way=ConfirmationWay.SIGN_IN, by=told.by, at=OBJECTED)
    await close_for_objection(closing.id, by=OPS, at=CLOSES_2 + 100 * DAY)
    return told


@pytest.mark.usefixtures("everything")
async def test_nothing_published_or_received_is_altered_or_deleted() -> None:
    for table, why in promises.NEVER_ALTERED.items():
        for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
            with pytest.raises(IntegrityError, match=why):
                async with transaction() as connection:
                    await connection.execute_query(statement)


@pytest.mark.usefixtures("everything")
async def test_what_is_owed_and_what_was_sent_is_never_deleted() -> None:
    for table in promises.PARTLY_ALTERED:
        with pytest.raises(IntegrityError):
            async with transaction() as connection:
                await connection.execute_query(f"DELETE FROM {table}")


async def test_a_notice_stays_whose_and_of_which_version_it_is(told: Told) -> None:
    changes = ["id = id + 100", "member_id = 99", "version_id = 99", "state = 'failed', recorded_at = NULL"]
    async with transaction() as connection:
        if connection.capabilities.dialect == "sqlite":
            changes += ["rowid = rowid + 100", "oid = oid + 100", "_rowid_ = _rowid_ + 100"]
    for change in changes:
        with pytest.raises(IntegrityError, match="what is owed is never altered"):
            async with transaction() as connection:
                await connection.execute_query(f"UPDATE notice SET {change} WHERE member_id = {told.member.id}")


async def test_an_accepted_sending_keeps_its_instant_and_address(told: Told) -> None:
    notice = await Notice.get(member_id=told.member.id, version_id=told.version.id)
    sending = await Sending.get(notice_id=notice.id)
    for change in ({"accepted_at": OBJECTED}, {"address_id": 99}, {"state": "failed", "accepted_at": None}):
        with pytest.raises(IntegrityError, match="accepted sending is never altered"):
            async with transaction():
                await Sending.filter(id=sending.id).update(**change)


async def test_a_second_sending_of_the_same_number_is_refused(told: Told) -> None:
    notice = await Notice.get(member_id=told.member.id, version_id=told.version.id)
    await accept(notice, OBJECTED)
    first = await Sending.filter(notice_id=notice.id).order_by("number").first()
    assert first is not None
    with pytest.raises(IntegrityError):
        async with transaction():
            await Sending.create(
                member_id=first.member_id,
                notice_id=first.notice_id,
                number=2,
                address_id=first.address_id,
                message_id="x",
                state="sending",
                started_at=OBJECTED,
            )


async def test_personal_data_can_be_blanked_and_not_otherwise_changed(told: Told) -> None:
    async with transaction():
        await Remark.create(member_id=told.member.id, text="Free text", recorded_at=OBJECTED)
    for model, column in ((Address, "address"), (Profile, "name"), (Remark, "text")):
        with pytest.raises(IntegrityError, match="only ever blanked"):
            async with transaction():
                await model.filter(member_id=told.member.id).update(**{column: "somebody else"})
        async with transaction():
            assert await model.filter(member_id=told.member.id).update(**{column: ""}) == 1


async def test_a_version_cannot_be_published_without_the_approval_of_its_draft(told: Told) -> None:
    async with transaction():
        draft = await draft_of(told)
    author, approver = await Staff.get(email="a@example.org"), await Staff.get(email="b@example.org")
    row = {
        "policy_id": told.policy.id,
        "number": 3,
        "language": "en",
        "digest": "sha256:3",
        "summary": "",
        "posted_at": OBJECTED,
        "recorded_at": OBJECTED,
        "terms": {},
        "treatments": {},
        "told_of": [],
        "author": "A",
        "approver": "B",
        "draft_id": draft.id,
        "mailed": True,
    }
    for wrong in (None, author.id):
        with pytest.raises(IntegrityError, match="as a second person approved it"):
            async with transaction():
                await Version.create(**row, approver_id=wrong)
    async with transaction():
        await Draft.filter(id=draft.id).update(digest="sha256:edited since")
    with pytest.raises(IntegrityError, match="as a second person approved it"):
        async with transaction():
            await Version.create(**row, approver_id=approver.id)


async def test_versions_are_numbered_and_posted_one_after_the_other(told: Told) -> None:
    row = {
        "policy_id": told.policy.id,
        "language": "en",
        "digest": "sha256:3",
        "summary": "",
        "recorded_at": OBJECTED,
        "terms": {},
        "treatments": {},
        "told_of": [],
        "author": "A",
        "approver": "B",
        "mailed": True,
    }
    for number, posted_at in ((4, OBJECTED), (3, POSTED_1), (3, told.version.posted_at)):
        with pytest.raises(IntegrityError):
            async with transaction():
                await Version.create(**row, number=number, posted_at=posted_at)


async def test_a_consent_by_link_without_a_confirmed_declaration_is_refused(told: Told) -> None:
    with pytest.raises(IntegrityError, match="counts once it is confirmed"):
        await consent(told.member.id, told.version.id, "ai_training", way=Way.LINK, by=told.by, at=OBJECTED)
    assert await Consent.all().count() == 0


async def test_of_a_declaration_only_the_decision_is_set_once(told: Told) -> None:
    declared = await declare_consent(
        told.member.id, told.version.id, "ai_training", way=Way.LINK, known_as=None, by=told.by, at=OBJECTED
    )
    assert declared is not None
    mine = Declaration.filter(id=declared.id)
    for change in ({"received_at": OBJECTED + DAY}, {"purpose": "marketing"}, {"number": "X"}):
        with pytest.raises(IntegrityError, match="only the decision is set, once"):
            async with transaction():
                await mine.update(**change)
    await drop_declaration(declared.id, by=told.by, at=OBJECTED)
    undecided: dict[str, object] = {"decided_at": None, "decided_as": None, "decided_sequence": None}
    for other in ({"decided_at": OBJECTED + DAY}, undecided):
        with pytest.raises(IntegrityError, match="only the decision is set, once"):
            async with transaction():
                await mine.update(**other)
    with pytest.raises(IntegrityError, match="only the decision is set, once"):
        async with transaction():
            await mine.delete()


async def test_a_declaration_is_open_or_decided_and_about_one_thing(told: Told) -> None:
    row = {
        "member_id": told.member.id,
        "version_id": told.version.id,
        "number": "N",
        "kind": "consent",
        "purpose": "ai_training",
        "way": Way.LINK,
        "received_at": OBJECTED,
        "recorded_at": OBJECTED,
        "sequence": 1,
    }
    for wrong in (
        {"decided_at": OBJECTED},
        {"purpose": ""},
        {"decided_at": OBJECTED, "decided_as": "confirmed", "decided_sequence": 2},
        {"decided_at": OBJECTED, "decided_as": "dropped", "decided_sequence": 2, "confirmed_by": "code"},
    ):
        with pytest.raises(IntegrityError):
            async with transaction():
                await Declaration.create(**row | wrong)
    async with transaction():
        await Declaration.create(**row)
    with pytest.raises(IntegrityError):
        async with transaction():
            await Declaration.create(**row | {"number": "M"})


async def test_a_declaration_is_about_an_objection_of_the_member_and_of_an_open_account(told: Told) -> None:
    other = await make_member(told.policy, "m2", told.version.posted_at - DAY)
    theirs = await objected_by(told, other)
    row = {
        "version_id": told.version.id,
        "number": "N",
        "kind": "withdrawal",
        "objection_id": theirs.id,
        "way": Way.LINK,
        "received_at": OBJECTED,
        "recorded_at": OBJECTED,
        "sequence": 1,
    }
    with pytest.raises(IntegrityError, match="about an objection of the member"):
        async with transaction():
            await Declaration.create(member_id=told.member.id, **row)
    await close_account(other.id, by=OPS, at=OBJECTED)
    with pytest.raises(IntegrityError, match="a closed account declares nothing"):
        async with transaction():
            await Declaration.create(member_id=other.id, **row)


async def test_an_objection_stands_again_only_as_it_was_received(told: Told) -> None:
    first = await file_objection(told.member.id, told.version.id, ["c1"], way=Way.LINK, by=told.by, at=OBJECTED)
    row = {
        "member_id": told.member.id,
        "version_id": told.version.id,
        "number": "N",
        "closing": False,
        "way": Way.LINK,
        "received_at": OBJECTED,
        "recorded_at": OBJECTED + DAY,
        "sequence": 1,
        "restores_id": first.id,
    }
    with pytest.raises(IntegrityError, match="stands again as it was received"):
        async with transaction():
            await Objection.create(**row)  # it was not taken back
    await withdraw(first.id, way=Way.LINK, by=told.by, at=OBJECTED)
    for wrong in ({"received_at": OBJECTED + DAY}, {"closing": True}):
        with pytest.raises(IntegrityError, match="stands again as it was received"):
            async with transaction():
                await Objection.create(**row | wrong)
    async with transaction():
        again = await Objection.create(**row)
    assert again.received_at == OBJECTED


async def test_an_objection_takes_the_place_only_of_one_that_was_taken_back(told: Told) -> None:
    other = await make_member(told.policy, "m2", told.version.posted_at - DAY)
    theirs = await objected_by(told, other)
    with pytest.raises(IntegrityError, match="taken back with it"):
        async with transaction():
            await Objection.create(
                member_id=told.member.id,
                version_id=told.version.id,
                number="N",
                closing=False,
                way=Way.LINK,
                received_at=OBJECTED,
                recorded_at=OBJECTED,
                sequence=1,
                amends_id=theirs.id,
            )


async def objected_by(told: Told, member: Member) -> Objection:
    async with transaction():
        await Notice.get_or_create(
            member_id=member.id,
            version_id=told.version.id,
            defaults={"state": "posted", "recorded_at": told.version.posted_at},
        )
    return await file_objection(member.id, told.version.id, ["c1"], way=Way.LINK, by=told.by, at=OBJECTED)


async def test_an_approval_by_an_editor_is_refused(told: Told) -> None:
    async with transaction():
        draft = await draft_of(told)
    author = await Staff.get(email="a@example.org")
    with pytest.raises(IntegrityError, match="who edited a draft cannot approve it"):
        async with transaction():
            await Approval.create(draft_id=draft.id, digest="sha256:d", staff_id=author.id, approved_at=OBJECTED)

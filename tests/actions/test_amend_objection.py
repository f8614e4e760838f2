"""Changing an objection: both halves in one transaction, or neither; and what becomes of one that is rejected."""

from collections.abc import Sequence

import pytest

from portal.actions.actor import Actor
from portal.actions.amendment import amend_objection
from portal.actions.objection import confirm, file_objection, withdraw
from portal.actions.outcome import close_account, close_for_objection
from portal.actions.rejection import reject_objection
from portal.actions.terms import governing_terms
from portal.rules.errors import RuleBroken
from portal.rules.governing import Basis
from portal.store.access import OneTimeCode
from portal.store.answers import Confirmation, ConfirmationWay, ObjectedChange, Objection, Way
from portal.store.connections import transaction
from portal.store.notices import Notice
from portal.store.outbox import MailKind, OutgoingMail
from tests.actions.conftest import OBJECTED, Told
from tests.support.world import CLOSES_2, DAY, JOINED, events

OPS = Actor("staff", 5)
LATER = OBJECTED + DAY


async def objects(told: Told, *keys: str) -> Objection:
    return await file_objection(told.member.id, told.version.id, keys, way=Way.LINK, by=told.by, at=OBJECTED)


async def amends(told: Told, objection: Objection, keys: Sequence[str], at: object = LATER) -> Objection:
    return await amend_objection(objection.id, keys, way=Way.LINK, by=told.by, at=at)  # type: ignore[arg-type]


async def keys_of(objection: Objection) -> set[str]:
    links = await ObjectedChange.filter(objection_id=objection.id).select_related("change")
    return {link.change.key for link in links}


async def basis(told: Told, purpose: str) -> Basis:
    asked = await governing_terms("m1", told.policy.slug, purpose, JOINED, at=LATER + DAY)
    return asked.answer.basis


async def in_force() -> Objection:
    return await Objection.get(withdrawn_at__isnull=True)


async def test_the_old_one_ends_as_the_new_one_is_received(told: Told) -> None:
    first = await objects(told, "c1")
    second = await amends(told, first, ["c2"])
    await first.refresh_from_db()
    assert (first.withdrawn_at, second.received_at, second.amends_id) == (LATER, LATER, first.id)
    assert await keys_of(second) == {"c2"}
    assert (second.closing, second.number != first.number) == (True, True)
    assert len(await events("objection.withdrawn")) == 1
    kinds = [mail.kind for mail in await OutgoingMail.all().order_by("id")]
    assert kinds == [MailKind.RECEIPT, MailKind.RECEIPT, MailKind.CODE]


async def test_one_that_closes_is_in_force_at_once_and_waits_for_its_confirmation(told: Told) -> None:
    second = await amends(told, await objects(told, "c1"), ["c1", "c2"])
    assert await basis(told, "service") is Basis.OBJECTION
    assert not await Confirmation.exists(objection_id=second.id)
    with pytest.raises(RuleBroken) as refused:
        await close_for_objection(second.id, by=OPS, at=CLOSES_2 + DAY)
    assert refused.value.code == "not_confirmed"


async def test_a_confirmation_is_not_carried_over(told: Told) -> None:
    first = await objects(told, "c2")
    await confirm(first.id, way=ConfirmationWay.SIGN_IN, by=told.by, at=OBJECTED)
    second = await amends(told, first, ["c1", "c2"])
    assert not await Confirmation.exists(objection_id=second.id)


@pytest.mark.parametrize(
    ("keys", "at", "code"),
    [
        (["c2"], CLOSES_2, "late"),
        (["c2", "c9"], LATER, "unknown_change"),
        (["c4"], LATER, "unknown_change"),
        (["c1"], LATER, "nothing_amended"),
    ],
)
async def test_where_the_second_half_is_refused_the_first_does_not_happen(
    told: Told, keys: list[str], at: object, code: str
) -> None:
    first = await objects(told, "c1")
    before = await OutgoingMail.all().count()
    with pytest.raises(RuleBroken) as refused:
        await amends(told, first, keys, at)
    assert refused.value.code == code
    await first.refresh_from_db()
    assert first.withdrawn_at is None
    assert await events("objection.withdrawn") == []
    assert await OutgoingMail.all().count() == before


async def test_where_the_database_refuses_the_second_half_the_first_is_undone(told: Told) -> None:
    """As if the window had closed while the rules were asked."""
    first = await objects(told, "c1")
    async with transaction():
        await Notice.filter(version_id=told.version.id).update(closes_at=OBJECTED + DAY / 2, opens_at=None)
        await Notice.filter(version_id=told.version.id).update(effective_at=None)
    with pytest.raises(RuleBroken) as refused:
        await amends(told, first, ["c2"])
    assert refused.value.code == "late"
    await first.refresh_from_db()
    assert first.withdrawn_at is None
    assert await Objection.all().count() == 1


async def test_no_changes_named_are_all(told: Told) -> None:
    second = await amends(told, await objects(told, "c1"), [])
    assert await keys_of(second) == {"c1", "c2"}


async def test_what_is_not_in_force_cannot_be_changed(told: Told) -> None:
    first = await objects(told, "c1")
    second = await amends(told, first, ["c2"])
    with pytest.raises(RuleBroken) as refused:
        await amends(told, first, ["c1", "c2"])
    assert refused.value.code == "no_objection"
    await close_account(told.member.id, by=OPS, at=LATER)
    with pytest.raises(RuleBroken) as refused:
        await amends(told, second, ["c1"])
    assert refused.value.code == "account_closed"


async def test_a_rejected_change_leaves_neither_half(told: Told) -> None:
    first = await objects(told, "c1")
    second = await amends(told, first, ["c2"])
    restored = await reject_objection(second.id, by=OPS, at=CLOSES_2 + 5 * DAY)
    assert restored is not None
    assert restored.id == (await in_force()).id
    assert (restored.received_at, restored.restores_id, restored.closing) == (OBJECTED, first.id, False)
    assert await keys_of(restored) == {"c1"}
    asked = await governing_terms("m1", told.policy.slug, "marketing", JOINED, at=CLOSES_2 + 6 * DAY)
    assert (asked.answer.version, asked.answer.basis) == (1, Basis.OBJECTION)
    assert (await events("objection.filed"))[-1].facts["purposes"] == ["marketing"]


async def test_what_was_confirmed_stands_again_confirmed(told: Told) -> None:
    first = await objects(told, "c2")
    await confirm(first.id, way=ConfirmationWay.CODE, by=told.by, at=OBJECTED)
    second = await amends(told, first, ["c1", "c2"])
    restored = await reject_objection(second.id, by=OPS, at=LATER + DAY)
    assert restored is not None
    again = await Confirmation.get(objection_id=restored.id)
    assert (again.received_at, again.way) == (OBJECTED, ConfirmationWay.CODE)
    assert await close_for_objection(restored.id, by=OPS, at=CLOSES_2)


async def test_a_chain_of_changes_is_rejected_link_by_link(told: Told) -> None:
    first = await objects(told, "c1")
    second = await amends(told, first, ["c2"])
    third = await amends(told, second, ["c1", "c2"])
    again_second = await reject_objection(third.id, by=OPS, at=LATER + DAY)
    assert again_second is not None
    assert await keys_of(again_second) == {"c2"}
    again_first = await reject_objection(again_second.id, by=OPS, at=LATER + DAY)
    assert again_first is not None
    assert (await keys_of(again_first), again_first.received_at) == ({"c1"}, OBJECTED)
    assert again_first.id == (await in_force()).id


async def test_one_that_took_no_place_is_rejected_alone(told: Told) -> None:
    only = await objects(told, "c2")
    assert await reject_objection(only.id, by=OPS, at=LATER) is None
    assert await Objection.filter(withdrawn_at__isnull=True).count() == 0


async def test_who_takes_the_change_back_objects_to_nothing(told: Told) -> None:
    second = await amends(told, await objects(told, "c1"), ["c2"])
    await withdraw(second.id, way=Way.LINK, by=told.by, at=LATER)
    assert await Objection.filter(withdrawn_at__isnull=True).count() == 0


async def test_what_is_confirmed_or_only_freezes_is_not_rejected(told: Told) -> None:
    first = await objects(told, "c1")
    with pytest.raises(RuleBroken) as refused:
        await reject_objection(first.id, by=OPS, at=LATER)
    assert refused.value.code == "nothing_to_confirm"
    second = await amends(told, first, ["c2"])
    await confirm(second.id, way=ConfirmationWay.SIGN_IN, by=told.by, at=LATER)
    with pytest.raises(RuleBroken) as refused:
        await reject_objection(second.id, by=OPS, at=LATER)
    assert refused.value.code == "confirmed"
    assert await OneTimeCode.filter(objection_id=second.id).count() == 1

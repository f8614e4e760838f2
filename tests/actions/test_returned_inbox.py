"""Ops finds the sending of a bounce that names none, and is done with what waits."""

from datetime import timedelta

import pytest

from portal.actions.inbox import mark_handled, name_bounce
from portal.rules.errors import RuleBroken
from portal.store.notices import Bounce, Sending
from portal.store.returned import (
    HandledAs,
    InboxPart,
    MatchedBy,
    ReturnedContent,
    ReturnedMail,
    ReturnedMatch,
    inbox_rows,
)
from tests.actions.conftest import Told
from tests.support.coming_back import AT, OPS, about_nothing, path, taken, window


async def test_ops_names_the_sending_of_a_bounce_once(told: Told, sending: Sending) -> None:
    row = (await taken(about_nothing())).returned
    done = await name_bounce(row.id, sending.id, "By its date.", by=OPS, at=AT + timedelta(days=1))
    assert (done.handled_as, done.staff_id) == (HandledAs.BOUNCE, 7)
    bounce = await Bounce.get(sending_id=sending.id)
    assert (bounce.received_at, bounce.recorded_at) == (AT, AT + timedelta(days=1))
    assert (await window(told)).closes_at is None
    assert (await ReturnedMatch.get(returned_id=row.id)).matched_by is MatchedBy.OPS
    assert (await ReturnedContent.get(returned_id=row.id)).note == "By its date."
    with pytest.raises(RuleBroken, match="done with this mail already"):
        await name_bounce(row.id, sending.id, "", by=OPS, at=AT + timedelta(days=1))
    with pytest.raises(RuleBroken, match="done with this mail already"):
        await mark_handled(row.id, "Again.", by=OPS, at=AT + timedelta(days=1))


async def test_a_sending_that_came_back_already_cannot_be_named_again(told: Told, sending: Sending) -> None:
    await taken(about_nothing(), path(sending.id))
    row = (await taken(about_nothing(status="5.0.0"))).returned
    with pytest.raises(RuleBroken) as refused:
        await name_bounce(row.id, sending.id, "", by=OPS, at=AT)
    assert (refused.value.code, refused.value.facts["field"]) == ("no_effect", "sending")
    assert (await ReturnedMail.get(id=row.id)).handled_at is None
    with pytest.raises(RuleBroken, match="Choose the sending"):
        await name_bounce(row.id, 999_999, "", by=OPS, at=AT)


async def test_what_waits_stands_first_the_oldest_on_top(told: Told, sending: Sending) -> None:
    rows = [(await taken(about_nothing(status=f"5.1.{number}"))).returned for number in range(4)]
    await mark_handled(rows[1].id, "Nobody we know.", by=OPS, at=AT)
    await mark_handled(rows[0].id, "Nobody we know.", by=OPS, at=AT)
    ids = [rows[i].id for i in (2, 3, 1, 0)]
    assert [row.id for row in await inbox_rows(InboxPart.BOUNCES, 0, 10)] == ids
    pages = [await inbox_rows(InboxPart.BOUNCES, first, 1) for first in range(5)]
    assert [row.id for page in pages for row in page] == ids
    assert [row.id for row in await inbox_rows(InboxPart.BOUNCES, 1, 2)] == ids[1:3]
    assert await inbox_rows(InboxPart.LETTERS, 0, 10) == []

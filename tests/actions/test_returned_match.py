"""Which mail of ours came back is believed by its token, or by a whole Message-ID; never by an address alone."""

import pytest

from portal.store.connections import transaction
from portal.store.notices import Bounce, Sending
from portal.store.outbox import MailKind, OutgoingMail
from portal.store.returned import (
    HandledAs,
    MatchedBy,
    ReturnedContent,
    ReturnedKind,
    ReturnedMatch,
)
from tests.actions.conftest import Told
from tests.support import came_back as texts
from tests.support.coming_back import AT, FORGED, about_nothing, path, taken, window
from tests.support.world import JOINED, accept, make_member


@pytest.mark.parametrize("token", [FORGED, texts.TOKEN[:11] + "0", "000000000000"])
async def test_a_return_path_with_a_guessed_token_is_not_believed(told: Told, sending: Sending, token: str) -> None:
    row = (await taken(about_nothing(), path(sending.id, token))).returned
    assert (row.kind, row.handled_at) == ("unknown_bounce", None)
    assert (await window(told)).closes_at is not None
    assert not await Bounce.exists(sending_id=sending.id)
    assert not await ReturnedMatch.exists()


async def test_the_right_token_of_another_sending_is_not_believed(told: Told, sending: Sending) -> None:
    other = await accept(await window(told), AT)
    row = (await taken(about_nothing(), path(other.id))).returned
    assert row.kind is ReturnedKind.UNKNOWN_BOUNCE


async def test_an_address_alone_names_no_sending(told: Told, sending: Sending) -> None:
    row = (await taken(about_nothing())).returned
    assert (row.kind, row.handled_at) == ("unknown_bounce", None)
    assert (await ReturnedContent.get(returned_id=row.id)).recipient == "maria@example.org"
    assert not await Bounce.exists(sending_id=sending.id)


@pytest.mark.parametrize(
    "headers",
    [
        f"Message-ID: {texts.MESSAGE_ID}\n",
        f"Message-ID: <made-by-the-relay@relay.example>\nX-Notice-Id: {texts.TOKEN}\n",
    ],
    ids=["Message-ID", "X-Notice-Id"],
)
async def test_without_a_return_path_the_returned_headers_name_it(told: Told, sending: Sending, headers: str) -> None:
    elsewhere = (await taken(texts.dsn(headers=headers, to="bounces@example.com"))).returned
    assert elsewhere.kind is ReturnedKind.UNKNOWN_BOUNCE
    row = (await taken(texts.dsn(headers=headers, to="bounces@example.com", recipient="M1@example.org"))).returned
    assert (row.kind, row.handled_as) == ("bounce", HandledAs.RECORDED)
    assert (await ReturnedMatch.get(returned_id=row.id)).matched_by is MatchedBy.MESSAGE_ID
    assert await Bounce.exists(sending_id=sending.id)


async def test_an_alias_behind_the_address_is_known_by_the_header_to(told: Told, sending: Sending) -> None:
    headers = f"To: Maria <m1@example.org>\nMessage-ID: {texts.MESSAGE_ID}\n"
    raw = texts.dsn(headers=headers, to="bounces@example.com", recipient="behind@elsewhere.example")
    assert (await taken(raw)).returned.handled_as is HandledAs.RECORDED


async def test_the_message_id_of_another_member_is_not_believed(told: Told, sending: Sending) -> None:
    await make_member(told.policy, "m2", JOINED, "m2@example.org")
    headers = f"To: m2@example.org\nMessage-ID: {texts.MESSAGE_ID}\n"
    row = (await taken(texts.dsn(headers=headers, to="bounces@example.com", recipient="m2@example.org"))).returned
    assert row.kind is ReturnedKind.UNKNOWN_BOUNCE


async def test_the_envelopes_id_names_it(told: Told, sending: Sending) -> None:
    row = (await taken(about_nothing(envelope_id=f"s{sending.id}-{texts.TOKEN[:12]}"))).returned
    assert (row.kind, row.handled_as) == ("bounce", HandledAs.RECORDED)


async def test_a_bounce_of_another_mail_waits_for_ops_with_its_member(told: Told, sending: Sending) -> None:
    async with transaction():
        mail = await OutgoingMail.create(
            kind=MailKind.RECEIPT,
            member_id=told.member.id,
            address_id=sending.address_id,
            about={},
            state="accepted",
            next_attempt_at=AT,
            message_id=f"<{'cd' * 16}@example.com>",
            created_at=AT,
        )
    row = (await taken(about_nothing(), path(mail.id, "cd" * 6, "m"))).returned
    assert (row.kind, row.handled_at) == ("mail_bounce", None)
    match = await ReturnedMatch.get(returned_id=row.id)
    assert (match.member_id, match.mail_id, match.sending_id) == (told.member.id, mail.id, None)
    assert (await window(told)).closes_at is not None
    wrong = (await taken(about_nothing(status="5.7.1"), path(mail.id, FORGED, "m"))).returned
    assert wrong.kind is ReturnedKind.UNKNOWN_BOUNCE

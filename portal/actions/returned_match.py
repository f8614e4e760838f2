"""Which mail of ours a message names. A row's number can be guessed, so its token has to be right, too."""

from dataclasses import dataclass
from hmac import compare_digest

from portal.mail.compose import token_in
from portal.mail.returned import Names, Verp
from portal.store.contacts import address_digest
from portal.store.members import Address
from portal.store.notices import Sending
from portal.store.outbox import OutgoingMail
from portal.store.returned import MatchedBy

MOST_MEMBERS = 100
VERP_TOKEN = 12
"""So many characters of the Message-ID's random part stand in a return path (`portal/jobs`)."""


@dataclass(frozen=True, slots=True)
class Match:
    """The mail of ours, and how it is known."""

    row: Sending | OutgoingMail
    by: MatchedBy

    @property
    def sending(self) -> Sending | None:
        return self.row if isinstance(self.row, Sending) else None

    @property
    def member_id(self) -> int | None:
        return self.row.member_id


async def match_of(names: Names) -> Match | None:
    """The first name that is right: by the return path, else by a whole Message-ID. An address alone names nothing."""
    for verp in names.verps:
        row = await _by_verp(verp)
        if row is not None:
            return Match(row, MatchedBy.RETURN_PATH)
    row = await _by_message_id(names)
    return Match(row, MatchedBy.MESSAGE_ID) if row is not None else None


async def _by_verp(verp: Verp) -> Sending | OutgoingMail | None:
    row: Sending | OutgoingMail | None
    if verp.kind == "s":
        row = await Sending.get_or_none(id=verp.id)
    else:
        row = await OutgoingMail.get_or_none(id=verp.id)
    return row if row is not None and _is_token(verp.token, row.message_id) else None


async def _by_message_id(names: Names) -> Sending | OutgoingMail | None:
    """Among the sendings to whoever ever gave one of the addresses: an index by Message-ID would slow every sending."""
    ids = list(names.message_ids)
    if not ids:
        return None
    digests = [address_digest(one) for one in names.addresses]
    given = await Address.filter(digest__in=digests).distinct().limit(MOST_MEMBERS).values_list("member_id", flat=True)
    return (
        await Sending.filter(member_id__in=list(given), message_id__in=ids).order_by("-id").first()
        or await OutgoingMail.filter(message_id__in=ids).order_by("-id").first()
    )


def _is_token(given: str, message_id: str) -> bool:
    """In constant time: how far a wrong guess was right must not show."""
    token = token_in(message_id)[:VERP_TOKEN].lower()
    return len(token) == VERP_TOKEN and compare_digest(given.encode(), token.encode())

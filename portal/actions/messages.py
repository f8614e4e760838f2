"""The messages of one version, made from skeletons: one a language, for readers with a name and without, and a day."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import structlog

from portal.actions.notice_letter import notice_letter, notice_links
from portal.keys import Keys
from portal.mail.compose import LONGEST_NAME, Letter, Recipient, Sender, compose, one_lines
from portal.mail.language import spoken
from portal.mail.skeleton import NoSkeleton, Skeleton, skeleton
from portal.mail.told import Told
from portal.rules.policy import DayCount
from portal.store.owed_batch import OwedNotice

log = structlog.get_logger("portal.actions")
MOST_SKELETONS = 200
TOKEN_BYTES = 16

Kind = tuple[str, bool, datetime | None]
"""What makes one skeleton serve: the reader's language, whether they have a name, and the end of their window."""


class Messages:
    """Makes each member's message. It depends on the day; where a window runs by the second, on the minute."""

    def __init__(self, told: Told, keys: Keys, sender: Sender) -> None:
        self._told, self._keys, self._sender = told, keys, sender
        self._skeletons: dict[object, Skeleton | None] = {}
        self._asked, self._until = told.posted_at, self._same_until(told.posted_at)

    def made(
        self, owed: Sequence[OwedNotice], recipients: Sequence[str], tokens: Sequence[str], at: datetime
    ) -> list[bytes]:
        """The messages to some members, dated `at` (UTC), as they go over the wire: no line begins with a dot.

        For each member, and at least one: what is owed, the address in ASCII, and the random part of the Message-ID.

        Each step is taken for all of them before the next one, which takes a processor less than one message after the
        other. Raises what a broken template raises.
        """
        _ids, members, versions, ends, languages, epochs, given, *_ = zip(*owed, strict=True)
        names = one_lines(given, LONGEST_NAME)
        links = notice_links(list(zip(members, versions, epochs, strict=True)), keys=self._keys, at=at)
        to, kinds = list(zip(recipients, names, strict=True)), list(zip(languages, map(bool, names), ends, strict=True))
        if kinds.count(kinds[0]) == len(kinds):
            return self._alike(kinds[0], to, tokens, links, at)
        made = [b""] * len(owed)
        for kind in dict.fromkeys(kinds):
            places = [place for place, one in enumerate(kinds) if one == kind]
            own = {slot: [column[place] for place in places] for slot, column in links.items()}
            alike = self._alike(kind, [to[place] for place in places], [tokens[place] for place in places], own, at)
            for place, message in zip(places, alike, strict=True):
                made[place] = message
        return made

    def _alike(
        self,
        kind: Kind,
        to: Sequence[tuple[str, str]],
        tokens: Sequence[str],
        links: Mapping[str, Sequence[str]],
        at: datetime,
    ) -> list[bytes]:
        """Those that one skeleton serves, if there is any; `to`: the address and the name of each."""
        language, _named, closes_at = kind
        first = Recipient(*to[0], language)
        found = self._skeleton(kind, first, {slot: column[0] for slot, column in links.items()}, at)
        if found is not None:
            return found.filled(to, tokens, at, links)
        return [
            compose(
                self._letter(closes_at, at, token, dict(zip(links, own, strict=True))),
                self._sender,
                Recipient(address, name, language),
                self._id(token),
                at,
            )
            for (address, name), token, *own in zip(to, tokens, *links.values(), strict=True)
        ]

    def _skeleton(self, kind: Kind, reader: Recipient, links: Mapping[str, str], at: datetime) -> Skeleton | None:
        if at != self._asked:
            self._asked = at
            if (until := self._same_until(at)) != self._until:
                self._until = until
                self._skeletons.clear()
        language, named, closes_at = kind
        key = (spoken(language), named, closes_at)
        if key not in self._skeletons:
            if len(self._skeletons) >= MOST_SKELETONS:
                self._skeletons.clear()
            self._skeletons[key] = self._compiled(closes_at, reader, links, at)
        return self._skeletons[key]

    def _compiled(
        self, closes_at: datetime | None, to: Recipient, links: Mapping[str, str], at: datetime
    ) -> Skeleton | None:
        try:
            return skeleton(partial(self._letter, closes_at, at), links, self._sender, to, at)
        except NoSkeleton as reason:
            log.warning("no_skeleton", kind="notice", why=str(reason))
            return None

    def _letter(self, closes_at: datetime | None, at: datetime, token: str, links: Mapping[str, object]) -> Letter:
        return notice_letter(self._told, closes_at, links, sender=self._sender, token=token, at=at)

    def _same_until(self, at: datetime) -> datetime:
        """Up to when a message says the same as one of `at`."""
        terms = self._told.terms
        if terms.day_count is DayCount.ELAPSED:
            return at.replace(second=0, microsecond=0) + timedelta(minutes=1)
        local = at.astimezone(ZoneInfo(terms.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
        return local + timedelta(days=1)

    def _id(self, token: str) -> str:
        return self._sender.message_id(token)


def new_tokens(count: int) -> list[str]:
    """So many random parts of Message-IDs, each of 128 bits; the system's source is asked once."""
    drawn, length = secrets.token_hex(TOKEN_BYTES * count), 2 * TOKEN_BYTES
    return [drawn[at : at + length] for at in range(0, len(drawn), length)]

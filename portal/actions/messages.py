"""The messages of one version, made from skeletons: one a language, for readers with a name and without, and a day."""

import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from zoneinfo import ZoneInfo

import structlog

from portal.actions.notice_letter import notice_letter, notice_links
from portal.keys import Keys
from portal.mail.compose import LONGEST_NAME, Letter, Recipient, Sender, compose, one_line
from portal.mail.language import spoken
from portal.mail.skeleton import NoSkeleton, Skeleton, skeleton
from portal.mail.told import Told
from portal.rules.policy import DayCount
from portal.store.notices import Sending
from portal.store.owed_batch import OwedNotice

log = structlog.get_logger("portal.actions")
MOST_SKELETONS = 200
TOKEN_BYTES, DRAWN = 16, 64


class Messages:
    """Makes each member's message. It depends on the day; where a window runs by the second, on the minute."""

    def __init__(self, told: Told, keys: Keys, sender: Sender) -> None:
        self._told, self._keys, self._sender = told, keys, sender
        self._skeletons: dict[object, Skeleton | None] = {}
        self._asked, self._until = told.posted_at, self._same_until(told.posted_at)

    def made(self, owed: OwedNotice, recipient: str, token: str, at: datetime) -> tuple[bytes, str]:
        """The message to the member, dated `at` (UTC), as it goes over the wire (no line begins with a dot), and the
        digest of its bytes. Raises what a broken template raises."""
        name = one_line(owed.name, LONGEST_NAME)
        links = notice_links(owed, keys=self._keys, at=at)
        found = self._skeleton(owed, name, links, at)
        if found is not None:
            content = found.filled(recipient, name, token, at, links)
        else:
            to = Recipient(recipient, name, owed.language)
            content = compose(self._letter(owed.closes_at, at, token, links), self._sender, to, self._id(token), at)
        return content, sha256(content).hexdigest()

    def _skeleton(self, owed: OwedNotice, name: str, links: Mapping[str, str], at: datetime) -> Skeleton | None:
        if at != self._asked:
            self._asked = at
            if (until := self._same_until(at)) != self._until:
                self._until = until
                self._skeletons.clear()
        key = (spoken(owed.language), bool(name), owed.closes_at)
        if key not in self._skeletons:
            if len(self._skeletons) >= MOST_SKELETONS:
                self._skeletons.clear()
            to = Recipient(owed.address, name, owed.language)
            self._skeletons[key] = self._compiled(owed.closes_at, to, links, at)
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


def token_of(repeated: Sending) -> str:
    """The random part of the Message-ID of a sending that is tried again."""
    return repeated.message_id.strip("<>").partition("@")[0]


def new_tokens() -> Iterator[str]:
    """Random parts of Message-IDs, each of 128 bits; the system's source is asked once for many."""
    while True:
        drawn = secrets.token_hex(TOKEN_BYTES * DRAWN)
        yield from [drawn[at : at + 2 * TOKEN_BYTES] for at in range(0, len(drawn), 2 * TOKEN_BYTES)]

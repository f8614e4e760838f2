"""A life of the portal, and what is known of it beside the portal."""

import gc
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from anyio.from_thread import start_blocking_portal
from httpx2 import AsyncClient, Response
from hypothesis.stateful import RuleBasedStateMachine

from bench.databases import Databases
from portal.actions.actor import Actor
from portal.rules.scenario_file import Event
from tests.stateful.answered import Declared, Filed, Place
from tests.stateful.driven import Driven, driven
from tests.stateful.promised import Promised, RuledPolicy
from tests.support.relay import Received


class Known(RuleBasedStateMachine):
    """One life: a fresh database, the application on it, and what the rules promise."""

    databases: ClassVar[Databases]
    template: ClassVar[str]
    folder: ClassVar[Path]

    author: Actor
    approver: Actor

    def __init__(self) -> None:
        super().__init__()
        self.promised = Promised()
        self.filed: dict[Place, Filed] = {}
        self.declared: list[Declared] = []
        self.consented: set[tuple[Place, str]] = set()
        self.mails: defaultdict[Place, list[Received]] = defaultdict(list)
        self.touched: set[str] = set()
        self.steps = 0
        self._stack = ExitStack()
        self._loop = self._stack.enter_context(start_blocking_portal())
        url = self.databases.make(like=self.template)
        self._stack.callback(self.databases.drop, url)
        running = driven(url, self.folder / url.rpartition("/")[2])
        self.portal: Driven = self._stack.enter_context(self._loop.wrap_async_context_manager(running))

    def teardown(self) -> None:
        self._stack.close()
        gc.unfreeze()  # the jobs of each life froze what there was

    def act(self, deed: Callable[..., Awaitable[None]], *given: Any) -> None:
        """Does it, and lets follow what follows by itself: mails, and what servers say to them."""
        self._loop.call(self._acted, deed, *given)

    async def _acted(self, deed: Callable[..., Awaitable[None]], *given: Any) -> None:
        await deed(*given)
        await self.mails_go_out()

    async def mails_go_out(self) -> None:
        """At the hour that it is: what servers say happens now."""
        for said, mail in await self.portal.mailed():
            policy, number = self.of_row(said.version or 0)
            self.happen(policy.slug, Event(said.at, said.type, said.member, number))
            if mail is not None:
                self.mails[Place(said.member, policy.slug, number)].append(mail)

    # What is known

    @property
    def now(self) -> datetime:
        return self.portal.clock()

    def happen(self, slug: str, event: Event, order: int = 0) -> int:
        self.touched.add(event.member)
        return self.promised.happen(slug, event, order)

    def of_row(self, version_id: int) -> tuple[RuledPolicy, int]:
        for policy in self.promised.policies.values():
            for number, row_id in policy.version_ids.items():
                if row_id == version_id:
                    return policy, number
        raise LookupError(version_id)

    def place(self, who: str, which: int) -> Place:
        """One of the versions after the first, the newest of each policy first: it may be none of the member's."""
        every = [
            (policy.slug, version.number)
            for policy in self.promised.policies.values()
            for version in reversed(policy.versions[1:])
        ]
        return Place(who, *sorted(every, key=lambda one: -one[1])[which % len(every)])

    def answered(self, which: int) -> Place:
        """Where an objection is in force."""
        return list(self.filed)[which % len(self.filed)]

    def version_id(self, place: Place) -> int:
        return self.promised.policies[place.slug].version_ids[place.number]

    def is_noticed(self, place: Place) -> bool:
        """Whether the member was owed a notice of the version."""
        return (place.who, place.number) in self.promised.windows(place.slug)

    def would_be(self, place: Place, *events: Event) -> str | None:
        return self.promised.refusal(place.slug, *events)

    def treats(self, purpose: str, *how: str) -> bool:
        """Whether some policy treats the purpose in one of these ways."""
        return any(policy.treatments[purpose] in how for policy in self.promised.policies.values())

    async def door(self, place: Place, way: str) -> tuple[AsyncClient, str]:
        """A browser, and the address of the notice in it."""
        if way == "account":
            return await self.portal.as_member(place.who), f"/account/notices/{self.version_id(place)}"
        return self.portal.anybody, self.portal.link(place.who, self.version_id(place))

    def shut(self, place: Place, way: str, answer: Response) -> bool:
        """Whether there is no way to this notice; then the answer says so, and no more."""
        if self.promised.closed(place.who):
            gone = 410 if way == "account" and self.is_owed(place) else 404
            assert answer.status_code == gone, (answer.status_code, place)
            return True
        if not self.is_noticed(place):
            assert answer.status_code == 404, (answer.status_code, place)
            return True
        return False

    def is_owed(self, place: Place) -> bool:
        """Whether a notice was ever owed: a closing leaves what was owed before."""
        policy = self.promised.policies[place.slug]
        version, joined_at = policy.version(place.number), self.promised.members[place.who]
        closed_at = self.promised.closed_at(place.who)
        return joined_at < version.posted_at and (closed_at is None or closed_at > version.posted_at)

    # What was answered

    def waiting(self, place: Place, kind: str, purpose: str) -> Declared | None:
        """What was declared and waits for its confirmation."""
        same = (one for one in self.declared if (one.place, one.kind, one.purpose) == (place, kind, purpose))
        return next(same, None)

    def note_declared(self, place: Place, kind: str, purpose: str, location: str) -> None:
        """It waits; declaring the same again leads to the first."""
        number, earlier = location.rpartition("/")[2], self.waiting(place, kind, purpose)
        assert "/answers/" in location
        if earlier is not None:
            assert number == earlier.number
        self.declare(place, kind, purpose, number)

    def declare(self, place: Place, kind: str, purpose: str, number: str) -> None:
        """It was received now, if the same does not wait already."""
        if self.waiting(place, kind, purpose) is None:
            self.declared.append(Declared(number, kind, place, purpose, self.now, self.promised.next_order()))
            self.promised.next_order()  # a consent is two events

    def forget(self, *over: Declared) -> None:
        self.declared = [one for one in self.declared if one not in over]

    def overtaken(self, place: Place, *kinds: str) -> None:
        """What was declared about the notice, and waits, is over."""
        self.forget(*(one for one in self.declared if one.place == place and one.kind in kinds))

    def closes(self, place: Place, covered: Iterable[str]) -> bool:
        """Whether an objection to these changes closes the account."""
        version = self.promised.policies[place.slug].version(place.number)
        return version.closes(frozenset().union(*(version.objectable[key] for key in covered)))

    def taken_back(self, place: Place, at: datetime, order: int = 0) -> None:
        """The objection in force is over, and what was declared about it."""
        del self.filed[place]
        self.overtaken(place, "withdrawal")
        self.happen(place.slug, Event(at, "withdrawn", place.who, place.number), order)

    def taken_back_for_sure(self, place: Place) -> None:
        """By somebody known to be the member: when time is over, that confirms what was declared before."""
        waiting = self.waiting(place, "withdrawal", "")
        in_time = self.promised.windows(place.slug)[place.who, place.number].open_or_ahead(self.now)
        at, order = (waiting.at, waiting.order) if waiting and not in_time else (self.now, 0)
        self.taken_back(place, max(at, self.filed[place].at), order)

    def note_filed(self, place: Place, receipt: str, keys: Sequence[str], *orders: int) -> None:
        """It is in force, in the place of one that was before; the last of the orders is the receipt's event."""
        policy = self.promised.policies[place.slug]
        covered = frozenset(keys or policy.version(place.number).objectable)
        closing = self.closes(place, covered)
        self.overtaken(place, "withdrawal", "objection")
        at, before = policy.happened[orders[-1]].at, self.filed.get(place)
        self.filed[place] = Filed(receipt, at, closing, covered, list(orders), before)

    def restored(self, place: Place, receipt: str) -> None:
        """A change of the objection was rejected: the one before stands again as it was received."""
        changed = self.filed[place]
        assert changed.amends is not None
        self.promised.never_happened(place.slug, changed.orders)
        self.overtaken(place, "withdrawal")
        self.filed[place] = replace(changed.amends, receipt=receipt)
        self.touched.add(place.who)

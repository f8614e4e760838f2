"""What came by letter, and ops enters for the member."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from httpx2 import Response
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from portal.rules.policy import Treatment
from portal.rules.scenario_file import Event
from portal.store.answers import Objection
from tests.stateful.answered import Place, names, places
from tests.stateful.by_choice import ASKED, ChoosingMembers, purposes
from tests.stateful.by_member import choices
from tests.support.entering import pressed
from tests.support.forms import Typed, form_on

agos = st.sampled_from([timedelta(), timedelta(seconds=1), timedelta(hours=30), timedelta(days=20)])


class Letters(ChoosingMembers):
    """Objections of before, and choices of now: what was received counts from its receipt."""

    async def entered(self, here: str, zone: str, **typed: Typed) -> Response:
        """What came by letter: the form, the page with what would follow, its button. Where it is refused: that."""
        ops, today = await self.portal.as_ops(), self.now.astimezone(ZoneInfo(zone)).date().isoformat()
        sent = {"asked_by": "member", "way": "letter", "note": "Folder 12", "zone": zone, "day": today, **typed}
        page = await ops.get(here)
        if page.status_code == 303:  # the form is not offered now
            return await ops.post(here, data=sent | {"step": "enter"})
        review = await ops.post(here, data=form_on(page.text, here, sent))
        return await pressed(ops, here, review.text) if review.status_code == 200 else review

    def zone(self, place: Place) -> str:
        return self.promised.policies[place.slug].version(place.number).terms.zone

    def desk(self, place: Place, noun: str) -> str:
        return f"/staff/members/{self.portal.rows[place.who].id}/{noun}?version={self.version_id(place)}"

    @rule(who=names, which=places, chosen=choices, ago=agos)
    def enter_a_letter(self, who: str, which: int, chosen: list[int], ago: timedelta) -> None:
        place = self.place(who, which)
        if self.is_owed(place):
            self.act(self._enter_a_letter, place, self.keys(place, chosen), ago)

    async def _enter_a_letter(self, place: Place, keys: list[str], ago: timedelta) -> None:
        received_at = self.received(place, ago)
        event = Event(received_at, "objected", place.who, place.number, changes=tuple(keys))
        refusal = self.would_be(place, event)
        day, time = self.typed(place, received_at)
        if not time:
            return
        answer = await self.entered(self.desk(place, "objections"), self.zone(place), day=day, time=time, changes=keys)
        assert answer.status_code == (303 if refusal is None else 422), refusal
        if refusal is None:
            await self.note_entered(place, keys, received_at, self.happen(place.slug, event))

    def received(self, place: Place, ago: timedelta) -> datetime:
        """So long ago, but behind all that has happened to the member."""
        return max(self.now - ago, self.promised.last_instant(place.who))

    def typed(self, place: Place, received_at: datetime) -> tuple[str, str]:
        """Day and time as a form takes them; no time where that hour comes twice, and a form cannot say which."""
        local = received_at.astimezone(ZoneInfo(self.zone(place)))
        twice = local.replace(fold=1).utcoffset() != local.replace(fold=0).utcoffset()
        return local.date().isoformat(), "" if twice else local.time().isoformat()

    async def note_entered(self, place: Place, keys: list[str], received_at: datetime, *orders: int) -> None:
        row = await Objection.get(
            member_id=self.portal.rows[place.who].id, version_id=self.version_id(place), withdrawn_at__isnull=True
        )
        assert row.received_at == received_at
        self.note_filed(place, row.number, keys, *orders)

    @precondition(lambda self: self.filed)
    @rule(which=places, chosen=choices, ago=agos)
    def amend_by_letter(self, which: int, chosen: list[int], ago: timedelta) -> None:
        place = self.answered(which)
        self.act(self._amend_by_letter, place, self.keys(place, chosen), ago)

    async def _amend_by_letter(self, place: Place, keys: list[str], ago: timedelta) -> None:
        """No changes named are all of them, as in any letter."""
        before, received_at = self.filed[place], self.received(place, ago)
        taken_back = Event(received_at, "withdrawn", place.who, place.number)
        anew = Event(received_at, "objected", place.who, place.number, changes=tuple(keys))
        objectable = frozenset(self.promised.policies[place.slug].version(place.number).objectable)
        refusal = self.would_be(place, taken_back, anew)
        day, time = self.typed(place, received_at)
        if not time:
            return
        here = f"/staff/objections/{(await Objection.get(number=before.receipt)).id}/amendment"
        answer = await self.entered(here, self.zone(place), day=day, time=time, changes=keys)
        done = refusal is None and (frozenset(keys) or objectable) != before.changes
        assert answer.status_code == (303 if done else 422), refusal
        if done:
            orders = [self.happen(place.slug, event) for event in (taken_back, anew)]
            await self.note_entered(place, keys, received_at, *orders)

    @rule(who=names, which=places)
    def consent_by_letter(self, who: str, which: int) -> None:
        place = self.place(who, which)
        if self.is_owed(place):
            self.act(self._consent_by_letter, place)

    async def _consent_by_letter(self, place: Place) -> None:
        """Ops know whose letter it is: it also confirms what was declared before and waits."""
        version = self.promised.policies[place.slug].version(place.number)
        answer = await self.entered(
            self.desk(place, "consents"), self.zone(place), purpose=ASKED, reason="Called back."
        )
        asked = version.treats(ASKED, Treatment.OPT_IN) and ASKED in version.touched
        news = (place, ASKED) not in self.consented or self.promised.opted_out(place.who, ASKED)
        done = asked and news and not self.promised.closed(place.who)
        assert answer.status_code == (303 if done else 422)
        if done:
            self.declare(place, "consent", ASKED, "")
            self.confirmed(self.declared_of(place, "consent", ASKED))

    @rule(who=names, purpose=purposes, turn=st.sampled_from(["out", "in"]))
    def enter_a_choice(self, who: str, purpose: str, turn: str) -> None:
        """But for the end of an opt-out where that is a consent."""
        if self.treats(purpose, "separable", "opt_in") and not (turn == "in" and self.treats(purpose, "opt_in")):
            self.act(self._enter_a_choice, who, purpose, turn)

    async def _enter_a_choice(self, who: str, purpose: str, turn: str) -> None:
        here = f"/staff/members/{self.portal.rows[who].id}/opt-outs"
        zone = self.promised.policies["privacy"].terms.zone
        answer = await self.entered(here, zone, purpose=purpose, turn=turn)
        last = self.promised.last_turn(who, purpose)
        is_out = last is not None and last[2] == "opted_out"
        said_yes_since = any(
            (one.place.who, one.purpose) == (who, purpose) and (one.at, one.order) > (last or ())[:2]
            for one in self.declared
        )
        news = is_out if turn == "in" else not is_out or said_yes_since
        assert answer.status_code == (303 if news and not self.promised.closed(who) else 422)
        if answer.status_code == 303:
            self.happen("", Event(self.now, f"opted_{turn}", who, purpose=purpose))

"""What ops does: confirmations, rejections, settlements, closures, bounces, other addresses."""

from zoneinfo import ZoneInfo

from httpx2 import Response
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from portal.rules.scenario_file import Event
from portal.store.answers import Objection
from portal.store.declarations import Declaration
from tests.stateful.answered import Declared, Filed, Place, names, places
from tests.stateful.by_letter import Letters
from tests.support.forms import Typed, form_on

deeds = st.sampled_from(["confirmation", "rejection", "withdrawal", "settlement", "closure"])


class Ops(Letters):
    """Staff with the role ops, at the pages' own forms."""

    async def at_the_desk(self, here: str, **typed: Typed) -> Response:
        """Opens the page of an act, fills in its form, sends it and presses the button of the page that may follow.

        Where there is no such form it is sent all the same.
        """
        ops = await self.portal.as_ops()
        page = await ops.get(here)
        if page.status_code == 200:
            answer = await ops.post(here, data=form_on(page.text, here, typed))
        else:
            assert page.status_code == 303
            answer = await ops.post(here, data=typed)
        if answer.status_code == 200:
            return await ops.post(here, data=form_on(answer.text, here, step="enter"))
        return answer

    @precondition(lambda self: self.filed)
    @rule(which=places, deed=deeds, when=st.sampled_from(["when due", "early"]))
    def see_to_an_objection(self, which: int, deed: str, when: str) -> None:
        place = self.answered(which)
        self.act(self._see_to_it, place, self.filed[place], deed, when)

    async def _see_to_it(self, place: Place, filed: Filed, deed: str, when: str) -> None:
        row = await Objection.get(number=filed.receipt)
        here = f"/staff/objections/{row.id}/{deed}"
        if deed == "closure":
            self.after_all_postings()
        if deed in ("confirmation", "withdrawal"):
            answer = await self.entered(here, self.zone(place), reason="Called back.")
        else:
            early: Typed = "1" if when == "early" else []
            answer = await self.at_the_desk(here, reason="Called back.", note="Ticket", confirmed="1", early=early)
        done = not self.promised.closed(place.who) and self.may_be_done(place, filed, deed, early=when == "early")
        assert answer.status_code == (303 if done else 422), (deed, filed)
        if not done:
            return
        if deed == "confirmation":
            filed.confirmed = True
        elif deed == "closure":
            self.happen("", Event(self.now, "closed", place.who))
        elif deed == "rejection" and filed.amends is not None:
            mine = Objection.filter(member_id=row.member_id, version_id=row.version_id)
            self.restored(place, (await mine.get(withdrawn_at__isnull=True)).number)
        elif deed == "withdrawal":
            self.taken_back_for_sure(place)
        elif deed == "rejection":
            self.taken_back(place, self.now)

    def may_be_done(self, place: Place, filed: Filed, deed: str, *, early: bool) -> bool:
        if deed == "settlement":
            return not filed.closing
        if deed != "closure":
            return deed == "withdrawal" or (filed.closing and not filed.confirmed)
        due = early or self.now >= self.promised.due_at(place.slug, place.who, place.number, filed.at)
        return filed.closing and filed.confirmed and due and self.waiting(place, "withdrawal", "") is None

    @precondition(lambda self: self.declared)
    @rule(which=places, noun=st.sampled_from(["confirmation", "rejection"]))
    def see_to_what_waits(self, which: int, noun: str) -> None:
        self.act(self._see_to_what_waits, self.declared[which % len(self.declared)], noun)

    async def _see_to_what_waits(self, declared: Declared, noun: str) -> None:
        here = f"/staff/declarations/{(await Declaration.get(number=declared.number)).id}/{noun}"
        if noun == "confirmation":
            answer = await self.entered(here, self.zone(declared.place), reason="Called back.")
        else:
            answer = await self.at_the_desk(here, reason="Called back.")
        closed = self.promised.closed(declared.place.who)
        assert answer.status_code == (422 if closed else 303)
        if closed:
            return
        if noun == "confirmation":
            self.confirmed(declared)
        else:
            self.forget(declared)

    @rule(who=names, sure=st.integers(0, 4))
    def close_an_account(self, who: str, sure: int) -> None:
        if sure == 4:  # nothing happens to them any more: not too often
            self.act(self._close_an_account, who)

    def after_all_postings(self) -> None:
        """Who is closed in the second of a posting was owed its notice, and by the rules it is none of theirs."""
        if any(policy.versions[-1].posted_at == self.now for policy in self.promised.policies.values()):
            self.portal.clock.move(seconds=1)

    async def _close_an_account(self, who: str) -> None:
        self.after_all_postings()
        address = f"/staff/members/{self.portal.rows[who].id}/closure"
        answer = await self.at_the_desk(address, confirmed="1", note="Cancelled.")
        assert answer.status_code == (422 if self.promised.closed(who) else 303)
        if not self.promised.closed(who):
            self.happen("", Event(self.now, "closed", who))

    @rule(who=names, which=places)
    def record_a_bounce(self, who: str, which: int) -> None:
        place = self.place(who, which)
        if self.is_owed(place):
            self.act(self._record, place, "bounces", "bounced")

    @rule(who=names, which=places)
    def record_a_delivery(self, who: str, which: int) -> None:
        place = self.place(who, which)
        if self.is_owed(place):
            self.act(self._record, place, "sights", "seen")

    async def _record(self, place: Place, noun: str, kind: str) -> None:
        answer = await self.at_the_desk(self.desk(place, noun), way="letter", day=self.today(place), note="Registered")
        back = self.promised.unbounced(place.slug, place.who, place.number)
        done = (kind == "seen" or bool(back)) and not self.promised.closed(place.who)
        assert answer.status_code == (303 if done else 422)
        if done:
            self.happen(place.slug, Event(self.now, kind, place.who, place.number))

    def today(self, place: Place) -> str:
        """By the days of the version's zone."""
        zone = ZoneInfo(self.promised.policies[place.slug].version(place.number).terms.zone)
        return self.now.astimezone(zone).date().isoformat()

    @rule(who=names, which=places, to=st.sampled_from(["the same address", "another address"]))
    def reach_the_member(self, who: str, which: int, to: str) -> None:
        """The notice is sent again, or all that is owed goes to another address."""
        place = self.place(who, which)
        if self.is_owed(place):
            self.act(self._reach, place, to)

    async def _reach(self, place: Place, to: str) -> None:
        if to == "the same address":
            answer = await self.at_the_desk(self.desk(place, "sendings"))
            assert answer.status_code in (303, 422)
            return
        number = int(self.portal.addresses[place.who].partition("-")[2].partition("@")[0]) + 1
        address = f"{place.who}-{number}@example.org"
        answer = await self.at_the_desk(f"/staff/members/{self.portal.rows[place.who].id}/addresses", address=address)
        if self.promised.closed(place.who):
            assert answer.status_code == 422
            return
        assert answer.status_code == 303
        self.portal.addresses[place.who] = address
        self.portal.answer_mail(place.who, "takes")

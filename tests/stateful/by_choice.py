"""Consents, opt-outs, and what becomes of an answer that waits for its confirmation."""

from httpx2 import Response
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from portal.rules.policy import Treatment
from portal.rules.scenario_file import Event
from portal.store.access import OneTimeCode
from portal.store.declarations import Declaration
from portal.store.policies import Purpose
from tests.stateful.answered import PURPOSES, Declared, Place, names, places, ways
from tests.stateful.by_member import ObjectingMembers
from tests.support.forms import form_on

ASKED = "ai_training"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
purposes = st.sampled_from([ASKED, ASKED, *PURPOSES])


class ChoosingMembers(ObjectingMembers):
    """What members allow and stop."""

    @rule(who=names, which=places, way=ways, said=st.sampled_from(["yes", "yes", "no"]))
    def consent(self, who: str, which: int, way: str, said: str) -> None:
        self.act(self._consent, self.place(who, which), way, said)

    async def _consent(self, place: Place, way: str, said: str) -> None:
        browser, base = await self.door(place, way)
        page = await browser.get(base)
        offered = f'action="{base}/consents"' in page.text
        form = form_on(page.text, f"{base}/consents") if offered else {}
        answer = await browser.post(f"{base}/consents", data=form | {"purpose": [ASKED], "answer": [said]})
        if self.shut(place, way, answer):
            return
        if not self.promised.policies[place.slug].version(place.number).treats(ASKED, Treatment.OPT_IN):
            assert answer.status_code == 422
        elif said == "no":
            assert answer.headers["location"] == base
            self.forget(*(one for one in self.declared if (one.place, one.purpose) == (place, ASKED)))
        elif (place, ASKED) in self.consented and not self.promised.opted_out(place.who, ASKED):
            assert answer.headers["location"] == base
        else:
            self.note_declared(place, "consent", ASKED, answer.headers["location"])
            if way == "account":
                self.confirmed(self.declared_of(place, "consent", ASKED))

    @rule(who=names, which=places, way=ways, purpose=purposes, turn=st.sampled_from(["out", "in"]))
    def turn_at_a_notice(self, who: str, which: int, way: str, purpose: str, turn: str) -> None:
        self.act(self._turn_at_a_notice, self.place(who, which), way, purpose, turn)

    async def _turn_at_a_notice(self, place: Place, way: str, purpose: str, turn: str) -> None:
        browser, base = await self.door(place, way)
        was_out = self.promised.opted_out(place.who, purpose)
        answer = await browser.post(f"{base}/opt-outs", data={"purpose": purpose, "turn": turn})
        if self.shut(place, way, answer):
            return
        if turn == "in" and way == "link" and self.treats(purpose, "opt_in"):
            if was_out:
                self.note_declared(place, "opt_in", purpose, answer.headers["location"])
            else:
                assert answer.headers["location"] == base
        else:
            self.turned(answer, place.who, purpose, turn)

    @rule(who=names, purpose=purposes, turn=st.sampled_from(["out", "in"]))
    def turn_in_the_account(self, who: str, purpose: str, turn: str) -> None:
        self.act(self._turn_in_the_account, who, purpose, turn)

    async def _turn_in_the_account(self, who: str, purpose: str, turn: str) -> None:
        browser = await self.portal.as_member(who)
        answer = await browser.post("/account/opt-outs", data={"purpose": purpose, "turn": turn})
        if self.promised.closed(who):
            assert answer.status_code == 410
        else:
            self.turned(answer, who, purpose, turn)

    def turned(self, answer: Response, who: str, purpose: str, turn: str) -> None:
        """What was turned at once."""
        if turn == "out" and not self.treats(purpose, "separable", "opt_in"):
            assert answer.status_code == 409
            return
        assert answer.status_code == 303, answer.text
        self.happen("", Event(self.now, f"opted_{turn}", who, purpose=purpose))

    @rule(who=names, purpose=purposes, how=st.sampled_from(["out", "in", "one click"]))
    def turn_by_link(self, who: str, purpose: str, how: str) -> None:
        if self.treats(purpose, "separable", "opt_in"):
            self.act(self._turn_by_link, who, purpose, how)

    async def _turn_by_link(self, who: str, purpose: str, how: str) -> None:
        keys, member = self.portal.app.state.keys, self.portal.rows[who]
        if how == "one click":
            token = keys.unsubscribe_link(member.id, (await Purpose.get(key=purpose)).id, member.link_epoch)
            answer = await self.portal.anybody.post(f"/unsubscribe/{token}", data=ONE_CLICK)
        else:
            address = f"/opt-out/{keys.opt_out_link(member.id, member.link_epoch)}?purpose={purpose}"
            answer = await self.portal.anybody.post(address, data={"purpose": purpose, "turn": how})
        if self.promised.closed(who):
            assert answer.status_code == 404
            return
        assert answer.status_code == (200 if how == "one click" else 303)
        if how != "in":
            self.happen("", Event(self.now, "opted_out", who, purpose=purpose))
        elif not self.treats(purpose, "opt_in"):
            self.happen("", Event(self.now, "opted_in", who, purpose=purpose))

    @precondition(lambda self: self.declared)
    @rule(which=places, how=st.sampled_from(["code", "wrong", "account", "drop"]))
    def decide(self, which: int, how: str) -> None:
        """What waits is confirmed, or left."""
        self.act(self._decide, self.declared[which % len(self.declared)], how)

    async def _decide(self, declared: Declared, how: str) -> None:
        way = "account" if how == "account" else "link"
        browser, base = await self.door(declared.place, way)
        here = f"{base}/answers/{declared.number}"
        row = await Declaration.get(number=declared.number)
        code = await OneTimeCode.filter(declaration_id=row.id).order_by("-id").first()
        works, given = self.code_works(code), self.code(code, how)
        if how == "drop":
            answer = await browser.post(f"{here}/removal")
        else:
            answer = await browser.post(f"{here}/confirmation", data=given)
        if self.shut(declared.place, way, answer):
            return
        right = how in ("account", "drop") or (how == "code" and works)
        assert answer.status_code == (303 if right else 422), answer.text
        if how == "drop":
            self.forget(declared)
        elif right:
            self.confirmed(declared)
        elif not works:
            assert (await browser.post(f"{here}/code")).status_code in (303, 429)

    def declared_of(self, place: Place, kind: str, purpose: str) -> Declared:
        found = self.waiting(place, kind, purpose)
        assert found is not None
        return found

    def confirmed(self, declared: Declared) -> None:
        """It counts from its receipt, before whatever came after that."""
        place, purpose, at = declared.place, declared.purpose, declared.at
        self.forget(declared)
        if declared.kind == "withdrawal":
            self.taken_back(place, max(at, self.filed[place].at), declared.order)
            return
        if declared.kind == "objection":
            objected = Event(at, "objected", place.who, place.number)
            self.note_filed(place, declared.number, [], self.happen(place.slug, objected, declared.order))
            return
        if declared.kind == "consent":
            consented = Event(at, "consented", place.who, place.number, purpose=purpose)
            self.happen(place.slug, consented, declared.order)
            self.consented.add((place, purpose))
        self.happen("", Event(at, "opted_in", place.who, purpose=purpose), declared.order + 1)

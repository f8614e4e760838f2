"""What members do, by link and in the account, with the pages' own forms; and what must come of it by the rules."""

from httpx2 import Response
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from portal.rules.policy import Treatment
from portal.rules.scenario_file import Event
from portal.store.access import OneTimeCode
from portal.store.answers import Objection
from tests.stateful.answered import Filed, Place, names, places, ways
from tests.stateful.life import Life
from tests.support.forms import form_on

# Which of the changes that can be objected to; none: all of them; -1 is none of the version's.
choices: st.SearchStrategy[list[int]] = st.one_of(
    st.just([]), st.lists(st.integers(-1, 3), min_size=1, max_size=2, unique=True)
)
CONFLICTS = ("late", "no_objection_right", "nothing_to_object_to")


class ObjectingMembers(Life):
    """Objecting, changing it, taking it back, confirming it."""

    @rule(who=names, which=places, way=ways, chosen=choices, times=st.sampled_from(["once", "twice"]))
    def object(self, who: str, which: int, way: str, chosen: list[int], times: str) -> None:
        self.act(self._object, self.place(who, which), way, self.keys(self.place(who, which), chosen), times)

    async def _object(self, place: Place, way: str, keys: list[str], times: str) -> None:
        browser, base = await self.door(place, way)
        page = await browser.get(f"{base}/objection", params={"change": keys, "answer": "object"})
        event = Event(self.now, "objected", place.who, place.number, changes=tuple(keys))
        refusal = self.would_be(place, event)
        form = form_on(page.text, f"{base}/objections") if refusal is None else {"change": keys}
        answer = await browser.post(f"{base}/objections", data=form)
        if self.shut(place, way, answer):
            return
        self.refused_as(refusal, place, answer, base)
        if refusal is None:
            receipt = answer.headers["location"].rpartition("/")[2]
            self.note_filed(place, receipt, keys, self.happen(place.slug, event))
        if times == "twice" and place in self.filed:
            again = await browser.post(f"{base}/objections", data=form)
            assert again.headers["location"] == f"{base}/objections/{self.filed[place].receipt}"

    def keys(self, place: Place, chosen: list[int]) -> list[str]:
        objectable = sorted(self.promised.policies[place.slug].version(place.number).objectable)
        return sorted({objectable[i % len(objectable)] if objectable and i >= 0 else "none-of-it" for i in chosen})

    def refused_as(self, refusal: str | None, place: Place, answer: Response, base: str) -> None:
        if refusal is None:
            assert answer.status_code == 303, answer.text
        elif refusal == "already_objected":
            assert answer.headers["location"] == f"{base}/objections/{self.filed[place].receipt}"
        elif refusal == "unknown_change":
            assert answer.status_code == 422
        else:
            assert refusal in CONFLICTS
            assert answer.status_code == 409
            may_stop = any(
                set(p.treatments.values()) != {Treatment.INSEPARABLE} for p in self.promised.policies.values()
            )
            assert (f'action="{base}/opt-outs"' in answer.text) is may_stop, "the opt-out is what is left"

    @precondition(lambda self: self.filed)
    @rule(which=places, way=ways, chosen=choices)
    def amend(self, which: int, way: str, chosen: list[int]) -> None:
        place = self.answered(which)
        self.act(self._amend, place, way, self.keys(place, chosen))

    async def _amend(self, place: Place, way: str, keys: list[str]) -> None:
        before = self.filed[place]
        browser, base = await self.door(place, way)
        here = f"{base}/objections/{before.receipt}/amendment"
        page = await browser.get(f"{here}/review", params={"change": keys})
        offered = f'action="{here}"' in page.text
        answer = await browser.post(here, data=form_on(page.text, here) if offered else {"change": keys})
        if self.shut(place, way, answer):
            return
        taken_back = Event(self.now, "withdrawn", place.who, place.number)
        anew = Event(self.now, "objected", place.who, place.number, changes=tuple(keys))
        refusal = self.would_be(place, taken_back, anew)
        if not keys or (refusal is None and frozenset(keys) == before.changes):
            assert answer.status_code == 422
            return
        self.refused_as(refusal, place, answer, base)
        assert offered is (refusal is None)
        if refusal is None:
            orders = [self.happen(place.slug, event) for event in (taken_back, anew)]
            self.note_filed(place, answer.headers["location"].rpartition("/")[2], keys, *orders)

    @precondition(lambda self: self.filed)
    @rule(which=places, way=ways)
    def take_back(self, which: int, way: str) -> None:
        self.act(self._take_back, self.answered(which), way)

    async def _take_back(self, place: Place, way: str) -> None:
        filed = self.filed[place]
        browser, base = await self.door(place, way)
        answer = await browser.post(f"{base}/objections/{filed.receipt}/withdrawal")
        if self.shut(place, way, answer):
            return
        assert answer.status_code == 303, answer.text
        in_time = self.promised.windows(place.slug)[place.who, place.number].open_or_ahead(self.now)
        if in_time or way == "account":
            assert answer.headers["location"] == f"{base}/objections/{filed.receipt}"
            self.taken_back_for_sure(place)
        else:
            self.note_declared(place, "withdrawal", "", answer.headers["location"])

    @precondition(lambda self: any(filed.closing for filed in self.filed.values()))
    @rule(which=places, how=st.sampled_from(["code", "wrong", "account"]))
    def confirm(self, which: int, how: str) -> None:
        closing = [place for place, filed in self.filed.items() if filed.closing]
        place = closing[which % len(closing)]
        self.act(self._confirm, place, self.filed[place], how)

    async def _confirm(self, place: Place, filed: Filed, how: str) -> None:
        way = "account" if how == "account" else "link"
        browser, base = await self.door(place, way)
        row = await Objection.get(number=filed.receipt)
        code = await OneTimeCode.filter(objection_id=row.id).order_by("-id").first()
        works = self.code_works(code)
        given = self.code(code, how)
        answer = await browser.post(f"{base}/objections/{filed.receipt}/confirmation", data=given)
        if self.shut(place, way, answer):
            return
        right = filed.confirmed or how == "account" or (how == "code" and works)
        assert answer.status_code == (303 if right else 422)
        filed.confirmed = right
        if not right and not works:
            another = await browser.post(f"{base}/objections/{filed.receipt}/code")
            assert another.status_code in (303, 429)

    def code_works(self, code: OneTimeCode | None) -> bool:
        return code is not None and code.used_at is None and code.expires_at > self.now and code.tries < 5

    def code(self, code: OneTimeCode | None, how: str) -> dict[str, str]:
        """The form of the code: the one that was mailed, or another one."""
        if how == "account" or code is None:
            return {} if how == "account" else {"code": "12345678"}
        mailed = str(self.portal.app.state.keys.code(code.id))
        return {"code": mailed if how == "code" else f"{(int(mailed) + 1) % 10**8:08}"}

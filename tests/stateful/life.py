"""How the portal and the rules are compared after each step of a life."""

import re

from hypothesis.stateful import invariant

from portal.rules.scenario_answer import zulu
from portal.rules.scenario_file import Event, Question
from tests.stateful.known import PURPOSES, Known, Place

TIME = re.compile(r'class="deadline deadline-(\w+)".*?(?:<time datetime="([^"]+)">.*?)?</section>', re.DOTALL)


class Life(Known):
    """Every answer of the API about every member, and a page of whoever was touched."""

    @invariant()
    def portal_keeps_to_the_rules(self) -> None:
        if self.promised.policies:
            self.steps += 1
            self._loop.call(self._agrees)
            self.touched.clear()

    async def _agrees(self) -> None:
        for name in self.promised.members:
            await self._notices_agree(name)
            await self._terms_agree(name, 3 if name in self.touched else 1)
            if name in self.touched:
                await self._page_agrees(self.place(name, self.steps))

    async def _notices_agree(self, name: str) -> None:
        """Windows, what may be answered and what was, of all of a member's notices."""
        answer = (await self.portal.site.get(f"/api/v1/members/{name}/notices", per_page=100)).json()
        told = {(one["policy"], one["version"]): one for one in answer["notices"]}
        expected = {}
        for slug in self.promised.policies:
            for (member, number), window in self.promised.windows(slug).items():
                if member == name:
                    place = Place(name, slug, number)
                    refusal = self.would_be(place, Event(self.now, "objected", name, number))
                    filed = self.filed.get(place)
                    expected[slug, number] = {
                        "effective_at": zulu(window.effective_at),
                        "opens_at": zulu(window.opens_at),
                        "closes_at": zulu(window.closes_at),
                        "open": refusal is None,
                        "refused": refusal,
                        "objected": filed is not None,
                        "confirmed": filed.confirmed if filed and filed.closing else None,
                    }
        found = {
            key: {name: one[name] for name in ("effective_at", "opens_at", "closes_at", "open")}
            | {"refused": one["objection"]["refused"], "objected": one["answer"]["state"] == "objected"}
            | {"confirmed": one["answer"]["confirmed"] if one["answer"]["state"] == "objected" else None}
            for key, one in told.items()
        }
        assert found == expected, name

    async def _terms_agree(self, name: str, instants: int) -> None:
        """Which version governs: some instants of collection at each step, others at the next."""
        for slug in self.promised.policies:
            every = self.promised.telling_instants(slug, name, self.now)
            chosen = [every[(self.steps * instants + i) % len(every)] for i in range(instants)]
            questions = [Question(name, purpose, when, self.now) for purpose in PURPOSES for when in chosen]
            for question, ruled in zip(questions, self.promised.answers(slug, questions), strict=True):
                answer = await self.portal.site.get(
                    "/api/v1/terms",
                    member=name,
                    policy=slug,
                    purpose=question.purpose,
                    collected_at=zulu(question.collected_at),
                )
                said = answer.json()
                told = (said["version"], said["allowed"], said["basis"], said["because_of"])
                assert told == (ruled.version, ruled.allowed, str(ruled.basis), ruled.because_of), question

    async def _page_agrees(self, place: Place) -> None:
        """The notice's page: its deadline, and whether it offers to object."""
        browser, base = await self.door(place, ("link", "account")[self.steps % 2])
        answer = await browser.get(base)
        if self.shut(place, ("link", "account")[self.steps % 2], answer):
            return
        assert answer.status_code == 200
        refusal = self.would_be(place, Event(self.now, "objected", place.who, place.number))
        assert (f'action="{base}/objection"' in answer.text) is (refusal is None), refusal
        assert ('value="object"' in answer.text) is (refusal is None)
        window = self.promised.windows(place.slug)[place.who, place.number]
        shown = TIME.search(answer.text)
        version = self.promised.policies[place.slug].version(place.number)
        if not version.terms.may_object:
            assert shown is not None
            assert shown[1] == "none"
        elif not version.objectable:
            assert shown is None
        elif window.closes_at is None:
            assert shown is not None
            assert shown[1] == "not_open"
        else:
            assert shown is not None
            state = "open" if self.now < window.closes_at else "closed"
            assert (shown[1], shown[2]) == (state, zulu(window.closes_at))

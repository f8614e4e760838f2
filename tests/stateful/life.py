"""How the portal and the rules are compared after each step of a life."""

import re
from random import Random

from hypothesis.stateful import invariant

from portal.rules.scenario_answer import zulu
from portal.rules.scenario_file import Event, Question
from tests.stateful.answered import PURPOSES, Place
from tests.stateful.known import Known

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
        """All about whoever was touched; about everybody else a question, each time another one."""
        for name in self.promised.members:
            if name in self.touched:
                await self._notices_agree(name)
                await self._page_agrees(self.place(name, self.steps))
            for slug, questions in self.questions(name).items():
                await self._terms_agree(slug, questions)

    def questions(self, name: str) -> dict[str, list[Question]]:
        """By policy, about an instant of collection at each step, about another one at the next."""
        dice, told = Random(f"{self.steps} {name}"), name in self.touched
        asked: dict[str, list[Question]] = {}
        for slug in self.promised.policies if told else [dice.choice(list(self.promised.policies))]:
            when = dice.choice(self.promised.telling_instants(slug, name, self.now))
            purposes = PURPOSES if told else [dice.choice(PURPOSES)]
            asked[slug] = [Question(name, purpose, when, self.now) for purpose in purposes]
        return asked

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

    async def _terms_agree(self, slug: str, questions: list[Question]) -> None:
        """Which version governs, whether that is allowed, and why."""
        for question, ruled in zip(questions, self.promised.answers(slug, questions), strict=True):
            answer = await self.portal.site.get(
                "/api/v1/terms",
                member=question.member,
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

"""How a life begins, what legal publishes, how mail servers answer, and how time passes: the whole machine."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from portal.actions.approve import approve
from portal.actions.classify import classify
from portal.actions.policy import create_policy
from portal.actions.purposes import Defaults, define_purpose
from portal.rules.policy import Channel, ClassifiedChange, DayCount, NoticeTerms, Treatment, Version
from portal.rules.scenario_file import Event
from portal.store.drafts import Draft
from portal.store.members import Member
from portal.store.policies import Policy
from portal.store.policies import Version as VersionRow
from tests.stateful.answered import NAMES, PURPOSES, Place, names, places
from tests.stateful.by_mail import Correspondents
from tests.stateful.driven import ANSWERS
from tests.stateful.promised import RuledPolicy
from tests.support.drafting import drafted, person
from tests.support.forms import form_on
from tests.support.world import make_member

SECTIONS = {
    "News": ["marketing"],
    "Service": ["service"],
    "Models": ["ai_training"],
    "Sharing": ["ai_training", "marketing"],
    "Contact": [],
}
SITE = frozenset({Channel.SITE, Channel.ACCOUNT})
TERMS = [
    NoticeTerms(zone="Europe/Berlin"),
    NoticeTerms(zone="America/New_York", objection_days=10, day_count=DayCount.WORKING, holidays="US"),
    NoticeTerms(channels=SITE, zone="Etc/GMT+12", objection_days=14),
    NoticeTerms(day_count=DayCount.ELAPSED, objection_days=11),
    NoticeTerms(channels=SITE, objection_days=0),
]
USUAL = (Treatment.SEPARABLE, Treatment.INSEPARABLE, Treatment.OPT_IN)
TREATMENTS = [USUAL, USUAL, (Treatment.OPT_IN, Treatment.SEPARABLE, Treatment.SEPARABLE), (Treatment.INSEPARABLE,) * 3]
HOURS = [1 / 3600, 1 / 60, 1, 3, 13, 24, 49, 240, 600]

sections = st.lists(st.sampled_from(sorted(SECTIONS)), min_size=1, max_size=3, unique=True)


class Lives(Correspondents):
    """Two policies, three members: two who are told of the second versions, one who joins after that."""

    @initialize(first=st.sampled_from(TERMS[:2]), second=st.sampled_from(TERMS), treated=st.sampled_from(TREATMENTS))
    def begin(self, first: NoticeTerms, second: NoticeTerms, treated: tuple[Treatment, ...]) -> None:
        self.act(self._begin, first, second, treated)

    async def _begin(self, first: NoticeTerms, second: NoticeTerms, treated: tuple[Treatment, ...]) -> None:
        begun = self.now
        self.portal.clock.move(days=-60)
        self.author, self.approver = [await person(name, self.now) for name in ("Ann Author", "Ben Approver")]
        for key in PURPOSES:
            await define_purpose(key, key.title(), by=self.author, at=self.now)
        for slug, terms, how in (("privacy", first, USUAL), ("forms", second, treated)):
            await self._found(slug, terms, dict(zip(PURPOSES, how, strict=True)))
            await self._publish(slug, [])
        self.portal.clock.move(days=20)
        for name in NAMES[:2]:
            await self._join(name)
        self.portal.clock.now = begun
        for slug in self.promised.policies:
            await self._publish(slug, ["News", "Service", "Sharing"])
        await self.mails_go_out()
        self.portal.clock.move(seconds=1)
        await self._join(NAMES[2])

    async def _found(self, slug: str, terms: NoticeTerms, treatments: dict[str, Treatment]) -> None:
        defaults = Defaults(terms, treatments, ())
        policy = await create_policy(slug, slug.title(), defaults, by=self.author, at=self.now)
        self.promised.policies[slug] = RuledPolicy(slug, policy.id, terms, treatments)

    async def _join(self, name: str) -> None:
        address = f"{name}-1@example.org"
        for policy in await Policy.all().order_by("id"):
            await make_member(policy, name, self.now, address)
        self.portal.rows[name] = await Member.get(external_id=name)
        self.portal.addresses[name] = address
        self.promised.members[name] = self.now

    @rule(slug=st.sampled_from(["privacy", "forms"]), changed=sections)
    def publish(self, slug: str, changed: list[str]) -> None:
        if len(self.promised.policies[slug].versions) < 5:
            self.act(self._publish, slug, changed)

    async def _publish(self, slug: str, changed: list[str]) -> None:
        """From the draft to the page's button; a version is posted after the one before, and after all have joined."""
        policy = self.promised.policies[slug]
        earlier = [version.posted_at for version in policy.versions] + [*self.promised.members.values()]
        if earlier and max(earlier) >= self.now:
            self.portal.clock.move(seconds=1)
        policy.written.append(changed)
        row = await drafted(await Policy.get(id=policy.id), self.text(policy), by=self.author, at=self.now)
        found = {change["section"][-1]: change["id"] for change in (row.comparison or {}).get("changes", [])}
        assert set(found) == set(changed)
        await self._approved(row.id, found)
        here, staff = f"/staff/drafts/{row.id}/publication", await self.portal.as_ops()
        answer = await staff.post(here, data=form_on((await staff.get(here)).text, here, confirmed="1"))
        assert answer.status_code == 303, answer.text
        number = len(policy.versions) + 1
        changes = [ClassifiedChange(key, frozenset(SECTIONS[name])) for name, key in found.items()]
        policy.versions.append(Version(number, self.now, tuple(changes), policy.terms, policy.treatments))
        policy.version_ids[number] = (await VersionRow.get(policy_id=policy.id, number=number)).id
        self.touched.update(self.promised.members)

    async def _approved(self, draft_id: int, found: dict[str, str]) -> None:
        for name, key in found.items():
            await classify(draft_id, [key], SECTIONS[name], "Because.", by=self.author, at=self.now)
        draft = await Draft.get(id=draft_id)
        await approve(draft.id, draft.digest, by=self.approver, at=self.now)

    def text(self, policy: RuledPolicy) -> str:
        """Each section tells how often it was changed."""
        times = {name: sum(name in changed for changed in policy.written) for name in SECTIONS}
        parts = [f"## {name}\n\nOur rule for {name.lower()} number {times[name]} holds." for name in SECTIONS]
        return "\n\n".join([f"# {policy.slug.title()}", *parts]) + "\n"

    @rule(who=names, how=st.sampled_from(sorted(ANSWERS)))
    def mail_server_answers(self, who: str, how: str) -> None:
        self.portal.answer_mail(who, how)

    @rule(hours=st.sampled_from(HOURS))
    def time_passes(self, hours: float) -> None:
        self.act(self._until, timedelta(hours=hours))

    @rule(which=st.integers(0, 3), seconds=st.integers(-1, 1))
    def a_deadline_comes(self, which: int, seconds: int) -> None:
        """Time passes to the last second of a window, to its end, or to the second after it."""
        ahead = [end + timedelta(seconds=seconds) - self.now for end in self.promised.deadlines()]
        ahead = [span for span in ahead if span > timedelta()]
        if ahead:
            self.act(self._until, ahead[which % len(ahead)])

    async def _until(self, span: timedelta) -> None:
        self.portal.clock.move(seconds=round(span.total_seconds()))
        self.touched.update(self.promised.members)

    @rule(who=names, which=places)
    def see_in_the_account(self, who: str, which: int) -> None:
        self.act(self._see, self.place(who, which))

    async def _see(self, place: Place) -> None:
        browser, base = await self.door(place, "account")
        answer = await browser.post(f"{base}/sight")
        if not self.shut(place, "account", answer):
            assert answer.headers["location"] == base
            self.happen(place.slug, Event(self.now, "seen", place.who, place.number))

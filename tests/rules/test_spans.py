"""The spans of collection time that have one answer each."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from portal.rules.governing import Basis, governing
from portal.rules.policy import ClassifiedChange, NoticeTerms, Treatment, Version
from portal.rules.spans import spans
from portal.rules.standing import Objection, Standing
from portal.rules.window import Delivery

JOINED = datetime(2026, 1, 1, tzinfo=UTC)
POSTED = datetime(2026, 3, 1, tzinfo=UTC)
NOW = datetime(2026, 8, 1, tzinfo=UTC)


def _version(number: int, posted_at: datetime) -> Version:
    change = ClassifiedChange(f"c{number}", frozenset({"marketing"}))
    return Version(number, posted_at, (change,), NoticeTerms(), {"marketing": Treatment.SEPARABLE})


VERSIONS = (_version(1, JOINED - timedelta(days=9)), _version(2, POSTED), _version(3, POSTED + timedelta(days=60)))


def _standing(objected: dict[int, int]) -> Standing:
    """Mails arrived with the posting; `objected`: version -> hours after its posting."""
    return Standing(
        joined_at=JOINED,
        joined_on=1,
        deliveries={v.number: Delivery(sent=(v.posted_at,)) for v in VERSIONS[1:]},
        objections={
            number: Objection(
                VERSIONS[number - 1].posted_at + timedelta(hours=hours), frozenset({"marketing"}), closing=False
            )
            for number, hours in objected.items()
        },
    )


def test_without_an_objection_one_version_governs_everything() -> None:
    [span] = spans(VERSIONS, _standing({}), "marketing", NOW)
    assert (span.since, span.until, span.answer.version) == (JOINED, NOW, 3)


def test_a_freeze_parts_what_was_collected_before_it_from_what_came_later() -> None:
    frozen, later = spans(VERSIONS, _standing({2: 30}), "marketing", NOW)
    assert (frozen.answer.version, frozen.answer.basis) == (1, Basis.OBJECTION)
    assert frozen.until == POSTED + timedelta(hours=30)
    assert later.since - frozen.until == timedelta(microseconds=1)
    assert later.answer.version == 3


def test_a_member_who_joins_after_now_has_no_spans() -> None:
    assert spans(VERSIONS, _standing({}), "marketing", JOINED - timedelta(days=1)) == ()


@given(
    objected=st.dictionaries(st.sampled_from([2, 3]), st.integers(0, 24 * 19)),
    hours=st.integers(0, 24 * 200),
    after=st.integers(0, 24 * 211),
)
def test_every_instant_has_the_answer_of_its_span(objected: dict[int, int], hours: int, after: int) -> None:
    now, collected_at = JOINED + timedelta(hours=after), JOINED + timedelta(hours=min(hours, after))
    standing, posted = _standing(objected), [version for version in VERSIONS if version.posted_at <= now]
    found = spans(posted, standing, "marketing", now)
    [its] = [span for span in found if span.since <= collected_at <= span.until]
    assert its.answer == governing(posted, standing, "marketing", collected_at, now)
    assert (found[0].since, found[-1].until) == (JOINED, now)
    assert all(here.answer != there.answer for here, there in pairwise(found))

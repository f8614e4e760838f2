"""My terms are what the rules say: the worked scenarios, asked of the page's picture and tables."""

from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from portal.rules.scenario_file import Question
from portal.store.member_record import member_record
from portal.store.members import Member
from portal.web.terms.drawing import drawing
from portal.web.terms.happened import Followed, happened
from portal.web.terms.known import Line, PolicyTerms, terms_of
from portal.web.terms.rows import rows_of
from portal.web.terms.shapes import DESK, PHONE
from portal.web.terms.tables import governed_rows
from portal.web.terms.words import version_name
from tests.support.staged import VECTORS, Stage, staged

NOBODY_FOLLOWED = Followed({}, {})


async def terms_at(stage: Stage, member: Member, now: datetime) -> PolicyTerms:
    record = await member_record(member)
    [membership] = record.memberships
    return terms_of(record, membership, {}, now)


def line_of(terms: PolicyTerms, question: Question) -> Line | None:
    """The line that the data of the question belongs to; None for purposes and times that the page is not about."""
    lanes = [lane for lane in terms.lanes if question.purpose in lane.purposes]
    for lane in lanes:
        for line in lane.lines:
            if line.since <= question.collected_at <= (line.until or terms.now):
                return line
    return None


# The database alone: the application's jobs would send the scenarios' notices by themselves.
# What is asked here lies above the database, where the same scenarios are played on both (`tests/actions`).
@pytest.mark.database("sqlite")
@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
async def test_each_question_finds_its_answer_on_the_page(path: Path) -> None:
    vector = VECTORS[path]
    stage = await staged(vector)
    waiting = sorted(stage.scenario.events, key=lambda event: event.at)
    expected, found = vector["expected"]["answers"], 0
    for i, question in sorted(enumerate(stage.scenario.questions), key=lambda pair: pair[1].at):
        await stage.play(question.at, waiting)
        terms = await terms_at(stage, stage.members[question.member], question.at)
        line = line_of(terms, question)
        if line is None:
            before = question.collected_at < terms.membership.joined_at
            later = question.collected_at > question.at
            unposted = all(question.purpose not in version.treatments for version in terms.versions)
            assert before or later or unposted
            continue
        answer = line.answer
        assert {"version": answer.version, "allowed": answer.allowed, "basis": str(answer.basis)} == expected[i]
        await drawn_as_told(terms, stage.members[question.member])
        found += 1
    assert found >= len(expected) - 1  # one asks for a purpose that is not posted yet


async def drawn_as_told(terms: PolicyTerms, member: Member) -> None:
    """Every line has its bar and its row, and bars of a lane lie one on the other, without a gap, in their order."""
    record = await member_record(member)
    rows = rows_of(terms, happened(record, NOBODY_FOLLOWED, terms))
    lines = [line for lane in terms.lanes for line in lane.lines]
    assert len(list(governed_rows(terms))) == len(lines)
    for size in (DESK, PHONE):
        made = drawing(terms, rows, size, mirrored=False)
        assert len(made.bars) == len(lines)
        bars = iter(made.bars)
        for lane in terms.lanes:
            column = [next(bars) for _ in lane.lines]
            assert [bar.basis for bar in column] == [str(line.answer.basis) for line in reversed(lane.lines)]
            for bar, line in zip(column, reversed(lane.lines), strict=True):
                said = " ".join(word.text for word in bar.words if word.kind == "version")
                number = line.answer.version
                assert said == (version_name(number) if bar.width >= 50 else str(number or "–"))
            for above, below in pairwise(column):
                assert above.y + above.height < below.y < above.y + above.height + 6
                assert below.height > 20
            assert all(bar.x >= 0 and bar.x + bar.width <= made.width for bar in column)
        mirrored = drawing(terms, rows, size, mirrored=True)
        for bar, other in zip(made.bars, mirrored.bars, strict=True):
            assert abs(made.width - bar.x - bar.width - other.x) < 0.01

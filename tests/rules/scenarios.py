"""Random scenarios in the form of scenario files, for properties that hold for all of them."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from portal.rules.scenario import play
from portal.rules.scenario_answer import as_json, zulu
from portal.rules.scenario_file import read
from tests.rules.examples import at

Json = dict[str, Any]

# The machine that runs the tests may be busy: no time limit for one example.
many = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

DAY = 86_400
TREATMENTS = ["separable", "inseparable", "opt_in"]
PURPOSES = ["marketing", "service", "profiling", "ai_training"]
USUAL_PURPOSES = {"marketing": "separable", "service": "inseparable", "profiling": "separable", "ai_training": "opt_in"}

# Zones whose clocks did something odd, about three weeks after that day.
ODD_TIMES = [
    ("UTC", "2026-02-10"),
    ("America/New_York", "2026-02-15"),
    ("America/New_York", "2025-10-15"),
    ("Africa/Cairo", "2026-04-03"),  # midnight is skipped
    ("Asia/Beirut", "2025-10-05"),  # midnight is put off
    ("America/Havana", "2025-10-12"),  # midnight strikes twice
    ("America/Sao_Paulo", "2017-09-25"),
    ("America/St_Johns", "2006-10-08"),  # back at 00:01, into the day before
    ("Australia/Lord_Howe", "2026-03-15"),  # half an hour
    ("Antarctica/Troll", "2026-03-08"),  # two hours
    ("Pacific/Apia", "2011-12-10"),  # a day is skipped
    ("Pacific/Kwajalein", "1993-07-31"),
    ("America/Juneau", "1867-09-27"),  # a day is repeated
    ("Africa/Monrovia", "1971-12-18"),  # by 44 minutes and 30 seconds
    ("Africa/Casablanca", "2026-01-28"),
    ("Etc/GMT+12", "2026-03-01"),
    ("Pacific/Kiritimati", "1994-12-11"),
    ("Europe/Berlin", "2026-03-13"),
]

odd_zones = st.sampled_from(sorted({zone for zone, _ in ODD_TIMES}))
odd_days = st.sampled_from([date.fromisoformat(day) for _, day in ODD_TIMES])
instants = st.builds(
    lambda day, seconds: datetime.combine(day, time(), UTC) + timedelta(seconds=seconds),
    st.one_of(odd_days, st.dates(date(1850, 1, 1), date(2100, 1, 1))),
    st.integers(0, 4 * DAY),
)
purposes = st.sampled_from(PURPOSES)
treatments = st.one_of(
    st.just(USUAL_PURPOSES), st.fixed_dictionaries(dict.fromkeys(PURPOSES, st.sampled_from(TREATMENTS)))
)
changes = st.lists(st.lists(purposes, min_size=1, max_size=2, unique=True), min_size=1, max_size=3).map(
    lambda touched: [{"id": f"c{i}", "purposes": named} for i, named in enumerate(touched, start=1)]
)
some_changes = st.lists(st.sampled_from(["c1", "c2"]), max_size=2)
# Seconds from the posting of a version: its first instants, its first days, the days around its deadline.
offsets = st.one_of(st.sampled_from([0, 1, DAY]), st.integers(0, 4 * DAY), st.integers(9 * DAY, 45 * DAY))

# What may become of a notice, and how a member may answer it: types of events, in this order.
FATES = [
    ["sent"],
    ["sent"],
    ["sent", "bounced"],
    ["sent", "bounced", "sent"],
    ["refused", "seen"],
    ["seen"],
    ["refused"],
]
ANSWERS = [[], ["objected"], ["objected"], ["objected", "withdrawn"], ["consented"], ["consented"]]
CHOICES = [[], [], ["opted_out"], ["opted_out", "opted_in"], ["closed"]]


def notices(zones: st.SearchStrategy[str] = odd_zones) -> st.SearchStrategy[Json]:
    """Notice terms, mostly with mail and a right to object."""
    return st.builds(
        lambda channels, days, count, zone, holidays: {
            "channels": channels,
            "objection_days": days,
            "day_count": count,
            "zone": zone,
            "holidays": holidays,
        },
        st.sampled_from([["email"], ["site", "account", "email"], ["site", "account"]]),
        st.sampled_from([20, 10, 11, 14, 30, 0]),
        st.sampled_from(["calendar", "working", "elapsed"]),
        zones,
        st.sampled_from([None, "DE", "EG", "IN"]),
    )


@st.composite
def scenarios(draw: st.DrawFn) -> Json:
    """A scenario with two to four versions and one or two members, who hear of them and answer, and one question.

    `m1` joined on version 1.
    """
    zone, day = draw(st.sampled_from(ODD_TIMES))
    posted = [at(day)]
    for gap in draw(st.lists(st.one_of(st.just(1), st.integers(1, 40 * DAY)), min_size=1, max_size=3)):
        posted.append(posted[-1] + timedelta(seconds=gap))
    versions: list[Json] = []
    for number, instant in enumerate(posted, start=1):
        versions.append({"number": number, "posted_at": zulu(instant), "changes": draw(changes)})
        if draw(st.integers(0, 3)) == 0:
            versions[-1] |= {"notice": draw(notices()), "purposes": draw(treatments)}
    moments = st.builds(lambda base, after: zulu(base + timedelta(seconds=after)), st.sampled_from(posted), offsets)
    members: list[Json] = [{"id": "m1", "joined_at": zulu(posted[0])}]
    if draw(st.booleans()):
        members.append({"id": "m2", "joined_at": draw(moments)})
    return {
        "policy": {"slug": "privacy", "notice": draw(notices(st.just(zone))), "purposes": draw(treatments)},
        "versions": versions,
        "members": members,
        "events": [event for member in members for event in draw(lives(member["id"], posted))],
        "questions": [
            {
                "member": draw(st.sampled_from(members))["id"],
                "purpose": draw(purposes),
                "collected_at": draw(moments),
                "at": draw(moments),
            }
        ],
    }


@st.composite
def lives(draw: st.DrawFn, member: str, posted: list[datetime]) -> list[Json]:
    """What becomes of a member's notices, how the member answers, and what else the member chooses."""
    happened: list[Json] = []
    for number, instant in enumerate(posted, start=1):
        for kind in draw(st.sampled_from(FATES)) + draw(st.sampled_from(ANSWERS)):
            when = zulu(instant + timedelta(seconds=draw(offsets)))
            happened.append({"at": when, "type": kind, "member": member, "version": number})
            if kind == "objected" and draw(st.booleans()):
                happened[-1]["changes"] = draw(some_changes)
            if kind == "consented":
                happened[-1]["purpose"] = draw(purposes)
            if kind == "bounced" and draw(st.booleans()):
                happened[-1]["sending"] = draw(st.integers(0, 3))
    for kind in draw(st.sampled_from(CHOICES)):
        happened.append({"at": zulu(posted[-1] + timedelta(seconds=draw(offsets))), "type": kind, "member": member})
        if kind != "closed":
            happened[-1]["purpose"] = draw(purposes)
    return happened


@st.composite
def objected(draw: st.DrawFn, treatments_of_the_purpose: list[str]) -> Json:
    """A scenario whose `m1` objected to version 2 for the purpose asked about, in time, and never took it back.

    The data asked about was collected before the objection, and the question is asked after it.
    """
    scenario = draw(scenarios())
    asked, version = scenario["questions"][0], scenario["versions"][1]
    version["purposes"] = USUAL_PURPOSES | {asked["purpose"]: draw(st.sampled_from(treatments_of_the_purpose))}
    version["changes"] = [{"id": "c1", "purposes": [asked["purpose"]]}]
    version["notice"] = {"zone": draw(odd_zones)}
    received_at = datetime.fromisoformat(version["posted_at"]) + timedelta(seconds=draw(st.integers(0, 9 * DAY)))
    asked["member"] = "m1"
    asked["collected_at"] = zulu(received_at - timedelta(seconds=draw(st.integers(0, 90 * DAY))))
    asked["at"] = zulu(received_at + timedelta(seconds=draw(offsets)))
    undone = ("objected", "withdrawn", "closed")
    scenario["events"] = [e for e in scenario["events"] if e["member"] != "m1" or e["type"] not in undone]
    return with_events(scenario, {"at": zulu(received_at), "type": "objected", "member": "m1", "version": 2})


def answers(scenario: Json) -> Json:
    """What the portal's rules make of it, as `simulate` prints it."""
    return as_json(play(read(scenario)))


def answer(scenario: Json) -> Json:
    """The answer to its only question."""
    [found] = answers(scenario)["answers"]
    assert isinstance(found, dict)
    return found


def with_events(scenario: Json, *added: Json) -> Json:
    """The scenario with more events, after all others of the same instant."""
    return scenario | {"events": [*scenario["events"], *added]}


def known_at_the_question(scenario: Json) -> Json:
    """The scenario without the events after its question."""
    asked = scenario["questions"][0]["at"]
    return scenario | {"events": [event for event in scenario["events"] if event["at"] <= asked]}


def window_of(scenario: Json, member: str, version: int) -> Json | None:
    """The window after all events; None where the version does not concern the member."""
    windows = answers(scenario)["windows"]
    return next((window for window in windows if (window["member"], window["version"]) == (member, version)), None)

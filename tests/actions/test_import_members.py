"""Importing members: who is new, who is known, what is wrong with which row, and who is owed what."""

import asyncio
from datetime import timedelta

import pytest

from portal.actions.actor import SYSTEM
from portal.actions.member_file import BadRow
from portal.actions.members import CHUNK, Imported, import_members
from portal.actions.policy import create_policy
from portal.actions.publish import publish
from portal.actions.purposes import Defaults
from portal.rules.errors import RuleBroken
from portal.rules.policy import NoticeTerms
from portal.store.connections import transaction
from portal.store.contacts import last_address
from portal.store.members import Address, Member, Membership, Profile
from portal.store.notices import Notice, NoticeState
from portal.store.outcomes import Closure
from portal.store.standings import known
from tests.support.drafting import ON_SITE, TREATMENTS, Office, office_with
from tests.support.world import DAY, POSTED_1, POSTED_2, at, events

NOW = at("2026-02-01 12:00")


@pytest.fixture
async def office(store: str) -> Office:
    return await office_with()


async def imported(*lines: str, all_or_nothing: bool = False) -> Imported:
    return await import_members("\n".join(lines).encode(), by=SYSTEM, at=NOW, all_or_nothing=all_or_nothing)


async def test_a_new_member_is_on_the_newest_version_and_owed_what_comes_later(office: Office) -> None:
    done = await imported("external_id,address,name,language,zone", "c1,ann@example.org,Ann,de,Europe/Berlin")
    assert (done.new, done.rows, done.notices) == (1, 1, 0)
    member = await Member.get(external_id="c1")
    assert (member.language, member.zone) == ("de", "Europe/Berlin")
    membership = await Membership.get(member_id=member.id)
    assert (membership.policy_id, membership.joined_at, membership.joined_on) == (office.policy.id, NOW, 1)
    assert (await Profile.get(member_id=member.id)).name == "Ann"
    version = await office.publish()
    assert await Notice.filter(member_id=member.id).values_list("version_id", flat=True) == [version.id]


async def test_the_event_counts_and_names_nobody(office: Office) -> None:
    await imported("external_id,address,name", "c1,ann@example.org,Ann", "c2,ben@example.org,Ben")
    [event] = await events("members.imported")
    assert event.facts == {"new": 2, "changed": 0}
    assert {row.sequence for row in await Address.all()} == {event.id}


async def test_only_the_external_id_is_needed(office: Office) -> None:
    assert (await imported("external_id", "c1", "", "  ", "c2")).new == 2
    member = await Member.get(external_id="c1")
    assert member.language == "en"
    assert await last_address(member.id) is None


async def test_two_members_share_an_address_and_each_has_an_own_notice(office: Office) -> None:
    assert (await imported("external_id,address", "c1,us@example.org", "c2,us@example.org")).new == 2
    version = await office.publish()
    assert await Notice.filter(version_id=version.id).count() == 2


async def test_known_members_get_what_is_new_into_their_history(office: Office) -> None:
    await imported("external_id,address,name,language", "c1,ann@example.org,Ann,en", "c2,ben@example.org,Ben,en")
    again = await imported(
        "external_id,address,name,language", "c1,ann@example.com,Ann Lee,de", "c2,ben@example.org,Ben,en"
    )
    assert (again.new, again.changed, again.unchanged) == (0, 1, 1)
    member = await Member.get(external_id="c1")
    given = await Address.filter(member_id=member.id).order_by("id")
    assert [row.address for row in given] == ["ann@example.org", "ann@example.com"]
    assert [row.name for row in await Profile.filter(member_id=member.id).order_by("id")] == ["Ann", "Ann Lee"]
    assert member.language == "de"
    assert await Membership.filter(member_id=member.id).count() == 1


async def test_an_unchanged_file_writes_nothing(office: Office) -> None:
    lines = ("external_id,address,name", "c1,ann@example.org,Ann")
    await imported(*lines)
    assert (await imported(*lines)).unchanged == 1
    assert len(await events("members.imported")) == 1
    assert await Address.all().count() == await Profile.all().count() == 1


async def test_an_empty_cell_and_a_missing_column_change_nothing(office: Office) -> None:
    await imported("external_id,address,name,zone", "c1,ann@example.org,Ann,Europe/Paris")
    assert (await imported("external_id,address,name", "c1,,")).unchanged == 1
    assert (await imported("external_id,name", "c1,Anna")).changed == 1
    assert (await Member.get(external_id="c1")).zone == "Europe/Paris"
    assert (await Address.get()).address == "ann@example.org"


async def test_a_new_address_gets_what_the_old_one_refused(office: Office) -> None:
    await imported("external_id,address", "c1,old@example.org")
    await office.publish()
    async with transaction():
        await Notice.all().update(state=NoticeState.REFUSED)
    later = b"external_id,address\nc1,new@example.org\n"
    await import_members(later, by=SYSTEM, at=POSTED_2 + DAY)
    assert (await Notice.get()).state is NoticeState.QUEUED


async def test_a_member_joins_the_policies_of_their_row(office: Office) -> None:
    help_desk = await create_policy("help", "Help desk", Defaults(ON_SITE, TREATMENTS), by=office.lena, at=POSTED_1)
    await imported("external_id,policies", "c1,help", "c2,privacy help", "c3,")
    under = {
        member.external_id: await Membership.filter(member_id=member.id).order_by("policy_id")
        for member in await Member.all()
    }
    both = [office.policy.id, help_desk.id]
    assert {key: [row.policy_id for row in rows] for key, rows in under.items()} == {
        "c1": [help_desk.id],
        "c2": both,
        "c3": both,
    }
    assert under["c1"][0].joined_on == 0  # no version is published yet


async def test_a_known_member_joins_another_policy(office: Office) -> None:
    await imported("external_id,policies", "c1,privacy")
    await create_policy("help", "Help desk", Defaults(ON_SITE, TREATMENTS), by=office.lena, at=POSTED_1)
    assert (await imported("external_id,policies", "c1,help")).changed == 1
    assert await Membership.all().count() == 2


async def test_who_joined_earlier_is_owed_what_was_posted_since(office: Office) -> None:
    await office.publish()
    file = b"external_id,joined_at\nc1,2026-01-10T00:00:00Z\nc2,2026-03-05\nc3,2025-12-24T23:00:00+01:00\n"
    done = await import_members(file, by=SYSTEM, at=POSTED_2 + 10 * DAY)
    owed = {
        member.external_id: [
            notice.version.number
            for notice in await Notice.filter(member_id=member.id).order_by("id").prefetch_related("version")
        ]
        for member in await Member.all()
    }
    assert owed == {"c1": [2], "c2": [], "c3": [1, 2]}
    assert done.notices == 3
    member = await Member.get(external_id="c1")
    assert (await Membership.get(member_id=member.id)).joined_on == 1
    assert (await Notice.get(member_id=member.id)).next_attempt_at == POSTED_2 + 10 * DAY


async def test_joined_on_names_the_version(office: Office) -> None:
    await office.publish()
    file = b"external_id,joined_at,joined_on\nc1,2026-01-10,2\nc2,2026-01-10,privacy=2\nc3,2026-01-10,0\n"
    await import_members(file, by=SYSTEM, at=POSTED_2 + DAY)
    joined = {row.member_id: row.joined_on for row in await Membership.all()}
    assert list(joined.values()) == [2, 2, 0]
    assert await Notice.all().count() == 1  # c3 joined after version 1 was posted: only version 2 concerns them


WRONG = [
    ("c1", "has 1 cell, the header 7"),
    (",a@example.org,,,,,", "external_id: is missing"),
    ("c0,a@example.org,,,,,", "external_id: 'c0' stands on line 2 already"),
    ("c1,nobody,,,,,", "address: 'nobody' is no mail address"),
    ("c1,a@b@example.org,,,,,", "address: 'a@b@example.org' is no mail address"),
    ("c1,ü@example.org,,,,,", "address: 'ü@example.org' has signs before the @ that not every server takes"),
    ("c1,,,english,,,", "language: 'english' is no language tag such as en or de-AT"),
    ("c1,,,,Berlin,,", "zone: 'Berlin' is no IANA time zone such as Europe/Berlin"),
    ("c1,,,,,yesterday,", "joined_at: 'yesterday' is no instant such as 2026-03-22T04:00:00Z"),
    (
        "c1,,,,,2026-01-10T00:00:00,",
        "joined_at: '2026-01-10T00:00:00' has no offset; write 2026-03-22T04:00:00Z or +01:00",
    ),
    ("c1,,,,,2027-01-10,", "joined_at: lies in the future"),
    ("c1,,,,,,two", "joined_on: 'two' is neither a version's number nor pairs such as privacy=2"),
    ("c1,,,,,,2", "joined_on: privacy has no version 2"),
    ("c1,,,,,,help=1", "joined_on: 'help' is none of the row's policies"),
    ("c1,,,,,,1 privacy=1", "joined_on: '1 privacy=1' is both a number for all policies and one for each"),
    ("c1,,a\0b,,,,", "name: holds a control character"),
    (f"{'c' * 201},,,,,,", "external_id: is longer than 200 characters"),
    ('c1,,"a"b,,,,', "cannot be read as CSV: ',' expected after '\"'"),
]


@pytest.mark.parametrize(("line", "reason"), WRONG)
async def test_a_bad_row_is_named_and_the_good_ones_are_in(office: Office, line: str, reason: str) -> None:
    header = "external_id,address,name,language,zone,joined_at,joined_on"
    done = await imported(header, "c0,ann@example.org,,,,,", line, "c9,ben@müller.example,Zoë,,,,")
    assert done.bad == [BadRow(3, reason)]
    assert sorted([member.external_id for member in await Member.all()]) == ["c0", "c9"]
    assert await Membership.all().count() == 2


async def test_an_unknown_policy_is_named(office: Office) -> None:
    assert (await imported("external_id,policies", "c1,privacy nowhere")).bad == [
        BadRow(2, "policies: there is no policy 'nowhere'")
    ]


async def test_the_line_is_the_one_where_a_row_begins(office: Office) -> None:
    done = await imported("external_id,name", 'c1,"two', 'lines"', "", "c2,Ben,too much", "c3,Cleo")
    assert [row.line for row in done.bad] == [2, 5]
    assert done.new == 1


async def test_a_closed_account_is_left_as_it_is(office: Office) -> None:
    await imported("external_id,address", "c1,ann@example.org")
    member = await Member.get(external_id="c1")
    async with transaction():
        await Closure.create(member_id=member.id, received_at=NOW, recorded_at=NOW, sequence=0)
    assert (await imported("external_id,address", "c1,new@example.org")).bad == [BadRow(2, "the account is closed")]
    assert await Address.all().count() == 1


async def test_all_or_nothing_is_nothing_when_one_row_is_wrong(office: Office) -> None:
    good = [f"c{i},m{i}@example.org" for i in range(CHUNK + 5)]
    for wrong in ("d1,nobody", "d2,a@example.org,more"):
        with pytest.raises(RuleBroken) as refused:
            await imported("external_id,address", *good, wrong, all_or_nothing=True)
        assert refused.value.code == "rows_wrong"
        assert [row.line for row in refused.value.facts["bad"]] == [CHUNK + 7]  # type: ignore[attr-defined]
    assert await Member.all().count() == 0
    assert await events("members.imported") == []


async def test_all_or_nothing_finds_what_only_the_database_knows(office: Office) -> None:
    good = [f"c{i},privacy" for i in range(CHUNK + 5)]
    with pytest.raises(RuleBroken) as refused:
        await imported("external_id,policies", *good, "d1,nowhere", all_or_nothing=True)
    assert refused.value.code == "rows_wrong"
    assert await Member.all().count() == 0


async def test_all_or_nothing_is_all_when_every_row_is_right(office: Office) -> None:
    good = [f"c{i},m{i}@example.org" for i in range(CHUNK + 5)]
    assert (await imported("external_id,address", *good, all_or_nothing=True)).new == CHUNK + 5
    assert await Membership.all().count() == CHUNK + 5


@pytest.mark.parametrize(
    "file",
    [
        "\ufeffexternal_id,name\r\nc1,Zoë\r\n".encode(),
        "External_ID ;name\nc1;Zoë\n".encode(),
        "external_id\tname\nc1\tZoë".encode(),
        "name,external_id\nZoë,c1\n".encode(),
    ],
)
async def test_files_as_spreadsheets_write_them_are_read(office: Office, file: bytes) -> None:
    assert (await import_members(file, by=SYSTEM, at=NOW)).new == 1
    assert (await Profile.get()).name == "Zoë"


async def test_latin_1_is_refused_with_advice_and_read_when_it_is_named(office: Office) -> None:
    file = "external_id,name\nc1,Ann\nc2,Zoë\n".encode("latin-1")
    with pytest.raises(RuleBroken) as refused:
        await import_members(file, by=SYSTEM, at=NOW)
    assert refused.value.code == "file_encoding"
    assert refused.value.facts == {"line": 3, "advice": "latin-1"}
    assert await Member.all().count() == 0
    assert (await import_members(file, by=SYSTEM, at=NOW, encoding="latin-1")).new == 2
    assert await Profile.exists(name="Zoë")


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("external_id\nc1\n".encode("utf-16"), "file_encoding"),
        (b"", "file_empty"),
        (b"id,mail\nc1,a@example.org\n", "columns_wrong"),
        (b"address\na@example.org\n", "columns_wrong"),
        (b"external_id,name,name\nc1,a,b\n", "columns_wrong"),
        (b"external_id,\nc1,\n", "columns_wrong"),
    ],
)
async def test_a_file_that_is_wrong_as_a_whole_is_refused(office: Office, file: bytes, code: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        await import_members(file, by=SYSTEM, at=NOW)
    assert refused.value.code == code


async def test_wrong_headers_are_named_all_at_once(office: Office) -> None:
    with pytest.raises(RuleBroken, match=r"unknown column 'mail', name stands twice, external_id is missing"):
        await import_members(b"mail,name,name\n", by=SYSTEM, at=NOW)


async def test_an_import_racing_a_publication_leaves_nobody_out(office: Office) -> None:
    """Whichever comes first: a member is on the new version, or owed a notice of it."""
    draft = await office.ready()
    file = ("external_id\n" + "".join(f"c{i}\n" for i in range(3 * CHUNK))).encode()
    done, version = await asyncio.gather(
        import_members(file, by=SYSTEM, at=POSTED_2 - timedelta(seconds=1)),
        publish(draft.id, by=office.lena, at=POSTED_2),
    )
    assert done.new == 3 * CHUNK
    told = set(await Notice.filter(version_id=version.id).values_list("member_id", flat=True))
    on_it = {row.member_id for row in await Membership.filter(joined_on=2)}
    assert told.isdisjoint(on_it)
    assert len(told | on_it) == 3 * CHUNK
    for row in await Membership.filter(joined_on=2):
        assert row.joined_at >= POSTED_2


async def test_imports_of_the_same_members_at_once_bring_in_each_once(office: Office) -> None:
    file = ("external_id,address\n" + "".join(f"c{i},m{i}@example.org\n" for i in range(50))).encode()
    done = await asyncio.gather(*(import_members(file, by=SYSTEM, at=NOW) for _ in range(4)))
    assert sum(one.new for one in done) == 50
    assert sum(one.unchanged for one in done) == 150
    assert await Address.all().count() == 50


async def test_the_rules_see_an_imported_member(office: Office) -> None:
    await imported("external_id", "c1")
    member = await Member.get(external_id="c1")
    facts = await known(member.id, office.policy.id)
    assert (facts.standing.joined_on, facts.standing.joined_at) == (1, NOW)
    assert NoticeTerms.from_json(office.policy.terms).by_email

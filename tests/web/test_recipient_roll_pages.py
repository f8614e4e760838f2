"""The recipient roll of a version on the pages of ops and legal, and as a table to take along."""

import csv
import io
import re
from hashlib import sha256

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette

from portal.actions.actor import SYSTEM
from portal.actions.members import import_members
from portal.actions.notice import record_bounce
from portal.store.connections import transaction
from portal.store.members import Member
from portal.store.policies import Version
from portal.store.recipient_roll import RecipientRoll
from portal.store.staff import Role
from portal.web.roll import COLUMNS
from tests.support.clock import Clock
from tests.support.drafting import ON_SITE
from tests.support.many import many_members
from tests.support.noticed import JOINED, Noticed, noticed_world, publish_next
from tests.support.noticed import TEXT_2 as NEWEST
from tests.support.world import DAY, POSTED_1, make_member, make_policy, make_version
from tests.web.conftest import SignIn


@pytest.fixture
async def ops(as_staff: SignIn) -> AsyncClient:
    return await as_staff(Role.OPS)


def address(version: Version, noun: str = "/roll.csv") -> str:
    return f"/staff/notices/{version.id}{noun}"


def figures(page: str) -> dict[str, str]:
    """What stands under "Recipient roll"."""
    [section] = re.findall(r'<section aria-labelledby="roll">.*?</section>', page, re.DOTALL)
    return dict(re.findall(r"<dt>([^<]*)</dt><dd>(?:<code[^>]*>)?([^<]*)<", section))


async def table(browser: AsyncClient, version: Version) -> list[dict[str, str]]:
    answer = await browser.get(address(version))
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def test_the_campaigns_page_shows_number_and_digest(ops: AsyncClient, noticed: Noticed) -> None:
    roll = await RecipientRoll.get(version_id=noticed.version.id)
    page = (await ops.get(address(noticed.version, ""))).text
    assert figures(page) == {"Members": "2", "Added later": "0", "Digest of the roll": roll.digest}
    assert f'href="{address(noticed.version)}"' in page
    assert "Members who were entered later" not in page


async def test_members_entered_later_are_counted_apart_and_not_in_the_table(
    ops: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    late = f"external_id,joined_at\nlate,{JOINED:%Y-%m-%dT%H:%M:%SZ}\n".encode()
    await import_members(late, by=SYSTEM, at=clock())
    roll = await RecipientRoll.get(version_id=noticed.version.id)
    page = (await ops.get(address(noticed.version, ""))).text
    assert figures(page) == {"Members": "2", "Added later": "1", "Digest of the roll": roll.digest}
    assert "Members who were entered later" in page
    assert [row["external_id"] for row in await table(ops, noticed.version)] == ["m1", "m2"]


async def test_the_table_holds_numbers_ids_and_states_and_its_name_the_digest(
    ops: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    await record_bounce(noticed.other.id, noticed.version.id, by=SYSTEM, at=clock())
    answer = await ops.get(address(noticed.version))
    roll = await RecipientRoll.get(version_id=noticed.version.id)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == (
        f'attachment; filename="privacy-2-roll-{roll.digest.replace(":", "-")}.csv"'
    )
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    first, second = await table(ops, noticed.version)
    assert tuple(first) == COLUMNS
    assert tuple(first.values()) == (str(noticed.member.id), "m1", "accepted")
    assert tuple(second.values()) == (str(noticed.other.id), "m2", "bounced")
    assert "example" not in answer.text
    assert "maria" not in answer.text.lower()


async def test_the_first_column_gives_the_digest(ops: AsyncClient, noticed: Noticed) -> None:
    """tail -n +2 FILE | cut -d, -f1 | sha256sum"""
    lines = (await ops.get(address(noticed.version))).content.split(b"\r\n")[1:-1]
    numbers = b"".join(line.split(b",")[0] + b"\n" for line in lines)
    roll = await RecipientRoll.get(version_id=noticed.version.id)
    assert f"sha256:{sha256(numbers).hexdigest()}" == roll.digest


async def test_no_id_of_the_companys_becomes_a_formula(ops: AsyncClient, noticed: Noticed, clock: Clock) -> None:
    names = ['=HYPERLINK("http://example.org","x")', "+1", "-1", "@x", 'a,"b"', "käse"]
    for name in names:
        await make_member(noticed.policy, name, JOINED, None)
    version, _ = await publish_next(noticed, NEWEST.replace("once a week", "every day"), clock())
    shown = [row["external_id"] for row in await table(ops, version)]
    assert shown == ["m1", "m2", *(f"'{name}" for name in names[:4]), *names[4:]]


async def test_a_long_table_comes_in_pieces_and_whole(
    ops: AsyncClient, noticed: Noticed, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.store.roll_rows.CHUNK", 100)
    await many_members(noticed.policy, 1_000, first=101)
    version, _ = await publish_next(noticed, NEWEST.replace("once a week", "every day"), clock())
    rows = await table(ops, version)
    assert [int(row["member"]) for row in rows] == [1, 2, *range(101, 1_101)]
    assert {row["state"] for row in rows} == {"queued"}


async def test_legal_finds_it_on_the_page_of_the_version(as_staff: SignIn, noticed: Noticed) -> None:
    legal = await as_staff(Role.LEGAL)
    roll = await RecipientRoll.get(version_id=noticed.version.id)
    page = (await legal.get("/staff/policies/privacy/versions/2")).text
    assert figures(page)["Digest of the roll"] == roll.digest
    assert f'href="{address(noticed.version)}"' in page
    assert len(await table(legal, noticed.version)) == 2


async def test_an_approver_sees_the_digest_and_cannot_take_the_roll_along(as_staff: SignIn, noticed: Noticed) -> None:
    approver = await as_staff(Role.APPROVER)
    page = (await approver.get("/staff/policies/privacy/versions/2")).text
    assert figures(page)["Members"] == "2"
    assert "roll.csv" not in page


async def test_only_ops_and_legal_take_it_along(as_staff: SignIn, client: AsyncClient, noticed: Noticed) -> None:
    others = await as_staff(Role.APPROVER, Role.ADMIN)
    refused = await others.get(address(noticed.version))
    assert refused.status_code == 403
    assert "m1" not in refused.text
    sent_away = await client.get(address(noticed.version))
    assert (sent_away.status_code, sent_away.text) == (303, "")
    assert sent_away.headers["location"].startswith("/staff/sign-in?next=")
    both = await as_staff(Role.OPS, Role.LEGAL)
    for method in ("POST", "PUT", "DELETE"):
        assert (await both.request(method, address(noticed.version))).status_code == 405


async def test_a_version_told_on_the_site_only_has_one(ops: AsyncClient, app: Starlette) -> None:
    told = await noticed_world(app, ON_SITE, mailed=False)
    assert figures((await ops.get(address(told.version, ""))).text)["Members"] == "2"
    assert [row["state"] for row in await table(ops, told.version)] == ["posted", "posted"]


async def test_the_roll_of_nobody_is_a_header(ops: AsyncClient, noticed: Noticed) -> None:
    first = await Version.get(policy_id=noticed.policy.id, number=1)
    assert figures((await ops.get(address(first, ""))).text)["Members"] == "0"
    answer = await ops.get(address(first))
    assert answer.text == "\ufeffmember,external_id,state\r\n"
    assert "e3b0c44298fc1c14" in answer.headers["content-disposition"]


async def test_a_version_that_came_with_its_history_has_none(ops: AsyncClient, app: Starlette) -> None:
    policy = await make_policy("terms")
    await make_member(policy, "m9", POSTED_1 - DAY, on=0)
    version = await make_version(policy, POSTED_1)
    page = await ops.get(address(version, ""))
    assert page.status_code == 200
    assert "Recipient roll" not in page.text
    assert (await ops.get(address(version))).status_code == 404
    assert (await ops.get("/staff/notices/999/roll.csv")).status_code == 404


async def test_the_table_tells_of_the_moment_and_the_roll_of_the_posting(ops: AsyncClient, noticed: Noticed) -> None:
    async with transaction():
        await Member.filter(id=noticed.member.id).update(external_id="renamed")
    assert [row["external_id"] for row in await table(ops, noticed.version)] == ["renamed", "m2"]
    page = (await ops.get(address(noticed.version, ""))).text
    assert figures(page)["Digest of the roll"] == (await RecipientRoll.get(version_id=noticed.version.id)).digest

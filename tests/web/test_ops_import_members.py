"""Ops brings in the company's list of members."""

import pytest
from httpx2 import AsyncClient, Response

from portal.store.members import Member
from portal.store.staff import Role
from tests.web.conftest import SignIn

HERE = "/staff/members/import"
GOOD = "external_id,address,name\nc1,c1@example.org,Cleo\nc2,c2@example.org,Chris\n"
BAD = GOOD + "c3,not an address,Carl\n,c4@example.org,Nobody\n"


@pytest.fixture
async def ops(as_staff: SignIn) -> AsyncClient:
    return await as_staff(Role.OPS)


async def bring_in(client: AsyncClient, content: str | bytes, **fields: str) -> Response:
    file = content if isinstance(content, bytes) else content.encode()
    return await client.post(HERE, data={"mode": "good", **fields}, files={"file": ("members.csv", file, "text/csv")})


@pytest.mark.usefixtures("privacy")
async def test_new_members_are_in_and_counted(ops: AsyncClient) -> None:
    page = (await ops.get(HERE)).text
    assert "external_id" in page
    answer = await bring_in(ops, GOOD)
    assert answer.status_code == 200
    assert "<strong>2</strong> <span>new</span>" in answer.text
    assert await Member.all().count() == 2
    assert "c1@example.org" in (await ops.get("/staff/members")).text


@pytest.mark.usefixtures("privacy")
async def test_the_same_file_again_changes_nothing(ops: AsyncClient) -> None:
    await bring_in(ops, GOOD)
    answer = await bring_in(ops, GOOD)
    assert "<strong>2</strong> <span>as they were</span>" in answer.text
    assert await Member.all().count() == 2


@pytest.mark.usefixtures("privacy")
async def test_bad_rows_are_named_by_line_and_the_others_are_in(ops: AsyncClient) -> None:
    answer = await bring_in(ops, BAD)
    assert answer.status_code == 200
    for words in ('<td class="number">4</td>', '<td class="number">5</td>', "<strong>2</strong> <span>left out</span>"):
        assert words in answer.text, words
    assert sorted(row.external_id for row in await Member.all()) == ["c1", "c2"]


@pytest.mark.usefixtures("privacy")
async def test_all_or_nothing_writes_nothing_and_names_the_rows(ops: AsyncClient) -> None:
    answer = await bring_in(ops, BAD, mode="all")
    assert answer.status_code == 422
    for words in ("Nothing is written", '<td class="number">4</td>', '<td class="number">5</td>'):
        assert words in answer.text, words
    assert not await Member.exists()


@pytest.mark.usefixtures("privacy")
async def test_latin_1_is_read_when_it_is_chosen(ops: AsyncClient) -> None:
    file = "external_id,name\nc1,Zoë\n".encode("latin-1")
    wrong = await bring_in(ops, file)
    assert wrong.status_code == 422
    assert not await Member.exists()
    assert (await bring_in(ops, file, encoding="latin-1")).status_code == 200
    assert "Zoë" in (await ops.get("/staff/members")).text


@pytest.mark.usefixtures("privacy")
@pytest.mark.parametrize(("content", "fields"), [("", {}), ("who,what\n1,2\n", {}), (GOOD, {"encoding": "klingon"})])
async def test_a_file_that_is_no_list_of_members_is_refused(
    ops: AsyncClient, content: str, fields: dict[str, str]
) -> None:
    answer = await bring_in(ops, content, **fields)
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert not await Member.exists()


async def test_without_a_file_the_choice_stays(ops: AsyncClient) -> None:
    answer = await ops.post(HERE, data={"mode": "all"})
    assert answer.status_code == 422
    assert "Choose the file." in answer.text
    assert 'value="all" checked' in answer.text


@pytest.mark.usefixtures("privacy")
async def test_other_roles_bring_in_nobody(as_staff: SignIn) -> None:
    other = await as_staff(Role.LEGAL, Role.APPROVER, Role.ADMIN)
    assert (await other.get(HERE)).status_code == 403
    assert (await bring_in(other, GOOD)).status_code == 403
    assert not await Member.exists()

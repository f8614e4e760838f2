"""A member downloads everything that the portal knows of them: all of it, nobody else's, and no keys."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette
from tortoise import Tortoise

from portal.actions.actor import SYSTEM, Actor
from portal.actions.consent import opt_out
from portal.actions.declare import declare_consent
from portal.actions.notice import record_bounce, record_letter
from portal.actions.objection import file_objection, withdraw
from portal.actions.outcome import close_account, settle_freeze
from portal.actions.request import answer_request, ask
from portal.actions.staff import add_staff
from portal.actions.terms import governing_terms
from portal.store.answers import ConfirmationWay, Way
from portal.store.notices import Sending, SightWay
from portal.store.outbox import OutgoingMail
from portal.store.requests import RequestKind
from portal.store.staff import Role
from portal.web.data.labels import labels
from portal.web.data.schema import MemberData, Part
from portal.web.data.sections import SECTIONS
from tests.support.clock import Clock
from tests.support.noticed import Noticed
from tests.support.objecting import freezing
from tests.web.conftest import SignIn

JSON, HTML = "/account/data.json", "/account/data.html"
DOCS = Path(__file__).parents[2] / "docs"
IN_IT = {
    "address", "address_change", "bounce", "closure", "confirmation", "consent", "declaration", "event",
    "member_request", "member_session", "membership", "notice", "objected_change", "objection", "opt_out",
    "outgoing_mail", "profile", "refusal", "remark", "reply", "returned_match", "sending", "settlement", "sight",
    "submission", "submitted_file",
}  # fmt: skip


@pytest.fixture
async def lived(noticed: Noticed, clock: Clock) -> Noticed:
    """A member to whom everything has happened that can happen; and another one, with other words."""
    by, ops = Actor("member", noticed.member.id), Actor("staff", (await _staff(clock)).id)
    member_id, version_id = noticed.member.id, noticed.version.id
    for section, reason in (("News", "Too much mail."), ("Service", "I do not want it.")):
        filed = await file_objection(
            member_id, version_id, [noticed.keys[section]], way=Way.ACCOUNT, by=by, at=clock(), reason=reason
        )
        if section == "News":
            await settle_freeze(filed.id, by=ops, at=clock(), note="Segment rebuilt by Olga.")
            await withdraw(filed.id, way=Way.ACCOUNT, by=by, at=clock.move(minutes=1))
    await declare_consent(
        member_id,
        version_id,
        "ai_training",
        way=Way.ACCOUNT,
        known_as=ConfirmationWay.SIGN_IN,
        by=by,
        at=clock(),
    )
    await opt_out(member_id, "marketing", way=Way.LINK, by=by, at=clock.move(minutes=1))
    await record_bounce(member_id, version_id, by=SYSTEM, at=clock.move(minutes=1))
    await record_letter(
        member_id, version_id, received_at=clock(), way=SightWay.LETTER, note="Letter book 7", by=ops, at=clock()
    )
    asked = await ask(member_id, RequestKind.ACCESS, way=Way.ACCOUNT, by=by, at=clock.move(minutes=1))
    await answer_request(asked.id, "Sent by post.", by=ops, at=clock.move(minutes=1))
    await freezing(noticed, clock(), noticed.other)
    return noticed


async def _staff(clock: Clock) -> Any:
    return await add_staff(
        "olga@example.com", "Olga Opsen", (Role.OPS,), "a long password of hers", by=SYSTEM, at=clock()
    )


async def data(browser: AsyncClient) -> dict[str, Any]:
    answer = await browser.get(JSON)
    assert answer.status_code == 200
    MemberData.model_validate_json(answer.text)
    found: dict[str, Any] = json.loads(answer.text)
    return found


async def test_everything_that_happened_is_in_it(as_member: SignIn, lived: Noticed) -> None:
    found = await data(await as_member("m1"))
    assert found["member"]["customer_number"] == "m1"
    assert [row["address"] for row in found["addresses"]] == ["maria@example.org"]
    [notice] = found["notices"]
    assert notice["sendings"][0]["came_back_at"] == "2026-03-02T09:03:00Z"
    assert notice["sights"][0]["way"] == "letter"
    first, second = found["objections"]
    assert (first["reason"], first["outcome"], first["withdrawn_at"]) == (
        "Too much mail.",
        "freeze",
        "2026-03-02T09:01:00Z",
    )
    assert first["freeze_settled_at"] == "2026-03-02T09:00:00Z"
    assert (second["outcome"], second["purposes"]) == ("closure", ["service"])
    assert [row["purpose"] for row in found["consents"]] == ["ai_training"]
    [declared] = found["declarations"]
    assert (declared["kind"], declared["ended_as"], declared["confirmed_by"]) == ("consent", "confirmed", "sign_in")
    assert [(row["purpose"], row["direction"]) for row in found["opt_outs"]] == [("marketing", "out")]
    [request] = found["requests"]
    assert (request["kind"], request["ended_as"], request["answer"]) == ("access", "answered", "Sent by post.")
    assert {"objection.filed", "freeze.settled", "consent.given"} <= {row["action"] for row in found["events"]}
    assert {"member", "staff", "portal"} <= {row["by"] for row in found["events"]}
    assert found["sign_ins"]


async def test_its_terms_are_those_that_the_companys_systems_are_told(
    as_member: SignIn, lived: Noticed, clock: Clock
) -> None:
    found = await data(await as_member("m1"))
    assert len(found["terms"]) >= 3
    for row in found["terms"]:
        asked = await governing_terms(
            "m1", row["policy"], row["purpose"], datetime.fromisoformat(row["collected_from"]), at=clock()
        )
        said = asked.answer
        assert (row["version"], row["allowed"], row["basis"]) == (said.version, said.allowed, str(said.basis))


@pytest.mark.parametrize("path", [JSON, HTML])
async def test_nothing_of_others_of_staff_or_of_keys_is_in_it(
    as_member: SignIn, lived: Noticed, app: Starlette, path: str
) -> None:
    browser = await as_member("m1")
    await app.state.jobs.idle()
    text = (await browser.get(path)).text
    for words in ("noah@example.net", "m2", "Olga", "Letter book 7", "Segment rebuilt"):
        assert words not in text, words
    ids = [row.message_id for row in await Sending.all()]
    ids += [row.message_id for row in await OutgoingMail.filter(member_id=lived.member.id)]
    tokens = {one.strip("<>").partition("@")[0] for one in ids if len(one) > 20}
    assert tokens
    cookie = browser.cookies["member"].partition(".")[2]
    assert [token for token in (*tokens, cookie, lived.token()) if token in text] == []
    assert "sha256:" not in text


async def test_another_member_gets_their_own(as_member: SignIn, lived: Noticed) -> None:
    found = await data(await as_member("m2"))
    assert found["member"]["customer_number"] == "m2"
    assert [row["address"] for row in found["addresses"]] == ["noah@example.net"]
    assert len(found["objections"]) == 1
    assert "maria@example.org" not in json.dumps(found)


@pytest.mark.parametrize("path", ["/account/data", JSON, HTML])
async def test_a_mailed_link_does_not_open_it(client: AsyncClient, noticed: Noticed, path: str) -> None:
    assert (await client.get(noticed.by_link())).status_code == 200
    answer = await client.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


async def test_files_are_stored_nowhere_and_bring_their_own_policy(as_member: SignIn, noticed: Noticed) -> None:
    browser = await as_member("m1")
    saved = await browser.get(JSON)
    assert saved.headers["cache-control"] == "no-store"
    assert saved.headers["content-disposition"] == 'attachment; filename="my-data-2026-03-02.json"'
    shown = await browser.get(HTML)
    assert (shown.headers["cache-control"], "content-disposition" in shown.headers) == ("no-store", False)
    policy = shown.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert "attachment" in (await browser.get(f"{HTML}?save=1")).headers["content-disposition"]


async def test_the_page_needs_nothing_beside_itself(as_member: SignIn, lived: Noticed) -> None:
    text = (await (await as_member("m1")).get(HTML)).text
    assert not re.search(r"<(script|link|img|iframe|form)\b|\ssrc=|@import|url\(", text)
    assert not re.search(r"<[^>]+\s(style|on\w+)=", text)
    assert text.count("<dd>Privacy policy</dd>") == text.count("<dt>Policy</dt><dd>Privacy policy</dd>") > 1
    for words in (
        "Too much mail.",
        "maria@example.org",
        "Sent by post.",
        "Opted out",
        "English",
        "This is the end of the file.",
    ):
        assert words in text, words


async def test_a_closed_account_can_still_be_read(as_member: SignIn, noticed: Noticed, clock: Clock) -> None:
    browser = await as_member("m1")
    await close_account(noticed.member.id, by=SYSTEM, at=clock())
    assert "/account/data" in (await browser.get("/account")).text
    assert (await data(browser))["closures"] == [{"closed_at": "2026-03-02T09:00:00Z", "objection": None}]
    assert (await browser.get("/account/data")).status_code == 200


async def test_names_that_look_like_markup_are_words(as_member: SignIn, noticed: Noticed) -> None:
    browser = await as_member("m1")
    await browser.post("/account/details", data={"name": "<script>alert(1)</script>", "language": "en", "zone": ""})
    assert "<script>" not in (await browser.get(HTML)).text
    assert (await data(browser))["profiles"][-1]["name"] == "<script>alert(1)</script>"


def test_the_schema_file_says_what_is_written() -> None:
    """To write it anew: `json.dumps(MemberData.json_schema(), indent=2)`, and a line feed."""
    written = json.loads((DOCS / "member-data.schema.json").read_text(encoding="utf-8"))
    assert written == MemberData.json_schema()


def test_the_page_about_it_names_every_key_of_the_whole() -> None:
    page = (DOCS / "member-data.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert named == list(MemberData.json_schema()["properties"])
    assert [key for key, _ in SECTIONS] == named[4:]


def test_every_key_has_a_label() -> None:
    parts = [part for part in Part.__subclasses__() if part is not MemberData]
    keys = {key for part in parts for key in part.model_fields}
    assert keys - set(labels()) == set()


@pytest.mark.usefixtures("app")
async def test_every_table_about_members_is_in_it_or_left_out_on_purpose() -> None:
    assert Tortoise.apps is not None
    models = Tortoise.apps["portal"].values()
    about = {model._meta.db_table for model in models if "member_id" in model._meta.db_fields}
    # Codes are keys; of a file its digest is in it, not its bytes.
    assert about == IN_IT | {"one_time_code", "submitted_piece"}

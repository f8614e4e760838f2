"""Ops adds the scan of a letter: refused before anything is written, read and erased by ops only, on record."""

import asyncio
import re

import pytest
from httpx2 import AsyncClient

from portal.store.answers import Objection
from portal.store.events import Event
from portal.store.staff import Role
from portal.store.submissions import LARGEST_FILE, Submission, SubmittedFile, SubmittedPiece
from portal.web.limits import OF_LETTERS, body_limit
from portal.web.ops.submission import to_be_saved
from tests.support.clock import Clock
from tests.support.entering import (
    BY_LETTER,
    MAIL,
    PDF,
    PNG,
    SCAN,
    File,
    entered,
    pressed,
    second_page,
    submission_after,
)
from tests.support.forms import Typed, form_on
from tests.support.noticed import Noticed
from tests.web.conftest import SignIn

BIG = b"%PDF-1.7\n" + bytes(range(256)) * 4_000


@pytest.fixture
async def ops(as_staff: SignIn) -> AsyncClient:
    return await as_staff(Role.OPS)


def at(noticed: Noticed) -> str:
    return f"/staff/members/{noticed.member.id}/objections?version={noticed.version.id}"


async def kept(ops: AsyncClient, noticed: Noticed, *files: File) -> str:
    """The address of the submission."""
    answer = await entered(ops, at(noticed), files or (SCAN,), changes=[noticed.keys["News"]])
    return f"/staff/submissions/{(await submission_after(answer)).id}"


async def test_the_form_takes_several_files_of_the_kinds_it_names(ops: AsyncClient, noticed: Noticed) -> None:
    page = (await second_page(ops, at(noticed))).text
    assert re.search(r'<input id="files" name="files" type="file"[^>]* multiple=""', page)
    assert 'enctype="multipart/form-data"' in page
    assert "Up to 5 files of 10 MB each. Only ops can read them." in page


async def test_all_kinds_are_kept_and_come_back_byte_for_byte(ops: AsyncClient, noticed: Noticed) -> None:
    files: list[File] = [
        ("letter.pdf", BIG, "application/pdf"),
        ("page 2.png", PNG, "application/octet-stream"),
        ("mail.eml", MAIL, "text/html"),
        ("note.html", b"<script>alert(1)</script>", "text/html"),
    ]
    here = await kept(ops, noticed, *files)
    types = ["application/pdf", "image/png", "message/rfc822", "text/plain; charset=utf-8"]
    for number, (file, media_type) in enumerate(zip(files, types, strict=True), 1):
        saved = await ops.post(f"{here}/files/{number}/readings")
        assert (saved.status_code, saved.content) == (200, file[1])
        assert saved.headers["content-type"] == media_type
        assert saved.headers["content-disposition"].startswith("attachment; ")
        assert saved.headers["x-content-type-options"] == "nosniff"
        assert saved.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
        assert saved.headers["cache-control"] == "no-store"
        if media_type in ("application/pdf", "image/png"):  # which are compressed already
            assert saved.headers["content-length"] == str(len(file[1]))
            assert "content-encoding" not in saved.headers
    assert 'filename="note.html.txt"' in saved.headers["content-disposition"]


async def test_who_reads_a_file_stands_on_its_page(as_staff: SignIn, ops: AsyncClient, noticed: Noticed) -> None:
    here = await kept(ops, noticed)
    page = (await ops.get(here)).text
    assert "File of a letter read" not in page
    other = await as_staff(Role.OPS, name="Olga")
    await other.post(f"{here}/files/1/readings", data=form_on(page, f"{here}/files/1/readings"))
    page = (await ops.get(here)).text
    assert "File of a letter read" in page
    assert "by Olga" in page
    assert "File of a letter read" in (await ops.get(f"/staff/members/{noticed.member.id}")).text
    assert (await ops.get(f"{here}/files/1/readings")).status_code == 405
    assert await Event.filter(action="submission.file_read").count() == 1


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([("run.pdf", b"MZ\x90\x00", "application/pdf")], "“run.pdf” is none of these: PDF, PNG, JPEG, TIFF"),
        ([("empty.pdf", b"", "application/pdf")], "“empty.pdf” is empty."),
        ([("big.pdf", PDF + b"x" * LARGEST_FILE, "application/pdf")], "“big.pdf” is larger than 10 MB."),
        ([SCAN, ("again.pdf", PDF, "application/pdf")], "“again.pdf” was chosen twice"),
        ([(f"{n}.txt", f"{n}".encode(), "text/plain") for n in range(6)], "Choose at most 5 files."),
        ([SCAN, ("<b>.exe", b"\x00", "text/plain")], "“&lt;b&gt;.exe” is none of these"),
    ],
)
async def test_what_is_refused_writes_nothing_and_loses_nothing(
    ops: AsyncClient, noticed: Noticed, files: list[File], words: str
) -> None:
    typed: dict[str, Typed] = {"changes": [noticed.keys["News"]], "remark": "In blue ink."}
    review = await second_page(ops, at(noticed), **typed)
    answer = await pressed(ops, at(noticed), review.text, files)
    assert answer.status_code == 422
    assert words in answer.text
    assert "Choose the files again: a browser does not keep them." in answer.text
    assert 'href="#files"' in answer.text
    for model in (Objection, Submission, SubmittedFile, SubmittedPiece):
        assert not await model.exists(), model
    again = await pressed(ops, at(noticed), answer.text, [SCAN])
    submission = await submission_after(again)
    await submission.fetch_related("remark")
    assert submission.remark is not None
    assert (submission.remark.text, submission.reference.text) == ("In blue ink.", BY_LETTER["note"])
    assert not (await Objection.get()).closing


async def test_a_deed_that_is_refused_keeps_no_file(ops: AsyncClient, noticed: Noticed) -> None:
    review = (await second_page(ops, at(noticed))).text
    answers = await asyncio.gather(*(pressed(ops, at(noticed), review, [SCAN]) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    late = next(answer for answer in answers if answer.status_code == 422)
    assert "in force already. If you had chosen files, choose them again on the next page." in late.text
    assert await SubmittedFile.all().count() == await Submission.all().count() == 1


async def test_more_than_all_files_together_is_not_read_to_its_end(ops: AsyncClient, noticed: Noticed) -> None:
    assert body_limit(at(noticed).partition("?")[0]) == OF_LETTERS
    headers = {"content-type": "multipart/form-data; boundary=x", "content-length": str(OF_LETTERS + 1)}
    answer = await ops.post(at(noticed), content=b"--x", headers=headers)
    assert answer.status_code == 413
    for path in ("members/1", "members/1/closure", "members/1/objections/2", "submissions/1"):
        assert body_limit(f"/staff/{path}") < 100_000, path


async def test_a_file_is_erased_with_a_reason_and_what_it_led_to_stays(
    ops: AsyncClient, noticed: Noticed, clock: Clock
) -> None:
    here = await kept(ops, noticed)
    act = f"{here}/files/1/erasure"
    page = await ops.get(act)
    assert "On record stay its type, its size, its digest" in page.text
    for typed in ({"reason": "Asked for."}, {"confirmed": "1", "reason": "  "}):
        assert (await ops.post(act, data=typed)).status_code == 422
    assert bytes((await SubmittedPiece.get()).content) == PDF
    answer = await ops.post(act, data=form_on(page.text, act, reason="Maria asked for it.", confirmed="1"))
    assert answer.headers["location"] == here
    file = await SubmittedFile.get()
    assert (file.name, file.erased_why, file.erased_at) == ("", "Maria asked for it.", clock())
    assert bytes((await SubmittedPiece.get()).content) == b""
    shown = (await ops.get(here)).text
    for words in (file.digest.removeprefix("sha256:"), "Maria asked for it.", "by Ops", "File 1"):
        assert words in shown, words
    assert "letter.pdf" not in shown
    assert f"{here}/files/1/readings" not in shown
    assert (await ops.post(f"{here}/files/1/readings")).status_code == 409
    assert (await ops.post(act, data={"confirmed": "1", "reason": "Again."})).status_code == 422
    assert (await Objection.get()).withdrawn_at is None


@pytest.mark.parametrize("role", [Role.LEGAL, Role.APPROVER, Role.ADMIN])
async def test_other_roles_read_and_erase_nothing(
    as_staff: SignIn, ops: AsyncClient, noticed: Noticed, role: Role
) -> None:
    here = await kept(ops, noticed)
    other = await as_staff(role)
    assert (await other.get(here)).status_code == 403
    assert (await other.post(f"{here}/files/1/readings")).status_code == 403
    assert (await other.get(f"{here}/files/1/erasure")).status_code == 403
    assert (await other.post(f"{here}/files/1/erasure", data={"confirmed": "1", "reason": "x"})).status_code == 403
    assert not await Event.exists(action="submission.file_read")
    assert (await SubmittedFile.get()).erased_at is None


async def test_members_and_nobody_get_no_file(
    as_member: SignIn, client: AsyncClient, ops: AsyncClient, noticed: Noticed
) -> None:
    here = await kept(ops, noticed)
    for browser in (await as_member("m1"), await as_member("m2"), client):
        for answer in (await browser.get(here), await browser.post(f"{here}/files/1/readings")):
            assert answer.status_code == 303
            assert answer.headers["location"].startswith("/staff/sign-in")


async def test_the_members_own_download_names_the_file_and_nobody_elses(
    as_member: SignIn, ops: AsyncClient, noticed: Noticed
) -> None:
    typed = {"asked_by": "representative", "representative": "Rita Roe", "remark": "In blue ink."}
    await entered(ops, at(noticed), [SCAN], **typed)
    file = await SubmittedFile.get()
    mine = (await (await as_member("m1")).get("/account/data.json")).json()
    [said] = mine["submissions"]
    assert (said["kind"], said["way"], said["asked_by"]) == ("objection", "letter", "representative")
    assert said["number"] == mine["objections"][0]["number"]
    named = {"name": "letter.pdf", "media_type": "application/pdf", "size": len(PDF), "digest": file.digest}
    assert said["files"] == [named | {"erased_at": None}]
    page = (await (await as_member("m1")).get("/account/data.html")).text
    for words in ("What you said by letter, call, in person or mail", "letter.pdf", "somebody who represents you"):
        assert words in page, words
    for words in ("Rita Roe", "In blue ink.", BY_LETTER["note"]):
        assert words not in page, words
    other = await (await as_member("m2")).get("/account/data.json")
    assert other.json()["submissions"] == []
    assert "letter.pdf" not in other.text


async def test_a_submission_or_file_that_is_not_there(ops: AsyncClient, noticed: Noticed) -> None:
    here = await kept(ops, noticed)
    assert (await ops.get("/staff/submissions/999")).status_code == 404
    for path in ("/staff/submissions/999/files/1", f"{here}/files/2", f"{here}/files/0"):
        assert (await ops.post(f"{path}/readings")).status_code == 404
        assert (await ops.get(f"{path}/erasure")).status_code == 404


def test_a_name_outside_of_ascii_is_told_twice() -> None:
    said = "attachment; filename=\"Zo_ _1_.pdf\"; filename*=UTF-8''Zo%C3%AB%20%221%22.pdf"
    assert to_be_saved('Zoë "1".pdf') == said

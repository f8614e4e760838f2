"""Files that came with a letter: told by their bytes, kept whole and unaltered, read and erased on record."""

import asyncio
from hashlib import sha256
from io import BytesIO

import pytest
from tortoise.exceptions import DoesNotExist, IntegrityError

from portal.actions.actor import SYSTEM, Actor
from portal.actions.enter_choice import enter_opt_out
from portal.actions.submission import Arrival
from portal.actions.submitted_file import (
    PIECE,
    Examined,
    erase_file,
    examined,
    name_to_save,
    open_file,
    pieces_of,
    plain_name,
)
from portal.rules.errors import RuleBroken
from portal.store.answers import OptOut, Way
from portal.store.connections import transaction
from portal.store.statement import execute
from portal.store.submissions import LARGEST_FILE, MediaType, Submission, SubmittedFile, SubmittedPiece
from tests.actions.conftest import OBJECTED, Told
from tests.support.entering import MAIL, PDF, PNG
from tests.support.world import DAY, events

OPS = Actor("staff", 7)
AT = OBJECTED + DAY
LETTER = Arrival(Way.LETTER, OBJECTED, "Folder 12")
LONG = PDF + bytes(range(256)) * (3 * PIECE // 256)


class Upload:
    """A file as an upload gives it."""

    def __init__(self, content: bytes) -> None:
        self._file = BytesIO(content)

    async def read(self, size: int = -1) -> bytes:
        return self._file.read(size)

    async def seek(self, offset: int) -> None:
        self._file.seek(offset)


async def looked_at(*files: tuple[str, bytes]) -> list[Examined]:
    return await examined([(name, Upload(content)) for name, content in files])


async def kept(told: Told, *files: tuple[str, bytes], purpose: str = "marketing") -> list[SubmittedFile]:
    entered = await enter_opt_out(told.member.id, purpose, LETTER, await looked_at(*files), by=OPS, at=AT)
    return await SubmittedFile.filter(submission_id=entered.id).order_by("ordinal")


async def content_of(file: SubmittedFile) -> bytes:
    return b"".join([piece async for piece in pieces_of(file)])


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PDF, MediaType.PDF),
        (PNG, MediaType.PNG),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", MediaType.JPEG),
        (b"II*\x00\x08\x00\x00\x00", MediaType.TIFF),
        (b"MM\x00*\x00\x00\x00\x08", MediaType.TIFF),
        (MAIL, MediaType.MAIL),
        (MAIL.replace(b"I object.", b"Ich widerspreche, natu\xfcrlich."), MediaType.MAIL),
        (b"Received: from a by b;\r\n Sat, 28 Feb 2026\r\n" + MAIL, MediaType.MAIL),
        (b"Note of a call: they object.\n", MediaType.TEXT),
        ("Sie widerspricht, natürlich.\n".encode(), MediaType.TEXT),
        (b"\xef\xbb\xbfWith a mark.\r\n", MediaType.TEXT),
        (b"From: nobody in particular\n\nNo date, so no mail.", MediaType.TEXT),
        (b" %PDF-1.7", MediaType.TEXT),
        (b"<!doctype html><script>alert(1)</script>", MediaType.TEXT),
    ],
)
async def test_a_file_is_what_its_bytes_say(content: bytes, media_type: MediaType) -> None:
    [file] = await looked_at(("whatever.exe", content))
    assert (file.media_type, file.size) == (media_type, len(content))
    assert file.digest == f"sha256:{sha256(content).hexdigest()}"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("letter.pdf", b"MZ\x90\x00 not a PDF", "file_type"),
        ("letter.docx", b"PK\x03\x04\x14\x00", "file_type"),
        ("letter.png", b"GIF89a\x01\x00\x01\x00", "file_type"),
        ("letter.txt", b"\xff\xfea\x00b\x00", "file_type"),
        ("letter.txt", b"natu\xfcrlich", "file_type"),
        ("letter.txt", b"cut off: \xc3", "file_type"),
        ("letter.txt", b"bell \x07", "file_type"),
        ("letter.txt", b" \r\n ", "file_type"),
        ("letter.eml", MAIL + b"\x00", "file_type"),
        ("letter.txt", b"", "file_empty"),
        ("letter.txt", b"x" * PIECE + b"\x00", "file_type"),
        ("letter.pdf", b"%PDF-" + b"x" * LARGEST_FILE, "file_too_large"),
    ],
)
async def test_what_is_none_of_these_is_refused(name: str, content: bytes, code: str) -> None:
    with pytest.raises(RuleBroken) as broken:
        await looked_at((name, content))
    assert (broken.value.code, broken.value.facts) == (code, {"field": "files", "name": name})


async def test_a_file_of_just_the_largest_size_is_taken() -> None:
    [file] = await looked_at(("big.pdf", b"%PDF-" + b"x" * (LARGEST_FILE - 5)))
    assert file.size == LARGEST_FILE


async def test_five_files_are_taken_and_neither_six_nor_the_same_twice() -> None:
    files = [(f"{number}.txt", f"Page {number}".encode()) for number in range(6)]
    assert len(await looked_at(*files[:5])) == 5
    for several, code in ((files, "too_many_files"), ([files[0], ("again.txt", files[0][1])], "file_twice")):
        with pytest.raises(RuleBroken) as broken:
            await looked_at(*several)
        assert broken.value.code == code


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("letter.pdf", "letter.pdf"),
        ("C:\\Users\\ops\\letter.pdf", "letter.pdf"),
        ("../../etc/passwd", "passwd"),
        ("let\u202egpj.exe\r\n\x00.pdf", "letgpj.exe.pdf"),
        ("  two   words .pdf ", "two words .pdf"),
        ("Brie\u0066 für Zoë.pdf", "Brief für Zoë.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("...", "file"),
        ("\u202e", "file"),
    ],
)
def test_a_name_keeps_what_can_be_seen(given: str, name: str) -> None:
    assert plain_name(given) == name


@pytest.mark.parametrize(
    ("name", "media_type", "saved"),
    [
        ("letter.PDF", MediaType.PDF, "letter.PDF"),
        ("letter.html", MediaType.TEXT, "letter.html.txt"),
        ("run.exe", MediaType.PNG, "run.exe.png"),
        ("scan.jpeg", MediaType.JPEG, "scan.jpeg"),
        ("", MediaType.MAIL, "file-3-1.eml"),
    ],
)
def test_it_is_saved_under_the_ending_of_what_it_is(name: str, media_type: MediaType, saved: str) -> None:
    file = SubmittedFile(name=name, media_type=media_type, ordinal=1)
    file.submission_id = 3
    assert name_to_save(file) == saved


async def test_files_are_kept_whole_in_their_order(told: Told) -> None:
    files = await kept(told, ("a.pdf", LONG), ("b.txt", b"Second"))
    assert [(file.ordinal, file.name, file.size) for file in files] == [(1, "a.pdf", len(LONG)), (2, "b.txt", 6)]
    assert [await content_of(file) for file in files] == [LONG, b"Second"]
    assert await SubmittedPiece.filter(file_id=files[0].id).count() == 4
    [event] = await events("submission.entered")
    assert event.facts["files"] == [file.digest for file in files]


async def test_what_is_refused_with_its_file_is_not_written_by_half(told: Told) -> None:
    files = await looked_at(("a.pdf", LONG))
    await enter_opt_out(told.member.id, "marketing", LETTER, files, by=OPS, at=AT)
    with pytest.raises(RuleBroken):
        await enter_opt_out(told.member.id, "marketing", LETTER, files, by=OPS, at=AT)
    assert (await Submission.all().count(), await SubmittedFile.all().count(), await OptOut.all().count()) == (1, 1, 1)


async def test_who_reads_a_file_is_on_record(told: Told) -> None:
    [file] = await kept(told, ("a.pdf", PDF))
    opened = await open_file(file.id, by=Actor("staff", 9), at=AT + DAY)
    assert await content_of(opened) == PDF
    [event] = await events("submission.file_read")
    assert (event.actor, event.member_id, event.received_at) == ("staff:9", told.member.id, AT + DAY)
    assert event.facts == {"submission": file.submission_id, "file": 1, "digest": file.digest}


async def test_an_erasure_takes_name_and_bytes_and_keeps_the_rest(told: Told) -> None:
    file, other = await kept(told, ("a.pdf", LONG), ("b.txt", b"Second"))
    await erase_file(file.id, " Asked for. ", by=OPS, at=AT + DAY)
    erased = await SubmittedFile.get(id=file.id)
    assert (erased.name, erased.size, erased.digest, erased.media_type) == ("", len(LONG), file.digest, MediaType.PDF)
    assert (erased.erased_at, erased.erased_by, erased.erased_why) == (AT + DAY, 7, "Asked for.")
    assert {bytes(piece.content) for piece in await SubmittedPiece.filter(file_id=file.id)} == {b""}
    assert await content_of(other) == b"Second"
    [event] = await events("submission.file_erased")
    assert (event.actor, event.facts["digest"]) == ("staff:7", file.digest)
    for deed in (open_file(file.id, by=OPS, at=AT), erase_file(file.id, "Again.", by=OPS, at=AT)):
        with pytest.raises(RuleBroken) as broken:
            await deed
        assert broken.value.code == "file_erased"
    assert await events("submission.file_read") == []


async def test_an_erasure_needs_a_reason_and_somebody_of_staff(told: Told) -> None:
    [file] = await kept(told, ("a.pdf", PDF))
    wrong = (("  ", OPS, "reason_wanted"), ("x" * 601, OPS, "reason_too_long"), ("x", SYSTEM, "staff_only"))
    for reason, by, code in wrong:
        with pytest.raises(RuleBroken) as broken:
            await erase_file(file.id, reason, by=by, at=AT)
        assert broken.value.code == code
    with pytest.raises(DoesNotExist):
        await erase_file(99, "Why", by=OPS, at=AT)
    assert await content_of(file) == PDF


async def test_two_who_erase_at_once_erase_once(told: Told) -> None:
    [file] = await kept(told, ("a.pdf", PDF))
    answers = await asyncio.gather(
        *(erase_file(file.id, "Asked for.", by=OPS, at=AT) for _ in range(3)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in answers) == ["RuleBroken", "RuleBroken", "SubmittedFile"]
    assert len(await events("submission.file_erased")) == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE submitted_file SET name = 'other.pdf'",
        "UPDATE submitted_file SET name = ''",
        "UPDATE submitted_file SET digest = 'sha256:0'",
        "UPDATE submitted_file SET size = 1",
        "UPDATE submitted_file SET erased_at = '2026-03-09 09:00:00+00:00'",
        "UPDATE submitted_file SET erased_at = '2026-03-09 09:00:00+00:00', erased_by = 7, name = ''",
        "UPDATE submitted_file SET erased_at = '2026-03-09 09:00:00+00:00', erased_by = 7, erased_why = 'x'",
        "UPDATE submitted_piece SET content = 'x'",
        "UPDATE submitted_piece SET content = ''",
        "UPDATE submitted_piece SET ordinal = 7",
        "DELETE FROM submitted_piece",
        "DELETE FROM submitted_file",
        "INSERT INTO submitted_piece (member_id, file_id, ordinal, content)"
        " SELECT member_id, id, 9, 'more' FROM submitted_file",
        "INSERT INTO submitted_file (member_id, submission_id, ordinal, name, media_type, size, digest, erased_why)"
        " SELECT member_id, submission_id, 6, name, media_type, size, digest, '' FROM submitted_file",
        "INSERT INTO submitted_file (member_id, submission_id, ordinal, name, media_type, size, digest, erased_why)"
        " SELECT member_id, submission_id, 2, name, 'text/html', size, digest, '' FROM submitted_file",
        "INSERT INTO submitted_file (member_id, submission_id, ordinal, name, media_type, size, digest, erased_why)"
        " SELECT member_id, submission_id, 2, name, media_type, 10000001, digest, '' FROM submitted_file",
    ],
)
async def test_the_database_keeps_a_file_as_it_came(told: Told, change: str) -> None:
    [file] = await kept(told, ("a.pdf", PDF))
    with pytest.raises(IntegrityError):
        async with transaction() as connection:
            await execute(connection, change)
    assert await content_of(file) == PDF


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE submitted_file SET erased_at = NULL, erased_by = NULL, erased_why = ''",
        "UPDATE submitted_file SET erased_why = 'Another reason.'",
        "UPDATE submitted_file SET erased_by = 8",
        "UPDATE submitted_piece SET content = 'x'",
        "INSERT INTO submitted_piece (member_id, file_id, ordinal, content)"
        " SELECT member_id, id, 9, 'x' FROM submitted_file",
    ],
)
async def test_the_database_keeps_an_erasure_as_it_was(told: Told, change: str) -> None:
    [file] = await kept(told, ("a.pdf", PDF))
    await erase_file(file.id, "Asked for.", by=OPS, at=AT)
    with pytest.raises(IntegrityError):
        async with transaction() as connection:
            await execute(connection, change)

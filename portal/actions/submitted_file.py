"""Files that came with a letter: looked at before anything is written, kept as they are, read and erased on record."""

import re
import unicodedata
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Protocol

from portal.actions.actor import Actor
from portal.actions.media_type import Told
from portal.actions.reason import reason_in
from portal.actions.record import record
from portal.rules.errors import RuleBroken
from portal.rules.said import later
from portal.store.connections import transaction
from portal.store.locks import lock_member
from portal.store.submissions import LARGEST_FILE, MOST_FILES, MediaType, Submission, SubmittedFile, SubmittedPiece

PIECE = 256_000
LONGEST_NAME = 120
ENDINGS = {
    MediaType.PDF: (".pdf",),
    MediaType.PNG: (".png",),
    MediaType.JPEG: (".jpg", ".jpeg"),
    MediaType.TIFF: (".tif", ".tiff"),
    MediaType.TEXT: (".txt",),
    MediaType.MAIL: (".eml",),
}
TWICE = later("“%(name)s” was chosen twice, or has the same content as another one.")
OF_NO_TYPE = later("“%(name)s” is none of these: PDF, PNG, JPEG, TIFF, a mail (.eml), plain text in UTF-8.")


class Content(Protocol):
    """A file that can be read more than once, as an upload is."""

    async def read(self, size: int = -1) -> bytes:
        """The next bytes, none at the end."""

    async def seek(self, offset: int) -> None:
        """Goes to that place."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A file that may be taken: what it is, and its SHA-256 digest."""

    name: str
    media_type: MediaType
    size: int
    digest: str
    content: Content


Files = Sequence[Examined]


async def examined(files: Sequence[tuple[str, Content]]) -> list[Examined]:
    """Looks at (name, content) of each, and writes nothing.

    Raises RuleBroken with the field `files`: `too_many_files`; and with the `name` of the file: `file_empty`,
    `file_too_large`, `file_type`, `file_twice`.
    """
    if len(files) > MOST_FILES:
        raise RuleBroken("too_many_files", "Choose at most %(limit)s files.", limit=MOST_FILES, field="files")
    found: list[Examined] = []
    for name, content in files:
        one = await _examined(plain_name(name), content)
        if any(one.digest == other.digest for other in found):
            raise _refused("file_twice", TWICE, one.name)
        found.append(one)
    return found


async def _examined(name: str, content: Content) -> Examined:
    told, digest, size = Told(), sha256(), 0
    await content.seek(0)
    while piece := await content.read(PIECE):
        size += len(piece)
        if size > LARGEST_FILE:
            raise _refused("file_too_large", later("“%(name)s” is larger than 10 MB."), name)
        told.take(piece)
        digest.update(piece)
    told.take(b"")
    if not size:
        raise _refused("file_empty", later("“%(name)s” is empty."), name)
    media_type = told.media_type()
    if media_type is None:
        raise _refused("file_type", OF_NO_TYPE, name)
    return Examined(name, media_type, size, f"sha256:{digest.hexdigest()}", content)


def _refused(code: str, message: str, name: str) -> RuleBroken:
    return RuleBroken(code, message, field="files", name=name)


def plain_name(given: str) -> str:
    """The last part of a path, on one line, without signs that are not seen or turn the order of others (Unicode C*).

    `file`, where nothing is left.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    seen = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C")
    name = " ".join(seen.split()).strip(". ")
    ending = PurePosixPath(name).suffix[:12]
    if len(name) > LONGEST_NAME:
        name = name[: LONGEST_NAME - len(ending)].rstrip(". ") + ending
    return name or "file"


def name_to_save(file: SubmittedFile) -> str:
    """Ends as its content is: what is called `letter.html` and is plain text shall open as plain text."""
    name = file.name or f"file-{file.submission_id}-{file.ordinal}"
    endings = ENDINGS[file.media_type]
    return name if name.lower().endswith(endings) else name + endings[0]


async def write_files(submission: Submission, files: Sequence[Examined]) -> None:
    """Keeps them, a piece at a time, in the transaction of the submission."""
    for ordinal, file in enumerate(files, 1):
        row = await SubmittedFile.create(
            member_id=submission.member_id,
            submission_id=submission.id,
            ordinal=ordinal,
            name=file.name,
            media_type=file.media_type,
            size=file.size,
            digest=file.digest,
        )
        await _write_pieces(row, file.content)


async def _write_pieces(row: SubmittedFile, content: Content) -> None:
    place = 0
    await content.seek(0)
    while piece := await content.read(PIECE):
        await SubmittedPiece.create(member_id=row.member_id, file_id=row.id, ordinal=place, content=piece)
        place += 1


async def open_file(file_id: int, *, by: Actor, at: datetime) -> SubmittedFile:
    """Puts on record that somebody reads the file; `pieces_of` then gives its bytes.

    Raises RuleBroken `file_erased`, DoesNotExist.
    """
    async with transaction():
        file = await _kept(file_id)
        await _recorded("submission.file_read", file, by, at)
        return file


async def pieces_of(file: SubmittedFile) -> AsyncIterator[bytes]:
    """Its bytes in their order, a piece at a time. Outside of a transaction: it may take as long as its reader does."""
    pieces = SubmittedPiece.filter(member_id=file.member_id, file_id=file.id)
    place = 0
    while piece := await pieces.get_or_none(ordinal=place):
        yield bytes(piece.content)
        place += 1


async def erase_file(file_id: int, reason: str, *, by: Actor, at: datetime) -> SubmittedFile:
    """Erases name and bytes. Digest, size and type stay, with who did it, when and why: `reason` must name nobody.

    Raises RuleBroken: `reason_wanted`, `reason_too_long`, `staff_only`, `file_erased`; DoesNotExist.
    """
    reason = reason_in(reason)
    if by.staff_id is None:
        raise RuleBroken("staff_only", "Only staff erase a file.")
    async with transaction():
        file = await _kept(file_id)
        file.name, file.erased_at, file.erased_by, file.erased_why = "", at, by.staff_id, reason
        await file.save(update_fields=["name", "erased_at", "erased_by", "erased_why"])
        await SubmittedPiece.filter(member_id=file.member_id, file_id=file.id).update(content=b"")
        await _recorded("submission.file_erased", file, by, at)
        return file


async def _kept(file_id: int) -> SubmittedFile:
    """The file, its member locked. Raises RuleBroken `file_erased`, DoesNotExist."""
    file = await SubmittedFile.get(id=file_id)
    await lock_member(file.member_id)
    await file.refresh_from_db()  # the lock may have waited for its erasure
    if file.erased_at is not None:
        raise RuleBroken("file_erased", "This file is erased.")
    return file


async def _recorded(action: str, file: SubmittedFile, by: Actor, at: datetime) -> None:
    await record(
        action,
        by,
        at,
        member_id=file.member_id,
        submission=file.submission_id,
        file=file.ordinal,
        digest=file.digest,
    )

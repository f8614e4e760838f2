"""A file of members, read row by row: what is wrong with it as a whole, and what with each row."""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol

from portal.mail.recipient import NOT_ASCII, NotSendable, sendable
from portal.rules.errors import Malformed, RuleBroken
from portal.rules.form import instant
from portal.rules.language import language_tag
from portal.rules.policy import NoticeTerms
from portal.rules.said import Plural, Said, later

COLUMNS = ("external_id", "address", "name", "language", "zone", "joined_at", "policies", "joined_on")
ENCODINGS = {"utf-8": "utf-8-sig", "latin-1": "latin-1", "windows-1252": "cp1252", "utf-16": "utf-16"}
DELIMITERS = ",;\t"
LONGEST = {"external_id": 200, "address": 320, "name": 300}
LONGEST_CELL = 10_000
NO_ASCII = later("%(given)s has signs before the @ that not every server takes")
NO_ADDRESS = later("%(given)s is no mail address")
NO_VERSION = later("%(given)s is neither a version's number nor pairs such as privacy=2")


@dataclass(frozen=True, slots=True)
class Row:
    """A good row. None = the file says nothing of it. `joined_on` by slug, "" for all of the row's policies."""

    line: int
    external_id: str
    address: str | None = None
    name: str | None = None
    language: str | None = None
    zone: str | None = None
    joined_at: datetime | None = None
    policies: tuple[str, ...] | None = None
    joined_on: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class BadRow:
    """A row that was left out: its line in the file (the header's is 1), and why, in English."""

    line: int
    reason: str


class Lines(Protocol):
    """A reader of the csv module."""

    @property
    def line_num(self) -> int: ...

    def __next__(self) -> list[str]: ...


def read_rows(file: bytes, encoding: str | None = None) -> Iterator[Row | BadRow]:
    """Every row of a CSV file with a header, in order; a row that is wrong in itself as a BadRow.

    Commas, semicolons or tabs; UTF-8 with or without BOM unless another of ENCODINGS is named. Raises RuleBroken before
    the first row: `file_encoding`, `file_empty`, `columns_wrong`.
    """
    text = _decoded(file, encoding)
    header_line = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=header_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns = _columns(reader)
    return _rows(reader, columns)


def _rows(reader: Lines, columns: list[str]) -> Iterator[Row | BadRow]:
    seen: dict[str, int] = {}
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as wrong:
            yield BadRow(line, Said("cannot be read as CSV: %(wrong)s", wrong=str(wrong)))
            continue
        if any(cell.strip() for cell in cells):
            row = _row(line, columns, cells)
            if isinstance(row, Row) and (twin := seen.setdefault(row.external_id, line)) != line:
                row = BadRow(line, _twin(row.external_id, twin))
            yield row


def _twin(external_id: str, line: int) -> Said:
    return Said("external_id: %(given)s stands on line %(line)s already", given=repr(external_id), line=line)


def _decoded(file: bytes, encoding: str | None) -> str:
    if encoding is not None and encoding not in ENCODINGS:
        message = later("The encoding %(encoding)s is none of %(known)s.")
        raise RuleBroken("file_encoding", message, encoding=repr(encoding), known=list(ENCODINGS), field="encoding")
    if encoding is None and file.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise RuleBroken("file_encoding", "The file is UTF-16: say so, or save it as UTF-8.", advice="utf-16")
    try:
        return file.decode(ENCODINGS[encoding or "utf-8"])
    except UnicodeDecodeError as wrong:
        line = file.count(b"\n", 0, wrong.start) + 1
        if encoding is not None:
            raise RuleBroken(
                "file_encoding", "Line %(line)s is not %(encoding)s.", line=line, encoding=encoding
            ) from wrong
        message = later(
            "Line %(line)s is not UTF-8. If the file is Latin-1, say so (--encoding latin-1), or save it as UTF-8."
        )
        raise RuleBroken("file_encoding", message, line=line, advice="latin-1") from wrong


def _columns(reader: Lines) -> list[str]:
    """The header's names. All that is wrong with it is said at once."""
    try:
        columns = [cell.strip().lower() for cell in next(reader)]
    except (StopIteration, csv.Error) as nothing:
        raise RuleBroken("file_empty", "The file has no header line.") from nothing
    unknown = [column for column in columns if column not in COLUMNS]
    twice = sorted({column for column in columns if columns.count(column) > 1} - set(unknown))
    problems = [Said("unknown column %(column)s", column=repr(column)) for column in unknown]
    problems += [Said("%(column)s stands twice", column=column) for column in twice]
    if "external_id" not in columns:
        problems.append(Said("external_id is missing"))
    if problems:
        message = later("The header is wrong: %(problems)s. Columns are %(known)s.")
        raise RuleBroken("columns_wrong", message, problems=problems, unknown=unknown, twice=twice, known=COLUMNS)
    return columns


def _row(line: int, columns: list[str], cells: list[str]) -> Row | BadRow:
    if len(cells) != len(columns):
        message = Plural("has %(num)s cell, the header %(columns)s", "has %(num)s cells, the header %(columns)s")
        return BadRow(line, Said(message, num=len(cells), columns=len(columns)))
    given = {column: cell.strip() for column, cell in zip(columns, cells, strict=True) if cell.strip()}
    try:
        return Row(
            line=line,
            external_id=_plain(given, "external_id") or _missing("external_id"),
            address=_address(_plain(given, "address")),
            name=_plain(given, "name"),
            language=_language(given.get("language")),
            zone=_zone(given.get("zone")),
            joined_at=_joined_at(given.get("joined_at")),
            policies=tuple(dict.fromkeys(given["policies"].split())) if "policies" in given else None,
            joined_on=_joined_on(given.get("joined_on", "")),
        )
    except Malformed as wrong:
        return BadRow(line, Said("%(column)s: %(wrong)s", column=wrong.place, wrong=wrong.message))


def _plain(given: dict[str, str], column: str) -> str | None:
    """Text without control characters, of a length that fits."""
    cell = given.get(column)
    if cell is None:
        return None
    if not cell.isprintable():
        raise Malformed(column, Said("holds a control character"))
    if len(cell) > LONGEST[column]:
        raise Malformed(column, Said("is longer than %(limit)s characters", limit=LONGEST[column]))
    return cell


def _missing(column: str) -> str:
    raise Malformed(column, Said("is missing"))


def _address(cell: str | None) -> str | None:
    if cell is None:
        return None
    try:
        sendable(cell)
    except NotSendable as wrong:
        why = NO_ASCII if wrong.code == NOT_ASCII else NO_ADDRESS
        raise Malformed("address", Said(why, given=repr(cell))) from wrong
    return cell


@lru_cache(maxsize=1024)
def _language(cell: str | None) -> str | None:
    return None if cell is None else language_tag(cell)


@lru_cache(maxsize=1024)
def _zone(cell: str | None) -> str | None:
    """Checked as a policy's zone is."""
    if cell is None:
        return None
    try:
        return NoticeTerms.from_json({"zone": cell}).zone
    except Malformed as wrong:
        raise Malformed("zone", wrong.message) from wrong


@lru_cache(maxsize=1024)
def _joined_at(cell: str | None) -> datetime | None:
    """An instant with an offset; a date alone is its first instant in UTC."""
    if cell is None:
        return None
    try:
        return datetime.strptime(cell, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return instant(cell, "joined_at")


@lru_cache(maxsize=1024)
def _joined_on(cell: str) -> tuple[tuple[str, int], ...]:
    """`2` for all policies, or `privacy=2 help=1`."""
    found: dict[str, int] = {}
    for part in cell.split():
        slug, _, number = part.rpartition("=")
        if not (number.isascii() and number.isdecimal() and len(number) < 7) or slug in found:
            raise Malformed("joined_on", Said(NO_VERSION, given=repr(cell)))
        found[slug] = int(number)
    if "" in found and len(found) > 1:
        raise Malformed(
            "joined_on", Said("%(given)s is both a number for all policies and one for each", given=repr(cell))
        )
    return tuple(found.items())

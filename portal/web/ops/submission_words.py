"""What came by letter or call, in words: what was said in it, how it came, who entered it, what its files are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.store.staff import Staff
from portal.store.submissions import MediaType, Submission, SubmissionKind, SubmittedFile
from portal.web import dates
from portal.web.ops.act import Row
from portal.web.ops.objection_words import way_name
from portal.web.text import gettext as _
from portal.web.text import number


def kind_title(kind: SubmissionKind) -> str:
    """`Objection`."""
    return {
        SubmissionKind.OBJECTION: _("Objection"),
        SubmissionKind.WITHDRAWAL: _("Objection taken back"),
        SubmissionKind.OPT_OUT: _("Opt-out"),
        SubmissionKind.OPT_IN: _("Opt-out ended"),
        SubmissionKind.CONSENT: _("Consent"),
        SubmissionKind.CLOSING: _("Request to close the account"),
        SubmissionKind.EXPORT: _("Request for a copy of the data"),
        SubmissionKind.ACCESS: _("Request for access"),
        SubmissionKind.CONFIRMATION: _("Confirmation"),
    }[kind]


def type_name(media_type: MediaType) -> str:
    """`PDF`."""
    return {
        MediaType.PDF: "PDF",
        MediaType.PNG: "PNG",
        MediaType.JPEG: "JPEG",
        MediaType.TIFF: "TIFF",
        MediaType.TEXT: _("plain text"),
        MediaType.MAIL: _("mail"),
    }[media_type]


def size_words(file: SubmittedFile) -> str:
    """`12,345 bytes`: exact, as the digest is."""
    return _("%(number)s bytes", number=number(file.size))


def file_name(file: SubmittedFile) -> str:
    """As its sender called it; `File 1` where that was erased."""
    return file.name or _("File %(number)s", number=file.ordinal)


@dataclass(frozen=True, slots=True)
class Listed:
    """A submission as a list shows it."""

    id: int
    title: str
    number: str
    text: str
    at: str
    iso: str


async def listed(rows: Sequence[Submission]) -> list[Listed]:
    """The submissions of a member, in the same order, with their references loaded."""
    staff = await _names(rows)
    files: dict[int, int] = {}
    for (one,) in await SubmittedFile.filter(submission_id__in=[row.id for row in rows]).values_list("submission_id"):
        files[one] = files.get(one, 0) + 1
    return [
        Listed(
            id=row.id,
            title=kind_title(row.kind),
            number=row.number,
            text=_summary(row, staff, files.get(row.id, 0)),
            at=dates.instant(row.received_at),
            iso=dates.iso(row.received_at),
        )
        for row in rows
    ]


def _summary(row: Submission, staff: Mapping[int, str], files: int) -> str:
    """`by letter, folder 12, entered by Ops, 2 files`."""
    words = [way_name(row.way), row.reference.text, _("entered by %(name)s", name=staff.get(row.staff_id, _nobody()))]
    if files:
        words.append(_("with a file") if files == 1 else _("with %(number)s files", number=files))
    return ", ".join(word for word in words if word)


async def entered_rows(**about: int) -> list[Row]:
    """A row for each submission about an objection, a declaration or a request: `entered_rows(objection_id=3)`."""
    rows = await Submission.filter(**about).order_by("id").select_related("reference")
    return [
        (
            _("Came %(way)s", way=way_name(row.way)),
            f"{kind_title(row.kind)}: {row.reference.text or _('erased')}",
            f"/staff/submissions/{row.id}",
            _("Open"),
        )
        for row in rows
    ]


async def staff_name(staff_id: int) -> str:
    person = await Staff.get_or_none(id=staff_id)
    return person.name if person else _nobody()


async def _names(rows: Sequence[Submission]) -> dict[int, str]:
    return {row.id: row.name for row in await Staff.filter(id__in=[one.staff_id for one in rows])}


def _nobody() -> str:
    return _("former staff")

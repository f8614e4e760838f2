"""Importing the company's list of members, with a report that names every row that was left out."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from portal.actions.member_file import COLUMNS, ENCODINGS, BadRow
from portal.actions.members import Imported, import_members
from portal.rules.errors import RuleBroken
from portal.store.staff import Role
from portal.web.clock import at
from portal.web.forms import file_of, form_of
from portal.web.guards import actor, staff
from portal.web.render import page
from portal.web.text import gettext as _

# A page of a hundred thousand bad rows would help nobody.
MOST_BAD = 500


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the file. `written`: whether the good rows are in."""

    file: str
    imported: Imported
    written: bool

    @property
    def bad(self) -> list[BadRow]:
        """The first of them, their reasons in the reader's language."""
        return [BadRow(row.line, _(row.reason)) for row in self.imported.bad[:MOST_BAD]]

    @property
    def more(self) -> int:
        return max(0, len(self.imported.bad) - MOST_BAD)


@staff(Role.OPS)
async def show(request: Request) -> Response:
    return _page(request, {}, {})


@staff(Role.OPS)
async def bring_in(request: Request) -> Response:
    """The same file again changes nothing: members are known by the company's id."""
    form = await form_of(request)
    values = {name: str(form.get(name, "")) for name in ("mode", "encoding")}
    uploaded = await file_of(request, "file")
    await form.close()
    if uploaded is None:
        return _page(request, values, {"file": _("Choose the file.")})
    name, content = uploaded
    whole = values["mode"] == "all"
    try:
        imported = await import_members(
            content, by=actor(request), at=at(request), all_or_nothing=whole, encoding=values["encoding"] or None
        )
    except RuleBroken as broken:
        bad = broken.facts.get("bad")
        report = Report(name, Imported(bad=list(bad)), written=False) if isinstance(bad, tuple) else None
        return _page(request, values, {str(broken.facts.get("field", "file")): _(broken.message)}, report)
    request.app.state.jobs.wake()
    return _page(request, values, {}, Report(name, imported, written=True))


def _page(request: Request, values: dict[str, str], errors: dict[str, str], report: Report | None = None) -> Response:
    return page(
        request,
        "staff/members_import.html",
        422 if errors else 200,
        values={"mode": "good", "encoding": ""} | values,
        errors=errors,
        report=report,
        columns=[(column, _about(column)) for column in COLUMNS],
        encodings=[("", _("As the file says, else UTF-8")), *((name, name) for name in ENCODINGS)],
    )


def _about(column: str) -> str:
    """What the column holds."""
    words = {
        "external_id": _("The company’s own id of the member. The only column that has to be there."),
        "address": _("Mail address. Two members may share one; each gets an own notice."),
        "name": _("How mails address the member."),
        "language": _("Language of mails and pages, such as de."),
        "zone": _("Time zone in which dates are told, such as Europe/Berlin."),
        "joined_at": _("When the member joined, with an offset: 2026-01-10T08:00:00+01:00. Empty: now."),
        "policies": _("Short names of the policies the member is under, with blanks between. Empty: all."),
        "joined_on": _("Number of the version the member joined on, where it is not the newest of that day."),
    }
    return words.get(column, "")

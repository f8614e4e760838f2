"""A member's notices as a piece of HTML for a page of the company's own: no script, no style, under 4 kB."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from portal.store.staff import Scope
from portal.web.api import company_system, question
from portal.web.company.asked import Wanted, gives_links, link_of, member_named, notices_of, portal_address
from portal.web.company.unchanged import answered
from portal.web.member.case import Case
from portal.web.member.deadline import Deadline, deadline_of
from portal.web.render import environment
from portal.web.text import direction, language

MOST_BYTES = 4_000
MOST_NOTICES = 3
# In bytes as they are written, escaped: what a title of 200 signs or a summary of 2,000 may take of it.
TITLE_BYTES, SUMMARY_BYTES = 200, 400


def _own_path(given: str) -> str:
    """A path on the site that shows the fragment; what begins with two slashes would be another host."""
    if not given.startswith("/") or given.startswith(("//", "/\\")) or not given.isprintable() or "\\" in given:
        raise ValueError("give a path of your own site, such as /account/notices/seen")
    return given


class FragmentQuestion(Wanted):
    """`action`: where the site takes the form that says "seen"; without it there is no form."""

    action: Annotated[str, StringConstraints(max_length=200), AfterValidator(_own_path)] | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A notice in the fragment, its title and summary cut to what there is room for."""

    case: Case
    title: str
    summary: str
    deadline: Deadline | None
    href: str


async def fragment(request: Request) -> Response:
    """What the member may still answer, and what they have not seen of each policy's newest version.

    200 with the fragment; 204 where there is nothing to show; else as for `notices`. Being shown is not being seen.
    """
    await company_system(request, Scope.NOTICES_READ)
    asked = question(request, FragmentQuestion)
    member = await member_named(request)
    cases = [case for case in _current(await notices_of(request, member)) if asked.takes(case)]
    if not cases:
        return Response(status_code=204, headers={"Cache-Control": "no-store"})
    return answered(request, _fitting(request, asked, cases), "text/html", secret=gives_links(request))


def _current(cases: Iterable[Case]) -> list[Case]:
    """Of the latest first: those that can be objected to, and of each policy the newest while it is unseen."""
    newest: set[int] = set()
    found: list[Case] = []
    for case in cases:
        first = case.policy.id not in newest
        newest.add(case.policy.id)
        unseen = first and case.sight is None and case.standing.closed_at is None and case.in_force is None
        if case.refusal is None or unseen:
            found.append(case)
    return found


def _fitting(request: Request, asked: FragmentQuestion, cases: list[Case]) -> bytes:
    """As many notices as there is room for, at least one; the others are counted, and wait in the account."""
    template = environment().get_template("notice/fragment.html")
    frame = {"lang": language(), "dir": direction(language()), "action": asked.action}
    account = f"{portal_address(request)}/account"
    for most in range(min(MOST_NOTICES, len(cases)), 0, -1):
        shown = [_shown(request, case) for case in cases[:most]]
        body = template.render(**frame, shown=shown, more=len(cases) - most, account=account).encode()
        if len(body) < MOST_BYTES:
            break
    return body


def _shown(request: Request, case: Case) -> Shown:
    return Shown(
        case=case,
        title=shortened(case.policy.title, TITLE_BYTES),
        summary=shortened(case.row.summary, SUMMARY_BYTES),
        deadline=deadline_of(case),
        href=link_of(request, case) or case.reader.base,
    )


def shortened(text: str, most: int) -> str:
    """The text on one line; with … at its end where it would take more bytes than that once it is escaped."""
    words = " ".join(text.split())
    if _bytes(words) <= most:
        return words
    room = most - len("…".encode())
    words = words[:room]
    while _bytes(words) > room:
        words = words[:-1]
    return words.rstrip() + "…"


def _bytes(text: str) -> int:
    return len(escape(text).encode())

"""Every route by what opens it, and a way to try them all at once. One that is not listed fails a test."""

from collections.abc import Iterable
from typing import Any

from httpx2 import AsyncClient, Response

from tests.support.every_row import rows
from tests.support.owned import Owned

# Below a notice's address, whether it is that of the mailed link or the one in the account.
OF_NOTICE = """
    GET  | GET /changes | POST /sight | GET /objection | POST /objections | GET /objections/{number}
    POST /objections/{number}/confirmation | POST /objections/{number}/code | GET /objections/{number}/amendment
    POST /objections/{number}/amendment | GET /objections/{number}/amendment/review
    GET /objections/{number}/withdrawal | POST /objections/{number}/withdrawal | GET /answers/{number}
    POST /answers/{number}/confirmation | POST /answers/{number}/code | POST /answers/{number}/removal
    GET /deadline.ics | POST /consents | POST /opt-outs
"""
BY_TOKEN = """
    GET /address/{token} | POST /address/{token} | GET /opt-out/{token} | POST /opt-out/{token}
    GET /unsubscribe/{token} | POST /unsubscribe/{token} | GET /sign-in/{token} | POST /sign-in/{token}
"""
BY_SESSION = """
    GET /account | POST /account/opt-outs | GET /account/details | POST /account/details
    POST /account/details/address | POST /account/details/address/cancellation | POST /account/details/address/request
    GET /account/terms | POST /account/terms/opt-outs | POST /account/terms/consents | GET /account/data
    GET /account/data.json | GET /account/data.html | GET /account/requests | POST /account/requests
    GET /account/requests/new | GET /account/requests/{number} | POST /account/requests/{number}/withdrawal
"""
BY_API_TOKEN = """
    GET /api/v1/terms | GET /api/v1/members/{id:path}/notices | GET /api/v1/members/{id:path}/notices.html
    POST /api/v1/members/{id:path}/notices/{notice:int}/sight | GET /api/v1/members/{id:path}/list-unsubscribe
"""
# For staff with the role ops. Both methods, where none is named.
BY_OPS = """
    GET /staff/objections | GET /staff/objections/{id:int} | /staff/objections/{id:int}/confirmation
    /staff/objections/{id:int}/rejection | /staff/objections/{id:int}/withdrawal
    /staff/objections/{id:int}/settlement | /staff/objections/{id:int}/closure
    /staff/objections/{id:int}/amendment | GET /staff/requests
    GET /staff/requests/{id:int} | /staff/requests/{id:int}/answer | /staff/requests/{id:int}/refusal
    /staff/requests/{id:int}/extension | /staff/requests/{id:int}/closure | /staff/requests/{id:int}/address
    GET /staff/declarations | GET /staff/declarations/{id:int} | /staff/declarations/{id:int}/confirmation
    /staff/declarations/{id:int}/rejection | GET /staff/notices/{version_id:int}/members/{member_id:int}
    GET /staff/notices/{version_id:int}/members/{member_id:int}/sendings/{number:int}/html
    GET /staff/inbox | GET /staff/inbox/{id:int} | GET /staff/inbox/{id:int}.eml | /staff/inbox/{id:int}/handling
    /staff/inbox/{id:int}/bounce | /staff/inbox/{id:int}/erasure | GET /staff/members | GET /staff/members/import
    POST /staff/members/import | GET /staff/members/{id:int} | /staff/members/{id:int}/addresses
    /staff/members/{id:int}/sendings | /staff/members/{id:int}/sights | /staff/members/{id:int}/bounces
    /staff/members/{id:int}/objections | /staff/members/{id:int}/requests | /staff/members/{id:int}/closure
    /staff/members/{id:int}/consents | /staff/members/{id:int}/opt-outs | GET /staff/submissions/{id:int}
    POST /staff/submissions/{id:int}/files/{number:int}/readings
    /staff/submissions/{id:int}/files/{number:int}/erasure
"""
# Nothing of a member's: tests of their own say who may do what. The mailbox is the demo's.
BELOW = ["policies", "purposes", "drafts", "people", "tokens", "sessions", "notices"]
ABOUT_NOBODY = ("/policies", "/sign-on", "/mailbox", *(f"/staff/{name}" for name in BELOW))
ALSO_ABOUT_NOBODY = {"/", "/reading-changes", "/sign-in", "/sign-out", "/hand-over", "/staff", "/staff/sign-in"}


def listed(text: str, below: str = "") -> list[tuple[str, str]]:
    """(method, path) of what a table above lists."""
    found: list[tuple[str, str]] = []
    for entry in text.replace("\n", "|").split("|"):
        if entry.strip():
            method, _, path = entry.strip().partition(" ")
            named = [(method, path.strip())] if not method.startswith("/") else [("GET", method), ("POST", method)]
            found += [(verb, below + end) for verb, end in named]
    return found


LINKED = listed(OF_NOTICE, "/n/{token}")
IN_ACCOUNT = listed(OF_NOTICE, "/account/notices/{version_id:int}")
TOKENS, SESSIONS, CALLS, OPS = (listed(table) for table in (BY_TOKEN, BY_SESSION, BY_API_TOKEN, BY_OPS))


async def tried(
    browser: AsyncClient,
    owned: Owned,
    routes: Iterable[tuple[str, str]],
    headers: dict[str, str] | None = None,
    **told: Any,
) -> dict[tuple[str, str], Response]:
    """Sends something to each that would do something if it were allowed, and sees that nothing follows."""
    await owned.app.state.jobs.idle()
    before, answers = await rows(), {}
    for method, path in routes:
        sent = owned.form(path) if method == "POST" else None
        address = owned.address(path, **told)
        answer = await browser.request(method, address, headers=headers, data=sent)
        # What stands in the address was known: the links for another language repeat it.
        shown = [secret for secret in owned.secrets if secret in answer.text and secret not in address]
        assert shown == [], (method, path)
        answers[method, path] = answer
    await owned.app.state.jobs.idle()
    assert await rows() == before
    return answers


def odd(answers: dict[tuple[str, str], Response], *usual: int) -> dict[tuple[str, str], int]:
    """Those that were answered in another way."""
    return {route: answer.status_code for route, answer in answers.items() if answer.status_code not in usual}

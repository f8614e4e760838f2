"""The whole web application on one page: routes, what stands before them, errors, and its life."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.routing import Mount, Route
from tortoise.exceptions import DoesNotExist

from portal.actions.sign_on import forget_spent_tokens
from portal.jobs import running
from portal.jobs.aging import Aging, LogAging
from portal.jobs.archive import ArchiveKeeper
from portal.jobs.comparing import Comparer
from portal.jobs.sweeping import Sweep
from portal.keys import Keys
from portal.rules.errors import RuleBroken
from portal.settings import Settings
from portal.store import connect, disconnect
from portal.store.ready import make_ready
from portal.web import api, errors, mailbox, roll, staff_home
from portal.web import clock as wall_clock
from portal.web.access_log import AccessLog
from portal.web.addresses import PlainAddress, use_column_numbers
from portal.web.assets import Assets
from portal.web.company import fragment as company_fragment
from portal.web.company import list_unsubscribe
from portal.web.company import notices as company_notices
from portal.web.company import sight as company_sight
from portal.web.data import page as own_data
from portal.web.languages import Language
from portal.web.legal import approval, drafts, exports, publication
from portal.web.legal import changes as classification
from portal.web.legal import policies as legal_policies
from portal.web.legal import version as legal_version
from portal.web.limits import BodyLimit
from portal.web.member import (
    account,
    address,
    amendment,
    consent,
    deadline_calendar,
    declarations,
    details,
    notice,
    objection,
    opt_out,
    receipt,
    unsubscribe,
    withdrawal,
)
from portal.web.member import requests as member_requests
from portal.web.member.reader import by_account, by_link
from portal.web.ops import (
    campaign_act,
    declaration_act,
    inbox,
    inbox_act,
    member_closure,
    member_contact,
    members,
    members_import,
    notices,
    outcomes,
    queue,
    request_act,
    requests,
    sending,
    submission,
)
from portal.web.ops import declarations as ops_declarations
from portal.web.ops import objection as ops_objection
from portal.web.ops import request as ops_request
from portal.web.ops.entering import amendment as ops_amendment
from portal.web.ops.entering import choice, declared, ending
from portal.web.ops.entering import consent as ops_consent
from portal.web.ops.entering import objection as ops_entered_objection
from portal.web.ops.entering import request as ops_entered_request
from portal.web.public import changes, policies, sign_in, text
from portal.web.security import SameOrigin, SecurityHeaders
from portal.web.sign_on import hand_over, oidc
from portal.web.sign_on.provider import Provider
from portal.web.staff import people, tokens
from portal.web.staff import sign_in as staff_sign_in
from portal.web.terms import page as own_terms

use_column_numbers()

PUBLIC = [
    Route("/", policies.home),
    Route("/policies", policies.index),
    Route("/policies/{slug}", policies.newest),
    Route("/policies/{slug}/changes", policies.compare_any),
    Route("/policies/{slug}/versions", policies.versions),
    Route("/policies/{slug}/versions/{number:int}", text.version),
    Route("/policies/{slug}/versions/{number:int}.md", text.raw),
    Route("/policies/{slug}/versions/{number:int}/changes", changes.changes),
    Route("/reading-changes", changes.reading),
    Route("/sign-in", sign_in.sign_in_form),
    Route("/sign-in", sign_in.ask_for_link, methods=["POST"]),
    Route("/sign-in/{token}", sign_in.link),
    Route("/sign-in/{token}", sign_in.sign_in, methods=["POST"]),
    Route("/sign-out", sign_in.sign_out, methods=["POST"]),
    Route("/sign-on", oidc.leave),
    Route("/sign-on/answer", oidc.answer),
    Route("/hand-over", hand_over.show),
    Route("/hand-over", hand_over.take, methods=["POST"]),
]
# A notice has two addresses: by the mailed link, and in the account.
NOTICE = [
    ("", notice.show, "GET"),
    ("/changes", notice.changes, "GET"),
    ("/sight", notice.sight, "POST"),
    ("/objection", objection.review, "GET"),
    ("/objections", objection.file, "POST"),
    ("/objections/{number}", receipt.show, "GET"),
    ("/objections/{number}/confirmation", receipt.confirmation, "POST"),
    ("/objections/{number}/code", receipt.code, "POST"),
    ("/objections/{number}/amendment", amendment.show, "GET"),
    ("/objections/{number}/amendment", amendment.amend, "POST"),
    ("/objections/{number}/amendment/review", amendment.review, "GET"),
    ("/objections/{number}/withdrawal", withdrawal.show, "GET"),
    ("/objections/{number}/withdrawal", withdrawal.take_it_back, "POST"),
    ("/answers/{number}", declarations.show, "GET"),
    ("/answers/{number}/confirmation", declarations.confirmation, "POST"),
    ("/answers/{number}/code", declarations.code, "POST"),
    ("/answers/{number}/removal", declarations.removal, "POST"),
    ("/deadline.ics", deadline_calendar.show, "GET"),
    ("/consents", consent.consents, "POST"),
    ("/opt-outs", consent.opt_outs, "POST"),
]
MEMBER = [
    *[Route(f"/n/{{token}}{path}", by_link(view), methods=[method]) for path, view, method in NOTICE],
    *[
        Route(f"/account/notices/{{version_id:int}}{path}", by_account(view), methods=[method])
        for path, view, method in NOTICE
    ],
    Route("/account", account.overview),
    Route("/account/opt-outs", account.opt_outs, methods=["POST"]),
    Route("/account/details", details.show),
    Route("/account/details", details.correct, methods=["POST"]),
    Route("/account/details/address", details.correct_mail, methods=["POST"]),
    Route("/account/details/address/cancellation", details.cancel_mail, methods=["POST"]),
    Route("/account/details/address/request", details.ask_ops, methods=["POST"]),
    Route("/address/{token}", address.show),
    Route("/address/{token}", address.answer, methods=["POST"]),
    Route("/account/terms", own_terms.show),
    Route("/account/terms/opt-outs", own_terms.opt_outs, methods=["POST"]),
    Route("/account/terms/consents", own_terms.consents, methods=["POST"]),
    Route("/account/data", own_data.show),
    Route("/account/data.json", own_data.download_json),
    Route("/account/data.html", own_data.download_html),
    Route("/account/requests", member_requests.index),
    Route("/account/requests", member_requests.add, methods=["POST"]),
    Route("/account/requests/new", member_requests.new),
    Route("/account/requests/{number}", member_requests.show),
    Route("/account/requests/{number}/withdrawal", member_requests.withdraw, methods=["POST"]),
    Route("/opt-out/{token}", opt_out.show),
    Route("/opt-out/{token}", opt_out.turn, methods=["POST"]),
    Route("/unsubscribe/{token}", unsubscribe.show),
    Route("/unsubscribe/{token}", unsubscribe.stop, methods=["POST"]),
]
LEGAL = [
    Route("/staff", staff_home.show),
    Route("/staff/policies", legal_policies.index),
    Route("/staff/policies/new", legal_policies.new, methods=["GET", "POST"]),
    Route("/staff/policies/{slug}", legal_policies.show),
    Route("/staff/policies/{slug}/defaults", legal_policies.defaults, methods=["GET", "POST"]),
    Route("/staff/policies/{slug}/drafts", drafts.start, methods=["POST"]),
    Route("/staff/policies/{slug}/versions/{number:int}", legal_version.show),
    Route("/staff/purposes/new", legal_policies.new_purpose, methods=["GET", "POST"]),
    Route("/staff/drafts", drafts.index),
    Route("/staff/drafts/{id:int}", drafts.show),
    Route("/staff/drafts/{id:int}", drafts.save, methods=["POST"]),
    Route("/staff/drafts/{id:int}/changes", classification.show),
    Route("/staff/drafts/{id:int}/changes", classification.save, methods=["POST"]),
    *[Route(f"/staff/drafts/{{id:int}}/changes{end}", exports.of_draft_as(make)) for end, make in exports.FORMS],
    *[
        Route(f"/staff/policies/{{slug}}/versions/{{number:int}}/changes{end}", exports.of_version_as(make))
        for end, make in exports.FORMS
    ],
    Route("/staff/drafts/{id:int}/proof", drafts.proof, methods=["POST"]),
    Route("/staff/drafts/{id:int}/approvals", approval.show),
    Route("/staff/drafts/{id:int}/approvals", approval.give, methods=["POST"]),
    Route("/staff/drafts/{id:int}/publication", publication.show),
    Route("/staff/drafts/{id:int}/publication", publication.go, methods=["POST"]),
    Route("/staff/drafts/{id:int}/removal", drafts.removal, methods=["GET", "POST"]),
]
OPS = [
    Route("/staff/objections", queue.index),
    Route("/staff/objections/{id:int}", ops_objection.show),
    Route("/staff/objections/{id:int}/confirmation", ending.confirmation, methods=["GET", "POST"]),
    Route("/staff/objections/{id:int}/rejection", outcomes.rejection, methods=["GET", "POST"]),
    Route("/staff/objections/{id:int}/withdrawal", ending.withdrawal, methods=["GET", "POST"]),
    Route("/staff/objections/{id:int}/amendment", ops_amendment.amendment, methods=["GET", "POST"]),
    Route("/staff/objections/{id:int}/settlement", outcomes.settlement, methods=["GET", "POST"]),
    Route("/staff/objections/{id:int}/closure", outcomes.closure, methods=["GET", "POST"]),
    Route("/staff/requests", requests.index),
    Route("/staff/requests/{id:int}", ops_request.show),
    Route("/staff/requests/{id:int}/answer", request_act.answer, methods=["GET", "POST"]),
    Route("/staff/requests/{id:int}/refusal", request_act.refusal, methods=["GET", "POST"]),
    Route("/staff/requests/{id:int}/extension", request_act.extension, methods=["GET", "POST"]),
    Route("/staff/requests/{id:int}/closure", request_act.closure, methods=["GET", "POST"]),
    Route("/staff/requests/{id:int}/address", request_act.address, methods=["GET", "POST"]),
    Route("/staff/declarations", ops_declarations.index),
    Route("/staff/declarations/{id:int}", ops_declarations.show),
    Route("/staff/declarations/{id:int}/confirmation", declared.confirmation, methods=["GET", "POST"]),
    Route("/staff/declarations/{id:int}/rejection", declaration_act.rejection, methods=["GET", "POST"]),
    Route("/staff/notices", notices.index),
    Route("/staff/notices/{version_id:int}", notices.of_version),
    Route("/staff/notices/{version_id:int}/roll.csv", roll.table),
    Route("/staff/inbox", inbox.index),
    Route("/staff/inbox/{id:int}", inbox.show),
    Route("/staff/inbox/{id:int}.eml", inbox.raw),
    Route("/staff/inbox/{id:int}/handling", inbox_act.handling, methods=["GET", "POST"]),
    Route("/staff/inbox/{id:int}/bounce", inbox_act.bounce, methods=["GET", "POST"]),
    Route("/staff/inbox/{id:int}/erasure", inbox_act.erasure, methods=["GET", "POST"]),
    Route("/staff/notices/{version_id:int}/hold", campaign_act.hold, methods=["GET", "POST"]),
    Route("/staff/notices/{version_id:int}/resumption", campaign_act.resumption, methods=["GET", "POST"]),
    Route("/staff/notices/{version_id:int}/retries", campaign_act.retries, methods=["GET", "POST"]),
    Route("/staff/notices/{version_id:int}/members/{member_id:int}", sending.show),
    Route("/staff/notices/{version_id:int}/members/{member_id:int}/sendings/{number:int}/html", sending.html),
    Route("/staff/members", members.index),
    Route("/staff/members/import", members_import.show),
    Route("/staff/members/import", members_import.bring_in, methods=["POST"]),
    Route("/staff/members/{id:int}", members.show),
    Route("/staff/members/{id:int}/addresses", member_contact.addresses, methods=["GET", "POST"]),
    Route("/staff/members/{id:int}/sendings", member_contact.sendings, methods=["GET", "POST"]),
    Route("/staff/members/{id:int}/sights", member_contact.sights, methods=["GET", "POST"]),
    Route("/staff/members/{id:int}/bounces", member_contact.bounces, methods=["GET", "POST"]),
    Route("/staff/members/{id:int}/objections", ops_entered_objection.objections, methods=["GET", "POST"]),
    Route("/staff/members/{id:int}/consents", ops_consent.consents, methods=["GET", "POST"]),
    Route("/staff/members/{id:int}/opt-outs", choice.opt_outs, methods=["GET", "POST"]),
    Route("/staff/members/{id:int}/requests", ops_entered_request.requests, methods=["GET", "POST"]),
    Route("/staff/members/{id:int}/closure", member_closure.closure, methods=["GET", "POST"]),
    Route("/staff/submissions/{id:int}", submission.show),
    Route("/staff/submissions/{id:int}/files/{number:int}/readings", submission.readings, methods=["POST"]),
    Route("/staff/submissions/{id:int}/files/{number:int}/erasure", submission.erasure, methods=["GET", "POST"]),
]
STAFF = [
    Route("/staff/sign-in", staff_sign_in.sign_in_form),
    Route("/staff/sign-in", staff_sign_in.sign_in, methods=["POST"]),
    Route("/staff/sessions", staff_sign_in.sessions),
    Route("/staff/sessions/{id:int}/end", staff_sign_in.end_session, methods=["POST"]),
    Route("/staff/people", people.people),
    Route("/staff/people", people.add_person, methods=["POST"]),
    Route("/staff/people/new", people.new_person),
    Route("/staff/people/{id:int}", people.person),
    Route("/staff/people/{id:int}/roles", people.set_roles, methods=["POST"]),
    Route("/staff/people/{id:int}/password", people.set_password, methods=["POST"]),
    Route("/staff/people/{id:int}/disable", people.disable, methods=["POST"]),
    Route("/staff/people/{id:int}/enable", people.enable, methods=["POST"]),
    Route("/staff/tokens", tokens.tokens),
    Route("/staff/tokens", tokens.add_token, methods=["POST"]),
    Route("/staff/tokens/{id:int}/end", tokens.end, methods=["POST"]),
]
# The company's own ids of members may have any sign in them, a slash too.
API = [
    Route("/api/v1/terms", api.terms),
    Route("/api/v1/members/{id:path}/notices", company_notices.notices),
    Route("/api/v1/members/{id:path}/notices.html", company_fragment.fragment),
    Route("/api/v1/members/{id:path}/notices/{notice:int}/sight", company_sight.sight, methods=["POST"]),
    Route("/api/v1/members/{id:path}/list-unsubscribe", list_unsubscribe.headers),
]
# Only where the settings say that mail is caught; elsewhere these are not found.
DEMO = [
    Route("/mailbox", mailbox.index),
    Route("/mailbox/{number:int}", mailbox.show),
    Route("/mailbox/{number:int}/html", mailbox.html),
    Route("/mailbox/{number:int}.eml", mailbox.raw),
]

ROUTES = [*PUBLIC, *MEMBER, *LEGAL, *OPS, *STAFF, *API, *DEMO, Mount("/static", Assets(), name="static")]

COMPRESSED_ALREADY = (*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/pdf")

# From the outside in.
MIDDLEWARE = [
    Middleware(wall_clock.Arrival),
    Middleware(AccessLog),
    # No other site can have a page of ours fetched with a reader's cookies again and again (they are SameSite), so
    # lengths of compressed answers tell nobody what is in them.
    Middleware(GZipMiddleware, compresslevel=6, exclude_content_types=COMPRESSED_ALREADY),
    Middleware(SecurityHeaders),
    Middleware(Language),
    Middleware(PlainAddress),
    Middleware(SameOrigin),
    Middleware(BodyLimit),
]

ERRORS = {
    HTTPException: errors.on_http,
    RuleBroken: errors.on_rule_broken,
    DoesNotExist: errors.on_missing_row,
    Exception: errors.on_failure,
}


def create_app(settings: Settings, clock: Callable[[], datetime] = wall_clock.now) -> Starlette:
    """The application. `clock` gives the present instant, UTC to the second; tests and the demo bring their own."""
    app = Starlette(routes=ROUTES, middleware=MIDDLEWARE, exception_handlers=ERRORS, lifespan=life)
    app.state.settings = settings
    app.state.clock = clock
    app.state.keys = Keys(settings.secrets())
    app.state.provider = Provider(settings) if settings.oidc_issuer else None
    app.state.company_keys = settings.company_keys
    return app


@asynccontextmanager
async def life(app: Starlette) -> AsyncIterator[None]:
    """Opens the database and starts the jobs; closes them in turn. Raises NotMigrated (see `make_ready`)."""
    settings: Settings = app.state.settings
    await make_ready(settings.database)
    async with AsyncExitStack() as stack:
        await connect(settings.database)
        stack.push_async_callback(disconnect)
        also: list[Sweep] = [
            ArchiveKeeper(settings.archive),
            Comparer(),
            Aging(settings.inbox_days),
            LogAging(),
            forget_spent_tokens,
        ]
        jobs = running(settings, app.state.keys, app.state.clock, also, work=settings.jobs)
        app.state.jobs = await stack.enter_async_context(jobs)
        yield

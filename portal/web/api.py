"""The API for the company's systems, under /api/v1. Answers are JSON; refusals are problem details (RFC 9457)."""

from datetime import UTC, datetime
from typing import Annotated, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal.actions.terms import governing_terms
from portal.actions.token import token_of
from portal.rules.errors import RuleBroken
from portal.store.staff import Scope
from portal.web.clock import at


def _to_the_second(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC).replace(microsecond=0)
    except OverflowError as beyond:
        raise ValueError("lies outside of the years 1 to 9999 in UTC") from beyond


Asked = TypeVar("Asked", bound=BaseModel)
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Instant = Annotated[AwareDatetime, AfterValidator(_to_the_second)]


class TermsQuestion(BaseModel):
    """The parameters of `GET /api/v1/terms`; instants with an offset, fractions of a second are dropped."""

    model_config = ConfigDict(extra="forbid")

    member: Name
    policy: Name
    purpose: Name
    collected_at: Instant
    as_of: Instant | None = None


async def terms(request: Request) -> Response:
    """Which version governs this member's data collected then for this purpose, is it allowed, and why.

    200 with the answer; 401 without a working token, 403 with one for other calls; 404 for an unknown member or policy;
    422 for a bad parameter.
    """
    await company_system(request, Scope.TERMS_READ)
    asked = question(request, TermsQuestion)
    now = at(request)
    if asked.as_of is not None and asked.as_of > now:
        raise RuleBroken("bad_parameters", "as_of: an answer can be given as of the past only.", field="as_of")
    answer = await governing_terms(asked.member, asked.policy, asked.purpose, asked.collected_at, at=asked.as_of or now)
    return JSONResponse(answer.to_json(), headers={"Cache-Control": "no-store"})


async def company_system(request: Request, scope: Scope) -> None:
    """Asks for a token that staff made; sets `request.state.token`.

    HTTPException 401 without one; RuleBroken `insufficient_scope` where it is not for this (RFC 6750, section 3.1).
    """
    token = await token_of(request.headers.get("authorization", ""))
    if token is None:
        raise HTTPException(401, headers={"WWW-Authenticate": 'Bearer realm="portal"'})
    if not token.may(scope):
        raise RuleBroken("insufficient_scope", "The token is not made for this: it needs %(scope)s.", scope=str(scope))
    request.state.token = token


def question(request: Request, model: type[Asked]) -> Asked:
    """The question in the query string. RuleBroken `bad_parameters` names each one that is wrong."""
    try:
        return model.model_validate(dict(request.query_params))
    except ValidationError as bad:
        raise bad_parameters(bad) from bad


def bad_parameters(bad: ValidationError) -> RuleBroken:
    """What is wrong with which parameter, or with the body as a whole."""
    errors = bad.errors(include_url=False)
    wrong = {str(error["loc"][0]) if error["loc"] else "body": error["msg"] for error in errors}
    return RuleBroken("bad_parameters", "; ".join(f"{name}: {why}" for name, why in wrong.items()))

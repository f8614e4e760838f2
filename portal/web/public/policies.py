"""The list of policies, a policy's newest text, and the list of its versions."""

from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from portal.store.policies import Policy, Version
from portal.store.publications import published_policies, versions_of
from portal.web.public.text import text_page
from portal.web.render import page, redirect


async def home(request: Request) -> Response:
    return redirect(request, "/policies")


async def index(request: Request) -> Response:
    """All policies, each with its newest version."""
    return page(request, "public/policies.html", published=await published_policies())


async def newest(request: Request) -> Response:
    """The newest text. Its permanent address is its version's."""
    policy, versions = await _published(request)
    return await text_page(request, policy, versions[0], versions)


async def versions(request: Request) -> Response:
    policy, published = await _published(request)
    return page(request, "public/versions.html", policy=policy, versions=published)


async def compare_any(request: Request) -> Response:
    """From the form that chooses two versions to the page that compares them."""
    policy, published = await _published(request)
    if not request.query_params:
        return redirect(request, f"/policies/{policy.slug}/versions")
    known = {str(version.number) for version in published}
    chosen = [request.query_params.get("since", ""), request.query_params.get("to", "")]
    if not set(chosen) <= known:
        raise HTTPException(404)
    since, to = sorted(map(int, chosen))
    address = URL(f"/policies/{policy.slug}/versions/{to}/changes").include_query_params(since=since)
    return redirect(request, str(address))


async def _published(request: Request) -> tuple[Policy, list[Version]]:
    policy = await Policy.get(slug=request.path_params["slug"])
    found = await versions_of(policy.id)
    if not found:
        raise HTTPException(404)
    return policy, found

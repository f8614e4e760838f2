"""A version's text at its permanent address: as a page, and as the exact bytes that were published."""

from base64 import b64encode
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from portal.rules.policy import NoticeTerms
from portal.store.policies import Policy, Version, VersionText
from portal.store.publications import purpose_titles, texts_of, versions_of
from portal.web.markdown import rendered
from portal.web.render import page
from portal.web.text import languages


@dataclass(frozen=True, slots=True)
class Treated:
    """A purpose and how an objection to it is treated."""

    title: str
    treatment: str


async def version(request: Request) -> Response:
    policy, found, others = await version_of(request)
    return await text_page(request, policy, found, others)


async def raw(request: Request) -> Response:
    """The published bytes; `?lang=` names a translation."""
    _policy, found, _others = await version_of(request)
    chosen = _chosen(request, await texts_of(found.id))
    return Response(
        chosen.text.encode(),
        media_type="text/markdown; charset=utf-8",
        headers={
            "Repr-Digest": _digest_field(chosen.digest),
            "Content-Language": chosen.language,
            "Cache-Control": "public, max-age=86400",
        },
    )


async def version_of(request: Request) -> tuple[Policy, Version, list[Version]]:
    """The policy and version that the address names, and all of the policy's versions."""
    policy = await Policy.get(slug=request.path_params["slug"])
    found = await versions_of(policy.id)
    named = next((row for row in found if row.number == request.path_params["number"]), None)
    if named is None:
        raise HTTPException(404)
    return policy, named, found


async def text_page(request: Request, policy: Policy, found: Version, others: list[Version]) -> Response:
    texts = await texts_of(found.id)
    chosen = _readable(request, texts)
    text = rendered(chosen.text)
    titles = await purpose_titles()
    return page(
        request,
        "public/version.html",
        policy=policy,
        version=found,
        newest=others[0],
        previous=next((row for row in others if row.number == found.number - 1), None),
        chosen=chosen,
        texts=texts,
        authoritative=texts[0],
        text=text,
        terms=NoticeTerms.from_json(found.terms),
        treated=[Treated(titles.get(key, key), kind) for key, kind in sorted(found.treatments.items())],
    )


def _chosen(request: Request, texts: list[VersionText]) -> VersionText:
    """The text in the language that `?lang=` names (404 where there is none), else the authoritative one."""
    wanted = request.query_params.get("lang")
    if wanted is None:
        return texts[0]
    found = next((text for text in texts if text.language.lower() == wanted.lower()), None)
    if found is None:
        raise HTTPException(404)
    return found


def _readable(request: Request, texts: list[VersionText]) -> VersionText:
    """The same for a page. It speaks languages that the text was not published in, and then shows the authoritative."""
    wanted = request.query_params.get("lang", "")
    published = any(text.language.lower() == wanted.lower() for text in texts)
    return texts[0] if wanted in languages() and not published else _chosen(request, texts)


def _digest_field(digest: str) -> str:
    """`sha256:<hexadecimal>` as RFC 9530 writes it."""
    return f"sha-256=:{b64encode(bytes.fromhex(digest.removeprefix('sha256:'))).decode()}:"

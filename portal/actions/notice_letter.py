"""The notice mail: what a version tells, read from its rows once, and each member's letter made from it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter

from portal.keys import Keys
from portal.mail.compose import Letter, Sender
from portal.mail.told import Purposes, Told, fitting, told_changes
from portal.rules.changes import Comparison
from portal.rules.policy import NoticeTerms, Treatment, treatments_from_json
from portal.store.drafts import Draft, DraftClassification
from portal.store.policies import Change, Classification, Policy, Purpose, Version, VersionText


async def told_version(version_id: int) -> Told:
    """What the notice of a published version tells. Raises tortoise's DoesNotExist."""
    version = await Version.get(id=version_id).prefetch_related("policy")
    keys = {row.id: row.key for row in await Change.filter(version_id=version_id)}
    rows = await Classification.filter(change_id__in=list(keys))
    return _told(
        version.policy,
        version,
        number=version.number,
        posted_at=version.posted_at,
        titles=await purpose_titles(),
        texts=(await _text(version.policy_id, version.number - 1), await _text(version.policy_id, version.number)),
        classified={keys[row.change_id]: row.purposes for row in rows},
    )


async def told_draft(draft_id: int, at: datetime) -> Told:
    """What the notice of a draft would tell if it were published at that instant."""
    draft = await Draft.get(id=draft_id).prefetch_related("policy")
    rows = await DraftClassification.filter(draft_id=draft_id)
    return _told(
        draft.policy,
        draft,
        number=draft.base + 1,
        posted_at=at,
        titles=await purpose_titles(),
        texts=(await _text(draft.policy_id, draft.base), draft.text),
        classified={row.change_key: row.purposes for row in rows},
    )


async def purpose_titles() -> dict[str, str]:
    return {row.key: row.title for row in await Purpose.all()}


def notice_links(readers: Sequence[tuple[int, int, int]], *, keys: Keys, at: datetime) -> dict[str, list[str]]:
    """What only this member's mail has, for each of them, the tokens of its two addresses: `link` and `opt_out`.

    Of each reader: member, version (row ids), and the epoch of their links.
    """
    member_and_epoch = itemgetter(0, 2)
    return {
        "link": keys.notice_links(readers, at.date()),
        "opt_out": keys.opt_out_links(list(map(member_and_epoch, readers))),
    }


def notice_letter(
    told: Told, closes_at: datetime | None, links: Mapping[str, object], *, sender: Sender, token: str, at: datetime
) -> Letter:
    """The letter to one member. `token` is the Message-ID's; a relay that replaces that header leaves our own one.

    `closes_at` (UTC) where the member's window is open already; `links`: theirs of `notice_links`, or stand-ins.
    """
    opt_out = f"{sender.portal}/opt-out/{links['opt_out']}"
    opt_outs = [(title, f"{opt_out}?purpose={key}") for key, title in told.can_stop]
    page = _page(told, at)
    return Letter(
        "notice",
        {**page, "closes_at": closes_at, "link": f"{sender.portal}/n/{links['link']}", "opt_outs": opt_outs},
        _headers(told, sender, token),
    )


def proof_letter(told: Told, draft_id: int, sender: Sender, token: str, at: datetime) -> Letter:
    """The same as a member would get it, to one of the staff; its links lead to the draft."""
    link = f"{sender.portal}/staff/drafts/{draft_id}"
    opt_outs = [(title, link) for _key, title in told.can_stop]
    return Letter(
        "proof",
        {**_page(told, at), "closes_at": None, "link": link, "opt_outs": opt_outs},
        {"X-Notice-Id": token},
    )


def _page(told: Told, at: datetime) -> dict[str, object]:
    counts = told.terms.by_email and told.may_object
    opened = at if told.terms.by_email else told.posted_at
    return {
        "told": told,
        "today": at,
        "counts": counts,
        "opened": told.if_opened(opened) if told.may_object else None,
        "separable": told.titles(Treatment.SEPARABLE),
        "inseparable": told.titles(Treatment.INSEPARABLE),
        "opt_in": told.titles(Treatment.OPT_IN),
    }


def _headers(told: Told, sender: Sender, token: str) -> dict[str, str]:
    """A legal notice is no subscription, so it says nothing of unsubscribing (RFC 8058 is for marketing)."""
    replies = sender.reply_to(token)
    return {
        **({"Reply-To": replies} if replies else {}),
        "List-Id": f"<{told.slug}.policies.{sender.domain}>",
        "Feedback-ID": f"{told.slug}-{told.number}:notice:portal",
        "X-Notice-Id": token,
    }


async def _text(policy_id: int, number: int) -> str:
    row = await VersionText.get_or_none(version__policy_id=policy_id, version__number=number, authoritative=True)
    return row.text if row is not None else ""


def _told(
    policy: Policy,
    source: Version | Draft,
    *,
    number: int,
    posted_at: datetime,
    titles: Mapping[str, str],
    texts: tuple[str, str],
    classified: Mapping[str, list[str]],
) -> Told:
    treatments = treatments_from_json(source.treatments)
    purposes = Purposes(titles, treatments, source.told_of)
    comparison = Comparison.from_json(source.comparison) if source.comparison else None
    changes = told_changes(comparison, *texts, classified, purposes)
    touched = purposes.tags([key for keys in classified.values() for key in keys])
    total = len(comparison.changes) if comparison else 0
    summary = source.summary.strip()
    shown = fitting(changes, summary)
    return Told(
        slug=policy.slug,
        title=policy.title,
        number=number,
        language=source.language,
        summary=summary,
        posted_at=posted_at,
        terms=NoticeTerms.from_json(source.terms),
        changes=shown,
        more=len(changes) - len(shown),
        wording_only=total - len(changes),
        touched=touched,
        told_of=tuple(tag.title for tag in purposes.tags(list(source.told_of)) if tag in touched),
        can_stop=tuple(
            (key, titles.get(key, key)) for key, treatment in treatments.items() if treatment is Treatment.SEPARABLE
        ),
    )

"""The mail that tells why a reply which objects was not filed as an objection."""

from typing import Any

from portal.actions.consent import purposes_to_opt_out_of
from portal.keys import Keys, Link
from portal.mail.compose import Letter, Sender
from portal.mail.returned import own_message_id
from portal.rules.objection import OPT_OUT_INSTEAD, Refusal
from portal.rules.policy import NoticeTerms
from portal.store.answers import Objection
from portal.store.members import Member
from portal.store.notices import Notice
from portal.store.outbox import OutgoingMail
from portal.store.policies import Version
from portal.store.returned import ReturnedContent, ReturnedMail


async def refused_reply(mail: OutgoingMail, keys: Keys, sender: Sender) -> Letter:
    """About the version, the reply and the rules' reason that the mail's `about` names; an answer to it (RFC 3834)."""
    version = await Version.get(id=int(mail.about["version"])).select_related("policy")
    returned = await ReturnedMail.get(id=int(mail.about["returned"]))
    member = await Member.get(id=mail.member_id)
    notice = await Notice.get_or_none(member_id=member.id, version_id=version.id)
    refusal = str(mail.about["refusal"])
    in_force = await Objection.get_or_none(member_id=member.id, version_id=version.id, withdrawn_at__isnull=True)
    link = keys.notice_link(Link(member.id, version.id, member.link_epoch, mail.created_at.date()))
    told: dict[str, Any] = {
        "policy": version.policy.title,
        "number": version.number,
        "zone": NoticeTerms.from_json(version.terms).zone,
        "received_at": returned.received_at,
        "refusal": refusal,
        "closes_at": notice.closes_at if notice else None,
        "objection": in_force,
        "opt_out_instead": refusal in OPT_OUT_INSTEAD and bool(await purposes_to_opt_out_of(member.id)),
        "link": f"{sender.portal}/n/{link}" if refusal != Refusal.ACCOUNT_CLOSED else "",
    }
    return Letter(str(mail.kind), told, await _as_answer(returned.id))


async def _as_answer(returned_id: int) -> dict[str, str]:
    """That a program answers, and what: programs then do not answer it again."""
    answered = own_message_id((await ReturnedContent.get(returned_id=returned_id)).content)
    threaded = {"In-Reply-To": answered, "References": answered} if answered else {}
    return {"Auto-Submitted": "auto-replied", **threaded}

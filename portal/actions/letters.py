"""Mails other than notices, made from the rows they are about at the moment they are sent."""

from datetime import datetime
from typing import Any

from portal.actions.address_letter import address_letter
from portal.actions.declaration_letter import consent_receipt, declaration_code, spaced
from portal.actions.freeze_letter import told_of_freeze
from portal.actions.notice_letter import proof_letter, purpose_titles, told_draft
from portal.actions.opt_out_letter import opt_out_receipt
from portal.actions.outcome import closure_due_at
from portal.actions.reply_letter import refused_reply
from portal.actions.request_letter import request_letter
from portal.keys import Keys, Link
from portal.mail.compose import Letter, Sender
from portal.rules.policy import NoticeTerms, treatments_from_json
from portal.store.access import OneTimeCode
from portal.store.answers import Confirmation, ObjectedChange, Objection
from portal.store.members import Member
from portal.store.outbox import MailKind, OutgoingMail
from portal.store.outcomes import Closure
from portal.store.policies import Classification


async def letter_of(mail: OutgoingMail, keys: Keys, sender: Sender, at: datetime) -> Letter | None:
    """The letter; None where there is no point in sending it any more: a code that was used or has run out."""
    match mail.kind:
        case MailKind.PROOF:
            draft_id = int(mail.about["draft"])
            return proof_letter(await told_draft(draft_id, at), draft_id, sender, mail.message_id, at)
        case MailKind.CODE | MailKind.SIGN_IN:
            return await _code(mail, keys, sender, at)
        case MailKind.CONFIRM:
            return await declaration_code(mail, keys, sender, at)
        case MailKind.CONSENT:
            return await consent_receipt(mail, keys, sender)
        case MailKind.CLOSED:
            return await _closed(mail)
        case MailKind.NEW_ADDRESS | MailKind.OLD_ADDRESS:
            return await address_letter(mail, keys, sender, at)
        case MailKind.REQUEST | MailKind.REQUEST_NEWS:
            return await request_letter(mail, sender)
        case MailKind.NOT_OBJECTED:
            return await refused_reply(mail, keys, sender)
        case MailKind.OPT_OUT:
            return await opt_out_receipt(mail, keys, sender)
    objection = await Objection.get(id=int(mail.about["objection"])).prefetch_related("version__policy")
    return Letter(str(mail.kind), await _about(objection, keys, sender, mail.created_at))


async def _code(mail: OutgoingMail, keys: Keys, sender: Sender, at: datetime) -> Letter | None:
    code = await OneTimeCode.get(id=int(mail.about["code"]))
    if code.used_at is not None or code.expires_at <= at:
        return None
    told: dict[str, Any] = {"expires_at": code.expires_at, "minutes": (code.expires_at - at).seconds // 60}
    if mail.kind is MailKind.SIGN_IN:
        return Letter(
            "sign_in", told | {"link": f"{sender.portal}/sign-in/{keys.sign_in_link(code.member_id, code.id)}"}
        )
    objection = await Objection.get(id=code.objection_id).prefetch_related("version__policy")
    return Letter(
        "code", told | {"code": spaced(keys.code(code.id))} | await _about(objection, keys, sender, mail.created_at)
    )


async def _closed(mail: OutgoingMail) -> Letter:
    closure = await Closure.get(member_id=mail.member_id)
    told: dict[str, Any] = {"closed_at": closure.received_at, "objection": None, "policy": "", "zone": "UTC"}
    if closure.objection_id is not None:
        objection = await Objection.get(id=closure.objection_id).prefetch_related("version__policy")
        zone = NoticeTerms.from_json(objection.version.terms).zone
        told |= {"objection": objection, "policy": objection.version.policy.title, "zone": zone}
    return Letter("closed", told)


async def _about(objection: Objection, keys: Keys, sender: Sender, at: datetime) -> dict[str, Any]:
    """What a receipt states: what was received, when, what follows and by when it can be withdrawn."""
    version = objection.version
    member = await Member.get(id=objection.member_id)
    link = keys.notice_link(Link(member.id, version.id, member.link_epoch, at.date()))
    purposes, titles = await _purposes(objection), await purpose_titles()
    return {
        **await told_of_freeze(member.id, version, objection.received_at, set(purposes)),
        "objection": objection,
        "policy": version.policy.title,
        "number": version.number,
        "zone": NoticeTerms.from_json(version.terms).zone,
        "covered": await _covered(objection),
        "purposes": [titles.get(purpose, purpose) for purpose in purposes],
        "confirmed": await Confirmation.exists(member_id=member.id, objection_id=objection.id),
        "due_at": await closure_due_at(objection) if objection.closing else None,
        "amends": await Objection.get_or_none(id=objection.amends_id) if objection.amends_id else None,
        "restores": await Objection.get_or_none(id=objection.restores_id) if objection.restores_id else None,
        "link": f"{sender.portal}/n/{link}/objections/{objection.number}",
        "notice_link": f"{sender.portal}/n/{link}",
    }


async def _covered(objection: Objection) -> list[str]:
    """Where the covered changes stand in the text."""
    links = (
        await ObjectedChange.filter(member_id=objection.member_id, objection_id=objection.id)
        .prefetch_related("change")
        .order_by("change__ordinal")
    )
    return list(dict.fromkeys(_place(link.change.record) for link in links))


async def _purposes(objection: Objection) -> list[str]:
    """The purposes that the objection covers, never an opt-in one."""
    ids = await ObjectedChange.filter(member_id=objection.member_id, objection_id=objection.id).values_list(
        "change_id", flat=True
    )
    touched = {key for row in await Classification.filter(change_id__in=list(ids)) for key in row.purposes}
    treatments = treatments_from_json(objection.version.treatments)
    return [key for key, treatment in treatments.items() if key in touched and treatment.objectable]


def _place(record: dict[str, Any]) -> str:
    path = [*record["section"]]
    if record.get("label"):
        path = [*path[:-1], f"{record['label']} {path[-1]}"] if path else [record["label"]]
    return " › ".join(path[1:] or path)

"""The mails about a declaration: the code that confirms it, and the receipt of a consent."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.actions.freeze_letter import told_of_freeze
from portal.keys import Keys, Link
from portal.mail.compose import Letter, Sender
from portal.rules.policy import NoticeTerms
from portal.store.access import OneTimeCode
from portal.store.answers import Objection
from portal.store.declarations import Declaration, DeclarationKind
from portal.store.members import Member
from portal.store.outbox import OutgoingMail
from portal.store.policies import Version
from portal.store.publications import purpose_titles
from portal.store.standings import known, opted_out


async def declaration_code(mail: OutgoingMail, keys: Keys, sender: Sender, at: datetime) -> Letter | None:
    """None where there is no point in sending it any more: used, run out, or decided in another way."""
    code = await OneTimeCode.get(id=int(mail.about["code"])).prefetch_related("declaration__version__policy")
    declaration = code.declaration
    if declaration is None or declaration.decided_at is not None or code.used_at is not None or code.expires_at <= at:
        return None
    told = {"code": spaced(keys.code(code.id)), "expires_at": code.expires_at}
    return Letter("confirm", told | await _about(declaration, keys, sender, mail.created_at))


async def consent_receipt(mail: OutgoingMail, keys: Keys, sender: Sender) -> Letter:
    """What was received and confirmed, what follows, and how to take it back."""
    declaration = await Declaration.get(id=int(mail.about["declaration"])).prefetch_related("version__policy")
    return Letter("consent", await _about(declaration, keys, sender, mail.created_at))


def spaced(digits: str) -> str:
    """A code as it is read: `1234 5678`."""
    return f"{digits[:4]} {digits[4:]}"


async def _about(declaration: Declaration, keys: Keys, sender: Sender, at: datetime) -> dict[str, Any]:
    version = declaration.version
    member = await Member.get(id=declaration.member_id)
    notice = f"{sender.portal}/n/{keys.notice_link(Link(member.id, version.id, member.link_epoch, at.date()))}"
    opt_out = keys.opt_out_link(member.id, member.link_epoch)
    objection = await Objection.get(id=declaration.objection_id) if declaration.objection_id else None
    titles = await purpose_titles()
    return {
        **(await _freeze(declaration, titles) if declaration.kind is DeclarationKind.OBJECTION else {}),
        "declaration": declaration,
        "objection": objection,
        "policy": version.policy.title,
        "number": version.number,
        "later": await Version.filter(policy_id=version.policy_id, number__gt=version.number).exists(),
        "zone": NoticeTerms.from_json(version.terms).zone,
        "purpose": titles.get(declaration.purpose, declaration.purpose),
        "lifts": declaration.purpose in await opted_out(member.id),
        "link": f"{notice}/answers/{declaration.number}",
        "opt_out_link": f"{sender.portal}/opt-out/{opt_out}?purpose={declaration.purpose}",
    }


async def _freeze(declaration: Declaration, titles: Mapping[str, str]) -> dict[str, Any]:
    """What would be frozen: the purposes, and what `told_of_freeze` says."""
    version = declaration.version
    ruled = (await known(declaration.member_id, version.policy_id)).version(version.number)
    covered = {purpose for purposes in ruled.objectable.values() for purpose in purposes} if ruled else set()
    frozen = await told_of_freeze(declaration.member_id, version, declaration.received_at, covered)
    return frozen | {"purposes": [titles.get(purpose, purpose) for purpose in sorted(covered)]}

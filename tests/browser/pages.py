"""Every kind of page, by a name: who looks at it, and its address after the story."""

from collections.abc import Callable
from dataclasses import dataclass

from portal.demo.people import Person
from tests.browser.conftest import Story


@dataclass(frozen=True)
class Kind:
    role: str
    address: Callable[[Story], str]
    status: int = 200


def fixed(role: str, address: str, status: int = 200) -> Kind:
    return Kind(role, lambda _: address, status)


def objection(noun: str, who: str) -> Kind:
    """A page of ops on the objection of a part in the cast."""
    return Kind("ops", lambda s: f"/staff/objections/{s.objections[part(s, who)]}{noun}")


def member(noun: str, who: str, query: str = "") -> Kind:
    return Kind(
        "ops",
        lambda s: (
            f"/staff/members/{s.members[part(s, who)]}{noun}"
            + (f"?version={s.versions['contact-forms', 2]}" if query else "")
        ),
    )


def sendings(who: str) -> Kind:
    """What was sent to a part of the cast about version 2."""
    return Kind("ops", lambda s: f"/staff/notices/{s.versions['contact-forms', 2]}/members/{s.members[part(s, who)]}")


def notice(who: str, number: int, rest: str = "", status: int = 200) -> Kind:
    return Kind("nobody", lambda s: s.notice(person(s, who), number) + rest, status)


def receipt(who: str, rest: str = "") -> Kind:
    return Kind("nobody", lambda s: s.receipt(person(s, who), 2) + rest)


def draft(rest: str) -> Kind:
    return Kind("legal", lambda s: f"/staff/drafts/{s.draft}{rest}")


def person(story: Story, who: str) -> Person:
    """A part of the cast; of several in it the first."""
    found: Person | tuple[Person, ...] = getattr(story.cast, who)
    return found[0] if isinstance(found, tuple) else found


def part(story: Story, who: str) -> str:
    return person(story, who).external_id


VERSION = "/policies/contact-forms/versions"
PUBLIC = {
    "policies": fixed("nobody", "/policies"),
    "the newest version": fixed("nobody", "/policies/contact-forms"),
    "versions": fixed("nobody", VERSION),
    "a version": fixed("nobody", f"{VERSION}/2"),
    "a translation": fixed("nobody", f"{VERSION}/2?lang=de"),
    "changes": fixed("nobody", f"{VERSION}/2/changes?since=1"),
    "changes over two versions": fixed("nobody", f"{VERSION}/3/changes?since=1"),
    "changes of clauses and tables": fixed("nobody", "/policies/mail-hosting/versions/2/changes?since=1"),
    "changes, the whole text": fixed("nobody", f"{VERSION}/2/changes?since=1&view=inline"),
    "changes, side by side": fixed("nobody", f"{VERSION}/2/changes?since=1&view=side"),
    "changes of clauses and tables, side by side": fixed(
        "nobody", "/policies/mail-hosting/versions/2/changes?since=1&view=side"
    ),
    "how to read changes": fixed("nobody", "/reading-changes"),
    "changes of a first version": fixed("nobody", f"{VERSION}/1/changes"),
    "sign-in": fixed("nobody", "/sign-in"),
    "staff sign-in": fixed("nobody", "/staff/sign-in"),
    "a sign-in link that no longer works": fixed("nobody", "/sign-in/forged", 410),
    "a notice link that is not ours": fixed("nobody", "/n/forged", 404),
    "an opt-out link that is not ours": fixed("nobody", "/opt-out/forged", 404),
    "no such page": fixed("nobody", "/nowhere", 404),
    "mailbox": fixed("nobody", "/mailbox"),
    "a mail": fixed("nobody", "/mailbox/1"),
}
MEMBER = {
    "notice, open": notice("silent", 3),
    "notice, open, several changes": notice("bounced", 2),
    "notice, frozen": notice("freezers", 2),
    "notice, unconfirmed": notice("unconfirmed", 2),
    "notice, taken back": notice("withdrawer", 2),
    "notice, late": notice("late", 2),
    "notice, account closed": notice("closers", 2, status=404),
    "notice of an inserted clause": Kind("nobody", lambda s: s.notice(s.cast.mailbox, 2, "mail-hosting")),
    "notice without a right to object": Kind("nobody", lambda s: s.notice(s.cast.licensee, 2, "crm")),
    "what changed, for a member": notice("silent", 3, "/changes"),
    "what changed, from the version that governs": notice("freezers", 3, "/changes?since=1"),
    "what changed, the whole text": notice("freezers", 3, "/changes?since=1&view=inline"),
    "what changed, side by side": notice("freezers", 3, "/changes?since=1&view=side"),
    "review, freeze": notice("silent", 3, "/objection?answer=object"),
    "review, closure": notice("bounced", 2, "/objection?answer=object"),
    "keep": notice("silent", 3, "/objection?answer=keep"),
    "refused, late": notice("late", 2, "/objection?answer=object"),
    "receipt, frozen": receipt("freezers"),
    "receipt, to be confirmed": receipt("unconfirmed"),
    "receipt, taken back": receipt("withdrawer"),
    "taking back": receipt("unconfirmed", "/withdrawal"),
    "opting out": Kind("nobody", lambda s: s.opt_out(s.cast.silent, 3)),
    "opted out": Kind("nobody", lambda s: s.opt_out(s.cast.opted_out, 3)),
    "account": fixed("member", "/account"),
    "details": fixed("member", "/account/details"),
    "my terms": fixed("member", "/account/terms"),
    "their data": fixed("member", "/account/data"),
    "their data, the file": fixed("member", "/account/data.html"),
    "requests": fixed("member", "/account/requests"),
    "asking for access": fixed("member", "/account/requests/new?kind=access"),
    "asking for closing": fixed("member", "/account/requests/new?kind=closing"),
    "notice in the account, a consent asked": Kind(
        "member", lambda s: f"/account/notices/{s.versions['help-desk', 2]}"
    ),
}
LEGAL = {
    "staff home": fixed("legal", "/staff"),
    "policies, for staff": fixed("legal", "/staff/policies"),
    "a policy, for staff": fixed("legal", "/staff/policies/contact-forms"),
    "defaults": fixed("legal", "/staff/policies/contact-forms/defaults"),
    "a new policy": fixed("legal", "/staff/policies/new"),
    "a new purpose": fixed("legal", "/staff/purposes/new"),
    "a version, for staff": fixed("legal", "/staff/policies/contact-forms/versions/2"),
    "drafts": fixed("legal", "/staff/drafts"),
    "a draft": draft(""),
    "classification": draft("/changes"),
    "classification, to print": draft("/changes/print"),
    "classification of a version, to print": fixed("legal", "/staff/policies/contact-forms/versions/2/changes/print"),
    "approval": draft("/approvals"),
    "publication": draft("/publication"),
    "dropping a draft": draft("/removal"),
    "forbidden": fixed("legal", "/staff/objections", 403),
}
OPS = {
    "staff home, for ops": fixed("ops", "/staff"),
    "queue": fixed("ops", "/staff/objections?show=all"),
    "queue, due": fixed("ops", "/staff/objections?show=overdue"),
    "queue, unconfirmed": fixed("ops", "/staff/objections?show=unconfirmed"),
    "queue, nothing here": fixed("ops", "/staff/objections?show=closing"),
    "answers to be confirmed": fixed("ops", "/staff/declarations"),
    "objection, frozen": objection("", "freezers"),
    "objection, unconfirmed": objection("", "unconfirmed"),
    "objection, closed": objection("", "closers"),
    "confirming": objection("/confirmation", "unconfirmed"),
    "rejecting": objection("/rejection", "unconfirmed"),
    "withdrawing": objection("/withdrawal", "freezers"),
    "settling": Kind("ops", lambda s: f"/staff/objections/{s.objections[s.cast.sharing[1].external_id]}/settlement"),
    "closing": Kind("ops", lambda s: f"/staff/objections/{s.objections[s.cast.closers[1].external_id]}/closure"),
    "requests, for ops": fixed("ops", "/staff/requests"),
    "requests that are done": fixed("ops", "/staff/requests?show=done"),
    "entering a request": member("/requests", "silent"),
    "notices": fixed("ops", "/staff/notices"),
    "notices of a version": Kind("ops", lambda s: f"/staff/notices/{s.versions['contact-forms', 2]}"),
    "notices that came back": Kind("ops", lambda s: f"/staff/notices/{s.versions['contact-forms', 2]}?state=bounced"),
    "inbox": fixed("ops", "/staff/inbox?show=letters"),
    "a letter that waits": Kind("ops", lambda s: f"/staff/inbox/{s.waiting}"),
    "a complaint that was answered": Kind("ops", lambda s: f"/staff/inbox/{s.answered}"),
    "being done with a letter": Kind("ops", lambda s: f"/staff/inbox/{s.waiting}/handling"),
    "naming the sending of a letter": Kind("ops", lambda s: f"/staff/inbox/{s.waiting}/bounce"),
    "erasing what a mail said": Kind("ops", lambda s: f"/staff/inbox/{s.answered}/erasure"),
    "pausing a campaign": Kind("ops", lambda s: f"/staff/notices/{s.versions['contact-forms', 3]}/hold"),
    "sendings to a member": sendings("bounced"),
    "sendings to a member who was refused": sendings("refused"),
    "members": fixed("ops", "/staff/members"),
    "a member": member("", "bounced"),
    "a closed member": member("", "closers"),
    "import": fixed("ops", "/staff/members/import"),
    "correcting an address": member("/addresses", "bounced"),
    "sending again": member("/sendings", "bounced", "version"),
    "recording a delivery": member("/sights", "bounced", "version"),
    "recording a bounce": member("/bounces", "silent", "version"),
    "entering an objection": member("/objections", "silent", "version"),
    "entering an opt-out": member("/opt-outs", "silent"),
    "a letter that was entered": Kind("ops", lambda s: f"/staff/submissions/{s.submission}"),
    "erasing a file": Kind("ops", lambda s: f"/staff/submissions/{s.submission}/files/1/erasure"),
    "closing an account": member("/closure", "silent"),
}
ADMIN = {
    "staff home, for admins": fixed("admin", "/staff"),
    "sessions": fixed("admin", "/staff/sessions"),
    "people": fixed("admin", "/staff/people"),
    "a new person": fixed("admin", "/staff/people/new"),
    "a person": fixed("admin", "/staff/people/1"),
    "tokens": fixed("admin", "/staff/tokens"),
}
KINDS = PUBLIC | MEMBER | LEGAL | OPS | ADMIN

"""The receipt of an opt-out, or of its end, that came by letter or call."""

from portal.actions.request_rows import zone_for
from portal.keys import Keys
from portal.mail.compose import Letter, Sender
from portal.store.members import Member
from portal.store.outbox import OutgoingMail
from portal.store.publications import purpose_titles
from portal.store.submissions import Submission


async def opt_out_receipt(mail: OutgoingMail, keys: Keys, sender: Sender) -> Letter:
    """What was received, what follows, and how to turn it back."""
    submission = await Submission.get(id=int(mail.about["submission"]))
    member = await Member.get(id=submission.member_id)
    opt_out = keys.opt_out_link(member.id, member.link_epoch)
    told = {
        "submission": submission,
        "purpose": (await purpose_titles()).get(submission.purpose, submission.purpose),
        "zone": await zone_for(member.id),
        "link": f"{sender.portal}/opt-out/{opt_out}?purpose={submission.purpose}",
    }
    return Letter("opt_out", told)

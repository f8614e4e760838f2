"""What waits for whoever opens the portal after the story: a draft to classify, an objection to look at."""

from dataclasses import replace

from portal.demo.answering import object_to
from portal.demo.cast import Cast
from portal.demo.publishing import write_draft
from portal.demo.script import Script, script
from portal.demo.stage import Stage

SHORTER = ("every six hours and kept for 14 days", "every four hours and kept for 21 days")
DROPPED = ("for all our products, until you want them again", "for all our products")


async def leave_work(stage: Stage, cast: Cast, third: Script) -> None:
    """A draft of the cloud CRM's next version, not yet classified, and a freeze of version 3, not yet confirmed."""
    newest = script("cloud-crm", 2)
    text = newest.text.decode().replace(*SHORTER).replace(*DROPPED)
    summary = "Backups are taken every four hours and kept for 21 days."
    await write_draft(stage, replace(newest, number=3, text=text.encode(), summary=summary, translations={}))
    await object_to(stage, cast.sharing[1], third.number, third.changes_for("marketing"))
    stage.tell(f"{cast.sharing[1].name} objects to the later version. The draft and this objection wait for you.")
    await stage.all_mail_out()

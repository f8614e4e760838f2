"""The other four policies, where they differ: no right to object, opting out, only the site, one click."""

from datetime import UTC, datetime

from portal.demo.browser import Browser
from portal.demo.cast import Cast
from portal.demo.page import Page
from portal.demo.people import Person
from portal.demo.stage import Stage, done


async def play_the_others(stage: Stage, cast: Cast) -> None:
    """Their second versions came before the story; these people had joined before."""
    await stage.wait_until(datetime(2026, 3, 12, 14, 0, tzinfo=UTC))
    await _help_desk(stage, cast)
    await _crm(stage, cast.licensee)
    await _cloud_crm(stage, cast.cloud)
    await _mail_hosting(stage, cast.mailbox)


async def sign_in(stage: Stage, person: Person) -> tuple[Browser, Page]:
    """By a link that is mailed to the address on file: the account."""
    used = await stage.browser_of(person.external_id)
    known = len(stage.letterbox.to(person.address, person.name))
    await used.press(await used.open("/sign-in"), "Mail me a link", {"known_as": person.external_id})
    letter = await stage.next_letter_to(person, known)
    page = await used.press(await used.open(letter.link("/sign-in/")), "Sign in")
    return used, done(page, "/account")


async def _help_desk(stage: Stage, cast: Cast) -> None:
    consenting, silent = cast.desk
    stage.expect("help desk: nobody is mailed", 0, sum(len(stage.letterbox.to(one.address)) for one in cast.desk))
    used, account = await sign_in(stage, consenting)
    notice = await used.press(account, "Read the notice")
    refused = await used.open(f"{notice.url}/objection?answer=object")
    stage.expect("help desk: no right to object", "You cannot object to this version", refused.heading)
    page = await used.press(notice, "Yes")
    stage.holds("help desk: a consent is asked for and given", "You said yes" in page.words)
    stage.tell(
        f"Help desk: no mail, no right to object, and the page says so. {consenting.name} is asked for a consent "
        f"and says yes; {silent.name} says nothing, which is never a yes."
    )


async def _crm(stage: Stage, person: Person) -> None:
    letter = stage.notice_to(person, "crm", 2)
    used = await stage.browser_of(person.external_id)
    page = await used.open(letter.link("purpose=third_party_sharing"))
    label = next(button.label for form in page.forms for button in form.buttons if "Opt out" in button.label)
    done(await used.press(page, label), "/opt-out/")
    stage.tell(
        f"CRM: the version of the day governs. {person.name} is mailed because the change is about sharing, and "
        "opts out of it."
    )


async def _cloud_crm(stage: Stage, person: Person) -> None:
    stage.expect("cloud CRM: nobody is mailed", 0, len(stage.letterbox.to(person.address)))
    used = await stage.browser_of(person.external_id)
    page = await used.open("/policies/cloud-crm/versions/2/changes?since=1")
    stage.holds("cloud CRM: the public page says what changed", "Tampere" in page.words)
    stage.tell("Cloud CRM: posted on the site, and nowhere else. Everybody can compare any two versions there.")


async def _mail_hosting(stage: Stage, person: Person) -> None:
    used, notice = await stage.opened_notice(person, "mail-hosting", 2)
    # Mailed on 26 February; the thirtieth day, 28 March, is a Saturday.
    stage.holds("mail hosting: a last day on a Saturday moves to Monday", "30 March 2026" in notice.words)
    page = await used.open(stage.notice_to(person, "mail-hosting", 2).link("/opt-out/"))
    page = await used.press(page, "Opt out of Marketing")
    stage.expect("mail hosting: one click opts out", "You have opted out of Marketing", page.heading)
    stage.tell(
        f"Mail hosting: thirty days that end on a working day, and {person.name} stops marketing with one click."
    )

"""Before anything changes: people who sign in, five policies, members."""

import re
from datetime import UTC, datetime

from portal.actions.actor import SYSTEM
from portal.actions.history import import_history
from portal.actions.staff import add_staff
from portal.demo.cast import ADMIN, OPS, PASSWORD, STAFF, Cast
from portal.demo.page import Page
from portal.demo.people import Person, as_csv
from portal.demo.script import archive_before_the_story
from portal.demo.stage import Stage, done

STARTS_AT = datetime(2026, 2, 26, 8, 0, tzinfo=UTC)


async def set_up(stage: Stage, cast: Cast) -> None:
    """As `manage.py staff add` and `manage.py history import` do it, then on the pages."""
    stage.narrator.chapter("A company with five policies")
    await _people(stage)
    await _policies(stage)
    await _members(stage, cast)


async def _people(stage: Stage) -> None:
    await add_staff(ADMIN.email, ADMIN.name, ADMIN.roles, PASSWORD, by=SYSTEM, at=stage.clock())
    admin = await stage.staff(ADMIN)
    for colleague in STAFF[1:]:
        page = await admin.open("/staff/people/new")
        values: dict[str, str | list[str]] = {
            "name": colleague.name,
            "email": colleague.email,
            "roles": list(colleague.roles),
            "password": PASSWORD,
        }
        done(await admin.press(page, "Add the person", values), "/staff/people")
    names = ", ".join(f"{one.name} ({'/'.join(one.roles)})" for one in STAFF)
    stage.tell(f"The company’s people can sign in: {names}.")


async def _policies(stage: Stage) -> None:
    archive_before_the_story(stage.settings.archive)
    brought = await import_history(stage.settings.archive, by=SYSTEM, at=stage.clock())
    stage.tell(f"The archive is loaded: {len(brought.policies)} policies with {len(brought.versions)} versions.")
    stage.expect("policies in the archive", 5, len(brought.policies))
    page = await (await stage.browser_of("anybody")).open("/policies/contact-forms")
    stage.expect("anybody can read the contact forms’ policy", 200, page.status)


async def _members(stage: Stage, cast: Cast) -> None:
    report = await _import(stage, "members.csv", cast.everyone)
    stage.expect("members imported", len(cast.everyone), _figure(report, "new"))
    stage.expect("rows left out", 0, _figure(report, "left out"))
    stage.tell(
        f"Oda imports {len(cast.everyone):,} members from a CSV file. All are on version 1: nothing to tell them yet."
    )
    report = await _import(stage, "other-products.csv", cast.others)
    await stage.all_mail_out()
    owed = _figure(report, "notices owed")
    stage.expect("owed to those who joined the other four before their second version", len(cast.others), owed)
    stage.tell(
        f"And {len(cast.others)} customers of the other products, who joined before a change: {owed} notices are owed."
    )


async def _import(stage: Stage, name: str, people: tuple[Person, ...]) -> Page:
    ops = await stage.staff(OPS)
    page = await ops.open("/staff/members/import")
    return done(await ops.press(page, "Import the file", files={"file": (name, as_csv(people))}), "/import")


def _figure(report: Page, label: str) -> int:
    """A number of the report, which stands before its label."""
    found = re.search(rf"([\d,]+) {label}\b", report.words)
    return int(found[1].replace(",", "")) if found else -1
